"""The mistakes that beginners make: each is told where it is, in words they know, and its button puts it right."""

from __future__ import annotations

from typing import Any

import pytest

from playground.core.experiment import Experiment
from playground.core.fixes import apply
from playground.core.network import Network
from playground.core.shapes import check_experiment
from tests.core.drawings import chain, experiment, layer

DENSE = layer("dense", units=4, activation={"kind": "tanh"})
LAST = layer("dense", units=1)
THREE = layer("dense", units=10)
CONV = layer("conv2d", channels=4, kernel=3, activation={"kind": "relu"})


def wired(network: Network, *wires: tuple[str, str]) -> Network:
    for source, target in wires:
        network = network.connect(source, target)
    return network


def branches(join: str, one: Any, other: Any, *, last: Any = LAST, flat: bool = False) -> Network:
    """Two layers side by side behind the input, joined and answered."""
    network = Network().add(layer("input"), id="input").add(one, id="one", after="input")
    network = network.add(other, id="other", after="input").add(layer(join), id="join", after="one")
    network = network.connect("other", "join")
    before = "join"
    if flat:
        network, before = network.add(layer("flatten"), id="flatten", after=before), "flatten"
    return network.add(last, id="last", after=before).add(layer("output"), id="output", after="last")


def without(network: Network, id: str) -> Network:
    return network.remove(id, heal=False)


CIRCLE = chain(DENSE, LAST)
ON_POINTS: dict[str, Network] = {
    "no-input": without(CIRCLE, "input"),
    "no-output": without(CIRCLE, "output"),
    "two-inputs": CIRCLE.add(layer("input"), id="second"),
    "two-outputs": CIRCLE.add(layer("output"), id="second", after="layer2"),
    "unconnected": CIRCLE.disconnect("input", "layer1"),
    "needs-picture": chain(CONV, LAST),
    "output-width": chain(DENSE, layer("dense", units=5)),
    "dead-branch": CIRCLE.add(DENSE, id="spare", after="input"),
    "cycle": wired(chain(DENSE, layer("add"), LAST), ("layer3", "layer2")),
    "activation-before-loss": chain(DENSE, layer("dense", units=1, activation={"kind": "sigmoid"})),
    "activation-at-output": chain(DENSE, layer("dense", units=1, activation={"kind": "relu"})),
    "no-nonlinearity": chain(layer("dense", units=4), LAST),
    "dropout-at-output": chain(DENSE, LAST, layer("dropout")),
    "too-many-wires": wired(chain(DENSE, DENSE, LAST), ("input", "layer2")),
    "add-mismatch": branches("add", DENSE, layer("dense", units=6, activation={"kind": "tanh"})),
    "muted-in-vain": wired(chain(DENSE, layer("add"), LAST), ("input", "layer2")).mute("layer2", True),
}
ON_PICTURES: dict[str, Network] = {
    "needs-flat": chain(CONV, THREE),
    "concatenate-mismatch": branches("concatenate", CONV, layer("flatten"), last=THREE),
    "add-mismatch": branches("add", CONV, layer("flatten"), last=THREE),
    "activation-before-loss": chain(layer("flatten"), DENSE, layer("dense", units=10, activation={"kind": "softmax"})),
    "output-width": chain(layer("flatten"), DENSE, LAST),
}


def told(code: str, wrong: Experiment) -> None:
    """It is told once or more, in a sentence that says what to do; each button takes it away and breaks nothing."""
    before = check_experiment(wrong)["model"].diagnostics
    notes = [note for note in before if note.code == code]
    assert notes, [note.code for note in before]
    for note in notes:
        assert note.fixes, note.message
        for fix in note.fixes:
            after = check_experiment(apply(wrong, fix.ops))["model"].diagnostics
            assert (note.node, code) not in [(other.node, other.code) for other in after], fix.label
        # One button at least leads to a network that trains, as far as this mistake goes.
        errors = {other.code for other in before if other.severity == "error"} - {code}
        ways = [check_experiment(apply(wrong, fix.ops))["model"].diagnostics for fix in note.fixes]
        left = [{other.code for other in way if other.severity == "error"} for way in ways]
        assert any(way <= errors for way in left), left


@pytest.mark.parametrize("code", ON_POINTS)
def test_a_mistake_on_points_is_told_and_put_right(code: str) -> None:
    told(code, experiment(ON_POINTS[code]))


@pytest.mark.parametrize("code", ON_PICTURES)
def test_a_mistake_on_pictures_is_told_and_put_right(code: str) -> None:
    told(code, experiment(ON_PICTURES[code], "digits-mlp"))


def test_a_branch_whose_width_nothing_decides_gets_a_layer_of_its_own() -> None:
    joined = wired(chain(DENSE, layer("concatenate"), layer("add"), LAST), ("input", "layer2"), ("input", "layer3"))
    wrong = experiment(joined)
    (note,) = [one for one in check_experiment(wrong)["model"].diagnostics if one.code == "add-mismatch"]
    assert note.message == "These two cannot be added: 6 and 2. Make both 6."
    fixed = check_experiment(apply(wrong, note.fixes[0].ops))["model"]
    assert fixed.ok
    assert fixed.total.parameters == (2 * 4 + 4) + (2 * 6 + 6) + (6 + 1)


def test_settings_that_do_not_suit_are_told_too() -> None:
    norm = experiment(chain(layer("dense", units=4), layer("batch_norm"), layer("relu"), LAST))
    told("batch-norm-of-one", norm.with_(training=norm.training.with_(batch_size=1)))
    told("too-much-memory", large())


def large() -> Experiment:
    """One step of it does not fit into memory; one of a smaller batch does."""
    drawn = chain(*[layer("dense", units=4000, activation={"kind": "relu"})] * 8, LAST)
    start = experiment(drawn)
    return start.with_(training=start.training.with_(batch_size=65_536))


def test_a_muted_layer_is_not_there_for_shapes_costs_and_troubles() -> None:
    drawn = chain(DENSE, layer("flatten"), DENSE, LAST)
    muted = experiment(drawn.mute("layer3", True))
    shorter = experiment(chain(DENSE, layer("flatten"), LAST))
    assert check_experiment(muted)["model"].total == check_experiment(shorter)["model"].total
    both = drawn.mute("layer2", True).mute("layer3", True).heard
    assert [(edge.source, edge.target) for edge in both.edges] == [
        ("input", "layer1"),
        ("layer1", "layer4"),
        ("layer4", "output"),
    ]


def test_trouble_behind_a_muted_layer_is_put_right_on_the_wire_that_is_drawn() -> None:
    drawn = chain(layer("dropout"), layer("dropout"), THREE).mute("layer1", True).mute("layer2", True)
    wrong = experiment(drawn, "digits-mlp")
    (note,) = [one for one in check_experiment(wrong)["model"].diagnostics if one.code == "needs-flat"]
    fixed = apply(wrong, note.fixes[0].ops)
    assert check_experiment(fixed)["model"].ok
    assert [edge.source for edge in fixed.network.incoming("layer3")] == ["flatten"]
    assert [edge.source for edge in fixed.network.incoming("flatten")] == ["layer2"]
