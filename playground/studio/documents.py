"""A project's document: what the browser owns and the server keeps. Read here, before anything is done with it.

A document that cannot be read is refused with one sentence. A wrong drawing can be read; it is saved and checked.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, ValidationError

from playground.core.catalogue import UnknownPart, explain
from playground.core.contracts import Template
from playground.core.experiment import Experiment
from playground.core.network import Id
from playground.core.part import Value
from playground.templates import templates

SCHEMA = 1
COLUMN = 220
"""Distance of two nodes side by side, for drawings that come without places."""


class Refused(ValueError):
    """Something a person asked for that is not done. The text is the sentence they read."""


class Place(Value):
    """Where a node lies on the canvas."""

    x: float = Field(ge=-1e6, le=1e6)
    y: float = Field(ge=-1e6, le=1e6)


class Viewport(Place):
    """What part of the canvas is seen."""

    zoom: float = Field(gt=0, le=100)


class Layout(Value):
    """Where everything lies. It changes no number."""

    nodes: dict[Id, Place] = Field({}, max_length=4_000)
    unfolded: list[Id] = Field([], max_length=4_000)
    viewport: Viewport | None = None


class Document(Value):
    """A project as it travels and is kept."""

    schema_: Literal[1] = Field(alias="schema")
    title: Annotated[str, Field(max_length=200)] = ""
    notes: Annotated[str, Field(max_length=20_000)] = ""
    experiment: Experiment
    layout: Layout = Layout()


def read(document: object) -> Document:
    """The document, understood. Raises Refused with one sentence."""
    try:
        return Document.model_validate(document)
    except ValidationError as error:
        raise Refused(explain(error, "The project")) from None
    except RecursionError:
        raise Refused("The project is nested too deep.") from None


def write(
    experiment: Experiment, *, title: str, notes: str = "", layout: dict[str, Any] | None = None
) -> dict[str, Any]:
    """The document of an experiment, as JSON."""
    places = layout or {"nodes": row_of_nodes(experiment), "unfolded": [], "viewport": None}
    return {
        "schema": SCHEMA,
        "title": title,
        "notes": notes,
        "experiment": experiment.model_dump(mode="json"),
        "layout": {"nodes": {}, "unfolded": [], "viewport": None} | places,
    }


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
