"""What a person does with runs that are over: look them through, open one again, delete one."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from playground.core.experiment import Experiment
from playground.engine import messages as engine
from playground.engine.local import Engine, EngineFailed
from playground.runs.records import NotFound, StoredRun
from playground.studio import documents
from playground.studio.desk import Desk, Store


def list_runs(store: Store, owner: str) -> list[StoredRun]:
    """The owner's runs that did at least one step, the newest first. One that was only looked at is no run yet."""
    try:
        return [run for run in store.runs(owner) if run.step > 0]
    except NotFound:
        return []


def delete_run(pen: Engine, store: Store, owner: str, run: str) -> str | None:
    """Delete a run with its weights and curves; a sentence if that was not possible."""
    try:
        store.run(owner, run)
        answer = pen.request(engine.DeleteRun(run=run, owner=owner))
    except NotFound:
        return "There is no such run."
    except EngineFailed:
        return "It is not deleted: the part that writes does not answer. Try again in a moment."
    return answer.message if isinstance(answer, engine.Refused) else None


async def open_run(desk: Desk, store: Store, owner: str, run: str) -> str | None:
    """The project that shows this run; None if there is no such run."""
    try:
        stored = await asyncio.to_thread(store.run, owner, run)
    except NotFound:
        return None
    return await desk.project_of(owner, stored, name_of(stored))


def experiment_of(stored: StoredRun) -> Experiment:
    """What the run was started with."""
    return Experiment.model_validate(stored.experiment)


def name_of(stored: StoredRun) -> str:
    """What a list calls a run: its template, else its data."""
    try:
        if stored.template is not None:
            return documents.find_template(stored.template).title
        return experiment_of(stored).data.dataset.title
    except (documents.Refused, ValueError):
        return "Run"


def data_of(stored: StoredRun) -> str:
    """Title of the data it learned from."""
    try:
        return experiment_of(stored).data.dataset.title
    except ValueError:
        return "unknown data"


def score_of(points: list[Mapping[str, Any]]) -> str:
    """The best thing to say about how good a run is, from the last points of its curves."""
    values: dict[str, Any] = {}
    for point in points:
        values |= point
    for part in ("test", "validation", "train"):
        if isinstance(share := values.get(f"{part}_accuracy"), float | int):
            return f"{share:.1%} right"
        if isinstance(r2 := values.get(f"{part}_r2"), float | int):
            return f"R² {r2:.2f}"
    loss = values.get("test_loss", values.get("train_loss"))
    return f"loss {loss:.3g}" if isinstance(loss, float | int) else ""
