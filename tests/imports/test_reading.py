"""Whatever is dropped or pasted is recognised by what is in it."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from playground.commands.bringing import bring
from playground.commands.export import find
from playground.commands.outcome import UserError
from playground.commands.train import open_experiment
from playground.core.files import Project, write_link, write_project
from playground.core.reading import Refused
from playground.engine.tasks import Work, perform
from playground.export.onnx_model import to_onnx
from playground.imports import read
from playground.templates import templates
from tests.imports.examples import HOUSES, KERAS_DENSE

CIRCLE = Project(title="Circle", experiment=templates["circle"]().experiment())


@pytest.mark.parametrize(
    ("content", "source"),
    [
        (write_project(CIRCLE), "project"),
        (write_project(CIRCLE).encode("utf-8-sig"), "project"),
        (f"https://example.org/build?x={write_link(CIRCLE)}", "link"),
        (f"  {write_link(CIRCLE)}\n", "link"),
        ("https://playground.tensorflow.org/#dataset=xor", "playground"),
        (KERAS_DENSE, "keras"),
        (KERAS_DENSE.encode(), "keras"),
    ],
)
def test_it_is_recognised_by_its_content(content: str | bytes, source: str) -> None:
    assert read(content).source == source


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"PK\x03\x04" + b"\x00" * 40, "may run code when it is opened"),
        (b"\x89HDF\r\n\x1a\n\x00", "HDF5"),
        (b"\xff\xfe\x00", "no ONNX file, or not all of one"),
        (b"\xc3\x28 text", "neither text in UTF-8"),
        ("", "There is nothing in it"),
        ("just words", "nothing that can be drawn"),
        ("https://example.org/other", "holds no network"),
        ('{"schema": 999, "experiment": {}}', "newer version"),
        ('{"clipboard": "of another program"}', "not a project file"),
        ("eN" + "A" * 60, "not complete"),
        ("https://example.org/?x=" + "A" * 20_000, "20,000 characters"),
    ],
)
def test_what_is_none_of_these_is_refused_with_a_sentence(content: str | bytes, sentence: str) -> None:
    with pytest.raises(Refused, match=sentence):
        read(content)


def test_the_task_answers_with_project_remarks_and_weights(tmp_path: Path) -> None:
    from safetensors.torch import load

    onnx = to_onnx(CIRCLE.experiment).content
    work = Work("local", {"content": base64.b64encode(onnx).decode(), "name": "net.onnx"}, tmp_path)
    answer = perform("import_document", work)
    assert answer.result["source"] == "onnx"
    assert answer.result["project"]["title"] == "net"
    assert len(load(answer.payload)) == answer.result["weights"] == 4
    pasted = perform("import_document", Work("local", {"text": HOUSES}, tmp_path))
    assert pasted.result["source"] == "keras"
    assert pasted.result["remarks"][0].keys() == {"message", "line", "node"}
    with pytest.raises(ValueError, match="did not arrive whole"):
        perform("import_document", Work("local", {"content": "%%%"}, tmp_path))


def test_the_commands_take_files_and_links_in_place_of_a_template(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, onnx = tmp_path / "houses.py", tmp_path / "circle.onnx"
    code.write_text(HOUSES)
    onnx.write_bytes(to_onnx(CIRCLE.experiment).content)
    assert open_experiment(str(code))[1].data.dataset.kind == "diabetes"
    assert "Data: Diabetes" in capsys.readouterr().err
    assert open_experiment("https://playground.tensorflow.org/#dataset=xor")[1].data.dataset.kind == "xor"
    assert open_experiment(f"https://example.org/?x={write_link(CIRCLE)}")[1] == CIRCLE.experiment
    subject = find(str(onnx))
    assert subject.weights is not None
    assert subject.project.title == "circle"
    open_experiment(str(onnx))
    assert "begins with fresh weights" in capsys.readouterr().err
    code.write_text("nothing(")
    with pytest.raises(UserError, match=r"houses\.py: This is not Python at line 1"):
        bring(str(code))
    with pytest.raises(UserError, match="cannot be read"):
        bring(str(tmp_path / "nowhere.onnx"))
    assert bring("circle") is None
