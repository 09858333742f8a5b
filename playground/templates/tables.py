"""Networks on tables: every column means something, and simple models are hard to beat."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from playground.core.experiment import Data, Experiment, Split, Training
from playground.datasets.tables import Diabetes, Iris
from playground.layers.activation import ReLU, Tanh
from playground.layers.dense import Dense
from playground.losses.classification import CrossEntropy
from playground.losses.regression import MeanSquaredError
from playground.metrics.classification import Accuracy
from playground.metrics.regression import R2, MeanAbsoluteError
from playground.objectives.supervised import Supervised
from playground.optimizers.adaptive import Adam
from playground.preparation.scaling import Standardise, StandardiseTarget
from playground.schedules.falling import Constant, Cosine
from playground.templates import templates
from playground.templates.plane import dense_network
from playground.templates.sketch import Sketch

SMALL = Split(train=0.6, validation=0.1, test=0.2, sealed=0.1)
"""Few cases: a fifth judges, or the score would jump with every case."""


@templates.register("iris", title="Iris", group="Tables", synonyms=("flowers", "classification"))
class IrisTemplate(Sketch):
    """Eight units tell three kinds of iris apart by four lengths."""

    purpose: ClassVar[str] = (
        "Three kinds need three answers, one each, and the largest wins. "
        "Look at what logistic regression reaches on the same flowers: a network is not always worth it."
    )
    unfolded: ClassVar[tuple[str, ...]] = ("hidden", "last")

    def experiment(self) -> Experiment:
        return Experiment(
            networks={"model": dense_network(Dense(units=8, activation=ReLU()), answers=3)},
            data=Data(dataset=Iris(), preparation=(Standardise(),), split=SMALL),
            objective=Supervised(loss=CrossEntropy()),
            training=Training(optimizer=Adam(learning_rate=0.01), schedule=Constant(), batch_size=16, epochs=100),
            metrics=(Accuracy(),),
        )

    def target(self) -> Mapping[str, float]:
        return {"test_accuracy": 0.93}


@templates.register("diabetes", title="Diabetes", group="Tables", synonyms=("regression", "health"))
class DiabetesTemplate(Sketch):
    """A network of 321 weights answers a number in its own unit, beside a ridge regression with eleven."""

    purpose: ClassVar[str] = (
        "The answer is a number with a unit, and half of its spread cannot be known from these ten columns. "
        "Compare with the ridge regression beside it: which of the two is ahead depends on how the patients were split."
    )

    def experiment(self) -> Experiment:
        hidden = [Dense(units=units, activation=Tanh()) for units in (16, 8)]
        return Experiment(
            networks={"model": dense_network(*hidden)},
            data=Data(dataset=Diabetes(), preparation=(Standardise(), StandardiseTarget()), split=SMALL),
            objective=Supervised(loss=MeanSquaredError()),
            training=Training(
                optimizer=Adam(learning_rate=0.003, weight_decay=0.01), schedule=Cosine(), batch_size=32, epochs=60
            ),
            metrics=(R2(), MeanAbsoluteError()),
        )

    def target(self) -> Mapping[str, float]:
        return {"test_r2": 0.4}
