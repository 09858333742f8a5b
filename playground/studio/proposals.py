"""Documents the browser is offered. It applies them through its own undo, so that every one can be taken back."""

from __future__ import annotations

from typing import Any, NamedTuple

from playground.core.catalogue import UnknownPart
from playground.datasets import datasets
from playground.studio.documents import Project, Refused, from_template, write
from playground.templates.suited import suited


class Proposal(NamedTuple):
    """What would be done, in words, and the whole document after it."""

    label: str
    document: dict[str, Any]

    def message(self) -> dict[str, Any]:
        """The `propose` message of the protocol."""
        return {"type": "propose", "label": self.label, "document": self.document}


def propose_template(kind: str) -> Proposal:
    """A template in place of what is drawn. Raises Refused."""
    document = from_template(kind)
    return Proposal(f"Open {document['title']}", document)


def propose_start(kind: str) -> Proposal:
    """The template the project began with, once more. Raises Refused."""
    return Proposal("Start over", from_template(kind))


def propose_dataset(kind: str, document: Project) -> Proposal:
    """The same network on other data, with the preparation, goal and metrics that suit them. Raises Refused."""
    try:
        dataset = datasets[kind]()
    except UnknownPart as error:
        raise Refused(str(error)) from None
    experiment = suited(document.experiment, dataset)
    layout = document.layout.model_dump(mode="json")
    changed = write(experiment, title=document.title, notes=document.notes, layout=layout)
    return Proposal(f"Data: {dataset.title}", changed)
