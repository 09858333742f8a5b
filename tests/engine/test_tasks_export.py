"""The task that takes a network away: newest weights, shipped ones, or the first; tried before it is handed out."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import Any

import pytest
import torch

from playground.core.experiment import Experiment
from playground.engine import tasks_export
from playground.engine.tasks import Answer, Work
from playground.engine.tasks_export import export, stem
from playground.export.weights import from_weights
from playground.layers.dense import Dense
from playground.runs.records import NotFound
from playground.studio.opening import weights_for
from playground.templates import templates
from playground.training.checkpoints import Snapshot, snapshot
from playground.training.frames import unpack
from playground.training.run import train


@pytest.fixture(scope="module")
def taken() -> Snapshot:
    return snapshot(train(templates["circle"]().experiment(), steps=40).state)


@pytest.fixture
def ask(taken: Snapshot, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    monkeypatch.setenv("PLAYGROUND_HOME", str(tmp_path))

    def newest(self: Work, run: str, purpose: str | None = None) -> Snapshot:
        if run == "trained":
            return taken
        try:
            raise NotFound("This run has no stored weights yet.")
        except NotFound as problem:
            raise ValueError(str(problem)) from None

    monkeypatch.setattr(Work, "snapshot", newest)

    def ask(form: str, experiment: Experiment | None = None, **arguments: Any) -> Answer:
        document = (experiment or templates["circle"]().experiment()).model_dump(mode="json")
        arguments = {"task": "t", "form": form, "title": "Ring / of <fire>", "experiment": document, **arguments}
        return export(Work("ann", arguments, tmp_path))

    return ask


def weights_in(answer: Answer) -> dict[str, torch.Tensor]:
    return from_weights(unpack(answer.payload)[1]["file"].tobytes())


def test_a_script_comes_with_the_newest_weights_and_says_that_it_answers_alike(ask: Any) -> None:
    answer = ask("pytorch", run="trained")
    said = answer.result
    assert (said["file"], said["step"], said["same"], said["notes"], said["test_reads"]) == (
        "ring-of-fire.zip", 40, True, [], 1,
    )  # fmt: skip
    assert said["sentence"].startswith("Same outputs: ")
    header, arrays = unpack(answer.payload)
    assert (header["type"], header["task"], header["name"]) == ("export", "t", "ring-of-fire.zip")
    with zipfile.ZipFile(io.BytesIO(arrays["file"].tobytes())) as archive:
        assert archive.namelist() == ["ring-of-fire.py", "ring-of-fire.safetensors"]
    assert said["bytes"] == arrays["file"].size


def test_what_was_changed_since_the_weights_were_kept_is_said(ask: Any, taken: Snapshot) -> None:
    start = templates["circle"]().experiment()
    wider = start.with_network(start.network.set_layer("hidden", Dense(units=5)))
    answer = ask("weights", wider, run="trained")
    assert answer.result["notes"] == ["This is the network of step 40; what was changed since is not in it."]
    assert all(torch.equal(tensor, taken.weights("model")[name]) for name, tensor in weights_in(answer).items())


def test_a_run_that_kept_nothing_has_the_shipped_weights_or_the_first(ask: Any) -> None:
    shipped = weights_for("circle", templates["circle"]().experiment())
    assert shipped is not None
    opening, first = ask("weights", run="new", weights=shipped), ask("weights", run="new")
    assert (opening.result["step"], opening.result["notes"]) == (8000, [])
    assert (first.result["step"], first.result["notes"]) == (None, [tasks_export.FIRST_WEIGHTS])
    assert not torch.equal(weights_in(opening)["n1.linear.weight"], weights_in(first)["n1.linear.weight"])


def test_onnx_is_compared_on_real_cases(ask: Any) -> None:
    said = ask("onnx", run="trained").result
    assert said["file"] == "ring-of-fire.onnx"
    assert said["same"] is True
    assert said["sentence"].endswith("on 64 real test cases.")


def test_a_file_that_no_page_can_take_is_refused_with_its_size(ask: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tasks_export, "LARGEST", 100)
    with pytest.raises(ValueError, match=r"This file would have 0 MB; a page takes 0. Use playground export"):
        ask("weights", run="trained")


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("Circle", "circle"),
        ("../../etc/passwd", "etc-passwd"),
        ("日本語", "network"),
        ("", "network"),
        ("x" * 99, "x" * 40),
    ],
)
def test_files_are_called_by_letters_and_digits(title: str, name: str) -> None:
    assert stem(title) == name
