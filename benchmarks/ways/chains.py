"""Rows of dense layers, trained without us."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from benchmarks.ways.ours import Way, first_weights, order
from playground.core.experiment import Experiment
from playground.training.prepared import Prepared


class Resident:
    """Training data as float tensors in memory, cut into shuffled batches for ever."""

    def __init__(self, wanted: Experiment, prepared: Prepared) -> None:
        raw, targets = prepared.inputs("train"), prepared.targets("train")
        self.wanted, self.prepared = wanted, prepared
        self.inputs = torch.from_numpy(np.asarray(prepared.transform(raw), dtype=np.float32)).flatten(1)
        self.targets = torch.from_numpy(np.array(targets))
        self.size, self.width = wanted.training.batch_size, wanted.network.nodes[-2].layer.units  # type: ignore[attr-defined]
        self.optimizer = wanted.training.optimizer
        self.units = [node.layer.units for node in wanted.network.nodes if node.layer.kind == "dense"]  # type: ignore[attr-defined]
        self.bend = next(node.layer.activation.kind for node in wanted.network.nodes if node.layer.kind == "dense")  # type: ignore[attr-defined]

    def batches(self, targets: torch.Tensor) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
        for rows in order(self.wanted, len(self.inputs)):
            for block in rows.split(self.size * max(1, 2**18 // (self.size * self.inputs.shape[1]))):
                yield from zip(self.inputs[block].split(self.size), targets[block].split(self.size), strict=True)

    def layers(self) -> list[nn.Linear]:
        sizes, first = [self.inputs.shape[1], *self.units], iter(first_weights(self.wanted, self.prepared))
        layers = [nn.Linear(a, b) for a, b in itertools.pairwise(sizes)]
        for layer in layers:
            layer.weight.data, layer.bias.data = next(first), next(first)
        return layers


def eager(wanted: Experiment, prepared: Prepared) -> Way:
    """Modules, autograd and a fused optimizer in the loop that everybody writes."""
    data = Resident(wanted, prepared)
    bend = nn.Tanh if data.bend == "tanh" else nn.ReLU
    layers = data.layers()
    model = nn.Sequential(*[part for layer in layers for part in (layer, bend())][:-1])
    kind = torch.optim.SGD if data.optimizer.kind == "sgd" else torch.optim.Adam
    optimizer = kind(model.parameters(), lr=data.optimizer.learning_rate, fused=True)
    binary = data.width == 1
    targets = data.targets.float()[:, None] if binary else data.targets
    loss_of = nn.BCEWithLogitsLoss() if binary else nn.CrossEntropyLoss()
    batches = data.batches(targets)

    def advance(count: int) -> int:
        for inputs, target in itertools.islice(batches, count):
            optimizer.zero_grad()
            loss_of(model(inputs), target).backward()
            optimizer.step()
        return count

    return Way(advance, list(model.parameters()))


def bare(wanted: Experiment, prepared: Prepared) -> Way:
    """The same gradient by hand. Tensors are made once, Adam is torch's one call; whole batches only."""
    data = Resident(wanted, prepared)
    linear = [(layer.weight.detach().clone(), layer.bias.detach().clone()) for layer in data.layers()]
    parameters = [tensor for pair in linear for tensor in pair]
    n, rate, binary = data.size, data.optimizer.learning_rate, data.width == 1
    targets = data.targets.float()[:, None] if binary else functional.one_hot(data.targets, data.width).float()
    answers = [torch.empty(n, weight.shape[0]) for weight, _ in linear]
    deltas = [torch.empty(n, weight.shape[0]) for weight, _ in linear]
    gradients = [torch.empty_like(parameter) for parameter in parameters]
    ones, tanh = torch.ones(n), data.bend == "tanh"
    adam = data.optimizer.kind == "adam"
    first, second = ([torch.zeros_like(p) for p in parameters] for _ in range(2))
    steps = [torch.zeros(()) for _ in parameters]
    slope_tanh = torch.ops.aten.tanh_backward.grad_input
    slope_relu = torch.ops.aten.threshold_backward.grad_input
    batches = data.batches(targets)
    across = [weight.t() for weight, _ in linear]
    turned = [delta.t() for delta in deltas]
    last = len(linear) - 1

    def step(inputs: torch.Tensor, target: torch.Tensor) -> None:
        here = inputs
        for number, (_, bias) in enumerate(linear):
            torch.addmm(bias, here, across[number], out=answers[number])
            if number < last:
                answers[number].tanh_() if tanh else answers[number].relu_()
            here = answers[number]
        if binary:
            torch.sigmoid(here, out=deltas[last])
        else:
            torch.softmax(here, 1, out=deltas[last])
        deltas[last].sub_(target).mul_(1 / n)
        for number in range(last, -1, -1):
            delta = deltas[number]
            torch.mm(turned[number], answers[number - 1] if number else inputs, out=gradients[2 * number])
            torch.mv(turned[number], ones, out=gradients[2 * number + 1])
            if number:
                below = deltas[number - 1]
                torch.mm(delta, linear[number][0], out=below)
                if tanh:
                    slope_tanh(below, answers[number - 1], grad_input=below)
                else:
                    slope_relu(below, answers[number - 1], 0, grad_input=below)
        if adam:
            torch._foreach_add_(steps, 1)
            torch._fused_adam_(
                parameters, gradients, first, second, [], steps,
                lr=rate, beta1=0.9, beta2=0.999, weight_decay=0.0, eps=1e-8, amsgrad=False, maximize=False,
            )  # fmt: skip
        else:
            for parameter, gradient in zip(parameters, gradients, strict=True):
                parameter.sub_(gradient, alpha=rate)

    def advance(count: int) -> int:
        done = 0
        with torch.inference_mode():
            for inputs, target in batches:
                if len(target) == n:
                    step(inputs, target)
                    done += 1
                if done == count:
                    return done
        return done

    return Way(advance, parameters)


def products(wanted: Experiment, prepared: Prepared) -> Way:
    """Of a step the matrix products alone, one case a column, on a batch that stays where it is."""
    data = Resident(wanted, prepared)
    inputs = data.inputs[: data.size].clone()
    weights = [layer.weight.detach() for layer in data.layers()]
    answers = [torch.randn(weight.shape[0], data.size) for weight in weights]
    deltas = [torch.randn(weight.shape[0], data.size) for weight in weights]
    gradients = [torch.empty_like(weight) for weight in weights]

    def advance(count: int) -> int:
        with torch.inference_mode():
            for _ in range(count):
                for number, weight in enumerate(weights):
                    torch.mm(weight, answers[number - 1] if number else inputs.t(), out=answers[number])
                for number, weight in enumerate(weights):
                    fed = answers[number - 1].t() if number else inputs
                    torch.mm(deltas[number], fed, out=gradients[number])
                    if number:
                        torch.mm(weight.t(), deltas[number], out=deltas[number - 1])
                        deltas[number - 1].fill_(1.0)  # or it would grow without end
        return count

    return Way(advance)
