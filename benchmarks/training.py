"""How fast runs train, beside the same work done without us. Ratios are taken inside interleaved rounds, on the CPU
clock of this process, so that they hold on a busy machine too.

`bare`: the arithmetic of one chain written out in tensor operations, nothing else: no losses, no schedule, no
evaluation, no slices. `eager`: a plain loop over resident tensors with autograd and torch's fastest optimizer.
`products`: only the matrix products of a step, in their fastest form: no way to train with torch is faster than that.

Everybody has one thread, starts from the same weights and sees the same cases in the same order; a way that does not
arrive at our weights is refused a rate. Fashion-MNIST is all training part: both sides make steps and nothing else.
"""

from __future__ import annotations

import ctypes
import itertools
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import torch

from benchmarks.ways.chains import bare, eager, products
from benchmarks.ways.ours import Advance, Way, ours
from benchmarks.ways.peers import by_hand, scikit
from playground.core.diagnostics import DataMissing
from playground.core.experiment import Experiment
from playground.engine.place import environment, warm_up
from playground.engine.worker_files import EVERY
from playground.settings import cache_folder
from playground.training.cadence import REST
from playground.training.checkpoints import Shelf, snapshot, write
from playground.training.fit import fit
from playground.training.prepared import Prepared, prepare
from playground.training.run import Run

ROUNDS, SECONDS = 9, 0.3
"""Rounds of every job, and CPU seconds of one variant in one round."""
ALIKE, ALIKE_STEPS = 1e-3, 20
"""How far from our weights another way may be after so many steps."""

SNAPSHOTS = 0.02
"""Share of the CPU time that snapshots may take."""


class Job(NamedTuple):
    """A job, the ways to do it besides ours, and the ratios that must hold: ours is at least so many times as fast."""

    name: str
    experiment: Experiment
    goals: dict[str, float | None]
    watched: bool = False
    """Whether to measure it with a viewer at 30 frames per second, and what its snapshots take, too."""


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
    yield Job("digits 64-64-10 adam", digits, {"bare": 0.85, "eager": 5.0, "scikit": 3.0, "products": None})
    fashion, share = {"kind": "fashion-mnist"}, {"train": 1.0, "test": 0.0}
    for size in (32, 64):
        wide = experiment(WIDE, fashion, "adam", size, share)
        yield Job(f"fashion 784-128-10 adam batch {size}", wide, {"eager": 2.0, "products": None})
    yield Job("fashion cnn adam", experiment(PICTURES, fashion, "adam", 64, share), {"by hand": 0.97}, watched=True)


OTHERS: dict[str, Callable[[Experiment, Prepared], Way]] = {
    "products": products,
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


def spread(values: Sequence[float]) -> dict[str, float]:
    """Minimum, median and maximum."""
    found = {"min": min(values), "median": statistics.median(values), "max": max(values)}
    return {name: round(value, 4) for name, value in found.items()}


def ratio(rows: list[dict[str, float]], above: str, below: str, goal: float | None = None) -> dict[str, Any]:
    """The spread of the ratio inside rounds, and whether its median holds."""
    found = spread([row[above] / row[below] for row in rows])
    holds = goal is None or found["median"] >= goal
    return {"ratio": f"{above} / {below}", **found, "goal": goal, "holds": holds}


def strangers(ways: dict[str, Way]) -> list[str]:
    """Who is not at our weights after the first steps: who does other work cannot be compared."""
    for way in ways.values():
        if way.weights:
            way.advance(ALIKE_STEPS)
    own = ways["ours"].weights
    return [
        name
        for name, way in ways.items()
        if way.weights and any(bool((a - b).abs().max() > ALIKE) for a, b in zip(own, way.weights, strict=True))
    ]


def shares_of_snapshots(wanted: Experiment, prepared: Prepared, rounds: int) -> list[float]:
    """Which share of the CPU time snapshots take where they are most frequent: one each half second to rewind to, one
    at each evaluation that is the best so far, and two each five seconds that are written to a file."""
    run = Run(wanted, prepared, device="cpu", pause_at=50)
    ticks = fit(run)
    while next(ticks).doing != "waiting":
        pass
    state, shares = run.state, []
    assert state is not None

    def cost(what: Callable[[], object]) -> float:
        started = time.process_time()
        for _ in range(10):
            what()
        return (time.process_time() - started) / 10

    with tempfile.TemporaryDirectory() as folder:
        file, found = Path(folder) / "snapshot.safetensors", snapshot(state)
        for _ in range(rounds):
            taken = cost(lambda: snapshot(state))
            written = cost(lambda: write(found, file))
            shares.append(taken / Shelf().interval + taken / REST + 2 * (taken + written) / EVERY)
    return shares


def like_a_worker() -> None:
    """One thread, everything imported before the first round, and memory that stays: for everybody here."""
    torch.set_num_threads(1)
    warm_up()
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None) if sys.platform == "linux" else None
    for option, name in ((-1, "MALLOC_TRIM_THRESHOLD_"), (-3, "MALLOC_MMAP_THRESHOLD_")):
        if mallopt is not None:
            mallopt(option, int(environment()[name]))


def measure(*, only: str = "", rounds: int = ROUNDS, seconds: float = SECONDS) -> Iterator[dict[str, Any]]:
    """One result a ratio: job, ratio, min, median, max, goal, holds; and `rate`, our steps per CPU second."""
    like_a_worker()
    for job in jobs():
        if only not in job.name:
            continue
        try:
            data = prepare(job.experiment.data, cache=cache_folder())
        except DataMissing as missing:
            yield {"job": job.name, "holds": None, "says": str(missing)}
            continue
        ways = {"ours": ours(job.experiment, data)}
        ways |= {name: OTHERS[name](job.experiment, data) for name in job.goals}
        if others := strangers(ways):
            says = f"After {ALIKE_STEPS} steps {', '.join(others)} had other weights: the ways do not do the same work."
            yield {"job": job.name, "holds": False, "says": says}
            continue
        if job.watched:
            ways["watched"] = ours(job.experiment, data, frames=30)
        rows = rates({name: way.advance for name, way in ways.items()}, rounds, seconds)
        rate = round(statistics.median(row["ours"] for row in rows))
        for below, goal in job.goals.items():
            yield {"job": job.name, "rate": rate, **ratio(rows, "ours", below, goal)}
        if "products" in job.goals:  # the bound of what can be reached
            yield {"job": job.name, "rate": rate, **ratio(rows, "products", "eager")}
        if job.watched:
            yield {"job": job.name, "rate": rate, **ratio(rows, "watched", "ours", 0.95)}
            found = spread(shares_of_snapshots(job.experiment, data, rounds))
            holds = found["median"] <= SNAPSHOTS
            yield {
                "job": job.name,
                "rate": rate,
                "ratio": "snapshots / all",
                **found,
                "goal": f"≤ {SNAPSHOTS}",
                "holds": holds,
            }


if __name__ == "__main__":
    for result in measure(only=sys.argv[1] if len(sys.argv) > 1 else ""):
        print(json.dumps(result), flush=True)
