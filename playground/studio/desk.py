"""The projects that are open right now, each with its newest saved document and its run.

The database is the memory; this is only what is on the desk. The recorder, in the engine's host, writes; here is read.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, NamedTuple, Protocol

from playground.core.edits import EDIT
from playground.core.experiment import Experiment
from playground.core.files import Project as Document
from playground.engine import messages as engine
from playground.engine.local import Engine, EngineFailed
from playground.runs.names import NAMED, new_project_id
from playground.runs.records import NotFound, Project, StoredRun
from playground.studio import documents, opening, sentences
from playground.studio.checking import MISFIT, Understood, same_cases, understand
from playground.studio.documents import Refused
from playground.studio.machine import Machine
from playground.studio.running import RunControl
from playground.studio.shelf import Kept
from playground.templates import templates

OPEN_AT_ONCE = 500
"""Projects kept at hand; beyond it, those nobody looks at are put away."""
PROJECTS_LISTED = 100
VERSIONS_LISTED = 200
STATES_LISTED = 20
"""Earlier states without a name, in the list of versions."""
HISTORY_SEARCHED = 30
"""Earlier states that are searched for other data."""
OPENING = "circle"
"""The template a first visit begins with."""
UNSAVED = "This change is not saved yet: the part that writes does not answer. It is kept in this page."
UNKNOWN = "There is no such project. It may have been deleted, or the link is not complete."


class NotSaved(Refused):
    """The document is in order, but the part that writes did not take it."""


class Store(Kept, Protocol):
    """The history as it is read here."""

    def project(self, id: str) -> Project | None: ...

    def projects(self, owner: str) -> list[Any]: ...

    def revisions(self, owner: str, project: str) -> list[Any]: ...

    def revision(self, owner: str, project: str, revision: int) -> dict[str, Any]: ...

    def run(self, owner: str, id: str) -> StoredRun: ...

    def runs(self, owner: str, project: str | None = None, *, limit: int = 1000) -> list[StoredRun]: ...

    def metrics(self, owner: str, run: str) -> list[dict[str, Any]]: ...

    def ledger(self, owner: str, run: str) -> list[Any]: ...

    def checkpoints(self, owner: str, run: str) -> list[Any]: ...


class Sheet:
    """One open project."""

    def __init__(self, id: str, owner: str, run: RunControl) -> None:
        self.id = id
        self.owner = owner
        self.run = run
        self.revision = 0
        self.raw: dict[str, Any] = {}
        self.lock = asyncio.Lock()
        self._document: Document | None = None
        self._understood: Understood | None = None
        self.shows: str | None = None
        """The run it was saved with."""
        self.before: Experiment | None = None
        """The project as it was with its previous data."""

    @property
    def document(self) -> Document:
        """The newest document, understood."""
        assert self._document is not None
        return self._document

    @property
    def understood(self) -> Understood:
        """What there is to say about it."""
        assert self._understood is not None
        return self._understood

    def put(self, revision: int, raw: dict[str, Any], document: Document) -> None:
        """The newest saved state."""
        old = self._document
        if old is not None and not same_cases(old.experiment.data, document.experiment.data):
            self.before = old.experiment
        if self.before is not None and same_cases(self.before.data, document.experiment.data):
            self.before = None
        self.revision, self.raw, self._document = revision, raw, document

    def note(self, understood: Understood) -> None:
        """What checking the newest state gave."""
        self._understood = understood

    @property
    def opening(self) -> str | None:
        """The words over the canvas of a first visit."""
        facts = self.understood.facts
        return sentences.opening(facts) if self.run.opening and facts is not None else None


class Saving(NamedTuple):
    """What became of an edit. `merged`: another tab's edit came between, the document is both."""

    revision: int
    merged: bool
    conflicts: list[str]


class Desk:
    """Every open project, by id. Used in the event loop only."""

    def __init__(self, engine: Engine, store: Store, *, is_watched: Callable[[str], bool] = lambda id: False) -> None:
        self._engine = engine
        self._store = store
        self._is_watched = is_watched
        self.machine = Machine.as_set()
        self._sheets: dict[str, Sheet] = {}
        self._opening: dict[str, asyncio.Lock] = {}
        self._by_run: dict[str, str] = {}

    # ---- projects -----------------------------------------------------------------------------------------------

    async def open(self, id: str) -> Sheet | None:
        """A project by its id, whoever asks: the caller looks at the owner. None if there is none."""
        if id in self._sheets:
            self._sheets[id] = self._sheets.pop(id)  # the last one touched is the last to be put away
            await self._catch_up(self._sheets[id])
            return self._sheets[id]
        async with self._opening.setdefault(id, asyncio.Lock()):
            if id not in self._sheets:
                stored = await asyncio.to_thread(_or_none, self._store.project, id)
                if stored is not None:
                    await self._lay_out(stored)
        self._opening.pop(id, None)
        return self._sheets.get(id)

    async def _catch_up(self, sheet: Sheet) -> None:
        """Another server on the same home may have saved it since."""
        async with sheet.lock:
            stored = await asyncio.to_thread(_or_none, self._store.project, sheet.id)
            if stored is not None and stored.revision > sheet.revision:
                document = await asyncio.to_thread(documents.read_project, stored.document)
                sheet.put(stored.revision, stored.document, document)
                await self._check(sheet)

    async def create(self, owner: str, kind: str) -> str:
        """A new project from a template; its id. Raises Refused."""
        sheet = await self._enter(owner, documents.from_template(kind), label="New project")
        sheet.run.template = kind
        return sheet.id

    async def take_in(self, owner: str, document: Document, *, label: str) -> str:
        """A new project from a file or a link; its id."""
        if not document.title.strip():
            document = document.with_(title="Untitled")
        sheet = await self._enter(owner, document.dump(), label=label)
        sheet.run.template = _template_for(document.experiment)
        return sheet.id

    async def copy(self, owner: str, sheet: Sheet) -> str:
        """A project of one's own with the same document; its id."""
        copied = await self._enter(owner, sheet.raw, label="Copy")
        copied.run.template = sheet.run.template
        return copied.id

    async def project_of(self, owner: str, stored: StoredRun, title: str) -> str:
        """The project that shows this run of the owner; made, if it is gone or shows another run by now."""
        sheet = await self.open(stored.project) if stored.project is not None else None
        if sheet is not None and sheet.owner == owner:
            shown = await asyncio.to_thread(self._run_of, owner, sheet.id, None)
            if shown is not None and shown.id == stored.id:
                return sheet.id
        experiment = await asyncio.to_thread(self._experiment_of, owner, stored)
        if experiment is None:
            raise Refused("This run was made by an older version and cannot be drawn any more.")
        layout = sheet.raw.get("layout") if sheet is not None and sheet.owner == owner else None
        raw = documents.write(experiment, title=title, layout=layout)
        return (await self._enter(owner, raw, label="Opened from a run", run=stored.id)).id

    async def newest(self, owner: str) -> str | None:
        """The project this owner touched last."""
        entries = await asyncio.to_thread(_or_none, self._store.projects, owner)
        return entries[0].id if entries else None

    async def projects(self, owner: str) -> list[dict[str, Any]]:
        """This owner's projects, the one touched last first."""
        entries = await asyncio.to_thread(_or_none, self._store.projects, owner) or []
        return [{"id": e.id, "title": e.title, "updated": e.updated.timestamp()} for e in entries[:PROJECTS_LISTED]]

    async def save(self, sheet: Sheet, *, base: int, label: str, raw: dict[str, Any]) -> Saving:
        """Keep an edit of the owner and tell the run. Call it with the sheet's lock held. Raises Refused."""
        document = await asyncio.to_thread(documents.read_project, raw)
        saved = await self._store_document(sheet.id, sheet.owner, base, raw, label, sheet.run.run)
        merged = saved.document is not None
        if saved.document is not None:
            try:
                raw, document = saved.document, await asyncio.to_thread(documents.read_project, saved.document)
            except Refused:
                # Two good edits can make one that is not: shares of a split that add up to more than 1.
                saved = await self._store_document(sheet.id, sheet.owner, saved.revision, raw, label, sheet.run.run)
        sheet.put(saved.revision, raw, document)
        await self._check(sheet)
        sheet.run.change(document.experiment, sheet.understood, sheet.revision)
        return Saving(saved.revision, merged, list(saved.conflicts))

    async def versions(self, sheet: Sheet) -> list[dict[str, Any]]:
        """Named versions and the newest other states of a project, the newest first, for its owner."""
        found = await asyncio.to_thread(self._store.revisions, sheet.owner, sheet.id)
        newest = [entry.revision for entry in found if not entry.label.startswith(NAMED)][:STATES_LISTED]
        return [
            {
                "revision": entry.revision,
                "title": entry.label.removeprefix(NAMED),
                "named": entry.label.startswith(NAMED),
                "saved": entry.created.timestamp(),
            }
            for entry in found
            if entry.label.startswith(NAMED) or entry.revision in newest
        ][:VERSIONS_LISTED]

    async def version(self, sheet: Sheet, revision: int) -> tuple[str, dict[str, Any]]:
        """What an earlier state was called, and its document in the present schema. Raises Refused."""
        found = await asyncio.to_thread(self._store.revisions, sheet.owner, sheet.id)
        label = next((entry.label for entry in found if entry.revision == revision), None)
        if label is None:
            raise Refused("This state is not kept any more. Choose another.")
        raw = await asyncio.to_thread(self._store.revision, sheet.owner, sheet.id, revision)
        document = await asyncio.to_thread(documents.read_project, raw)
        return f"“{label.removeprefix(NAMED)}”", document.dump()

    async def delete(self, owner: str, id: str) -> None:
        """Forget a project of the owner. Its runs stay in the list of runs. Raises Refused."""
        sheet = await self.open(id)
        if sheet is None or sheet.owner != owner:
            raise Refused(UNKNOWN)
        try:
            answer = await asyncio.to_thread(self._engine.request, engine.DeleteProject(project=id, owner=owner))
        except EngineFailed:
            raise Refused("It is not deleted: the part that writes does not answer. Try again in a moment.") from None
        if isinstance(answer, engine.Refused):
            raise Refused(answer.message)
        sheet.run.pause()
        self._sheets.pop(id, None)

    async def _enter(self, owner: str, raw: dict[str, Any], *, label: str, run: str | None = None) -> Sheet:
        id = new_project_id()
        saved = await self._store_document(id, owner, 0, raw, label, run)
        sheet = self._new_sheet(id, owner)
        sheet.put(saved.revision, raw, await asyncio.to_thread(documents.read_project, raw))
        sheet.shows = run
        await self._check(sheet)
        return sheet

    async def _store_document(
        self, id: str, owner: str, base: int, raw: dict[str, Any], label: str, run: str | None
    ) -> engine.ProjectSaved:
        command = engine.SaveProject(project=id, owner=owner, base=base, document=raw, label=label, run=run)
        try:
            answer = await asyncio.to_thread(self._engine.request, command)
        except EngineFailed:
            raise NotSaved(UNSAVED) from None
        if isinstance(answer, engine.ProjectSaved):
            return answer
        raise NotSaved(answer.message if isinstance(answer, engine.Refused) else UNSAVED)

    async def _lay_out(self, stored: Project) -> None:
        sheet = self._new_sheet(stored.id, stored.owner)
        try:
            document = await asyncio.to_thread(documents.read_project, stored.document)
            sheet.put(stored.revision, stored.document, document)
        except Refused:
            del self._sheets[stored.id]
            raise
        sheet.shows = stored.run
        shown = await asyncio.to_thread(self._run_of, stored.owner, stored.id, stored.run)
        sheet.run.template = (shown and shown.template) or _template_for(sheet.document.experiment)
        await self._check(sheet)

    def _new_sheet(self, id: str, owner: str) -> Sheet:
        if len(self._sheets) >= OPEN_AT_ONCE:
            idle = [key for key, sheet in self._sheets.items() if not sheet.run.loaded]
            unwatched = [key for key in idle if not self._is_watched(key)]
            for key in unwatched[: OPEN_AT_ONCE // 10]:
                del self._sheets[key]

        def other_of(run: str) -> tuple[str, bool] | None:
            other = self.find(run)
            mine = other if other is not None and other.owner == owner else None
            return (mine.document.title, mine.run.state == "queued") if mine is not None else None

        self._sheets[id] = Sheet(id, owner, RunControl(self._engine, owner=owner, project=id, other_of=other_of))
        return self._sheets[id]

    async def _check(self, sheet: Sheet) -> None:
        experiment = sheet.document.experiment
        understood = await asyncio.to_thread(understand, experiment, sheet.before)
        if sheet.before is None and any(note.code == MISFIT for note in understood.diagnostics):
            sheet.before = await asyncio.to_thread(self._search_other_data, sheet)
            if sheet.before is not None:
                understood = await asyncio.to_thread(understand, experiment, sheet.before)
        sheet.note(understood)
        sheet.run.understood = understood

    def _search_other_data(self, sheet: Sheet) -> Experiment | None:
        """The newest earlier state of the project that was about other data."""
        for entry in self._store.revisions(sheet.owner, sheet.id)[:HISTORY_SEARCHED]:
            try:
                earlier = documents.read_project(self._store.revision(sheet.owner, sheet.id, entry.revision)).experiment
            except (NotFound, Refused):
                continue
            if not same_cases(earlier.data, sheet.document.experiment.data):
                return earlier
        return None

    # ---- runs ---------------------------------------------------------------------------------------------------

    async def wake(self, sheet: Sheet) -> list[dict[str, Any]]:
        """The owner looks at it: take its run up again, or begin one. The stored points of its curves."""
        async with sheet.lock:
            control = sheet.run
            if control.run is None:
                stored = await asyncio.to_thread(self._run_of, sheet.owner, sheet.id, sheet.shows)
                if stored is not None and await asyncio.to_thread(was_trained, self._store, stored):
                    await self._resume(sheet, stored)
                elif stored is not None and stored.project == sheet.id:
                    self._engine.send(engine.DeleteRun(run=stored.id, owner=sheet.owner))
            elif not self._is_watched(sheet.id):
                control.look_again()
            if control.run is None and sheet.understood.ok:
                control.begin(sheet.document.experiment, sheet.revision)
            if control.run is None:
                return []
            if control.opening:
                return opening.points(control.template or "")
            if control.step == 0:
                return []
            return await asyncio.to_thread(self._store.metrics, sheet.owner, control.run)

    async def begin_again(self, sheet: Sheet) -> None:
        """A new run in place of one that cannot go on."""
        if sheet.understood.ok:
            sheet.run.begin(sheet.document.experiment, sheet.revision)

    async def _resume(self, sheet: Sheet, stored: StoredRun) -> None:
        then = await asyncio.to_thread(self._experiment_of, sheet.owner, stored)
        points = await asyncio.to_thread(self._store.metrics, sheet.owner, stored.id)
        if then is None:
            return
        sheet.run.resume(stored, then, {name: value for point in points for name, value in point.items()})
        sheet.run.change(sheet.document.experiment, sheet.understood, sheet.revision)

    def _run_of(self, owner: str, project: str, named: str | None) -> StoredRun | None:
        """The run a project shows: the newest one made in it, or one of another project that it was told to show."""
        try:
            newest = next(iter(self._store.runs(owner, project, limit=1)), None)
            return newest or (self._store.run(owner, named) if named else None)
        except NotFound:
            return None

    def _experiment_of(self, owner: str, stored: StoredRun) -> Experiment | None:
        """What the run is at: its first experiment, or the last one of its ledger."""
        for entry in reversed(self._store.ledger(owner, stored.id)):
            if entry.edit.get("type") == "replace":
                edit = EDIT.validate_python(entry.edit)
                return edit.experiment if edit.type == "replace" else None
        try:
            return Experiment.model_validate(stored.experiment)
        except ValueError:
            return None

    @property
    def sheets(self) -> list[Sheet]:
        """Every open project."""
        return list(self._sheets.values())

    def take(self, event: Any) -> tuple[Sheet, list[dict[str, Any]]] | None:
        """An event of the engine about a run: its project, and what to tell those who look at it."""
        sheet = self.find(getattr(event, "run", None) or getattr(event, "about", None))
        return (sheet, sheet.run.take(event)) if sheet is not None else None

    def find(self, run: str | None) -> Sheet | None:
        """The open project that shows this run."""
        known = self._sheets.get(self._by_run.get(run or "", ""))
        if known is not None and known.run.run == run:
            return known
        for sheet in self._sheets.values():
            if run is not None and sheet.run.run == run:
                self._by_run[run] = sheet.id
                return sheet
        return None


def was_trained(store: Store, run: StoredRun) -> bool:
    """Whether a run did a step of its own. One that was only looked at has none, or shows the steps of shipped weights
    and kept nothing."""
    return run.step > 0 and bool(store.checkpoints(run.owner, run.id))


def _or_none(question: Callable[[str], Any], about: str) -> Any:
    """The answer, or None while the history is empty."""
    try:
        return question(about)
    except NotFound:
        return None


def _template_for(experiment: Experiment) -> str:
    """The template that is about the same data."""
    for template in templates:
        if template().experiment().data.dataset.kind == experiment.data.dataset.kind:
            return template.kind
    return OPENING
