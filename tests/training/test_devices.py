"""How a run's arithmetic is set up, and that nobody else's is."""

import pytest
import torch

from playground.training.devices import without_denormals
from playground.training.fit import Work, fit
from tests.training.experiments import experiment, run_of

TINY = torch.tensor([1e-40])


def vanishes() -> bool:
    return float(TINY * 1) == 0


@pytest.fixture
def flushing() -> None:
    if not torch.set_flush_denormal(True):
        pytest.skip("This processor always keeps the smallest numbers.")
    torch.set_flush_denormal(False)


@pytest.mark.usefixtures("flushing")
def test_the_smallest_numbers_are_zero_inside_and_are_kept_outside() -> None:
    assert not vanishes()
    with without_denormals():
        assert vanishes()
        with without_denormals():
            assert vanishes()
        assert vanishes()
    assert not vanishes()


@pytest.mark.usefixtures("flushing")
def test_a_run_trains_without_them_and_between_two_ticks_the_callers_arithmetic_is_as_it_was(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    inside, unit = [], Work._unit
    monkeypatch.setattr(Work, "_unit", lambda work, seconds: (inside.append(vanishes()), unit(work, seconds))[1])
    ticks = fit(run_of(experiment()))
    for _ in range(3):
        next(ticks)
        assert not vanishes()
    assert all(inside)
    assert len(inside) >= 3
