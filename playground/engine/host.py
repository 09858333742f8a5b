"""The process that owns workers, tasks and the database's pen: `python -m playground.engine.host --home FOLDER`.

One host per home. Clients (the server, the command line) connect to it; the first one starts it. It lives while the
pipe to whoever started it, or any client's connection, is open, and pauses and checkpoints everything before it ends.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import ctypes
import logging
import os
import secrets
import signal
import stat
import sys
import tempfile
import threading
from collections import deque
from importlib import import_module
from pathlib import Path

from pydantic import ValidationError

from playground.engine.admission import Admission
from playground.engine.crew import Crew
from playground.engine.desk import CLOSED, Desk
from playground.engine.forking import Forking
from playground.engine.lock import Lock
from playground.engine.logs import shorten_log, start_logging
from playground.engine.messages import COMMAND, EVENT, Frame, Message, Notice, Refused, RunChanged, Watch
from playground.engine.orders import VERSION, Hello, Welcome
from playground.engine.peer import Peer
from playground.engine.place import PRELOADED, Place
from playground.engine.quotas import Quotas
from playground.engine.record import record
from playground.engine.rules import Rules
from playground.engine.spawning import Spawning
from playground.engine.tasklist import preloads
from playground.engine.taskqueue import TaskQueue
from playground.engine.wire import Address, address_file, pack, read_address, receive, write_address
from playground.runs.recorder import Recorder

log = logging.getLogger(__name__)

ENDING = 20.0
"""Seconds after which an end that hangs is cut short; what is on disk is whole at every moment."""
LINGER = 0.3
"""Seconds without anybody before the end begins: a client that reconnects is quicker."""
FIRST_CLIENT = 15.0
"""Seconds that a host started by hand waits for its first client."""
QUIET = 40.0
"""Seconds after which a host that has nothing to do makes ready for explanations."""
UNUSED = 600.0
"""Seconds after which what was made ready for explanations is given back: it holds some 650 MB."""
COMMON = (*PRELOADED, "playground.engine.worker", "playground.engine.tasks")
"""Loaded before anything is forked."""


class Host:
    """One home's host."""

    def __init__(self, home: Path) -> None:
        self._home = home
        rules = Rules.read(os.environ)
        self._loop = asyncio.get_running_loop()
        self._token = secrets.token_urlsafe(32)
        self._clients: set[Peer] = set()
        self._connections: set[asyncio.Task[None]] = set()
        self._data: dict[str, tuple[Frame, bytes]] = {}
        """Newest data of each run, for viewers that come later."""
        self._unheard: deque[bytes] = deque(maxlen=3)
        """What was to be told while nobody was there."""
        self._starter = True
        self._offered = False
        """Whether explanations were made ready before anybody asked for one."""
        self._began = self._loop.time()
        self._end = asyncio.Event()
        self._alone: asyncio.TimerHandle | None = None
        self._address = Address(self._token, os.getpid())
        self._recorder = Recorder(home, notify=lambda text: self._soon(Notice(text=text)))
        light, heavy = self._places()
        where = lambda: self._address  # noqa: E731  # it is known only once we listen
        self._crew = Crew(home, light, where, publish=self._publish, show=self._show, watched=self._watched)
        self._heavy = heavy
        self._tasks = TaskQueue(home, light, heavy, where, test_read=self._recorder.read_test)
        self._quotas = Quotas(home, rules)
        self._admission = Admission(home, self._crew, rules, publish=self._publish, watched=self._watched)
        self._desk = Desk(
            home,
            self._recorder,
            self._crew,
            self._tasks,
            rules=rules,
            admission=self._admission,
            quotas=self._quotas,
            show_data=self._show_data,
            publish=self._publish,
        )

    def _places(self) -> tuple[Place, Place]:
        """Where light processes (workers, tasks with torch) and heavy ones (explainers) live."""
        spawning = Spawning(self._home, ended=self._ended, warm=None if can_fork() else "worker")
        if not can_fork():
            return spawning, Spawning(self._home, ended=self._ended)
        more = preloads(heavy=True)
        return (
            Forking(self._home, COMMON, ended=self._ended, instead=spawning),
            Forking(self._home, (*COMMON, *more), ended=self._ended, instead=Spawning(self._home, ended=self._ended)),
        )

    def _ended(self, id: str, how: str) -> None:
        self._tasks.gone(id, how)
        self._crew.gone(id, how)

    # ---- life ---------------------------------------------------------------------------------------------------

    async def live(self) -> None:
        """Serve until nobody is left."""
        self._recorder.start()
        server = await self._listen()
        write_address(self._home, self._address)
        for number in (signal.SIGTERM, signal.SIGINT):
            with contextlib.suppress(NotImplementedError):  # Windows
                self._loop.add_signal_handler(number, self._end.set)
        threading.Thread(target=self._watch_starter, daemon=True).start()
        announce("ready")
        log.info("host_ready")
        # Or the first run, and all others with it, would wait while its parts are looked for.
        threading.Thread(target=import_module, args=["playground.engine.parts"], daemon=True).start()
        await self._crew.start(eager=can_fork())
        idle = [asyncio.create_task(work) for work in (self._every_so_often(), self._admission.pause_unseen())]
        await self._end.wait()
        log.info("host_ends")
        self._loop.call_later(ENDING, os._exit, 1)
        for chore in idle:
            chore.cancel()
        with contextlib.suppress(OSError):
            address_file(self._home).unlink()
        server.close()
        self._admission.forget()
        await self._tasks.close()
        await asyncio.gather(self._crew.close(CLOSED), self._heavy.close())
        await asyncio.to_thread(self._recorder.close)
        for client in list(self._clients):
            await client.close()
        for connection in list(self._connections):
            connection.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)
        if self._address.path is not None:
            with contextlib.suppress(OSError):
                Path(self._address.path).unlink()

    async def _listen(self) -> asyncio.Server:
        if not hasattr(asyncio, "start_unix_server"):
            server = await asyncio.start_server(self._connected, "127.0.0.1", 0)
            port = server.sockets[0].getsockname()[1]
            self._address = Address(self._token, os.getpid(), port=port)
            return server
        path = socket_path(self._home)
        with contextlib.suppress(FileNotFoundError):
            path.unlink()
        old = os.umask(0o177)
        try:
            server = await asyncio.start_unix_server(self._connected, path)
        finally:
            os.umask(old)
        self._address = Address(self._token, os.getpid(), path=str(path))
        return server

    def _watch_starter(self) -> None:
        """Wait, in a thread, until the pipe from whoever started us closes."""
        with contextlib.suppress(OSError):
            while os.read(0, 4096):
                pass
        with contextlib.suppress(RuntimeError):  # the loop has ended before
            self._loop.call_soon_threadsafe(self._starter_left)

    def _starter_left(self) -> None:
        self._starter = False
        # Whoever starts us through a pipe is our first client, and closes it only when he has no use for us.
        self._maybe_end(LINGER if self._had_clients or has_pipe() else FIRST_CLIENT)

    _had_clients = False

    def _maybe_end(self, after: float = LINGER) -> None:
        if self._alone is not None:
            self._alone.cancel()
            self._alone = None
        if not self._clients and not self._starter:
            self._alone = self._loop.call_later(after, self._end.set)

    async def _every_so_often(self) -> None:
        while True:
            await asyncio.sleep(10)
            self._crew.drop_idle()
            shorten_log(self._home)
            if not self._offered and self._loop.time() - self._began > QUIET and self._crew.is_idle and self._clients:
                self._offered = True
                await self._heavy.start()  # whoever explains first should not wait for libraries to load
            await self._heavy.rest(UNUSED)
            self._data = {run: data for run, data in self._data.items() if run in self._crew.jobs}

    # ---- connections --------------------------------------------------------------------------------------------

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._connections.add(task)
        try:
            await self._serve(reader, writer)
        except asyncio.CancelledError:
            pass  # the host ends
        except Exception:
            log.exception("connection_failed")
        finally:
            self._connections.discard(task)
            writer.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        first = await asyncio.wait_for(receive(reader), 10)
        if first is None:
            return
        hello = Hello.model_validate_json(first[0])
        peer = Peer(hello.role, hello.id, reader, writer, shared=hello.shared)
        if hello.version != VERSION:
            trouble = "This playground and the engine that runs are of different versions. Close the other one first."
            peer.send(Welcome(trouble=trouble))
            await peer.close()
            return
        if hello.role == "client":
            if secrets.compare_digest(hello.token, self._token):
                await self._serve_client(peer)
        elif hello.role == "worker":
            if self._crew.arrived(peer, hello.token):
                await self._serve_child(peer)
                self._crew.gone(peer.id)
        elif self._tasks.arrived(peer, hello.token):
            await self._serve_child(peer)
            self._tasks.gone(peer.id)
        peer.abort()
        if hello.role != "client" and can_fork():
            for seconds in (0.2, 2, 20):
                self._loop.call_later(seconds, bury, hello.pid)

    async def _serve_client(self, peer: Peer) -> None:
        self._clients.add(peer)
        self._had_clients = True
        self._maybe_end()
        peer.send(Welcome())
        while self._unheard:
            peer.send_packed(self._unheard.popleft())
        try:
            await self._desk.arrived(peer)
            while (message := await receive(peer.reader)) is not None:
                try:
                    command = COMMAND.validate_json(message[0])
                except ValidationError:
                    log.warning("command_not_understood")
                    continue
                await self._desk.take(peer, command)
        finally:
            self._clients.discard(peer)
            try:
                self._desk.left(peer)
            finally:  # whatever goes wrong with what he left, a host without anybody ends
                self._maybe_end()

    async def _serve_child(self, peer: Peer) -> None:
        while (message := await receive(peer.reader)) is not None:
            event = EVENT.validate_json(message[0])
            if peer.role == "worker":
                self._crew.heard(peer.id, event, message[1])
            else:
                self._tasks.heard(peer.id, event, message[1])

    # ---- events -------------------------------------------------------------------------------------------------

    def _publish(self, event: Message) -> None:
        """To the history and to every client; whose eyes it is for, they know."""
        record(event, self._recorder)
        packed = pack(event)
        for client in self._clients:
            client.send_packed(packed)
        if isinstance(event, Notice) and not self._clients:
            self._unheard.append(packed)
        if (notice := self._quotas.heard(event)) is not None:
            self._publish(notice)
        if isinstance(event, RunChanged | Refused):
            self._admission.look()
        if isinstance(event, RunChanged) and event.state == "failed":
            log.warning("run_failed", extra={"run": event.run})

    def _soon(self, event: Message) -> None:
        """The same, from another thread."""
        with contextlib.suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self._publish, event)

    def _show(self, frame: Frame, payload: bytes) -> None:
        packed = pack(frame, payload)
        if frame.kind == "data":
            self._data[frame.run] = frame, packed
        for client in self._clients:
            if frame.run in client.watches:
                client.send_frame(frame, packed)

    def _show_data(self, client: Peer, run: str) -> None:
        if run in self._data:
            client.send_frame(*self._data[run])

    def _watched(self, run: str) -> Watch | None:
        """What all viewers together want to see of a run."""
        wishes = [client.watches[run] for client in self._clients if run in client.watches]
        if not wishes:
            return None
        focus = [spot for wish in wishes for spot in wish.focus]
        samples = [wish.sample for wish in wishes if wish.sample is not None]
        return Watch(
            run=run,
            frames_per_second=max(wish.frames_per_second for wish in wishes),
            focus=[spot for number, spot in enumerate(focus) if spot not in focus[:number]],
            sample=samples[-1] if samples else None,
            inside=sorted({path for wish in wishes for path in wish.inside}),
        )


def can_fork() -> bool:
    """Whether processes are forked here: PLAYGROUND_START=spawn says no, and only on Linux is it known to be safe."""
    return os.environ.get("PLAYGROUND_START", "fork") != "spawn" and sys.platform == "linux"


def has_pipe() -> bool:
    """Whether a program started us, holding the other end of our input, and not a person or a script."""
    try:
        return stat.S_ISFIFO(os.fstat(0).st_mode)
    except OSError:
        return False


def socket_path(home: Path) -> Path:
    """Where the socket lies: in the home, or, where that name is too long for a socket, in a private short folder."""
    path = home / "run" / "host.sock"
    if len(os.fsencode(path)) < 100:
        return path
    return Path(tempfile.mkdtemp(prefix="playground-")) / "host.sock"


def adopt_orphans() -> None:
    """Become the parent of grandchildren whose parent dies, where the system allows, so that none is left undead."""
    if sys.platform == "linux":
        pr_set_child_subreaper = 36
        ctypes.CDLL(None).prctl(pr_set_child_subreaper, 1, 0, 0, 0)


def bury(pid: int) -> None:
    """Collect a process that became ours when the fork server died. Normally it is not ours, and nothing happens."""
    with contextlib.suppress(OSError):
        os.waitpid(pid, os.WNOHANG)


def announce(word: str) -> None:
    """Tell whoever started us, then speak no more: what libraries print goes to the log."""
    with contextlib.suppress(OSError):
        os.write(1, word.encode() + b"\n")
    os.dup2(2, 1)


async def _main(home: Path) -> None:
    await Host(home).live()


def main() -> None:
    """Be the host of a home, unless it has one."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--home", type=Path, required=True)
    home = parser.parse_args().home.absolute()
    start_logging()
    try:
        (home / "run").mkdir(parents=True, exist_ok=True, mode=0o700)
        lock = Lock(home / "run" / "host.lock")
        waiting = threading.Event()
        for _ in range(300):  # another may be starting, or ending
            if lock.take():
                break
            if read_address(home) is not None:
                announce("taken")
                return
            waiting.wait(0.05)
        else:
            announce("taken")
            return
        address_file(home).unlink(missing_ok=True)  # of a host that was killed
        adopt_orphans()
        asyncio.run(_main(home))
        code = 0
    except Exception as error:
        log.exception("host_failed")
        announce(f"failed {type(error).__name__}: {error}".replace("\n", " "))
        code = 1
    logging.shutdown()
    os._exit(code)  # taking the libraries down in order takes longer than anyone waits, and a thread may never end


if __name__ == "__main__":
    main()
