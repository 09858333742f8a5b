"""The way to the engine on this machine: find the home's host or start one, send commands, hear events.

Used by the server and by the command line; it knows no torch, no screen, and starts exactly one process.
"""

from __future__ import annotations

import contextlib
import logging
import os
import subprocess
import threading
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO, Protocol

from playground.engine.logs import open_log
from playground.engine.messages import (
    EVENT,
    Done,
    Frame,
    Message,
    Metrics,
    Notice,
    Pong,
    ProjectSaved,
    Refused,
    RunChanged,
    TaskDone,
    TaskFailed,
    Unwatch,
    Watch,
)
from playground.engine.orders import Hello, Welcome
from playground.engine.place import environment, python
from playground.engine.wire import pack, read, read_address

log = logging.getLogger(__name__)

Listener = Callable[[Message, bytes], None]
"""Called in the engine's reading thread with every event and, for `Frame` and `TaskDone`, its payload. It must be
quick and must not raise."""

STARTING = 30.0
"""Seconds that a host may take to come up on a busy machine."""
LIVE = ("starting", "queued", "running")


class EngineFailed(RuntimeError):
    """The engine could not be reached or did not answer; the message says why in one sentence."""


class Engine(Protocol):
    """What the rest of the program knows of an engine, wherever it runs."""

    def send(self, command: Message) -> None:
        """Say something; what becomes of it is told to the listeners. Never waits for the engine."""

    def request(self, command: Message, timeout: float = 30.0) -> Message:
        """Say something and wait for its direct answer, a `Refused` included. Raises EngineFailed."""

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Hear every event from now on. The returned function ends that."""

    def close(self) -> None:
        """Let go of it."""

    def wait_for_end(self, timeout: float = 15.0) -> None:
        """After `close`: wait until it has kept everything and ended, if it ends."""


class LocalEngine:
    """A connection to this home's host. When the host dies it says so, starts another and goes on."""

    def __init__(self, home: Path, *, shared: bool = False) -> None:
        self._home = home
        self._shared = shared
        self._listeners: list[Listener] = []
        self._unheard: list[Notice] = []
        """Said while nobody listened yet."""
        self._lock = threading.Lock()
        self._sending = threading.Lock()
        self._answers: dict[str, tuple[threading.Event, list[Message]]] = {}
        self._alive: dict[str, RunChanged] = {}
        self._watches: dict[str, Watch] = {}
        self._starter: subprocess.Popen[bytes] | None = None
        self._closing = threading.Event()
        self._connected = threading.Event()
        try:
            self._connect()
        except EngineFailed:
            self._drop_starter()
            raise
        self._thread = threading.Thread(target=self._listen, name="engine", daemon=True)
        self._thread.start()

    # ---- what others call ---------------------------------------------------------------------------------------

    def send(self, command: Message) -> None:
        """Say something; what becomes of it is told to the listeners."""
        if isinstance(command, Watch):
            self._watches[command.run] = command
        elif isinstance(command, Unwatch):
            self._watches.pop(command.run, None)
        try:
            with self._sending:
                self._socket.sendall(pack(command))
        except OSError:
            # The reading thread finds the same and reconnects; a command said meanwhile has no one to take it.
            about = str(
                getattr(command, "run", None) or getattr(command, "task", None) or getattr(command, "project", "")
            )
            sentence = "The engine is being started again. Try once more in a moment."
            refused = Refused(about=about, command=str(getattr(command, "type", "")), message=sentence)
            self._tell(refused.model_copy(update={"request": command.request}), b"")

    def request(self, command: Message, timeout: float = 30.0) -> Message:
        """Say something and wait for its direct answer."""
        id = command.request or uuid.uuid4().hex
        event, found = self._answers[id] = (threading.Event(), [])
        try:
            self.send(command.model_copy(update={"request": id}))
            if not event.wait(timeout):
                raise EngineFailed(f"The engine did not answer within {timeout:g} seconds.")
            return found[0]
        finally:
            self._answers.pop(id, None)

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Hear every event from now on. The returned function ends that."""
        with self._lock:
            self._listeners = [*self._listeners, listener]
            unheard, self._unheard = self._unheard, []
        for notice in unheard:
            listener(notice, b"")

        def unsubscribe() -> None:
            with self._lock:
                self._listeners = [other for other in self._listeners if other is not listener]

        return unsubscribe

    def close(self) -> None:
        """Let go. If nobody else uses the host, it pauses and checkpoints what runs, and ends."""
        self._closing.set()
        self._hang_up()
        self._drop_starter()
        if threading.current_thread() is not self._thread:
            self._thread.join(5)
        if not self._thread.is_alive():
            self._let_go()

    def wait_until_connected(self, timeout: float) -> bool:
        """Whether there is a host to talk to, at the latest after this time."""
        return self._connected.wait(timeout)

    def wait_for_end(self, timeout: float = 15.0) -> None:
        """After `close`: wait until the host we started has ended, if it ends."""
        if self._starter is not None:
            try:
                self._starter.wait(timeout)
            except subprocess.TimeoutExpired:
                return  # others use it

    # ---- the connection -----------------------------------------------------------------------------------------

    def _connect(self) -> None:
        """Connect to the host, starting it if there is none. Raises EngineFailed."""
        until = time.monotonic() + STARTING
        pause = threading.Event()
        while not self._closing.is_set():
            address = read_address(self._home)
            if address is not None:
                try:
                    self._socket = address.connect()
                except OSError:
                    pass  # it has just ended, or was killed
                else:
                    if self._greet(address.token):
                        self._connected.set()
                        return
                    self._stream.close()
                    self._hang_up()
            if time.monotonic() > until:
                raise EngineFailed("The engine did not start within 30 seconds. The log in the home folder says more.")
            if self._starter is not None and self._starter.poll() is not None:
                self._bury_starter()
            if self._starter is None:
                self._start_host()
            pause.wait(0.02)

    def _greet(self, token: str) -> bool:
        self._stream: BinaryIO = self._socket.makefile("rb")
        try:
            self._socket.sendall(pack(Hello(role="client", token=token, pid=os.getpid(), shared=self._shared)))
        except OSError:
            return False
        answer = read(self._stream)
        if answer is None:
            return False
        welcome = Welcome.model_validate_json(answer[0])
        if welcome.trouble is not None:
            self._stream.close()
            self._hang_up()
            raise EngineFailed(welcome.trouble)
        return True

    def _start_host(self) -> None:
        """Start a host and wait for its first word. Its other end of our pipe is how it knows that we live."""
        errors = open_log(self._home)
        self._starter = subprocess.Popen(
            python("playground.engine.host", "--home", str(self._home)),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors if errors is not None else subprocess.DEVNULL,
            env={**environment(), "PLAYGROUND_HOME": str(self._home)},
            start_new_session=True,  # Ctrl+C at our terminal is for us to pass on
        )
        if errors is not None:
            errors.close()
        assert self._starter.stdout is not None
        word = self._starter.stdout.readline().decode(errors="replace").strip()
        self._starter.stdout.close()
        if word == "ready":
            # Somebody has to collect it when it ends, whenever that is and whatever has become of us by then.
            threading.Thread(target=self._starter.wait, name="host-end", daemon=True).start()
            return
        # Another host was quicker, or this one cannot be.
        self._bury_starter()
        if word.startswith("failed"):
            raise EngineFailed(_why_failed(word.removeprefix("failed "), self._home))
        if word != "taken":
            raise EngineFailed("The engine ended while it started. The log in the home folder says more.")

    def _bury_starter(self) -> None:
        """The host we started has ended, or ends at once."""
        starter, self._starter = self._starter, None
        if starter is not None and starter.stdin is not None:
            starter.stdin.close()
            try:
                starter.wait(5)
            except subprocess.TimeoutExpired:
                starter.kill()
                starter.wait()

    def _drop_starter(self) -> None:
        """Tell the host we started, by the end of its pipe, that we need it no more."""
        starter = self._starter
        if starter is not None and starter.stdin is not None:
            starter.stdin.close()

    def _let_go(self) -> None:
        """Leave nothing open."""
        self._drop_starter()
        self._hang_up()
        self._stream.close()

    def _hang_up(self) -> None:
        with contextlib.suppress(OSError):  # the other side was quicker
            self._socket.shutdown(2)
        self._socket.close()

    def _listen(self) -> None:
        try:
            self._hear()
        finally:
            if self._closing.is_set():
                # `close` does not wait for ever: of a host that came up meanwhile it knows nothing.
                self._let_go()

    def _hear(self) -> None:
        while not self._closing.is_set():
            message = read(self._stream)
            if message is not None:
                self._tell(EVENT.validate_json(message[0]), message[1])
                continue
            if self._closing.is_set():
                return
            self._lost()
            try:
                self._connect()
            except EngineFailed as problem:
                log.error("engine_lost", extra={"why": str(problem)})  # no trace is needed
                return
            for watch in list(self._watches.values()):
                self.send(watch)

    def _lost(self) -> None:
        """The host died. Its runs stand still until their owners say so; whoever waits for an answer gets one."""
        log.warning("host_lost")
        self._connected.clear()
        self._hang_up()
        self._stream.close()
        for run in list(self._alive.values()):
            sentence = f"The engine stopped at step {run.step:,}. Press Train to go on from the last checkpoint."
            if run.state == "queued":
                sentence = "The engine stopped while this run waited in the queue. Press Train to go on."
            self._tell(run.model_copy(update={"state": "interrupted", "message": sentence}), b"")
        for id in list(self._answers):
            sentence = "The engine stopped before it could answer. Try once more in a moment."
            self._tell(Refused(about="", command="", message=sentence, request=id), b"")

    def _tell(self, event: Message, payload: bytes) -> None:
        match event:
            case RunChanged():
                if event.state in LIVE:
                    self._alive[event.run] = event
                else:
                    self._alive.pop(event.run, None)
            case Metrics() if event.run in self._alive and event.points:
                step = int(event.points[-1]["step"])
                self._alive[event.run] = self._alive[event.run].model_copy(update={"step": step})
        answers = (RunChanged, Refused, Done, ProjectSaved, TaskDone, TaskFailed, Pong)
        if event.request is not None and isinstance(event, answers):
            waiting = self._answers.get(event.request)
            if waiting is not None:
                waiting[1].append(_with_payload(event, payload))
                waiting[0].set()
        with self._lock:
            listeners = self._listeners
            if not listeners and isinstance(event, Notice):
                self._unheard.append(event)
        for listener in listeners:
            try:
                listener(event, payload)
            except Exception:
                log.exception("listener_failed", extra={"event": type(event).__name__})


class Answered(TaskDone):
    """A task's answer with its payload, for `request`."""

    payload: bytes = b""


def _with_payload(event: Message, payload: bytes) -> Message:
    if isinstance(event, TaskDone):
        return Answered(task=event.task, result=event.result, request=event.request, payload=payload)
    return event


def _why_failed(said: str, home: Path) -> str:
    lower = said.lower()
    if any(word in lower for word in ("permission", "not permitted", "read-only", "readonly", "unable to open")):
        return f"The folder {home} cannot be written. Choose another one with PLAYGROUND_HOME."
    if "HistoryElsewhere" in said or "UnclearRule" in said:
        return said.partition(": ")[2]
    if "is locked" in lower:
        return f"Another program holds the history in {home} locked. Close it, then try again."
    if "no space" in lower or "is full" in lower or "disk i/o error" in lower or "quota" in lower:
        return "The disk is full; the engine cannot start. Make some room first."
    return f"The engine could not start ({said[:200]}). The log in the home folder says more."


def connect(home: Path, *, shared: bool = False) -> LocalEngine:
    """The engine of a home folder. Starts its host if there is none. `shared`: many people stand behind what is asked,
    so the rules of a shared machine hold for it. Raises EngineFailed with one sentence."""
    try:
        home.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise EngineFailed(f"The folder {home} cannot be made. Choose another one with PLAYGROUND_HOME.") from error
    return LocalEngine(home.absolute(), shared=shared)


def is_running(home: Path) -> bool:
    """Whether this home has a host now."""
    address = read_address(home)
    if address is None:
        return False
    try:
        address.connect(timeout=1.0).close()
    except OSError:
        return False
    return True


def frame_header(payload: bytes) -> dict[str, Any]:
    """The JSON in front of a picture's arrays, for those who want only the numbers in it."""
    import json

    length = int.from_bytes(payload[:4], "little")
    header: dict[str, Any] = json.loads(payload[4 : 4 + length])
    return header


__all__ = ["Answered", "Engine", "EngineFailed", "Frame", "LocalEngine", "connect", "frame_header"]
