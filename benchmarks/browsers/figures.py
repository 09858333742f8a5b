"""Results as a benchmark tells them: a quantile of many, and whether it holds."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from typing import Any


def quantile(values: Sequence[float], share: float) -> float:
    """The smallest value that so great a share of them do not exceed; NaN of none."""
    if not values:
        return math.nan
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def at_most(name: str, seconds: Sequence[float], goal: float | None, **more: Any) -> dict[str, Any]:
    """Times: their 95th percentile is not to exceed the goal. Without one they are told for what they are."""
    found = quantile(seconds, 0.95)
    result = {
        "name": name,
        "p50_s": round(quantile(seconds, 0.5), 4),
        "p95_s": round(found, 4),
        "most_s": round(max(seconds, default=math.nan), 4),
        "times": len(seconds),
    }
    if goal is not None:
        result |= {"goal": f"p95 <= {goal:g} s", "holds": found <= goal}
    return result | more


def at_least(name: str, rates: Sequence[float], goal: float | None, **more: Any) -> dict[str, Any]:
    """Rates: even the smallest is not to fall below the goal."""
    least = min(rates, default=math.nan)
    result = {
        "name": name,
        "min": round(least, 2),
        "median": round(statistics.median(rates), 2) if rates else math.nan,
        "max": round(max(rates, default=math.nan), 2),
        "of": len(rates),
    }
    if goal is not None:
        result |= {"goal": f"each >= {goal:g} a second", "holds": least >= goal}
    return result | more


def exactly(name: str, found: int, goal: int, **more: Any) -> dict[str, Any]:
    """A count that must be this one."""
    return {"name": name, "found": found, "goal": f"= {goal}", "holds": found == goal, **more}
