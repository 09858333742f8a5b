"""One run in a worker: advanced in turns, told what to do between them."""

from __future__ import annotations

import logging
import time
from collections import deque
from collections.abc import Callable, Generator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

from playground.core.diagnostics import Diagnostic
from playground.core.edits import EDIT, Replace, Rewind
from playground.core.experiment import Experiment
from playground.engine.job_news import News, sentence
from playground.engine.job_opening import Sources, device_for, environment, shipped
from playground.engine.job_pace import Pace, goal
from playground.engine.job_pictures import Crowd, Pictures
from playground.engine.messages import (
    Done,
    EditRun,
    LedgerGrew,
    OfRun,
    OpenSealed,
    Pause,
    Play,
    SetSpeed,
    State,
    StopRun,
    Unwatch,
    Watch,
)
from playground.engine.orders import LoadRun
from playground.engine.worker_files import Files, Saves, Scribe, put_aside
from playground.training.checkpoints import Snapshot, snapshot
from playground.training.devices import NoSuchDevice
from playground.training.fit import fit
from playground.training.ledger import AnyEdit
from playground.training.prepared import Prepared, Reading
from playground.training.run import Run, Tick
from playground.training.state import CannotTrain, RunState

log = logging.getLogger(__name__)


class Job:
    """A run in memory. `turn` moves it, `obey` tells it; whatever goes wrong in it fails it and nothing else."""

    def __init__(
        self,
        load: LoadRun,
        home: Path,
        scribe: Scribe,
        readers: ThreadPoolExecutor,
        say: Callable[..., None],
        on_its_way: Callable[[str], bool],
    ) -> None:
        """`readers` make data ready beside the training; `on_its_way`: whether a run's last picture is not sent yet."""
        self.run = load.run
        self._load = load
        self._news = News(load.run, load.owner, say)
        self._news.remark = load.message
        self._pictures = Pictures(load.run, say, on_its_way)
        self._pace = Pace()
        self._files = Files(home, load.run, scribe)
        self._saves = Saves(self._files)
        self._sources = Sources(self._was_read, self._open_sealed)
        self._readers = readers
        self._commands: deque[OfRun] = deque()
        self._playing = self._settled = self._edited = self._dead = False
        self._opening = False
        """Whether shipped weights are shown."""
        self._ticks: Generator[Tick, AnyEdit | None, Any] | None = None
        self._run: Run | None = None
        self._experiment = Experiment.model_validate(load.experiment)
        self._loading: Future[Snapshot | None] | None = readers.submit(self._gather)

    # ---- what the worker asks ---------------------------------------------------------------------------------------

    @property
    def busy(self) -> bool:
        """Whether it trains."""
        return self._playing

    def wants_turn(self, now: float) -> bool:
        """Whether it has anything to do now."""
        if self._dead:
            return False
        if self._loading is not None:
            return self._loading.done()
        if self._commands and not self._sources.waiting:
            return True
        return not self._settled and (not self._playing or self._pace.may_step(now))

    def sleeps(self, now: float, crowd: Crowd) -> float:
        """Seconds it needs neither a turn nor a look."""
        times = [self._news.sleeps(now)]
        if self._loading is not None or self._sources.waiting:
            times.append(0.01)
        if self._playing:
            times.append(self._pace.sleeps())
        due = self.picture_due(crowd, free=True)
        if due is not None or self._pictures.blocked:
            times.append(0.02 if due is None else max(0.0, due - now))
        return min(times)

    def turn(self, seconds: float) -> float:
        """Work for about so long. Returns the CPU time that was used."""
        started = time.thread_time()
        try:
            self._turn(started + seconds)
        except (CannotTrain, NoSuchDevice) as problem:
            self._fail(str(problem), getattr(problem, "diagnostic", None))
        except Exception as problem:
            log.exception("run_failed", extra={"run": self.run})
            self._fail(sentence(problem))
        return self._news.meter.turn(started, more=self._playing or bool(self._commands))

    def _turn(self, until: float) -> None:
        if self._loading is not None:
            loaded, self._loading = self._loading.result(), None
            self._open(loaded)
            return
        while True:
            while self._commands:
                if not self._carry_out(self._commands[0]):
                    break
            now = time.monotonic()
            if self._settled or (self._playing and not self._pace.may_step(now)):
                return
            self._known_run.most_steps = self._pace.allowed if self._playing else None
            self._known_run.slice_seconds = max(0.0, until - time.thread_time())
            assert self._ticks is not None
            self._take(next(self._ticks), now)
            if time.thread_time() >= until:
                return

    # ---- beginning --------------------------------------------------------------------------------------------------

    def _gather(self) -> Snapshot | None:
        """Beside the training of others: read what is stored, make the data ready."""
        taken = self._files.newest() if self._load.resume else None
        self._sources.make(taken.experiment.data if taken is not None else self._experiment.data)
        return taken

    def _open(self, taken: Snapshot | None) -> None:
        load, points = self._load, list[dict[str, float]]()
        if load.weights is not None and taken is None:
            found = shipped(load.weights, self._experiment)
            if found is not None:
                self._opening = True
                taken, points = found
        self._begin(taken)
        self._news.points = [*points, *self._news.points]
        if load.resume and not self._opening:
            self._catch_up(taken)
        if taken is None:
            self._saves.put(self._known_state, "first")
        elif not self._edited:
            self._saves.begin(taken.step)
        if self._files.broken:
            self._news.remark = put_aside(self._files.broken, taken)
        state: State = "finished" if load.state == "finished" and not self._edited else "paused"
        self._news.change(state, self._run, environment=environment())

    def _begin(self, taken: Snapshot | None, stop_at: int | None = None) -> None:
        """A generator of ticks, standing where it begins."""
        experiment = taken.experiment if taken is not None else self._experiment
        self._run = Run(
            experiment,
            self._sources.make(experiment.data),
            device=device_for(self._load.device, comes_back=self._load.resume),
            snapshot=taken,
            prepare=self._sources.make,
            recall=self._files.at,
            stop_at=self._load.stop_at if stop_at is None else stop_at,
            pause_at=0,
            slice_seconds=0.0,
        )
        self._ticks = fit(self._run)
        self._settled, self._pictures.changed = False, True
        self._take(next(self._ticks), time.monotonic())

    def _catch_up(self, taken: Snapshot | None) -> None:
        """What only one of the host's and the checkpoint's ledger knows, the other learns."""
        stored = taken.facts["ledger"] if taken is not None else []
        for place in range(len(self._load.ledger), len(stored)):
            entry = stored[place]
            self._news.say(LedgerGrew(run=self.run, step=entry["step"], edit=entry["edit"], position=place))
        for entry in self._load.ledger[len(stored) :]:
            self._apply(EditRun(run=self.run, edit=entry["edit"]))

    # ---- ticks ------------------------------------------------------------------------------------------------------

    def _take(self, tick: Tick, now: float) -> None:
        if tick.steps:
            self._pace.count(tick.steps, now)
        if tick.point is not None:
            self._news.points.append(tick.point)
        if tick.steps or tick.point is not None:
            self._pictures.changed = True
        if tick.best and not self._opening:
            self._saves.best = snapshot(tick.state)
        self._settled = tick.doing in ("waiting", "finished", "trouble")
        if tick.doing == "trouble":
            problem = tick.diagnostic
            self._stand("paused", problem.message if problem is not None else None, problem)
        elif tick.doing == "finished" and (self._playing or self._news.state == "paused"):
            self._stand("finished")
        elif tick.doing == "waiting" and (self._playing or (self._edited and self._news.state == "finished")):
            self._stand("paused")
        elif self._playing:
            self._saves.put_if_due(tick.state, now)
        if self._settled:
            self._edited = False

    def _stand(self, state: State, message: str | None = None, problem: Diagnostic | None = None) -> None:
        """Train no further."""
        self._playing = False
        self._known_run.pause_at = self._known_state.cursor.step
        # Weights that are no numbers are nothing to go on from, and shipped ones need no keeping.
        if problem is None and not self._opening:
            self._saves.put(self._known_state, "final" if state == "finished" else "last")
        self._news.change(state, self._run, message, problem=problem)

    # ---- commands ---------------------------------------------------------------------------------------------------

    def obey(self, command: OfRun) -> None:
        """Take a command. Those about looking act at once, the others between two ticks."""
        if isinstance(command, Watch | Unwatch):
            self._pictures.watch(command if isinstance(command, Watch) else None)
        elif self._dead:
            self._news.refuse(command, "This run failed. Start it anew.")
        else:
            self._commands.append(command)
            self._news.meter.wants()

    def _carry_out(self, command: OfRun) -> bool:
        """Do the first command that waits. False: it waits on, for data that are being made ready."""
        if isinstance(command, EditRun) and not self._sources.are_ready(command.edit, self._readers):
            return False
        self._commands.popleft()
        match command:
            case Play():
                self._play(command)
            case Pause():
                if self._playing or self._news.state not in ("paused", "finished"):
                    self._stand("paused")
            case SetSpeed():
                self._pace.set_limit(command.steps_per_second, time.monotonic())
            case StopRun():
                self._stand("finished", f"Stopped at step {self._known_state.cursor.step:,}.")
            case OpenSealed():
                self._load = self._load.model_copy(update={"sealed_by": command.by})
                self._open_sealed(self._sources.make(self._known_state.experiment.data))
            case EditRun():
                self._edit(command)
        return True

    def _play(self, command: Play) -> None:
        self._leave_opening()
        state = self._known_state
        if self._news.state == "finished":
            more = state.steps_per_epoch * state.experiment.training.epochs
            self._begin(snapshot(state), stop_at=state.cursor.step + more)
            state = self._known_state
        self._known_run.pause_at = goal(command, state)
        self._pace.begin(time.monotonic())
        self._playing, self._settled = True, False
        self._news.change("running", self._run, request=command.request)

    def _leave_opening(self) -> None:
        """The shipped weights were for looking at. Training begins at the beginning, with what was changed meanwhile."""
        if not self._opening:
            return
        self._opening = False
        shown = self._known_state.experiment
        self._begin(None)
        self._news.forget_curve(0, 0)
        if shown.fingerprint() != self._experiment.fingerprint():
            self._apply(EditRun(run=self.run, edit=EDIT.dump_python(Replace(experiment=shown), mode="json")))
        self._saves.put(self._known_state, "first")

    def _edit(self, command: EditRun) -> None:
        if self._opening and command.edit.get("type") == "rewind":
            self._leave_opening()
            self._news.say(Done(about=self.run, command="edit_run", request=command.request))
            self._news.change("paused", self._run)
        else:
            self._apply(command)

    def _apply(self, command: EditRun) -> None:
        try:
            edit = EDIT.validate_python(command.edit)
        except ValueError as problem:
            self._news.refuse(command, str(problem))
            return
        tick = self._send(edit)
        done = tick.edited
        assert done is not None
        if done.refused is not None:
            self._news.refuse(command, done.refused.message)
            return
        if command.revision is not None:
            self._pictures.revision = command.revision
        if done.rewound:
            self._news.forget_curve(tick.step, tick.epoch)
        if self._opening:
            self._news.say(Done(about=self.run, command="edit_run", request=command.request))
            return
        ledger = self._known_state.ledger
        grew = LedgerGrew(run=self.run, step=ledger[-1].step, edit=command.edit, kept=done.kept, new=done.new)
        more = {"position": len(ledger) - 1, "revision": command.revision, "request": command.request}
        self._news.say(grew.model_copy(update=more))
        if not self._playing and self._news.state != "starting":
            self._saves.put(self._known_state, "last")
            if done.rewound:
                self._news.change("paused", self._run)

    def _send(self, edit: AnyEdit) -> Tick:
        """Hand an edit to the training loop."""
        assert self._ticks is not None
        tick = self._ticks.send(edit)
        done = tick.edited
        self._settled = False
        if not self._playing:
            self._known_run.pause_at = tick.step
        elif isinstance(edit, Rewind):
            self._known_run.pause_at = None  # the step to pause at was on the other side of the rewind
        if done is not None and done.refused is None:
            self._edited = self._pictures.changed = True
            self._saves.edited(rewound=done.rewound)
        return tick

    # ---- telling ----------------------------------------------------------------------------------------------------

    def report(self, now: float) -> None:
        """Send points and signs of life that are due."""
        self._news.pulse(self._run, now, playing=self._playing)

    @property
    def picture_cost(self) -> float:
        """CPU seconds of a picture, usually; 0 where none is drawn, or nothing is trained meanwhile."""
        return self._pictures.cost if self._playing and self._pictures.watched else 0.0

    def picture_due(self, crowd: Crowd, *, free: bool) -> float | None:
        """When the next picture is due; None: none is. `free`: nobody waits for a turn."""
        if self._dead or self._ticks is None:
            return None
        return self._pictures.due(crowd.rest(self._pictures.cost, free=free) if self._playing else 0.0)

    def picture(self, now: float) -> float:
        """Draw and send a picture. Returns the CPU time it took."""
        try:
            used = self._pictures.draw(self._known_state, now, speed=self._pace.speed if self._playing else 0.0)
        except Exception as problem:
            log.exception("picture_failed", extra={"run": self.run})
            self._fail(sentence(problem))
            return 0.0
        self._news.meter.used += used
        return used

    def _fail(self, message: str, problem: Diagnostic | None = None) -> None:
        self._playing, self._dead = False, True
        self._news.change("failed", self._run, message, problem=problem, device=self._load.device)
        for command in self._commands:
            self._news.refuse(command, message)
        self._commands.clear()
        self._ticks = None

    def close(self, *, keep: bool) -> None:
        """Let go of it; with `keep`, pause and checkpoint first."""
        if self._dead or self._ticks is None:
            return
        if keep and self._playing:
            self._stand("paused")
        self._news.tell_points()
        self._ticks.close()

    # ---- data -------------------------------------------------------------------------------------------------------

    def _was_read(self, reading: Reading) -> None:
        if reading.part == "test":
            self._news.test_reads += 1

    def _open_sealed(self, prepared: Prepared) -> None:
        if self._load.sealed_by is not None:
            prepared.open_sealed(self.run, self._load.sealed_by)

    @property
    def _known_run(self) -> Run:
        assert self._run is not None
        return self._run

    @property
    def _known_state(self) -> RunState:
        state = self._known_run.state
        assert state is not None
        return state
