"""What becomes of a command, told to the client that sent it: now, or once the recorder has written."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import Future
from typing import Any

from playground.engine.messages import Message, Refused
from playground.engine.peer import Peer
from playground.engine.rules import Denied


class Answers:
    """Those that are still to come. A locked database must hold up nothing else."""

    def __init__(self) -> None:
        self._pending: set[asyncio.Future[Any]] = set()

    def answer(self, peer: Peer, command: Message, writing: Future[Any], done: Callable[[Any], None]) -> None:
        """Call `done` with what was written, or refuse the command."""
        self.when(writing, done, lambda problem: refuse(peer, command, about(command), problem))

    def when(self, writing: Future[Any], done: Callable[[Any], None], failed: Callable[[BaseException], None]) -> None:
        """Call one of both in our thread once the recorder has answered."""
        future = asyncio.wrap_future(writing)
        self._pending.add(future)

        def settled(future: asyncio.Future[Any]) -> None:
            self._pending.discard(future)
            if future.cancelled():
                return
            problem = future.exception()
            if problem is not None:
                failed(problem)
            else:
                done(future.result())

        future.add_done_callback(settled)

    def later(self, work: Awaitable[None]) -> None:
        """Have something done that nobody waits for."""
        task = asyncio.ensure_future(work)
        self._pending.add(task)
        task.add_done_callback(self._pending.discard)


def about(command: Message) -> str:
    """The run, task or project a command names."""
    for name in ("run", "task", "project"):
        if value := getattr(command, name, None):
            return str(value)
    return ""


def refuse(peer: Peer, command: Message, about: str, why: BaseException) -> None:
    """Say that a command was not carried out, and why."""
    code, other = (why.code, why.other) if isinstance(why, Denied) else (None, None)
    name = str(getattr(command, "type", ""))
    peer.send(Refused(about=about, command=name, message=str(why), request=command.request, code=code, other=other))
