"""A network that is allowed and yet too large for this machine: one run ends with a sentence, the others go on."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from playground.core.experiment import Experiment
from playground.core.shapes import check_experiment
from playground.engine import memory
from playground.engine.messages import StartRun
from tests.core.drawings import chain, experiment, layer
from tests.engine.conftest import Home

pytestmark = pytest.mark.xdist_group("engine")


def test_a_run_too_large_for_the_machine_fails_alone(
    new_home: Callable[[], Home], circle: Experiment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PLAYGROUND_WORKERS", "1")
    monkeypatch.setenv("PLAYGROUND_WORKER_MEMORY", str(400 * 2**20))
    home = new_home()
    ear = home.ear()
    small = home.begin(circle, ear)
    large = experiment(chain(*[layer("dense", units=4096)] * 8, layer("dense", units=1)))
    assert check_experiment(large)["model"].ok
    home.engine.send(StartRun(run="large", owner="ann", experiment=large.model_dump(mode="json")))
    failed = ear.state("large", "failed")
    assert failed.message == "There is not enough memory for this. Make the network or the batch smaller."
    assert home.train(small, ear, 20).state == "paused"
    ear.stop()


def test_a_worker_may_take_a_share_of_the_machine_and_a_setting_says_how_much(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PLAYGROUND_WORKER_MEMORY", raising=False)
    assert 2**28 < memory.for_a_worker() < memory.of_the_machine()
    monkeypatch.setenv("PLAYGROUND_WORKER_MEMORY", "1000")
    assert memory.for_a_worker() == 1000
