"""A whole explanation of a network that was really trained: what is shown, what is withheld, what is said."""

from __future__ import annotations

import numpy as np
import pytest

from playground.core.experiment import Experiment
from playground.explainers.explainer import Attribution, Offer
from playground.explainers.frozen import CannotExplain, Frozen
from playground.explainers.gradients import GradCam, IntegratedGradients
from playground.templates import templates
from playground.training.checkpoints import snapshot
from playground.training.prepared import Prepared, prepare
from playground.training.run import train
from playground.trust.explanation import Case, explain, freeze_run


def trained(kind: str, steps: int) -> tuple[Frozen, Prepared]:
    experiment: Experiment = templates[kind]().experiment()
    state = train(experiment, steps=steps, device="cpu").state
    prepared = prepare(experiment.data)
    return freeze_run(experiment, snapshot(state).weights("model"), prepared), prepared


@pytest.fixture(scope="module")
def digits() -> tuple[Frozen, Prepared]:
    return trained("digits-mlp", 300)


@pytest.fixture(scope="module")
def diabetes() -> tuple[Frozen, Prepared]:
    return trained("diabetes", 300)


def first(prepared: Prepared, row: int = 0) -> Case:
    part = prepared.part("test")
    return Case(int(part.indices[row]), part.inputs[row], float(prepared.raw_targets("test")[row].ravel()[0]))


def test_a_digit_is_explained_with_its_answer_its_map_and_its_checks(digits: tuple[Frozen, Prepared]) -> None:
    frozen, prepared = digits
    result, arrays = explain(frozen, prepared, IntegratedGradients(), first(prepared))
    assert result["answer"]["sentence"].startswith("The network says ")
    assert sum(result["answer"]["probabilities"]) == pytest.approx(1)
    assert [check["id"] for check in result["checks"]] == ["completeness", "randomised_weights", "erasing"]
    assert result["gap"] <= 0.01
    assert result["stamp"]["word"] in ("OK", "CAUTION")
    assert arrays["map"].shape == arrays["case"].shape
    assert arrays["map"].sum() == pytest.approx(result["score"] - result["baseline"]["value"], rel=0.02)


def test_erasing_what_is_highlighted_lowers_the_answer_more_than_at_random(digits: tuple[Frozen, Prepared]) -> None:
    frozen, prepared = digits
    proofs = [
        explain(frozen, prepared, IntegratedGradients(), first(prepared, row)).result["proof"] for row in range(5)
    ]
    assert np.mean([p["highlighted"] for p in proofs]) < np.mean([p["random"] for p in proofs])


def test_a_number_is_explained_in_its_own_unit(diabetes: tuple[Frozen, Prepared]) -> None:
    frozen, prepared = diabetes
    result, _ = explain(frozen, prepared, IntegratedGradients(), first(prepared))
    assert result["answer"]["value"] == pytest.approx(result["score"], rel=1e-4)
    parts = sum(feature["attribution"] for feature in result["features"])
    assert parts == pytest.approx(result["score"] - result["baseline"]["value"], rel=0.02)
    assert result["sentence"].startswith("For this case, ")


def test_the_page_names_features_and_their_values(diabetes: tuple[Frozen, Prepared]) -> None:
    frozen, prepared = diabetes
    case = first(prepared)
    features = explain(frozen, prepared, IntegratedGradients(), case).result["features"]
    assert [feature["name"] for feature in features] == list(prepared.facts.feature_names)
    assert [feature["value"] for feature in features] == pytest.approx(case.raw.ravel().tolist())


class SameForEverything(IntegratedGradients):
    """Gives every network the same map."""

    def attribute(self, frozen: Frozen, case: object, target: int) -> Attribution:
        values = np.linspace(-1, 1, 64, dtype=np.float32).reshape(frozen.facts.input_shape)
        return Attribution(values, target, 1.0, "a black picture", 0.0, 0.0)

    def offer(self, checked: object, facts: object) -> Offer:
        return Offer("exact", "")


def test_a_map_that_ignores_learning_is_withheld_and_not_sent(digits: tuple[Frozen, Prepared]) -> None:
    frozen, prepared = digits
    result, arrays = explain(frozen, prepared, SameForEverything(), first(prepared))
    assert result["stamp"]["word"] == "WITHHELD"
    assert "map" not in arrays
    assert result["features"] is None
    assert result["sentence"].startswith("Withheld. ")


def test_a_method_that_is_not_offered_refuses_with_its_reason(digits: tuple[Frozen, Prepared]) -> None:
    frozen, prepared = digits
    with pytest.raises(CannotExplain, match="needs a convolution"):
        explain(frozen, prepared, GradCam(), first(prepared))


def test_a_class_that_does_not_exist_is_refused(digits: tuple[Frozen, Prepared]) -> None:
    frozen, prepared = digits
    with pytest.raises(CannotExplain, match="no class 99"):
        explain(frozen, prepared, IntegratedGradients(), first(prepared), target=99)


FORBIDDEN = ("because", "caused", "proves", "understands", "looks at", "guarantees", "unbiased")


@pytest.mark.parametrize("word", FORBIDDEN)
def test_no_sentence_claims_more_than_was_measured(digits: tuple[Frozen, Prepared], word: str) -> None:
    frozen, prepared = digits
    result, _ = explain(frozen, prepared, IntegratedGradients(), first(prepared))
    said = [result["sentence"], *(check["sentence"] for check in result["checks"])]
    assert not any(word in sentence.lower() for sentence in said)
