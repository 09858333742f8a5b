"""Checks on explanations, against networks whose right explanation is known."""

from __future__ import annotations

import numpy as np
import pytest

from playground.explainers.explainer import Attribution
from playground.trust.checks import (
    completeness,
    cut,
    erasing,
    insertion_minus_deletion,
    prove_it_wrong,
    randomised_weights,
    rank_correlation,
)
from playground.trust.stamp import Check, stamp

WEIGHTS = np.array([5, -3, 2, 0, 1, -1, 0.5, 4, 0, 3], np.float32)
CASE = np.ones(10, np.float32)
NOTHING = np.zeros(10, np.float32)
OTHERS = np.zeros((4, 10), np.float32)


def linear(cases: np.ndarray) -> np.ndarray:
    return cases.reshape(len(cases), -1) @ WEIGHTS


def attribution(gap: float | None) -> Attribution:
    return Attribution(WEIGHTS, 0, 1.0, "all zeros", 0.0, gap)


@pytest.mark.parametrize(
    ("gap", "status"), [(0.0, "pass"), (0.009, "pass"), (0.03, "caution"), (0.06, "fail"), (None, "not_applicable")]
)
def test_the_completeness_check_turns_red_above_five_percent(gap: float | None, status: str) -> None:
    assert completeness(attribution(gap)).status == status


def test_the_true_order_of_a_linear_network_beats_ten_random_orders() -> None:
    parts = cut((10,))
    check = erasing(linear, CASE, WEIGHTS, parts=parts, baseline=NOTHING, others=OTHERS, seed=0)
    assert check.status == "pass"
    assert check.value is not None
    assert check.control is not None
    assert check.value > check.control[1]


def test_the_reversed_order_of_a_linear_network_fails() -> None:
    check = erasing(linear, CASE, -WEIGHTS, parts=cut((10,)), baseline=NOTHING, others=OTHERS, seed=0)
    assert check.status == "fail"


def test_two_ways_of_erasing_that_disagree_give_caution_at_most() -> None:
    # Filled so that the parts with the largest weights change the answer least.
    effect = np.where(WEIGHTS == 0, 0, 6 - WEIGHTS)
    drawn = np.tile(1 - np.divide(effect, WEIGHTS, out=np.zeros(10, np.float32), where=WEIGHTS != 0), (4, 1))
    check = erasing(linear, CASE, WEIGHTS, parts=cut((10,)), baseline=NOTHING, others=drawn, seed=0)
    assert check.status == "caution"


def test_few_parts_are_not_judged_by_their_order() -> None:
    check = erasing(linear, CASE[:4], WEIGHTS[:4], parts=cut((4,)), baseline=NOTHING[:4], others=OTHERS[:, :4], seed=0)
    assert check.status == "not_applicable"


def test_insertion_minus_deletion_does_not_depend_on_the_scale_of_the_answer() -> None:
    order = np.argsort(-WEIGHTS)
    one = insertion_minus_deletion(linear, CASE, NOTHING, cut((10,)), order)
    ten = insertion_minus_deletion(lambda x: 10 * linear(x) + 3, CASE, NOTHING, cut((10,)), order)
    assert one == pytest.approx(ten)
    assert one > 0


def test_a_network_that_ignores_its_input_gives_no_score_and_no_exception() -> None:
    assert insertion_minus_deletion(lambda x: np.ones(len(x)), CASE, NOTHING, cut((10,)), np.arange(10)) == 0.0


def test_a_map_that_is_the_same_without_learning_fails() -> None:
    values = np.linspace(-1, 1, 50)
    everywhere = np.ones(50, bool)
    assert randomised_weights(values, values, everywhere).status == "fail"
    assert randomised_weights(values, -values, everywhere).status == "pass"


def test_only_inputs_that_differ_from_the_baseline_are_ranked() -> None:
    generator = np.random.default_rng(0)
    values, unlearned = np.zeros(200), np.zeros(200)
    values[:40], unlearned[:40] = generator.normal(size=40), generator.normal(size=40)
    differs = np.zeros(200, bool)
    differs[:40] = True
    assert randomised_weights(values, unlearned, differs).status == "pass"


def test_rank_correlation_is_one_for_any_increasing_function() -> None:
    x = np.random.default_rng(1).normal(size=30)
    assert rank_correlation(x, np.exp(x)) == pytest.approx(1.0)
    assert rank_correlation(x, np.ones(30)) == 0.0


def test_erasing_what_matters_lowers_the_answer_more_than_erasing_at_random() -> None:
    proof = prove_it_wrong(linear, CASE, WEIGHTS, parts=cut((10,)), filling=NOTHING, seed=0)
    assert proof["parts"] == 2
    assert proof["expected"] == pytest.approx(WEIGHTS.sum())
    assert proof["highlighted"] == pytest.approx(WEIGHTS.sum() - 9)  # the two largest weights, 5 and 4
    assert proof["highlighted"] < proof["random"]


def test_a_picture_is_cut_into_seven_by_seven_patches_over_all_channels() -> None:
    parts = cut((3, 28, 28))
    assert parts.count == 49
    assert np.all(parts.label[0] == parts.label[2])
    assert np.bincount(parts.label[0].ravel()).tolist() == [16] * 49
    assert cut((1, 5, 4)).count == 20


def test_parts_sums_add_up_to_the_whole() -> None:
    values = np.random.default_rng(0).normal(size=(3, 28, 28))
    assert cut((3, 28, 28)).sums(values).sum() == pytest.approx(values.sum())


def check(status: str) -> Check:
    return Check("x", "X", status, "Said so.")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("statuses", "word"),
    [
        (["pass", "pass"], "OK"),
        (["pass", "not_applicable"], "OK"),
        (["pass", "not_run"], "CAUTION"),
        (["pass", "caution"], "CAUTION"),
        (["pass", "fail"], "WITHHELD"),
        (["not_applicable"], "NOT TESTED"),
        ([], "NOT TESTED"),
    ],
)
def test_the_stamp_follows_from_the_checks(statuses: list[str], word: str) -> None:
    assert stamp([check(status) for status in statuses]).word == word


def test_ok_always_says_that_it_proves_nothing() -> None:
    assert "does not prove" in stamp([check("pass")]).sentence
