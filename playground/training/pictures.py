"""Numbers as pictures: bytes with their scale, histograms, tables of right and wrong."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

Array = NDArray[Any]

LARGEST_SIDE = 64
"""Feature maps are thinned out to at most this many pixels a side."""
TINY = 1e-12
"""Below this, everything counts as zero."""


def signed_bytes(values: torch.Tensor, maximum: torch.Tensor | float) -> Array:
    """128 is zero, 255 = +maximum, 1 = −maximum; what is not a number is zero. `maximum` is broadcast."""
    scaled = (values * (127 / maximum)).nan_to_num_()
    return scaled.clamp_(-127, 127).add_(128).round_().to(torch.uint8).cpu().numpy()


def largest(values: torch.Tensor) -> torch.Tensor:
    """Largest size in each row [n, …] → [n]; 1 for a row of zeros, or with something that is not a number, so that it
    can be divided by."""
    sizes = values.flatten(1).abs().amax(1)
    return torch.where((sizes > TINY) & torch.isfinite(sizes), sizes, 1.0)


def unit_pictures(rows: torch.Tensor, side: int) -> tuple[Array, list[float]]:
    """Answers [units, side²], from the top → bytes [units, side, side] and each unit's maximum."""
    maximum = largest(rows)
    return signed_bytes(rows, maximum[:, None]).reshape(-1, side, side), maximum.tolist()


def feature_maps(answers: torch.Tensor, most: int) -> tuple[Array, list[float], list[int]]:
    """Maps [channels, h, w] → bytes of the most active ones, their maxima and their channels."""
    stride = max(1, -(-max(answers.shape[1:]) // LARGEST_SIDE))
    activity = torch.nan_to_num(answers).abs().mean((1, 2))
    index = torch.argsort(activity, descending=True, stable=True)[:most]
    maps = answers[index, ::stride, ::stride]
    maximum = largest(maps)
    return signed_bytes(maps, maximum[:, None, None]), maximum.tolist(), index.tolist()


def histogram(answers: torch.Tensor, bins: int = 24) -> tuple[Array, list[float]] | None:
    """Share of the numbers in each bin, and [low, high]. None when nothing is a number."""
    values = answers.flatten()
    values = values[torch.isfinite(values)].float()
    if values.numel() == 0:
        return None
    low, high = values.min().item(), values.max().item()
    if high - low < TINY:
        low, high = low - 0.5, high + 0.5
    counts = torch.histc(values.cpu(), bins, low, high)
    return (counts / values.numel()).numpy(), [low, high]


def unit_histograms(answers: torch.Tensor, bins: int = 12) -> tuple[Array, list[float]] | None:
    """Answers [cases, units] → share of each unit's numbers in each bin [units, bins], and the [low, high] they share.
    Zero is in the middle. None when something is not a number."""
    if not bool(torch.isfinite(answers).all()):
        return None
    reach = max(answers.abs().max().item(), TINY)
    place = ((answers / reach + 1) * (bins / 2)).long().clamp_(0, bins - 1)
    counts = torch.stack([(place == at).float().mean(0) for at in range(bins)], 1)
    return counts.cpu().numpy(), [-reach, reach]


def confusion(answers: torch.Tensor, truth: torch.Tensor, classes: int) -> Array:
    """Counts [truth, answer] from chances [n, 1] of the second class, or shares [n, classes]."""
    chosen = (answers[:, 0] > 0.5).long() if answers.shape[1] == 1 else answers.argmax(1)
    counts = torch.bincount(truth.long() * classes + chosen, minlength=classes * classes)
    return counts.reshape(classes, classes).int().numpy()


def grey_bytes(picture: Array) -> Array:
    """A picture [h, w], [1, h, w] or [channels, h, w], bytes or floats, as grey bytes [h, w]."""
    values = np.asarray(picture)
    if values.ndim == 3:
        values = values[0] if len(values) == 1 else values.mean(axis=0)
    if values.dtype == np.uint8:
        return values
    low, high = float(values.min()), float(values.max())
    if values.dtype.kind == "f" and low >= 0 and high <= 1:
        low, high = 0.0, 1.0
    elif low >= 0 and high <= 255:  # a mean of bytes
        low, high = 0.0, max(high, 1.0)
    return np.asarray(np.round((values - low) / max(high - low, TINY) * 255), dtype=np.uint8)
