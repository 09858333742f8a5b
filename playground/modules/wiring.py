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
