"""Drawings become modules."""

import re

import pytest
import torch

from playground.core.facts import Facts
from playground.core.network import Network
from playground.core.shapes import check
from playground.layers import layers
from playground.training.build import Built, CannotBuild, build

FACTS = Facts(task="binary", input_shape=(2,), output_width=1, classes=("orange", "blue"))
HOSTILE = ["forward", "__class__", "self", "n1", "lambda", "import", "None", "a-b"]


def dense(units: int, activation: str | None = None) -> object:
    return layers.read({"kind": "dense", "units": units, "activation": {"kind": activation} if activation else None})


def chain(*ids: str) -> Network:
    network = Network().add(layers.read({"kind": "input"}), id="input")
    before = "input"
    for id in ids:
        network = network.add(layers.read({"kind": "dense", "units": 3}), id=id, after=before)
        before = id
    return network.add(layers.read({"kind": "output"}), id="output", after=before)


def made(network: Network, **settings: object) -> Built:
    return build(check(network, FACTS), **settings)  # type: ignore[arg-type]


def test_names_in_the_code_are_ours_whatever_the_ids_are() -> None:
    built = made(chain(*HOSTILE))
    assert set(re.findall(r"self\.(\w+)", built.module.code)) == set(built.names.values())
    assert all(re.fullmatch(r"n\d+", name) for name in built.names.values())
    assert set(built.names) == set(HOSTILE)
    assert {built.paths[name] for name in built.names.values()} == set(HOSTILE)


def test_a_dense_node_is_a_sum_and_an_activation_that_can_be_looked_at_one_by_one() -> None:
    network = Network().add(layers.read({"kind": "input"}), id="in")
    network = network.add(dense(3, "tanh"), id="hidden", after="in").add(dense(1), id="last", after="hidden")  # type: ignore[arg-type]
    built = made(network.add(layers.read({"kind": "output"}), after="last"))
    called = [node.target for node in built.module.graph.nodes if node.op == "call_module"]
    assert called == ["n1.linear", "n1.activation", "n2.linear"]
    assert set(built.module.state_dict()) == {
        "n1.linear.weight",
        "n1.linear.bias",
        "n2.linear.weight",
        "n2.linear.bias",
    }
    x = torch.randn(5, 2)
    w = built.module.state_dict()
    expected = (
        torch.tanh(x @ w["n1.linear.weight"].T + w["n1.linear.bias"]) @ w["n2.linear.weight"].T + w["n2.linear.bias"]
    )
    torch.testing.assert_close(built.module(x), expected)


def test_branches_meet_in_the_order_of_their_wires() -> None:
    network = chain("a", "b").remove("output")
    network = network.add(layers.read({"kind": "concatenate"}), id="both", after="b").connect("input", "both")
    built = made(network.add(layers.read({"kind": "output"}), after="both"))
    x = torch.randn(4, 2)
    answer = built.module(x)
    assert answer.shape == (4, 5)
    assert torch.equal(answer[:, 3:], x)


def test_building_leaves_the_random_state_alone() -> None:
    before = torch.get_rng_state()
    made(chain("a", "b"))
    assert torch.equal(torch.get_rng_state(), before)


def test_the_seed_decides_the_first_weights_and_every_node_has_its_own() -> None:
    one, same, other = (made(chain("a", "b"), seed=seed).module.state_dict() for seed in (1, 1, 2))
    assert all(torch.equal(one[name], same[name]) for name in one)
    assert not any(torch.equal(one[name], other[name]) for name in one)
    twins = made(chain("a", "b", "c"), seed=1).module.state_dict()
    assert not torch.equal(twins["n2.linear.weight"], twins["n3.linear.weight"])


def test_a_new_layer_changes_no_other_layers_first_weights() -> None:
    short, long = made(chain("a", "z")), made(chain("a", "new", "z"))
    assert torch.equal(short.part("z").linear.weight, long.part("z").linear.weight)  # type: ignore[union-attr, arg-type]


def test_a_wrong_drawing_is_refused_with_its_own_words() -> None:
    network = Network().add(layers.read({"kind": "input"}), id="in")
    with pytest.raises(CannotBuild, match="has no output"):
        made(network)
