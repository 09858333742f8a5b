"""What is true of every preparation step, whichever file it is in."""

import json

import numpy as np
import pytest
import torch

from playground.core.contracts import PreparationStep
from playground.core.facts import Facts
from playground.datasets.plane import Circle
from playground.datasets.tables import Diabetes, Digits, Iris
from playground.preparation import preparation
from playground.preparation.features import RULES, PlaneFeatures
from playground.preparation.scaling import Scale, Standardise, StandardiseTarget

EVERY = [
    *(preparation[kind]() for kind in preparation.kinds()),
    Scale(interval="minus_one_to_one"),
    PlaneFeatures(features=tuple(RULES)),
]


def suiting(step: PreparationStep) -> tuple[Facts, np.ndarray]:
    """Facts and values that the step is made for."""
    if step.kind == "plane_features":
        return Circle().facts(), Circle().load().inputs
    if step.on == "targets":
        return Diabetes().facts(), Diabetes().load().targets
    return Diabetes().facts(), Diabetes().load().inputs


@pytest.mark.parametrize("step", EVERY, ids=repr)
def test_it_survives_json_and_explains_itself(step: PreparationStep) -> None:
    assert preparation.read(json.loads(json.dumps(step.dump()))) == step
    assert len(step.help()) > 60
    assert step.check(suiting(step)[0]) == []


@pytest.mark.parametrize("step", EVERY, ids=repr)
def test_numpy_and_torch_give_the_same_numbers(step: PreparationStep) -> None:
    _, values = suiting(step)
    fitted = step.fit(values)
    arrays = step.apply(values, fitted)
    tensors = step.apply(torch.from_numpy(values), {name: torch.from_numpy(array) for name, array in fitted.items()})
    assert isinstance(arrays, np.ndarray)
    assert arrays.dtype == np.float32
    assert tensors.dtype == torch.float32
    np.testing.assert_allclose(tensors.numpy(), arrays, rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("step", EVERY, ids=repr)
def test_values_have_the_shape_the_facts_promise(step: PreparationStep) -> None:
    facts, values = suiting(step)
    after = step.facts(facts)
    shape = after.input_shape if step.on == "inputs" else (after.output_width,)
    assert step.apply(values, step.fit(values)).shape == (len(values), *shape)


@pytest.mark.parametrize("step", [s for s in EVERY if type(s).invert is not PreparationStep.invert], ids=repr)
def test_going_back_gives_the_original(step: PreparationStep) -> None:
    _, values = suiting(step)
    fitted = step.fit(values)
    np.testing.assert_allclose(step.invert(step.apply(values, fitted), fitted), values, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("step", EVERY, ids=repr)
def test_a_batch_is_treated_like_the_whole(step: PreparationStep) -> None:
    _, values = suiting(step)
    fitted = step.fit(values)
    np.testing.assert_array_equal(step.apply(values[3:7], fitted), step.apply(values, fitted)[3:7])


def test_standardised_columns_have_mean_0_and_deviation_1() -> None:
    values = Iris().load().inputs
    after = Standardise().apply(values, Standardise().fit(values))
    np.testing.assert_allclose(after.mean(axis=0), 0, atol=1e-5)
    np.testing.assert_allclose(after.std(axis=0), 1, atol=1e-5)


def test_pictures_are_standardised_channel_by_channel() -> None:
    pictures = np.random.default_rng(0).integers(0, 256, (5000, 2, 3, 3)).astype(np.uint8)
    fitted = Standardise().fit(pictures)
    assert fitted["mean"].shape == (2, 1, 1)
    np.testing.assert_allclose(fitted["mean"].ravel(), pictures.mean(axis=(0, 2, 3)), rtol=1e-6)
    np.testing.assert_allclose(fitted["deviation"].ravel(), pictures.std(axis=(0, 2, 3)), rtol=1e-6)


def test_scaling_reaches_both_ends() -> None:
    values = Iris().load().inputs
    for interval, low, high in (("zero_to_one", 0, 1), ("minus_one_to_one", -1, 1)):
        step = Scale(interval=interval)  # type: ignore[arg-type]
        after = step.apply(values, step.fit(values))
        np.testing.assert_allclose(after.min(axis=0), low, atol=1e-6)
        np.testing.assert_allclose(after.max(axis=0), high, atol=1e-6)


def test_bytes_are_scaled_by_their_own_range_and_not_by_what_occurs() -> None:
    dark = np.minimum(Digits().load().inputs, 100)
    after = Scale().apply(dark, Scale().fit(dark))
    np.testing.assert_allclose(after, dark / np.float32(255), rtol=1e-6)


def test_a_column_that_never_changes_becomes_0_and_stays_finite() -> None:
    values = np.full((10, 3), 7, np.float32)
    for step in (Standardise(), Scale()):
        assert (step.apply(values, step.fit(values)) == 0).all()


def test_plane_features_are_what_their_names_say() -> None:
    points = np.array([[0.5, -2.0]], np.float32)
    step = PlaneFeatures(features=("x1", "x2", "x1_squared", "x2_squared", "x1_x2", "sin_x1", "sin_x2"))
    expected = [0.5, -2, 0.25, 4, -1, np.sin(0.5), np.sin(-2)]
    np.testing.assert_allclose(step.apply(points, {})[0], expected, rtol=1e-6)
    names = step.facts(Circle().facts()).feature_names
    assert names == ("x₁", "x₂", "x₁²", "x₂²", "x₁x₂", "sin x₁", "sin x₂")


def test_features_come_in_the_order_they_are_named() -> None:
    points = np.array([[3.0, 5.0]], np.float32)
    assert PlaneFeatures(features=("x2", "x1")).apply(points, {}).tolist() == [[5, 3]]


def test_a_feature_named_twice_is_refused() -> None:
    with pytest.raises(ValueError, match="named twice"):
        PlaneFeatures(features=("x1", "x1"))


def test_steps_say_what_they_are_not_made_for() -> None:
    assert "coordinates" in PlaneFeatures().check(Iris().facts())[0].message
    assert "classes" in StandardiseTarget().check(Iris().facts())[0].message
