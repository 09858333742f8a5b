"""What one person may take of a machine that many share. The command line is its owner's own, and exempt."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from typing import Any, Literal

EXEMPT = "local"
"""The owner of what the command line does."""
HELD = "Training is held for everyone at the moment. Your work is saved."


class Denied(ValueError):
    """A command that the rules forbid; the message says why, and what to do."""

    def __init__(self, message: str, code: Literal["one_run", "quota", "held"], other: str | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.other = other


class UnclearRule(ValueError):
    """A setting from outside that is no number, or not one that makes sense."""


@dataclass(frozen=True)
class Rules:
    """The limits of an owner, each with a setting from outside."""

    runs_at_once: int = 1
    """Runs that train, steps and epochs included, or wait in the queue."""
    unseen: float = 120.0
    """Seconds a run trains while nobody looks; 0: for ever."""
    queue_at_once: int = 1
    """Runs from the queue that train at the same time, of all owners together."""
    runs_kept: int = 500
    """Stored runs that have trained."""
    projects_kept: int = 500
    bytes: int = 2 * 2**30
    """Of weights and drawings. Beyond it nothing new is made; beyond twice as much nothing trains or is saved."""
    tasks: int = 8
    """Tasks that wait or run."""

    @staticmethod
    def read(environment: Mapping[str, str]) -> Rules:
        """The rules of an environment. Raises UnclearRule with a sentence."""
        given = {}
        for field in fields(Rules):
            name = SETTINGS[field.name]
            if text := environment.get(name, "").strip():
                given[field.name] = _number(name, text, field.name)
        return Rules(**given)


SETTINGS = {
    "runs_at_once": "PLAYGROUND_RUNS_AT_ONCE",
    "unseen": "PLAYGROUND_UNSEEN",
    "queue_at_once": "PLAYGROUND_QUEUE_AT_ONCE",
    "runs_kept": "PLAYGROUND_RUNS_KEPT",
    "projects_kept": "PLAYGROUND_PROJECTS_KEPT",
    "bytes": "PLAYGROUND_BYTES",
    "tasks": "PLAYGROUND_TASKS",
}


def _number(name: str, text: str, field: str) -> Any:
    kind: Callable[[str], Any] = float if field == "unseen" else int
    least = 0 if field == "unseen" else 1
    try:
        value = kind(text)
    except ValueError:
        value = math.nan
    if not (math.isfinite(value) and value >= least):
        what = "seconds (0: never)" if field == "unseen" else "a whole number from 1 on"
        raise UnclearRule(f"{name} is {text[:40]!r}; expected {what}. Change it, or leave it out.")
    return value


def duration(seconds: float) -> str:
    """A time in words: 120 is `2 minutes`."""
    for unit, length in (("hour", 3600), ("minute", 60)):
        if seconds >= length and seconds % length == 0:
            return counted(int(seconds // length), unit)
    return counted(seconds, "second")


def counted(number: float, unit: str) -> str:
    """A number of things in words: `1 run`, `2 runs`."""
    return f"{number:,g} {unit}" if number == 1 else f"{number:,g} {unit}s"


def size(count: int) -> str:
    """Bytes in words: 2,147,483,648 is `2.0 GB`."""
    for unit, length in (("GB", 2**30), ("MB", 2**20)):
        if count >= length:
            return f"{count / length:.1f} {unit}"
    return f"{count / 2**10:.1f} KB"
