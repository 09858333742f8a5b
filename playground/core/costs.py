"""What a layer's own rules say of it, asked once for each layer and each shape that arrives."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import NamedTuple

from playground.core import diagnostics as say
from playground.core.diagnostics import Draft, Problem
from playground.core.facts import Shape
from playground.core.layer import Layer

ANSWER_BUDGET = 2**31
"""Numbers that one node may answer for one case."""
BYTES = 4
"""float32"""


class Cost(NamedTuple):
    """What one node costs. `memory` is bytes of its weights with gradient and two optimizer moments, and of its
    answer for one case with gradient."""

    parameters: int = 0
    flops: int = 0
    memory: int = 0


class Evaluated(NamedTuple):
    """What a layer's own rules say of it: the shape of its answer, and its costs."""

    shape: Shape
    cost: Cost


@lru_cache(maxsize=20_000)
def evaluated(layer: Layer, incoming: tuple[Shape, ...]) -> Evaluated | Draft:
    """A layer on inputs of these shapes, or what it says against them. An edit asks only those layers anew that are
    changed or get other shapes: everything else was asked before."""
    try:
        shape = layer.output_shape(*incoming)
        if (numbers := math.prod(shape)) > ANSWER_BUDGET:
            raise say.answer_too_large(numbers, ANSWER_BUDGET)
        parameters = layer.parameters(*incoming)
        memory = parameters * BYTES * 4 + math.prod(shape) * BYTES * 2
        return Evaluated(shape, Cost(parameters, layer.flops(*incoming), memory))
    except Problem as problem:
        return problem.draft
