"""Snapshots of a run: in memory to rewind to, and as files to resume from. Tensors and JSON, never pickled objects."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path
from typing import Any, NamedTuple

import torch

from playground.core.edits import LedgerEntry
from playground.core.experiment import Experiment
from playground.training.carry import Remembered
from playground.training.plan import make_stepper
from playground.training.state import RunState
from playground.training.steppers.stepper import OptimizerState

FORMAT = 1


class Snapshot(NamedTuple):
    """All of a run at one step.

    `tensors`: `weights/role/n1.linear.weight`, `optimizer/turn/role/n1.linear.weight/exp_avg`, `random/cpu` (bytes).
    `facts`: JSON with experiment, cursor, ledger, stepper and the names of the modules.
    """

    tensors: dict[str, torch.Tensor]
    facts: dict[str, Any]

    @property
    def step(self) -> int:
        """The step it was taken at."""
        return int(self.facts["cursor"]["step"])

    @property
    def experiment(self) -> Experiment:
        """The experiment as it was then."""
        return Experiment.model_validate(self.facts["experiment"])

    @property
    def bytes(self) -> int:
        """Size of its tensors."""
        return sum(tensor.numel() * tensor.element_size() for tensor in self.tensors.values())

    def weights(self, role: str) -> dict[str, torch.Tensor]:
        """Weights and buffers of one network by their names in its module."""
        return _below(self.tensors, f"weights/{role}/")

    def optimizer_state(self) -> OptimizerState:
        """The optimizers' moments."""
        state: OptimizerState = {}
        for name, tensor in _below(self.tensors, "optimizer/").items():
            turn, _, rest = name.partition("/")
            parameter, _, key = rest.rpartition("/")
            state.setdefault(turn, {}).setdefault(parameter, {})[key] = tensor
        return state


def snapshot(state: RunState) -> Snapshot:
    """A copy of everything the run needs to go on as if nothing had happened. On the CPU."""
    tensors: dict[str, torch.Tensor] = {}
    for role, module in state.modules.items():
        for name, tensor in module.state_dict().items():
            tensors[f"weights/{role}/{name}"] = _copy(tensor)
    for turn, parameters in state.stepper.optimizer_state().items():
        for parameter, moments in parameters.items():
            for key, tensor in moments.items():
                tensors[f"optimizer/{turn}/{parameter}/{key}"] = _copy(tensor)
    for place, one in enumerate(state.remembered):
        for role, weights in one.weights.items():
            tensors |= {f"remembered/{place}/{role}/{name}": tensor for name, tensor in weights.items()}
    for kind, random in state.randomness.copy().items():
        tensors[f"random/{kind}"] = random
    facts = {
        "format": FORMAT,
        "experiment": state.experiment.model_dump(mode="json"),
        "cursor": {"step": state.cursor.step, "epoch": state.cursor.epoch, "position": state.cursor.position},
        "ledger": [entry.model_dump(mode="json") for entry in state.ledger],
        "stepper": state.stepper.name,
        "asked_stepper": state.wish,
        "names": {role: dict(built.names) for role, built in state.networks.items()},
        "values": {name: value for name, value in state.values.items() if value == value},  # JSON knows no NaN
        "best": dict(state.best),
        "remembered": [one.key for one in state.remembered],
        "new_units": state.new_units,
        "new_until": state.new_until,
        "seconds": state.seconds,
        "test_reads": state.test_reads,
        "device": state.device.type,
        "dtype": str(state.dtype).removeprefix("torch."),
    }
    return Snapshot(tensors, facts)


def resume(taken: Snapshot, state: RunState) -> None:
    """Put a snapshot into a run that was begun with the snapshot's own experiment."""
    for role, module in state.modules.items():
        module.load_state_dict(taken.weights(role))
    moments = _moved(taken.optimizer_state(), state.device)
    wish = state.wish or taken.facts["stepper"]
    state.stepper = make_stepper(state.experiment, state.networks, moments, wish)
    state.randomness.load(_below(taken.tensors, "random/"))
    for name, value in taken.facts["cursor"].items():
        setattr(state.cursor, name, value)
    state.ledger = [LedgerEntry.model_validate(entry) for entry in taken.facts["ledger"]]
    state.values = dict(taken.facts["values"])
    state.best = dict(taken.facts["best"])
    state.remembered = [_memory(taken, place, key) for place, key in enumerate(taken.facts.get("remembered", ()))]
    state.new_units = {path: list(units) for path, units in taken.facts["new_units"].items()}
    state.new_until = taken.facts["new_until"]
    state.seconds, state.test_reads = taken.facts["seconds"], taken.facts["test_reads"]


def _memory(taken: Snapshot, place: int, key: str) -> Remembered:
    weights: dict[str, dict[str, torch.Tensor]] = {}
    for name, tensor in _below(taken.tensors, f"remembered/{place}/").items():
        role, _, rest = name.partition("/")
        weights.setdefault(role, {})[rest] = tensor
    return Remembered(key, weights)


class Shelf:
    """Snapshots kept in memory to rewind to: few, spread over the run, within a budget of bytes."""

    def __init__(self, budget: int = 32 * 2**20, most: int = 16) -> None:
        self.budget, self.most = budget, most
        self.interval = 0.5
        """CPU seconds between two; doubles each time the shelf is thinned."""
        self._kept: dict[int, Snapshot] = {}
        self._taken_at = 0.0

    @property
    def steps(self) -> list[int]:
        """Steps one can go back to, besides 0."""
        return sorted(self._kept)

    def is_due(self, seconds: float, state: RunState) -> bool:
        """Whether the next one should be taken. Networks that are too large for the shelf are not copied at all."""
        return seconds - self._taken_at >= self.interval and state.parameters * 12 <= self.budget // 4

    def put(self, taken: Snapshot, seconds: float) -> None:
        """Keep it; when the shelf is full, drop every second one."""
        self._taken_at = seconds
        self._kept[taken.step] = taken
        size = sum(kept.bytes for kept in self._kept.values())
        if len(self._kept) > self.most or size > self.budget:
            newest = max(self._kept)
            self._kept = {step: self._kept[step] for step in [*self.steps[:-1][::2], newest]}
            self.interval *= 2

    def get(self, step: int) -> Snapshot | None:
        """The snapshot of exactly this step."""
        return self._kept.get(step)

    def forget_after(self, step: int) -> None:
        """Drop what lies after a rewind."""
        self._kept = {kept: taken for kept, taken in self._kept.items() if kept <= step}


def write(taken: Snapshot, file: Path) -> str:
    """Store it so that the file is whole or not there at all. Returns the SHA-256 of its bytes. Raises OSError."""
    from safetensors.torch import save

    content = save(taken.tensors, metadata={"playground": json.dumps(taken.facts, separators=(",", ":"))})
    unfinished = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        with unfinished.open("wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        unfinished.replace(file)
    finally:
        unfinished.unlink(missing_ok=True)
    _sync_folder(file.parent)
    return hashlib.sha256(content).hexdigest()


class BrokenCheckpoint(ValueError):
    """A checkpoint file that cannot be used; the message says why."""


class OtherFormat(BrokenCheckpoint):
    """A whole file, of another release."""


def digest(file: Path) -> str:
    """The SHA-256 of a file's bytes. Raises OSError."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def read(file: Path, sha256: str | None = None) -> Snapshot:
    """A stored snapshot. Raises BrokenCheckpoint when it is not whole, OSError when it is not there."""
    from safetensors import SafetensorError, safe_open

    if sha256 is not None and digest(file) != sha256:
        raise BrokenCheckpoint(f"{file.name} is not the file that was written: its hash differs. Use an older one.")
    try:
        with safe_open(file, framework="pt") as content:
            facts = json.loads((content.metadata() or {})["playground"])
            tensors = {name: content.get_tensor(name) for name in content.keys()}  # noqa: SIM118  # not a mapping
    except (SafetensorError, KeyError, ValueError) as error:
        raise BrokenCheckpoint(f"{file.name} is not a whole checkpoint of a run. Use an older one.") from error
    if facts.get("format") != FORMAT:
        raise OtherFormat(f"{file.name} has format {facts.get('format')!r}; this version reads {FORMAT}.")
    return Snapshot(tensors, facts)


def _sync_folder(folder: Path) -> None:
    """Make the new name last through a power cut, where the system allows to ask for it."""
    if os.name != "posix":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _copy(tensor: torch.Tensor) -> torch.Tensor:
    return tensor.detach().to("cpu", copy=True).contiguous()


def _below(tensors: dict[str, torch.Tensor], start: str) -> dict[str, torch.Tensor]:
    return {name.removeprefix(start): tensor for name, tensor in tensors.items() if name.startswith(start)}


def _moved(state: OptimizerState, device: torch.device) -> OptimizerState:
    return {
        turn: {name: {key: value.to(device) for key, value in moments.items()} for name, moments in parameters.items()}
        for turn, parameters in state.items()
    }
