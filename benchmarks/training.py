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

from playground.core.experiment import Experiment
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
    """A job and the ratios that must hold: variant below the line → at least so many times its rate."""

    name: str
    experiment: Experiment
    goals: dict[str, float]


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


def jobs(pictures: bool) -> Iterator[Job]:
    """Every chain job. `pictures`: also those that need Fashion-MNIST's files."""
    for optimizer in ("sgd", "adam"):
        goals = {"bare": 0.85, "eager": 6.0}
        circle = {"kind": "circle", "samples": 500}
        spiral = {"kind": "spiral", "samples": 500}
        yield Job(f"circle 2-4-2-1 {optimizer}", experiment(CIRCLE, circle, optimizer, 10, HALVES), goals)
        yield Job(f"spiral 2-8-8-8-1 {optimizer}", experiment(SPIRAL, spiral, optimizer, 10, HALVES), goals)
    digits = {"kind": "digits"}
    most = {"train": 0.8, "test": 0.2}
    yield Job("digits 64-64-10 adam", experiment(DIGITS, digits, "adam", 64, most), {"bare": 0.85, "eager": 5.0})
    if pictures:
        fashion = {"kind": "fashion-mnist"}
        share = {"train": 0.8, "test": 0.2}
        yield Job("fashion 784-128-10 adam", experiment(WIDE, fashion, "adam", 64, share), {"eager": 2.0})


# ---- the ways to train ----------------------------------------------------------------------------------------------


def ours(wanted: Experiment, prepared: Prepared, *, frames: float = 0.0, stepper: str | None = None) -> Advance:
    """`fit` with everything it does. `frames`: pictures so many times a CPU second, as for a viewer."""
    run = Run(wanted, prepared, device="cpu", stepper=stepper)
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


# ---- rounds ---------------------------------------------------------------------------------------------------------


def rates(variants: dict[str, Advance], rounds: int, seconds: float) -> list[dict[str, float]]:
    """Steps per CPU second of every variant, round by round, in turns."""
    counts = {}
    for name, advance in variants.items():  # warm up, and find out how many steps fill the time
        advance(20)
        started, made = time.process_time(), advance(200 if name != "eager" else 50)
        counts[name] = max(20, int(seconds * made / max(time.process_time() - started, 1e-6)))
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


def measure(
    *, rounds: int = ROUNDS, seconds: float = SECONDS, pictures: bool = True, only: str = ""
) -> Iterator[dict[str, Any]]:
    """One result a ratio: job, ratio, min, median, max, goal, holds; and `rate`, our steps per CPU second."""
    torch.set_num_threads(1)
    for job in jobs(pictures):
        if only not in job.name:
            continue
        data = prepare(job.experiment.data)
        variants = {"lockstep": ours(job.experiment, data), "eager": eager(job.experiment, data)}
        variants["bare"] = bare(job.experiment, data)
        if job.name.startswith(("circle", "spiral")):
            variants["watched"] = ours(job.experiment, data, frames=30)
        rows = rates(variants, rounds, seconds)
        rate = round(statistics.median(row["lockstep"] for row in rows))
        for below, goal in job.goals.items():
            yield {"job": job.name, "rate": rate, **ratio(rows, "lockstep", below, goal)}
        if "watched" in variants:
            yield {"job": job.name, "rate": rate, **ratio(rows, "watched", "lockstep", 0.95)}


if __name__ == "__main__":
    for result in measure(only=sys.argv[1] if len(sys.argv) > 1 else ""):
        print(json.dumps(result), flush=True)
