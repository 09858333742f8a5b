"""How fast runs train, beside the same work done without us. Ratios are taken inside interleaved rounds, on the CPU
clock of this process, so that they hold on a busy machine too.

`bare`: the arithmetic of one chain written out in tensor operations, nothing else: no losses, no schedule, no
evaluation, no slices. `eager`: a plain loop over resident tensors with autograd and torch's fastest optimizer.
"""

from __future__ import annotations

import itertools
import json
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from playground.core.diagnostics import DataMissing
from playground.core.experiment import Experiment
from playground.settings import cache_folder
from playground.training.fit import fit
from playground.training.frames import pack
from playground.training.prepared import Prepared, prepare
from playground.training.probes import probe
from playground.training.run import Run

ROUNDS, SECONDS = 7, 0.4
"""Rounds of every job, and CPU seconds of one variant in one round."""

Advance = Callable[[int], int]
"""Makes about so many steps; answers how many it made."""


class Job(NamedTuple):
    """A job, the ways to do it besides ours, and the ratios that must hold: ours is at least so many times as fast."""

    name: str
    experiment: Experiment
    goals: dict[str, float]
    watched: bool = False
    """Whether to measure it with a viewer at 30 frames per second, too."""


# ---- jobs -----------------------------------------------------------------------------------------------------------


def chain(*layers: dict[str, Any]) -> dict[str, Any]:
    """A network document: input, these layers, output."""
    nodes = [{"kind": "input"}, *layers, {"kind": "output"}]
    ids = [f"layer{number}" for number in range(len(nodes))]
    return {
        "nodes": [{"id": id, "layer": layer} for id, layer in zip(ids, nodes, strict=True)],
        "edges": [{"source": a, "target": b} for a, b in itertools.pairwise(ids)],
    }


def dense(units: int, activation: str | None = None) -> dict[str, Any]:
    return {"kind": "dense", "units": units, "activation": {"kind": activation} if activation else None}


def experiment(
    network: dict[str, Any], dataset: dict[str, Any], optimizer: str, batch_size: int, split: dict[str, float]
) -> Experiment:
    binary = dataset["kind"] in ("circle", "spiral")
    document = {
        "networks": {"model": network},
        "data": {
            "dataset": dataset,
            "split": {"validation": 0.0, "sealed": 0.0, **split},
            "preparation": [] if binary else [{"kind": "scale"}],
        },
        "objective": {"kind": "supervised", "loss": {"kind": "binary_cross_entropy" if binary else "cross_entropy"}},
        "training": {
            "optimizer": {"kind": optimizer, "learning_rate": 0.03 if optimizer == "sgd" else 0.001},
            "schedule": {"kind": "constant"},
            "batch_size": batch_size,
            "epochs": 100_000,
        },
        "metrics": [{"kind": "accuracy"}],
    }
    return Experiment.model_validate_json(json.dumps(document))


HALVES = {"train": 0.5, "test": 0.5}
CIRCLE = chain(dense(4, "tanh"), dense(2, "tanh"), dense(1))
SPIRAL = chain(dense(8, "relu"), dense(8, "relu"), dense(8, "relu"), dense(1))
DIGITS = chain({"kind": "flatten"}, dense(64, "relu"), dense(10))
WIDE = chain({"kind": "flatten"}, dense(128, "relu"), dense(10))
RELU = {"kind": "relu"}
PICTURES = chain(
    {"kind": "conv2d", "channels": 16, "kernel": 3, "activation": RELU},
    {"kind": "max_pool", "size": 2},
    {"kind": "conv2d", "channels": 32, "kernel": 3, "activation": RELU},
    {"kind": "max_pool", "size": 2},
    {"kind": "flatten"},
    dense(64, "relu"),
    dense(10),
)


def jobs() -> Iterator[Job]:
    """Every job. Fashion-MNIST's files must be there for the last two."""
    for optimizer in ("sgd", "adam"):
        goals = {"bare": 0.85, "eager": 6.0}
        circle = {"kind": "circle", "samples": 500}
        spiral = {"kind": "spiral", "samples": 500}
        yield Job(f"circle 2-4-2-1 {optimizer}", experiment(CIRCLE, circle, optimizer, 10, HALVES), goals, watched=True)
        yield Job(
            f"spiral 2-8-8-8-1 {optimizer}", experiment(SPIRAL, spiral, optimizer, 10, HALVES), goals, watched=True
        )
    digits = experiment(DIGITS, {"kind": "digits"}, "adam", 64, {"train": 0.8, "test": 0.2})
    yield Job("digits 64-64-10 adam", digits, {"bare": 0.85, "eager": 5.0, "scikit": 3.0})
    fashion = {"kind": "fashion-mnist"}
    share = {"train": 0.8, "test": 0.2}
    # With 64 cases a batch nearly all of the time is spent inside two matrix products, which both ways share.
    yield Job("fashion 784-128-10 adam batch 32", experiment(WIDE, fashion, "adam", 32, share), {"eager": 2.0})
    yield Job("fashion 784-128-10 adam batch 64", experiment(WIDE, fashion, "adam", 64, share), {"eager": 2.0})
    yield Job("fashion cnn adam", experiment(PICTURES, fashion, "adam", 64, share), {"by hand": 0.97}, watched=True)


# ---- the ways to train ----------------------------------------------------------------------------------------------


def ours(wanted: Experiment, prepared: Prepared, *, frames: float = 0.0) -> Advance:
    """`fit` with everything it does. `frames`: pictures so many times a CPU second, as for a viewer."""
    run = Run(wanted, prepared, device="cpu")
    ticks = fit(run)
    step, drawn = 0, 0.0

    def advance(count: int) -> int:
        nonlocal step, drawn
        first = step
        while step < first + count:
            tick = next(ticks)
            step = tick.step
            if frames and tick.state.seconds - drawn > 1 / frames:
                drawn = tick.state.seconds
                header, fields = probe(tick.state)
                pack({**header, "run": "bench"}, fields)
        return step - first

    return advance


class Resident:
    """Training data as float tensors in memory, cut into shuffled batches for ever."""

    def __init__(self, wanted: Experiment, prepared: Prepared) -> None:
        raw, targets = prepared.inputs("train"), prepared.targets("train")
        self.inputs = torch.from_numpy(np.asarray(prepared.transform(raw), dtype=np.float32)).flatten(1)
        self.targets = torch.from_numpy(np.array(targets))
        self.size, self.width = wanted.training.batch_size, wanted.network.nodes[-2].layer.units  # type: ignore[attr-defined]
        self.optimizer = wanted.training.optimizer
        self.units = [node.layer.units for node in wanted.network.nodes if node.layer.kind == "dense"]  # type: ignore[attr-defined]
        self.bend = next(node.layer.activation.kind for node in wanted.network.nodes if node.layer.kind == "dense")  # type: ignore[attr-defined]

    def batches(self, targets: torch.Tensor) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
        while True:
            order = torch.randperm(len(self.inputs))
            for block in order.split(self.size * max(1, 2**18 // (self.size * self.inputs.shape[1]))):
                yield from zip(self.inputs[block].split(self.size), targets[block].split(self.size), strict=True)

    def layers(self) -> list[nn.Linear]:
        sizes = [self.inputs.shape[1], *self.units]
        return [nn.Linear(a, b) for a, b in itertools.pairwise(sizes)]


def eager(wanted: Experiment, prepared: Prepared) -> Advance:
    """Modules, autograd and a fused optimizer in the loop that everybody writes."""
    data = Resident(wanted, prepared)
    bend = nn.Tanh if data.bend == "tanh" else nn.ReLU
    layers = data.layers()
    model = nn.Sequential(*[part for layer in layers for part in (layer, bend())][:-1])
    kind = torch.optim.SGD if data.optimizer.kind == "sgd" else torch.optim.Adam
    optimizer = kind(model.parameters(), lr=data.optimizer.learning_rate, fused=True)
    binary = data.width == 1
    targets = data.targets.float()[:, None] if binary else data.targets
    loss_of = nn.BCEWithLogitsLoss() if binary else nn.CrossEntropyLoss()
    batches = data.batches(targets)

    def advance(count: int) -> int:
        for inputs, target in itertools.islice(batches, count):
            optimizer.zero_grad()
            loss_of(model(inputs), target).backward()
            optimizer.step()
        return count

    return advance


def bare(wanted: Experiment, prepared: Prepared) -> Advance:
    """The same gradient by hand. Tensors are made once, Adam is torch's one call; whole batches only."""
    data = Resident(wanted, prepared)
    linear = [(layer.weight.detach().clone(), layer.bias.detach().clone()) for layer in data.layers()]
    parameters = [tensor for pair in linear for tensor in pair]
    n, rate, binary = data.size, data.optimizer.learning_rate, data.width == 1
    targets = data.targets.float()[:, None] if binary else functional.one_hot(data.targets, data.width).float()
    answers = [torch.empty(n, weight.shape[0]) for weight, _ in linear]
    deltas = [torch.empty(n, weight.shape[0]) for weight, _ in linear]
    gradients = [torch.empty_like(parameter) for parameter in parameters]
    ones, tanh = torch.ones(n), data.bend == "tanh"
    adam = data.optimizer.kind == "adam"
    first, second = ([torch.zeros_like(p) for p in parameters] for _ in range(2))
    steps = [torch.zeros(()) for _ in parameters]
    slope_tanh = torch.ops.aten.tanh_backward.grad_input
    slope_relu = torch.ops.aten.threshold_backward.grad_input
    batches = data.batches(targets)
    across = [weight.t() for weight, _ in linear]
    turned = [delta.t() for delta in deltas]
    last = len(linear) - 1

    def step(inputs: torch.Tensor, target: torch.Tensor) -> None:
        here = inputs
        for number, (_, bias) in enumerate(linear):
            torch.addmm(bias, here, across[number], out=answers[number])
            if number < last:
                answers[number].tanh_() if tanh else answers[number].relu_()
            here = answers[number]
        if binary:
            torch.sigmoid(here, out=deltas[last])
        else:
            torch.softmax(here, 1, out=deltas[last])
        deltas[last].sub_(target).mul_(1 / n)
        for number in range(last, -1, -1):
            delta = deltas[number]
            torch.mm(turned[number], answers[number - 1] if number else inputs, out=gradients[2 * number])
            torch.mv(turned[number], ones, out=gradients[2 * number + 1])
            if number:
                below = deltas[number - 1]
                torch.mm(delta, linear[number][0], out=below)
                if tanh:
                    slope_tanh(below, answers[number - 1], grad_input=below)
                else:
                    slope_relu(below, answers[number - 1], 0, grad_input=below)
        if adam:
            torch._foreach_add_(steps, 1)
            torch._fused_adam_(
                parameters, gradients, first, second, [], steps,
                lr=rate, beta1=0.9, beta2=0.999, weight_decay=0.0, eps=1e-8, amsgrad=False, maximize=False,
            )  # fmt: skip
        else:
            for parameter, gradient in zip(parameters, gradients, strict=True):
                parameter.sub_(gradient, alpha=rate)

    def advance(count: int) -> int:
        done = 0
        with torch.inference_mode():
            for inputs, target in batches:
                if len(target) == n:
                    step(inputs, target)
                    done += 1
                if done == count:
                    return done
        return done

    return advance


def by_hand(wanted: Experiment, prepared: Prepared) -> Advance:
    """The convolutional network as everybody writes it, over pictures that stay bytes until their batch."""
    model = nn.Sequential(
        nn.Conv2d(1, 16, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(16, 32, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(32 * 7 * 7, 64),
        nn.ReLU(),
        nn.Linear(64, 10),
    )
    optimizer = torch.optim.Adam(model.parameters(), lr=wanted.training.optimizer.learning_rate, fused=True)
    pictures, targets = torch.from_numpy(prepared.inputs("train")), torch.from_numpy(prepared.targets("train"))
    size, loss_of = wanted.training.batch_size, nn.CrossEntropyLoss()

    def batches() -> Iterator[torch.Tensor]:
        while True:
            yield from torch.randperm(len(pictures)).split(size)

    rows = batches()

    def advance(count: int) -> int:
        for chosen in itertools.islice(rows, count):
            optimizer.zero_grad()
            loss_of(model(pictures[chosen].float() / 255), targets[chosen]).backward()
            optimizer.step()
        return count

    return advance


def scikit(wanted: Experiment, prepared: Prepared) -> Advance:
    """scikit-learn's MLPClassifier in float32, a whole epoch a call."""
    from sklearn.neural_network import MLPClassifier

    inputs = np.asarray(prepared.transform(prepared.inputs("train")), dtype=np.float32)
    inputs, targets = inputs.reshape(len(inputs), -1), np.asarray(prepared.targets("train"))
    rate, size = wanted.training.optimizer.learning_rate, wanted.training.batch_size
    model = MLPClassifier((64,), batch_size=size, learning_rate_init=rate, shuffle=True)
    model.partial_fit(inputs, targets, classes=np.unique(targets))
    steps = -(-len(inputs) // size)

    def advance(count: int) -> int:
        epochs = max(1, count // steps)
        for _ in range(epochs):
            model.partial_fit(inputs, targets)
        return epochs * steps

    return advance


OTHERS: dict[str, Callable[[Experiment, Prepared], Advance]] = {
    "bare": bare,
    "eager": eager,
    "by hand": by_hand,
    "scikit": scikit,
}


# ---- rounds ---------------------------------------------------------------------------------------------------------


def rates(variants: dict[str, Advance], rounds: int, seconds: float) -> list[dict[str, float]]:
    """Steps per CPU second of every variant, round by round, in turns."""
    counts = {}
    for name, advance in variants.items():  # warm up, and find out how many steps fill the time
        advance(10)
        started = time.process_time()
        made = advance(10)
        made += advance(max(10, int(made * 0.1 * seconds / max(time.process_time() - started, 1e-6))))
        counts[name] = max(10, int(seconds * made / (time.process_time() - started)))
    found = []
    for number in range(rounds):
        names = list(variants)
        order = names[number % len(names) :] + names[: number % len(names)]
        row = {}
        for name in order:
            started = time.process_time()
            made = variants[name](counts[name])
            row[name] = made / (time.process_time() - started)
        found.append(row)
    return found


def ratio(rows: list[dict[str, float]], above: str, below: str, goal: float | None = None) -> dict[str, Any]:
    """Minimum, median and maximum of the ratio inside rounds, and whether the median holds."""
    values = [row[above] / row[below] for row in rows]
    middle = statistics.median(values)
    return {
        "ratio": f"{above} / {below}",
        "min": round(min(values), 3),
        "median": round(middle, 3),
        "max": round(max(values), 3),
        "goal": goal,
        "holds": goal is None or middle >= goal,
    }


def measure(*, only: str = "", rounds: int = ROUNDS, seconds: float = SECONDS) -> Iterator[dict[str, Any]]:
    """One result a ratio: job, ratio, min, median, max, goal, holds; and `rate`, our steps per CPU second."""
    torch.set_num_threads(1)
    for job in jobs():
        if only not in job.name:
            continue
        try:
            data = prepare(job.experiment.data, cache=cache_folder())
        except DataMissing as missing:
            yield {"job": job.name, "holds": None, "says": str(missing)}
            continue
        variants = {"ours": ours(job.experiment, data)}
        variants |= {name: OTHERS[name](job.experiment, data) for name in job.goals}
        if job.watched:
            variants["watched"] = ours(job.experiment, data, frames=30)
        rows = rates(variants, rounds, seconds)
        rate = round(statistics.median(row["ours"] for row in rows))
        for below, goal in job.goals.items():
            yield {"job": job.name, "rate": rate, **ratio(rows, "ours", below, goal)}
        if job.watched:
            yield {"job": job.name, "rate": rate, **ratio(rows, "watched", "ours", 0.95)}


if __name__ == "__main__":
    for result in measure(only=sys.argv[1] if len(sys.argv) > 1 else ""):
        print(json.dumps(result), flush=True)
