"""What a service manager, a proxy or an operator asks: does it live, and can it train? No secret and no name is in it."""

from __future__ import annotations

import asyncio
import platform
import shutil
import time
from importlib import metadata
from pathlib import Path
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from playground import __version__
from playground.engine.messages import Ping
from playground.live.service import find_service
from playground.runs.database import HEAD
from playground.settings import home

FRESH = 1.0
"""Seconds for which an answer is given again: who asks often costs the engine nothing."""
PATIENCE = 0.8
"""Seconds for the engine to answer; one that hangs must not make us hang."""
COUNTS = ("workers", "jobs", "running", "queued", "tasks", "writes_waiting", "held")
PACKAGES = ("streamlit", "torch")
_STARTED = time.monotonic()


class Health:
    """Asks at most once in `FRESH` seconds, however many want to know."""

    def __init__(self) -> None:
        self._asking: asyncio.Task[dict[str, Any]] | None = None
        self._until = 0.0

    async def answer(self, request: Request) -> Response:
        """The route: 200, or 503 when the engine does not answer."""
        if self._asking is None or (self._asking.done() and time.monotonic() >= self._until):
            self._asking = asyncio.create_task(self._ask())
        # Whoever began to ask may hang up; the others still want to know.
        found = await asyncio.shield(self._asking)
        status = 503 if found["engine"] == "does not answer" else 200
        return JSONResponse(found, status_code=status, headers={"cache-control": "no-store"})

    async def _ask(self) -> dict[str, Any]:
        service = find_service()
        ready = service is not None and service.ready
        pong = await _ping(service.engine) if service is not None and ready else None
        engine = "starting" if not ready else "ready" if pong is not None else "does not answer"
        found = {
            "status": "ok" if engine == "ready" else engine,
            "engine": engine,
            "ready": pong is not None,
            "viewers": service.hub.viewers if service is not None and ready else 0,
            **{name: getattr(pong, name, None) for name in COUNTS},
            "disk_free": await _free(home()),
            "uptime": round(time.monotonic() - _STARTED, 1),
            "versions": versions(),
            "schema": HEAD,
        }
        self._until = time.monotonic() + FRESH
        return found


async def alive(request: Request) -> Response:
    """The route that says only that the server's loop turns: for a watchdog that starts it again when it does not."""
    return JSONResponse({"status": "ok"}, headers={"cache-control": "no-store"})


def versions() -> dict[str, str]:
    """Of what matters when something is reported; none of it is imported for that."""
    return {
        "playground": __version__,
        "python": platform.python_version(),
        **{name: metadata.version(name) for name in PACKAGES},
    }


async def _ping(engine: Any) -> Any | None:
    """How the engine is, or None when it does not say so in time."""

    def ask() -> Any:
        answer = engine.request(Ping(id="health"), PATIENCE)
        # By its name, not its class: after a hot reload it is one of an older copy.
        return answer if answer.type == "pong" else None

    try:
        return await asyncio.wait_for(asyncio.to_thread(ask), PATIENCE)
    except Exception:  # noqa: BLE001  # whatever keeps it from answering is the answer
        return None


async def _free(folder: Path) -> int | None:
    """Bytes free where the home folder is, or None where the disk does not say."""

    def look() -> int:
        there = next(place for place in (folder, *folder.parents) if place.exists())
        return shutil.disk_usage(there).free

    try:
        return await asyncio.wait_for(asyncio.to_thread(look), PATIENCE)
    except (OSError, TimeoutError):
        return None
