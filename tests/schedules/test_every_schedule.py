"""Every schedule: its stated start, peak and end, and torch's curve where torch has it."""

import math
from typing import Any

import pytest
import torch

from playground.schedules import schedules

schedules.discover()
PER_EPOCH, EPOCHS = 20, 30
STEPS = PER_EPOCH * EPOCHS


def curve(kind: str, **settings: Any) -> list[float]:
    part = schedules.read({"kind": kind, **settings})
    return [part.factor(step, steps=STEPS, steps_per_epoch=PER_EPOCH) for step in range(STEPS)]


def torchs(make: Any, *, by_epoch: bool = False) -> list[float]:
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=1.0)
    scheduler, rates = make(optimizer), []
    for step in range(STEPS):
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        if not by_epoch or (step + 1) % PER_EPOCH == 0:
            scheduler.step()
    return rates


@pytest.mark.parametrize("kind", schedules.kinds())
def test_every_factor_is_a_share_of_the_rate(kind: str) -> None:
    factors = curve(kind)
    assert all(0 <= factor <= 1 for factor in factors)
    assert max(factors) == pytest.approx(1, abs=1e-9)
    assert math.isfinite(schedules.read({"kind": kind}).factor(0, steps=1, steps_per_epoch=1))


@pytest.mark.parametrize("kind", schedules.kinds())
def test_it_can_be_asked_beyond_the_planned_end(kind: str) -> None:
    part = schedules.read({"kind": kind})
    assert 0 <= part.factor(2 * STEPS, steps=STEPS, steps_per_epoch=PER_EPOCH) <= 1


def test_constant_stays() -> None:
    assert set(curve("constant")) == {1.0}


def test_step_is_torchs_step_lr() -> None:
    expected = torchs(lambda o: torch.optim.lr_scheduler.StepLR(o, 7, 0.4), by_epoch=True)
    assert curve("step", epochs_each=7, factor_each=0.4) == pytest.approx(expected)


def test_exponential_holds_ten_epochs_and_then_falls_by_e_to_the_tenth_each() -> None:
    expected = [math.exp(-0.1 * max(0, step // PER_EPOCH - 10)) for step in range(STEPS)]
    assert curve("exponential") == pytest.approx(expected)


def test_cosine_is_torchs_cosine() -> None:
    expected = torchs(lambda o: torch.optim.lr_scheduler.CosineAnnealingLR(o, STEPS, eta_min=0.1))
    assert curve("cosine", floor=0.1) == pytest.approx(expected)


def test_warm_up_rises_evenly_and_then_falls_like_a_cosine() -> None:
    factors = curve("warmup_cosine", warmup=0.1)
    assert factors[:60] == pytest.approx([(step + 1) / 61 for step in range(60)])
    assert factors[60] == 1
    assert factors[60 + 270] == pytest.approx(0.5)
    assert factors[-1] < 1e-4


def test_one_cycle_is_torchs_one_cycle() -> None:
    expected = torchs(
        lambda o: torch.optim.lr_scheduler.OneCycleLR(
            o, max_lr=1.0, total_steps=STEPS, pct_start=0.3, cycle_momentum=False, div_factor=25, final_div_factor=400
        )
    )
    assert curve("one_cycle", rise=0.3, start=0.04, end=0.0001) == pytest.approx(expected, abs=1e-9)
