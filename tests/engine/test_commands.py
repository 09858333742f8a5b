"""`playground train`, `runs` and `watch`, as a shell uses them."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from playground.commands.outcome import UserError
from playground.commands.set_by_path import set_by_path
from playground.commands.train import open_experiment, with_data
from playground.core.experiment import Experiment

pytestmark = pytest.mark.xdist_group("engine")


def playground(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "playground", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=110, check=False)


def test_a_template_is_trained_listed_and_looked_at(home: Path) -> None:
    out = playground("train", "circle", "--epochs", "2", "--seed", "7", "--set", "training.batch_size=20", "--json")
    assert out.returncode == 0, out.stderr
    result: dict[str, Any] = json.loads(out.stdout)
    assert list(result) == [
        "run",
        "template",
        "dataset",
        "train",
        "validation",
        "test",
        "epochs",
        "steps",
        "seconds",
        "parameters",
        "device",
    ]
    assert (result["template"], result["dataset"], result["epochs"], result["steps"]) == ("circle", "circle", 2, 40)
    assert result["train"].keys() == result["test"].keys() == {"loss", "accuracy"}
    assert result["validation"] == {}
    listed = json.loads(playground("runs", "--json").stdout)
    assert [(run["id"], run["state"], run["seed"]) for run in listed] == [(result["run"], "finished", 7)]
    watched = playground("watch", result["run"][:5])
    assert watched.returncode == 0
    assert "finished at step 40" in watched.stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("train", "circel"), "Did you mean 'circle'"),
        (("train", "circle", "--data", "circel"), "Did you mean 'circle'"),
        (("train", "circle", "--set", "training.epochs=many"), "expected a valid integer"),
        (("watch", "nothing"), "There is no run 'nothing'"),
    ],
)
def test_a_mistake_is_one_line_and_exit_code_1(arguments: tuple[str, ...], said: str) -> None:
    out = playground(*arguments)
    assert out.returncode == 1
    assert out.stdout == ""
    assert said in out.stderr
    assert out.stderr.count("\n") == 1


def test_wrong_usage_is_exit_code_2() -> None:
    assert playground("train").returncode == 2


def test_settings_are_typed_by_their_field(circle: Experiment) -> None:
    changed = set_by_path(circle, "training.optimizer.learning_rate=0.1")
    assert changed.training.optimizer.learning_rate == 0.1
    assert set_by_path(circle, "training.optimizer=sgd").training.optimizer.kind == "sgd"
    wider = set_by_path(circle, "networks.model.nodes.hidden.layer.units=8")
    assert wider.network["hidden"].layer.model_dump()["units"] == 8
    for wrong in ("x", "training.optimzer=sgd", "networks.model.nodes.hiden.layer.units=8", "training.batch_size=0"):
        with pytest.raises(UserError):
            set_by_path(circle, wrong)


def test_files_hold_projects_or_experiments_and_nothing_else(tmp_path: Path, circle: Experiment) -> None:
    document = circle.model_dump(mode="json")
    (tmp_path / "experiment.json").write_text(json.dumps(document))
    (tmp_path / "project.json").write_text(json.dumps({"schema": 1, "title": "T", "experiment": document}))
    (tmp_path / "other.json").write_text("[1, 2")
    assert open_experiment(str(tmp_path / "experiment.json")) == (None, circle)
    assert open_experiment(str(tmp_path / "project.json")) == (None, circle)
    for name in ("other.json", "missing.json"):
        with pytest.raises(UserError):
            open_experiment(str(tmp_path / name))


def test_other_data_bring_what_suits_them(circle: Experiment, tmp_path: Path) -> None:
    assert with_data(circle, "moons").data.dataset.kind == "moons"
    file = tmp_path / "data.json"
    file.write_text('{"kind": "circle", "noise": 20.0}')
    assert with_data(circle, str(file)).data.dataset.model_dump()["noise"] == 20.0
