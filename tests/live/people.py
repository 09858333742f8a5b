"""A server in a thread, an engine that only pretends, and people who talk to it through real sockets."""

from __future__ import annotations

import asyncio
import json
import socket
import threading
from collections.abc import Callable
from contextlib import ExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import uvicorn
from starlette.applications import Starlette
from websockets.sync.client import ClientConnection, connect

from playground.engine import messages as engine
from playground.live.owner import COOKIE, new_secret, owner_of
from playground.live.routes import middleware, routes
from playground.live.service import Service
from playground.live.tokens import Tokens
from playground.runs.names import run_file
from playground.runs.recorder import Recorder
from playground.runs.records import NotFound, TooMany
from playground.runs.store import Store
from playground.studio.opening import frames

FRAME_MOST = 2_000_000
"""Bytes of a message that the server holds before anyone looks at it, as Streamlit is told to."""
WAIT = 60.0
"""Seconds after which something counts as never happening; the machine may be busy."""


class FakeEngine:
    """Writes the history like the real one, remembers what it was told, trains nothing."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.recorder = Recorder(home, every=0.02)
        self.recorder.start()
        self.told: list[Any] = []
        self.pong = engine.Pong(id="pulse", workers=1, jobs=0)
        """How it says it is."""
        self._grew = threading.Condition()
        self._listeners: list[Callable[[Any, bytes], None]] = []

    def send(self, command: Any) -> None:
        if command.type == "start_run":
            self.recorder.start_run(
                command.run,
                command.owner,
                project=command.project,
                template=command.template,
                experiment=command.experiment,
                fingerprint="",
                seed=0,
            ).result(WAIT)
        with self._grew:
            self.told.append(command)
            self._grew.notify_all()

    def request(self, command: Any, timeout: float = WAIT) -> Any:
        if command.type == "ping":
            return self.pong
        if command.type == "delete_project":
            self.recorder.delete_project(command.project, command.owner).result(timeout)
            return engine.Done(about=command.project, command=command.type)
        if command.type == "delete_run":
            self.recorder.delete_run(command.run, command.owner).result(timeout)
            return engine.Done(about=command.run, command=command.type)
        if command.type == "keep_block":
            try:
                if command.layer is None:
                    self.recorder.drop_block(command.block, command.owner).result(timeout)
                else:
                    kept = {"title": command.title, "layer": command.layer}
                    self.recorder.keep_block(command.block, command.owner, **kept).result(timeout)
            except (NotFound, TooMany) as problem:
                return engine.Refused(about=command.block, command=command.type, message=str(problem))
            return engine.Done(about=command.block, command=command.type)
        assert command.type == "save_project"
        try:
            saved = self.recorder.save_project(
                command.project,
                command.owner,
                base=command.base,
                document=command.document,
                label=command.label,
                run=command.run,
            ).result(timeout)
        except NotFound as problem:
            return engine.Refused(about=command.project, command=command.type, message=str(problem))
        return engine.ProjectSaved(
            project=command.project,
            revision=saved.revision,
            document=saved.document,
            conflicts=list(saved.conflicts),
        )

    def subscribe(self, listener: Callable[[Any, bytes], None]) -> Callable[[], None]:
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def close(self) -> None:
        self.recorder.close()

    def wait_for_end(self, timeout: float = WAIT) -> None:
        """It ended when it was closed."""

    def say(self, event: Any, payload: bytes = b"") -> None:
        for listener in list(self._listeners):
            listener(event, payload)

    def trained(self, run: str, *, step: int, **fields: Any) -> None:
        """The history after so many steps of a run, as the engine leaves it."""
        self.recorder.run_changed(run, step=step, **fields)
        kept = {"file": f"{step}.safetensors", "sha256": "", "purpose": "last"}
        file = run_file(self.home, run, kept["file"])
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch()
        self.recorder.checkpoint(run, step=step, epoch=0, **kept)
        self.recorder.flush().result(WAIT)

    def wait_for(self, kind: str, matching: Callable[[Any], bool] = lambda command: True) -> Any:
        """The newest command of a kind, once there is one."""

        def found() -> Any:
            return next((c for c in reversed(self.told) if c.type == kind and matching(c)), None)

        with self._grew:
            assert self._grew.wait_for(lambda: found() is not None, WAIT), f"no {kind} in {self.told}"
            return found()

    def all(self, kind: str) -> list[Any]:
        return [command for command in self.told if command.type == kind]


class Page:
    """One open page: a socket, and what came through it."""

    def __init__(self, link: ClientConnection) -> None:
        self.link = link
        self.frames: list[bytes] = []
        self.shipped: list[bytes] = []
        """Frames that came with the program, shown until the run draws its own."""
        self.kept: list[dict[str, Any]] = []

    def say(self, type: str, **fields: Any) -> None:
        self.link.send(json.dumps({"type": type, **fields}))

    def hear(self, *types: str) -> dict[str, Any]:
        """The next message of one of these types; others are kept in `kept`."""
        while True:
            received = self.link.recv(timeout=WAIT)
            if isinstance(received, bytes):
                self._frame(received)
                continue
            message: dict[str, Any] = json.loads(received)
            if message["type"] in types:
                return message
            self.kept.append(message)

    def hear_frame(self) -> bytes:
        while not self.frames:
            received = self.link.recv(timeout=WAIT)
            if isinstance(received, bytes):
                self._frame(received)
            else:
                self.kept.append(json.loads(received))
        return self.frames.pop(0)

    def _frame(self, received: bytes) -> None:
        (self.shipped if received in frames("circle") else self.frames).append(received)

    def open(self, project: str) -> dict[str, Any]:
        self.say("open", project=project)
        return self.hear("project", "error")

    def silent(self) -> bool:
        """Whether nothing but the answer to a question is on its way."""
        self.say("template", kind="nothing-of-this-name")
        before = len(self.kept)
        self.hear("error")
        return len(self.kept) == before and not self.frames

    def close_code(self) -> int | None:
        """Wait for the end."""
        try:
            while True:
                self.link.recv(timeout=WAIT)
        except TimeoutError:
            raise AssertionError("The socket stays open.") from None
        except Exception:
            return self.link.close_code


class Person:
    """A browser: one cookie, as many pages as it opens."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.secret = new_secret()
        self.owner = str(owner_of(self.secret))

    def token(self, session: str = "page") -> str:
        return str(self.server.service.tokens.issue(f"{self.owner}-{session}", self.owner))

    def page(self, session: str = "page", **changes: Any) -> Page:
        return Page(self.server.connect(token=self.token(session), secret=self.secret, **changes))

    def new_project(self, kind: str = "circle") -> str:
        return str(self.server.service.call(lambda: self.server.service.desk.create(self.owner, kind)))


class Listening(uvicorn.Server):
    """A server that says on which port it listens. Asking it over and over would take the time it needs to come up."""

    def __init__(self, config: uvicorn.Config, listens: Callable[[int], None]) -> None:
        super().__init__(config)
        self._listens = listens

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._listens(self.servers[0].sockets[0].getsockname()[1])


class Server:
    """Our routes alone, without Streamlit, on a port of their own."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.dead_sessions: set[str] = set()
        self.clock = 0.0
        self.port = 0
        self._links = ExitStack()
        self.engine: FakeEngine
        self.service: Service
        self._up = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def _run(self) -> None:
        @asynccontextmanager
        async def lifespan(app: Any) -> Any:
            self.engine = FakeEngine(self.home)
            tokens = Tokens(lambda session: session not in self.dead_sessions, clock=lambda: self.clock)
            self.service = Service(lambda: (self.engine, Store(self.home)), tokens)
            self.service.start()
            assert await self.service.wait_ready(WAIT)
            yield
            await self.service.stop()

        app = Starlette(routes=routes(""), middleware=middleware(""), lifespan=lifespan)
        config = uvicorn.Config(app, port=0, log_level="error", ws="websockets-sansio", ws_max_size=FRAME_MOST)
        self._server = Listening(config, self._listens)
        asyncio.run(self._server.serve())

    def _listens(self, port: int) -> None:
        self.port = port
        self._up.set()

    def start(self) -> None:
        self._thread.start()
        assert self._up.wait(WAIT)

    def stop(self) -> None:
        self._links.close()
        self._server.should_exit = True
        self._thread.join(WAIT)

    def connect(
        self, *, token: str | None, secret: str | None = None, origin: str | None = "", host: str = "127.0.0.1"
    ) -> ClientConnection:
        where = f"{host}:{self.port}"
        headers = {"Cookie": f"other=1; {COOKIE}={secret}"} if secret else {}
        opening = connect(
            f"ws://{where}/pgapi/ws",
            subprotocols=["pg.v1", *([token] if token else [])],  # type: ignore[list-item]
            additional_headers=headers,
            origin=f"http://{where}" if origin == "" else origin,  # type: ignore[arg-type]
            open_timeout=WAIT,
            max_size=None,
            compression=None,
            proxy=None,
        )
        return self._links.enter_context(opening)
