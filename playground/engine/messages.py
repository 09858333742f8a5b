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

    request: str | None = None
    """Set by who wants to know what became of this very command: the answer to it carries the same text."""


# ---- commands: server or command line → host, and those about one run → worker ------------------------------------


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


class OfRun(Message):
    """Said to one run. With `owner` given, a run of another owner is refused like one that does not exist."""

    run: str
    owner: str | None = None


class Play(OfRun):
    """Go on. `steps` or `epochs`: pause again after so many; `until`: at this step. With `owner`, a stored run is loaded
    first; a finished one goes on for as many epochs as its experiment has."""

    type: Literal["play"] = "play"
    steps: int | None = None
    epochs: int | None = None
    until: int | None = None
    when_free: bool = False
    """Stand in the queue until the machine has room. Such a run goes on while nobody looks. One that trains already
    goes on as it is; one that waits leaves the queue by a `Play` without this, which begins it, or by `Pause`."""
    instead: bool = False
    """Pause the owner's other runs that are in the way first, instead of being refused because of them."""


class Pause(OfRun):
    type: Literal["pause"] = "pause"


class SetSpeed(OfRun):
    """At most so many updates a second; None: as fast as the machine allows."""

    type: Literal["set_speed"] = "set_speed"
    steps_per_second: float | None = None


class EditRun(OfRun):
    """`edit` is a `playground.core.edits.Edit` as JSON. `revision` comes back in frames drawn after it."""

    type: Literal["edit_run"] = "edit_run"
    edit: dict[str, Any]
    revision: int | None = None


class StopRun(OfRun):
    """End it and keep what it has: the last checkpoint, the metrics, the ledger."""

    type: Literal["stop_run"] = "stop_run"


class ResumeRun(Message):
    """Load a stored run into a worker, paused at its last checkpoint."""

    type: Literal["resume_run"] = "resume_run"
    run: str
    owner: str


class DeleteRun(Message):
    type: Literal["delete_run"] = "delete_run"
    run: str
    owner: str


class Watch(OfRun):
    """Frames of this run for viewers of this process: how often, and what of it."""

    type: Literal["watch"] = "watch"
    frames_per_second: float = 30.0
    focus: list[dict[str, Any]] = Field(default_factory=list)
    """`{"node": path, "unit": n}` of every viewer that hovers a unit."""
    sample: int | None = None
    inside: list[str] = Field(default_factory=list)
    """Paths of the blocks that viewers have open: what lies directly in them is drawn, too."""


class Unwatch(OfRun):
    type: Literal["unwatch"] = "unwatch"


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
    owner: str | None = None


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


class KeepBlock(Message):
    """Keep a block for this owner's projects. Without a layer: forget it. Answered by `Done`."""

    type: Literal["keep_block"] = "keep_block"
    block: str
    owner: str
    title: str = ""
    layer: dict[str, Any] | None = None


class OpenSealed(OfRun):
    """Open the sealed part of the data for this run, once and for all."""

    type: Literal["open_sealed"] = "open_sealed"
    by: str


class StopAll(Message):
    """The operator's word: pause every run of everyone, empty the queue and cancel every task. With `hold`, nobody can
    begin again before `GoOn`."""

    type: Literal["stop_all"] = "stop_all"
    message: str = "The operator paused all runs."
    hold: bool = False


class GoOn(Message):
    """The operator's word after a `StopAll` with `hold`: everyone may train again."""

    type: Literal["go_on"] = "go_on"


class Flush(Message):
    """Answered by `Done` when everything said before is in the database."""

    type: Literal["flush"] = "flush"


class Ping(Message):
    type: Literal["ping"] = "ping"
    id: str


Command = Annotated[
    StartRun | Play | Pause | SetSpeed | EditRun | StopRun | ResumeRun | DeleteRun | Watch | Unwatch | RunTask
    | CancelTask | SaveProject | DeleteProject | KeepBlock | OpenSealed | StopAll | GoOn | Flush | Ping,
    Field(discriminator="type"),
]  # fmt: skip
COMMAND: TypeAdapter[Any] = TypeAdapter(Command)


# ---- events: worker → host → server or command line -------------------------------------------------------------

State = Literal["starting", "paused", "queued", "running", "finished", "failed", "interrupted"]


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
    environment: dict[str, str] | None = None
    """Versions and machine kind, once, when the run is first loaded."""
    ahead: int | None = None
    """Of a queued run: how many wait before it; 0: it is next."""
    used: float = 0.0
    """CPU seconds that its worker has given it since it is there: turns and pictures."""
    waited: float = 0.0
    """The longest it has waited for a turn since the last word of it, in CPU seconds of its worker."""


class Metrics(Message):
    """New points of the curves: `{"step", "epoch", "train_loss", "validation_loss", "test_accuracy", …}`. `reset`: the
    run was rewound, forget points from the step of the first of these on; that first one may hold no values."""

    type: Literal["metrics"] = "metrics"
    run: str
    points: list[dict[str, float]]
    reset: bool = False


class LedgerGrew(Message):
    """An edit was applied after this step. `kept` and `new` count weights carried over and weights made. `position` is
    its place in the ledger: one applied again after a death replaces itself."""

    type: Literal["ledger_grew"] = "ledger_grew"
    run: str
    step: int
    edit: dict[str, Any]
    kept: int | None = None
    new: int | None = None
    position: int | None = None
    revision: int | None = None


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
    bytes: int = 0
    """How large it is."""


class CheckpointsRemoved(Message):
    """Newer ones took the place of these files."""

    type: Literal["checkpoints_removed"] = "checkpoints_removed"
    run: str
    files: list[str]


class TestRead(Message):
    """The test part was read for this run, so many times more."""

    __test__ = False

    type: Literal["test_read"] = "test_read"
    run: str
    times: int = 1


class Frame(Message):
    """One picture of a run, the payload as in docs/protocol.md. Newest of its kind wins: an older one may never
    arrive. `data` comes when someone begins to watch and when the data change."""

    type: Literal["frame"] = "frame"
    run: str
    step: int
    kind: Literal["frame", "data"] = "frame"


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


class Done(Message):
    """A command was carried out that has no other answer. `about` is its run or project."""

    type: Literal["done"] = "done"
    about: str
    command: str


class Notice(Message):
    """One sentence for a person, about no run: the disk is full, the history is locked. `owner` None: for everyone."""

    type: Literal["notice"] = "notice"
    level: Literal["note", "warn", "error"] = "warn"
    text: str
    owner: str | None = None


class Refused(Message):
    """A command that was not carried out, and why, in one sentence. `about` is its run, task or project."""

    type: Literal["refused"] = "refused"
    about: str
    command: str
    message: str
    code: Literal["one_run", "quota", "held"] | None = None
    """Why, for programs: the owner trains another run already; the owner has as much as one may have; the operator
    holds everyone."""
    other: str | None = None
    """With `one_run`: the run that is in the way."""


class Measured(Message):
    """How fast this machine trains with one core, measured once by a worker: for saying beforehand how long a run takes."""

    type: Literal["measured"] = "measured"
    flops_per_second: float
    """In a training step that is limited by arithmetic: forward, and twice as many backward. A multiplication and an
    addition count as two, as in `Checked`."""
    seconds_per_step: float
    """Of a training step too small for arithmetic to matter, by the general stepper. The clock is the CPU's."""


class Pong(Message):
    type: Literal["pong"] = "pong"
    id: str
    workers: int
    jobs: int
    running: int = 0
    queued: int = 0
    tasks: int = 0
    writes_waiting: int = 0
    """What the recorder has not written yet."""
    held: bool = False
    """Whether the operator holds everyone."""
    measured: Measured | None = None


Event = Annotated[
    RunChanged | Metrics | LedgerGrew | CheckpointWritten | CheckpointsRemoved | TestRead | Frame | TaskProgress
    | TaskDone | TaskFailed | ProjectSaved | Done | Notice | Refused | Measured | Pong,
    Field(discriminator="type"),
]  # fmt: skip
EVENT: TypeAdapter[Any] = TypeAdapter(Event)
