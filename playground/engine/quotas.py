"""How much each owner keeps on a shared machine, counted in memory, and what that means for what he asks for next.

Nothing that is kept is ever removed for it. Beyond the limit nothing new is made; the runs there are train on and are
kept, for their files replace one another. Only at twice the limit, which nobody reaches by that, nothing trains or is
saved any more.
"""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from playground.engine.messages import CheckpointsRemoved, CheckpointWritten, Message, Notice, RunChanged
from playground.engine.rules import EXEMPT, Denied, Rules, counted, size
from playground.runs.census import Kept, count

log = logging.getLogger(__name__)

AGAIN = 0.9
"""Share of the limit below which an owner has to have been to be told once more that it is reached."""


class Quotas:
    """The counts of a host. Until `ready` has been awaited it counts nothing, for nobody asks."""

    def __init__(self, home: Path, rules: Rules) -> None:
        self._home, self._rules = home, rules
        self._kept: dict[str, Kept] = {}
        self._bytes: dict[str, int] = {}
        self._owners: dict[str, str] = {}
        """Whose each run is."""
        self._told: set[str] = set()
        self._counting: asyncio.Task[None] | None = None
        self._counted = False

    async def ready(self) -> None:
        """Count what is there, the first time that somebody comes for whom it matters."""
        if self._counting is None:
            self._counting = asyncio.ensure_future(self._count())
        await asyncio.shield(self._counting)

    async def _count(self) -> None:
        try:
            self._kept = await asyncio.to_thread(count, self._home)
        except (SQLAlchemyError, OSError):
            log.exception("count_failed")  # better to count from nothing than to turn everyone away
        for owner, kept in self._kept.items():
            self._bytes[owner] = sum(kept.projects.values()) + sum(sum(files.values()) for files in kept.files.values())
            self._owners |= dict.fromkeys(kept.files, owner)
        self._counted = True

    def _of(self, owner: str) -> Kept:
        return self._kept.setdefault(owner, Kept())

    # ---- what may be done -------------------------------------------------------------------------------------------

    def check_new_run(self, owner: str) -> None:
        """Raises Denied where no new run may be made."""
        self._check_runs(owner)
        self._check_bytes(owner, self._rules.bytes)

    def check_play(self, owner: str, run: str) -> None:
        """Raises Denied where this run may not train."""
        if run not in self._of(owner).trained:
            self._check_runs(owner)
        self._check_bytes(owner, 2 * self._rules.bytes)

    def check_save(self, owner: str, project: str) -> None:
        """Raises Denied where this project may not be stored. A new one counts from now on, even before it is."""
        projects = self._of(owner).projects
        new = project not in projects
        if new and len(projects) >= self._rules.projects_kept:
            raise Denied(
                f"You have {counted(len(projects), 'project')}, as many as one may keep here. Delete one that you no longer need "
                "first.",
                "quota",
            )
        self._check_bytes(owner, (1 if new else 2) * self._rules.bytes)
        projects.setdefault(project, 0)

    def _check_runs(self, owner: str) -> None:
        trained = len(self._of(owner).trained)
        if trained >= self._rules.runs_kept:
            raise Denied(
                f"You keep {counted(trained, 'trained run')}, as many as one may keep here. Delete some that you no longer need "
                "on the Runs page.",
                "quota",
            )

    def _check_bytes(self, owner: str, most: int) -> None:
        if self._bytes.get(owner, 0) >= most:
            raise Denied(
                f"You keep {self._what(owner)} may have here. Delete runs that you no longer need on the Runs page; "
                "then it goes on.",
                "quota",
            )

    def _what(self, owner: str) -> str:
        limit = size(self._rules.bytes)
        return f"{size(self._bytes[owner])} of weights and drawings, and {limit} is what one person"

    # ---- what has been done -----------------------------------------------------------------------------------------

    def begun(self, run: str, owner: str) -> None:
        """A run was made, or will turn out to be another's already."""
        if self._counted:
            self._owners.setdefault(run, owner)

    def heard(self, event: Message) -> Notice | None:
        """Count what a run says. What its owner should be told, once."""
        if not self._counted:
            return None
        match event:
            case RunChanged(state="running"):
                self._of(event.owner).trained.add(event.run)
            case CheckpointWritten():
                return self._written(event)
            case CheckpointsRemoved():
                owner = self._owners.get(event.run, "")
                files = self._of(owner).files.get(event.run, {})
                self._add(owner, -sum(files.pop(file, 0) for file in event.files))
        return None

    def _written(self, event: CheckpointWritten) -> Notice | None:
        owner = self._owners.get(event.run)
        if owner is None:
            return None
        files = self._of(owner).files.setdefault(event.run, {})
        self._add(owner, event.bytes - files.get(event.file, 0))
        files[event.file] = event.bytes
        if self._bytes[owner] < self._rules.bytes or owner in self._told or owner == EXEMPT:
            return None
        self._told.add(owner)
        sentence = (
            f"You keep {self._what(owner)} may have here. What you have is kept and trains on, but nothing new can be "
            "made: delete runs that you no longer need on the Runs page."
        )
        return Notice(owner=owner, text=sentence)

    def run_deleted(self, run: str) -> None:
        """A run is gone with its files."""
        owner = self._owners.pop(run, None)
        if owner is not None:
            kept = self._of(owner)
            kept.trained.discard(run)
            self._add(owner, -sum(kept.files.pop(run, {}).values()))

    def saved(self, owner: str, project: str, grown: int) -> None:
        """A project was stored and takes so many bytes more."""
        if self._counted:
            projects = self._of(owner).projects
            projects[project] = projects.get(project, 0) + grown
            self._add(owner, grown)

    def not_saved(self, owner: str, project: str) -> None:
        """A project could not be stored. If it was a new one, there is none."""
        if self._of(owner).projects.get(project) == 0:
            del self._of(owner).projects[project]

    def project_deleted(self, owner: str, project: str) -> None:
        """A project is gone with its earlier states."""
        self._add(owner, -self._of(owner).projects.pop(project, 0))

    def _add(self, owner: str, more: int) -> None:
        self._bytes[owner] = self._bytes.get(owner, 0) + more
        if self._bytes[owner] < AGAIN * self._rules.bytes:
            self._told.discard(owner)
