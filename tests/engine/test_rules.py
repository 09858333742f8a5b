"""The rules of a shared machine as values, and what each owner keeps as it is counted."""

import asyncio
import json
from pathlib import Path

import pytest

from playground.engine.messages import CheckpointsRemoved, CheckpointWritten, RunChanged
from playground.engine.quotas import Quotas
from playground.engine.rules import SETTINGS, Denied, Rules, UnclearRule, duration, size
from playground.runs.census import count
from playground.runs.names import run_folder
from playground.runs.recorder import Recorder

EXPERIMENT = {"experiment": {}, "fingerprint": "f", "seed": 0}


def test_every_rule_can_be_set_from_outside() -> None:
    assert Rules.read({}) == Rules()
    given = {name: str(number) for number, name in enumerate(SETTINGS.values(), start=3)}
    assert [getattr(Rules.read(given), field) for field in SETTINGS] == [3, 4.0, 5, 6, 7, 8, 9]
    assert Rules.read({"PLAYGROUND_UNSEEN": "0", "PLAYGROUND_TASKS": " "}) == Rules(unseen=0)


@pytest.mark.parametrize("name", SETTINGS.values())
@pytest.mark.parametrize("text", ["many", "-1", "nan", "inf", "1e999", "0x10", "1;2"])
def test_a_rule_that_makes_no_sense_is_refused_with_its_name(name: str, text: str) -> None:
    with pytest.raises(UnclearRule, match=f"{name} is '{text}'; expected .*[.] Change it, or leave it out[.]"):
        Rules.read({name: text})


def test_only_what_nobody_looks_at_may_have_no_limit() -> None:
    for name in set(SETTINGS.values()) - {"PLAYGROUND_UNSEEN"}:
        with pytest.raises(UnclearRule):
            Rules.read({name: "0"})


def test_times_and_sizes_are_said_in_words() -> None:
    assert [duration(seconds) for seconds in (1, 0.5, 90, 60, 120, 3600)] == [
        "1 second",
        "0.5 seconds",
        "90 seconds",
        "1 minute",
        "2 minutes",
        "1 hour",
    ]
    assert [size(count) for count in (512, 3 * 2**19, 5 * 2**29)] == ["0.5 KB", "1.5 MB", "2.5 GB"]


# ---- what each owner keeps ------------------------------------------------------------------------------------------


def running(run: str, owner: str = "ann") -> RunChanged:
    return RunChanged(run=run, owner=owner, state="running", step=1, epoch=0)


def written(run: str, file: str, length: int) -> CheckpointWritten:
    return CheckpointWritten(run=run, step=1, epoch=0, file=file, sha256="", purpose="last", bytes=length)


def quotas(home: Path, **rules: int) -> Quotas:
    counted = Quotas(home, Rules(**rules))
    asyncio.run(counted.ready())
    return counted


@pytest.fixture
def pen(home: Path) -> Recorder:
    recorder = Recorder(home, every=0.01)
    recorder.start()
    return recorder


def store(home: Path, pen: Recorder, run: str, *, step: int, files: dict[str, int], owner: str = "ann") -> None:
    pen.start_run(run, owner, **EXPERIMENT).result(10)
    pen.run_changed(run, state="paused", step=step)
    for name, length in files.items():
        run_folder(home, run).mkdir(parents=True, exist_ok=True)
        (run_folder(home, run) / name).write_bytes(bytes(length))


def test_what_is_stored_is_counted_once_and_then_followed(home: Path, pen: Recorder) -> None:
    """The oracle is another count of everything."""
    store(home, pen, "trained", step=5, files={"a": 100, "b": 20})
    store(home, pen, "opened", step=0, files={"a": 7})
    store(home, pen, "shown", step=400, files={})
    store(home, pen, "foreign", step=5, files={"a": 1000}, owner="bob")
    pen.save_project("p1", "ann", base=0, document={"title": "First"}).result(10)
    counted = quotas(home)
    assert counted._of("ann").trained == {"trained"}

    for number in range(1, 61):  # far enough to thin out
        saved = pen.save_project("p1", "ann", base=number, document={"title": "é" * number}).result(10)
        counted.saved("ann", "p1", saved.grown)
    counted.begun("new", "ann")
    store(home, pen, "new", step=1, files={"y": 30})
    counted.heard(running("new"))
    counted.heard(written("new", "x", 10))
    counted.heard(written("new", "y", 30))
    counted.heard(CheckpointsRemoved(run="new", files=["x", "never there"]))
    pen.delete_run("trained", "ann").result(10)
    counted.run_deleted("trained")
    pen.close()
    anew = count(home)["ann"]
    assert counted._of("ann") == anew
    assert counted._bytes["ann"] == sum(anew.projects.values()) + 7 + 30
    assert anew.projects["p1"] > 50 * len(json.dumps({"title": ""}))


def test_who_keeps_as_many_runs_as_one_may_is_told_what_to_do(home: Path, pen: Recorder) -> None:
    pen.close()
    counted = quotas(home, runs_kept=2)
    for run in ("r1", "r2"):
        counted.check_new_run("ann")
        counted.begun(run, "ann")
        counted.check_play("ann", run)
        counted.heard(running(run))
    with pytest.raises(Denied, match="You keep 2 trained runs, as many as one may") as denied:
        counted.check_new_run("ann")
    assert denied.value.code == "quota"
    with pytest.raises(Denied):
        counted.check_play("ann", "made before, never trained")
    counted.check_play("ann", "r1")
    counted.check_new_run("bob")
    counted.run_deleted("r1")
    counted.check_new_run("ann")


def test_a_project_more_than_one_may_keep_is_refused_but_never_an_edit_of_one(home: Path, pen: Recorder) -> None:
    pen.close()
    counted = quotas(home, projects_kept=2)
    counted.check_save("ann", "p1")
    counted.check_save("ann", "p2")  # both still on their way
    with pytest.raises(Denied, match="You have 2 projects, as many as one may keep here"):
        counted.check_save("ann", "p3")
    counted.saved("ann", "p1", 100)
    counted.not_saved("ann", "p2")
    counted.check_save("ann", "p3")
    counted.check_save("ann", "p1")


def test_beyond_the_bytes_nothing_is_lost_nothing_new_is_made_and_one_sentence_says_so(
    home: Path, pen: Recorder
) -> None:
    pen.close()
    counted = quotas(home, bytes=3 * 2**20)
    counted.begun("r1", "ann")
    counted.check_save("ann", "p1")
    counted.saved("ann", "p1", 2**20)
    assert counted.heard(written("r1", "1", 2**20)) is None
    told = counted.heard(written("r1", "2", 2**20))
    assert told is not None
    assert told.owner == "ann"
    assert told.text.startswith("You keep 3.0 MB of weights and drawings, and 3.0 MB is what one person may have here.")
    assert counted.heard(written("r1", "3", 2**19)) is None
    with pytest.raises(Denied, match="Delete runs that you no longer need"):
        counted.check_new_run("ann")
    with pytest.raises(Denied):
        counted.check_save("ann", "p2")
    counted.check_save("ann", "p1")
    counted.check_play("ann", "r1")
    counted.heard(written("r1", "4", 3 * 2**20))
    for refused in (lambda: counted.check_play("ann", "r1"), lambda: counted.check_save("ann", "p1")):
        with pytest.raises(Denied, match=r"You keep 6\.5 MB"):
            refused()
    counted.run_deleted("r1")
    counted.check_new_run("ann")
    counted.begun("r2", "ann")
    assert counted.heard(written("r2", "1", 2**21)) is not None
