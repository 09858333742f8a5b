"""What is answered to each message of a browser: docs/protocol.md, the server's side.

A project of somebody else can be looked at and copied; everything else about it answers like an id that does not exist.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from playground.core.edits import WriteWeight
from playground.live import messages as say
from playground.live.explaining import Explaining
from playground.live.exporting import export
from playground.live.hub import Hub, Viewer
from playground.runs.names import named
from playground.studio.catalogues import everything
from playground.studio.desk import OPENING, UNKNOWN, Desk, NotSaved, Sheet
from playground.studio.documents import Refused, read_project, write_link
from playground.studio.gallery import cards
from playground.studio.glossary import glossary
from playground.studio.lessons import lesson, lessons
from playground.studio.opening import frames
from playground.studio.proposals import propose_dataset, propose_start, propose_template
from playground.studio.shelf import Shelf
from playground.studio.starting import look_again, start

NOTHING_OPEN = "Open a project first."


class Conversation:
    """One page's conversation with the server. Messages are answered one after the other."""

    def __init__(self, viewer: Viewer, hub: Hub, desk: Desk, explaining: Explaining, *, shelf: Shelf) -> None:
        self._viewer = viewer
        self._hub = hub
        self._desk = desk
        self._explaining = explaining
        self._shelf = shelf
        self._sheet: Sheet | None = None
        self._plays_after: str | None = None
        """Label of the edit after which the run trains: a smaller version, on its way through the page's history."""
        self._answers: dict[type[say.Said], Callable[[Any], Awaitable[None]]] = {
            say.Open: self._open,
            say.Edited: self._edit,
            say.Commanded: self._command,
            say.Weight: self._weight,
            say.Watching: self._watch,
            say.WantTemplate: self._template,
            say.WantDataset: self._dataset,
            say.Copy: self._copy,
            say.New: self._new,
            say.WantLink: self._link,
            say.WantInside: self._inside,
            say.WantBlock: self._keep_block,
            say.DropBlock: self._drop_block,
            say.Brought: self._file,
            say.Projects: self._projects,
            say.DeleteProject: self._delete_project,
            say.WantLesson: self._lesson,
            say.KeepVersion: self._keep_version,
            say.Versions: self._versions,
            say.WantVersion: self._version,
            say.ExplainRuns: lambda message: explaining.runs(viewer),
            say.ExplainCases: lambda message: explaining.cases(viewer, message),
            say.Explain: lambda message: explaining.explain(viewer, message),
            say.ExplainAnswer: lambda message: explaining.answer(viewer, message),
            say.Cancel: self._cancel,
            say.WantExport: self._export,
            say.WantGallery: self._gallery,
        }

    async def answer(self, message: say.Message) -> None:
        """Do what is asked; a refusal is one sentence to this page alone."""
        try:
            await self._answers[type(message)](message)
        except Refused as refusal:
            self._viewer.tell({"type": "error", "text": str(refusal)})

    def end(self) -> None:
        """The page is gone."""
        self._explaining.leave(self._viewer)
        self._hub.leave(self._viewer)

    # ---- projects -----------------------------------------------------------------------------------------------

    async def _open(self, message: say.Open) -> None:
        sheet = await self._desk.open(message.project)
        if sheet is None:
            raise Refused(UNKNOWN)
        owns = sheet.owner == self._viewer.owner
        self._sheet = sheet
        points = await self._desk.wake(sheet) if owns else []
        blocks = await self._shelf.message(self._viewer.owner)
        self._viewer.tell(self._project(sheet, owns=owns))
        self._viewer.tell(blocks)
        self._viewer.tell(sheet.understood.message(sheet.revision))
        if owns and self._desk.machine.held:
            self._viewer.tell({"type": "held", "held": True})
        if owns and points:
            self._viewer.tell({"type": "metrics", "run": sheet.run.run, "reset": True, "points": points})
        self._hub.join(self._viewer, sheet.id, owns=owns)
        if owns:
            self._hub.show_run(sheet.id, sheet.run.run)
            if sheet.run.opening:
                self._hub.show_until_drawn(self._viewer, frames(sheet.run.template or ""))

    async def _edit(self, message: say.Edited) -> None:
        sheet = self._mine()
        async with sheet.lock:
            before, offered = (sheet.document.experiment, sheet.understood), sheet.run.offer is not None
            try:
                saving = await self._desk.save(sheet, base=message.base, label=message.label, raw=message.document)
            except NotSaved:
                raise
            except Refused as refusal:
                # The page is told which edit it was: it cannot be saved at all, and nothing after it could be.
                self._viewer.tell({"type": "error", "text": str(refusal), "seq": message.seq})
                return
            revision = sheet.revision
            changed = {"type": "changed", "revision": revision, "document": sheet.raw, "label": message.label}
            self._viewer.tell({"type": "saved", "seq": message.seq, "revision": saving.revision})
            if saving.merged:
                self._viewer.tell({**changed, "conflicts": []})
            self._hub.tell(sheet.id, [{**changed, "conflicts": saving.conflicts}], but=self._viewer)
            self._hub.tell(sheet.id, [sheet.understood.message(revision)])
        await self._find_run(sheet)
        if message.label == self._plays_after:
            self._plays_after = None
            await self._play(sheet, "play", admitted=True)
        elif look_again(sheet, self._desk.machine, before) or offered:
            self._hub.tell(sheet.id, [sheet.run.message()], owners=True)

    async def _copy(self, message: say.Copy) -> None:
        if self._sheet is None:
            raise Refused(NOTHING_OPEN)
        self._viewer.tell({"type": "redirect", "project": await self._desk.copy(self._viewer.owner, self._sheet)})

    async def _new(self, message: say.New) -> None:
        self._viewer.tell({"type": "redirect", "project": await self._desk.create(self._viewer.owner, message.kind)})

    async def _link(self, message: say.WantLink) -> None:
        if self._sheet is None:
            raise Refused(NOTHING_OPEN)
        try:
            text, problem = await asyncio.to_thread(write_link, self._sheet.document), None
        except Refused as refusal:
            text, problem = None, str(refusal)
        self._viewer.tell({"type": "link", "text": text, "problem": problem})

    async def _inside(self, message: say.WantInside) -> None:
        if self._sheet is None:
            raise Refused(NOTHING_OPEN)
        found = self._sheet.understood.inside(message.path)
        drawing = found.network.model_dump(mode="json") if found is not None else None
        answer = {"path": message.path, "revision": self._sheet.revision, "network": drawing}
        self._viewer.tell({"type": "inside", **answer, "alike": found is None or found.alike})

    async def _keep_block(self, message: say.WantBlock) -> None:
        await self._shelf.keep(self._viewer.owner, message.title, message.layer)
        await self._show_blocks()

    async def _drop_block(self, message: say.DropBlock) -> None:
        await self._shelf.drop(self._viewer.owner, message.block)
        await self._show_blocks()

    async def _show_blocks(self) -> None:
        """To every page of this owner."""
        self._hub.announce(await self._shelf.message(self._viewer.owner), owner=self._viewer.owner)

    async def _file(self, message: say.Brought) -> None:
        document = await asyncio.to_thread(read_project, message.document)
        project = await self._desk.take_in(self._viewer.owner, document, label="Opened from a file")
        self._viewer.tell({"type": "redirect", "project": project})

    async def _projects(self, message: say.Projects) -> None:
        self._viewer.tell({"type": "projects", "projects": await self._desk.projects(self._viewer.owner)})

    async def _delete_project(self, message: say.DeleteProject) -> None:
        await self._desk.delete(self._viewer.owner, message.project)
        self._hub.show_run(message.project, None)
        left = await self._desk.projects(self._viewer.owner)
        self._viewer.tell({"type": "projects", "projects": left})
        if self._sheet is not None and self._sheet.id == message.project:
            self._sheet = None
            newest = left[0]["id"] if left else await self._desk.create(self._viewer.owner, OPENING)
            self._viewer.tell({"type": "redirect", "project": newest})

    async def _lesson(self, message: say.WantLesson) -> None:
        wanted = await asyncio.to_thread(lesson, message.name)
        project = await self._desk.create(self._viewer.owner, wanted.start) if message.begin else None
        self._viewer.tell({"type": "lesson", "lesson": wanted.dump(), "project": project})

    async def _keep_version(self, message: say.KeepVersion) -> None:
        sheet = self._mine()
        async with sheet.lock:
            await self._desk.save(sheet, base=sheet.revision, label=named(message.title), raw=sheet.raw)
            changed = {"type": "changed", "revision": sheet.revision, "document": sheet.raw, "label": message.title}
            self._hub.tell(sheet.id, [{**changed, "conflicts": []}])
        await self._versions(message)

    async def _versions(self, message: say.Message) -> None:
        self._viewer.tell({"type": "versions", "versions": await self._desk.versions(self._mine())})

    async def _version(self, message: say.WantVersion) -> None:
        label, document = await self._desk.version(self._mine(), message.revision)
        self._viewer.tell({"type": "propose", "label": f"Back to {label}", "document": document})

    async def _template(self, message: say.WantTemplate) -> None:
        sheet = self._mine()
        proposal = propose_template(message.kind)
        sheet.run.template = message.kind
        self._viewer.tell(proposal.message())

    async def _dataset(self, message: say.WantDataset) -> None:
        self._viewer.tell(propose_dataset(message.kind, self._mine().document).message())

    # ---- runs ---------------------------------------------------------------------------------------------------

    async def _command(self, message: say.Commanded) -> None:
        sheet = self._mine()
        run = sheet.run
        self._plays_after = None
        if message.name in ("play", "step", "epoch"):
            await self._play(sheet, message.name, message.how)
        elif message.name == "pause":
            run.pause()
        elif message.name == "rewind":
            run.rewind(sheet.revision)
        elif message.name == "speed":
            if message.value is not None and message.value <= 0:
                raise Refused("The speed is a number of updates a second, more than 0.")
            run.speed(message.value)
            self._hub.tell(sheet.id, [run.message()], owners=True)
        else:
            run.expect_start_over()
            self._viewer.tell(propose_start(run.template or "circle").message())

    async def _play(self, sheet: Sheet, name: str, how: str | None = None, *, admitted: bool = False) -> None:
        shown, asked_before = sheet.run.run, sheet.run.offer
        started = await start(
            self._desk,
            sheet,
            how=how,
            steps=1 if name == "step" else None,
            epochs=1 if name == "epoch" else None,
            admitted=admitted,
        )
        if sheet.run.run != shown:
            self._hub.show_run(sheet.id, sheet.run.run)
        if started.small is not None:
            self._plays_after = started.small.proposal.label
            self._viewer.tell(started.small.proposal.message())
            self._viewer.tell({"type": "toast", "level": "note", "text": started.small.says})
        if started.trouble is not None:
            self._viewer.tell({"type": "toast", "level": "warn", "text": started.trouble})
        elif sheet.run.state == "starting" or sheet.run.offer is not None or asked_before is not None:
            self._hub.tell(sheet.id, [sheet.run.message()], owners=True)

    async def _weight(self, message: say.Weight) -> None:
        sheet = self._mine()
        try:
            weight = WriteWeight(path=message.node, name=message.name, index=tuple(message.index), value=message.value)
        except ValueError as error:
            raise Refused(f"This weight cannot be set: {error}") from None
        sheet.run.write(weight, sheet.revision)

    async def _watch(self, message: say.Watching) -> None:
        focus = message.focus.model_dump() if message.focus is not None else None
        self._hub.look(self._viewer, visible=message.visible, focus=focus, sample=message.sample, inside=message.inside)

    async def _cancel(self, message: say.Cancel) -> None:
        self._explaining.cancel(self._viewer, message.task)

    async def _export(self, message: say.WantExport) -> None:
        if self._sheet is None:
            raise Refused(NOTHING_OPEN)
        export(self._explaining, self._viewer, self._sheet, message)

    async def _gallery(self, message: say.WantGallery) -> None:
        self._viewer.tell({"type": "gallery", "cards": await asyncio.to_thread(cards)})

    # ---- what the answers share -----------------------------------------------------------------------------------

    def _mine(self) -> Sheet:
        """The open project, if it is this viewer's own."""
        if self._sheet is None:
            raise Refused(NOTHING_OPEN)
        if self._sheet.owner != self._viewer.owner:
            raise Refused(UNKNOWN)
        return self._sheet

    async def _find_run(self, sheet: Sheet) -> None:
        """A drawing that was wrong when the page opened has no run; now it may have one."""
        if sheet.run.run is None:
            await self._desk.wake(sheet)
            if sheet.run.run is not None:
                self._hub.show_run(sheet.id, sheet.run.run)
                self._hub.tell(sheet.id, [sheet.run.message()], owners=True)

    def _project(self, sheet: Sheet, *, owns: bool) -> dict[str, Any]:
        return {
            "type": "project",
            "id": sheet.id,
            "revision": sheet.revision,
            "readonly": not owns,
            "document": sheet.raw,
            "catalogue": everything(),
            "templates": everything()["templates"],
            "glossary": glossary(),
            "lessons": lessons(),
            "run": sheet.run.message() if owns and sheet.run.run is not None else None,
            "opening": sheet.opening,
        }
