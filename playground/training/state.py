"""Everything a run consists of while it lives: what a snapshot stores and an edit changes."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import torch
from torch import fx

from playground.core.contracts import Turn
from playground.core.diagnostics import Diagnostic
from playground.core.edits import LedgerEntry
from playground.core.experiment import Experiment
from playground.core.shapes import Checked, check_experiment
from playground.training.build import Built, build, seed_of
from playground.training.carry import Remembered
from playground.training.devices import Randomness
from playground.training.feed import Course, Feed, Source
from playground.training.plan import make_stepper
from playground.training.steppers.stepper import Stepper

if TYPE_CHECKING:
    from playground.training.evaluate import Judged

OUTLINED_STEPS = 50
"""How long new units are marked as new."""


class CannotTrain(ValueError):
    """The experiment has an error; `diagnostic` says where and what helps."""

    def __init__(self, diagnostic: Diagnostic) -> None:
        super().__init__(diagnostic.message)
        self.diagnostic = diagnostic


@dataclass
class Cursor:
    """Where a run stands: `step` updates made, in `epoch`, `position` of its cases seen. Epochs count from 0."""

    step: int = 0
    epoch: int = 0
    position: int = 0


@dataclass
class RunState:
    """A living run. Made by `begin`, moved by `playground.training.fit.fit`."""

    experiment: Experiment
    source: Source
    feed: Feed
    networks: dict[str, Built]
    stepper: Stepper
    randomness: Randomness
    device: torch.device
    dtype: torch.dtype = torch.float32
    wish: str | None = None
    """A stepper that was asked for by name."""
    cursor: Cursor = field(default_factory=Cursor)
    ledger: list[LedgerEntry] = field(default_factory=list)
    values: dict[str, float] = field(default_factory=dict)
    """The newest of every number: `train_loss`, `test_accuracy` …"""
    best: dict[str, float] = field(default_factory=dict)
    """Best validation loss so far and its step."""
    judged: Judged | None = None
    """Answers of the last evaluation that pictures are drawn from."""
    new_units: dict[str, list[int]] = field(default_factory=dict)
    new_until: int = 0
    remembered: list[Remembered] = field(default_factory=list)
    """Weights of networks that it had before, the newest last."""
    trouble: Diagnostic | None = None
    """Why the run cannot go on as it is."""
    seconds: float = 0.0
    """CPU time of this run, all slices."""
    test_reads: int = 0
    scratch: dict[Any, Any] = field(default_factory=dict)
    """What pictures keep between frames; never stored."""

    @property
    def modules(self) -> dict[str, fx.GraphModule]:
        """The networks' modules by role."""
        return {role: built.module for role, built in self.networks.items()}

    @property
    def turns(self) -> tuple[Turn, ...]:
        """What one step consists of."""
        return self.experiment.objective.turns(self.experiment)

    @property
    def parameters(self) -> int:
        """Trainable numbers of all networks."""
        return sum(p.numel() for module in self.modules.values() for p in module.parameters())

    @property
    def smallest_batch(self) -> int:
        """2 where a layer needs the company of another case, else 1."""
        layers = (layer for built in self.networks.values() for layer in built.layers.values())
        return 2 if any(layer.needs_batch for layer in layers) else 1

    @property
    def steps_per_epoch(self) -> int:
        """Updates in one epoch at the present batch size."""
        size, batch_size = self.source.size("train"), self.experiment.training.batch_size
        whole, rest = divmod(size, batch_size)
        return max(1, whole + (1 if rest >= self.smallest_batch and rest > 0 else 0))

    def course(self) -> Course:
        """The present epoch's order."""
        seed, smallest = self.experiment.seed, self.smallest_batch
        return Course(self.feed["train"], seed=seed, epoch=self.cursor.epoch, smallest=smallest)

    def factors(self, count: int) -> list[float]:
        """Learning-rate factors of the next `count` steps, by the schedule over all planned epochs."""
        training = self.experiment.training
        schedule, per_epoch = training.schedule, self.steps_per_epoch
        first = self.cursor.epoch * per_epoch + self.cursor.position // training.batch_size
        steps = training.epochs * per_epoch
        return [schedule.factor(first + n, steps=steps, steps_per_epoch=per_epoch) for n in range(count)]

    def case_flops(self) -> int:
        """Operations of one forward pass of one case through all networks."""
        return sum(built.checked.total.flops for built in self.networks.values())


def begin(
    experiment: Experiment,
    source: Source,
    *,
    device: torch.device | None = None,
    dtype: torch.dtype = torch.float32,
    stepper: str | None = None,
) -> RunState:
    """A run at step 0. Raises CannotTrain."""
    device = device or torch.device("cpu")
    checked = examine(experiment, source)
    networks = first_networks(experiment, checked, device, dtype)
    return RunState(
        experiment=experiment,
        source=source,
        feed=Feed(source, device, dtype),
        networks=networks,
        stepper=make_stepper(experiment, networks, {}, stepper),
        randomness=Randomness(seed_of(experiment.seed, "dropout"), device),
        device=device,
        dtype=dtype,
        wish=stepper,
    )


def examine(experiment: Experiment, source: Source) -> dict[str, Checked]:
    """Every network checked on these data. Raises CannotTrain with the first error."""
    checked = check_experiment(experiment, source.facts)
    for network in checked.values():
        for note in network.diagnostics:
            if note.severity == "error":
                raise CannotTrain(note)
    if source.size("train") == 0:
        message = "There are no cases to learn from. Give the training part a larger share."
        raise CannotTrain(Diagnostic(None, "no-cases", message))
    if math.fsum(network.total.parameters for network in checked.values()) == 0:
        message = "The network has no weights, so nothing can be learned. Add a Dense layer."
        raise CannotTrain(Diagnostic(None, "no-weights", message))
    return checked


def first_networks(
    experiment: Experiment, checked: Mapping[str, Checked], device: torch.device, dtype: torch.dtype
) -> dict[str, Built]:
    """The networks with the first weights of the experiment's seed."""
    networks = {}
    for role, network in checked.items():
        built = build(network, seed=experiment.seed, role=role)
        built.module.to(device=device, dtype=dtype)
        networks[role] = built
    return networks
