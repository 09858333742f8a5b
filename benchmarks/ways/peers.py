"""A convolutional network written out, and another library."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import numpy as np
import torch
from torch import nn

from benchmarks.ways.ours import Way, first_weights, order
from playground.core.experiment import Experiment
from playground.training.prepared import Prepared


def by_hand(wanted: Experiment, prepared: Prepared) -> Way:
    """The convolutional network as everybody writes it, over pictures that stay bytes until their batch."""
    model = nn.Sequential(
        nn.Conv2d(1, 16, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(16, 32, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(32 * 7 * 7, 64),
        nn.ReLU(),
        nn.Linear(64, 10),
    )
    for parameter, first in zip(model.parameters(), first_weights(wanted, prepared), strict=True):
        parameter.data = first
    optimizer = torch.optim.Adam(model.parameters(), lr=wanted.training.optimizer.learning_rate, fused=True)
    pictures, targets = torch.from_numpy(prepared.inputs("train")), torch.from_numpy(prepared.targets("train"))
    size, loss_of = wanted.training.batch_size, nn.CrossEntropyLoss()

    def batches() -> Iterator[torch.Tensor]:
        for rows in order(wanted, len(pictures)):
            yield from rows.split(size)

    rows = batches()

    def advance(count: int) -> int:
        for chosen in itertools.islice(rows, count):
            optimizer.zero_grad()
            loss_of(model(pictures[chosen].float() / 255), targets[chosen]).backward()
            optimizer.step()
        return count

    return Way(advance, list(model.parameters()))


def scikit(wanted: Experiment, prepared: Prepared) -> Way:
    """scikit-learn's MLPClassifier in float32, a whole epoch a call."""
    from sklearn.neural_network import MLPClassifier

    inputs = np.asarray(prepared.transform(prepared.inputs("train")), dtype=np.float32)
    inputs, targets = inputs.reshape(len(inputs), -1), np.asarray(prepared.targets("train"))
    rate, size = wanted.training.optimizer.learning_rate, wanted.training.batch_size
    model = MLPClassifier((64,), batch_size=size, learning_rate_init=rate, shuffle=True)
    model.partial_fit(inputs, targets, classes=np.unique(targets))
    steps = -(-len(inputs) // size)

    def advance(count: int) -> int:
        epochs = max(1, count // steps)
        for _ in range(epochs):
            model.partial_fit(inputs, targets)
        return epochs * steps

    return Way(advance)
