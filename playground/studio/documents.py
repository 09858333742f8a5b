"""Documents of projects: from a template, from an experiment. How they are read is `playground.core.files`."""

from __future__ import annotations

from typing import Any

from playground.core.catalogue import UnknownPart
from playground.core.contracts import Template
from playground.core.experiment import Experiment
from playground.core.files import Layout, Project, read_link, read_project, write_link
from playground.core.reading import Refused
from playground.templates import templates

__all__ = [
    "Project",
    "Refused",
    "find_template",
    "from_template",
    "read_link",
    "read_project",
    "write",
    "write_link",
]

COLUMN = 210
"""Distance of two nodes side by side, for drawings that come without places."""


def write(
    experiment: Experiment, *, title: str, notes: str = "", layout: dict[str, Any] | None = None
) -> dict[str, Any]:
    """The document of an experiment, as JSON."""
    places = layout or {"nodes": row_of_nodes(experiment)}
    return Project(title=title, notes=notes, experiment=experiment, layout=Layout.model_validate(places)).dump()


def find_template(kind: str) -> Template:
    """A template by its kind, with its default settings. Raises Refused."""
    try:
        return templates[kind]()
    except UnknownPart as error:
        raise Refused(str(error)) from None


def from_template(kind: str) -> dict[str, Any]:
    """A fresh document from a template. Raises Refused."""
    template = find_template(kind)
    layout = getattr(template, "layout", None)
    return write(template.experiment(), title=template.title, layout=layout() if layout is not None else None)


def row_of_nodes(experiment: Experiment) -> dict[str, Any]:
    """All nodes side by side, in the order they are drawn."""
    return {node.id: {"x": COLUMN * position, "y": 0} for position, node in enumerate(experiment.network.nodes)}
