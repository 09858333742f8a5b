"""Processes by fork: a cold server process holds the libraries, children cost next to nothing."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import time
from pathlib import Path
from typing import Any

from playground.engine.logs import open_log
from playground.engine.place import Call, Ended, Place, environment, how_it_ended, python

log = logging.getLogger(__name__)

MOST_STILLBORN = 2
"""Times in a row that a server may die before it is ready; then it is done without."""


class Forking:
    """A place that forks. When it cannot, `instead` takes over."""

    def __init__(self, home: Path, preload: tuple[str, ...], *, ended: Ended, instead: Place) -> None:
        self.ended = ended
        self._home = home
        self._preload = preload
        self._instead = instead
        self._process: asyncio.subprocess.Process | None = None
        self._ready = asyncio.Event()
        self._asked: set[str] = set()
        self._alive: set[str] = set()
        self._lock = asyncio.Lock()
        self._closing = self._unsafe = False
        self._stillborn = 0
        """How often in a row it died before it was ready."""
        self._resting: asyncio.subprocess.Process | None = None
        """The server that ends because nobody needs it now."""
        self._used = time.monotonic()
        self._readers: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Begin to load the libraries."""
        async with self._lock:
            if self._process is not None or self._closing or self._unsafe:
                return
            self._ready.clear()
            self._used = time.monotonic()
            errors = open_log(self._home)
            self._process = await asyncio.create_subprocess_exec(
                *python("playground.engine.forkserver", *self._preload),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=errors if errors is not None else asyncio.subprocess.DEVNULL,
                env=environment(),
            )
            if errors is not None:
                errors.close()
            log.info("fork_server", extra={"pid": self._process.pid})
            reader = asyncio.create_task(self._listen(self._process))
            self._readers.add(reader)
            reader.add_done_callback(self._readers.discard)

    async def launch(self, call: Call) -> None:
        """Fork a process, once the libraries are loaded."""
        while not self._ready.is_set() or self._process is None or self._unsafe:
            if self._unsafe:
                await self._instead.launch(call)
                return
            await self.start()
            await self._ready.wait()
            if self._closing:
                return
        self._used = time.monotonic()
        self._asked.add(call.id)
        self._tell({"fork": call.dump()}, call.id)

    def kill(self, id: str) -> None:
        """End a child; the server does it, for it knows which process ids are still its own."""
        self._instead.kill(id)
        if id in self._alive | self._asked:
            self._tell({"kill": id})

    async def rest(self, after: float) -> None:
        """End the server when it has had no child for so long: its libraries hold memory that others can use."""
        if self._asked or self._alive:
            self._used = time.monotonic()
        async with self._lock:
            process = self._process
            if process is None or process.stdin is None or not self._ready.is_set() or self._closing:
                return
            if time.monotonic() - self._used < after or self._asked:
                return
            log.info("fork_server_rests", extra={"pid": process.pid})
            self._resting, self._process = process, None
            self._ready.clear()
            process.stdin.close()

    async def close(self) -> None:
        """Let the server end, and its children with it."""
        self._closing, was_ready = True, self._ready.is_set()
        self._ready.set()
        await self._instead.close()
        async with self._lock:  # one that is being started is ours to end, too
            process = self._process or self._resting
        if process is None or process.stdin is None:
            return
        process.stdin.close()
        try:
            # While it loads libraries it does not read; it has no children then, and nothing to put in order.
            await asyncio.wait_for(process.wait(), 3 if was_ready else 0)
        except TimeoutError:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()
        await asyncio.gather(*self._readers)

    def _tell(self, command: dict[str, Any], id: str | None = None) -> None:
        if self._process is None or self._process.stdin is None or self._process.stdin.is_closing():
            if id is not None:
                self._gone(id, "the fork server is gone")
            return
        self._process.stdin.write(json.dumps(command).encode() + b"\n")

    async def _listen(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdout is not None
        while line := await process.stdout.readline():
            answer = json.loads(line)
            if answer.get("ready"):
                log.info("fork_server_ready", extra={"threads": answer["threads"]})
                self._stillborn = 0
                self._ready.set()
            elif "refused" in answer:
                # Told to whoever asked as a death: it asks again, and then `instead` answers.
                self._unsafe = True
                self._gone(answer["refused"], "forking is not safe here")
            elif "forked" in answer:
                self._asked.discard(answer["forked"])
                self._alive.add(answer["forked"])
            elif "ended" in answer:
                self._gone(answer["ended"], how_it_ended(answer["status"]))
        status = await process.wait()
        if process is self._resting:
            self._resting = None
            return
        self._process = None
        if self._closing:
            return
        log.error("fork_server_died", extra={"how": how_it_ended(status)})
        if not self._ready.is_set():
            self._stillborn += 1
            self._unsafe = self._stillborn >= MOST_STILLBORN
            if self._unsafe:
                self._ready.set()
        # Its children live on; their own connection to the host tells when they end. Those asked for are lost.
        self._alive.clear()
        for id in list(self._asked):
            self._gone(id, "the fork server died")
        await self.start()

    def _gone(self, id: str, how: str) -> None:
        if id in self._alive | self._asked:
            self._alive.discard(id)
            self._asked.discard(id)
            self.ended(id, how)
