"""Which device a run gets, on a machine that says it has a GPU."""

import pytest
import torch

from playground.core.experiment import Experiment
from playground.templates import templates
from playground.training import placement
from playground.training.placement import WORTH_A_GPU, choose_device, operations_of_step
from playground.training.prepared import Prepared, prepare
from tests.training.experiments import chain, dense, experiment


@pytest.fixture
def a_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(placement, "find_device", lambda wish: torch.device("cuda" if wish == "auto" else wish))


def ready(wanted: Experiment) -> tuple[Experiment, Prepared]:
    return wanted, prepare(wanted.data)


@pytest.mark.usefixtures("a_gpu")
@pytest.mark.parametrize("name", ["circle", "spiral", "digits-mlp"])
def test_small_steps_stay_on_the_cpu_unless_chosen_by_hand(name: str) -> None:
    small = ready(templates[name]().experiment())
    assert choose_device("auto", *small).type == "cpu"
    assert choose_device("cuda", *small).type == "cuda"


@pytest.mark.usefixtures("a_gpu")
def test_large_steps_go_to_the_gpu() -> None:
    wide = chain(("hidden", dense(2048, "relu")), ("more", dense(2048, "relu")), ("last", dense(1)))
    large = ready(experiment(wide, batch_size=60))
    assert choose_device("auto", *large).type == "cuda"
    assert choose_device("cpu", *large).type == "cpu"


def test_operations_are_those_of_a_forward_pass_and_twice_as_many_back() -> None:
    wanted, prepared = ready(experiment(chain(("hidden", dense(100)), ("last", dense(1))), batch_size=10))
    products = 2 * (2 * 100 + 100 * 1)  # one multiplication and one addition for each weight
    assert operations_of_step(wanted, prepared) == pytest.approx(3 * 10 * products, rel=0.2)
    assert operations_of_step(wanted, prepared) < WORTH_A_GPU


def test_without_a_gpu_nothing_is_weighed() -> None:
    assert choose_device("cpu", *ready(experiment())).type == "cpu"
