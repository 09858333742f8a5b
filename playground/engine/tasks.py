"""A process that does one thing and ends: explain, predict, export. And the mark that makes a function such a thing.

    PRELOAD = ("captum.attr",)          # only where torch alone is not enough

    @task
    def explain(work: Work) -> Answer:
        work.progress(0.5, "half way")
        return Answer({"gap": 0.01}, pack(header, fields))

The file lies in `playground/engine/tasks_*.py`; nothing else needs to know it. Whoever cancels a task kills its process,
so nothing needs to be given back; what is raised is told in one sentence, a ValueError in its own words.
"""

from __future__ import annotations

import importlib
import json
import logging
import os
import signal
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import torch

from playground.engine import orders
from playground.engine.job_news import sentence
from playground.engine.logs import start_logging
from playground.engine.memory import limit_memory
from playground.engine.messages import Message, TaskDone, TaskFailed, TaskProgress
from playground.engine.orders import ORDER, Hello
from playground.engine.place import Call, give_way, warm_up
from playground.engine.tasklist import tasks
from playground.engine.wire import pack, read
from playground.runs.records import NotFound
from playground.runs.store import Store
from playground.training import checkpoints
from playground.training.checkpoints import Snapshot

log = logging.getLogger(__name__)


class Answer(NamedTuple):
    """What a task found: JSON, and arrays in the frame format where there are any."""

    result: dict[str, Any]
    payload: bytes = b""


@dataclass(frozen=True)
class Work:
    """What a task is given: who asks, with which arguments, and ways to say how far it is and to read runs."""

    owner: str
    arguments: dict[str, Any]
    home: Path
    progress: Callable[[float, str], None] = field(default=lambda share, text: None)

    def store(self) -> Store:
        """The history, for reading."""
        return Store(self.home)

    def snapshot(self, run: str, purpose: str | None = None) -> Snapshot:
        """The newest weights of a run of this owner (or its `best`, `final` …). Raises ValueError with a sentence."""
        store = self.store()
        try:
            return checkpoints.read(store.weights(self.owner, store.run(self.owner, run).id, purpose))
        except NotFound as problem:
            raise ValueError(str(problem)) from None


F = TypeVar("F", bound=Callable[[Work], Answer])


def task(function: F) -> F:
    """Mark a function as a task; it is called by its name."""
    return function


def serve(call: Call) -> None:
    """Do the one thing this process was started for."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    give_way()
    torch.set_num_threads(1)
    try:
        link = call.address.connect()
    except OSError:
        return  # the host is gone, and with it whoever asked
    speaking = threading.Lock()

    def say(message: Message, payload: bytes = b"") -> None:
        with speaking:
            link.sendall(pack(message, payload))

    say(Hello(role="task", id=call.id, token=call.address.token, pid=os.getpid()))
    stream = link.makefile("rb")
    first = read(stream)
    if first is None:
        return
    command = ORDER.validate_json(first[0])
    assert isinstance(command, orders.Work)

    def end_with_host() -> None:
        read(stream)  # nothing more is ever said: this returns when the host is gone
        os._exit(1)

    threading.Thread(target=end_with_host, daemon=True).start()
    limit_memory(command.memory)
    try:
        answer = perform(
            command.name,
            Work(
                owner=command.owner,
                arguments=command.arguments,
                home=Path(call.home),
                progress=lambda share, text: say(TaskProgress(task=command.task, share=share, text=text)),
            ),
        )
        say(TaskDone(task=command.task, result=answer.result), answer.payload)
    except Exception as problem:
        if not isinstance(problem, ValueError):
            log.exception("task_failed", extra={"name_of_task": command.name})
        say(TaskFailed(task=command.task, message=sentence(problem)))


def perform(name: str, work: Work) -> Answer:
    """Call a task by its name. Raises ValueError when there is none."""
    listed = tasks().get(name)
    if listed is None:
        raise ValueError(f"There is no task {name[:40]!r}.")
    function: Callable[[Work], Answer] = getattr(importlib.import_module(listed.module), listed.function)
    return function(work)


def main() -> None:
    """Be a task's process that was spawned: who it is comes on standard input."""
    start_logging()
    warm_up()
    if line := sys.stdin.readline():
        serve(Call.read(json.loads(line)))
    logging.shutdown()
    os._exit(0)  # taking the libraries down in order takes longer than anyone waits
