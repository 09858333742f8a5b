"""The process that workers and tasks are forked from: it has the heavy libraries loaded and does nothing with them.

A process forked here is at its first step after some 0.03 s instead of 3 s, and shares the libraries' memory. That is
only safe while this process is cold: it runs no torch operator, never asks for a GPU, and has one thread. The last is
checked before each fork, for a fork beside a second thread can hang the child for ever.

It reads one JSON object a line from standard input and answers on standard output; when its input ends, so does it.
"""

from __future__ import annotations

import gc
import importlib
import json
import logging
import os
import select
import signal
import sys
import time
from pathlib import Path
from typing import Any

from playground.engine.logs import start_logging
from playground.engine.place import Call, end_with_parent, give_way

log = logging.getLogger(__name__)

GRACE = 1.3
"""Seconds that children have to end by themselves when the host is gone; a little longer than they give themselves."""
TARGETS = {"worker": "playground.engine.worker", "task": "playground.engine.tasks"}


def main() -> None:
    """Load the modules named as arguments, then fork whenever asked."""
    end_with_parent()
    give_way()  # libraries that are loaded again while others train must not hold them up
    start_logging()
    if select.select([0], [], [], 0)[0]:
        return  # nothing is said to us before we are ready: this is the end of a host that died before we could ask
    # Whoever forks must not be surprised by a signal meant for the terminal.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)  # a library that prints while it is loaded must not speak in our name
    for name in sys.argv[1:]:
        importlib.import_module(name)
    gc.collect()
    gc.freeze()  # the collector of a child would touch, and so copy, every page
    end_with_parent(at_once=False)  # there will be children to see to
    _Server(answers).serve()
    logging.shutdown()
    os._exit(0)  # taking the libraries down in order takes longer than anyone waits


class _Server:
    def __init__(self, answers: Any) -> None:
        self._answers = answers
        self._children: dict[int, str] = {}

    def serve(self) -> None:
        """Fork, report and reap until the host is gone."""
        wake, waker = os.pipe()
        os.set_blocking(wake, False)
        os.set_blocking(waker, False)
        signal.set_wakeup_fd(waker, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda number, frame: None)
        self._say({"ready": True, "threads": threads()})
        buffer = b""
        while True:
            ready, _, _ = select.select([0, wake], [], [])
            if wake in ready:
                _drain(wake)
                self._reap()
            if 0 in ready:
                chunk = os.read(0, 65536)
                if not chunk:
                    break
                *lines, buffer = (buffer + chunk).split(b"\n")
                for line in lines:
                    self._obey(json.loads(line))
        self._end()

    def _obey(self, command: dict[str, Any]) -> None:
        if "kill" in command:
            for pid, id in self._children.items():
                if id == command["kill"]:
                    os.kill(pid, signal.SIGKILL)
            return
        call = Call.read(command["fork"])
        if (count := threads()) != 1:
            log.error("not_cold", extra={"threads": count})
            self._say({"refused": call.id, "threads": count})
            return
        pid = os.fork()
        if pid == 0:
            _child(call)
        self._children[pid] = call.id
        self._say({"forked": call.id, "pid": pid})

    def _reap(self) -> None:
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            if (id := self._children.pop(pid, None)) is not None:
                self._say({"ended": id, "status": os.waitstatus_to_exitcode(status)})

    def _end(self) -> None:
        """The host is gone: children end by themselves, their connection being closed; who does not is ended."""
        until = time.monotonic() + GRACE
        while self._children and time.monotonic() < until:
            self._reap()
            select.select([], [], [], 0.02)
        for pid in self._children:
            os.kill(pid, signal.SIGKILL)
        for pid in self._children:
            os.waitpid(pid, 0)  # when we are gone, they are

    def _say(self, answer: dict[str, Any]) -> None:
        try:
            self._answers.write(json.dumps(answer) + "\n")
        except OSError:
            return  # the host is gone; our input says so next


def _child(call: Call) -> None:
    """The forked process: let go of what was the server's, then be what was asked for. Never returns."""
    code = 1
    try:
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        nothing = os.open(os.devnull, os.O_RDWR)
        os.dup2(nothing, 0)
        os.dup2(nothing, 1)
        # Our copies of the server's pipes would keep them open after it is gone.
        os.closerange(3, 256)
        importlib.import_module(TARGETS[call.role]).serve(call)
        code = 0
    except BaseException:
        log.exception("child_failed")
    finally:
        logging.shutdown()
        os._exit(code)


def _drain(handle: int) -> None:
    try:
        while os.read(handle, 4096):
            pass
    except BlockingIOError:
        return


def threads() -> int:
    """How many threads this process has, those of libraries included. Without /proc: those of Python."""
    tasks = Path("/proc/self/task")
    if tasks.is_dir():
        return len(list(tasks.iterdir()))
    import threading

    return threading.active_count()


if __name__ == "__main__":
    main()
