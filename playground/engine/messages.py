"""The protocol of the engine: commands down, events up. Open this file and you know it.

On a pipe or socket a message is `u32` length of the JSON, `u32` length of the payload, the JSON object with its
`type`, the payload. Only `Frame` and `TaskDone` carry a payload. None means "not given" unless a field says otherwise.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter


class Message(BaseModel):
    """A frozen message."""

    model_config = ConfigDict(frozen=True, extra="forbid")


# ---- commands: server or command line → host → worker -----------------------------------------------------------


class StartRun(Message):
    """Make a run of this experiment. It begins paused, at step 0, and says so by `RunChanged`."""

    type: Literal["start_run"] = "start_run"
    run: str
    owner: str
    experiment: dict[str, Any]
    project: str | None = None
    template: str | None = None
    device: str = "auto"
    stop_at: int | None = None
    """Step to finish at; None: the experiment's epochs."""
    weights: str | None = None
    """Name of shipped weights to open with (`opening/circle`): shown, and left when training begins."""


class Play(Message):
    """Go on. `steps` or `epochs`: pause again after so many."""

    type: Literal["play"] = "play"
    run: str
    steps: int | None = None
    epochs: int | None = None


class Pause(Message):
    type: Literal["pause"] = "pause"
    run: str


class SetSpeed(Message):
    """At most so many updates a second; None: as fast as the machine allows."""

    type: Literal["set_speed"] = "set_speed"
    run: str
    steps_per_second: float | None = None


class EditRun(Message):
    """`edit` is a `playground.core.edits.Edit` as JSON. `revision` comes back in frames drawn after it."""

    type: Literal["edit_run"] = "edit_run"
    run: str
    edit: dict[str, Any]
    revision: int | None = None


class StopRun(Message):
    """End it and keep what it has: the last checkpoint, the metrics, the ledger."""

    type: Literal["stop_run"] = "stop_run"
    run: str


class ResumeRun(Message):
    """Load a stored run into a worker, paused at its last checkpoint."""

    type: Literal["resume_run"] = "resume_run"
    run: str
    owner: str


class DeleteRun(Message):
    type: Literal["delete_run"] = "delete_run"
    run: str
    owner: str


class Watch(Message):
    """Frames of this run for viewers of this process: how often, and what of it."""

    type: Literal["watch"] = "watch"
    run: str
    frames_per_second: float = 30.0
    focus: list[dict[str, Any]] = Field(default_factory=list)
    """`{"node": path, "unit": n}` of every viewer that hovers a unit."""
    sample: int | None = None


class Unwatch(Message):
    type: Literal["unwatch"] = "unwatch"
    run: str


class RunTask(Message):
    """Other work that needs torch or the data: explain, export, predict, facts. One process each, killed when
    cancelled or over its limits."""

    type: Literal["run_task"] = "run_task"
    task: str
    owner: str
    name: str
    arguments: dict[str, Any]
    seconds: float = 60.0


class CancelTask(Message):
    type: Literal["cancel_task"] = "cancel_task"
    task: str


class SaveProject(Message):
    """Store a document. Answered by `ProjectSaved`."""

    type: Literal["save_project"] = "save_project"
    project: str
    owner: str
    base: int
    """Revision the document was edited from; 0 for a new project."""
    document: dict[str, Any]
    label: str = ""
    run: str | None = None


class DeleteProject(Message):
    type: Literal["delete_project"] = "delete_project"
    project: str
    owner: str


class Ping(Message):
    type: Literal["ping"] = "ping"
    id: str


Command = Annotated[
    StartRun | Play | Pause | SetSpeed | EditRun | StopRun | ResumeRun | DeleteRun | Watch | Unwatch | RunTask
    | CancelTask | SaveProject | DeleteProject | Ping,
    Field(discriminator="type"),
]  # fmt: skip
COMMAND: TypeAdapter[Any] = TypeAdapter(Command)


# ---- events: worker → host → server or command line -------------------------------------------------------------

State = Literal["starting", "paused", "running", "finished", "failed", "interrupted"]


class RunChanged(Message):
    """The state of a run. `message` is one sentence for a person."""

    type: Literal["run_changed"] = "run_changed"
    run: str
    owner: str
    state: State
    step: int
    epoch: int
    seconds: float = 0.0
    parameters: int = 0
    device: str = "cpu"
    stepper: str = ""
    message: str | None = None
    diagnostic: dict[str, Any] | None = None


class Metrics(Message):
    """New points of the curves: `{"step", "epoch", "train_loss", "validation_loss", "test_accuracy", …}`. `reset`: the
    run was rewound, forget points after the first of these."""

    type: Literal["metrics"] = "metrics"
    run: str
    points: list[dict[str, float]]
    reset: bool = False


class LedgerGrew(Message):
    """An edit was applied after this step. `kept` and `new` count weights carried over and weights made."""

    type: Literal["ledger_grew"] = "ledger_grew"
    run: str
    step: int
    edit: dict[str, Any]
    kept: int | None = None
    new: int | None = None


class CheckpointWritten(Message):
    """A complete checkpoint file lies there, hashed."""

    type: Literal["checkpoint_written"] = "checkpoint_written"
    run: str
    step: int
    epoch: int
    file: str
    """Name inside the run's folder, never a path."""
    sha256: str
    purpose: Literal["last", "best", "final", "first"]


class Frame(Message):
    """One picture of a run, the payload as in docs/protocol.md. Newest wins: an older one may never arrive."""

    type: Literal["frame"] = "frame"
    run: str
    step: int


class TaskProgress(Message):
    type: Literal["task_progress"] = "task_progress"
    task: str
    share: float
    text: str = ""


class TaskDone(Message):
    """`result` is JSON; arrays travel in the payload in the frame format."""

    type: Literal["task_done"] = "task_done"
    task: str
    result: dict[str, Any]


class TaskFailed(Message):
    type: Literal["task_failed"] = "task_failed"
    task: str
    message: str
    cancelled: bool = False


class ProjectSaved(Message):
    """`revision` is the new one. `document` is given only when another edit came between and both were merged;
    `conflicts` names the nodes on which this edit replaced the other."""

    type: Literal["project_saved"] = "project_saved"
    project: str
    revision: int
    document: dict[str, Any] | None = None
    conflicts: list[str] = Field(default_factory=list)


class Refused(Message):
    """A command that was not carried out, and why, in one sentence. `about` is its run, task or project."""

    type: Literal["refused"] = "refused"
    about: str
    command: str
    message: str


class Pong(Message):
    type: Literal["pong"] = "pong"
    id: str
    workers: int
    jobs: int


Event = Annotated[
    RunChanged | Metrics | LedgerGrew | CheckpointWritten | Frame | TaskProgress | TaskDone | TaskFailed
    | ProjectSaved | Refused | Pong,
    Field(discriminator="type"),
]  # fmt: skip
EVENT: TypeAdapter[Any] = TypeAdapter(Event)
