"""The host's side of tasks: who waits for which, one process each, killed when cancelled or when their time is up."""

from __future__ import annotations

import asyncio
import logging
import os
import secrets
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from playground.engine.messages import Message, RunTask, TaskDone, TaskFailed, TaskProgress
from playground.engine.orders import Work
from playground.engine.peer import Peer
from playground.engine.place import Call, Place
from playground.engine.tasklist import is_heavy
from playground.engine.wire import Address

log = logging.getLogger(__name__)

AT_ONCE = 2
"""Tasks that run at the same time."""
MEMORY = 3 * 2**30
"""Bytes a task may take beyond what it begins with, unless PLAYGROUND_TASK_MEMORY says otherwise."""


@dataclass
class Task:
    """One task, waiting or running."""

    command: RunTask
    client: Peer
    secret: str = ""
    place: Place | None = None
    peer: Peer | None = None
    clock: asyncio.TimerHandle | None = None

    @property
    def id(self) -> str:
        """The id of its process."""
        return f"task-{self.command.task}"


class TaskQueue:
    """All tasks of a host. `light` starts processes with torch loaded, `heavy` also with the libraries of explainers."""

    def __init__(
        self,
        home: Path,
        light: Place,
        heavy: Place,
        address: Callable[[], Address],
        *,
        test_read: Callable[[str, int], None],
    ) -> None:
        """`test_read` is told when a task read the test part for a run, and how often."""
        self._home, self._light, self._heavy, self._address = home, light, heavy, address
        self._test_read = test_read
        self._waiting: deque[Task] = deque()
        self._running: dict[str, Task] = {}
        self._launches: set[asyncio.Task[None]] = set()
        self._memory = int(os.environ.get("PLAYGROUND_TASK_MEMORY") or MEMORY)

    def __len__(self) -> int:
        return len(self._waiting) + len(self._running)

    def count(self, owner: str) -> int:
        """How many tasks of an owner wait or run."""
        return sum(task.command.owner == owner for task in [*self._waiting, *self._running.values()])

    def add(self, client: Peer, command: RunTask) -> None:
        """Run it when there is room."""
        if any(task.command.task == command.task for task in [*self._waiting, *self._running.values()]):
            raise ValueError("There is already a task of this name.")
        self._waiting.append(Task(command, client))
        self._next()

    def cancel(self, id: str, owner: str | None) -> None:
        """End it, wherever it is. One that is unknown, or another's, has ended already as far as the asker can tell."""
        for task in [*self._waiting, *self._running.values()]:
            if task.command.task == id and owner in (None, task.command.owner):
                self._fail(task, "Cancelled.", cancelled=True)

    def cancel_all(self, message: str) -> None:
        """End every task."""
        for task in [*self._waiting, *self._running.values()]:
            self._fail(task, message, cancelled=True)

    def left(self, client: Peer) -> None:
        """A client is gone; nobody waits for its tasks."""
        for task in [*self._waiting, *self._running.values()]:
            if task.client is client:
                self._fail(task, "Cancelled.", cancelled=True)

    # ---- processes ----------------------------------------------------------------------------------------------

    def _next(self) -> None:
        while self._waiting and len(self._running) < AT_ONCE:
            task = self._waiting.popleft()
            heavy = is_heavy(task.command.name)
            if heavy is None:
                self._tell(
                    task, TaskFailed(task=task.command.task, message=f"There is no task {task.command.name[:40]!r}.")
                )
                continue
            task.place, task.secret = self._heavy if heavy else self._light, secrets.token_urlsafe(24)
            self._running[task.id] = task
            base = self._address()
            address = Address(task.secret, base.pid, base.path, base.port)
            launch = asyncio.ensure_future(task.place.launch(Call("task", task.id, address, str(self._home))))
            self._launches.add(launch)
            launch.add_done_callback(self._launches.discard)

    def arrived(self, peer: Peer, secret: str) -> bool:
        """A process says it is one of our tasks. Whether it is; its time runs from now."""
        task = self._running.get(peer.id)
        if task is None or task.peer is not None or not secrets.compare_digest(task.secret, secret):
            return False
        command, task.peer = task.command, peer
        task.clock = asyncio.get_running_loop().call_later(command.seconds, self._overdue, task)
        peer.send(
            Work(
                task=command.task,
                owner=command.owner,
                name=command.name,
                arguments=command.arguments,
                memory=self._memory,
            )
        )
        return True

    def heard(self, id: str, event: Message, payload: bytes) -> None:
        """Something a task says."""
        task = self._running.get(id)
        if task is None:
            return
        if isinstance(event, TaskProgress):
            task.client.send(event)
        elif isinstance(event, TaskDone | TaskFailed):
            if isinstance(event, TaskDone) and (reads := event.result.get("test_reads")):
                self._test_read(str(event.result.get("run", "")), int(reads))
            self._forget(task)
            self._tell(task, event, payload)
            self._next()

    def gone(self, id: str, how: str = "its connection closed") -> None:
        """A task's process ended. If it had not answered, it failed."""
        task = self._running.get(id)
        if task is not None:
            log.warning("task_died", extra={"task": task.command.name, "how": how})
            self._fail(task, "It ended without an answer; perhaps it needed more memory than there is.")

    async def close(self) -> None:
        """End everything."""
        self.cancel_all("The engine ended.")
        for launch in self._launches:
            launch.cancel()

    def _overdue(self, task: Task) -> None:
        self._fail(task, f"It took longer than {task.command.seconds:g} seconds and was ended.")

    def _fail(self, task: Task, message: str, *, cancelled: bool = False) -> None:
        if task in self._waiting:
            self._waiting.remove(task)
        self._forget(task)
        self._tell(task, TaskFailed(task=task.command.task, message=message, cancelled=cancelled))
        self._next()

    def _forget(self, task: Task) -> None:
        if self._running.pop(task.id, None) is not None and task.place is not None:
            task.place.kill(task.id)
        if task.clock is not None:
            task.clock.cancel()

    def _tell(self, task: Task, event: TaskDone | TaskFailed, payload: bytes = b"") -> None:
        task.client.send(event.model_copy(update={"request": task.command.request}), payload)
