"""How fast this machine trains with one core: measured in a worker that has nothing else to do, on the CPU's clock."""

from __future__ import annotations

import time
from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn.functional import conv2d, linear, max_pool2d, mse_loss

from playground.engine.messages import Measured

SECONDS = 0.02
"""CPU time for each of both measurements, its first step left out. A Play that arrives meanwhile waits for them."""
FEWEST, MOST = 2, 50
BATCH, CHANNELS, SIDE, KERNEL = 16, 12, 26, 3


def measure() -> Measured:
    """Both numbers. Draws no random numbers, so no run notices."""
    return Measured(flops_per_second=_flops() / _seconds(_large()), seconds_per_step=_seconds(_small()))


def _flops() -> int:
    """Of a step of `_large`: the pass forward, and twice as much for the gradients by inputs and by weights."""
    answers = BATCH * CHANNELS * (SIDE - KERNEL + 1) ** 2
    return 3 * answers * 2 * CHANNELS * KERNEL**2


def _large() -> Callable[[], None]:
    """A training step of a convolution in the middle of a network, with the activation and the pooling behind it."""
    inputs = _numbers(BATCH, CHANNELS, SIDE, SIDE)
    weights = _numbers(CHANNELS, CHANNELS, KERNEL, KERNEL)

    def step() -> None:
        answers = max_pool2d(conv2d(inputs, weights).relu(), 2)
        torch.autograd.grad(answers.sum(), (inputs, weights))

    return step


def _small() -> Callable[[], None]:
    """A training step of a network of 2, 4 and 1 units on ten cases: what counts is calling, not computing."""
    inputs, targets = _numbers(10, 2).detach(), _numbers(10, 1).detach()
    parameters = [_numbers(4, 2), _numbers(4), _numbers(1, 4), _numbers(1)]
    optimizer = torch.optim.Adam(parameters)

    def step() -> None:
        first, shift, second, bias = parameters
        answers = linear(linear(inputs, first, shift).tanh(), second, bias)
        optimizer.zero_grad()
        mse_loss(answers, targets).backward()  # type: ignore[no-untyped-call]
        optimizer.step()

    return step


def _numbers(*shape: int) -> Tensor:
    count = 1
    for length in shape:
        count *= length
    return torch.linspace(-1, 1, count).reshape(shape).requires_grad_()


def _seconds(step: Callable[[], None]) -> float:
    """The median CPU time of a step."""
    step()
    times: list[float] = []
    until = time.thread_time() + SECONDS
    while len(times) < FEWEST or (len(times) < MOST and time.thread_time() < until):
        started = time.thread_time()
        step()
        times.append(time.thread_time() - started)
    return sorted(times)[len(times) // 2]
