"""Taking a network away: what a page asks for, handed to a task that makes it and tries it."""

from __future__ import annotations

from typing import Any

from playground.live import messages as say
from playground.live.explaining import Explaining
from playground.live.hub import Viewer
from playground.studio.desk import Sheet
from playground.studio.opening import weights_for
from playground.templates import templates

COPY_FIRST = "Weights go to the owner of a project. Take the script, or make your own copy and train it."


def export(explaining: Explaining, viewer: Viewer, sheet: Sheet, message: say.WantExport) -> None:
    """Begin the task that makes one file of this project. What a guest gets was made without its run."""
    owns = sheet.owner == viewer.owner
    if not owns and message.form != "pytorch":
        viewer.tell({"type": "export_failed", "task": message.task, "message": COPY_FIRST, "cancelled": False})
        return
    explaining.begin(viewer, message.task, "export", _arguments(sheet, message.form, owns=owns))


def _arguments(sheet: Sheet, form: str, *, owns: bool) -> dict[str, Any]:
    document, run = sheet.document, sheet.run
    experiment = document.experiment
    kind = run.template
    begun = kind is not None and kind in templates and templates[kind].title == document.title
    return {
        "form": form,
        "title": document.title,
        "purpose": templates[kind].purpose if begun and kind is not None else "",
        "experiment": experiment.model_dump(mode="json"),
        "run": run.run if owns else None,
        "weights": weights_for(kind, experiment) if owns and run.opening else None,
    }
