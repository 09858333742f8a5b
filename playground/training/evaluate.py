"""How good the answers are: loss and metrics over one part of the data, one batch at a time."""

from __future__ import annotations

import math
from collections.abc import Generator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

import torch
from torch import nn

from playground.training.feed import Cases, Part

if TYPE_CHECKING:
    from collections.abc import Iterator

    import torchmetrics

    from playground.training.state import RunState

SLICE_FLOPS = 60_000_000
"""Operations of one evaluation batch: a few milliseconds. Fixed by the network, so that a loss is the same to its last
digit whatever else the machine does."""
LARGEST_BATCH = 4_096
LARGEST_BYTES = 4 * 2**20
"""Inputs of one evaluation batch, as the network sees them."""
CHEAP_FLOPS = 100_000_000
"""Data whose three parts together cost less than this are evaluated several times a second."""
SHOWN_CASES = 1_000
"""Cases in the confusion matrix and the scatter plot."""


class Judged(NamedTuple):
    """Answers on a part, as people read them, and the truth in the same form, on the CPU: at most `SHOWN_CASES`."""

    part: Part
    step: int
    answers: torch.Tensor
    truth: torch.Tensor


class Scores(NamedTuple):
    """Numbers of one part by name (`loss`, `accuracy` …), and what pictures are drawn from."""

    part: Part
    numbers: dict[str, float]
    judged: Judged | None


class Remembering:
    """A module that answers the same batch only once: loss and metrics share one forward pass."""

    def __init__(self, module: nn.Module) -> None:
        self.module = module
        self._input: torch.Tensor | None = None
        self._output: Any = None

    def __call__(self, *inputs: torch.Tensor) -> Any:
        if len(inputs) != 1:
            return self.module(*inputs)
        if inputs[0] is not self._input:
            self._input, self._output = inputs[0], self.module(inputs[0])
        return self._output

    def __getattr__(self, name: str) -> Any:
        return getattr(self.module, name)


@contextmanager
def quiet(state: RunState) -> Iterator[None]:
    """Inside, the networks answer as in use, without gradients; afterwards modes and random states are as before."""
    training = [part for part in _parts(state) if part.training]
    random = state.randomness.outside()
    for part in training:
        vars(part)["training"] = False  # torch looks closely at whatever is assigned to a module
    try:
        with torch.no_grad():
            yield
    finally:
        for part in training:
            vars(part)["training"] = True
        state.randomness.put(random)


def _parts(state: RunState) -> list[nn.Module]:
    """Every module of the networks, found once: a picture is drawn thirty times a second."""
    key = ("parts", *(id(module) for module in state.modules.values()))
    if key not in state.scratch:
        state.scratch[key] = [part for module in state.modules.values() for part in module.modules()]
    parts: list[nn.Module] = state.scratch[key]
    return parts


def batch_size(state: RunState) -> int:
    """Cases in one evaluation batch."""
    fitting = LARGEST_BYTES // (4 * math.prod(state.source.facts.input_shape))
    return max(1, min(LARGEST_BATCH, fitting, SLICE_FLOPS // max(1, state.case_flops())))


def is_cheap(state: RunState) -> bool:
    """Whether all parts can be evaluated several times a second."""
    cases = sum(state.source.size(part) for part in ("train", "validation", "test"))
    return cases * max(1, state.case_flops()) <= CHEAP_FLOPS


def evaluate(state: RunState, part: Part, limit: int | None = None) -> Generator[None, None, Scores]:
    """Yields after every batch, then returns the scores. `limit` takes only so many cases, the first ones."""
    cases = state.feed[part]
    if part == "test":
        state.test_reads += 1
    objective, turns = state.experiment.objective, state.turns
    role = objective.answering(state.experiment)
    count = cases.size if limit is None else min(limit, cases.size)
    size = batch_size(state)
    totals = torch.zeros(len(turns), dtype=_widest(state.device), device=state.device)
    answers: list[torch.Tensor] = []
    for start in range(0, count, size):
        stop = min(start + size, count)
        modules: dict[str, Any] = {name: Remembering(module) for name, module in state.modules.items()}
        with quiet(state):
            batch = cases.range(start, stop)
            for number, turn in enumerate(turns):
                totals[number] += objective.loss_of(turn, modules, batch) * (stop - start)
            if role is not None:
                answers.append(objective.readable(modules[role](batch.inputs)))
        yield
    means = (totals / count).tolist()
    numbers = {"loss": means[0]}
    if len(turns) > 1:
        numbers |= {f"{turn.name}_loss": mean for turn, mean in zip(turns, means, strict=True)}
    if role is None:
        return Scores(part, numbers, None)
    everything = torch.cat(answers)
    measured, judged = _measure(state, cases, everything)
    return Scores(part, numbers | measured, judged)


def _measure(state: RunState, cases: Cases, answers: torch.Tensor) -> tuple[dict[str, float], Judged]:
    """Metrics over all answers at once, in the unit of the data."""
    facts, truth = state.source.facts, cases.targets[: len(answers)]
    if facts.task == "regression":
        answers, truth = state.source.untransform_targets(answers), state.source.untransform_targets(truth)
    answers, truth = answers.float().cpu(), truth.cpu()
    judged = Judged(cases.part, state.cursor.step, answers[:SHOWN_CASES], truth[:SHOWN_CASES])
    if facts.task == "binary" and answers.shape[1] == 1:
        answers = answers[:, 0]
    if facts.task == "regression" and answers.shape[1] == 1:
        answers, truth = answers[:, 0], truth.float()[:, 0]
    numbers = {}
    for metric in state.experiment.metrics:
        if facts.task not in metric.tasks or len(answers) < 2:
            continue
        measure = _metric(state, metric.fingerprint())
        measure.reset()
        measure.update(answers, truth)
        numbers[metric.kind] = float(f"{float(measure.compute()):.7g}")  # metrics have the digits of float32
    return numbers, judged


def _metric(state: RunState, key: str) -> torchmetrics.Metric:
    """The metric's object, made once a run."""
    made: dict[str, torchmetrics.Metric] = state.scratch.setdefault("metrics", {})
    if key not in made:
        made[key] = next(m for m in state.experiment.metrics if m.fingerprint() == key).build(state.source.facts)
    return made[key]


def _widest(device: torch.device) -> torch.dtype:
    """Sums in float64, where the device has it."""
    return torch.float32 if device.type == "mps" else torch.float64
