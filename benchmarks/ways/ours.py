"""Our way, what every way is, and what all of them begin with."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import torch

from playground.core.experiment import Experiment
from playground.training.build import seed_of
from playground.training.fit import fit
from playground.training.frames import pack
from playground.training.prepared import Prepared
from playground.training.probes import probe
from playground.training.run import Run

Advance = Callable[[int], int]
"""Makes about so many steps; answers how many it made."""


class Way(NamedTuple):
    """A way to train. `weights`: weight and bias of layer after layer; none where they cannot be the same as ours."""

    advance: Advance
    weights: Sequence[torch.Tensor] = ()


def ours(wanted: Experiment, prepared: Prepared, *, frames: float = 0.0) -> Way:
    """`fit` with everything it does. `frames`: pictures so many times a CPU second, as for a viewer."""
    run = Run(wanted, prepared, device="cpu", pause_at=0)
    ticks = fit(run)
    next(ticks)
    assert run.state is not None
    step, drawn = 0, 0.0

    def advance(count: int) -> int:
        nonlocal step, drawn
        first, run.pause_at = step, step + count
        while step < first + count:
            tick = next(ticks)
            step = tick.step
            if frames and tick.state.seconds - drawn > 1 / frames:
                drawn = tick.state.seconds
                header, fields = probe(tick.state)
                pack({**header, "run": "bench"}, fields)
        return step - first

    return Way(advance, list(run.state.modules["model"].parameters()))


def first_weights(wanted: Experiment, prepared: Prepared) -> list[torch.Tensor]:
    """What our run of this experiment begins with."""
    return [weight.detach().clone() for weight in ours(wanted, prepared).weights]


def order(wanted: Experiment, cases: int) -> Iterator[torch.Tensor]:
    """The order of the cases, epoch after epoch."""
    for epoch in itertools.count():
        yield torch.randperm(cases, generator=torch.Generator().manual_seed(seed_of(wanted.seed, "order", epoch)))
