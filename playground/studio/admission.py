"""How long a run will take of this machine, and what is offered to a person whose run takes long.

The pace a small network is held to is not counted: a run that waits uses nothing.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

from playground.core.experiment import Experiment
from playground.core.files import Project
from playground.core.network import Network
from playground.core.shares import count
from playground.engine.messages import Measured
from playground.layers.dense import Dense
from playground.studio.checking import Understood
from playground.studio.documents import write
from playground.studio.proposals import Proposal
from playground.studio.sentences import CASES

TRAINING = 3
"""Operations of a training step for each of its forward pass: the answer, and the gradients by inputs and by weights."""
JUDGED_AT_THE_END = 10_000
"""Training cases in the last evaluation of a run, at most."""
DENSE_KINDS = {"input", "output", "dense", "flatten", "tanh", "sigmoid", "relu"}
"""Layers of which a network is trained in lockstep, that is without recording what it computes."""
LOCKSTEP = 5.0
"""How many times faster a small step then is, at the least; `playground bench training` holds it to that."""
ENOUGH_STEPS, ENOUGH_SECONDS = 50, 0.5
"""What a run must have done before its own speed counts for more than an estimate."""
SMALL_SECONDS = 120.0
SHARES = (0.5, 0.3, 0.2, 0.1, 0.05, 0.02, 0.01)
"""Parts of the data that a small version may train on."""
FEWEST_STEPS = 10
"""Steps in an epoch below which a small version shows nothing."""


class Work(NamedTuple):
    """What there is to compute, however fast the machine is. `flops` are those of the forward pass of one case."""

    flops: int
    batch: int
    steps: int
    """Updates in an epoch."""
    judged: int
    """Cases that are evaluated after each epoch."""
    judged_at_the_end: int
    lockstep: bool
    """Whether it is a plain chain of dense layers."""

    @classmethod
    def of(cls, experiment: Experiment, understood: Understood) -> Work | None:
        """The work of an experiment that can be trained; None while its data are not known."""
        if understood.facts is None or not understood.ok:
            return None
        samples = count(experiment.data.split, experiment.data.dataset.facts().samples)
        batch = min(experiment.training.batch_size, max(1, samples["train"]))
        return cls(
            flops=sum(network.total.flops for network in understood.checked.values()),
            batch=batch,
            steps=math.ceil(samples["train"] / batch),
            judged=samples["validation"] or samples["test"],
            judged_at_the_end=samples["validation"] + samples["test"] + min(samples["train"], JUDGED_AT_THE_END),
            lockstep=len(experiment.networks) == 1 and is_chain(experiment.network),
        )

    def seconds(self, epochs: int, measured: Measured | None, own: float | None = None) -> float | None:
        """CPU seconds of so many epochs and of the last evaluation; None while nothing is known. `own`: what a step of
        this very run has cost so far, with its share of the evaluations."""
        if measured is None:
            return None if own is None else epochs * self.steps * own
        case = self.flops / measured.flops_per_second
        calling = measured.seconds_per_step / (LOCKSTEP if self.lockstep else 1)
        step = own or TRAINING * case * self.batch + calling
        judging = 0.0 if own else self.judged * case
        return epochs * (self.steps * step + judging) + self.judged_at_the_end * case


def is_chain(network: Network) -> bool:
    """Whether it is one row of dense layers, bent by what their answers tell the slope of."""
    inner = [node.layer for node in network.nodes]
    bends = [layer.activation for layer in inner if isinstance(layer, Dense) and layer.activation is not None]
    ends = [edge.target for edge in network.edges]
    in_a_row = len(network.edges) == len(network.nodes) - 1 and len(set(ends)) == len(ends)
    return in_a_row and all(layer.kind in DENSE_KINDS for layer in [*inner, *bends])


class OwnSpeed:
    """What the steps of one run have cost so far, all things included."""

    def __init__(self) -> None:
        self._from = self._last = (0, 0.0)

    def begin(self) -> None:
        """From here on a step costs something else."""
        self._from = self._last

    def note(self, step: int, seconds: float) -> None:
        """So far the run has got with so many CPU seconds."""
        if step < self._last[0] or seconds < self._last[1]:
            self._from = (step, seconds)
        self._last = (step, seconds)

    @property
    def per_step(self) -> float | None:
        """Seconds, once there were steps enough to tell."""
        steps, seconds = self._last[0] - self._from[0], self._last[1] - self._from[1]
        return seconds / steps if steps >= ENOUGH_STEPS and seconds >= ENOUGH_SECONDS else None


class Choice(NamedTuple):
    """A button of an offer, and the `how` of the command it sends."""

    label: str
    how: str


QUEUE = Choice("Queue it", "queue")
SMALLER = Choice("Start a small version", "small")


def offer(text: str, *choices: Choice) -> dict[str, Any]:
    """The offer in a `run` message: Train was pressed, and waits for an answer."""
    return {"text": text, "buttons": [choice._asdict() for choice in choices]}


def long_run(seconds: float) -> dict[str, Any]:
    """What a run that takes long is told on a shared machine."""
    need = about(seconds)
    return offer(f"This run needs {need} of this machine. Start a small version, or queue it.", SMALLER, QUEUE)


def one_run(title: str | None, *, waits: bool = False) -> dict[str, Any]:
    """What a person is told who has another run already, one that trains or one that `waits` in the queue."""
    other = f"Your run “{_shortened(title)}”" if title else "Another run of yours"
    text = f"{other} is {'in the queue' if waits else 'training'}. One run a person at a time on this server."
    if waits:
        return offer(text, Choice("Take it out and train this", "instead"))
    return offer(text, Choice("Pause it and train this", "instead"), Choice("Queue this", "queue"))


def about(seconds: float) -> str:
    """ "about 40 min", "about 3 h": as exact as an estimate may sound."""
    minutes = seconds / 60
    if minutes < 1.5:
        return "about 1 min"
    if minutes < 9.5:
        return f"about {round(minutes)} min"
    if minutes < 57.5:
        return f"about {5 * round(minutes / 5)} min"
    hours = minutes / 60
    if hours < 2.75:
        return f"about {round(2 * hours) / 2:g} h"
    return f"about {round(hours):,} h" if hours < 47.5 else f"about {round(hours / 24):,} days"


class SmallVersion(NamedTuple):
    """A run cut down until it is short; `says` what was cut."""

    proposal: Proposal
    says: str


def small_version(
    document: Project,
    understood: Understood,
    measured: Measured | None,
    *,
    within: float = SMALL_SECONDS,
    done: int = 0,
    own: float | None = None,
) -> SmallVersion:
    """The same project, made to be through `within` so many seconds: fewer epochs and, if that is not enough, less of
    the data.

    `done`: epochs that are behind it and stay. Such a run keeps its data: others would put cases into the test part
    that it has learned from.
    """
    whole = document.experiment
    wanted = max(1, whole.training.epochs - done)
    smaller, epochs, share, needs = whole, 1, 1.0, None
    for part in (1.0, *SHARES) if done == 0 else (1.0,):
        candidate = _on_part(whole, part)
        work = Work.of(candidate, understood)
        if work is None or (part < 1 and work.steps < FEWEST_STEPS):
            break
        last, once = work.seconds(0, measured, own) or 0.0, work.seconds(1, measured, own) or 0.0
        epochs = max(1, min(wanted, math.floor((within - last) / max(once - last, 1e-12))))
        smaller, share, needs = candidate, part, work.seconds(epochs, measured, own)
        if once <= within:
            break
    smaller = smaller.with_(training=smaller.training.with_(epochs=done + epochs))
    cut = [f"{epochs:,} {'epoch' if epochs == 1 else 'epochs'} instead of {wanted:,}"] if epochs < wanted else []
    if share < 1:
        noun = CASES[understood.facts.view] if understood.facts is not None else "cases"
        cut.append(f"{100 * share:.3g} % of the training {noun}")
    layout = document.layout.model_dump(mode="json")
    changed = write(smaller, title=document.title, notes=document.notes, layout=layout)
    what = f"Small version: {', '.join(cut) or 'as it was'}"
    left = f" It still needs {about(needs)}." if needs is not None and needs > 1.25 * within else ""
    return SmallVersion(Proposal(what, changed), f"{what}.{left} Undo brings the whole run back.")


def _on_part(experiment: Experiment, share: float) -> Experiment:
    if share == 1:
        return experiment
    split = experiment.data.split
    fewer = split.with_(train=split.train * share, validation=split.validation * share)
    return experiment.with_(data=experiment.data.with_(split=fewer))


def _shortened(title: str) -> str:
    return title if len(title) <= 48 else f"{title[:47].rstrip()}…"
