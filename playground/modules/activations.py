"""Activations that torch has no module for."""

import torch
from torch import nn


class TemperedSoftmax(nn.Module):
    """Softmax of x / temperature along one axis."""

    def __init__(self, temperature: float, dim: int) -> None:
        super().__init__()
        self.temperature = temperature
        self.dim = dim

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.softmax(x / self.temperature, dim=self.dim)
