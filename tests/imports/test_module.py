"""Modules of PyTorch become drawings with their weights that answer alike."""

from __future__ import annotations

import pytest
import torch
from torch import nn
from torch.nn import functional

from playground.core.reading import Refused
from playground.export.rebuilt import rebuilt
from playground.imports import from_module


class Pictures(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv1, self.conv2 = nn.Conv2d(1, 6, 5, padding=2), nn.Conv2d(6, 16, 5, stride=1)
        self.dense, self.norm, self.bend = nn.Linear(400, 20), nn.BatchNorm1d(20), nn.PReLU(20)
        self.last = nn.Linear(20, 10)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = functional.max_pool2d(functional.relu(self.conv1(x)), 2)
        x = functional.avg_pool2d(torch.tanh(self.conv2(x)), 2)
        return self.last(self.bend(self.norm(self.dense(x.view(x.size(0), -1)))))


class Branches(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.stem, self.norm = nn.Conv2d(3, 8, 3, stride=2, padding=1, bias=False), nn.BatchNorm2d(8)
        self.a, self.b, self.last = nn.Conv2d(8, 8, 3, padding=1, groups=2), nn.Conv2d(8, 8, 1), nn.Linear(24, 4)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = functional.relu(self.norm(self.stem(x)))
        y = functional.gelu(self.a(x) + self.b(x), approximate="tanh")
        joined = torch.cat([y, x, torch.sigmoid(y) * x], 1)
        return self.last(torch.flatten(functional.adaptive_avg_pool2d(joined, 1), 1))


class Sequences(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.embed, self.attention = nn.Linear(5, 16), nn.MultiheadAttention(16, 4, batch_first=True)
        self.block = nn.TransformerEncoderLayer(16, 2, 32, batch_first=True, norm_first=True, activation="gelu")
        self.norm, self.last = nn.LayerNorm(16), nn.Linear(16 * 7, 3)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.embed(x)
        seen, _ = self.attention(x, x, x)
        return self.last(self.block(self.norm(x + seen)).flatten(1))


MODULES = [
    (Pictures, (1, 28, 28)),
    (Branches, (3, 32, 32)),
    (Sequences, (7, 5)),
    (lambda: nn.Sequential(nn.Linear(2, 4), nn.LeakyReLU(0.2), nn.Dropout(), nn.Linear(4, 1), nn.Sigmoid()), (2,)),
    (
        lambda: nn.Sequential(
            nn.ConvTranspose2d(2, 4, 2, 2),
            nn.Upsample(scale_factor=2),
            nn.ZeroPad2d((1, 0, 0, 2)),
            nn.MaxPool2d(3, 2, 1),
        ),
        (2, 4, 4),
    ),
]


@pytest.mark.parametrize(("make", "shape"), MODULES)
def test_the_drawing_answers_as_the_module_does(make: type[nn.Module], shape: tuple[int, ...]) -> None:
    torch.manual_seed(0)
    module = make()
    with torch.no_grad():
        for _ in range(3):
            module(torch.randn(8, *shape))  # so that batch norm has seen something
    found = from_module(module, torch.randn(2, *shape))
    assert module.training
    x = torch.randn(5, *shape)
    with torch.no_grad():
        ours = rebuilt(found.experiment, found.weights).module(x)
        theirs = module.eval()(x)
    assert ((ours - theirs).abs() <= 1e-6 * theirs.abs().clamp(min=1)).all()


class Forks(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x * 2 if x.sum() > 0 else x


@pytest.mark.parametrize(
    ("module", "sentence"),
    [
        (Forks(), "torch.fx cannot follow"),
        (nn.Sequential(nn.Linear(4, 4), nn.GroupNorm(2, 4)), "GroupNorm, and there is no such layer"),
        (nn.Sequential(nn.Linear(4, 4), nn.ReLU6()), "limits that no layer here has"),
        (nn.Sequential(), "There is no layer"),
    ],
)
def test_what_cannot_be_drawn_exactly_is_refused(module: nn.Module, sentence: str) -> None:
    with pytest.raises(Refused, match=sentence):
        from_module(module, torch.randn(3, 4))
