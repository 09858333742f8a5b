"""Losses whose targets torch wants in another form than data sets give them."""

import torch
from torch import nn


class BinaryCrossEntropy(nn.Module):
    """Raw answers [n, 1], targets int64 [n] with 0 and 1 → mean of −log p(target)."""

    def forward(self, raw: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
        return nn.functional.binary_cross_entropy_with_logits(raw, targets.reshape(raw.shape).to(raw.dtype))


class Hinge(nn.Module):
    """Raw answers [n, 1], targets int64 [n] with 0 and 1 → mean of max(0, 1 − y × answer), y = −1 or 1."""

    def forward(self, raw: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
        sides = targets.reshape(raw.shape).to(raw.dtype) * 2 - 1
        return torch.clamp(1 - sides * raw, min=0).mean()
