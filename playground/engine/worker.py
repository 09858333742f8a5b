"""A process that trains: many runs in turns, none held up by another.

It ends when its connection to the host ends, however the host ended, after putting down what it was at.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import queue
import select
import signal
import socket
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import torch

from playground.engine.job import Job
from playground.engine.job_pictures import Crowd
from playground.engine.logs import start_logging
from playground.engine.mailbox import Mailbox
from playground.engine.memory import for_a_worker, limit_memory
from playground.engine.messages import Done, Frame, Message, OfRun, Refused
from playground.engine.orders import ORDER, DropRun, Hello, LoadRun, MeasureSpeed, Quit
from playground.engine.place import Call, end_with_parent, give_way, warm_up
from playground.engine.rota import Rota
from playground.engine.wire import pack, read
from playground.engine.worker_files import Scribe
from playground.engine.worker_speed import measure

log = logging.getLogger(__name__)

GRACE = 1.0
"""Seconds to put things down when the host is gone; then the process ends whatever it is at."""


class Link:
    """The connection to the host. A thread reads; what is said goes out between two turns, as far as the host takes it:
    a second thread that wrote would have to ask the first for the interpreter at every message."""

    def __init__(self, call: Call) -> None:
        self._socket = call.address.connect()
        self._socket.sendall(pack(Hello(role=call.role, id=call.id, token=call.address.token, pid=os.getpid())))
        self.inbox: queue.SimpleQueue[Message | None] = queue.SimpleQueue()
        self._news = threading.Event()
        self._ended = threading.Event()
        self._mailbox = Mailbox()
        self._lock = threading.Lock()
        self._rest = memoryview(b"")
        """What is left of a message that went out in part."""
        threading.Thread(target=self._read, name="reader", daemon=True).start()

    def say(self, message: Message, payload: bytes = b"") -> None:
        """Tell the host something. From any thread."""
        packed = pack(message, payload)
        with self._lock:
            if isinstance(message, Frame):
                self._mailbox.put_frame(message.run, message.kind, packed)
            else:
                self._mailbox.put(packed)
        self._news.set()

    def has_frame(self, run: str) -> bool:
        """Whether the last picture of this run is still on its way."""
        with self._lock:
            return self._mailbox.has_frame(run)

    def pump(self) -> bool:
        """Send what the host takes without waiting. Whether that was all."""
        while True:
            if not self._rest:
                with self._lock:
                    message = self._mailbox.take()
                if message is None:
                    return True
                self._rest = memoryview(message)
            try:
                sent = _send_now(self._socket, self._rest)
            except OSError:
                self._rest = memoryview(b"")  # the reading thread finds the same, and ends us
                return True
            if sent == 0:
                return False
            self._rest = self._rest[sent:]

    def wait(self, seconds: float) -> None:
        """Wait for a command, or for something to say."""
        if self.pump() and self.inbox.empty():
            self._news.wait(seconds)
        else:
            select.select([], [self._socket], [], min(seconds, 0.02))
        self._news.clear()

    def flush(self, seconds: float) -> None:
        """Wait until everything said is out."""
        until = time.monotonic() + seconds
        while not self.pump() and time.monotonic() < until:
            select.select([], [self._socket], [], 0.05)

    def close(self) -> None:
        """Hang up."""
        self._ended.set()
        self._socket.close()

    def _read(self) -> None:
        stream = self._socket.makefile("rb")
        while (message := read(stream)) is not None:
            self.inbox.put(ORDER.validate_json(message[0]))
            self._news.set()
        self.inbox.put(None)
        self._news.set()
        # The host is gone. Whatever the main thread is at, this process ends now.
        if not self._ended.wait(GRACE):
            os._exit(1)


def _send_now(link: socket.socket, data: memoryview) -> int:
    """As many bytes as go out without waiting."""
    if hasattr(socket, "MSG_DONTWAIT"):
        try:
            return link.send(data, socket.MSG_DONTWAIT)
        except BlockingIOError:
            return 0
    writable = select.select([], [link], [], 0)[1]
    return link.send(data[:65_536]) if writable else 0


class Worker:
    """Jobs and the loop that gives them turns."""

    def __init__(self, call: Call) -> None:
        self._home = Path(call.home)
        self._link = Link(call)
        self._scribe = Scribe(self._link.say)
        self._readers = ThreadPoolExecutor(1, thread_name_prefix="data")
        self._jobs: dict[str, Job] = {}
        self._rota = Rota()
        self._crowd, self._counted_at = Crowd(), 0.0
        self._quitting = self._orphaned = self._asked_speed = False
        self._note: int | None = None
        with contextlib.suppress(OSError):  # a full disk is no reason not to train
            self._note = os.open(self._home / "run" / f"{call.id}.now", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        self._noted = ""

    def serve(self) -> None:
        """Work until told to quit, or until the host is gone."""
        while True:
            self._obey_all()
            if self._quitting:
                break
            now = time.monotonic()
            ready = [run for run, job in self._jobs.items() if job.wants_turn(now)]
            if not ready:
                self._rest(now)
                continue
            run = self._rota.next(ready)
            self._at(run)
            self._rota.charge(run, self._jobs[run].turn(Rota.turn(len(ready))))
            self._look(time.monotonic(), free=False)
        self._put_down()

    def _rest(self, now: float) -> None:
        """Nobody has anything to do: wait for a command, or for the first who will."""
        self._at("")
        if self._asked_speed and not any(job.busy for job in self._jobs.values()):
            self._asked_speed = False
            self._link.say(measure())
        self._look(now, free=True)
        now = time.monotonic()
        wait = min([job.sleeps(now, self._crowd) for job in self._jobs.values()], default=5.0)
        self._link.wait(wait)

    def _look(self, now: float, *, free: bool) -> None:
        """News that are due, and the picture that is longest overdue: several at once would hold up whoever is next."""
        if now - self._counted_at > 0.1:
            self._counted_at = now
            self._crowd = Crowd.of([cost for job in self._jobs.values() if (cost := job.picture_cost)])
        first, earliest = "", now
        for run, job in self._jobs.items():
            job.report(now)
            due = job.picture_due(self._crowd, free=free)
            if due is not None and due <= earliest:
                first, earliest = run, due
        if first:
            self._at(first)
            self._rota.charge(first, self._jobs[first].picture(now))
        self._link.pump()

    def _at(self, run: str) -> None:
        """Note what we are at: should we die, the host knows of what."""
        if run != self._noted:
            self._noted = run
            if self._note is not None:
                with contextlib.suppress(OSError):
                    os.pwrite(self._note, run.ljust(64).encode(), 0)

    # ---- commands -----------------------------------------------------------------------------------------------

    def _obey_all(self) -> None:
        while not self._link.inbox.empty():
            self._obey(self._link.inbox.get())

    def _obey(self, command: Message | None) -> None:
        match command:
            case None:
                self._quitting = self._orphaned = True
            case Quit():
                self._quitting = True
            case MeasureSpeed():
                self._asked_speed = True
            case LoadRun():
                self._jobs[command.run] = Job(
                    command, self._home, self._scribe, self._readers, self._link.say, self._link.has_frame
                )
            case DropRun():
                job = self._jobs.pop(command.run, None)
                self._rota.forget(command.run)
                if job is not None:
                    job.close(keep=command.keep)
                    self._scribe.forget(command.run)
                # Only when its last file is written may the host remove the folder.
                done = Done(about=command.run, command="drop_run")
                self._scribe.do(lambda: self._link.say(done))
            case OfRun():
                job = self._jobs.get(command.run)
                if job is not None:
                    job.obey(command)
                else:
                    self._link.say(
                        Refused(about=command.run, command=str(getattr(command, "type", "")), message="Gone.")
                    )

    def _put_down(self) -> None:
        """Pause and checkpoint everything."""
        for job in self._jobs.values():
            job.close(keep=True)
        self._scribe.finish(GRACE if self._orphaned else 9.0)
        if not self._orphaned:
            self._link.flush(2.0)
        self._link.close()


def serve(call: Call) -> None:
    """Be a worker."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    give_way()
    torch.set_num_threads(1)
    if not torch.cuda.is_available():  # its driver lays claim to far more addresses than there is memory
        limit_memory(for_a_worker())
    Worker(call).serve()


def main() -> None:
    """Be a worker that was spawned: who it is comes on standard input."""
    start_logging()
    warm_up()
    if line := sys.stdin.readline():
        end_with_parent(at_once=False)  # there will be weights to put down
        serve(Call.read(json.loads(line)))
    logging.shutdown()
    os._exit(0)  # taking the libraries down in order takes longer than anyone waits
