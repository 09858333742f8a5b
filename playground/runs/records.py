"""What the history answers with: frozen values that no session holds on to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any


class NotFound(LookupError):
    """There is nothing by this id for this owner. Whether another owner has it is not told."""


class TooMany(Exception):
    """This owner keeps as many as are allowed; the sentence says of what."""


@dataclass(frozen=True)
class Block:
    """A block that its owner keeps for all projects."""

    id: str
    title: str
    layer: dict[str, Any]


@dataclass(frozen=True)
class Project:
    """A drawing as it was saved last."""

    id: str
    owner: str
    title: str
    revision: int
    document: dict[str, Any]
    run: str | None
    updated: datetime


@dataclass(frozen=True)
class ProjectEntry:
    """A project in a list, without its document."""

    id: str
    title: str
    revision: int
    run: str | None
    updated: datetime


@dataclass(frozen=True)
class Revision:
    """An earlier state of a project, in a list."""

    revision: int
    label: str
    created: datetime


@dataclass(frozen=True)
class StoredRun:
    """One training, as the history knows it."""

    id: str
    owner: str
    project: str | None
    template: str | None
    state: str
    message: str | None
    experiment: dict[str, Any]
    fingerprint: str
    seed: int
    device: str
    stepper: str
    parameters: int
    step: int
    epoch: int
    seconds: float
    environment: dict[str, Any]
    test_reads: int
    sealed_opened: datetime | None
    created: datetime
    updated: datetime


@dataclass(frozen=True)
class Checkpoint:
    """A complete file of weights, by its name inside the run's folder."""

    file: str
    step: int
    epoch: int
    sha256: str
    purpose: str
    created: datetime


@dataclass(frozen=True)
class Edited:
    """An edit and the step after which it was applied."""

    step: int
    edit: dict[str, Any]
    kept: int | None
    new: int | None


@dataclass(frozen=True)
class Saved:
    """What became of a saved document. `document` is given when it was merged with another edit."""

    revision: int
    document: dict[str, Any] | None
    conflicts: tuple[str, ...]
    grown: int = 0
    """How many bytes more the project takes now, its earlier states included."""
