"""Losses of a row of answers and their slope, written out."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch.nn import functional

from playground.core.contracts import Loss
from playground.losses.classification import BinaryCrossEntropy, CrossEntropy
from playground.losses.regression import MeanSquaredError

Slope = Callable[[torch.Tensor, torch.Tensor, torch.Tensor], None]
"""(answers [n, k], wanted [n, k], delta): writes the slope of the mean loss into delta."""


def is_written_out(loss: Loss) -> bool:
    """Whether this loss is known here."""
    return type(loss) in (BinaryCrossEntropy, CrossEntropy, MeanSquaredError) and not getattr(
        loss, "label_smoothing", 0
    )


def wanted(loss: Loss, truth: torch.Tensor, width: int, dtype: torch.dtype) -> torch.Tensor:
    """Targets of several batches, [steps, n] or [steps, n, k], in the form of answers: [steps, n, k]."""
    if isinstance(loss, CrossEntropy):
        return functional.one_hot(truth, width).to(dtype)
    return truth.to(dtype)[:, :, None] if truth.dim() == 2 else truth.to(dtype)


def slope(loss: Loss, rows: int, width: int) -> Slope:
    """The slope for batches of `rows` cases. Means are over cases; squares also over the numbers of an answer."""
    share = 1 / rows

    def binary(raw: torch.Tensor, target: torch.Tensor, delta: torch.Tensor) -> None:
        torch.sigmoid(raw, out=delta)
        delta.sub_(target).mul_(share)

    def classes(raw: torch.Tensor, target: torch.Tensor, delta: torch.Tensor) -> None:
        torch.softmax(raw, 1, out=delta)
        delta.sub_(target).mul_(share)

    def squares(raw: torch.Tensor, target: torch.Tensor, delta: torch.Tensor) -> None:
        torch.sub(raw, target, out=delta)
        delta.mul_(2 * share / width)

    if isinstance(loss, BinaryCrossEntropy):
        return binary
    return classes if isinstance(loss, CrossEntropy) else squares


def losses(loss: Loss, raw: torch.Tensor, truth: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
    """The loss of each step, from its answers [steps, n, k]: [steps]."""
    if isinstance(loss, BinaryCrossEntropy):
        each = functional.binary_cross_entropy_with_logits(raw, target, reduction="none")
    elif isinstance(loss, CrossEntropy):
        each = functional.cross_entropy(raw.flatten(0, 1), truth.flatten(), reduction="none").reshape(truth.shape)
    else:
        each = (raw - target).square()
    return each.flatten(1).mean(1)
