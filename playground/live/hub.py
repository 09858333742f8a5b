"""Who looks at what: one mailbox a viewer, and one wish to the engine a run.

A mailbox holds every message that must arrive and of the pictures only the newest: a slow viewer gets fewer of them,
and nothing ever queues up behind him.
"""

from __future__ import annotations

import asyncio
import json
import logging
import math
import threading
from collections import defaultdict, deque
from collections.abc import Callable, Iterable
from typing import Any

from playground.engine import messages as engine

FRAMES_PER_SECOND = 30.0
FRAME_BYTES = 8 * 2**20
"""Largest frame that is passed on."""
BACKLOG, BACKLOG_BYTES = 1_000, 32 * 2**20
"""What may wait for one viewer. Who is slower than that is cut off and, coming back, gets the present state."""
POINT_BYTES = 200
"""Of one point of a curve, about."""
POINTS_KEPT = 20_000
log = logging.getLogger(__name__)


class Viewer:
    """One open page. `take` waits for what is next in its mailbox."""

    def __init__(self, owner: str) -> None:
        self.owner = owner
        self.project: str | None = None
        self.owns = False
        """Whether the project is the viewer's own; others see no run."""
        self.visible = True
        self.focus: dict[str, Any] | None = None
        self.sample: int | None = None
        self.inside: str | None = None
        """Path of the block that is open."""
        self.overrun = False
        self._messages: list[dict[str, Any] | str] = []
        self._waiting = 0
        """Bytes of messages, about."""
        self._frames: dict[str, bytes] = {}
        self._wake = asyncio.Event()

    def tell(self, message: dict[str, Any]) -> None:
        """Put a message in; curve points that wait are put together."""
        if self.overrun:
            return
        last = self._messages[-1] if self._messages else None
        if message["type"] != "metrics":
            text = _json(message)
            self._messages.append(text)
            self._waiting += len(text)
        elif (
            not message["reset"]
            and isinstance(last, dict)
            and last["run"] == message["run"]
            and len(last["points"]) < POINTS_KEPT
        ):
            self._messages[-1] = {**last, "points": [*last["points"], *message["points"]]}
        else:
            self._messages.append(message)
        if message["type"] == "metrics":
            self._waiting += POINT_BYTES * len(message["points"])
        self._weigh()

    def show(self, kind: str, frame: bytes) -> None:
        """Put a frame in; of each kind only the newest is kept."""
        if not self.overrun:
            self._frames[kind] = frame
            self._weigh()

    def _weigh(self) -> None:
        waiting = self._waiting + sum(map(len, self._frames.values()))
        self.overrun = len(self._messages) > BACKLOG or waiting > BACKLOG_BYTES
        self._wake.set()

    def forget_frames(self) -> None:
        """What waits belongs to another run."""
        self._frames.clear()

    async def take(self) -> tuple[list[str], list[bytes]]:
        """Everything that waits, messages first. Waits until there is something."""
        await self._wake.wait()
        self._wake.clear()
        messages, self._messages, self._waiting = self._messages, [], 0
        frames, self._frames = self._frames, {}
        # The data of a run come before pictures of it.
        ordered = [frames[kind] for kind in sorted(frames)]
        return [message if isinstance(message, str) else _json(message) for message in messages], ordered


class Hub:
    """All viewers of this server. Used in the event loop; only `hear` may be called from anywhere."""

    def __init__(self, send: Callable[[Any], None], on_event: Callable[[Any], None]) -> None:
        self._send = send
        self._on_event = on_event
        self._viewers: dict[str, set[Viewer]] = defaultdict(set)
        self._unheard: deque[dict[str, Any]] = deque(maxlen=3)
        self._projects: dict[str, str] = {}
        self._runs: dict[str, str] = {}
        self._last: dict[str, dict[str, bytes]] = {}
        self._wishes: dict[str, engine.Watch] = {}
        self._loop = asyncio.get_running_loop()
        self._lock = threading.Lock()
        self._fresh: dict[tuple[str, str], bytes] = {}

    # ---- viewers ------------------------------------------------------------------------------------------------

    def join(self, viewer: Viewer, project: str, *, owns: bool) -> None:
        """The viewer looks at this project now."""
        self.leave(viewer)
        viewer.project, viewer.owns = project, owns
        self._viewers[project].add(viewer)
        while self._unheard:
            viewer.tell(self._unheard.popleft())
        self._show_last(viewer)
        self._wish(project)

    def leave(self, viewer: Viewer) -> None:
        """The viewer is gone, or looks elsewhere."""
        project, viewer.project = viewer.project, None
        viewer.forget_frames()
        if project is None:
            return
        self._viewers[project].discard(viewer)
        if not self._viewers[project]:
            del self._viewers[project]
        self._wish(project)

    def look(
        self,
        viewer: Viewer,
        *,
        visible: bool,
        focus: dict[str, Any] | None,
        sample: int | None,
        inside: str | None = None,
    ) -> None:
        """What of its project this viewer looks at."""
        came_back = visible and not viewer.visible
        viewer.visible, viewer.focus, viewer.sample, viewer.inside = visible, focus, sample, inside
        if viewer.project is None:
            return
        if came_back:
            self._show_last(viewer)
        self._wish(viewer.project)

    def show_until_drawn(self, viewer: Viewer, frames: Iterable[bytes]) -> None:
        """Stored frames for a viewer whose run has not drawn any yet."""
        if self._runs.get(viewer.project or "") not in self._last:
            for frame in frames:
                viewer.show(kind_of(frame), frame)

    def is_watched(self, project: str) -> bool:
        """Whether anyone has this project open."""
        return project in self._viewers

    def tell(
        self, project: str, messages: Iterable[dict[str, Any]], *, owners: bool = False, but: Viewer | None = None
    ) -> None:
        """Messages for all who look at a project, or only for its owner."""
        viewers = [v for v in self._viewers.get(project, ()) if v is not but and (v.owns or not owners)]
        for message in messages:
            for viewer in viewers:
                viewer.tell(message)

    def announce(self, message: dict[str, Any], *, owner: str | None) -> None:
        """A message for every page of an owner, or of everyone. While nobody looks it waits for the first who does."""
        if owner is None and not self._viewers:
            self._unheard.append(message)
        for viewers in self._viewers.values():
            for viewer in viewers:
                if owner is None or viewer.owner == owner:
                    viewer.tell(message)

    @property
    def viewers(self) -> int:
        """How many pages are open."""
        return sum(len(viewers) for viewers in self._viewers.values())

    # ---- runs ---------------------------------------------------------------------------------------------------

    def show_run(self, project: str, run: str | None) -> None:
        """The project shows this run from now on."""
        before = self._runs.get(project)
        if before == run:
            return
        if before is not None:
            del self._runs[project]
            self._projects.pop(before, None)
            self._last.pop(before, None)
            self._unwatch(before)
        if run is not None:
            self._runs[project], self._projects[run] = run, project
        for viewer in self._viewers.get(project, ()):
            viewer.forget_frames()
        self._wish(project)

    def hear(self, event: Any, payload: bytes = b"") -> None:
        """An event of the engine, from any thread. Of frames that come faster than they are passed on, one is kept."""
        if event.type != "frame":
            self._loop.call_soon_threadsafe(self._on_event, event)
            return
        if len(payload) > FRAME_BYTES:
            log.warning("frame_too_large", extra={"bytes": len(payload)})
            return
        with self._lock:
            waiting = bool(self._fresh)
            self._fresh[event.run, kind_of(payload)] = payload
        if not waiting:
            self._loop.call_soon_threadsafe(self._pass_on)

    def _pass_on(self) -> None:
        with self._lock:
            fresh, self._fresh = self._fresh, {}
        for (run, kind), frame in fresh.items():
            project = self._projects.get(run)
            if project is None:
                continue
            self._last.setdefault(run, {})[kind] = frame
            for viewer in self._viewers.get(project, ()):
                if viewer.owns and viewer.visible:
                    viewer.show(kind, frame)

    def _show_last(self, viewer: Viewer) -> None:
        run = self._runs.get(viewer.project or "")
        if viewer.owns and run is not None:
            for kind, frame in self._last.get(run, {}).items():
                viewer.show(kind, frame)

    def _wish(self, project: str) -> None:
        """Ask the engine for what the visible viewers of a run look at, all together; for nothing if there are none."""
        run = self._runs.get(project)
        if run is None:
            return
        looking = [v for v in self._viewers.get(project, ()) if v.owns and v.visible]
        if not looking:
            self._unwatch(run)
            return
        focus = list({(v.focus["node"], v.focus["unit"]): v.focus for v in looking if v.focus is not None}.values())
        sample = next((v.sample for v in looking if v.sample is not None), None)
        wish = engine.Watch(
            run=run,
            frames_per_second=FRAMES_PER_SECOND,
            focus=sorted(focus, key=lambda one: (one["node"], one["unit"])),
            sample=sample,
            inside=sorted({v.inside for v in looking if v.inside is not None}),
        )
        if self._wishes.get(run) != wish:
            self._wishes[run] = wish
            self._send(wish)

    def _unwatch(self, run: str) -> None:
        if self._wishes.pop(run, None) is not None:
            self._send(engine.Unwatch(run=run))


def _json(message: dict[str, Any]) -> str:
    try:
        return json.dumps(message, ensure_ascii=False, allow_nan=False)
    except ValueError:
        return json.dumps(_without_nan(message), ensure_ascii=False, allow_nan=False)


def _without_nan(value: Any) -> Any:
    """JSON has no word for a loss that is no longer a number: null."""
    if isinstance(value, dict):
        return {key: _without_nan(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_without_nan(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def kind_of(frame: bytes) -> str:
    """`data` or `frame`, as the header says. The beginning is looked at first: a header can hold many nodes."""
    if b'"type": "frame"' in frame[:80] or b'"type":"frame"' in frame[:80]:
        return "frame"
    if b'"type": "data"' in frame[:80] or b'"type":"data"' in frame[:80]:
        return "data"
    length = int.from_bytes(frame[:4], "little")
    try:
        return "data" if json.loads(frame[4 : 4 + length])["type"] == "data" else "frame"
    except (ValueError, KeyError, TypeError):
        return "frame"
