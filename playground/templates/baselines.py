"""Simple models on the same split and preparation: what a network has to beat to be worth its trouble."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, Protocol

from playground.core.facts import Facts

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, Any]

MOST_CASES = 10_000
"""Training cases that a simple model gets at most; its entry says how many it got."""
SEED = 0


class Judged(Protocol):
    """The part of prepared data that a comparison needs."""

    @property
    def facts(self) -> Facts: ...
    def inputs(self, part: Any) -> Any: ...
    def raw_targets(self, part: Any) -> Any: ...
    def transform(self, inputs: Any) -> Any: ...


def compare(prepared: Judged) -> list[dict[str, Any]]:
    """One entry a model: `name`, `test_accuracy` or `test_r2` and `test_mean_absolute_error`, `cases`, `seconds`.

    Targets stay in their own unit. Reads the test part once. Empty when there are no test cases.
    """
    truth = prepared.raw_targets("test")
    if len(truth) == 0:
        return []
    test = _rows(prepared, prepared.inputs("test"))
    chosen = _sample(len(prepared.raw_targets("train")))
    train, answers = _rows(prepared, prepared.inputs("train")[chosen]), prepared.raw_targets("train")[chosen]
    regression = prepared.facts.task == "regression"
    if regression:
        answers, truth = answers[:, 0], truth[:, 0]
    entries = []
    for name, make in _regressors() if regression else _classifiers():
        start = time.perf_counter()
        model = make().fit(train, answers)
        scores = (
            _judge_numbers(model.predict(test), truth) if regression else _judge_classes(model.predict(test), truth)
        )
        entries.append({"name": name, **scores, "cases": len(train), "seconds": round(time.perf_counter() - start, 2)})
    return entries


def _rows(prepared: Judged, inputs: Array) -> Array:
    """What the network sees, as one row a case."""
    rows: Array = prepared.transform(inputs).reshape(len(inputs), -1)
    return rows


def _sample(count: int) -> Array:
    """Row numbers of the cases a simple model learns from: all, or MOST_CASES drawn once."""
    import numpy as np

    if count <= MOST_CASES:
        return np.arange(count)
    return np.sort(np.random.default_rng(SEED).choice(count, MOST_CASES, replace=False))


def _classifiers() -> Iterator[tuple[str, Callable[[], Any]]]:
    from sklearn.dummy import DummyClassifier
    from sklearn.linear_model import LogisticRegression
    from sklearn.neighbors import KNeighborsClassifier

    yield "majority", lambda: DummyClassifier(strategy="most_frequent")
    yield "logistic regression", lambda: LogisticRegression(max_iter=1000, C=1.0, tol=1e-3)
    yield "nearest neighbour", lambda: KNeighborsClassifier(n_neighbors=5)


def _regressors() -> Iterator[tuple[str, Callable[[], Any]]]:
    import numpy as np
    from sklearn.dummy import DummyRegressor
    from sklearn.linear_model import RidgeCV
    from sklearn.neighbors import KNeighborsRegressor

    yield "mean", lambda: DummyRegressor(strategy="mean")
    yield "ridge regression", lambda: RidgeCV(alphas=np.logspace(-3, 3, 25))
    yield "nearest neighbour", lambda: KNeighborsRegressor(n_neighbors=5)


def _judge_classes(answers: Array, truth: Array) -> dict[str, float]:
    return {"test_accuracy": float((answers == truth).mean())}


def _judge_numbers(answers: Array, truth: Array) -> dict[str, float]:
    error = truth.astype(float) - answers
    spread = ((truth - truth.mean()) ** 2).sum()
    return {
        "test_r2": float(1 - (error**2).sum() / spread) if spread > 0 else 0.0,
        "test_mean_absolute_error": float(abs(error).mean()),
    }
