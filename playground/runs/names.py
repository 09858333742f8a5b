"""Ids and places of what the history keeps."""

from __future__ import annotations

import re
import secrets
from pathlib import Path

_RUN_LETTERS = "abcdefghijkmnpqrstuvwxyz23456789"
_RUN = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
_PROJECT = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
_FILE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,126}[A-Za-z0-9_-]")
_DEVICE = re.compile(r"(con|prn|aux|nul|com[0-9]|lpt[0-9])([.].*)?", re.IGNORECASE)
"""Names that Windows keeps for its devices, whatever folder they stand in."""


def new_run_id() -> str:
    """A run id of 80 bits that can be read aloud: no letter looks like another or like a sign of a command line."""
    return "".join(secrets.choice(_RUN_LETTERS) for _ in range(16))


def new_project_id() -> str:
    """A project id of 128 random bits for the address bar: who does not have the link cannot guess it."""
    while True:
        id = secrets.token_urlsafe(16)
        if id[0].isalnum():  # a leading '-' would read as an option
            return id


def valid_run(id: str) -> str:
    """The id, or ValueError. A run's id names its folder, so nothing else may reach the file system."""
    if not _RUN.fullmatch(id) or _DEVICE.fullmatch(id):
        raise ValueError(f"{id[:50]!r} is not the id of a run.")
    return id


def valid_project(id: str) -> str:
    """The id, or ValueError."""
    if not _PROJECT.fullmatch(id):
        raise ValueError(f"{id[:50]!r} is not the id of a project.")
    return id


def run_folder(home: Path, run: str) -> Path:
    """Where a run keeps its weights."""
    return home / "runs" / valid_run(run)


def run_file(home: Path, run: str, file: str) -> Path:
    """One file of a run, never outside its folder."""
    if not _FILE.fullmatch(file) or _DEVICE.fullmatch(file):
        raise ValueError(f"{file[:50]!r} is not the name of a file of a run.")
    return run_folder(home, run) / file


NAMED = "Version: "
"""What the label of a project's state begins with that a person gave a name. Such states are never thinned."""


def named(title: str) -> str:
    """The label of a version of this name."""
    return NAMED + title
