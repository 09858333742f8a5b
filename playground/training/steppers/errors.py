"""Losses of a row of answers and their slope, written out."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch.nn import functional

from playground.core.contracts import Loss
from playground.losses.classification import BinaryCrossEntropy, CrossEntropy
from playground.losses.regression import MeanSquaredError

Slope = Callable[[torch.Tensor, torch.Tensor, torch.Tensor], object]
"""(answers [n, k], offset [n, k], delta): writes the slope of the mean loss into delta."""


def is_written_out(loss: Loss) -> bool:
    """Whether this loss is known here."""
    return type(loss) in (BinaryCrossEntropy, CrossEntropy, MeanSquaredError) and not getattr(
        loss, "label_smoothing", 0
    )


def wanted(loss: Loss, truth: torch.Tensor, width: int, dtype: torch.dtype) -> torch.Tensor:
    """Targets of several batches, [steps, n] or [steps, n, k], in the form of answers: [steps, n, k]."""
    if isinstance(loss, CrossEntropy):
        return torch.zeros(*truth.shape, width, dtype=dtype, device=truth.device).scatter_(2, truth[:, :, None], 1)
    return truth.to(dtype)[:, :, None] if truth.dim() == 2 else truth.to(dtype)


def share(loss: Loss, rows: int, width: int) -> float:
    """What a difference between answer and target counts in the slope. Means are over cases; squares also over the
    numbers of an answer."""
    return 2 / (rows * width) if isinstance(loss, MeanSquaredError) else 1 / rows


def slope(loss: Loss, rows: int, width: int, like: torch.Tensor) -> Slope:
    """The slope for batches of `rows` cases. Its offset is the target times −share, made for many steps at once."""
    by, add = share(loss, rows, width), torch.add

    if isinstance(loss, BinaryCrossEntropy):
        sigmoid = torch.sigmoid
        return lambda raw, offset, delta: add(offset, sigmoid(raw, out=delta), alpha=by, out=delta)
    if isinstance(loss, MeanSquaredError):
        return lambda raw, offset, delta: add(offset, raw, alpha=by, out=delta)

    # Softmax in parts: torch's own takes longer than all of these together where classes are few.
    row, amax, sub, total, addcdiv = like.new_empty(rows, 1), torch.amax, torch.sub, torch.sum, torch.addcdiv

    def classes(raw: torch.Tensor, offset: torch.Tensor, delta: torch.Tensor) -> None:
        amax(raw, 1, True, out=row)
        sub(raw, row, out=delta).exp_()
        total(delta, 1, True, out=row)
        addcdiv(offset, delta, row, value=by, out=delta)

    return classes


def losses(loss: Loss, raw: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
    """The loss of each step, from its answers [steps, n, k]: [steps]."""
    if isinstance(loss, BinaryCrossEntropy):
        each = functional.binary_cross_entropy_with_logits(raw, target, reduction="none")
    elif isinstance(loss, CrossEntropy):
        # Log of softmax in parts, as in `slope`.
        top = raw.amax(2, keepdim=True)
        each = (raw - top).exp_().sum(2).log_() + top[:, :, 0] - (raw * target).sum(2)
    else:
        each = (raw - target).square()
    return each.flatten(1).mean(1)
