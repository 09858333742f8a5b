"""What lives as long as the server: the engine's client, the open projects, the viewers, the tokens."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import Counter
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from typing import Any, TypeVar

from playground.engine.local import Engine, EngineFailed
from playground.engine.rules import HELD
from playground.live import singletons
from playground.live.explaining import Explaining
from playground.live.hub import Hub
from playground.live.pulse import pulse
from playground.live.tokens import Tokens
from playground.studio.catalogues import everything
from playground.studio.desk import Desk, Store
from playground.studio.shelf import Shelf
from playground.studio.starting import look_at_late

T = TypeVar("T")
NAME = "service"
ANSWER_SECONDS = 30.0
WAITING = 40
"""Threads that may wait for the disk at the same moment: a class that saves, or opens its pages, all together."""
END_SECONDS = 15.0
"""How long the engine may take to pause and keep what runs."""
log = logging.getLogger(__name__)


ICONS = ("numpy", "PIL.Image")
"""Streamlit loads them with the first page, for the picture in its tab."""


class NotReady(Exception):
    """The part that trains and writes is not there yet, or no server runs around this page."""


class Service:
    """One a process. Made and ended in the event loop; pages ask it from their threads through `call`."""

    def __init__(self, connect: Callable[[], tuple[Any, Store]], tokens: Tokens) -> None:
        """`connect` starts or finds the engine; it may take seconds and runs beside the loop."""
        self._connect = connect
        self.tokens = tokens
        self._ready = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        self._starting: asyncio.Task[None] | None = None
        self.trouble: str | None = None
        """Why the engine does not start, in one sentence."""
        self._pulse: asyncio.Task[None] | None = None
        self.engine: Any = None
        self.pages: Counter[str] = Counter()
        """Sockets that are open, by owner."""
        self._unsubscribe: Callable[[], Any] | None = None
        self.store: Store
        self.hub: Hub
        self.desk: Desk
        self.explaining: Explaining
        self.shelf: Shelf

    def start(self) -> None:
        """Begin to connect, and become findable."""
        self._loop.set_default_executor(ThreadPoolExecutor(WAITING, thread_name_prefix="waiting"))
        self._starting = asyncio.create_task(self._start())
        singletons.put(NAME, self)

    async def _start(self) -> None:
        await asyncio.to_thread(_load)
        wait = 0.5
        while not self._ready.is_set():
            try:
                engine, store = await asyncio.to_thread(self._connect)
            except Exception as problem:
                self.trouble = str(problem) if isinstance(problem, EngineFailed) else None
                # Whatever keeps the engine from starting: pages say so, and we try again.
                log.exception("engine_not_reached")
                await asyncio.sleep(wait)
                wait = min(wait * 2, 10.0)
                continue
            self.use(engine, store)

    def use(self, engine: Engine, store: Store) -> None:
        """Work with this engine from now on."""
        self.engine, self.store = engine, store
        self.hub = Hub(engine.send, self._take)
        self.desk = Desk(engine, store, is_watched=self.hub.is_watched)
        self.explaining = Explaining(engine, store)
        self.shelf = Shelf(engine, store)
        self._unsubscribe = self.engine.subscribe(self.hub.hear)
        self._pulse = asyncio.create_task(pulse(engine, self._note))
        self._ready.set()

    async def stop(self) -> None:
        """Let go of everything."""
        if singletons.find(NAME) is self:
            singletons.put(NAME, None)
        for task in (self._starting, self._pulse):
            if task is not None:
                task.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await task
        if self._unsubscribe is not None:
            self._unsubscribe()
            self.explaining.close()
        if self.engine is not None:
            await asyncio.to_thread(self.engine.close)
            # A service manager ends whatever is left when we are gone: first everything that runs must be kept.
            await asyncio.to_thread(self.engine.wait_for_end, END_SECONDS)

    @property
    def ready(self) -> bool:
        """Whether projects can be opened."""
        return self._ready.is_set()

    async def wait_ready(self, seconds: float) -> bool:
        """Wait for the engine, so long at most."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._ready.wait(), seconds)
        return self._ready.is_set()

    def call(self, work: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """Do something in the loop for a page's thread, which waits. Raises NotReady, and what the work raises."""

        async def when_ready() -> T:
            for _ in range(int(ANSWER_SECONDS)):
                if await self.wait_ready(1.0):
                    return await work()
                if self.trouble is not None:
                    raise NotReady(self.trouble)
            raise NotReady("The part that trains does not answer yet. Reload in a moment.")

        return asyncio.run_coroutine_threadsafe(when_ready(), self._loop).result(2 * ANSWER_SECONDS)

    def _note(self, pong: Any) -> None:
        """How the engine is. When the operator's hold begins or ends, every page is told."""
        machine = self.desk.machine
        machine.measured = pong.measured or machine.measured
        for sheet in self.desk.sheets:
            if look_at_late(sheet, machine):
                self.hub.tell(sheet.id, [sheet.run.message()], owners=True)
        if pong.held != machine.held:
            machine.held = pong.held
            for sheet in self.desk.sheets:
                self.hub.tell(sheet.id, [] if pong.held else sheet.run.released(), owners=True)
            self.hub.announce({"type": "held", "held": pong.held}, owner=None)

    def _take(self, event: Any) -> None:
        """An event of the engine, in the loop."""
        if event.type == "notice":
            if event.text == HELD:
                return  # every page shows it for as long as it lasts
            self.hub.announce({"type": "toast", "level": event.level, "text": event.text}, owner=event.owner)
            return
        found = self.desk.take(event)
        if found is not None:
            sheet, told = found
            self.hub.tell(sheet.id, told, owners=True)


def _load() -> None:
    """The first visitor should not wait for what every page needs."""
    everything()
    for name in ICONS:
        import_module(name)


def find_service() -> Any:
    """The service of this process, or None where no server runs, as in tests of a page.

    Not typed as `Service`: after a hot reload it is one of an older copy of the class.
    """
    return singletons.find(NAME)
