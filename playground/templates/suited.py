"""What goes with a data set: preparation, goal, metrics, split."""

from __future__ import annotations

from playground.core.contracts import Dataset
from playground.core.experiment import Data, Experiment, Split
from playground.core.facts import Facts
from playground.core.shares import count
from playground.losses import losses
from playground.metrics import metrics
from playground.preparation import preparation
from playground.templates import templates


def suited(experiment: Experiment, dataset: Dataset) -> Experiment:
    """The experiment on another data set. What a template says about these data is taken; else what fits the task."""
    for template in templates:
        model = template().experiment()
        if model.data.dataset.kind == dataset.kind:
            return experiment.with_(data=model.data, objective=model.objective, metrics=model.metrics)
    facts = dataset.facts()
    loss, metric, steps = _by_task(facts)
    data = Data(
        dataset=dataset,
        preparation=tuple(preparation.read({"kind": step}) for step in steps),
        split=_split(facts),
    )
    objective = experiment.objective
    if "loss" in type(objective).model_fields:
        objective = objective.with_(loss=losses.read({"kind": loss}))
    return experiment.with_(data=data, objective=objective, metrics=(metrics.read({"kind": metric}),))


def _by_task(facts: Facts) -> tuple[str, str, tuple[str, ...]]:
    """Loss, metric and preparation that are right for a task."""
    scaling = {"plane": (), "image": ("scale",), "table": ("standardise",)}[facts.view]
    if facts.task == "regression":
        targets = ("standardise_target",) if facts.view == "table" else ()
        return "mean_squared_error", "r2", (*scaling, *targets)
    return ("binary_cross_entropy" if facts.task == "binary" else "cross_entropy"), "accuracy", scaling


def _split(facts: Facts) -> Split:
    """Half and half for points on a plane, where there are always more; else the usual four parts."""
    if facts.view == "plane":
        return Split(train=0.5, validation=0.0, test=0.5, sealed=0.0)
    split = Split()
    few = count(split, facts.samples)["validation"] < 10
    return Split(train=0.7, validation=0.0, test=0.2, sealed=0.1) if few else split
