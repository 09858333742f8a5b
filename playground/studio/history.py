"""What a person does with runs that are over: look them through, open one again, delete one."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from playground.core.experiment import Data, Experiment
from playground.engine import messages as engine
from playground.engine.local import Engine, EngineFailed
from playground.runs.records import Edited, NotFound, StoredRun
from playground.studio import documents, opening
from playground.studio.desk import OPENING, Desk, Store, was_trained
from playground.studio.starting import start

LISTED = 200
"""Runs in a list, the newest ones."""
CURVES = 60
"""Of these, so many come with their curve."""
CURVE_POINTS = 40


def sample() -> dict[str, Any]:
    """What a run looks like, for a person who has none yet: the one that opens the first page."""
    points = opening.points(OPENING)
    last: Mapping[str, Any] = points[-1] if points else {"step": 0}
    title = documents.find_template(OPENING).title
    return {
        "id": "sample",
        "name": title,
        "data": title,
        "state": "finished",
        "score": score_of(points),
        "steps": int(last["step"]),
        "seconds": 0.3,
        "parameters": 13,
        "started": 0.0,
        "curve": _curve(points),
    }


def list_runs(store: Store, owner: str) -> list[dict[str, Any]]:
    """The owner's runs that did at least one step, the newest first, as the list shows them. One that was only looked
    at is no run yet."""
    try:
        titles = {project.id: project.title for project in store.projects(owner)}
        runs = [run for run in store.runs(owner) if was_trained(store, run)][:LISTED]
    except NotFound:
        return []
    return [_entry(store, run, titles, position < CURVES) for position, run in enumerate(runs)]


def _entry(store: Store, run: StoredRun, titles: Mapping[str, str], with_curve: bool) -> dict[str, Any]:
    curve, score = _outcome(store, run) if with_curve else ([], "")
    return {
        "id": run.id,
        "name": titles.get(run.project or "") or name_of(run),
        "data": data_of(run, store.ledger(run.owner, run.id) if with_curve else ()),
        "state": run.state,
        "score": score,
        "steps": run.step,
        "seconds": round(run.seconds, 1),
        "parameters": run.parameters,
        "started": run.created.timestamp(),
        "curve": curve,
    }


_outcomes: dict[tuple[str, int, str], tuple[list[float], str]] = {}
"""Curve and score by run, step and last change: a list that refreshes itself reads only what is new."""


def _outcome(store: Store, run: StoredRun) -> tuple[list[float], str]:
    key = (run.id, run.step, run.updated.isoformat())
    if key not in _outcomes:
        if len(_outcomes) > 20 * LISTED:
            _outcomes.clear()
        points = store.metrics(run.owner, run.id)
        _outcomes[key] = (_curve(points), score_of(points))
    return _outcomes[key]


def _curve(points: Sequence[Mapping[str, Any]]) -> list[float]:
    losses = [loss for point in points if isinstance(loss := _loss(point), float | int)]
    return thinned([round(float(loss), 6) for loss in losses], CURVE_POINTS)


def thinned(values: list[float], most: int) -> list[float]:
    """At most so many of the values, evenly chosen, the first and the last among them."""
    if len(values) <= most:
        return values
    return [values[round(position * (len(values) - 1) / (most - 1))] for position in range(most)]


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


async def open_run(desk: Desk, store: Store, owner: str, run: str, *, go_on: bool = False) -> str | None:
    """The project that shows this run, training on if that is asked for; None if there is no such run."""
    try:
        stored = await asyncio.to_thread(store.run, owner, run)
    except NotFound:
        return None
    project = await desk.project_of(owner, stored, name_of(stored))
    sheet = await desk.open(project)
    if go_on and sheet is not None:
        await desk.wake(sheet)
        await start(desk, sheet)
    return project


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


def data_of(stored: StoredRun, ledger: Sequence[Edited] = ()) -> str:
    """Title of the data it learned from: those it was started with, or was given later."""
    replaced = [entry.edit["experiment"] for entry in ledger if "experiment" in entry.edit]
    try:
        return Data.model_validate((replaced or [stored.experiment])[-1]["data"]).dataset.title
    except (ValueError, KeyError):
        return "unknown data"


def score_of(points: Sequence[Mapping[str, Any]]) -> str:
    """The best thing to say about how good a run is, from the last points of its curves."""
    values: dict[str, Any] = {}
    for point in points:
        values |= point
    for part in ("test", "validation", "train"):
        if isinstance(share := values.get(f"{part}_accuracy"), float | int):
            return f"{share * 100:.1f} % right"
        if isinstance(r2 := values.get(f"{part}_r2"), float | int):
            return f"R² {r2:.2f}"
    loss = _loss(values)
    return f"loss {loss:.3g}" if isinstance(loss, float | int) else ""


def _loss(point: Mapping[str, Any]) -> Any:
    """The loss a person should look at: on test cases if there are any."""
    return next(
        (point[name] for name in ("test_loss", "validation_loss", "train_loss") if point.get(name) is not None), None
    )
