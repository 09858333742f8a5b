"""What the engine's own processes say to each other besides the protocol: who they are, and what to begin with."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, TypeAdapter

from playground.engine.messages import (
    EditRun,
    Message,
    OpenSealed,
    Pause,
    Play,
    SetSpeed,
    StopRun,
    Unwatch,
    Watch,
)

VERSION = 1
"""Two processes of different versions refuse each other with a sentence."""

# ---- the first two messages of every connection ---------------------------------------------------------------------


class Hello(Message):
    """Who connects to the host. The token lies in a file, or came by a pipe, that only this user reads."""

    type: Literal["hello"] = "hello"
    role: Literal["client", "worker", "task"]
    token: str
    id: str = ""
    pid: int = 0
    version: int = VERSION
    shared: bool = False
    """Of a client: many people stand behind it, so the rules of a shared machine hold for what it asks."""


class Welcome(Message):
    """The host's answer. `trouble`: why not, in one sentence."""

    type: Literal["welcome"] = "welcome"
    trouble: str | None = None


# ---- host → worker or task --------------------------------------------------------------------------------------------


class LoadRun(Message):
    """Make a job of a run: new, or from its last checkpoint."""

    type: Literal["load_run"] = "load_run"
    run: str
    owner: str
    experiment: dict[str, Any]
    """Experiment₀."""
    device: str = "auto"
    stop_at: int | None = None
    weights: str | None = None
    resume: bool = False
    """Go on from the newest whole checkpoint in the run's folder."""
    ledger: list[dict[str, Any]] = Field(default_factory=list)
    """Edits as `{"step", "edit"}`. Those that the checkpoint does not know yet are applied again."""
    sealed_by: str | None = None
    """Who opened the sealed part for this run."""
    state: Literal["paused", "finished"] = "paused"
    message: str | None = None


class DropRun(Message):
    """Forget a job; what is stored stays, and `keep` is whether to checkpoint it first."""

    type: Literal["drop_run"] = "drop_run"
    run: str
    keep: bool = True


class MeasureSpeed(Message):
    """Find out how fast this machine is, once there is nothing else to do. Answered by `Measured`."""

    type: Literal["measure_speed"] = "measure_speed"


class Quit(Message):
    """Pause and checkpoint everything, then end."""

    type: Literal["quit"] = "quit"


class Work(Message):
    """What to do."""

    type: Literal["work"] = "work"
    task: str
    owner: str
    name: str
    arguments: dict[str, Any]
    memory: int
    """Bytes it may take beyond what it begins with."""


Order = Annotated[
    LoadRun
    | DropRun
    | MeasureSpeed
    | Quit
    | Work
    | Play
    | Pause
    | SetSpeed
    | EditRun
    | StopRun
    | OpenSealed
    | Watch
    | Unwatch,
    Field(discriminator="type"),
]
ORDER: TypeAdapter[Any] = TypeAdapter(Order)
"""Reads what a worker or a task is told."""
