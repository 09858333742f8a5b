"""Tasks that explain, on the stored weights of a run that was really trained. Run here in this process."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from playground.engine.tasks import Answer, Work
from playground.engine.tasks_cases import explain_answer, explain_cases
from playground.engine.tasks_explain import explain
from playground.templates import templates
from playground.training.checkpoints import Snapshot, snapshot
from playground.training.frames import unpack
from playground.training.run import train


@pytest.fixture(scope="module")
def taken() -> dict[str, Snapshot]:
    steps = {"digits-mlp": 200, "iris": 200, "diabetes": 100, "circle": 300, "plane-regression": 50}
    return {kind: snapshot(train(templates[kind]().experiment(), steps=n).state) for kind, n in steps.items()}


@pytest.fixture
def ask(taken: dict[str, Snapshot], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    monkeypatch.setenv("PLAYGROUND_HOME", str(tmp_path))
    monkeypatch.setattr(Work, "snapshot", lambda self, run, purpose=None: taken[run])

    def ask(task: Any, run: str, **arguments: Any) -> Answer:
        answer: Answer = task(Work("local", {"run": run, **arguments}, tmp_path))
        return answer

    return ask


def test_cases_come_in_three_tabs_with_a_picture_each(ask: Any) -> None:
    answer = ask(explain_cases, "digits-mlp", count=20)
    cases, counts = answer.result["cases"], answer.result["counts"]
    _, arrays = unpack(answer.payload)
    assert arrays["tiles"].shape == (len(cases), 8, 8)
    assert counts["right"] + counts["wrong"] == answer.result["facts"]["samples"]["test"]
    assert [case["tab"] for case in cases] == sorted(
        (case["tab"] for case in cases), key=["right", "wrong", "unsure"].index
    )
    for case in cases:
        if case["tab"] != "unsure":
            assert (case["truth"] == case["answer"]) == (case["tab"] == "right")


def test_the_first_right_cases_show_every_class(ask: Any) -> None:
    cases = ask(explain_cases, "digits-mlp", count=10).result["cases"]
    assert {case["truth"] for case in cases if case["tab"] == "right"} == set(range(10))


def test_methods_say_why_they_are_not_offered(ask: Any) -> None:
    methods = {entry["part"]["kind"]: entry for entry in ask(explain_cases, "iris").result["methods"]}
    assert methods["integrated_gradients"]["offer"] == "exact"
    assert methods["grad_cam"]["offer"] == "not offered"
    assert "convolution" in methods["grad_cam"]["reason"]


def test_a_regression_is_sorted_by_how_far_it_is_off(ask: Any) -> None:
    cases = ask(explain_cases, "diabetes", count=5).result["cases"]
    error = {tab: [abs(c["answer"] - c["truth"]) for c in cases if c["tab"] == tab] for tab in ("right", "wrong")}
    assert max(error["right"]) < min(error["wrong"])


def test_an_explanation_carries_its_map_and_its_checks(ask: Any) -> None:
    answer = ask(explain, "digits-mlp", case=3, method={"kind": "integrated_gradients", "steps": 32})
    header, arrays = unpack(answer.payload)
    assert header["type"] == "explanation"
    assert arrays["map"].shape == (8, 8)
    assert answer.result["stamp"]["of"] == 3
    assert answer.result["case"] == 3


def test_explaining_does_not_move_the_stored_weights(ask: Any, taken: dict[str, Snapshot]) -> None:
    before = {name: tensor.clone() for name, tensor in taken["iris"].tensors.items()}
    ask(explain, "iris", case=0)
    assert all(torch.equal(before[name], tensor) for name, tensor in taken["iris"].tensors.items())


def test_a_case_that_does_not_exist_is_refused_in_a_sentence(ask: Any) -> None:
    with pytest.raises(ValueError, match="There is no test case 99999"):
        ask(explain, "iris", case=99_999)


def test_an_unknown_method_is_refused_with_the_nearest(ask: Any) -> None:
    with pytest.raises(ValueError, match="Did you mean 'grad_cam'"):
        ask(explain, "iris", method={"kind": "grad-cam"})


def test_a_changed_case_gets_its_own_answer(ask: Any) -> None:
    _, arrays = unpack(ask(explain_cases, "iris", count=60).payload)
    answers = {
        tuple(ask(explain_answer, "iris", values=row.tolist()).result["probabilities"]) for row in arrays["rows"][:3]
    }
    assert len(answers) == 3
    assert all(np.isclose(sum(answer), 1) for answer in answers)


@pytest.mark.parametrize("values", [None, [1.0], [1.0, 2.0, 3.0, float("nan")], "1,2,3,4"])
def test_a_changed_case_must_be_numbers_of_the_right_count(ask: Any, values: Any) -> None:
    with pytest.raises(ValueError, match="numbers"):
        ask(explain_answer, "iris", values=values)


def test_cases_of_the_plane_come_with_the_plane_itself(ask: Any) -> None:
    for kind in ("circle", "plane-regression"):
        answer = ask(explain_cases, kind, count=5)
        header, arrays = unpack(answer.payload)
        assert arrays["output"].shape == (100, 100)
        assert len(np.unique(arrays["output"])) > 20
        assert arrays["rows"].shape == (len(answer.result["cases"]), 2)
        assert header["domain"][0] <= arrays["points"].min() <= arrays["points"].max() <= header["domain"][1]
