"""Tasks on the test cases of a stored run: which it got right, wrong or nearly either way, and what-if answers."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from playground.core.experiment import Experiment
from playground.core.facts import Facts
from playground.core.layer import Layer
from playground.engine.plane_picture import plane_picture
from playground.engine.tasks import Answer, Work, task
from playground.explainers import explainers
from playground.explainers.frozen import Frozen
from playground.settings import cache_folder
from playground.training.frames import Field, pack
from playground.training.prepared import Prepared, prepare
from playground.trust.explanation import freeze_run

TABS = ("right", "wrong", "unsure")
MOST = 200
JUDGED = 10_000
"""Test cases that are judged; larger test parts are thinned evenly."""


class Opened(NamedTuple):
    """A stored run, rebuilt and frozen, with its data."""

    run: str
    step: int
    experiment: Experiment
    prepared: Prepared
    frozen: Frozen


def opened(work: Work) -> Opened:
    """The run that the arguments name, at its newest checkpoint. Raises ValueError with one sentence."""
    name = str(work.arguments.get("run", ""))
    snapshot = work.snapshot(name)
    experiment = snapshot.experiment
    role = next(iter(experiment.networks))
    prepared = prepare(experiment.data, cache=cache_folder())
    frozen = freeze_run(experiment, snapshot.weights(role), prepared)
    return Opened(name, snapshot.step, experiment, prepared, frozen)


@task
def explain_cases(work: Work) -> Answer:
    """Test cases by tab, the most telling first, and the methods this network can be explained with."""
    work.progress(0.1, "Reading the run")
    run = opened(work)
    count = max(1, min(int(work.arguments.get("count") or 60), MOST))
    part = run.prepared.part("test")
    total = len(part.indices)
    rows = np.unique(np.linspace(0, total - 1, min(total, JUDGED)).astype(int)) if total else np.zeros(0, int)
    work.progress(0.3, f"Asking the network about {len(rows):,} test cases")
    judged = _judge(run, part.inputs[rows], run.prepared.raw_targets("test")[rows])
    chosen, counts = _tabs(judged, run.prepared.facts, count)
    cases = [
        {
            "id": int(rows[position]),
            "row": int(part.indices[rows[position]]),
            "tab": tab,
            "truth": judged[position]["truth"],
            "answer": judged[position]["answer"],
            "probability": judged[position]["probability"],
            "label": _label(judged[position], run.prepared.facts),
        }
        for tab, position in chosen
    ]
    shown = part.inputs[rows[[position for _, position in chosen]]] if chosen else part.inputs[:0]
    facts = run.prepared.facts
    result = {
        "run": run.run,
        "step": run.step,
        "facts": facts.model_dump(mode="json"),
        "methods": _methods(run.frozen),
        "layers": _convolutions(run.frozen),
        "counts": counts,
        "cases": cases,
        "test_reads": 1,
    }
    header = {"type": "cases", "run": run.run, "task": work.arguments.get("task", "")}
    if facts.view == "plane":
        more, plane = plane_picture(run.frozen, run.prepared)
        return Answer(result, pack(header | more, [*_rows(shown), *plane]))
    return Answer(result, pack(header, _pictures(shown) if facts.view == "image" else _rows(shown)))


@task
def explain_answer(work: Work) -> Answer:
    """What the network answers to a case that a person changed: `values` are its raw inputs."""
    run = opened(work)
    template = run.prepared.inputs("train")[:1]
    given = work.arguments.get("values")
    if not isinstance(given, list) or len(given) != template[0].size:
        raise ValueError(f"A changed case needs {template[0].size} numbers.")
    values = np.asarray(given, np.float64)
    if not np.isfinite(values).all():
        raise ValueError("A changed case may hold numbers only; one of these is not a number.")
    raw = values.reshape(template.shape).astype(template.dtype)
    judged = _judge(run, raw, None)[0]
    return Answer({"probabilities": judged["probabilities"], "answer": judged["answer"]})


def case_of(run: Opened, number: int) -> tuple[Any, float]:
    """Raw inputs and truth of a test case by its place in the test part."""
    size = run.prepared.size("test")
    if not 0 <= number < size:
        raise ValueError(f"There is no test case {number}; there are {size:,}, from 0.")
    truth = float(np.ravel(run.prepared.raw_targets("test")[number])[0])
    return run.prepared.inputs("test")[number], truth


def _judge(run: Opened, inputs: Any, targets: Any) -> list[dict[str, Any]]:
    """Answer, truth and probabilities of raw cases, one entry each."""
    import torch

    facts, entries = run.prepared.facts, list[dict[str, Any]]()
    with torch.no_grad():
        for start in range(0, len(inputs), 500):
            batch = torch.from_numpy(np.asarray(run.prepared.transform(inputs[start : start + 500]), np.float32))
            found: list[tuple[Any, float | None, list[float] | None]]
            if facts.task == "regression":
                values = np.asarray(run.prepared.untransform_targets(run.frozen.module(batch).numpy()))
                found = [(float(v.ravel()[0]), None, None) for v in values]
            else:
                shares = run.frozen.probabilities(batch).numpy()
                found = [(int(p.argmax()), float(p.max()), [float(x) for x in p]) for p in shares]
            for offset, (answer, probability, probabilities) in enumerate(found):
                truth = None if targets is None else float(np.ravel(targets[start + offset])[0])
                entries.append(
                    {"answer": answer, "truth": truth, "probability": probability, "probabilities": probabilities}
                )
    return entries


def _tabs(judged: list[dict[str, Any]], facts: Facts, count: int) -> tuple[list[tuple[str, int]], dict[str, int]]:
    """The first `count` cases of each tab, and how many each has. A regression has its nearest and farthest answers,
    and those in between as "unsure"."""
    order: dict[str, list[int]] = {}
    if facts.task == "regression":
        by_error = sorted(range(len(judged)), key=lambda i: abs(judged[i]["answer"] - judged[i]["truth"]))
        third = max(1, len(by_error) // 3)
        order = {"right": by_error[:third], "wrong": by_error[-third:][::-1], "unsure": by_error[third:-third]}
    else:
        right = [i for i, case in enumerate(judged) if case["answer"] == case["truth"]]
        wrong = [i for i, case in enumerate(judged) if case["answer"] != case["truth"]]
        margin = {i: _margin(case["probabilities"]) for i, case in enumerate(judged)}
        unsure = sorted((i for i in margin if margin[i] < 0.4), key=lambda i: margin[i])
        order = {
            "right": _one_of_each(right, judged),
            "wrong": sorted(wrong, key=lambda i: -margin[i]),
            "unsure": unsure,
        }
    chosen = [(tab, position) for tab in TABS for position in order[tab][:count]]
    return chosen, {tab: len(order[tab]) for tab in TABS}


def _one_of_each(positions: list[int], judged: list[dict[str, Any]]) -> list[int]:
    """Classes in turn, so that the first tiles show every class."""
    classes: dict[Any, list[int]] = {}
    for position in positions:
        classes.setdefault(judged[position]["truth"], []).append(position)
    longest = max((len(rows) for rows in classes.values()), default=0)
    return [classes[name][turn] for turn in range(longest) for name in sorted(classes) if turn < len(classes[name])]


def _margin(probabilities: list[float]) -> float:
    """Distance between the two likeliest classes."""
    first, second = sorted(probabilities)[-2:][::-1]
    return first - second


def _label(case: dict[str, Any], facts: Facts) -> str:
    if facts.task == "regression":
        return f"{case['answer']:,.4g}, in truth {case['truth']:,.4g}"
    said, truth = facts.classes[case["answer"]], facts.classes[int(case["truth"])]
    return f"{said}, {case['probability']:.2f}" + ("" if said == truth else f", in truth {truth}")


def _methods(frozen: Frozen) -> list[dict[str, Any]]:
    """Every explainer with whether it is offered for this network, and why."""
    entries = {entry["kind"]: entry for entry in explainers.describe()}
    offers = ((part, part().offer(frozen.checked, frozen.facts)) for part in explainers)
    return [{"part": entries[part.kind], "offer": offer.exactness, "reason": offer.reason} for part, offer in offers]


def _convolutions(frozen: Frozen) -> list[dict[str, str]]:
    """Layers whose maps Grad-CAM can read, in order."""
    found = (leaf for leaf in frozen.checked.leaves() if _has_maps(leaf.node.layer))
    return [{"path": leaf.path, "title": leaf.title} for leaf in found]


def _has_maps(layer: Layer) -> bool:
    return layer.silhouette == "conv"


def _pictures(inputs: Any) -> list[Field]:
    grey = inputs.mean(1) if inputs.ndim == 4 else inputs
    return [Field("tiles", np.ascontiguousarray(grey.clip(0, 255).astype(np.uint8)))]


def _rows(inputs: Any) -> list[Field]:
    return [Field("rows", np.ascontiguousarray(inputs.reshape(len(inputs), -1).astype(np.float32)))]
