"""The run of a project: begun when it is looked at, told of every edit, and described in words.

Everything here happens in one thread, the server's event loop; sending to the engine never waits.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from typing import Any

from playground.core.edits import EDIT, Replace, Rewind, WriteWeight
from playground.core.experiment import Experiment
from playground.core.network import Network
from playground.engine import messages as engine
from playground.engine.local import Engine
from playground.engine.rules import HELD
from playground.runs.names import new_run_id
from playground.runs.records import StoredRun
from playground.studio import admission, opening, sentences
from playground.studio.admission import OwnSpeed, Work
from playground.studio.checking import Understood

WATCHABLE = 100.0
"""Updates a second that the eye can follow."""
SMALL = 20_000
"""Weights up to which a network is held to that at first."""
Told = list[dict[str, Any]]
"""Messages of the protocol, for everyone who looks at the run."""


class RunControl:
    """One project's run. `run` is None until there is one."""

    def __init__(
        self,
        sender: Engine,
        *,
        owner: str,
        project: str,
        other_of: Callable[[str], tuple[str, bool] | None] = lambda run: None,
    ) -> None:
        """`other_of`: what the owner calls the project of another run, and whether that run waits in the queue."""
        self._sender = sender
        self._other_of = other_of
        self._owner = owner
        self._project = project
        self.template: str | None = None
        """What the project began with."""
        self.understood: Understood | None = None
        """The project as it stands now."""
        self.let_go()

    def let_go(self) -> None:
        """Without a run: there is none yet, or it was deleted."""
        self.run: str | None = None
        self.loaded = False
        """Whether a worker has it."""
        self.state = "idle"
        self.step = 0
        self.epoch = 0
        self.opening = False
        """Whether it shows shipped weights and was not played yet."""
        self.values: dict[str, float] = {}
        self.pace: float | None = None
        """Updates a second it may make; None: as many as the machine can."""
        self.offer: dict[str, Any] | None = None
        """What is offered since Train was pressed and not simply done."""
        self.own_speed = OwnSpeed()
        self.not_estimated = False
        """Whether it trains although nobody could tell how long that takes."""
        self._ahead: int | None = None
        self._queued = False
        """Whether it was admitted by way of the queue: then it may take as long as it takes."""
        self._shown_before: tuple[bool, int, int, dict[str, float]] | None = None
        """What the shipped weights showed, until it is known that the run trains."""
        self._wanted = False
        """Whether it was asked to train."""
        self._note: str | None = None
        self._experiment: Experiment | None = None
        self._asked: deque[tuple[Network, Network]] = deque()
        self._waits_for_repair = False
        self._start_over = False

    # ---- beginning ----------------------------------------------------------------------------------------------

    def begin(self, experiment: Experiment, revision: int) -> None:
        """A new run of this experiment, paused at its first step."""
        self.let_go()
        self.run, self.loaded, self.state = new_run_id(), True, "starting"
        self._experiment = experiment
        weights = opening.weights_for(self.template, experiment)
        self.opening = weights is not None
        if self.opening:
            last = opening.points(self.template or "")[-1:]
            self.step, self.epoch = (int(last[0]["step"]), int(last[0]["epoch"])) if last else (0, 0)
        self._sender.send(
            engine.StartRun(
                run=self.run,
                owner=self._owner,
                project=self._project,
                template=self.template,
                experiment=experiment.model_dump(mode="json"),
                weights=weights,
            )
        )
        self._set_pace()

    def resume(self, stored: StoredRun, experiment_then: Experiment, values: Mapping[str, float]) -> None:
        """Take up a run of the history, paused at its last checkpoint."""
        self.run, self.loaded = stored.id, True
        self.state, self.step, self.epoch = "interrupted", stored.step, stored.epoch
        self.template = stored.template or self.template
        self.values = dict(values)
        self._experiment = experiment_then
        self._note = sentences.came_back(stored.step)
        self._sender.send(engine.ResumeRun(run=stored.id, owner=self._owner))
        self._set_pace()

    def _set_pace(self) -> None:
        """A small network is done before the eye has seen anything: it begins at a pace. Everyone may change that."""
        if self.understood is not None and self.understood.parameters <= SMALL:
            self.speed(WATCHABLE)

    def look_again(self) -> None:
        """Somebody looks who did not a moment ago: a run that nobody saw may have been put away."""
        if self.run is not None and self.loaded and self.state != "starting":
            self._sender.send(engine.ResumeRun(run=self.run, owner=self._owner))

    def change(self, experiment: Experiment, understood: Understood, revision: int) -> None:
        """The drawing or a setting changed: the run goes on with it, if it can."""
        self.understood = understood
        self.offer = None
        if self.run is None or not self.loaded:
            return
        if not understood.ok:
            if self.state == "running":
                self._waits_for_repair = True
                self._sender.send(engine.Pause(run=self.run, owner=self._owner))
            return
        before = self._experiment
        if before is None or before.fingerprint() != experiment.fingerprint():
            self._experiment = experiment
            self.own_speed.begin()
            self._asked.append(((before or experiment).network, experiment.network))
            self._edit(Replace(experiment=experiment), revision)
        if self._start_over:
            self._start_over = False
            self._edit(Rewind(step=0), revision)
        if self._waits_for_repair:
            self._waits_for_repair = False
            self._sender.send(engine.Play(run=self.run, owner=self._owner))

    # ---- what a person does -------------------------------------------------------------------------------------

    def play(
        self, *, steps: int | None = None, epochs: int | None = None, when_free: bool = False, instead: bool = False
    ) -> str | None:
        """Go on, for ever or for so many. A sentence if it cannot. `when_free`: by way of the queue; `instead`: in place
        of the owner's other run."""
        if self.run is None:
            return (self.understood and self.understood.trouble) or "There is no run yet."
        if self.understood is not None and not self.understood.ok:
            return self.understood.trouble
        if self.opening and not when_free:
            # Training begins from nothing; where the shipped run stood says nothing about this one.
            self._shown_before = (self.opening, self.step, self.epoch, self.values)
            self.opening, self.step, self.epoch, self.values = False, 0, 0, {}
        self._wanted, self._queued = True, when_free
        self._note = self.offer = None
        self._sender.send(
            engine.Play(
                run=self.run, owner=self._owner, steps=steps, epochs=epochs, when_free=when_free, instead=instead
            )
        )
        return None

    def ask(self, offer: dict[str, Any]) -> None:
        """Train waits for an answer."""
        self.offer = offer

    def pause(self) -> None:
        """Stop after this step, or leave the queue."""
        self._waits_for_repair = self._wanted = False
        self.offer = None
        if self.run is not None:
            self._sender.send(engine.Pause(run=self.run, owner=self._owner))

    # ---- how long it takes --------------------------------------------------------------------------------------

    @property
    def done(self) -> int:
        """Epochs that are behind it and count. A finished run goes on for as many as its experiment has."""
        return 0 if self.opening or self.state == "finished" else self.epoch

    def seconds_left(
        self, experiment: Experiment, measured: engine.Measured | None, *, epochs: int | None = None
    ) -> float | None:
        """CPU seconds that it will need, to its end or for so many epochs; None if nothing is known yet."""
        work = Work.of(experiment, self.understood) if self.understood is not None else None
        if work is None:
            return None
        left = max(1, experiment.training.epochs - self.done)
        return work.seconds(min(left, epochs) if epochs else left, measured, self.own_speed.per_step)

    @property
    def may_take_long(self) -> bool:
        """Whether it stood in the queue, or stands there."""
        return self._queued

    def speed(self, steps_per_second: float | None) -> None:
        """At most so many updates a second."""
        self.pace = steps_per_second
        if self.run is not None:
            self._sender.send(engine.SetSpeed(run=self.run, owner=self._owner, steps_per_second=steps_per_second))

    def rewind(self, revision: int) -> None:
        """Back to the first weights of this seed."""
        self.opening = False
        self._edit(Rewind(step=0), revision)

    def write(self, weight: WriteWeight, revision: int) -> None:
        """Set one number by hand."""
        self._edit(weight, revision)

    def expect_start_over(self) -> None:
        """The next edit brings the first document back, and the run goes back with it."""
        self.pause()
        self._start_over = True

    def _edit(self, edit: Replace | WriteWeight | Rewind, revision: int) -> None:
        if self.run is not None:
            plain = EDIT.dump_python(edit, mode="json")
            self._sender.send(engine.EditRun(run=self.run, owner=self._owner, edit=plain, revision=revision))

    # ---- what the engine says -----------------------------------------------------------------------------------

    def take(self, event: Any) -> Told:
        """Note an event about this run; what is to be told."""
        kind = event.type
        if kind == "run_changed":
            if self.opening and event.state == "running":  # out of the queue
                self.opening, self.values = False, {}
            self.state, self._ahead = event.state, event.ahead
            if self._shown_before is None or event.state in ("running", "failed") or event.step < self._shown_before[1]:
                self.step, self.epoch = event.step, event.epoch
                if self._shown_before is not None and event.state != "starting":
                    self._shown_before = None
            self.own_speed.note(event.step, event.seconds)
            if event.message is not None or event.state in ("running", "queued"):
                self._note = event.message
            return [self.message()]
        if kind == "metrics":
            if event.reset and event.points and event.points[0].get("step", 0) == 0:
                self.values = {}
            for point in event.points:
                self.values.update(point)
            return [{"type": "metrics", "run": self.run, "reset": event.reset, "points": event.points}]
        if kind == "ledger_grew" and event.edit.get("type") == "replace" and self._asked:
            before, after = self._asked.popleft()
            words = None
            if event.kept is not None and event.new is not None and self.step + event.step > 0:
                words = sentences.carried(before, after, event.kept, event.new)
            return [{"type": "toast", "level": "note", "text": words}] if words else []
        if kind == "refused":
            return self._refused(event)
        return []

    def _refused(self, event: Any) -> Told:
        if event.command in ("start_run", "resume_run"):
            self.loaded, self.state, self._note = False, "interrupted" if self.step else "failed", event.message
            return [self.message()]
        if event.command == "play" and event.code in ("one_run", "held"):
            self._wanted = self._queued = False
            if self._shown_before is not None:
                (self.opening, self.step, self.epoch, self.values), self._shown_before = self._shown_before, None
            if event.code == "one_run":
                title, waits = (self._other_of(event.other) if event.other else None) or (None, False)
                self.ask(admission.one_run(title, waits=waits))
            else:
                self._note = HELD
            return [self.message()]
        return [{"type": "toast", "level": "warn", "text": event.message}]

    def released(self) -> Told:
        """The operator lets everyone go on: what was said about that is over."""
        if self._note != HELD:
            return []
        self._note = None
        return [self.message()]

    def message(self) -> dict[str, Any]:
        """The `run` message of the protocol."""
        # While its worker comes up nobody has asked it to train: the button says Train, and pressing it counts.
        state = "paused" if self.state == "starting" and not self._wanted else self.state
        if (state == "paused" and self.step == 0) or (state in ("paused", "finished") and self.opening):
            state = "idle"
        return {
            "type": "run",
            "id": self.run,
            "state": state,
            "step": self.step,
            "epoch": self.epoch,
            "speed": self.pace,
            "message": self._words(),
            "ahead": self._ahead if state == "queued" else None,
            "offer": self.offer,
        }

    def _words(self) -> str | None:
        """One sentence; None while numbers stream in, which say it better."""
        if self._waits_for_repair and self.state == "paused":
            return f"Paused at step {self.step:,}: the drawing has an error. It goes on when that is put right."
        if self.state == "queued":
            return sentences.queued(self._ahead or 0)
        if self._note is not None:
            return self._note
        facts = self.understood.facts if self.understood else None
        if self.state == "paused" and self.step > 0 and not self.opening:
            return sentences.paused(self.step)
        if self.state == "finished" and not self.opening:
            return sentences.at_step(self.step, self.values, facts)
        return None
