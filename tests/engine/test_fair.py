"""The benchmark of fairness, shortened, and a run that really moves from one worker to another."""

import json
import time
from collections.abc import Callable

import pytest

from playground.commands.bench import benchmarks, load
from playground.core.experiment import Experiment
from playground.engine.messages import Metrics, Play, RunChanged
from playground.training.cadence import next_landmark
from playground.training.run import train
from tests.engine.conftest import Home, curve


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_thirty_watched_runs_share_two_workers_evenly() -> None:
    """Frames a second depend on what else the machine does; even shares do not."""
    fair = load(benchmarks()["fair"])
    (result,) = fair.measure(only="30 plane, full speed", seconds=15.0)
    assert result["jain"] >= 0.95
    assert result["frames_per_second_min"] > 0


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_run_that_moves_computes_what_it_would_have_computed(
    new_home: Callable[[], Home], circle: Experiment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PLAYGROUND_WORKERS", "2")
    long = circle.with_(training=circle.training.with_(epochs=100_000))
    home = new_home()
    ear = home.ear()
    # Every second run is in the same worker: two train there, and nobody in the other one.
    runs = [home.begin(long, ear, device="cpu") for _ in range(4)]
    for run in runs[::2]:
        home.engine.send(Play(run=run))
    moved, until = "", time.monotonic() + 240
    while not moved:
        assert time.monotonic() < until
        ear.wait(Metrics)
        lines = (home.folder / "logs" / "engine.log").read_text().splitlines()
        moved = next((entry["run"] for line in lines if (entry := json.loads(line)).get("what") == "run_moves"), "")
    landmark = next_landmark(int(max(point["step"] for point in curve(ear, moved))))
    ear.wait(Metrics, lambda event: event.run == moved and event.points[-1]["step"] > landmark, patience=240)
    (point,) = [point for point in curve(ear, moved) if point["step"] == landmark]
    assert train(long, device="cpu", steps=landmark).state.values["train_loss"] == point["train_loss"]
    states = [event.state for event in ear.all(RunChanged) if event.run == moved]
    assert states[states.index("running") :] == ["running"] * (len(states) - states.index("running"))
    ear.stop()
