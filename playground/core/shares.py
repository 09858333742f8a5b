"""How many cases each part of a split gets."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping

from playground.core.experiment import Split

PARTS = ("train", "validation", "test", "sealed")


def count(split: Split, samples: Mapping[str, int]) -> dict[str, int]:
    """How many cases each part gets, by the rule the data are divided with; it may differ by one case a class.

    `samples` is {"all": n}, or {"train": n, "test": n} where the publisher made the split.
    """
    shares = {name: float(getattr(split, name)) for name in PARTS}
    published = samples.get("test") if "all" not in samples else None
    rows = samples["all"] if "all" in samples else sum(n for name, n in samples.items() if name != "test")
    if published is not None and split.test < 1:
        shares = {name: 0.0 if name == "test" else share / (1 - split.test) for name, share in shares.items()}
    ends = [0]
    reached = 0.0
    for name in PARTS:
        reached += shares[name]
        ends.append(min(rows, math.floor(reached * rows + 0.5 + 1e-9)))
    counts = {name: end - start for name, (start, end) in zip(PARTS, itertools.pairwise(ends), strict=True)}
    if published is not None:
        counts["test"] = published if split.test > 0 else 0
    return counts
