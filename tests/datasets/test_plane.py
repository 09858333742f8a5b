"""Points on the plane: each set keeps its own rule."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from playground.datasets.plane import (
    RADIUS,
    Circle,
    ColourSet,
    Gauss,
    Moons,
    RegressionGauss,
    RegressionPlane,
    Spiral,
    Xor,
)

COLOURS = [Circle, Xor, Gauss, Spiral, Moons]


@pytest.mark.parametrize("kind", COLOURS)
@given(samples=st.integers(10, 300), balance=st.floats(0.05, 0.95), seed=st.integers(0, 9))
def test_balance_is_the_share_of_blue(kind: type[ColourSet], samples: int, balance: float, seed: int) -> None:
    targets = kind(samples=samples, balance=balance, seed=seed).load().targets
    assert abs(targets.sum() - samples * balance) <= 1
    assert 0 < targets.sum() < samples


def test_blue_lies_inside_the_circle_and_orange_around_it() -> None:
    points, blue, _ = Circle().load()
    radius = np.hypot(*points.T)
    assert radius[blue == 1].max() <= RADIUS * 0.5
    assert radius[blue == 0].min() >= RADIUS * 0.7 - 1e-5


def test_exclusive_or_is_blue_where_signs_agree() -> None:
    points, blue, _ = Xor().load()
    np.testing.assert_array_equal(blue == 1, points[:, 0] * points[:, 1] > 0)
    assert np.abs(points).min() >= 0.3
    assert len({(x > 0, y > 0) for x, y in points}) == 4


def test_the_two_clouds_are_parted_by_a_diagonal() -> None:
    points, blue, _ = Gauss(samples=2000).load()
    assert ((points.sum(axis=1) > 0) == (blue == 1)).mean() > 0.995


def test_one_arm_of_the_spiral_is_the_other_turned_by_half() -> None:
    points, blue, _ = Spiral().load()
    arms = [points[blue == colour] for colour in (0, 1)]
    one, other = (arm[np.argsort(np.hypot(*arm.T))] for arm in arms)
    np.testing.assert_allclose(one, -other, atol=1e-5)


def test_the_slope_grows_with_the_sum_of_the_coordinates() -> None:
    points, heights, _ = RegressionPlane().load()
    np.testing.assert_allclose(heights[:, 0], points.sum(axis=1) / 10, atol=1e-6)


def test_hills_rise_at_their_tops_and_the_land_is_flat_between() -> None:
    points, heights, _ = RegressionGauss(samples=5000).load()
    distance = np.hypot(*(points - (4, 2.5)).T)
    np.testing.assert_allclose(heights[distance < 1, 0], 1 - distance[distance < 1] / 2, atol=1e-5)
    assert np.abs(heights).max() <= 1
    assert (
        heights[(np.abs(points[:, 0]) > 2.1) & (np.abs(points[:, 1]) < 0.4) & (np.abs(points[:, 0]) < 5)] == 0
    ).all()


@pytest.mark.parametrize("kind", [Circle, Xor, RegressionPlane, RegressionGauss])
def test_noise_leaves_the_points_and_changes_what_is_asked_of_them(kind: type) -> None:
    clean, noisy = kind().load(), kind(noise=50.0).load()
    np.testing.assert_array_equal(clean.inputs, noisy.inputs)
    changed = (clean.targets != noisy.targets).mean()
    assert changed > 0.05


@pytest.mark.parametrize("kind", [Gauss, Spiral, Moons])
def test_noise_spreads_the_points_and_keeps_their_colours(kind: type) -> None:
    clean, noisy = kind().load(), kind(noise=25.0).load()
    np.testing.assert_array_equal(clean.targets, noisy.targets)
    moved = np.abs(clean.inputs - noisy.inputs)
    assert 0 < moved.mean() < 2
