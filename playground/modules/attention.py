"""Attention whose every step is a module, so that its weights can be looked at."""

import math

import torch
from torch import nn


class Scores(nn.Module):
    """How well each query fits each key: q kᵀ / √width. Causal: a position sees itself and what came before."""

    def __init__(self, *, causal: bool) -> None:
        super().__init__()
        self.causal = causal

    def forward(self, query: torch.Tensor, key: torch.Tensor) -> torch.Tensor:
        scores = query @ key.transpose(-2, -1) / math.sqrt(query.shape[-1])
        if not self.causal:
            return scores
        later = torch.ones(scores.shape[-2:], dtype=torch.bool, device=scores.device).triu(1)
        return scores.masked_fill(later, -math.inf)


class Heads(nn.Module):
    """Cuts the last axis into heads: [batch, positions, heads × width] → [batch, heads, positions, width]."""

    def __init__(self, heads: int) -> None:
        super().__init__()
        self.heads = heads

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        batch, positions, width = x.shape
        return x.reshape(batch, positions, self.heads, width // self.heads).transpose(1, 2)


class MultiHeadAttention(nn.Module):
    """Several heads side by side. `weights` answers who looks at whom: [batch, heads, queries, keys], rows add up to 1."""

    def __init__(self, features: int, memory: int, *, heads: int, head_width: int, bias: bool, causal: bool) -> None:
        super().__init__()
        inner = heads * head_width
        self.query = nn.Linear(features, inner, bias=bias)
        self.key = nn.Linear(memory, inner, bias=bias)
        self.value = nn.Linear(memory, inner, bias=bias)
        self.cut = Heads(heads)
        self.scores = Scores(causal=causal)
        self.weights = nn.Softmax(dim=-1)
        self.combine = nn.Linear(inner, features, bias=bias)

    def forward(self, x: torch.Tensor, memory: torch.Tensor | None = None) -> torch.Tensor:
        seen = x if memory is None else memory
        scores = self.scores(self.cut(self.query(x)), self.cut(self.key(seen)))
        looked = self.weights(scores) @ self.cut(self.value(seen))
        answer: torch.Tensor = self.combine(looked.transpose(1, 2).flatten(2))
        return answer
