"""Losses and their slope, written out, for answers that lie one case a column."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch.nn import functional

from playground.core.contracts import Loss
from playground.losses.classification import BinaryCrossEntropy, CrossEntropy
from playground.losses.regression import MeanSquaredError

Slope = Callable[[torch.Tensor, torch.Tensor, torch.Tensor], object]
"""(answers [k, n], offset [k, n], delta): writes the slope of the mean loss into delta."""


def is_written_out(loss: Loss) -> bool:
    """Whether this loss is known here."""
    return type(loss) in (BinaryCrossEntropy, CrossEntropy, MeanSquaredError) and not getattr(
        loss, "label_smoothing", 0
    )


def targets_of(loss: Loss, truth: torch.Tensor, steps: int, dtype: torch.dtype) -> torch.Tensor:
    """Targets of several batches, [steps · n] or [steps · n, k], one case a column: [steps, k, n]. Classes stay
    numbers: k is 1."""
    columns = truth.view(steps, truth.shape[0] // steps, -1).transpose(1, 2)
    return columns if isinstance(loss, CrossEntropy) else columns.to(dtype)


def share(loss: Loss, rows: int, width: int) -> float:
    """What a difference between answer and target counts in the slope. Means are over cases; squares also over the
    numbers of an answer."""
    return 2 / (rows * width) if isinstance(loss, MeanSquaredError) else 1 / rows


def offsets(loss: Loss, targets: torch.Tensor, width: int, dtype: torch.dtype) -> torch.Tensor:
    """What targets add to the slope, whatever the answers: [steps, width, n]."""
    by = -share(loss, targets.shape[2], width)
    if isinstance(loss, CrossEntropy):
        shape = (targets.shape[0], width, targets.shape[2])
        return torch.zeros(shape, dtype=dtype, device=targets.device).scatter_(1, targets, by)
    return targets * by


def slope(loss: Loss, rows: int, width: int) -> Slope:
    """The slope for batches of `rows` cases, from offsets made for many steps at once."""
    by, add = share(loss, rows, width), torch.add
    if isinstance(loss, MeanSquaredError):
        return lambda raw, offset, delta: add(offset, raw, alpha=by, out=delta)
    if isinstance(loss, BinaryCrossEntropy):
        sigmoid = torch.sigmoid
        return lambda raw, offset, delta: add(offset, sigmoid(raw, out=delta), alpha=by, out=delta)
    softmax = torch.softmax
    return lambda raw, offset, delta: add(offset, softmax(raw, 0, out=delta), alpha=by, out=delta)


def losses(loss: Loss, raw: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    """The loss of each step, from its answers [steps, k, n]: [steps]."""
    if isinstance(loss, BinaryCrossEntropy):
        each = functional.binary_cross_entropy_with_logits(raw, targets, reduction="none")
    elif isinstance(loss, CrossEntropy):
        each = torch.log_softmax(raw, 1).gather(1, targets).neg_()
    else:
        each = (raw - targets).square()
    return each.flatten(1).mean(1)
