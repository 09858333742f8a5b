"""What every template reaches: the median of three seeds, its target, and simple models on the same split.

Slow, and resumable: each training is kept in `results/templates.json` when it is done, and is done again only after
the template has changed. `seconds` is CPU time of one thread.
"""

from __future__ import annotations

import json
import os
import platform
import statistics
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch

from playground.core.contracts import Template
from playground.core.diagnostics import DataMissing
from playground.core.experiment import Experiment
from playground.settings import cache_folder
from playground.templates import templates
from playground.templates.baselines import compare
from playground.training.fit import fit
from playground.training.prepared import prepare
from playground.training.run import Result, Run

RESULTS = Path(__file__).parent / "results" / "templates.json"
SEEDS = (0, 1, 2)
FEW = 200
"""Test cases below which one split says little: then other splits are tried too."""
SPLITS = (0, 1, 2, 3, 4)


def measure(*, only: str = "") -> Iterator[dict[str, Any]]:
    """One result a template, as it stands in the file; see `summarise` for its keys."""
    torch.set_num_threads(1)
    for kind in templates.kinds():
        if only in kind:
            try:
                yield judge(kind, templates[kind]())
            except DataMissing as missing:
                yield {"template": kind, "reached": None, "says": str(missing)}


def judge(kind: str, template: Template) -> dict[str, Any]:
    """Train what is not trained yet, keep it, and sum up."""
    experiment = template.experiment()
    entry = read().get(kind, {})
    if entry.get("fingerprint") != experiment.with_(seed=0).fingerprint():
        entry = {"fingerprint": experiment.with_(seed=0).fingerprint(), "runs": []}
    prepared = prepare(experiment.data, cache=cache_folder())
    entry["cases"] = prepared.size("test")
    if "baselines" not in entry:
        entry["baselines"] = compare(prepared)
    name = next(iter(template.target()))
    few = 0 < entry["cases"] < FEW and prepared.facts.view == "table"
    if few and "other_splits" not in entry:
        entry["other_splits"] = [try_split(experiment, seed, name) for seed in SPLITS]
    for seed in SEEDS:
        if not any(run["seed"] == seed for run in entry["runs"]):
            entry["runs"].append({"seed": seed, **train(experiment.with_(seed=seed))})
            entry |= summarise(kind, template, entry)
            keep(kind, entry)
    return {**summarise(kind, template, entry), "baselines": entry["baselines"], "runs": entry["runs"]}


def train(experiment: Experiment) -> dict[str, Any]:
    """One training to its end: scores by name (`test_accuracy` …), seconds, steps, parameters."""
    ticks = fit(Run(experiment, prepare(experiment.data, cache=cache_folder()), device="cpu"))
    while True:
        try:
            tick = next(ticks)
        except StopIteration as end:
            result: Result = end.value
            break
        if tick.doing == "trouble":
            raise RuntimeError(tick.diagnostic.message if tick.diagnostic else "The run stopped.")
    scores = {
        f"{part}_{name}": round(value, 4) for part, numbers in result.scores.items() for name, value in numbers.items()
    }
    return {
        **scores,
        "seconds": round(result.seconds, 1),
        "steps": result.steps,
        "parameters": result.parameters,
        "stepper": result.stepper,
    }


def try_split(experiment: Experiment, seed: int, name: str) -> dict[str, float]:
    """The network and the best simple model on another split of the same data."""
    split = experiment.data.split.with_(seed=seed)
    other = experiment.with_(data=experiment.data.with_(split=split), seed=0)
    simple = max(entry[name] for entry in compare(prepare(other.data)))
    return {"seed": seed, "network": train(other)[name], "simple": round(simple, 4)}


def summarise(kind: str, template: Template, entry: dict[str, Any]) -> dict[str, Any]:
    """What the trainings so far amount to.

    template, seeds (how many trainings), metric, target, median, reached, seconds and parameters (of one training), the
    best simple model and its score, and `says`: one sentence about which of the two is better.
    """
    (name, target), runs = next(iter(template.target().items())), entry["runs"]
    median = statistics.median(run[name] for run in runs)
    best = max(entry["baselines"], key=lambda one: one.get(name, -np.inf), default=None)
    summary = {
        "template": kind,
        "seeds": len(runs),
        "metric": name,
        "target": target,
        "median": median,
        "reached": median >= target,
        "seconds": statistics.median(run["seconds"] for run in runs),
        "parameters": runs[0]["parameters"],
        "simple_model": best["name"] if best else None,
        "simple_score": round(best[name], 4) if best else None,
    }
    return {**summary, "says": compared(summary, entry)}


def compared(summary: dict[str, Any], entry: dict[str, Any]) -> str:
    """Network against the best simple model, in words."""
    if summary["simple_model"] is None:
        return ""
    ours, theirs, model = summary["median"], summary["simple_score"], summary["simple_model"]
    share = summary["metric"].endswith("accuracy")
    mine, other = (f"{100 * ours:.1f} %", f"{100 * theirs:.1f} %") if share else (f"{ours:.3f}", f"{theirs:.3f}")
    splits = entry.get("other_splits", [])
    ahead = sum(split["network"] > split["simple"] for split in splits)
    behind = sum(split["network"] < split["simple"] for split in splits)
    if abs(ours - theirs) <= (chance(ours, entry["cases"]) if share else 0.02) or (ahead and behind):
        words = f"A simpler model does as well: {model} {other}, this network {mine}."
    elif ours > theirs:
        words = f"The network wins: {mine}, {model} {other}."
    else:
        words = f"The simple model wins here: {model} {other}, this network {mine}."
    return words + (f" On {len(splits)} splits the network is ahead {ahead} times, behind {behind}." if splits else "")


def chance(share: float, cases: int) -> float:
    """Two standard deviations of a share found on so many cases, at least one case."""
    return float(max(2 * (share * (1 - share) / cases) ** 0.5, 1 / cases))


# ---- the file -------------------------------------------------------------------------------------------------------


def read() -> dict[str, Any]:
    """What is measured already, by kind."""
    try:
        kept: dict[str, Any] = json.loads(RESULTS.read_text())["templates"]
    except (OSError, ValueError, KeyError):
        return {}
    return kept


def keep(kind: str, entry: dict[str, Any]) -> None:
    """Write one template's entry, leaving the others as they are."""
    machine = {
        "cores": os.cpu_count(),
        "threads": torch.get_num_threads(),
        "machine": platform.machine(),
        "python": platform.python_version(),
        "torch": torch.__version__,
    }
    kept = {"machine": machine, "templates": {**read(), kind: entry}}
    RESULTS.parent.mkdir(exist_ok=True)
    unfinished = RESULTS.with_suffix(f".{os.getpid()}")
    unfinished.write_text(json.dumps(kept, indent=1) + "\n")
    unfinished.replace(RESULTS)


if __name__ == "__main__":
    for result in measure(only=sys.argv[1] if len(sys.argv) > 1 else ""):
        print(json.dumps({key: value for key, value in result.items() if key not in ("runs", "baselines")}), flush=True)
