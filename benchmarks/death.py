"""What is left when something is killed: 20 runs train, one process dies, and everything that should be there is.

Each trial kills one process, drawn with its moment from the seed, and looks: is a process left behind after 2 seconds,
is a saved thing gone, from which step does a run go on, how long were the others held up, what was the person told.
"""

from __future__ import annotations

import contextlib
import hashlib
import itertools
import json
import os
import queue
import random
import select
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

RUNS = 20
TRIALS = 20
FIRST_SEED = 0
FRAMES = 5.0
"""Pictures a second of each run: news by which a gap is seen."""
ORPHAN = 2.0
"""Seconds after which what is left of a dead process counts as left behind."""
LATE = 2.0
"""Seconds before a death within which the history need not know everything."""
PATIENCE = 60.0
HELD = 1.0
"""Seconds that runs may be held which had nothing to do with what was killed."""
KINDS = ("worker", "task", "fork server", "heavy fork server", "host", "server")
OWNER = "ann"


def measure(*, only: str = "", trials: int = TRIALS, runs: int = RUNS) -> Iterator[dict[str, Any]]:
    """One result a trial: kind, at (seconds after all ran), orphans, gone_after, lost, from_step, gap, before, says."""
    kinds = [kind for kind in KINDS if only in kind]
    chance = random.Random(FIRST_SEED)
    with tempfile.TemporaryDirectory(prefix="death-") as folder:
        scene = Scene(Path(folder), runs)
        try:
            scene.begin()
            for number in range(trials):
                yield {"trial": number, **trial(scene, kinds[number % len(kinds)], chance)}
        finally:
            scene.close()


# ---- the server's part ----------------------------------------------------------------------------------------------


def serve(home: Path) -> None:
    """Be what the server is to the engine, and tell on standard output what it hears. Commands come on standard input."""
    from playground.engine.local import connect
    from playground.engine.messages import COMMAND, Frame

    speaking = threading.Lock()

    def hear(event: Any, payload: bytes) -> None:
        plain = {"run": event.run} if isinstance(event, Frame) else event.model_dump(mode="json")
        with speaking:
            print(json.dumps({"at": time.monotonic(), "type": event.type, **plain}), flush=True)

    engine = connect(home)
    engine.subscribe(hear)
    with speaking:
        print(json.dumps({"at": time.monotonic(), "type": "up"}), flush=True)
    for line in sys.stdin:
        engine.send(COMMAND.validate_json(line))
    engine.close()
    engine.wait_for_end(PATIENCE)


class Server:
    """A process in the server's place, and everything it told."""

    def __init__(self, home: Path) -> None:
        environment = {**os.environ, "PLAYGROUND_HOME": str(home)}
        self.process = subprocess.Popen(
            [sys.executable, __file__, "serve", str(home)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=environment,
        )
        self.heard: list[dict[str, Any]] = []
        self._news: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
        threading.Thread(target=self._read, daemon=True).start()
        self.wait(lambda event: event["type"] == "up")

    def _read(self) -> None:
        assert self.process.stdout is not None
        with contextlib.suppress(ValueError):  # closed, or cut short by its death
            for line in self.process.stdout:
                self._news.put(json.loads(line))

    def say(self, type: str, **fields: Any) -> None:
        """Send a command to the engine."""
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps({"type": type, **fields}) + "\n")
        self.process.stdin.flush()

    def listen(self) -> None:
        """Take what was told meanwhile."""
        while not self._news.empty():
            self.heard.append(self._news.get())

    def wait(self, fits: Callable[[dict[str, Any]], bool], patience: float = PATIENCE) -> dict[str, Any]:
        """The next event that fits."""
        until = time.monotonic() + patience
        while True:
            try:
                event = self._news.get(timeout=max(0.01, until - time.monotonic()))
            except queue.Empty:
                told = [event for event in self.heard if event["type"] not in ("frame", "metrics")][-10:]
                raise TimeoutError(f"It was never told. Instead: {told}") from None
            self.heard.append(event)
            if fits(event):
                return event

    def end(self) -> None:
        """Close it as a person does."""
        if self.process.poll() is None and self.process.stdin is not None:
            self.process.stdin.close()
        self.process.wait(PATIENCE)
        assert self.process.stdout is not None


# ---- the scene ------------------------------------------------------------------------------------------------------


class Scene:
    """A home with runs that train, and what was promised to be kept."""

    def __init__(self, home: Path, runs: int) -> None:
        from playground.runs.store import Store

        self.home, self.count = home, runs
        self.store = Store(home)
        self.server = Server(home)
        self.runs: list[str] = []
        self.projects: dict[str, tuple[int, dict[str, Any]]] = {}
        self.edits: dict[str, int] = {}

    def begin(self) -> None:
        """Start the runs: small networks of different shapes, for ever."""
        from playground.runs.names import new_run_id
        from playground.templates import templates

        for number in range(self.count):
            experiment = templates[("circle", "xor")[number % 2]]().experiment().with_(seed=number)
            experiment = experiment.with_(training=experiment.training.with_(epochs=100_000))
            run = new_run_id()
            self.runs.append(run)
            self.server.say("start_run", run=run, owner=OWNER, experiment=experiment.model_dump(mode="json"))
            self.server.say("set_speed", run=run, owner=OWNER, steps_per_second=200.0)
        self.play()

    def play(self) -> None:
        """Have every run train and be looked at, and wait until each of them moves and has a checkpoint."""
        self.server.listen()
        self.server.heard.clear()
        for run in self.runs:
            self.server.say("watch", run=run, owner=OWNER, frames_per_second=FRAMES)
            self.server.say("play", run=run, owner=OWNER)
        moving: set[str] = set()
        kept = {run for run in self.runs if any(c.step for c in self.store.checkpoints(OWNER, run))}
        while moving != set(self.runs) or kept != set(self.runs):
            event = self.server.wait(lambda event: event["type"] in ("frame", "checkpoint_written"))
            (moving if event["type"] == "frame" else kept).add(event["run"])

    def promise(self, chance: random.Random) -> None:
        """Save a project and edit a run; when both are confirmed, they must never be gone."""
        name = f"project-{chance.randrange(3)}"
        base = self.projects.get(name, (0, {}))[0]
        document = {"title": f"Title {chance.random()}"}
        self.server.say("save_project", project=name, owner=OWNER, base=base, document=document)
        saved = self.server.wait(lambda event: event["type"] == "project_saved")
        self.projects[name] = (saved["revision"], document)
        run = chance.choice(self.runs)
        edit = {"type": "write_weight", "path": "hidden", "name": "bias", "index": [0], "value": chance.random()}
        self.server.say("edit_run", run=run, owner=OWNER, edit=edit)
        grew = self.server.wait(lambda event: event["type"] in ("ledger_grew", "refused"))
        if grew["type"] == "refused":
            raise AssertionError(grew["message"])
        self.flush()
        self.edits[run] = len(self.store.ledger(OWNER, run))

    def flush(self) -> None:
        """Wait until the history knows everything."""
        self.server.say("flush")
        self.server.wait(lambda event: event["type"] == "done" and event["command"] == "flush")

    def lost(self, heard: list[dict[str, Any]], died: float) -> list[str]:
        """What was promised and is not there."""
        gone = []
        for name, (revision, document) in self.projects.items():
            project = self.store.project(name)
            if project is None or (project.revision, project.document) != (revision, document):
                gone.append(f"project {name}")
        gone += [f"edit of {run}" for run, count in self.edits.items() if len(self.store.ledger(OWNER, run)) < count]
        for run in self.runs:
            gone += [f"weights {run}/{file}" for file in self.broken(run)]
            stored = max((point["step"] for point in self.store.metrics(OWNER, run)), default=-1)
            unwritten = [
                died - event["at"]
                for event in heard
                if event["type"] == "metrics" and event["run"] == run and event["at"] < died
                if any(point["step"] > stored for point in event["points"])
            ]
            if unwritten and max(unwritten) > LATE:
                gone.append(f"the last {max(unwritten):.1f} s of the curve of {run}")
        return gone

    def broken(self, run: str) -> list[str]:
        """Listed files of weights that are not what they were, or not there. A file may be replaced while we look."""
        from playground.runs.names import run_file

        wrong: list[str] = []
        until = time.monotonic() + 3.0
        while True:
            wrong = []
            for listed in self.store.checkpoints(OWNER, run):
                file = run_file(self.home, run, listed.file)
                if not file.is_file() or hashlib.sha256(file.read_bytes()).hexdigest() != listed.sha256:
                    wrong.append(listed.file)
            if not wrong or time.monotonic() > until:
                return wrong
            threading.Event().wait(0.2)

    def wait_until_up(self) -> None:
        """Wait until the engine answers; while it is started again it refuses."""
        while True:
            self.server.say("ping", id="up")
            if self.server.wait(lambda event: event["type"] in ("pong", "refused"))["type"] == "pong":
                return
            threading.Event().wait(0.2)

    def resume(self) -> dict[str, Any]:
        """Take every run up again: the step that goes furthest back, and what that repeats."""
        from_steps, repeats = [], []
        for run in self.runs:
            stored = self.store.run(OWNER, run)
            listed = max((kept.step for kept in self.store.checkpoints(OWNER, run)), default=0)
            self.server.say("resume_run", run=run, owner=OWNER)
            back = self.server.wait(
                lambda event, run=run: (
                    event["type"] == "run_changed" and event["run"] == run and event["state"] == "paused"
                )
            )
            if back["step"] < listed:
                raise AssertionError(f"{run} goes on from step {back['step']}, its weights are of step {listed}.")
            from_steps.append(back["step"])
            repeats.append(max(0, stored.step - back["step"]))
        return {"from_step": min(from_steps), "repeats": max(repeats), "gap": None, "before": None}

    def close(self) -> None:
        """End everything."""
        self.store.close()
        self.server.end()


# ---- one trial ------------------------------------------------------------------------------------------------------


def trial(scene: Scene, kind: str, chance: random.Random) -> dict[str, Any]:
    """Kill one process of a kind and look at what is left."""
    scene.promise(chance)
    began, moment = time.monotonic(), chance.uniform(3.0, 6.0)
    threading.Event().wait(moment)
    before = processes(scene.home)
    victim = scene.server.process.pid if kind == "server" else find(scene, kind, chance)
    old = set(before) if kind in ("host", "server") else {victim}
    died = time.monotonic()
    os.kill(victim, signal.SIGKILL)
    gone_after = wait_for_end(old, died)
    remaining = max(0.0, died + ORPHAN - time.monotonic())
    threading.Event().wait(remaining)
    left = sorted(pid for pid in old if is_alive(pid)) + orphans(scene.home)
    found = AFTER[kind](scene, died)
    lost, told = found.pop("lost"), found.pop("told")
    scene.play()
    return {
        "killed": kind,
        "at": round(died - began, 2),
        "orphans": len(left),
        "gone_after": round(gone_after, 2),
        "lost": len(lost),
        **found,
        "goal": f"no orphan, nothing lost, others held < {HELD:g} s",
        "holds": not left and not lost and (found.get("gap") or 0.0) < HELD,
        "says": " · ".join([*told, *lost]),
    }


def after_worker(scene: Scene, died: float) -> dict[str, Any]:
    """Its runs go on by themselves, from their last checkpoint."""
    server = scene.server
    told: dict[str, str] = {}
    with contextlib.suppress(TimeoutError):
        while True:
            event = server.wait(
                lambda event: event["type"] == "run_changed" and "died" in (event["message"] or ""), 0.5
            )
            told.setdefault(event["run"], event["message"])
    steps = {run: int(text.rsplit(" ", 1)[1].rstrip(".").replace(",", "")) for run, text in told.items()}
    reached = {run: int(text.split("at step ")[1].split(".")[0].replace(",", "")) for run, text in told.items()}
    behind = set(told)
    while behind:
        event = server.wait(lambda event: event["type"] == "run_changed" and event["run"] in behind)
        if event["state"] == "running" and event["step"] > reached[event["run"]]:
            behind.discard(event["run"])
    scene.flush()
    others = [run for run in scene.runs if run not in told]
    return {
        "from_step": min(steps.values(), default=None),
        "repeats": max((reached[run] - steps[run] for run in told), default=0),
        **gaps(server.heard, others, died),
        "told": sorted(set(told.values()))[:1],
        "lost": scene.lost(server.heard, died),
    }


def after_nothing(scene: Scene, died: float) -> dict[str, Any]:
    """No run notices: the libraries are loaded anew, beside the training."""
    threading.Event().wait(3.0)
    scene.server.listen()
    scene.flush()
    heard = scene.server.heard
    told = [event["message"] for event in heard if event["type"] == "task_failed" and event["at"] >= died]
    told += [event["message"] for event in heard if event["type"] == "run_changed" and event["message"]]
    return {"from_step": None, **gaps(heard, scene.runs, died), "told": told[:1], "lost": scene.lost(heard, died)}


def after_task(scene: Scene, died: float) -> dict[str, Any]:
    """Who asked is told."""
    failed = scene.server.wait(lambda event: event["type"] in ("task_failed", "task_done"))
    found = after_nothing(scene, died)
    return {**found, "told": [failed.get("message", "It was done before it died.")]}


def after_host(scene: Scene, died: float) -> dict[str, Any]:
    """The server says what stopped and starts another; the runs go on when their owner says so."""
    server, told = scene.server, dict[str, str]()
    while len(told) < len(scene.runs):
        event = server.wait(lambda event: event["type"] == "run_changed" and event["state"] == "interrupted")
        told[event["run"]] = event["message"]
    heard = server.heard[:]
    scene.wait_until_up()
    lost = scene.lost(heard, died)
    return {**scene.resume(), "told": sorted(set(told.values()))[:1], "lost": lost}


def after_server(scene: Scene, died: float) -> dict[str, Any]:
    """The host notices, puts everything down and ends; a new server finds the runs interrupted."""
    scene.server.listen()
    heard = scene.server.heard[:]
    scene.server = Server(scene.home)
    words = {scene.store.run(OWNER, run).message or "" for run in scene.runs}
    states = {scene.store.run(OWNER, run).state for run in scene.runs}
    if states != {"interrupted"}:
        words = {f"Not all runs are interrupted: {states}"}
    lost = scene.lost(heard, died)
    return {**scene.resume(), "told": sorted(words)[:1], "lost": lost}


AFTER: dict[str, Callable[[Scene, float], dict[str, Any]]] = {
    "worker": after_worker,
    "task": after_task,
    "fork server": after_nothing,
    "heavy fork server": after_nothing,
    "host": after_host,
    "server": after_server,
}


def gaps(heard: list[dict[str, Any]], runs: list[str], died: float) -> dict[str, Any]:
    """The longest time that any of these runs was not heard of: around the death, and in the seconds before it."""
    return {"gap": _gap(heard, runs, died - 0.3, died + 3.0), "before": _gap(heard, runs, died - 3.3, died)}


def _gap(heard: list[dict[str, Any]], runs: list[str], first: float, last: float) -> float:
    longest = 0.0
    for run in runs:
        kinds = ("frame", "metrics", "run_changed")
        times = [event["at"] for event in heard if event["type"] in kinds and event["run"] == run]
        times = [first, *(at for at in times if first < at < last), last]
        longest = max(longest, *(after - before for before, after in itertools.pairwise(times)))
    return round(longest, 2)


# ---- processes ------------------------------------------------------------------------------------------------------


def processes(home: Path) -> dict[int, tuple[int, str, int]]:
    """Living processes of a home's engine by their id: parent, command line, threads."""
    found = {}
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit() or int(entry.name) == os.getpid():
            continue
        with contextlib.suppress(OSError):
            state, parent, *rest = (entry / "stat").read_text().rpartition(")")[2].split()
            command = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            known = f"PLAYGROUND_HOME={home}\0".encode() in (entry / "environ").read_bytes() + b"\0"
            if known and state not in "ZX" and "playground.engine" in command:
                found[int(entry.name)] = int(parent), command, int(rest[15])
    return found


def find(scene: Scene, kind: str, chance: random.Random) -> int:
    """The process to kill."""
    if kind == "heavy fork server":
        ask(scene, "explain", chance)
        threading.Event().wait(chance.uniform(0.0, 4.0))  # it may be loading, or ready, or have a child
    known = set(processes(scene.home))
    if kind == "task":
        ask(scene, "explain_cases", chance)
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        alive = processes(scene.home)
        hosts = {pid for pid, (_, command, _) in alive.items() if "playground.engine.host" in command}
        servers = {
            pid
            for pid, (parent, command, threads) in alive.items()
            if "forkserver" in command and parent in hosts and threads == 1
        }
        heavy = {pid for pid in servers if "captum" in alive[pid][1]}
        forked = {pid for pid, (_, command, _) in alive.items() if "forkserver" in command} - servers
        fit = {
            "worker": {pid for pid in forked if "captum" not in alive[pid][1]},
            "task": {pid for pid in forked if pid not in known},
            "fork server": servers - heavy,
            "heavy fork server": heavy,
            "host": hosts,
        }[kind]
        if fit:
            return chance.choice(sorted(fit))
    raise TimeoutError(f"There is no {kind} to kill.")


def ask(scene: Scene, name: str, chance: random.Random) -> None:
    """Begin a task."""
    run = chance.choice(scene.runs)
    scene.server.say("run_task", task=f"task-{time.monotonic_ns()}", owner=OWNER, name=name, arguments={"run": run})


def is_alive(pid: int) -> bool:
    """Whether a process runs; one that is only still to be buried does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


def wait_for_end(pids: set[int], died: float) -> float:
    """Seconds from the death to the end of all of these."""
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            handle = os.pidfd_open(pid)
            select.select([handle], [], [], 30.0)
            os.close(handle)
    return time.monotonic() - died


def orphans(home: Path) -> list[int]:
    """Processes of the engine that no living host is an ancestor of."""
    alive = processes(home)
    left = []
    for pid in alive:
        at = pid
        while at in alive and "playground.engine.host" not in alive[at][1]:
            at = alive[at][0]
        if at not in alive:
            left.append(pid)
    return left


if __name__ == "__main__":
    serve(Path(sys.argv[2]))
