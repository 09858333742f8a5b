"""What a run is given, what it tells while it goes on, and what it leaves."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, NamedTuple

import torch

from playground.core.diagnostics import Diagnostic
from playground.core.experiment import Data, Experiment
from playground.training.checkpoints import Snapshot
from playground.training.feed import Source
from playground.training.ledger import Edited
from playground.training.state import RunState

if TYPE_CHECKING:
    from playground.training.prepared import Prepared

Doing = Literal["training", "evaluating", "edited", "waiting", "trouble", "finished"]


def _prepare(data: Data) -> Prepared:
    from playground.training.prepared import prepare

    return prepare(data)


@dataclass
class Run:
    """What `fit` works on. The first group is fixed; the second may be changed by the owner between two ticks."""

    experiment: Experiment
    prepared: Source
    device: str = "auto"
    dtype: torch.dtype = torch.float32
    stepper: str | None = None
    """Which stepper; None lets `plan` choose."""
    snapshot: Snapshot | None = None
    """Go on from here instead of beginning."""
    prepare: Callable[[Data], Source] = _prepare
    """Makes other data ready when an edit asks for them."""
    recall: Callable[[int], Snapshot | None] = lambda step: None
    """Finds a stored snapshot to rewind to that is no longer in memory."""
    keep: frozenset[int] = frozenset()
    """Steps whose snapshot is kept in memory for sure."""

    stop_at: int | None = None
    """Step to finish at; None: after the experiment's epochs."""
    pause_at: int | None = None
    """Step to wait at; None: go on."""
    slice_seconds: float = 0.01
    """CPU time of one tick, as far as whole batches allow."""
    most_steps: int | None = None
    """Steps of one tick at most."""
    halt_on_trouble: bool = True
    """Whether to wait when the loss is no longer a number. A replay goes on as the run did."""

    state: RunState | None = field(default=None, repr=False)
    """Set by `fit` before its first tick: for pictures and snapshots between two ticks."""


class Tick(NamedTuple):
    """The record of one slice. `state` is the living state: look at it, and leave it as it is.

    `loss` is the mean of the steps of this slice. `point` is a new point of the curve (`step`, `epoch`, `train_loss`,
    `validation_accuracy` …); after a rewind the curve forgets what lies after `step` (`edited.rewound`). `epoch` counts
    finished epochs. `best`: the validation loss is the best so far at this point.
    """

    doing: Doing
    step: int
    epoch: int
    steps: int
    seconds: float
    state: RunState
    loss: float | None = None
    point: dict[str, float] | None = None
    epoch_ended: bool = False
    best: bool = False
    edited: Edited | None = None
    diagnostic: Diagnostic | None = None


@dataclass(frozen=True)
class Result:
    """What a finished run leaves. `scores` holds numbers by part: `{"train": {"loss": …, "accuracy": …}, …}`."""

    scores: dict[str, dict[str, float]]
    steps: int
    epochs: int
    seconds: float
    parameters: int
    device: str
    stepper: str
    state: RunState = field(repr=False)


def train(
    experiment: Experiment,
    *,
    device: str = "auto",
    steps: int | None = None,
    on_tick: Callable[[Tick], None] | None = None,
) -> Result:
    """Train to the end and return the result: `fit` for those who only want to wait."""
    from playground.training.fit import fit

    ticks = fit(Run(experiment, _prepare(experiment.data), device=device, stop_at=steps))
    while True:
        try:
            tick = next(ticks)
        except StopIteration as end:
            result: Result = end.value
            return result
        if tick.diagnostic is not None and tick.doing == "trouble":
            raise ValueError(tick.diagnostic.message)
        if on_tick is not None:
            on_tick(tick)
