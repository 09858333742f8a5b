"""`playground export` as a script sees it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch
import typer
from typer.testing import CliRunner

from playground.commands import export
from playground.commands.outcome import UserError
from playground.commands.train import OWNER
from playground.core.files import read_project
from playground.export.rebuilt import rebuilt
from playground.export.weights import from_weights
from playground.runs.names import run_file
from playground.runs.recorder import Recorder
from playground.templates import templates
from playground.training import checkpoints
from playground.training.prepared import Prepared, prepare
from tests.export.test_source import trained


def run(*arguments: object) -> Any:
    """What `--json` prints."""
    app = typer.Typer()
    app.command()(export.command)
    done = CliRunner().invoke(app, [*map(str, arguments), "--json"], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


def test_a_template_is_written_as_source_that_runs(tmp_path: Path) -> None:
    out = tmp_path / "circle.py"
    said = run("circle", "--to", "pytorch", "-o", out)
    assert said == {
        "to": "pytorch",
        "run": None,
        "template": "circle",
        "files": [{"path": str(out), "bytes": out.stat().st_size}],
    }
    done = subprocess.run([sys.executable, out], capture_output=True, text=True, check=True, timeout=100)
    assert done.stdout.startswith("epoch    1  loss")
    assert done.stdout.endswith("test cases are answered right.\n")
    assert (tmp_path / "weights.safetensors").is_file()


def test_a_template_goes_to_a_project_file_and_from_there_to_weights(tmp_path: Path) -> None:
    file, out = tmp_path / "iris.json", tmp_path / "iris.safetensors"
    run("iris", "--to", "project", "-o", file)
    project = read_project(file.read_bytes())
    assert project.experiment == templates["iris"]().experiment()
    assert project.title == "Iris"
    assert set(project.layout.nodes) == {node.id for node in project.experiment.network.nodes}
    run(file, "--to", "weights", "-o", out)
    first = rebuilt(project.experiment, None).module.state_dict()
    assert all(torch.equal(tensor, first[name]) for name, tensor in from_weights(out.read_bytes()).items())


@pytest.fixture
def stored(home: Path) -> str:
    """A run of the command line with weights on disk; its id."""
    start = templates["circle"]().experiment()
    document = start.model_dump(mode="json")
    tensors = {f"weights/model/{name}": tensor for name, tensor in trained(start).items()}
    facts = {"format": checkpoints.FORMAT, "experiment": document, "cursor": {"step": 7, "epoch": 1, "position": 0}}
    file = run_file(home, "abc123", "000007.ckpt")
    file.parent.mkdir(parents=True)
    sha256 = checkpoints.write(checkpoints.Snapshot(tensors, facts), file)
    pen = Recorder(home, every=0.05)
    pen.start()
    fingerprint = start.fingerprint()
    pen.start_run("abc123", OWNER, template="circle", experiment=document, fingerprint=fingerprint, seed=0).result(60)
    pen.checkpoint("abc123", file=file.name, step=7, epoch=1, sha256=sha256, purpose="final")
    pen.flush().result(60)
    pen.close()
    return "abc123"


def judged(module: Any, prepared: Prepared) -> str:
    """What a script says of the same weights."""
    with torch.no_grad():
        answers = module(torch.from_numpy(prepared.transform(prepared.inputs("test")))).flatten() > 0
    right = (answers.numpy() == prepared.targets("test")).mean()
    return f"{right:.1%} of {prepared.size('test')} test cases are answered right.\n"


def test_a_run_brings_its_weights_along(stored: str, tmp_path: Path) -> None:
    start = templates["circle"]().experiment()
    out = tmp_path / "net.py"
    said = run(stored[:3], "--to", "pytorch", "-o", out)
    assert (said["run"], said["template"]) == (stored, "circle")
    assert [Path(file["path"]).name for file in said["files"]] == ["net.py", "net.safetensors"]
    done = subprocess.run([sys.executable, out], capture_output=True, text=True, check=True, timeout=100)
    assert done.stdout == judged(rebuilt(start, trained(start)).module, prepare(start.data))
    with pytest.raises(UserError, match=r"ends in \.py"):
        export.command(stored, export.Form.pytorch, tmp_path / "net.safetensors")


def test_weights_that_were_damaged_are_one_line(stored: str, home: Path, tmp_path: Path) -> None:
    run_file(home, stored, "000007.ckpt").write_bytes(b"gone")
    with pytest.raises(UserError, match="weights of run abc123 cannot be read"):
        export.command(stored, export.Form.weights, tmp_path / "out")


@pytest.mark.parametrize(
    ("what", "sentence"),
    [
        ("circel", "There is no run 'circel'.*Did you mean the template 'circle'"),
        ("nowhere.json", "cannot be read"),
        ("broken.json", "is not a project file"),
    ],
)
def test_what_cannot_be_found_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, what: str, sentence: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "broken.json").write_text("{")
    with pytest.raises(UserError, match=sentence):
        export.command(what, export.Form.onnx, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_file_that_cannot_be_written_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="cannot be written: No such file or directory"):
        export.command("circle", export.Form.project, tmp_path / "missing" / "out.json")
