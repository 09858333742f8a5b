"""Edits of a living run, and their ledger: a run is its first experiment and the edits with their steps."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import torch

from playground.core.diagnostics import Diagnostic
from playground.core.edits import LedgerEntry, Replace, Rewind, WriteWeight
from playground.core.experiment import Data, Experiment
from playground.training.build import Built, seed_of
from playground.training.carry import NOTHING, Origin, Remembered, carry, carry_moments, origin_of, remember
from playground.training.checkpoints import Snapshot
from playground.training.devices import Randomness
from playground.training.feed import Feed, Source
from playground.training.plan import make_stepper
from playground.training.state import (
    OUTLINED_STEPS,
    CannotTrain,
    Cursor,
    RunState,
    examine,
    first_networks,
)
from playground.training.steppers.stepper import OptimizerState

AnyEdit: TypeAlias = Replace | WriteWeight | Rewind


@dataclass(frozen=True)
class Edited:
    """What became of an edit. `refused` says why nothing happened; then it is not in the ledger.

    `kept` and `new` count weights carried over and weights made, when the networks changed. `rewound`: the curve is to
    forget what comes after the present step.
    """

    edit: AnyEdit
    step: int
    kept: int | None = None
    new: int | None = None
    rewound: bool = False
    refused: Diagnostic | None = None


def apply(
    state: RunState,
    edit: AnyEdit,
    *,
    prepare: Callable[[Data], Source],
    recall: Callable[[int], Snapshot | None],
) -> Edited:
    """Carry out an edit between two steps and write it to the ledger. `recall` finds the snapshot of a step."""
    step = state.cursor.step
    try:
        if isinstance(edit, Replace):
            done = _replace(state, edit, prepare)
        elif isinstance(edit, WriteWeight):
            done = _write_weight(state, edit)
        else:
            done = _rewind(state, edit, recall)
    except CannotTrain as problem:
        return Edited(edit, step, refused=problem.diagnostic)
    state.ledger.append(LedgerEntry(step=step, edit=edit))
    return done


def _replace(state: RunState, edit: Replace, prepare: Callable[[Data], Source]) -> Edited:
    old, new = state.experiment, edit.experiment
    source = state.source
    if new.data.fingerprint() != old.data.fingerprint():
        try:
            source = prepare(new.data)
        except ValueError as problem:  # files are missing, nothing to learn from: the message is for a person
            raise CannotTrain(Diagnostic(None, "data", str(problem))) from None
    checked = examine(new, source)
    same_networks = _networks_key(new, source) == _networks_key(old, state.source)
    moments: OptimizerState = {}
    if _optimizers_key(new) == _optimizers_key(old):
        moments = state.stepper.optimizer_state()
    kept = made = None
    networks = {role: built._replace(checked=checked[role]) for role, built in state.networks.items() if same_networks}
    if not same_networks:
        networks = first_networks(new, checked, state.device, state.dtype)
        once = next((one.weights for one in state.remembered if one.key == _memory_key(new, source)), None)
        origins = {role: origin_of(built) for role, built in state.networks.items()}
        kept, made = _carry_all(origins, networks, state, once)
        moments = carry_moments(moments, {role: built.names for role, built in state.networks.items()}, networks)
        left = {role: {name: t.detach().cpu() for name, t in one.tensors.items()} for role, one in origins.items()}
        state.remembered = remember(state.remembered, Remembered(_memory_key(old, state.source), left))
    # Everything that may refuse has been done; from here on the run changes.
    stepper = make_stepper(new, networks, moments, state.wish)
    state.experiment, state.networks, state.stepper = new, networks, stepper
    if source is not state.source:
        state.source, state.feed = source, Feed(source, state.device, state.dtype)
        state.cursor.position = 0  # other cases: the epoch begins again
        state.judged = None
    state.values = {name: value for name, value in state.values.items() if name == "train_loss"}
    state.scratch.clear()
    state.best.clear()
    state.trouble = None
    return Edited(edit, state.cursor.step, kept, made)


def _carry_all(
    origins: dict[str, Origin],
    networks: dict[str, Built],
    state: RunState,
    once: dict[str, dict[str, torch.Tensor]] | None = None,
) -> tuple[int, int]:
    """Weights of every role; and the new units are noted. `once`: what these very networks had before."""
    kept = made = 0
    state.new_units, state.new_until = {}, state.cursor.step + OUTLINED_STEPS
    for role, built in networks.items():
        carried = carry(origins.get(role, NOTHING), built, (once or {}).get(role))
        kept, made = kept + carried.kept, made + carried.new
        state.new_units |= carried.units
    return kept, made


def _write_weight(state: RunState, edit: WriteWeight) -> Edited:
    built = next((built for built in state.networks.values() if edit.path in built.names), None)
    parameters = built.part(edit.path).named_parameters() if built is not None else ()
    parameter = next((tensor for name, tensor in parameters if name.rpartition(".")[2] == edit.name), None)
    if parameter is None:
        _refuse(edit.path, f"There is no {edit.name} in {edit.path[:40]!r}.")
    elif len(edit.index) != parameter.dim() or any(
        n < 0 or n >= m for n, m in zip(edit.index, parameter.shape, strict=True)
    ):
        shape = " × ".join(map(str, parameter.shape))
        _refuse(edit.path, f"{edit.name.capitalize()} {list(edit.index)} is outside {shape}.")
    else:
        with torch.no_grad():
            parameter[edit.index] = edit.value
        state.trouble = None
    return Edited(edit, state.cursor.step)


def _rewind(state: RunState, edit: Rewind, recall: Callable[[int], Snapshot | None]) -> Edited:
    taken = recall(edit.step) if edit.step > 0 else None
    if edit.step > 0 and taken is None:
        _refuse(None, f"Step {edit.step:,} was not kept. Go back to step 0, or to a step on the line.")
    checked = examine(state.experiment, state.source)
    networks = first_networks(state.experiment, checked, state.device, state.dtype)
    moments: OptimizerState = {}
    state.cursor = Cursor()
    state.randomness.load(Randomness(seed_of(state.experiment.seed, "dropout"), state.device).states)
    state.new_units, state.new_until = {}, 0
    if taken is not None:
        names: dict[str, dict[str, str]] = taken.facts["names"]
        _carry_all({role: Origin(names[role], taken.weights(role)) for role in names}, networks, state)
        state.new_units = {}
        if _optimizers_key(taken.experiment) == _optimizers_key(state.experiment):
            moments = carry_moments(taken.optimizer_state(), names, networks)
        state.cursor = Cursor(**taken.facts["cursor"])
        if taken.experiment.data.fingerprint() != state.experiment.data.fingerprint():
            state.cursor.position = 0
        state.randomness.load(
            {name.removeprefix("random/"): t for name, t in taken.tensors.items() if name.startswith("random/")}
        )
    state.networks = networks
    state.stepper = make_stepper(state.experiment, networks, moments, state.wish)
    state.values = dict(taken.facts["values"]) if taken is not None else {}
    state.best, state.judged, state.trouble = {}, None, None
    state.scratch.clear()
    return Edited(edit, state.cursor.step, rewound=True)


def _networks_key(experiment: Experiment, source: Source) -> tuple[object, ...]:
    """What decides the networks' shapes."""
    return (
        tuple((role, network.fingerprint()) for role, network in experiment.networks.items()),
        source.facts.input_shape,
    )


def _memory_key(experiment: Experiment, source: Source) -> str:
    """A name for networks that may come back."""
    return hashlib.sha256(repr(_networks_key(experiment, source)).encode()).hexdigest()[:32]


def _optimizers_key(experiment: Experiment) -> list[tuple[str, tuple[str, ...], str]]:
    """Where equal, moments of the optimizers mean the same."""
    turns = experiment.objective.turns(experiment)
    return [(turn.name, turn.roles, turn.optimizer.kind) for turn in turns]


def _refuse(node: str | None, message: str) -> None:
    raise CannotTrain(Diagnostic(node, "edit-refused", message))
