"""The Explain page's half of a conversation: runs to pick from, and tasks whose answers go to the page that asked.

A task belongs to one page. When the page goes, its tasks are cancelled; nobody else ever hears of them.
"""

from __future__ import annotations

import asyncio
import secrets
from typing import Any, NamedTuple

from playground.engine import messages as engine
from playground.live import messages as say
from playground.live.hub import Viewer
from playground.live.limits import Rate
from playground.runs.records import NotFound
from playground.studio.desk import Store
from playground.studio.documents import Refused
from playground.studio.history import list_runs

AT_ONCE = 4
"""Tasks a page may have under way; the oldest ends when another begins."""
PER_SECOND, BURST = 10.0, 40.0
"""Tasks that one owner may begin; each is a process."""
TOO_MANY = "Too many at once. Wait a moment, then ask again."
OWNERS = 1_000
"""Owners whose pace is remembered."""
SECONDS = 120.0
ANSWERS = {"explain_cases": "explain_cases", "explain": "explanation", "explain_answer": "answer", "export": "exported"}
"""Name of a task → type of the message that brings its result."""


def _about(name: str) -> str:
    """How the messages begin that tell how a task is going."""
    return name if name == "export" else "explain"


class Asked(NamedTuple):
    """A task under way: who asked, what the page calls it, what it is."""

    viewer: Viewer
    task: str
    name: str


class Explaining:
    """All explanations under way on this server. Used in the event loop; `hear` may be called from anywhere."""

    def __init__(self, client: Any, store: Store) -> None:
        self._engine = client
        self._store = store
        self._asked: dict[str, Asked] = {}
        self._begun: dict[str, Rate] = {}
        self._loop = asyncio.get_running_loop()
        self._unsubscribe = client.subscribe(self.hear)

    def close(self) -> None:
        """Hear no more."""
        self._unsubscribe()

    # ---- what a page may ask ------------------------------------------------------------------------------------------

    async def runs(self, viewer: Viewer) -> None:
        """The runs of this owner that have weights to explain, the newest first."""
        entries = await asyncio.to_thread(list_runs, self._store, viewer.owner)
        viewer.tell({"type": "explain_runs", "runs": entries})

    async def cases(self, viewer: Viewer, message: say.ExplainCases) -> None:
        """Test cases of a run by tab."""
        arguments = {"run": await self._own(viewer, message.run), "count": message.count}
        self.begin(viewer, f"cases {message.run}", "explain_cases", arguments)

    async def explain(self, viewer: Viewer, message: say.Explain) -> None:
        """One answer, explained."""
        arguments = {
            "run": await self._own(viewer, message.run),
            "case": message.case,
            "method": message.method,
            "target": message.target,
        }
        self.begin(viewer, message.task, "explain", arguments)

    async def answer(self, viewer: Viewer, message: say.ExplainAnswer) -> None:
        """The answer to a case that a person changed."""
        arguments = {"run": await self._own(viewer, message.run), "values": message.values}
        self.begin(viewer, message.task, "explain_answer", arguments)

    def cancel(self, viewer: Viewer, task: str) -> None:
        """End a task of this page. One that is unknown has ended already."""
        for id, asked in list(self._asked.items()):
            if asked.viewer is viewer and asked.task == task:
                self._end(id)

    def _end(self, id: str) -> None:
        """End a task and say so at once: who asks for many gets no more than the engine has."""
        asked = self._asked.pop(id)
        self._engine.send(engine.CancelTask(task=id, owner=asked.viewer.owner))
        failed = {
            "type": f"{_about(asked.name)}_failed",
            "task": asked.task,
            "message": "Cancelled.",
            "cancelled": True,
        }
        asked.viewer.tell(failed)

    def leave(self, viewer: Viewer) -> None:
        """The page is gone."""
        for id, asked in list(self._asked.items()):
            if asked.viewer is viewer:
                del self._asked[id]
                self._engine.send(engine.CancelTask(task=id, owner=viewer.owner))

    # ---- tasks --------------------------------------------------------------------------------------------------------

    def begin(self, viewer: Viewer, task: str, name: str, arguments: dict[str, Any]) -> None:
        """Start the task called `name` for this page, which calls it `task`."""
        if len(self._begun) > OWNERS:
            self._begun.clear()
        if not self._begun.setdefault(viewer.owner, Rate(PER_SECOND, BURST)).take():
            failed = {"type": f"{_about(name)}_failed", "task": task, "message": TOO_MANY, "cancelled": False}
            viewer.tell(failed)
            return
        mine = [id for id, asked in self._asked.items() if asked.viewer is viewer]
        for id in mine[: max(0, len(mine) - AT_ONCE + 1)]:
            self._end(id)
        id = secrets.token_urlsafe(12)
        self._asked[id] = Asked(viewer, task, name)
        self._engine.send(
            engine.RunTask(
                task=id, owner=viewer.owner, name=name, arguments={**arguments, "task": task}, seconds=SECONDS
            )
        )

    def hear(self, event: Any, payload: bytes = b"") -> None:
        """An event of the engine, from any thread."""
        if event.type in ("task_progress", "task_done", "task_failed"):
            self._loop.call_soon_threadsafe(self._take, event, payload)
        elif event.type == "refused" and event.command == "run_task":
            # The host did not take it: too many at once, or the operator holds everyone.
            failed = engine.TaskFailed(task=event.about, message=event.message)
            self._loop.call_soon_threadsafe(self._take, failed, payload)

    def _take(self, event: Any, payload: bytes) -> None:
        asked = self._asked.get(event.task)
        if asked is None:
            return
        viewer, about = asked.viewer, {"task": asked.task}
        if event.type == "task_progress":
            viewer.tell({"type": f"{_about(asked.name)}_progress", **about, "share": event.share, "text": event.text})
            return
        del self._asked[event.task]
        if event.type == "task_failed":
            cancelled = {"cancelled": event.cancelled}
            viewer.tell({"type": f"{_about(asked.name)}_failed", **about, "message": event.message, **cancelled})
            return
        viewer.tell({"type": ANSWERS[asked.name], **about, **event.result})
        if payload:
            viewer.show(f"{asked.name} {asked.task}", payload)

    # ---- runs ---------------------------------------------------------------------------------------------------------

    async def _own(self, viewer: Viewer, run: str) -> str:
        """The full id of a run of this owner; anybody else's answers like one that does not exist."""
        try:
            return (await asyncio.to_thread(self._store.run, viewer.owner, run)).id
        except NotFound as unknown:
            raise Refused(str(unknown)) from None
