"""Networks that look at pictures, from one hidden layer to a small residual network."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from playground.core.experiment import Data, Experiment, Split, Training
from playground.core.layer import Layer
from playground.core.network import Network
from playground.datasets.pictures import FashionMnist
from playground.datasets.tables import Digits
from playground.layers.activation import ReLU
from playground.layers.convolution import Conv2d
from playground.layers.dense import Dense
from playground.layers.ends import Input, Output
from playground.layers.normalisation import BatchNorm
from playground.layers.pooling import GlobalPool, MaxPool
from playground.layers.regularisation import Dropout
from playground.layers.shaping import Flatten
from playground.layers.wiring import Add
from playground.losses.classification import CrossEntropy
from playground.metrics.classification import Accuracy
from playground.objectives.supervised import Supervised
from playground.optimizers.adaptive import Adam
from playground.preparation.scaling import Scale
from playground.schedules.falling import Constant, Cosine
from playground.templates import templates
from playground.templates.sketch import PER_ROW, Sketch, chain

CLASSES = 10


def clothes(network: Network, training: Training) -> Experiment:
    """An experiment on Fashion-MNIST with the default split."""
    return Experiment(
        networks={"model": network},
        data=Data(dataset=FashionMnist(), preparation=(Scale(),)),
        objective=Supervised(loss=CrossEntropy()),
        training=training,
        metrics=(Accuracy(),),
    )


@templates.register("digits-mlp", title="Digits", group="Pictures", synonyms=("handwriting", "mlp"))
class DigitsTemplate(Sketch):
    """One hidden layer reads handwritten digits of 8 × 8 points, in seconds."""

    purpose: ClassVar[str] = (
        "Flatten lays the picture out as one row of 64 numbers: the network does not know which points are neighbours. "
        "Draw the digits it gets wrong and see whether you would have known."
    )

    def experiment(self) -> Experiment:
        layers: dict[str, Layer] = {
            "input": Input(),
            "flatten": Flatten(),
            "hidden": Dense(units=64, activation=ReLU()),
            "last": Dense(units=CLASSES),
            "output": Output(),
        }
        return Experiment(
            networks={"model": chain(layers)},
            data=Data(
                dataset=Digits(),
                preparation=(Scale(),),
                split=Split(train=0.6, validation=0.1, test=0.2, sealed=0.1),
            ),
            objective=Supervised(loss=CrossEntropy()),
            training=Training(optimizer=Adam(learning_rate=0.003), schedule=Constant(), batch_size=32, epochs=40),
            metrics=(Accuracy(),),
        )

    def target(self) -> Mapping[str, float]:
        return {"test_accuracy": 0.96}


@templates.register("fashion-mnist-mlp", title="Clothes, dense", group="Pictures", synonyms=("mlp", "dropout"))
class FashionMlpTemplate(Sketch):
    """One wide layer with dropout names ten kinds of clothes."""

    purpose: ClassVar[str] = (
        "128 units look at all 784 points of a picture at once, and dropout keeps them from leaning on each other. "
        "Look at which shirts it takes for coats."
    )

    def experiment(self) -> Experiment:
        layers: dict[str, Layer] = {
            "input": Input(),
            "flatten": Flatten(),
            "hidden": Dense(units=128, activation=ReLU()),
            "dropout": Dropout(rate=0.2),
            "last": Dense(units=CLASSES),
            "output": Output(),
        }
        training = Training(optimizer=Adam(learning_rate=0.001), schedule=Cosine(), batch_size=64, epochs=20)
        return clothes(chain(layers), training)

    def place(self, id: str, number: int) -> tuple[float, float]:
        return number % 3, number // 3

    def target(self) -> Mapping[str, float]:
        return {"test_accuracy": 0.88}


@templates.register("fashion-mnist-cnn", title="Clothes, convolution", group="Pictures", synonyms=("cnn", "lenet"))
class FashionCnnTemplate(Sketch):
    """Small windows slide over the picture: two convolutions find edges and shapes, wherever they are."""

    purpose: ClassVar[str] = (
        "A convolution looks at neighbouring points only and uses the same weights everywhere; pooling steps back. "
        "Watch the feature maps: edges first, then sleeves and soles."
    )

    def experiment(self) -> Experiment:
        layers: dict[str, Layer] = {
            "input": Input(),
            "conv1": Conv2d(channels=16, kernel=3, activation=ReLU()),
            "pool1": MaxPool(size=2),
            "conv2": Conv2d(channels=32, kernel=3, activation=ReLU()),
            "pool2": MaxPool(size=2),
            "flatten": Flatten(),
            "hidden": Dense(units=64, activation=ReLU()),
            "dropout": Dropout(rate=0.25),
            "last": Dense(units=CLASSES),
            "output": Output(),
        }
        training = Training(optimizer=Adam(learning_rate=0.002), schedule=Cosine(), batch_size=64, epochs=10)
        return clothes(chain(layers), training)

    def target(self) -> Mapping[str, float]:
        return {"test_accuracy": 0.9}


@templates.register("fashion-mnist-resnet", title="Clothes, residual", group="Pictures", synonyms=("resnet", "skip"))
class FashionResnetTemplate(Sketch):
    """Two residual blocks: each adds what it found to what came in, so that gradients have a straight way back."""

    purpose: ClassVar[str] = (
        "Around each pair of convolutions runs a wire that skips them, and Add joins the two. "
        "Remove a skip and compare how fast the loss falls."
    )

    def experiment(self) -> Experiment:
        layers: dict[str, Layer] = {
            "input": Input(),
            "stem": Conv2d(channels=16, kernel=3, stride=2),
            "norm": BatchNorm(),
            "relu": ReLU(),
        }
        for block, channels in enumerate((16, 32), start=1):
            layers |= {
                f"conv{block}a": Conv2d(channels=channels, kernel=3, stride=block, activation=ReLU()),
                f"conv{block}b": Conv2d(channels=channels, kernel=3),
                f"norm{block}": BatchNorm(),
                f"add{block}": Add(),
                f"relu{block}": ReLU(),
            }
        layers |= {"pool": GlobalPool(), "last": Dense(units=CLASSES), "output": Output()}
        # The second block halves the picture and doubles the channels, so its skip has to do so too.
        network = (
            chain(layers)
            .connect("relu", "add1")
            .add(Conv2d(channels=32, kernel=1, stride=2), id="skip2", after="relu1")
        )
        network = network.connect("skip2", "add2")
        training = Training(optimizer=Adam(learning_rate=0.005), schedule=Cosine(), batch_size=64, epochs=8)
        return clothes(network, training)

    def place(self, id: str, number: int) -> tuple[float, float]:
        """One block a row; what skips stands above what it skips."""
        if id == "skip2":
            return 1.5, 1.8
        row, column = (0, number) if number < 4 else (1 + (number - 4) // PER_ROW, (number - 4) % PER_ROW)
        return column, (0, 1, 2.6, 3.6)[row]

    def target(self) -> Mapping[str, float]:
        return {"test_accuracy": 0.9}
