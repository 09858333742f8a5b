"""Exported notebooks: valid, complete, and what people wrote stays words."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import matplotlib
import matplotlib.pyplot as plt
import nbformat
import pytest

from playground.export.notebook import shown, to_notebook
from playground.export.taken import Form, take
from playground.templates import templates
from playground.training.prepared import prepare
from tests.export.test_source import HOSTILE, imported, trained


def book(title: str = "Circle", purpose: str = "") -> dict[str, Any]:
    experiment = templates["circle"]().experiment()
    made = take(
        experiment,
        Form.notebook,
        stem="circle",
        title=title,
        purpose=purpose,
        state=trained(experiment),
        prepared=prepare(experiment.data),
    )
    read: dict[str, Any] = json.loads(made.files["circle.ipynb"])
    return read


@pytest.mark.filterwarnings("ignore:.*zmq.*")
@pytest.mark.parametrize("title", ["Circle", *HOSTILE, "<img src=x onerror=alert(1)> $\\href{x}{y}$ [a](javascript:b)"])
def test_it_is_a_notebook_whatever_the_title(title: str) -> None:
    read = book(title, purpose=title)
    nbformat.validate(nbformat.from_dict(read))
    words = "".join("".join(cell["source"]) for cell in read["cells"] if cell["cell_type"] == "markdown")
    assert not set("<>$[]()\\") & set(words.replace("\n", ""))
    code = "\n\n".join("".join(cell["source"]) for cell in read["cells"] if cell["cell_type"] == "code")
    assert imported(code) == {"collections", "pathlib", "torch", "safetensors", "matplotlib"}


def test_every_cell_runs_from_top_to_bottom(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    experiment = templates["circle"]().experiment()
    state = trained(experiment)
    made = take(experiment, Form.notebook, stem="circle", state=state, prepared=prepare(experiment.data))
    for name, content in made.files.items():
        (tmp_path / name).write_bytes(content)
    monkeypatch.chdir(tmp_path)
    matplotlib.use("Agg")
    scope: dict[str, Any] = {"__name__": "__main__"}
    for cell in json.loads(made.files["circle.ipynb"])["cells"]:
        if cell["cell_type"] == "code":
            exec(
                "".join(cell["source"]).replace("EPOCHS, BATCH_SIZE, SEED = 200,", "EPOCHS, BATCH_SIZE, SEED = 5,"),
                scope,
            )
    assert len(scope["losses"]) == 5
    assert scope["losses"][-1] < scope["losses"][0]
    learned = scope["learned"].state_dict()
    assert all((learned[name] == tensor).all() for name, tensor in state.items())
    assert plt.get_fignums() == [] or plt.gca().get_ylabel() == "loss"
    plt.close("all")


def test_words_of_people_are_written_as_numbers_of_their_signs() -> None:
    assert shown("a<b> $x$\n_y_") == "a&#60;b&#62; &#36;x&#36; &#95;y&#95;"


def test_it_needs_the_same_text_each_time() -> None:
    experiment = templates["iris"]().experiment()
    from playground.export.cases import take_cases

    cases = take_cases(prepare(experiment.data), "")
    assert to_notebook(experiment, cases=cases) == to_notebook(experiment, cases=cases)
