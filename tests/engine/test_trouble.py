"""A full disk, a locked history, a home that cannot be written: training goes on, nothing is lost, a sentence says it.

The disk is made full in two ways. A limit on the size of files, put on the running processes from outside, works
everywhere on Linux; a small file system of its own is the real thing and needs the right to mount.
"""

import errno
import os
import resource
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from playground.core.experiment import Experiment
from playground.engine.local import EngineFailed, _why_failed, connect
from playground.engine.messages import (
    CheckpointWritten,
    Frame,
    Metrics,
    Notice,
    Pause,
    Play,
    ProjectSaved,
    ResumeRun,
    SaveProject,
    Watch,
)
from playground.training import checkpoints
from tests.conftest import ROOT
from tests.engine.conftest import Ear, Home, processes

pytestmark = [pytest.mark.xdist_group("engine"), pytest.mark.timeout(300)]


def begin_and_train(home: Home, ear: Ear, experiment: Experiment) -> str:
    run = home.begin(experiment.with_(training=experiment.training.with_(epochs=100_000)), ear)
    home.engine.send(Watch(run=run))
    home.engine.send(Play(run=run))
    ear.wait(CheckpointWritten, lambda event: event.run == run and event.step > 0)
    home.flush()
    return run


def goes_on(run: str, ear: Ear) -> None:
    step = ear.wait(Frame, lambda event: event.run == run).step
    ear.wait(Frame, lambda event: event.run == run and event.step > step + 20)


def is_whole(home: Home, run: str, ear: Ear, step: int) -> bool:
    """Whether every listed file of weights is there and what it was. `step`: of the last one, which may be on its way."""
    written = [event for event in ear.all(CheckpointWritten) if event.run == run and event.step == step]
    if not written:
        ear.wait(CheckpointWritten, lambda event: event.run == run and event.step == step)
    while True:
        home.flush()
        listed = home.store.checkpoints("ann", run)
        try:
            return all(checkpoints.read(home.store.weights("ann", run).with_name(k.file), k.sha256) for k in listed)
        except FileNotFoundError:
            continue  # it was replaced a moment ago; the history hears of it next


def limit_files(home: Path, size: int) -> None:
    """No file of any process of this home may grow beyond this."""
    for pid in processes(home):
        _, most = resource.prlimit(pid, resource.RLIMIT_FSIZE)
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (size, most))


def through_a_full_disk(home: Home, experiment: Experiment, fill: Callable[[], None], free: Callable[[], None]) -> None:
    """Train into a full disk and out of it again."""
    ear = home.ear()
    run = begin_and_train(home, ear, experiment)
    assert isinstance(
        home.engine.request(SaveProject(project="p", owner="ann", base=0, document={"title": "One"})), ProjectSaved
    )
    points = home.store.metrics("ann", run)
    fill()
    home.engine.send(Pause(run=run))  # a pause writes weights at once
    said: list[str] = []
    while not any("weights are not kept" in text for text in said) or len(said) < 2:
        said.append(ear.wait(Notice).text)
    assert len(said) == 2, "one sentence about the weights, one about the history"
    home.engine.send(Play(run=run))
    goes_on(run, ear)
    home.engine.send(SaveProject(project="p", owner="ann", base=1, document={"title": "Two"}, request="late"))
    goes_on(run, ear)
    assert not [event for event in ear.all(ProjectSaved) if event.request == "late"], (
        "what is not kept is not confirmed"
    )
    stored = home.store.project("p")
    assert stored is not None
    assert stored.document == {"title": "One"}
    assert home.store.metrics("ann", run)[: len(points)] == points
    assert home.store.weights("ann", run).is_file()
    free()
    missing = {"Weights are kept again.", "The history is written again; nothing was lost."}
    while missing:
        missing.discard(ear.wait(Notice).text)
    if not any(event.request == "late" for event in ear.all(ProjectSaved)):
        ear.wait(ProjectSaved, lambda event: event.request == "late")
    home.engine.send(Play(run=run, steps=1))
    step = ear.state(run, "paused").step
    assert is_whole(home, run, ear, step)
    stored = home.store.project("p")
    assert stored is not None
    assert (stored.revision, stored.document) == (2, {"title": "Two"})
    told = [point["step"] for event in ear.all(Metrics) if event.run == run for point in event.points]
    assert {point["step"] for point in home.store.metrics("ann", run)} == set(told)


@pytest.mark.skipif(sys.platform != "linux", reason="Limits of another process can be set on Linux only.")
def test_training_goes_on_while_no_file_can_grow_and_everything_is_kept_afterwards(
    new_home: Callable[[], Home], circle: Experiment
) -> None:
    home = new_home()
    through_a_full_disk(
        home, circle, lambda: limit_files(home.folder, 0), lambda: limit_files(home.folder, resource.RLIM_INFINITY)
    )


ON_A_SMALL_DISK = """
import os, sys
from pathlib import Path
from playground.templates import templates
from tests.engine.conftest import Home
from tests.engine.test_trouble import through_a_full_disk
folder = Path(sys.argv[1])
os.environ["PLAYGROUND_HOME"] = str(folder)
home, filler = Home(folder), folder / "filler"
def fill():
    try:
        with filler.open("wb", buffering=0) as stream:
            while True:
                stream.write(bytes(4096))
    except OSError:
        pass
try:
    through_a_full_disk(home, templates["circle"]().experiment(), fill, filler.unlink)
finally:
    home.close()
print("as it should be")
"""


def with_a_mount(script: str, mount: str, *arguments: object) -> str:
    """What a script prints that runs where something else is mounted, which nobody outside sees."""
    enter = ["unshare", "--mount", *(["--map-root-user"] if os.geteuid() else []), "sh", "-c"]
    if (
        shutil.which("unshare") is None
        or subprocess.run([*enter, "mount -t tmpfs none /mnt"], capture_output=True, check=False).returncode
    ):
        pytest.skip("Nothing can be mounted here. The tests with limits and injected errors say the same.")
    command = [*enter, f'{mount} && exec "$@"', "sh", sys.executable, "-c", script, *map(str, arguments)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    ran = subprocess.run(command, capture_output=True, text=True, env=environment, cwd=ROOT, check=False)
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


def test_training_goes_on_when_the_file_system_is_full(tmp_path: Path) -> None:
    mount = f"mount -t tmpfs -o size=8m none {tmp_path}"
    assert with_a_mount(ON_A_SMALL_DISK, mount, tmp_path) == "as it should be\n"


def test_a_history_locked_by_another_program_is_written_when_it_lets_go(
    new_home: Callable[[], Home], circle: Experiment
) -> None:
    home = new_home()
    ear = home.ear()
    run = begin_and_train(home, ear, circle)
    other = sqlite3.connect(home.folder / "playground.sqlite", isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    home.engine.send(SaveProject(project="p", owner="ann", base=0, document={"title": "One"}, request="late"))
    assert ear.wait(Notice).text.startswith("Another program holds the history locked. Nothing is lost")
    goes_on(run, ear)
    with pytest.raises(EngineFailed, match="did not answer"):
        home.engine.request(SaveProject(project="p", owner="ann", base=1, document={"title": "Two"}), timeout=0.5)
    assert home.store.project("p") is None
    assert not ear.all(ProjectSaved)
    other.execute("ROLLBACK")
    other.close()
    if not ear.all(ProjectSaved):
        ear.wait(ProjectSaved, lambda event: event.request == "late")
    home.engine.send(Play(run=run, steps=1))
    step = ear.state(run, "paused").step
    assert is_whole(home, run, ear, step)
    stored = home.store.project("p")
    assert stored is not None
    assert (stored.revision, stored.document) == (2, {"title": "Two"}), (
        "what could not be answered in time is kept, too"
    )
    told = [point["step"] for event in ear.all(Metrics) if event.run == run for point in event.points]
    assert {point["step"] for point in home.store.metrics("ann", run)} == set(told)


def test_a_history_that_is_locked_at_the_start_is_a_sentence(new_home: Callable[[], Home], tmp_path: Path) -> None:
    first = new_home()
    folder = first.folder
    first.close()
    other = sqlite3.connect(folder / "playground.sqlite", isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    with pytest.raises(EngineFailed, match=r"holds the history in .*home locked"):
        connect(folder)
    other.close()
    again = new_home()
    assert again.store.runs("ann") == []


TRY_TO_START = """
import sys
from pathlib import Path
from playground.engine.local import EngineFailed, connect
try:
    connect(Path(sys.argv[1]))
except EngineFailed as problem:
    print(problem)
"""


def test_a_home_on_a_read_only_mount_is_named_with_what_to_do(tmp_path: Path) -> None:
    mount = f"mount -t tmpfs none {tmp_path} && mkdir {tmp_path}/home && mount -o remount,ro {tmp_path}"
    for folder in (tmp_path / "home", tmp_path / "not there yet"):
        said = with_a_mount(TRY_TO_START, mount, folder)
        assert said.startswith(f"The folder {folder} cannot be ")
        assert said.endswith("Choose another one with PLAYGROUND_HOME.\n")


@pytest.mark.parametrize("number", [errno.EROFS, errno.EACCES, errno.EPERM])
def test_whatever_forbids_writing_the_home_the_folder_is_named(tmp_path: Path, number: int) -> None:
    error = OSError(number, os.strerror(number))
    assert _why_failed(f"{type(error).__name__}: {error}", tmp_path).startswith(
        f"The folder {tmp_path} cannot be written"
    )


def test_a_history_that_only_may_be_read_says_so(home: Path) -> None:
    """As the database driver says it, where the file system does not."""
    said = "OperationalError: (sqlite3.OperationalError) attempt to write a readonly database"
    assert "PLAYGROUND_HOME" in _why_failed(said, home)


def test_a_damaged_history_at_the_start_is_told_to_whoever_comes_first(new_home: Callable[[], Home]) -> None:
    first = new_home()
    folder = first.folder
    first.close()
    (folder / "playground.sqlite").write_bytes(b"garbage" * 1000)
    again = new_home()
    ear = again.ear()  # some time after the host had to say it
    assert ear.wait(Notice).text.endswith("the damaged file is kept as playground.broken-1.sqlite.")
    assert (folder / "playground.broken-1.sqlite").read_bytes() == b"garbage" * 1000
    assert isinstance(
        again.engine.request(SaveProject(project="p", owner="ann", base=0, document={"title": "New"})), ProjectSaved
    )


def test_broken_weights_are_kept_aside_and_the_run_goes_on_from_those_before(
    new_home: Callable[[], Home], circle: Experiment
) -> None:
    home = new_home()
    ear = home.ear()
    run = home.begin(circle, ear)
    for steps in (10, 20):
        home.train(run, ear, 10)
        ear.wait(CheckpointWritten, lambda event, steps=steps: event.run == run and event.step == steps)
    home.close()
    newest = home.store.weights("ann", run)
    newest.write_bytes(newest.read_bytes()[:-100])
    again = new_home()
    listening = again.ear()
    again.engine.send(ResumeRun(run=run, owner="ann"))
    told = listening.state(run, "paused")
    assert told.step == 10
    assert told.message == (
        f"The newest weights could not be read; they are kept aside as broken-{newest.name}. It goes on from step 10."
    )
    assert newest.with_name(f"broken-{newest.name}").is_file()
    assert again.train(run, listening, 10).step == 20
    assert is_whole(again, run, listening, 20)
