"""Checks that any attribution can be put to: its promise, its dependence on learning, its effect when erased.

Erasing follows two rules, the method's own baseline and values drawn from training cases, so that one replacement
cannot decide alone. Sources: completeness (Sundararajan et al. 2017), randomised weights (Adebayo et al. 2018, here
signed and only where the case differs from the baseline), insertion − deletion (Petsiuk et al. 2018).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from playground.trust.stamp import Check, Status
from playground.trust.thresholds import (
    FEWEST_UNITS,
    GAP_GREEN,
    GAP_RED,
    RANDOM_ORDERS,
    RANDOMISED_GREEN,
    RANDOMISED_RED,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from playground.explainers.explainer import Attribution

    Array = np.ndarray[Any, np.dtype[Any]]
    Answer = Callable[[Array], Array]
    """Prepared cases [n, *input_shape] → a number each, [n]: the score that is explained."""

DRAWS = 4
"""Training cases whose values replace erased parts, one after the other, under the second rule."""
STEPS = 15
"""How many times erasing and putting back pauses to ask the network."""


@dataclass(frozen=True)
class Parts:
    """A case cut into parts that are erased whole: single features, or square patches of a picture.

    `label` [*input_shape] holds the part number of every input value; `count` is how many parts there are.
    """

    label: Array
    count: int

    def sums(self, values: Array) -> Array:
        """Attribution of each part, [count]."""
        return np.bincount(self.label.ravel(), weights=values.ravel().astype(np.float64), minlength=self.count)

    def mask(self, chosen: Array) -> Array:
        """Where the chosen parts lie, a boolean array [*input_shape]."""
        flags = np.zeros(self.count, bool)
        flags[chosen] = True
        return np.asarray(flags[self.label])


def cut(shape: tuple[int, ...], side: int = 7) -> Parts:
    """Features one by one; pictures [c, h, w] in about `side` × `side` patches over all channels."""
    if len(shape) != 3:
        count = int(np.prod(shape))
        return Parts(np.arange(count).reshape(shape), count)
    channels, height, width = shape
    rows = np.minimum(np.arange(height) * side // height, side - 1)
    columns = np.minimum(np.arange(width) * side // width, side - 1)
    _, rows = np.unique(rows, return_inverse=True)
    _, columns = np.unique(columns, return_inverse=True)
    across = int(columns.max()) + 1
    grid = rows[:, None] * across + columns[None, :]
    return Parts(np.broadcast_to(grid, (channels, height, width)).copy(), int(grid.max()) + 1)


def completeness(attribution: Attribution) -> Check:
    """Whether the parts add up to the whole."""
    id, title = "completeness", "Parts add up"
    if attribution.gap is None:
        return Check(id, title, "not_applicable", "This method does not promise that its parts add up.")
    percent = f"{100 * attribution.gap:.1f} %"
    status: Status = "pass" if attribution.gap <= GAP_GREEN else "caution" if attribution.gap <= GAP_RED else "fail"
    sentence = f"The parts differ from the whole by {percent}."
    return Check(id, title, status, sentence, attribution.gap, GAP_RED)


def randomised_weights(values: Array, unlearned: Array, differs: Array) -> Check:
    """Whether the map depends on what was learned. `unlearned` is the same method on a network with fresh weights;
    `differs` marks input values that differ from the baseline."""
    id, title = "randomised_weights", "Depends on learning"
    a, b = values[differs].ravel(), unlearned[differs].ravel()
    if a.size < FEWEST_UNITS:
        return Check(id, title, "not_applicable", "Too few inputs to compare two rankings.")
    correlation = rank_correlation(a, b)
    status: Status
    if correlation > RANDOMISED_RED:
        status, sentence = "fail", "This map looks the same on a network that never learned."
    elif correlation > RANDOMISED_GREEN:
        status, sentence = "caution", f"Rank correlation {correlation:.2f} with a network that never learned."
    else:
        status, sentence = "pass", f"Rank correlation {correlation:.2f} with a network that never learned."
    return Check(id, title, status, sentence, correlation, RANDOMISED_RED)


def rank_correlation(a: Array, b: Array) -> float:
    """Spearman's ρ; 0 where one side is constant, because then nothing is ranked."""
    ranks = [np.argsort(np.argsort(x, kind="stable"), kind="stable").astype(np.float64) for x in (a, b)]
    if np.ptp(a) == 0 or np.ptp(b) == 0:
        return 0.0
    return float(np.corrcoef(ranks[0], ranks[1])[0, 1])


def erasing(
    answer: Answer, case: Array, values: Array, *, parts: Parts, baseline: Array, others: Array, seed: int
) -> Check:
    """Whether erasing what the map highlights changes the answer more than erasing at random does.

    `baseline` [*input_shape] is the method's own; `others` [n, *input_shape] are training cases to draw from.
    """
    id, title = "erasing", "Erasing it matters"
    if parts.count < FEWEST_UNITS:
        return Check(id, title, "not_applicable", "Too few parts to tell an order from a random one.")
    generator = np.random.default_rng(seed)
    drawn = others[generator.permutation(len(others))[:DRAWS]] if len(others) else baseline[None]
    order = np.argsort(-parts.sums(values), kind="stable")
    random_orders = [generator.permutation(parts.count) for _ in range(RANDOM_ORDERS)]
    verdicts, shown = [], (0.0, 0.0, 0.0)
    for rule, fillings in enumerate((baseline[None], drawn)):

        def mean_score(order: Array, fillings: Array = fillings) -> float:
            return float(np.mean([insertion_minus_deletion(answer, case, f, parts, order) for f in fillings]))

        score, control = mean_score(order), [mean_score(o) for o in random_orders]
        verdicts.append(score > max(control))
        if rule == 0:
            shown = (score, min(control), max(control))
    score, low, high = shown
    numbers = f"{score:.2f}, random orders {low:.2f} to {high:.2f}"
    if all(verdicts):
        return Check(id, title, "pass", f"Beats ten random orders ({numbers}).", score, high, "above", (low, high))
    if any(verdicts):
        sentence = f"Beats random orders under one way of erasing, not the other ({numbers})."
        return Check(id, title, "caution", sentence, score, high, "above", (low, high))
    sentence = f"Erasing what it highlights is no better than erasing at random ({numbers})."
    return Check(id, title, "fail", sentence, score, high, "above", (low, high))


def insertion_minus_deletion(answer: Answer, case: Array, filling: Array, parts: Parts, order: Array) -> float:
    """Area under the answer while parts are put back in `order`, minus while they are erased in that order.

    In units of the distance between the full case's answer and the empty one's; 0 is chance, larger is better.
    """
    steps = np.unique(np.linspace(0, parts.count, min(STEPS, parts.count) + 1).round().astype(int))
    batch = []
    for taken in steps:
        mask = parts.mask(order[:taken])
        batch += [np.where(mask, filling, case), np.where(mask, case, filling)]
    scores = np.asarray(answer(np.stack(batch).astype(np.float32)), np.float64)
    erased, restored = scores[0::2], scores[1::2]
    span = abs(erased[0] - restored[0])  # cases whose answer lies below the empty one's are ranked alike
    if span < 1e-9:
        return 0.0
    share = steps / parts.count
    return float((np.trapezoid(restored, share) - np.trapezoid(erased, share)) / span)


def prove_it_wrong(
    answer: Answer, case: Array, values: Array, *, parts: Parts, filling: Array, seed: int, share: float = 0.2
) -> dict[str, Any]:
    """The three bars: the answer, the answer with the highlighted parts erased, and with as many erased at random
    (mean and range of ten draws)."""
    count = max(1, round(parts.count * share))
    chosen = np.argsort(-parts.sums(values), kind="stable")[:count]
    generator = np.random.default_rng(seed)
    draws = [generator.choice(parts.count, count, replace=False) for _ in range(RANDOM_ORDERS)]
    batch = [case, *(np.where(parts.mask(c), filling, case) for c in (chosen, *draws))]
    scores = np.asarray(answer(np.stack(batch).astype(np.float32)), np.float64)
    random = scores[2:]
    return {
        "share": count / parts.count,
        "parts": count,
        "expected": float(scores[0]),
        "highlighted": float(scores[1]),
        "random": float(random.mean()),
        "random_range": [float(random.min()), float(random.max())],
    }
