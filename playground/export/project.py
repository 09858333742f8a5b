"""The project itself as a file."""

from __future__ import annotations

from playground.core.experiment import Experiment
from playground.core.files import Layout, Project, write_project


def to_project(experiment: Experiment, *, title: str = "", notes: str = "", layout: Layout | None = None) -> str:
    """A project file: what the drawing says, without weights."""
    return write_project(Project(title=title, notes=notes, experiment=experiment, layout=layout or Layout()))
