"""A process that trains: many runs in turns, none held up by another.

It ends when its connection to the host ends, however the host ended, after putting down what it was at.
"""

from __future__ import annotations

import json
import logging
import os
import queue
import signal
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import torch

from playground.engine.job import Job
from playground.engine.logs import start_logging
from playground.engine.mailbox import Mailbox
from playground.engine.messages import COMMAND, Done, DropRun, Frame, Hello, LoadRun, Message, OfRun, Quit, Refused
from playground.engine.place import Call, warm_up
from playground.engine.rota import Rota
from playground.engine.wire import pack, read
from playground.engine.worker_files import Scribe

log = logging.getLogger(__name__)

GRACE = 1.5
"""Seconds to put things down when the host is gone; then the process ends whatever it is at."""


class Link:
    """The connection to the host: a thread reads, a thread writes, training waits for neither."""

    def __init__(self, call: Call) -> None:
        self._socket = call.address.connect()
        self._socket.sendall(pack(Hello(role=call.role, id=call.id, token=call.address.token, pid=os.getpid())))
        self.inbox: queue.SimpleQueue[Message | None] = queue.SimpleQueue()
        self.news = threading.Event()
        self.ended = threading.Event()
        """Set when this process is done; until then the reading thread sees to its end."""
        self._mailbox = Mailbox()
        self._something = threading.Condition()
        self._sending = False
        threading.Thread(target=self._read, name="reader", daemon=True).start()
        threading.Thread(target=self._write, name="writer", daemon=True).start()

    def say(self, message: Message, payload: bytes = b"") -> None:
        """Tell the host something."""
        packed = pack(message, payload)
        with self._something:
            if isinstance(message, Frame):
                self._mailbox.put_frame(message.run, message.kind, packed)
            else:
                self._mailbox.put(packed)
            self._something.notify_all()

    def has_frame(self, run: str) -> bool:
        """Whether the last picture of this run is still on its way."""
        with self._something:
            return self._mailbox.has_frame(run)

    def flush(self, timeout: float) -> None:
        """Wait until everything said is out."""
        with self._something:
            self._something.wait_for(lambda: not self._mailbox and not self._sending, timeout)

    def close(self) -> None:
        """Hang up."""
        self.ended.set()
        self._socket.close()

    def _read(self) -> None:
        stream = self._socket.makefile("rb")
        while (message := read(stream)) is not None:
            self.inbox.put(COMMAND.validate_json(message[0]))
            self.news.set()
        self.inbox.put(None)
        self.news.set()
        # The host is gone. Whatever the main thread is at, this process ends now.
        if not self.ended.wait(GRACE):
            os._exit(1)

    def _write(self) -> None:
        while True:
            with self._something:
                self._sending = False
                self._something.notify_all()
                self._something.wait_for(lambda: bool(self._mailbox))
                message = self._mailbox.take()
                self._sending = True
            try:
                if message is not None:
                    self._socket.sendall(message)
            except OSError:
                return  # the reading thread knows, and ends us


class Worker:
    """Jobs and the loop that gives them turns."""

    def __init__(self, call: Call) -> None:
        self._home = Path(call.home)
        self._link = Link(call)
        self._scribe = Scribe(self._link.say)
        self._readers = ThreadPoolExecutor(1, thread_name_prefix="data")
        self._jobs: dict[str, Job] = {}
        self._rota = Rota()
        self._quitting = self._orphaned = False
        self._note = os.open(self._home / "run" / f"{call.id}.now", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        self._noted = ""

    def serve(self) -> None:
        """Work until told to quit, or until the host is gone."""
        while True:
            self._obey_all()
            if self._quitting:
                break
            ready = [run for run, job in self._jobs.items() if job.wants_turn(time.monotonic())]
            if not ready:
                self._rest()
                continue
            turn = Rota.turn(len(ready))
            for run in self._rota.round(ready):
                job = self._jobs.get(run)
                if job is None:
                    continue
                self._at(run)
                self._rota.charge(run, job.turn(turn))
                self._look(time.monotonic())
                if not self._link.inbox.empty():
                    break
        self._put_down()

    def _rest(self) -> None:
        """Nobody has anything to do: wait for a command, or for the first who will."""
        self._at("")
        now = time.monotonic()
        self._look(now)
        wait = min([job.sleeps(now) for job in self._jobs.values()], default=5.0)
        if wait > 0 and self._link.inbox.empty():
            self._link.news.wait(wait)
        self._link.news.clear()

    def _look(self, now: float) -> None:
        """Pictures and news of every run whose time has come."""
        busy = sum(job.busy for job in self._jobs.values())
        for run, job in self._jobs.items():
            if job.report(now):
                self._at(run)
                self._rota.charge(run, job.picture(now, busy))

    def _at(self, run: str) -> None:
        """Note what we are at: should we die, the host knows of what."""
        if run != self._noted:
            self._noted = run
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
            case LoadRun():
                self._jobs[command.run] = Job(
                    command, self._home, self._scribe, self._readers, self._link.say, self._link.has_frame
                )
            case DropRun():
                job = self._jobs.pop(command.run, None)
                if job is not None:
                    job.close(keep=command.keep)
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
    torch.set_num_threads(1)
    Worker(call).serve()


def main() -> None:
    """Be a worker that was spawned: who it is comes on standard input."""
    start_logging()
    warm_up()
    if line := sys.stdin.readline():
        serve(Call.read(json.loads(line)))
    logging.shutdown()
    os._exit(0)  # taking the libraries down in order takes longer than anyone waits


if __name__ == "__main__":
    main()
