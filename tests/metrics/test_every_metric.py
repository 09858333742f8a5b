"""Every metric: a five-line numpy version, and its value at a perfect answer."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from playground.core.facts import Facts, Task
from playground.metrics import metrics

Array = NDArray[Any]

metrics.discover()


def accuracy(answers: Array, truth: Array) -> float:
    chosen = answers > 0.5 if answers.ndim == 1 else answers.argmax(axis=1)
    return float(np.mean(chosen == truth))


def r2(answers: Array, truth: Array) -> float:
    return float(1 - ((truth - answers) ** 2).sum() / ((truth - truth.mean()) ** 2).sum())


def mean_absolute_error(answers: Array, truth: Array) -> float:
    return float(np.abs(truth - answers).mean())


def mean_squared_error(answers: Array, truth: Array) -> float:
    return float(((truth - answers) ** 2).mean())


ORACLES: dict[str, Callable[[Array, Array], float]] = {
    "accuracy": accuracy,
    "r2": r2,
    "mean_absolute_error": mean_absolute_error,
    "mean_squared_error": mean_squared_error,
}


def facts(task: Task) -> Facts:
    classes = {"binary": ("no", "yes"), "classes": tuple("abcd"), "regression": ()}[task]
    return Facts(
        task=task, input_shape=(2,), output_width=max(1, len(classes) if task == "classes" else 1), classes=classes
    )


def cases(task: Task) -> tuple[Array, Array]:
    draw = np.random.default_rng(2)
    if task == "binary":
        return draw.uniform(size=50), draw.integers(0, 2, 50)
    if task == "classes":
        return draw.dirichlet(np.ones(4), 50), draw.integers(0, 4, 50)
    return draw.normal(size=50), draw.normal(size=50)


JOBS = [(kind, task) for kind in metrics.kinds() for task in metrics[kind].tasks]


@pytest.mark.parametrize(("kind", "task"), JOBS)
def test_a_metric_equals_its_numpy_version(kind: str, task: Task) -> None:
    answers, truth = cases(task)
    metric = metrics.read({"kind": kind}).build(facts(task))
    metric.update(torch.tensor(answers), torch.tensor(truth))
    assert float(metric.compute()) == pytest.approx(ORACLES[kind](answers, truth), rel=1e-6)


@pytest.mark.parametrize(("kind", "task"), JOBS)
def test_a_perfect_answer_is_the_best_there_is(kind: str, task: Task) -> None:
    _, truth = cases(task)
    answers = np.eye(4)[truth] if task == "classes" else truth.astype(float)
    part = metrics.read({"kind": kind})
    metric = part.build(facts(task))
    metric.update(torch.tensor(answers), torch.tensor(truth))
    assert float(metric.compute()) == pytest.approx(1 if part.higher_is_better else 0)
