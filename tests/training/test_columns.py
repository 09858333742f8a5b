"""One place a column: the same answers as the module's, of every node."""

from typing import Any

import pytest
import torch

from playground.training.columns import find_columns
from playground.training.probes import Watch, observer, probe
from tests.training.experiments import CIRCLE_231, DROPOUT, advance, chain, dense, experiment, run_of

SUM = chain(("a", dense(3, "gelu")), ("b", dense(3)), ("sum", {"kind": "add"}), ("d", dense(1)))
SUM["edges"].append({"source": "a", "target": "sum"})
NORM = chain(("a", dense(4)), ("n", {"kind": "batch_norm"}), ("r", {"kind": "relu"}), ("d", dense(1)))
NO_SHIFT = chain(("a", {"kind": "dense", "units": 5, "bias": False}), ("t", {"kind": "tanh"}), ("d", dense(1)))


@pytest.mark.parametrize("network", [CIRCLE_231, SUM, NO_SHIFT, DROPOUT], ids=["chain", "sum", "no bias", "dropout"])
def test_every_node_answers_what_its_module_answers(network: dict[str, Any]) -> None:
    built = advance(run_of(experiment(network)), 5).networks["model"]
    built.module.eval()
    points = torch.randn(50, 2)
    columns = find_columns(built)
    assert columns is not None
    with torch.no_grad():
        got, expected = columns(points.t()), observer(built)(points)
    for name, rows in zip(built.answers.values(), expected, strict=True):
        torch.testing.assert_close(got[name].t(), rows, rtol=0, atol=1e-6)


@pytest.mark.parametrize("network", [NORM, chain(("a", dense(300, "tanh")), ("d", dense(1)))], ids=["norm", "many"])
def test_other_and_large_networks_are_asked_as_they_are_and_drawn_the_same(network: dict[str, Any]) -> None:
    state = advance(run_of(experiment(network)), 5)
    assert find_columns(state.networks["model"]) is None
    _, fields = probe(state, watch=Watch(focus=(("a", 1),)))
    drawn = {field.name: field.values for field in fields}
    assert drawn["output"].shape == drawn["focus/a/1"].shape == (100, 100)
    assert drawn["picture/a"].shape == (min(64, state.networks["model"].checked.network["a"].layer.units), 32, 32)
