"""Our socket as the workbench uses it: says what a person does and notes when the answer came."""

from __future__ import annotations

import asyncio
import copy
import json
import time
from collections import Counter, deque
from collections.abc import Callable
from typing import Any, NamedTuple

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

WAIT = 60.0
"""Seconds after which something counts as never happening."""
STATES = ("running", "finished")


class Picture(NamedTuple):
    """One frame, as far as it is kept: when it came, and what its header says."""

    at: float
    step: int
    made: float | None
    """When its maker sent it, on this machine's clock, if it says so."""


class Bench:
    """One open project of one page."""

    def __init__(self, host: str, token: str, cookies: str, *, name: str, troubles: deque[str]) -> None:
        self._where = f"ws://{host}/pgapi/ws"
        self._origin = f"http://{host}"
        self._token, self._cookies, self._name = token, cookies, name
        self.troubles = troubles
        self.project: dict[str, Any] = {}
        self.document: dict[str, Any] = {}
        self.revision = 0
        self.run: dict[str, Any] = {}
        self.pictures: list[Picture] = []
        self.points: dict[int, dict[str, Any]] = {}
        """Newest point of the curve at each step."""
        self.heard: Counter[str] = Counter()
        self.bytes = 0
        self._last: dict[str, dict[str, Any]] = {}
        self._sequence = 0
        self._grew = asyncio.Condition()
        self._closing = False
        self._link: ClientConnection
        self._hearing: asyncio.Task[None]

    async def open(self, project: str) -> None:
        """Connect and wait for the project with its first check."""
        self._link = await connect(
            self._where,
            subprotocols=["pg.v1", self._token],  # type: ignore[list-item]
            additional_headers={"Cookie": self._cookies},
            origin=self._origin,  # type: ignore[arg-type]
            open_timeout=WAIT,
            compression=None,
            max_size=None,
            proxy=None,
        )
        self._hearing = asyncio.create_task(self._hear())
        await self.say("open", project=project)
        await self.until(lambda: bool(self.project) and self.heard["checked"] > 0, "the project")
        await self.say("watch", visible=True, focus=None, sample=None)

    async def say(self, type: str, **fields: Any) -> None:
        """One message, as the page sends it."""
        await self._link.send(json.dumps({"type": type, **fields}))

    async def until(self, holds: Callable[[], bool], what: str, *, seconds: float = WAIT) -> float:
        """Wait for something; when it was so. Whatever never happens is a trouble."""
        async with self._grew:
            try:
                await asyncio.wait_for(self._grew.wait_for(holds), seconds)
            except TimeoutError:
                self.troubles.append(f"{self._name} waited {seconds:g} s in vain for {what}.")
                raise
        return time.monotonic()

    async def close(self) -> None:
        """Leave the page."""
        self._closing = True
        await self._link.close()
        await asyncio.gather(self._hearing, return_exceptions=True)

    async def _hear(self) -> None:
        try:
            async for received in self._link:
                self.bytes += len(received)
                if isinstance(received, bytes):
                    self._see(received)
                else:
                    self._take(json.loads(received))
                async with self._grew:
                    self._grew.notify_all()
        except ConnectionClosed:
            pass
        if not self._closing:
            self.troubles.append(f"{self._name}'s socket was closed with {self._link.close_code}.")

    def _see(self, frame: bytes) -> None:
        length = int.from_bytes(frame[:4], "little")
        header = json.loads(frame[4 : 4 + length])
        if header["type"] == "frame":
            self.pictures.append(Picture(time.monotonic(), int(header["step"]), header.get("made")))

    def _take(self, message: dict[str, Any]) -> None:
        kind = message["type"]
        self.heard[kind] += 1
        self._last[kind] = message
        match kind:
            case "project":
                self.project = message
                self.document, self.revision = message["document"], message["revision"]
                self.run = message["run"] or {}
            case "run":
                self.run = message
                if message["state"] == "failed":
                    self.troubles.append(f"{self._name}'s run failed: {message['message']}")
            case "metrics":
                if message["reset"]:
                    self.points = {}
                for point in message["points"]:
                    self.points[point["step"]] = {**self.points.get(point["step"], {}), **point}
            case "saved":
                self.revision = max(self.revision, message["revision"])
            case "changed":
                self.document, self.revision = message["document"], message["revision"]
            case "error":
                self.troubles.append(f"{self._name} was told: {message['text']}")
            case "toast" if message["level"] != "note":
                self.troubles.append(f"{self._name} saw: {message['text']}")

    # ---- what a person does ---------------------------------------------------------------------------------------

    async def train(self) -> float:
        """Press Train; seconds until the first picture of a step that this press made."""
        shown = {picture.step for picture in self.pictures} | {int(self.run.get("step") or 0)}
        seen = len(self.pictures)
        began = time.monotonic()
        await self.say("command", name="play", value=None)
        await self.until(lambda: self._moved(seen, shown) is not None, "a picture after Train")
        moved = self._moved(seen, shown)
        assert moved is not None
        return moved.at - began

    def _moved(self, seen: int, shown: set[int]) -> Picture | None:
        fresh = (picture for picture in self.pictures[seen:] if picture.step > 0 and picture.step not in shown)
        return next(fresh, None)

    async def finishes(self, by: float) -> bool:
        """Wait until the run has nothing more to do, until this time at most. Whether it has."""
        async with self._grew:
            wait = self._grew.wait_for(lambda: self.run.get("state") == "finished")
            try:
                await asyncio.wait_for(wait, max(0.0, by - time.monotonic()))
            except TimeoutError:
                return False
        return True

    def shows_its_run(self) -> bool:
        """Whether a worker has it and has drawn it."""
        return self.heard["run"] > 0 and bool(self.pictures)

    async def pause(self) -> None:
        """Press Pause and wait until it stands."""
        await self.say("command", name="pause", value=None)
        await self.until(lambda: self.run["state"] not in ("running", "starting", "queued"), "a pause")

    async def epoch(self) -> None:
        """One epoch, to its end."""
        before = int(self.run["step"]) if self.run["state"] != "idle" else 0
        await self.say("command", name="epoch", value=None)
        await self.until(lambda: self.run["state"] == "paused" and before < self.run["step"], "the end of an epoch")

    async def edit(self, label: str, change: Callable[[dict[str, Any]], None]) -> tuple[float, float]:
        """Change the document; seconds until it was on disk, and until it was checked."""
        document = copy.deepcopy(self.document)
        change(document)
        self._sequence += 1
        sequence, base = self._sequence, self.revision
        began = time.monotonic()
        await self.say("edit", seq=sequence, base=base, label=label, document=document)
        saved = await self.until(lambda: self._last.get("saved", {}).get("seq") == sequence, "an edit to be saved")
        revision = self._last["saved"]["revision"]
        checked = await self.until(lambda: self._last["checked"]["revision"] >= revision, "an edit to be checked")
        self.document = document
        return saved - began, checked - began

    async def ask(self, type: str, **fields: Any) -> dict[str, Any]:
        """Something that has an answer of the same name."""
        before = self.heard[type]
        await self.say(type, **fields)
        await self.until(lambda: self.heard[type] > before, f"an answer to {type}")
        return self._last[type]

    def rate(self, begin: float, end: float) -> float:
        """Frames a second that came between two times."""
        return sum(begin <= picture.at < end for picture in self.pictures) / (end - begin)
