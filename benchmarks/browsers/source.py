"""An engine that trains nothing: it keeps the history, and shows every watched run the same stored picture, so many
times a second. What is measured with it is the way of the pictures, not their making.

`python -m benchmarks.browsers.source --home FOLDER` before a server with this home is started; it ends with its input.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import secrets
import struct
import sys
import time
from pathlib import Path
from typing import Any

from playground.engine import messages as engine
from playground.engine.orders import Hello, Welcome
from playground.engine.wire import Address, pack, receive, write_address
from playground.runs.recorder import Recorder
from playground.runs.records import NotFound
from playground.studio.opening import frames


class Source:
    """The host's place, as far as a server can tell."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._token = secrets.token_urlsafe(16)
        self._recorder = Recorder(home)
        self._watched: dict[str, float] = {}
        self._step = 0
        self._writer: asyncio.StreamWriter | None = None
        stored = next(frame for frame in frames("circle") if b'"type":"frame"' in frame[:80])
        (length,) = struct.unpack_from("<I", stored)
        self._header, self._arrays = json.loads(stored[4 : 4 + length]), stored[4 + length :]

    async def serve(self) -> None:
        """Until the input ends."""
        path = self._home / "run" / "source.sock"
        path.parent.mkdir(parents=True, exist_ok=True)
        self._recorder.start()
        server = await asyncio.start_unix_server(self._connected, path)
        write_address(self._home, Address(self._token, os.getpid(), path=str(path)))
        print("ready", flush=True)
        drawing = asyncio.create_task(self._draw())
        await asyncio.to_thread(sys.stdin.read)
        drawing.cancel()
        server.close()
        self._recorder.close()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        first = await receive(reader)
        if first is None or Hello.model_validate_json(first[0]).token != self._token:
            writer.close()
            return
        writer.write(pack(Welcome()))
        self._writer = writer
        while (message := await receive(reader)) is not None:
            command = engine.COMMAND.validate_json(message[0])
            answer = await self._answer(command)
            if answer is not None:
                writer.write(pack(answer.model_copy(update={"request": command.request})))
        self._writer = None

    async def _answer(self, command: Any) -> engine.Message | None:
        match command:
            case engine.SaveProject():
                fields = command.model_dump(include={"base", "document", "label", "run"})
                try:
                    saved = await asyncio.wrap_future(
                        self._recorder.save_project(command.project, command.owner, **fields)
                    )
                except NotFound as problem:
                    return engine.Refused(about=command.project, command=command.type, message=str(problem))
                return engine.ProjectSaved(project=command.project, revision=saved.revision)
            case engine.StartRun():
                self._recorder.start_run(
                    command.run,
                    command.owner,
                    project=command.project,
                    template=command.template,
                    experiment=command.experiment,
                    fingerprint="",
                    seed=0,
                )
                return engine.RunChanged(run=command.run, owner=command.owner, state="paused", step=0, epoch=0)
            case engine.Watch():
                self._watched[command.run] = 1 / command.frames_per_second
            case engine.Unwatch():
                self._watched.pop(command.run, None)
            case engine.Ping():
                return engine.Pong(id=command.id, workers=0, jobs=len(self._watched))
        return engine.Done(about="", command=command.type) if command.request is not None else None

    async def _draw(self) -> None:
        """Everyone's picture, one after the other, spread over the time between two of the same."""
        due: dict[str, float] = {}
        while True:
            now = time.monotonic()
            due = {run: max(due.get(run, now), now - every) for run, every in self._watched.items()}
            for run, at in due.items():
                if at <= now and self._writer is not None:
                    due[run] = at + self._watched[run]
                    self._writer.write(pack(engine.Frame(run=run, step=self._step), self._picture(run)))
            if self._writer is not None:
                await self._writer.drain()
            await asyncio.sleep(max(0.001, min(due.values(), default=now + 0.05) - time.monotonic()))

    def _picture(self, run: str) -> bytes:
        self._step += 1
        # `made` is no field of the protocol: pages ignore it, the benchmark reads from it how long the way took.
        header = {**self._header, "run": run, "step": self._step, "made": time.monotonic()}
        text = json.dumps(header, separators=(",", ":")).encode()
        text += b" " * (-len(text) % 4)
        return struct.pack("<I", len(text)) + text + self._arrays


if __name__ == "__main__":
    options = argparse.ArgumentParser()
    options.add_argument("--home", type=Path, required=True)
    asyncio.run(Source(options.parse_args().home).serve())
