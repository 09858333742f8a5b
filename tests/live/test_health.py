"""What the server says of itself, and that it says so at once whatever the engine does."""

from __future__ import annotations

import asyncio
import json
import re
import sqlite3
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from types import SimpleNamespace
from typing import Any

import pytest
from starlette.requests import Request

from playground.engine.local import EngineFailed
from playground.engine.messages import Pong
from playground.live.health import Health
from tests.live.people import WAIT, Person, Server


def asked(server: Server, path: str = "health") -> tuple[int, dict[str, Any]]:
    """Status and answer of a route."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{server.port}/pgapi/{path}", timeout=WAIT) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as refusal:
        with refusal:
            return refusal.code, json.load(refusal)


def test_it_tells_versions_counts_and_room(server: Server, ada: Person) -> None:
    server.engine.pong = Pong(
        id="", workers=2, jobs=5, running=3, queued=4, tasks=1, writes_waiting=7, held=True, request=None
    )
    ada.page().open(ada.new_project())
    status, said = asked(server)
    assert status == 200
    assert (said["status"], said["engine"], said["ready"], said["viewers"]) == ("ok", "ready", True, 1)
    told = {name: said[name] for name in ("workers", "jobs", "running", "queued", "tasks", "writes_waiting", "held")}
    assert told == {
        "workers": 2, "jobs": 5, "running": 3, "queued": 4, "tasks": 1, "writes_waiting": 7, "held": True,
    }  # fmt: skip
    assert said["disk_free"] > 0
    assert said["uptime"] >= 0
    assert set(said["versions"]) == {"python", "playground", "streamlit", "torch"}
    assert said["versions"]["python"] == sys.version.split()[0]
    with sqlite3.connect(server.engine.home / "playground.sqlite") as history:
        assert history.execute("SELECT version_num FROM alembic_version").fetchone() == (said["schema"],)


def test_an_engine_that_hangs_is_told_and_nobody_waits_for_it(server: Server) -> None:
    hangs = threading.Event()
    asks: list[float] = []

    def hang(command: Any, timeout: float = WAIT) -> Any:
        asks.append(timeout)
        hangs.wait(timeout)
        raise EngineFailed("The engine did not answer.")

    server.engine.request = hang  # type: ignore[method-assign]
    status, said = asked(server)
    assert (status, said["engine"], said["ready"]) == (503, "does not answer", False)
    assert said["running"] is None
    assert asks
    assert max(timeout for timeout in asks if timeout < 2) < 1.0
    assert asked(server, "alive") == (200, {"status": "ok"})


def test_many_who_ask_at_once_ask_the_engine_once(monkeypatch: pytest.MonkeyPatch) -> None:
    asks: list[Any] = []

    def request(command: Any, timeout: float) -> Any:
        asks.append(command)
        return Pong(id=command.id, workers=1, jobs=len(asks))

    engine, hub = SimpleNamespace(request=request), SimpleNamespace(viewers=30)
    service = SimpleNamespace(ready=True, engine=engine, hub=hub)
    monkeypatch.setattr("playground.live.health.find_service", lambda: service)

    async def many() -> list[Any]:
        asked = Health()
        ask = Request({"type": "http"})
        answers = await asyncio.gather(*[asked.answer(ask) for _ in range(20)])
        again = await asked.answer(ask)
        asked._until = 0.0  # as if a second had passed
        return [json.loads(bytes(one.body))["jobs"] for one in (*answers, again, await asked.answer(ask))]

    assert asyncio.run(many()) == [1] * 21 + [2]


def test_nothing_in_it_is_anybodys(server: Server, ada: Person) -> None:
    project = ada.new_project()
    ada.page().open(project)
    said = json.dumps(asked(server)[1])
    for private in (ada.owner, ada.secret, project):
        assert private not in said
    assert str(server.engine.home) not in said
    assert not re.search(r"\d+\.\d+\.\d+\.\d+", said)


def test_versions_are_told_without_loading_what_they_are_of() -> None:
    code = "import sys; from playground.live.health import versions; versions(); print('torch' in sys.modules)"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=WAIT)
    assert said.stdout.strip() == "False"
