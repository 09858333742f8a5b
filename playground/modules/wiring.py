"""Where branches meet. Modules, not operators, so that pictures and explanations find them."""

import torch
from torch import nn


class Add(nn.Module):
    """The sum of all inputs, number by number."""

    def forward(self, *inputs: torch.Tensor) -> torch.Tensor:
        total = inputs[0]
        for other in inputs[1:]:
            total = total + other
        return total


class Concatenate(nn.Module):
    """All inputs behind one another, along features or channels."""

    def forward(self, *inputs: torch.Tensor) -> torch.Tensor:
        return torch.cat(inputs, dim=1)


class Multiply(nn.Module):
    """The product of all inputs, number by number; a row scales the channels of a picture."""

    def forward(self, *inputs: torch.Tensor) -> torch.Tensor:
        axes = max(x.dim() for x in inputs)
        first, *others = (x.reshape(*x.shape, *([1] * (axes - x.dim()))) for x in inputs)
        for other in others:
            first = first * other
        return first
