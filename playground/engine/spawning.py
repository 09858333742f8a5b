"""Processes by spawn: for systems where a fork is not safe, and in tests. One is always warm: libraries loaded,
waiting to be told who it is."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
from pathlib import Path

from playground.engine.logs import open_log
from playground.engine.place import Call, Ended, Role, environment, how_it_ended, python

log = logging.getLogger(__name__)

SPARE_AFTER = 10.0
"""Seconds after which the next process is warmed: not beside the one that somebody waits for."""
MODULES: dict[Role, str] = {"worker": "playground.engine.worker", "task": "playground.engine.tasks"}


class Spawning:
    """A place that starts every process anew. `warm`: the role of the process kept ready, if any."""

    def __init__(self, home: Path, *, ended: Ended, warm: Role | None = None) -> None:
        self.ended = ended
        self._home = home
        self._role = warm
        self._warm: asyncio.subprocess.Process | None = None
        self._running: dict[str, asyncio.subprocess.Process] = {}
        self._waits: set[asyncio.Task[None]] = set()
        self._spares: set[asyncio.Task[None]] = set()
        self._closing = False

    async def start(self) -> None:
        """Warm the first process."""
        if self._role is not None and self._warm is None and not self._closing:
            self._warm = await self._spawn(self._role)

    async def launch(self, call: Call) -> None:
        """Tell the warm process who it is, or start one."""
        if self._warm is not None and self._role == call.role and self._warm.returncode is None:
            process, self._warm = self._warm, None
        else:
            process = await self._spawn(call.role)
        self._running[call.id] = process
        assert process.stdin is not None
        # By its pipe, not by its command line, which every user of the machine can read.
        process.stdin.write(json.dumps(call.dump()).encode() + b"\n")
        wait = asyncio.create_task(self._wait(call.id, process))
        self._waits.add(wait)
        wait.add_done_callback(self._waits.discard)
        asyncio.get_running_loop().call_later(SPARE_AFTER, self._spare)

    def _spare(self) -> None:
        spare = asyncio.ensure_future(self.start())
        self._spares.add(spare)
        spare.add_done_callback(self._spares.discard)

    async def rest(self, after: float) -> None:
        """Nothing is kept but the one warm process, which somebody always needs next."""

    def kill(self, id: str) -> None:
        """End a process."""
        process = self._running.get(id)
        if process is not None and process.returncode is None:
            process.kill()

    async def close(self) -> None:
        """End the warm process and wait for the others, which end with their connection to the host."""
        self._closing = True
        await asyncio.gather(*self._spares)  # one that is being warmed is known only then
        processes = [*self._running.values(), *([self._warm] if self._warm is not None else [])]
        for process in processes:
            if process.stdin is not None:
                process.stdin.close()
        for process in processes:
            try:
                await asyncio.wait_for(process.wait(), 2)
            except TimeoutError:
                with contextlib.suppress(ProcessLookupError):  # it was quicker
                    process.kill()
                await process.wait()
        await asyncio.gather(*self._waits)

    async def _spawn(self, role: Role) -> asyncio.subprocess.Process:
        errors = open_log(self._home)
        process = await asyncio.create_subprocess_exec(
            *python("playground.engine.spawned", MODULES[role]),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=errors if errors is not None else asyncio.subprocess.DEVNULL,
            env=environment(),
        )
        if errors is not None:
            errors.close()
        log.info("spawned", extra={"role": role, "pid": process.pid})
        return process

    async def _wait(self, id: str, process: asyncio.subprocess.Process) -> None:
        status = await process.wait()
        self._running.pop(id, None)
        self.ended(id, how_it_ended(status))
