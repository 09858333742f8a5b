"""The answer against data and loss: told where it can be changed, in the words of the first lesson."""

from __future__ import annotations

from typing import Any

import pytest

from playground.core.diagnostics import Diagnostic
from playground.core.ends import output_diagnostics
from playground.core.experiment import Data, Experiment
from playground.core.fixes import apply, apply_to_network
from playground.core.network import Network
from playground.core.shapes import check, check_experiment
from playground.datasets import datasets
from playground.templates import templates
from tests.core.drawings import chain, experiment, facts, layer

TANH = {"kind": "tanh"}
KINDS: dict[str, Any] = {"task": "classes", "width": 3, "classes": ("a", "b", "c")}


def notes_of(network: Network, **known: Any) -> list[Diagnostic]:
    about = facts(known.pop("shape", (2,)), **known)
    return output_diagnostics(network, check(network, about), about)


def with_data(start: Experiment, kind: str) -> Experiment:
    return start.with_(data=Data(dataset=datasets[kind]()))


def test_circle_on_iris_says_the_words_of_the_first_lesson() -> None:
    start = with_data(templates["circle"]().experiment(), "iris")
    cross_entropy = {"kind": "supervised", "loss": {"kind": "cross_entropy"}}
    start = apply(start, [{"op": "experiment", "path": "objective", "value": cross_entropy}])
    (note,) = check_experiment(start)["model"].diagnostics
    assert note.message == "The data have 3 kinds of iris. This output has 1 number, enough for 2 kinds."
    assert start.network[note.node or ""].layer.end == "sink"
    assert [fix.label for fix in note.fixes] == ["Use 3 outputs"]
    fixed = apply(start, note.fixes[0].ops)
    assert check_experiment(fixed)["model"].diagnostics == ()
    assert check_experiment(fixed)["model"].output == (3,)


@pytest.mark.parametrize(
    ("units", "known", "sentence", "label"),
    [
        (
            2,
            KINDS | {"noun": "iris"},
            "3 kinds of iris. This output has 2 numbers, enough for 2 kinds.",
            "Use 3 outputs",
        ),
        (5, KINDS, "The data have 3 kinds. This output has 5 numbers, 2 more than there are kinds.", "Use 3 outputs"),
        (3, {"target_names": ("point",)}, "2 kinds of point. This output has 3 numbers; 1 is enough", "Use 1 output"),
        (
            3,
            {"task": "regression", "target_names": ("price",)},
            "ask for 1 number (price). This output has 3.",
            "Use 1 output",
        ),
        (
            1,
            {"task": "regression", "width": 2, "target_names": ("x", "y")},
            "ask for 2 numbers. This output has 1.",
            "Use 2 outputs",
        ),
    ],
)
def test_the_wrong_width_is_told_for_every_task(units: int, known: dict[str, Any], sentence: str, label: str) -> None:
    network = chain(layer("dense", units=4, activation=TANH), layer("dense", units=units))
    (note,) = notes_of(network, **known)
    assert sentence in note.message
    assert note.fixes[0].label == label
    assert not notes_of(apply_to_network(network, note.fixes[0].ops), **known)


def test_the_fix_reaches_back_through_layers_that_keep_the_width() -> None:
    last = layer("dense", units=1)
    network = chain(
        layer("dense", units=4, activation=TANH), last, layer("batch_norm"), layer("dropout"), layer("tanh")
    )
    (note,) = notes_of(network, **KINDS)
    (op,) = note.fixes[0].ops
    assert op == {"op": "set", "node": network.nodes[2].id, "values": {"units": 3}}


def test_the_fix_sets_the_channels_of_a_convolution_that_is_pooled_to_one_row() -> None:
    network = chain(layer("conv2d", channels=8), layer("global_pool"))
    (note,) = notes_of(network, shape=(1, 28, 28), **KINDS)
    assert note.fixes[0].ops[0]["values"] == {"channels": 3}


def test_where_no_layer_decides_the_width_a_dense_layer_is_offered() -> None:
    network = chain(layer("tanh"))
    (note,) = notes_of(network, **KINDS)
    assert [op["op"] for op in note.fixes[0].ops] == ["insert"]
    after = apply_to_network(network, note.fixes[0].ops)
    assert check(after, facts()).output == (3,)


def test_a_width_that_a_later_layer_needs_is_left_alone() -> None:
    """Two units stand behind a reshape to 2 × 1 × 1: setting them to 3 would only move the mistake."""
    network = chain(layer("dense", units=2), layer("reshape", shape=[2, 1, 1]), layer("flatten"))
    (note,) = notes_of(network, **KINDS)
    assert note.fixes[0].ops[0]["op"] == "insert"


def test_a_picture_as_answer_is_flattened_first() -> None:
    network = chain(layer("conv2d", channels=1))
    (note,) = notes_of(network, shape=(1, 4, 4))
    assert note.code == "output-not-flat"
    assert notes_of(apply_to_network(network, note.fixes[0].ops), shape=(1, 4, 4))[0].code == "output-width"


def test_nothing_is_said_while_the_shape_is_not_known() -> None:
    network = chain(layer("dense", units=4)).disconnect("input", "layer1")
    assert notes_of(network, **KINDS) == []


def last_notes(*drawn: Any, loss: str, kind: str = "circle") -> list[Diagnostic]:
    start = experiment(chain(*drawn), kind)
    start = apply(start, [{"op": "experiment", "path": "objective.loss", "value": {"kind": loss}}])
    checked = check_experiment(start)["model"]
    for note in checked.diagnostics:
        for fix in note.fixes:
            assert check_experiment(apply(start, fix.ops))["model"].ok
    return [note for note in checked.diagnostics if note.code.startswith("activation")]


def test_an_activation_that_the_loss_contains_is_told_at_its_node_with_a_way_out() -> None:
    (inside,) = last_notes(layer("dense", units=1, activation={"kind": "sigmoid"}), loss="binary_cross_entropy")
    assert inside.message.startswith("Binary cross-entropy already contains sigmoid")
    assert inside.fixes[0].ops == ({"op": "set", "node": "layer1", "values": {"activation": None}},)
    (alone,) = last_notes(layer("dense", units=3), layer("softmax"), loss="cross_entropy", kind="iris")
    assert (alone.node, alone.code) == ("layer2", "activation-before-loss")
    assert alone.fixes[0].ops == ({"op": "remove", "node": "layer2"},)
    assert alone.severity == "warning"


def test_an_activation_that_cuts_raw_answers_off_is_told_too() -> None:
    (note,) = last_notes(layer("dense", units=3, activation={"kind": "relu"}), loss="cross_entropy", kind="iris")
    assert note.message.startswith("Cross-entropy takes any number; ReLU at the end lets only some through.")


def test_tanh_before_a_hinge_is_the_classic_and_fine() -> None:
    assert last_notes(layer("dense", units=1, activation=TANH), loss="hinge") == []


def test_batch_norm_with_one_case_a_batch_is_an_error_at_every_batch_norm() -> None:
    network = chain(layer("dense", units=4), layer("batch_norm"), layer("tanh"), layer("dense", units=1))
    start = experiment(network)
    start = start.with_(training=start.training.with_(batch_size=1))
    (note,) = [n for n in check_experiment(start)["model"].diagnostics if n.severity == "error"]
    assert (note.node, note.code) == ("layer2", "batch-norm-of-one")
    assert check_experiment(apply(start, note.fixes[0].ops))["model"].ok


def test_two_branches_that_differ_in_width_are_made_equal() -> None:
    """The words of the look: "These two cannot be added: 64×14×14 and 32×14×14. Make both 64."."""
    network = chain(layer("conv2d", channels=64), layer("relu"), layer("conv2d", channels=32), layer("add"))
    network = network.connect("layer2", "layer4")
    checked = check(network, facts((1, 14, 14)))
    (note,) = checked.diagnostics
    assert note.message == "These two cannot be added: 32×14×14 and 64×14×14. Make both 32."
    assert note.fixes[0].ops == ({"op": "set", "node": "layer1", "values": {"channels": 32}},)
    assert check(apply_to_network(network, note.fixes[0].ops), facts((1, 14, 14))).ok


def test_the_other_width_is_taken_where_one_branch_cannot_change() -> None:
    """The data have two columns and no layer can change that."""
    network = chain(layer("dense", units=5, activation=TANH), layer("add")).connect("input", "layer2")
    (note,) = check(network, facts()).diagnostics
    assert note.message == "These two cannot be added: 5 and 2. Make both 2."
    assert check(apply_to_network(network, note.fixes[0].ops), facts()).ok


def test_a_flatten_in_the_way_of_a_convolution_is_taken_out() -> None:
    network = chain(layer("conv2d", channels=3), layer("flatten"), layer("conv2d", channels=2))
    note = next(n for n in check(network, facts((1, 5, 4))).diagnostics if n.code == "needs-picture")
    assert note.fixes[0].ops == ({"op": "remove", "node": "layer2"},)


def test_two_straight_layers_are_noticed_through_a_flatten() -> None:
    network = chain(layer("conv2d", channels=3), layer("flatten"), layer("dense", units=1))
    (note,) = check(network, facts((1, 5, 4))).diagnostics
    assert note.message.startswith("Convolution and Dense have no activation between them")
    assert not check(apply_to_network(network, note.fixes[0].ops), facts((1, 5, 4))).diagnostics
