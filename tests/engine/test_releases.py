"""What earlier releases wrote is opened by this one: the database, the weights, project files and links."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from playground.core.files import read_link, read_project
from playground.engine.messages import Play, ResumeRun
from playground.training.checkpoints import read
from tests.engine.conftest import Home

pytestmark = pytest.mark.xdist_group("engine")
RELEASES = Path(__file__).parents[1] / "fixtures" / "releases"
KEPT = sorted(folder.name for folder in RELEASES.iterdir() if (folder / "release.json").is_file())


def told(release: str) -> list[dict[str, Any]]:
    """What the release itself said that it left."""
    runs: list[dict[str, Any]] = json.loads((RELEASES / release / "release.json").read_text())["runs"]
    return runs


@pytest.fixture(params=KEPT)
def release(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def old(release: str, new_home: Callable[[], Home], tmp_path: Path) -> Home:
    """A home as the release left it, opened by this one."""
    shutil.copytree(RELEASES / release, tmp_path / "home")
    return new_home()


def test_the_first_release_is_kept() -> None:
    assert "0.1.0" in KEPT


def test_its_projects_and_runs_are_listed_and_go_on(old: Home, release: str) -> None:
    ear = old.ear()
    for row in told(release):
        owner, run = row["owner"], row["run"]
        listed = {entry.id: entry for entry in old.store.projects(owner)}
        assert listed[row["project"]].title == row["title"]
        project = old.store.project(row["project"])
        assert project is not None
        assert project.run == run
        document = read_project(project.document)
        assert document.title == row["title"]
        assert document.notes == f"Kept from release {release}."
        assert [found.label for found in old.store.revisions(owner, project.id)] == ["Renamed", "New"]
        read_project(old.store.revision(owner, project.id, 1))

        stored = old.store.run(owner, run)
        assert (stored.step, stored.state) == (row["step"], row["state"])
        assert len(old.store.metrics(owner, run)) == row["points"]
        assert sorted(found.file for found in old.store.checkpoints(owner, run)) == row["checkpoints"]
        assert read(old.store.weights(owner, run)).step == row["step"]

        old.engine.send(ResumeRun(run=run, owner=owner))
        assert ear.state(run, "paused", "finished", "failed").step == row["step"]
        old.engine.send(Play(run=run, owner=owner, steps=3))
        ear.state(run, "running", "failed")
        assert ear.state(run, "paused", "finished", "failed").step == row["step"] + 3
        old.flush()
        assert old.store.run(owner, run).step == row["step"] + 3
    ear.stop()


def test_an_edit_in_its_ledger_is_still_an_edit(old: Home, release: str) -> None:
    row = next(row for row in told(release) if row["kind"] == "circle")
    edits = old.store.ledger(row["owner"], row["run"])
    assert [(edited.step, edited.edit["type"]) for edited in edits] == [(60, "write_weight")]


@pytest.mark.parametrize("file", ["circle", "spiral", "digits-mlp", "fashion-mnist-cnn"])
def test_its_project_files_and_links_open_and_say_the_same(release: str, file: str) -> None:
    folder = RELEASES / release / "files"
    from_file = read_project((folder / f"{file}.json").read_bytes())
    from_link = read_link((folder / f"{file}.link").read_text().strip())
    assert from_file.experiment.fingerprint() == from_link.experiment.fingerprint()
    assert from_file.title
    # Nothing of the file is lost on the way.
    written = json.loads((folder / f"{file}.json").read_text())
    assert [node["id"] for node in written["experiment"]["networks"]["model"]["nodes"]] == [
        node.id for node in from_file.experiment.network.nodes
    ]
    assert written["experiment"]["training"]["batch_size"] == from_file.experiment.training.batch_size
