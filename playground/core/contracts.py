"""What each family of parts promises, beside layers. A part of a catalogue subclasses its contract.

Arrays are numpy's, tensors torch's; both are only named here for the reader and the type checker.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

from playground.core.diagnostics import Diagnostic, Draft
from playground.core.facts import Facts, Task
from playground.core.part import Part

if TYPE_CHECKING:
    import numpy as np
    import torch
    import torchmetrics

    from playground.core.experiment import Experiment
    from playground.core.shapes import Checked

    Array = np.ndarray[Any, Any]
    Values = Any  # a numpy array or a torch tensor: preparation works on both


class Loaded(NamedTuple):
    """A data set in memory. `inputs` [n, *input_shape], uint8 for pictures, else float32.

    `targets` [n] int64 class numbers, or [n, k] float32. `part` [n] uint8, 0 = train, 2 = test, where the publisher
    made the split; None where we do. Identity of cases (the row or picture number in the original file) is the index.
    """

    inputs: Array
    targets: Array
    part: Array | None = None


class Dataset(Part):
    """Where cases come from. `facts` is cheap and loads nothing; a test proves it true of what `load` gives."""

    def facts(self) -> Facts:
        """Shapes, names and classes of the raw data; `samples` holds {"all": n} or the publisher's parts."""
        raise NotImplementedError

    def load(self) -> Loaded:
        """Every case. Raises `playground.core.diagnostics.DataMissing` when the original files are not there."""
        raise NotImplementedError

    def source(self) -> str | None:
        """For data whose original files anybody can have: the function `load_all()` of an exported script, which reads
        them from `FOLDER` and answers inputs, targets and part as `Loaded` has them. In scope are `np` and `gzip`.

        None: the script brings its cases along.
        """
        return None


class PreparationStep(Part):
    """One visible step between the data and the network, fitted on the training part only."""

    on: ClassVar[str] = "inputs"
    """`inputs`, or `targets` for steps that move the target and are undone in every answer."""

    def facts(self, facts: Facts) -> Facts:
        """Facts after the step."""
        return facts

    def check(self, facts: Facts) -> list[Draft]:
        """What is wrong with this step on such data."""
        return []

    def fit(self, values: Array) -> dict[str, Array]:
        """The statistics the step needs, from the training part. Empty when it needs none."""
        return {}

    def apply(self, values: Values, fitted: Mapping[str, Any]) -> Values:
        """The values after the step: numpy in, numpy out; torch in, torch out (`fitted` then holds tensors)."""
        raise NotImplementedError

    def invert(self, values: Values, fitted: Mapping[str, Any]) -> Values:
        """Back to the original unit. Only steps on targets need it."""
        raise NotImplementedError

    def source(self, fitted: Mapping[str, Any]) -> str:
        """The expression that does the same to the tensor `values` in an exported script, where `torch` is in scope."""
        raise NotImplementedError


class Loss(Part):
    """How wrong an answer is. Losses take the network's raw answer (logits), never probabilities."""

    tasks: ClassVar[tuple[Task, ...]] = ()
    answer: ClassVar[str] = "identity"
    """What turns the raw answer into what a person reads: `identity`, `sigmoid`, `softmax`, `sign` (already ±1)."""
    definitions: ClassVar[tuple[str, ...]] = ()
    """Our own modules that `source` names, as layers have them."""

    def check(self, checked: Checked, facts: Facts) -> Sequence[Draft | Diagnostic]:
        """Mismatches of loss, output and data."""
        return []

    def build(self) -> torch.nn.Module:
        """A module (raw [n, k], targets) → mean loss, a scalar. Targets are int64 [n] or float32 [n, k]."""
        raise NotImplementedError

    def source(self) -> str:
        """The expression that makes the same module in an exported script."""
        raise NotImplementedError


class Optimizer(Part):
    """How weights move along the gradient. Every optimizer has a field `learning_rate`."""

    learning_rate: float

    def build(self, parameters: Iterable[torch.nn.Parameter]) -> torch.optim.Optimizer:
        """The torch optimizer."""
        raise NotImplementedError

    def source(self) -> str:
        """The expression that makes it for `network.parameters()` in an exported script."""
        raise NotImplementedError


class Schedule(Part):
    """How the learning rate changes over the planned steps."""

    def factor(self, step: int, *, steps: int, steps_per_epoch: int) -> float:
        """What the learning rate is multiplied with at this step (0-based) of `steps`."""
        raise NotImplementedError

    def source(self) -> str:
        """The body of `def factor(step, steps, steps_per_epoch)` in an exported script, where `math` is in scope."""
        raise NotImplementedError


class Metric(Part):
    """A number about a set of answers."""

    tasks: ClassVar[tuple[Task, ...]] = ()
    higher_is_better: ClassVar[bool] = True

    def build(self, facts: Facts) -> torchmetrics.Metric:
        """A torchmetrics metric over (answers, targets): probabilities or class numbers as the metric takes them."""
        raise NotImplementedError


class Turn(NamedTuple):
    """One kind of update inside a step: which roles move, by which optimizer, along which loss, how often."""

    name: str
    roles: tuple[str, ...]
    optimizer: Optimizer
    repeats: int = 1


class Objective(Part):
    """What is optimised: an ordered list of turns, and the loss of each. `fit` knows no objective by name."""

    def turns(self, experiment: Experiment) -> tuple[Turn, ...]:
        """The turns of one step, in order. Supervised learning has one, a GAN two."""
        raise NotImplementedError

    def loss_of(
        self, turn: Turn, modules: Mapping[str, torch.nn.Module], batch: tuple[torch.Tensor, ...]
    ) -> torch.Tensor:
        """The scalar that this turn descends on one batch: a mean over its cases."""
        raise NotImplementedError

    def answering(self, experiment: Experiment) -> str | None:
        """The role whose answer people read and metrics judge; None when no answer is compared with targets."""
        return next(iter(experiment.networks))

    def readable(self, raw: torch.Tensor) -> torch.Tensor:
        """The raw answer as people read it: the chance [n, 1] of the second class, shares [n, classes], numbers [n, k]."""
        return raw

    def check(
        self, experiment: Experiment, checked: Mapping[str, Checked], facts: Facts
    ) -> Sequence[Draft | Diagnostic]:
        """What keeps these networks and data from being trained this way."""
        return []


class Template(Part):
    """An experiment to begin from, with its purpose, its target and its drawing."""

    purpose: ClassVar[str] = ""
    """Two sentences: what it shows, what to try."""

    def experiment(self) -> Experiment:
        """A fresh experiment."""
        raise NotImplementedError

    @classmethod
    def card(cls) -> dict[str, Any]:
        """What the menu of templates shows beside the title."""
        return {"purpose": cls.purpose}

    def target(self) -> Mapping[str, float]:
        """What it must reach, median of three seeds: metric name → value, `test_accuracy: 0.98`."""
        return {}
