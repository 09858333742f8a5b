"""Everything a person can pick, as the browser gets it: once a page, the same for everyone."""

from __future__ import annotations

import functools
from importlib.util import find_spec
from typing import Any

from playground.core.catalogue import find_catalogue

NAMES = (
    "layers",
    "datasets",
    "preparation",
    "losses",
    "optimizers",
    "schedules",
    "metrics",
    "objectives",
    "templates",
)


FIRST = ("Basics", "Plane", "Tables", "Pictures")
"""Groups a beginner should meet first, in this order."""


@functools.cache
def everything() -> dict[str, list[dict[str, Any]]]:
    """The catalogues by name. Data sets and templates also say what they are about."""
    found = {name: find_catalogue(name).describe() if find_spec(f"playground.{name}") else [] for name in NAMES}
    for name in ("datasets", "templates"):
        for entry in found[name]:
            entry |= _card(name, entry["kind"])
    return {name: sorted(entries, key=_place) for name, entries in found.items()}


def _place(entry: dict[str, Any]) -> int:
    return FIRST.index(entry["group"]) if entry["group"] in FIRST else len(FIRST)


def _card(name: str, kind: str) -> dict[str, Any]:
    part = find_catalogue(name)[kind]()
    if name == "datasets":
        facts = part.facts()
        return {"view": facts.view, "task": facts.task}
    facts = part.experiment().data.dataset.facts()
    return {"view": facts.view, "task": facts.task, "purpose": part.purpose}
