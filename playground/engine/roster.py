"""A run and a worker as the host sees them, and how many workers there are."""

from __future__ import annotations

import os
import time
from collections import deque
from dataclasses import dataclass, field

from playground.engine.messages import EditRun, Message, Play, RunChanged, SetSpeed, State, StopRun
from playground.engine.orders import LoadRun
from playground.engine.peer import Peer
from playground.engine.rules import EXEMPT


@dataclass(frozen=True)
class Halt:
    """A pause that is no wish of the run's owner: what it is called, and why. `{step}` becomes the step."""

    state: State
    why: str

    def message(self, step: int) -> str:
        """The sentence for a person."""
        return self.why.replace("{step}", f"{step:,}")


@dataclass
class Job:
    """A run that is in memory, as the host sees it."""

    load: LoadRun
    """How to make it again, should its worker die."""
    client: Peer | None
    """Who set it going last. When he leaves, it pauses."""
    worker: Worker | None = None
    state: State = "starting"
    said: State = "starting"
    """What its worker called its state last: a run in the queue is paused, as far as its worker knows."""
    step: int = 0
    epoch: int = 0
    seconds: float = 0.0
    checkpoint: int = 0
    """Step of the last checkpoint."""
    play: Play | None = None
    """What it was told to train; None: it was told to stop, or stopped by itself."""
    play_heard: bool = False
    """Whether its worker has begun with that."""
    waiting: Play | None = None
    """What it will be told once its turn in the queue has come."""
    place: tuple[int, int] = (0, 0)
    """Its round in the queue, and the number of its arrival."""
    ahead: int | None = None
    """How many wait before it."""
    from_queue: bool = False
    """Whether it trains because its turn had come: then it goes on while nobody looks."""
    stop: StopRun | None = None
    speed: SetSpeed | None = None
    unanswered: deque[EditRun] = field(default_factory=deque)
    """Edits on their way: said again if the worker dies with them."""
    deaths: int = 0
    heard: bool = False
    """Whether its worker has said anything about it."""
    moving: bool = False
    """Whether it is on its way to another worker: until it goes on there, it counts as running."""
    interrupting: Halt | None = None
    """Why its coming pause is no wish of its owner."""
    touched: float = field(default_factory=time.monotonic)
    seen: float = field(default_factory=time.monotonic)
    """When somebody looked at it last, or it had a reason to train unseen."""

    @property
    def run(self) -> str:
        """Its id."""
        return self.load.run

    @property
    def owner(self) -> str:
        """Whose it is."""
        return self.load.owner

    @property
    def homeless(self) -> bool:
        """Whether no worker has it."""
        return self.worker is None

    @property
    def active(self) -> bool:
        """Whether it trains, as far as it was told."""
        return self.play is not None

    @property
    def ruled(self) -> bool:
        """Whether the rules of a shared machine hold for it."""
        return self.client is not None and is_ruled(self.client, self.owner)

    def changed(self, state: State, message: str | None = None) -> RunChanged:
        """An event about it in the host's own words."""
        self.state = state
        return RunChanged(
            run=self.run,
            owner=self.owner,
            state=state,
            step=self.step,
            epoch=self.epoch,
            seconds=self.seconds,
            message=message,
            ahead=self.ahead if state == "queued" else None,
        )


@dataclass
class Worker:
    """A worker process. Until it has connected, what it is to be told waits."""

    id: str
    secret: str
    peer: Peer | None = None
    jobs: dict[str, Job] = field(default_factory=dict)
    early: list[Message] = field(default_factory=list)

    def tell(self, message: Message) -> None:
        """Send it something."""
        if self.peer is not None:
            self.peer.send(message)
        else:
            self.early.append(message)

    @property
    def busy(self) -> int:
        """How many of its runs train or are about to."""
        return sum(job.active or job.state in ("starting", "running") for job in self.jobs.values())


def is_ruled(client: Peer, owner: str) -> bool:
    """Whether the rules of a shared machine hold for what a client asks for an owner."""
    return client.shared and owner != EXEMPT


def worker_count() -> int:
    """PLAYGROUND_WORKERS, or one worker a core."""
    if chosen := os.environ.get("PLAYGROUND_WORKERS"):
        return max(1, int(chosen))
    available = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(16, available)
