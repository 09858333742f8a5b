"""Beginnings of a job: from nothing, from its last checkpoint, or from shipped weights."""

from __future__ import annotations

import json
import logging
import platform
import re
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from importlib.metadata import version
from pathlib import Path
from typing import Any

import torch

from playground._paths import assets_dir
from playground.core.edits import EDIT, Replace
from playground.core.experiment import Data, Experiment
from playground.settings import cache_folder
from playground.training import checkpoints
from playground.training.checkpoints import Snapshot
from playground.training.devices import NoSuchDevice, find_device
from playground.training.prepared import Prepared, Reading, prepare

log = logging.getLogger(__name__)

_SHIPPED = re.compile(r"[a-z0-9_-]{1,40}(/[a-z0-9_-]{1,40})?")


class Sources:
    """Prepared data of one run, made beside the training. The last two are kept, so that going back costs nothing."""

    def __init__(self, on_read: Callable[[Reading], None], sealed: Callable[[Prepared], None]) -> None:
        self._on_read, self._sealed = on_read, sealed
        self._kept: dict[str, Prepared] = {}
        self._failed: set[str] = set()
        self._making: Future[None] | None = None

    def has(self, data: Data) -> bool:
        """Whether these data are ready, or cannot be."""
        return data.fingerprint() in self._kept.keys() | self._failed

    def are_ready(self, edit: dict[str, Any], readers: ThreadPoolExecutor) -> bool:
        """Whether an edit has the data it needs. If not, they are being made, beside the training."""
        if self._making is not None:
            if not self._making.done():
                return False
            self._making = None
            return True
        try:
            read = EDIT.validate_python(edit)
        except ValueError:
            return True  # carrying it out says what is wrong
        if not isinstance(read, Replace) or self.has(read.experiment.data):
            return True
        self._making = readers.submit(self.try_to_make, read.experiment.data)
        return False

    @property
    def waiting(self) -> bool:
        """Whether data are being made that an edit waits for."""
        return self._making is not None and not self._making.done()

    def try_to_make(self, data: Data) -> None:
        """Make them ready. If that fails, who asks for them is told."""
        try:
            self.make(data)
        except Exception:  # noqa: BLE001  # `make` meets the same again, where somebody listens
            self._failed.add(data.fingerprint())

    def make(self, data: Data) -> Prepared:
        """Load, split and fit, unless that was done. Raises ValueError with one sentence."""
        key = data.fingerprint()
        self._failed.discard(key)
        if key not in self._kept:
            prepared = prepare(data, cache=cache_folder(), on_read=self._on_read)
            self._sealed(prepared)
            self._kept = {**dict(list(self._kept.items())[-1:]), key: prepared}
        return self._kept[key]


def shipped(name: str, experiment: Experiment) -> tuple[Snapshot, list[dict[str, float]]] | None:
    """Weights that came with the program, and the points of the curve of the run they are from. None when they are not
    there or belong to another experiment: then the run begins at the beginning."""
    if not _SHIPPED.fullmatch(name):
        return None
    file = assets_dir() / f"{name}.safetensors"
    try:
        taken = checkpoints.read(file)
    except (OSError, checkpoints.BrokenCheckpoint):
        log.warning("shipped_weights_missing", extra={"weights": name})
        return None
    if taken.experiment.fingerprint() != experiment.fingerprint():
        return None
    return taken, _points(file.with_suffix(".json"))


def _points(file: Path) -> list[dict[str, float]]:
    try:
        found: Any = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return []
    points: list[dict[str, float]] = found["points"] if isinstance(found, dict) else found
    return points


def device_for(wish: str, *, comes_back: bool) -> str:
    """The device asked for; for a run that comes back on another machine, the best there is. Raises NoSuchDevice."""
    try:
        find_device(wish)
    except NoSuchDevice:
        if not comes_back:
            raise
        return "auto"
    return wish


def environment() -> dict[str, str]:
    """What besides the experiment decides the bytes of a run."""
    return {
        "playground": version("playground"),
        "python": platform.python_version(),
        "torch": torch.__version__,
        "numpy": version("numpy"),
        "machine": f"{platform.system()} {platform.machine()}",
        "threads": str(torch.get_num_threads()),
    }
