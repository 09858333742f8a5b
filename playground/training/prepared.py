"""Data as training sees them: split, prepared, each case once a machine, the sealed part shut.

No torch is imported here; `transform` takes tensors where its caller has them.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from playground.core.contracts import Dataset, PreparationStep
from playground.core.experiment import Data
from playground.core.facts import Facts
from playground.training.split import PARTS, PartName, divide
from playground.training.store import Entry, stored

if TYPE_CHECKING:
    Array = np.ndarray[Any, Any]
    Values = Any  # a numpy array or a torch tensor

WORTH_STORING = 2**20
"""Bytes from which a data set is kept on disk; smaller ones are made again faster than they are found."""


class Sealed(ValueError):
    """The sealed part was asked for before it was opened."""


class Cases(NamedTuple):
    """One part. `inputs` [n, *raw shape] as the data set gives them, uint8 for pictures; `targets` [n] int64, or
    [n, k] float32 as the network is to answer them; `indices` [n], the row numbers in the original data."""

    inputs: Array
    targets: Array
    indices: Array


class Reading(NamedTuple):
    """Someone looked at the test part (`times` by now), or opened the sealed part for a run."""

    part: PartName
    times: int
    run: str = ""
    by: str = ""


class Prepared:
    """Prepared data. Made by `prepare`.

    Inputs stay as they were loaded until a batch goes through `transform`; targets come transformed. Every reading of
    the test part is counted and told to `on_read`; the sealed part raises Sealed until `open_sealed`.
    """

    def __init__(
        self,
        data: Data,
        arrays: Entry | Mapping[str, Array],
        *,
        on_read: Callable[[Reading], None] | None = None,
    ) -> None:
        self.data = data
        self.on_read = on_read
        self.test_reads = 0
        self.opened: Reading | None = None
        self._arrays = arrays
        self._targets: dict[PartName, Array] = {}
        self._tensors: dict[tuple[int, str], Mapping[str, Any]] = {}
        self.fitted = self._fit()
        self.facts = self._facts()

    # ---- what is there ----------------------------------------------------------------------------------------------

    def size(self, part: PartName) -> int:
        """How many cases a part has; known of the sealed part too."""
        if isinstance(self._arrays, Entry):
            return self._arrays.length(f"{part}-indices")
        return len(self._arrays[f"{part}-indices"])

    def part(self, part: PartName) -> Cases:
        """Inputs, targets and row numbers of a part. Raises Sealed."""
        return Cases(self.inputs(part), self.targets(part), self.indices(part))

    def inputs(self, part: PartName) -> Array:
        """Raw inputs [n, *raw shape]. Give batches of them to `transform`. Counts a reading of the test part."""
        self._guard(part)
        if part == "test":
            self.count_test_read()
        return self._arrays[f"{part}-inputs"]

    def targets(self, part: PartName) -> Array:
        """What the network is to answer: int64 [n], or float32 [n, k] after the steps on targets. Raises Sealed."""
        self._guard(part)
        if part not in self._targets:
            self._targets[part] = self.transform_targets(self.raw_targets(part))
        return self._targets[part]

    def raw_targets(self, part: PartName) -> Array:
        """Targets in their own unit, as the data set gives them. Raises Sealed."""
        self._guard(part)
        return self._arrays[f"{part}-targets"]

    def indices(self, part: PartName) -> Array:
        """Row numbers in the original data, rising, int64 [n]. Raises Sealed."""
        self._guard(part)
        return self._arrays[f"{part}-indices"]

    # ---- the test part and the sealed part --------------------------------------------------------------------------

    def count_test_read(self) -> None:
        """Count one more look at the test part: for evaluations that keep its arrays and judge by them again."""
        self.test_reads += 1
        if self.on_read is not None:
            self.on_read(Reading("test", self.test_reads))

    def open_sealed(self, run: str, by: str) -> None:
        """Open the sealed part for one named run, on behalf of someone. There is no way back.

        Raises Sealed when it was opened for another run, ValueError without a run and a name.
        """
        if not run.strip() or not by.strip():
            raise ValueError("Opening the sealed part needs the run it is opened for and the name of who opens it.")
        if self.opened is not None and self.opened.run != run:
            raise Sealed(f"The sealed part was opened for run {self.opened.run} by {self.opened.by}, and for no other.")
        if self.opened is None:
            self.opened = Reading("sealed", 1, run, by)
            if self.on_read is not None:
                self.on_read(self.opened)

    def _guard(self, part: PartName) -> None:
        if part not in PARTS:
            raise ValueError(f"There is no part {part!r}; there are {', '.join(PARTS)}.")
        if part == "sealed" and self.opened is None:
            count = self.size("sealed")
            raise Sealed(
                f"The {count:,} sealed cases are shut. Open them for one named run, when all choices are made."
            )

    # ---- preparation ------------------------------------------------------------------------------------------------

    def transform(self, inputs: Values) -> Values:
        """Raw inputs [n, *raw shape] → what the network sees, float32 [n, *facts.input_shape]. numpy or torch."""
        return self._apply(inputs, "inputs")

    def transform_targets(self, targets: Values) -> Values:
        """Targets in their own unit → what the network is to answer. numpy or torch."""
        return self._apply(targets, "targets")

    def untransform_targets(self, values: Values) -> Values:
        """Answers of the network → the target's own unit. Class answers stay as they are. numpy or torch."""
        for number, step in reversed(list(enumerate(self.data.preparation))):
            if step.on == "targets":
                values = step.invert(values, self._fitted_like(number, values))
        return values

    def _apply(self, values: Values, on: str) -> Values:
        for number, step in enumerate(self.data.preparation):
            if step.on == on:
                values = step.apply(values, self._fitted_like(number, values))
        if on == "targets":
            return values
        if isinstance(values, np.ndarray):
            return values if values.dtype.kind == "f" else values.astype(np.float32)
        return values if values.is_floating_point() else values.float()

    def _fitted_like(self, number: int, values: Values) -> Mapping[str, Any]:
        """A step's statistics as arrays for arrays, as tensors on the same device for tensors."""
        if isinstance(values, np.ndarray) or not self.fitted[number]:
            return self.fitted[number]
        key = (number, str(values.device))
        if key not in self._tensors:
            import torch

            self._tensors[key] = {
                name: torch.tensor(array, device=values.device) for name, array in self.fitted[number].items()
            }
        return self._tensors[key]

    def _fit(self) -> list[dict[str, Array]]:
        """Every step's statistics, from the training part alone, each step seeing what the ones before it leave."""
        fitted: list[dict[str, Array]] = []
        steps = self.data.preparation
        seen: dict[str, Array] = {
            "inputs": self._arrays["train-inputs"],
            "targets": self._arrays["train-targets"],
        }
        for number, step in enumerate(steps):
            fitted.append(step.fit(seen[step.on]))
            if any(later.on == step.on and _fits(later) for later in steps[number + 1 :]):
                seen[step.on] = step.apply(seen[step.on], fitted[-1])
        return fitted

    def _facts(self) -> Facts:
        facts = self.data.dataset.facts()
        for step in self.data.preparation:
            facts = step.facts(facts)
        return facts.with_(samples={part: self.size(part) for part in PARTS})


def prepare(data: Data, *, cache: Path | None = None, on_read: Callable[[Reading], None] | None = None) -> Prepared:
    """Load, split and fit. Large data sets are kept below `cache`, mapped by every process of the machine.

    Raises DataMissing (files are not there or broken), ValueError (nothing to learn from).
    """
    facts = data.dataset.facts()
    size = math.prod(facts.input_shape) * sum(facts.samples.values())
    if cache is None or size < WORTH_STORING:
        return Prepared(data, _load(data), on_read=on_read)
    return Prepared(data, stored(cache, _key(data), lambda: _load(data)), on_read=on_read)


def plane_grid(prepared: Prepared, n: int) -> Array:
    """What the network sees at n × n places of the drawn square: float32 [n·n, features], row by row from the top.

    Places are the middles of n × n equal fields, so the picture's edge is the domain's edge.
    """
    grid: Array = prepared.transform(plane_points(prepared.facts.domain, n))
    return grid


def plane_points(domain: tuple[float, float], n: int) -> Array:
    """Raw coordinates of those places: float32 [n·n, 2], first the top row (largest x₂) from left to right."""
    low, high = domain
    middles = low + (np.arange(n, dtype=np.float64) + 0.5) / n * (high - low)
    x1, x2 = np.meshgrid(middles, middles[::-1])
    return np.stack([x1.ravel(), x2.ravel()], axis=1).astype(np.float32)


def _fits(step: PreparationStep) -> bool:
    """Whether a step looks at the training part at all."""
    return type(step).fit is not PreparationStep.fit


def _load(data: Data) -> dict[str, Array]:
    """Every part of the freshly loaded data under the names `train-inputs` and so on."""
    loaded = data.dataset.load()
    arrays = {}
    for part, rows in divide(data.split, loaded.targets, loaded.part).items():
        arrays[f"{part}-inputs"] = loaded.inputs[rows]
        arrays[f"{part}-targets"] = loaded.targets[rows]
        arrays[f"{part}-indices"] = rows
    return arrays


def _key(data: Data) -> str:
    """Name of the entry: what was asked for, and of which original files."""
    text = f"{data.dataset.fingerprint()} {data.split.fingerprint()} {_originals(data.dataset)}"
    return f"{data.dataset.kind}-{hashlib.sha256(text.encode()).hexdigest()[:24]}"


def _originals(dataset: Dataset) -> list[tuple[str, int, int]]:
    """Name, length and time of the original files, for data sets that have `originals`."""
    originals: Callable[[], tuple[Path, ...]] | None = getattr(dataset, "originals", None)
    if originals is None:
        return []
    return [(str(path), path.stat().st_size, path.stat().st_mtime_ns) for path in originals()]
