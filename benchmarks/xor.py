"""How often the smallest networks solve XOR: shares of 100 seeds, at torch's own first weights.

The truth table has four cases, all of them learned; a seed counts when all four are right (of the points: 98 in 100).
Results are kept in `results/xor.json`; a network that has not changed is not trained again.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch

from playground.core.experiment import Experiment
from playground.templates.plane import XorTemplate
from playground.training.fit import fit
from playground.training.prepared import Prepared, prepare
from playground.training.run import Run

RESULTS = Path(__file__).parent / "results" / "xor.json"
SEEDS = 100
SETTINGS: dict[str, tuple[XorTemplate, float | None]] = {
    "4 ReLU units, inputs 0 and 1": (XorTemplate(activation="relu", cases="zero_one"), None),
    "4 tanh units, inputs 0 and 1": (XorTemplate(activation="tanh", cases="zero_one"), 0.95),
    "8 ReLU units, inputs -1 and 1": (XorTemplate(activation="relu", units=8, cases="minus_one_one"), 0.95),
    "4 ReLU units, 500 points": (XorTemplate(activation="relu"), None),
    "4 tanh units, 500 points": (XorTemplate(activation="tanh"), None),
}
"""Networks, and the share that is promised; None where the share is shown as it is."""


def measure(*, only: str = "") -> Iterator[dict[str, Any]]:
    """One result a network: name, seeds, solved (share), target, reached."""
    torch.set_num_threads(1)
    for name, (template, target) in SETTINGS.items():
        if only not in name:
            continue
        experiment = template.experiment()
        kept = read()
        if kept.get(name, {}).get("fingerprint") != experiment.fingerprint():
            prepared = prepare(experiment.data)
            solved = sum(solves(experiment.with_(seed=seed), prepared) for seed in range(SEEDS)) / SEEDS
            kept[name] = {
                "fingerprint": experiment.fingerprint(),
                "seeds": SEEDS,
                "solved": solved,
                "target": target,
                "reached": target is None or solved >= target,
            }
            RESULTS.parent.mkdir(exist_ok=True)
            RESULTS.write_text(json.dumps(kept, indent=1) + "\n")
        yield {"network": name, **{key: value for key, value in kept[name].items() if key != "fingerprint"}}


def solves(experiment: Experiment, prepared: Prepared) -> bool:
    """Whether this seed learns its training cases."""
    ticks = fit(Run(experiment, prepared, device="cpu", slice_seconds=1.0))
    while True:
        try:
            next(ticks)
        except StopIteration as end:
            return bool(end.value.scores["train"]["accuracy"] >= 0.98)


def read() -> dict[str, Any]:
    """What is measured already."""
    try:
        kept: dict[str, Any] = json.loads(RESULTS.read_text())
    except (OSError, ValueError):
        return {}
    return kept


if __name__ == "__main__":
    for result in measure(only=sys.argv[1] if len(sys.argv) > 1 else ""):
        print(json.dumps(result), flush=True)
