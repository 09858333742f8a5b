"""The first picture a visitor sees: a real run, trained before, shipped with its weights, its curve and its last frames.

The frames are shown while the worker comes up, so that nobody waits for the first meaningful picture. They are made
anew by `python -m playground.studio.opening`, whenever the template or what a frame holds has changed; a test says so.
"""

from __future__ import annotations

import functools
import json
import shutil
import struct
import sys
import tempfile
import threading
from pathlib import Path
from typing import Any

from playground._paths import assets_dir
from playground.core.experiment import Experiment
from playground.engine import messages as engine
from playground.engine.local import connect
from playground.runs.store import Store
from playground.studio.documents import find_template

KINDS = ("circle",)
"""Templates that open with a trained network."""
MOST_POINTS = 120
PATIENCE = 120.0
OWNER = "local"


def folder() -> Path:
    """Where shipped weights lie."""
    return assets_dir() / "opening"


def weights_for(template: str | None, experiment: Experiment) -> str | None:
    """Name of the weights that a project opens with: those of a real run of exactly this experiment, if we have them."""
    if template not in KINDS or not (folder() / f"{template}.safetensors").is_file():
        return None
    return f"opening/{template}" if _fingerprint(template) == experiment.fingerprint() else None


@functools.cache
def _fingerprint(template: str) -> str:
    return find_template(template).experiment().fingerprint()


@functools.cache
def frames(template: str) -> tuple[bytes, ...]:
    """The last frames of the shipped run: its data, then its picture. Empty when they are not there."""
    if template not in KINDS:  # the name becomes a file's
        return ()
    try:
        content = (folder() / f"{template}.frames").read_bytes()
    except OSError:
        return ()
    found = []
    while content:
        (length,) = struct.unpack_from("<I", content)
        found.append(content[4 : 4 + length])
        content = content[4 + length :]
    return tuple(found)


@functools.cache
def points(template: str) -> list[dict[str, float]]:
    """The curve of the shipped run."""
    if template not in KINDS:
        return []
    try:
        read: list[dict[str, float]] = json.loads((folder() / f"{template}.json").read_text("utf-8"))["points"]
    except (OSError, ValueError, KeyError):
        return []
    return read


def make(kind: str) -> None:
    """Train the template from its seed, as anyone's run, and keep what the first page shows of it."""
    with tempfile.TemporaryDirectory() as home:
        curve, last = _train(kind, Path(home))
        folder().mkdir(parents=True, exist_ok=True)
        shutil.copyfile(Store(Path(home)).weights(OWNER, kind, "final"), folder() / f"{kind}.safetensors")
    thin = curve[:: max(1, len(curve) // MOST_POINTS)] + curve[-1:]
    (folder() / f"{kind}.json").write_text(json.dumps({"points": thin}) + "\n", "utf-8")
    content = b"".join(struct.pack("<I", len(frame)) + frame for frame in (last["data"], last["frame"]))
    (folder() / f"{kind}.frames").write_bytes(content)


def _train(kind: str, home: Path) -> tuple[list[dict[str, float]], dict[str, bytes]]:
    curve: list[dict[str, float]] = []
    last: dict[str, bytes] = {}
    done = threading.Event()
    steps = drawn = -1

    def hear(event: Any, payload: bytes) -> None:
        nonlocal steps, drawn
        if event.type == "metrics":
            curve.extend(event.points)
        elif event.type == "checkpoint_written" and event.purpose == "final":
            steps = event.step
        elif event.type == "frame":
            last["data" if b'"type":"data"' in payload[:60] else "frame"] = payload
            drawn = event.step
        if steps == drawn >= 0:
            done.set()

    client = connect(home)
    client.subscribe(hear)
    experiment = find_template(kind).experiment().model_dump(mode="json")
    try:
        client.request(engine.StartRun(run=kind, owner=OWNER, experiment=experiment), timeout=PATIENCE)
        client.send(engine.Watch(run=kind))
        client.send(engine.Play(run=kind, owner=OWNER))
        if not done.wait(PATIENCE):
            raise TimeoutError(f"The run of {kind} did not finish within {PATIENCE:g} seconds.")
    finally:
        client.close()
        client.wait_for_end()
    return curve, last


if __name__ == "__main__":
    for name in sys.argv[1:] or KINDS:
        make(name)
