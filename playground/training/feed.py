"""Cases on the device, and the order in which a run sees them."""

from __future__ import annotations

import math
import warnings
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, Protocol

import torch

from playground.training.build import seed_of

if TYPE_CHECKING:
    from playground.core.facts import Facts

Part = Literal["train", "validation", "test"]
PARTS: tuple[Part, ...] = ("train", "validation", "test")

READY = 8 * 2**20
"""Bytes of float inputs up to which a part is prepared once, for each run anew; larger ones stay where all runs of the
machine share them, and are prepared batch by batch. Thirty runs with three such parts stay below a gigabyte, and none
takes longer to prepare than a few milliseconds."""
BLOCK = 2**22
"""Bytes of inputs that are gathered at once: enough to make the gathering cheap, too little to be felt as a pause."""


class Source(Protocol):
    """What training needs of prepared data; `playground.training.prepared.Prepared` is one."""

    facts: Facts

    def size(self, part: Any) -> int: ...
    def inputs(self, part: Any) -> Any: ...
    def targets(self, part: Any) -> Any: ...
    def transform(self, inputs: Any) -> Any: ...
    def untransform_targets(self, values: Any) -> Any: ...
    def count_test_read(self) -> None: ...


class Batch(NamedTuple):
    """Inputs as the network sees them, and targets: int64 [n] or floating [n, k]."""

    inputs: torch.Tensor
    targets: torch.Tensor


class Block(NamedTuple):
    """Consecutive batches of `size` cases as they lie in memory, one behind the other. The last may be smaller."""

    inputs: torch.Tensor
    targets: torch.Tensor
    size: int

    @property
    def steps(self) -> int:
        """How many batches."""
        return -(-self.targets.shape[0] // self.size)

    def batches(self) -> list[Batch]:
        """One after the other."""
        pairs = zip(torch.split(self.inputs, self.size), torch.split(self.targets, self.size), strict=True)
        return [Batch(inputs, targets) for inputs, targets in pairs]

    def part(self, first: int, count: int) -> Block:
        """So many batches from the one with this number on."""
        rows = slice(first * self.size, (first + count) * self.size)
        return Block(self.inputs[rows], self.targets[rows], self.size)


class Cases:
    """One part of the data on the device. Small parts are prepared once, large ones stay as they are until a batch."""

    def __init__(self, source: Source, part: Part, device: torch.device, dtype: torch.dtype) -> None:
        self.part, self.dtype = part, dtype
        self.size = source.size(part)
        raw = as_tensor(source.inputs(part)).to(device)
        self.targets = as_tensor(source.targets(part)).to(device)
        if self.targets.is_floating_point():
            self.targets = self.targets.to(dtype)
        self._transform = source.transform
        width = math.prod(source.facts.input_shape) * 4
        self.ready = self.size * width <= READY
        self.inputs = source.transform(raw).to(dtype) if self.ready else raw
        self.bytes_per_case = width

    def rows(self, rows: torch.Tensor) -> Batch:
        """The cases with these numbers."""
        inputs = self.inputs.index_select(0, rows)
        return Batch(
            inputs if self.ready else self._transform(inputs).to(self.dtype), self.targets.index_select(0, rows)
        )

    def range(self, start: int, stop: int) -> Batch:
        """The cases from `start` up to `stop`, in their own order."""
        inputs = self.inputs[start:stop]
        return Batch(inputs if self.ready else self._transform(inputs).to(self.dtype), self.targets[start:stop])


class Feed:
    """The parts of one prepared data set for one run. A part is brought to the device when it is first asked for."""

    def __init__(self, source: Source, device: torch.device, dtype: torch.dtype) -> None:
        self.source, self.device, self.dtype = source, device, dtype
        self._parts: dict[Part, Cases] = {}

    def __getitem__(self, part: Part) -> Cases:
        if part not in self._parts:
            self._parts[part] = Cases(self.source, part, self.device, self.dtype)
        elif part == "test":
            self.source.count_test_read()
        return self._parts[part]

    def size(self, part: Part) -> int:
        """How many cases there are."""
        return self.source.size(part)


class Course:
    """The training cases of one epoch in their shuffled order, cut into batches.

    The order depends on seed and epoch alone, so it needs no stored state and is the same after a rewind.
    """

    def __init__(self, cases: Cases, *, seed: int, epoch: int, smallest: int = 1) -> None:
        self.cases = cases
        self.size = cases.size
        self.smallest = smallest
        generator = torch.Generator().manual_seed(seed_of(seed, "order", epoch))
        self.order = torch.randperm(cases.size, generator=generator).to(cases.targets.device)
        self._first = 0
        self._block: Block | None = None

    def left(self, position: int, batch_size: int) -> int:
        """How many batches follow after `position` cases. A last one smaller than `smallest` is left out."""
        cases = self.size - position
        whole, rest = divmod(cases, batch_size)
        return whole + (1 if rest >= self.smallest and rest > 0 else 0)

    def block(self, position: int, batch_size: int) -> Block:
        """Batches that follow after `position` cases: at least one, as many as are gathered already."""
        block = self._block
        if block is not None and block.size == batch_size:
            done, rest = divmod(position - self._first, batch_size)
            if rest == 0 and 0 <= done < block.steps:
                return block.part(done, block.steps - done) if done else block
        self._first, self._block = position, self._gather(position, batch_size)
        return self._block

    def _gather(self, position: int, batch_size: int) -> Block:
        """Several batches at once: one large copy costs less than many small ones."""
        count = max(1, BLOCK // (self.cases.bytes_per_case * batch_size))
        count = min(count, self.left(position, batch_size))
        cases = self.cases.rows(self.order[position : position + count * batch_size])
        return Block(cases.inputs, cases.targets, batch_size)


def as_tensor(array: Any) -> torch.Tensor:
    """The array as a tensor on the same memory."""
    with warnings.catch_warnings():
        # A part mapped from a file cannot be written to, and is not.
        warnings.filterwarnings("ignore", message="The given NumPy array is not writable")
        return torch.from_numpy(array)
