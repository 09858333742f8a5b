"""`fit` knows no objective by name: a toy with two roles and two turns trains in the same loop."""

import json
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Annotated

import numpy as np
import pytest
import torch
from torch.nn import functional

from playground.core.contracts import Objective, Optimizer, Turn
from playground.core.experiment import Experiment
from playground.core.part import AnyPart
from playground.objectives import objectives
from playground.training.checkpoints import snapshot
from playground.training.fit import fit
from playground.training.run import Run
from tests.training.experiments import chain, dense, experiment, prepared, same, weights

if TYPE_CHECKING:
    pass


class Rivals(Objective):
    """One network moves points towards the data, the other tells them apart. Both see points of the plane."""

    second: Annotated[Optimizer, AnyPart("optimizers")]

    def turns(self, experiment: Experiment) -> tuple[Turn, ...]:
        return (
            Turn("judging", ("judge",), self.second, repeats=2),
            Turn("making", ("maker",), experiment.training.optimizer),
        )

    def loss_of(
        self, turn: Turn, modules: Mapping[str, torch.nn.Module], batch: tuple[torch.Tensor, ...]
    ) -> torch.Tensor:
        real = batch[0]
        made = modules["maker"](torch.randn_like(real))  # its own random state is used here
        if turn.name == "making":
            return functional.softplus(-modules["judge"](made)).mean()
        return (
            functional.softplus(-modules["judge"](real)) + functional.softplus(modules["judge"](made.detach()))
        ).mean()

    def answering(self, experiment: Experiment) -> str | None:
        return None


@pytest.fixture(autouse=True)
def rivals() -> Iterator[None]:
    objectives.discover()
    objectives.register("rivals", title="Rivals", group="Tests")(Rivals)
    yield
    del objectives._parts["rivals"]


def rivalry() -> Experiment:
    wanted = experiment(metrics=[], dataset={"kind": "gauss", "samples": 120}, epochs=3)
    document = json.loads(wanted.model_dump_json())
    document["networks"] = {
        "maker": chain(("a", dense(6, "tanh")), ("b", dense(2))),
        "judge": chain(("a", dense(6, "relu")), ("drop", {"kind": "dropout", "rate": 0.1}), ("b", dense(1))),
    }
    document["objective"] = {"kind": "rivals", "second": {"kind": "sgd", "learning_rate": 0.05}}
    return Experiment.model_validate_json(json.dumps(document))


def run_to(wanted: Experiment, step: int, **settings: object) -> Run:
    run = Run(wanted, prepared(wanted), device="cpu", stop_at=step, **settings)  # type: ignore[arg-type]
    for _ in fit(run):
        pass
    return run


def test_two_roles_and_two_turns_train_in_the_same_loop() -> None:
    wanted = rivalry()
    run = Run(wanted, prepared(wanted), device="cpu")
    ticks = list(fit(run))
    assert run.state is not None
    assert run.state.cursor.epoch == 3
    before = run_to(wanted, 0).state
    assert before is not None
    moved = {name for name, tensor in weights(run.state).items() if not torch.equal(tensor, weights(before)[name])}
    assert moved == set(weights(run.state))
    last = [tick.point for tick in ticks if tick.point][-1]
    assert {"train_loss", "train_judging_loss", "train_making_loss"} <= last.keys()


def test_one_step_is_the_turns_written_out() -> None:
    wanted = rivalry()
    begun, run = run_to(wanted, 0).state, run_to(wanted, 1)
    assert begun is not None
    assert run.state is not None
    with begun.randomness:  # the first step draws what the run drew
        real, _ = begun.course().block(0, 10).batches()[0]
        maker, judge = begun.modules["maker"], begun.modules["judge"]
        first = torch.optim.SGD(judge.parameters(), lr=0.05)
        second = torch.optim.Adam(maker.parameters(), lr=0.03)
        for optimizer, roles in ((first, 2), (second, 1)):
            for _ in range(roles):
                made = maker(torch.randn_like(real))
                if optimizer is first:
                    loss = functional.softplus(-judge(real)).mean() + functional.softplus(judge(made.detach())).mean()
                else:
                    loss = functional.softplus(-judge(made)).mean()
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
    for name, tensor in weights(run.state).items():
        torch.testing.assert_close(tensor, weights(begun)[name], rtol=0, atol=1e-6)


def test_its_evaluations_draw_no_random_number_of_the_run() -> None:
    often, seldom = run_to(rivalry(), 12, slice_seconds=0.0), run_to(rivalry(), 12, slice_seconds=5.0)
    assert often.state is not None
    assert seldom.state is not None
    assert same(weights(often.state), weights(seldom.state))


def test_it_resumes_like_any_other() -> None:
    middle = run_to(rivalry(), 7).state
    assert middle is not None
    resumed = run_to(rivalry(), 14, snapshot=snapshot(middle)).state
    straight = run_to(rivalry(), 14).state
    assert resumed is not None
    assert straight is not None
    assert same(weights(resumed), weights(straight))


def test_supervised_reads_answers_as_people_do() -> None:
    raw = torch.tensor([[-2.0], [0.0], [3.0]])
    cases = {"binary_cross_entropy": 1 / (1 + np.exp(-raw.numpy())), "hinge": np.array([[0.0], [0.5], [1.0]])}
    for kind, expected in cases.items():
        objective = experiment(loss={"kind": kind}).objective
        np.testing.assert_allclose(objective.readable(raw).numpy(), expected, rtol=1e-6)
