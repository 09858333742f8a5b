"""`training.optimizer.learning_rate=0.1`: one setting of an experiment by its path, typed by the field it lies in."""

from __future__ import annotations

import difflib
from typing import Any

from pydantic import ValidationError

from playground.commands.outcome import UserError
from playground.core.catalogue import explain
from playground.core.experiment import Experiment
from playground.core.reading import read_json


def set_by_path(experiment: Experiment, change: str) -> Experiment:
    """The experiment with one setting changed. Nodes go by their ids: `networks.model.nodes.hidden.layer.units=8`.
    Where a part is expected, its kind is enough: `training.optimizer=sgd`. Raises UserError."""
    path, equals, text = change.partition("=")
    if not equals or not path:
        raise UserError(f"--set {change} is not of the form path=value, such as training.optimizer.learning_rate=0.1.")
    document = experiment.model_dump(mode="json")
    steps = path.split(".")
    place: Any = document
    for number, step in enumerate(steps[:-1]):
        place = _child(place, step, ".".join(steps[:number]))
    _put(place, steps[-1], _value(text), ".".join(steps[:-1]))
    try:
        return Experiment.model_validate(document)
    except ValidationError as problem:
        raise UserError(f"--set {path}: {explain(problem, 'The experiment')}") from None


def _child(place: Any, step: str, where: str) -> Any:
    if isinstance(place, list):
        return place[_position(place, step, where)]
    if isinstance(place, dict) and step in place:
        return place[step]
    raise _unknown(step, place, where)


def _put(place: Any, step: str, value: Any, where: str) -> None:
    if isinstance(place, list):
        place[_position(place, step, where)] = value
        return
    if not isinstance(place, dict) or step not in place:
        raise _unknown(step, place, where)
    before = place[step]
    if (isinstance(value, str) and isinstance(before, dict) and "kind" in before) or (
        isinstance(value, str) and before is None and step == "activation"
    ):
        value = {"kind": value}
    place[step] = value


def _position(places: list[Any], step: str, where: str) -> int:
    for number, item in enumerate(places):
        if isinstance(item, dict) and step in (item.get("id"), item.get("kind")):
            return number
    if step.isdecimal() and len(step) < 9 and int(step) < len(places):
        return int(step)
    names = [str(item.get("id") or item.get("kind")) for item in places if isinstance(item, dict)]
    raise UserError(f"--set: {where} has no {step!r}; it has {', '.join(names) or 'nothing'}.")


def _unknown(step: str, place: Any, where: str) -> UserError:
    names = list(place) if isinstance(place, dict) else []
    near = difflib.get_close_matches(step, names, n=1)
    hint = f" Did you mean {near[0]!r}?" if near else f" It has {', '.join(names)}." if names else ""
    return UserError(f"--set: {where or 'the experiment'} has no setting {step!r}.{hint}")


def _value(text: str) -> Any:
    """JSON where it is JSON, else text: the field says whether that will do."""
    try:
        return read_json(text)
    except ValueError:
        return text
