"""Blocks: drawings in nodes, checked without being written out, built and exported as if they were."""

from __future__ import annotations

import json

import pytest
import torch

from playground.core.composite import MAX_EXPANDED, Composite
from playground.core.files import Project, read_project, write_project
from playground.core.fixes import apply_to_network
from playground.core.layer import Layer
from playground.core.network import Edge, Network, Node, NodeId
from playground.core.shapes import check, opened
from playground.layers.block import EMPTY, Block
from playground.training.build import build
from tests.core.drawings import chain, experiment, facts, layer
from tests.export.test_source import assert_same_answers


def block(*inside: Layer, repeat: int = 1) -> Block:
    """A block of layers one behind the other."""
    return Block(drawing=chain(*inside), repeat=repeat)


def numbers(network: Network, shape: tuple[int, ...] = (2,)) -> tuple[int, int]:
    """Weights as counted, and as built."""
    checked = check(network, facts(shape))
    assert checked.ok, [note.message for note in checked.diagnostics]
    return checked.total.parameters, sum(weight.numel() for weight in build(checked).module.parameters())


def test_a_block_is_its_drawing() -> None:
    plain = chain(layer("dense", units=5), layer("relu"), layer("dense", units=1))
    grouped = chain(block(layer("dense", units=5), layer("relu")), layer("dense", units=1))
    counted, built = numbers(grouped)
    assert counted == built == numbers(plain)[0]
    assert check(grouped, facts()).total == check(plain, facts()).total


def test_every_repetition_has_weights_of_its_own_and_takes_the_last_ones_answer() -> None:
    counted, built = numbers(chain(block(layer("dense", units=5), repeat=3), layer("dense", units=1)))
    assert counted == built == (2 * 5 + 5) + 2 * (5 * 5 + 5) + (5 + 1)


def test_paths_lead_to_every_node_of_every_repetition() -> None:
    inner = block(layer("dense", units=4), repeat=2)
    network = Network().add(layer("input"), id="input")
    network = network.add(Block(drawing=chain(inner, layer("tanh"))), id="encoder", after="input")
    network = network.add(layer("output"), id="output", after="encoder")
    checked = check(network, facts())
    built = build(checked)
    wanted = ["encoder.layer1[0].layer1", "encoder.layer1[1].layer1", "encoder.layer2"]
    assert list(built.names) == wanted
    assert [leaf.path for leaf in checked.leaves() if leaf.node.layer.end is None] == wanted
    assert set(wanted) | {"encoder", "encoder.layer1"} <= set(built.answers)
    assert built.answers["encoder"] == built.answers["encoder.layer2"]
    assert built.part("encoder.layer1[1].layer1").linear.in_features == 4
    assert built.path_of(f"{built.names['encoder.layer2']}.weight") == ("encoder.layer2", "weight")


def test_a_block_with_two_inputs_gives_the_second_to_every_repetition() -> None:
    drawing = EMPTY.add(layer("input"), id="memory").remove("output").add(layer("add"), id="sum", after="input")
    drawing = drawing.connect("memory", "sum").add(layer("output"), id="output", after="sum")
    network = chain(Block(drawing=drawing, repeat=3))
    wrong = check(network, facts())
    assert [note.code for note in wrong.diagnostics] == ["unconnected"]
    network = network.connect("input", "layer1", target_port="memory")
    module = build(check(network, facts())).module
    x = torch.tensor([[1.0, -2.0]])
    torch.testing.assert_close(module(x), 4 * x)


def test_first_weights_depend_on_the_path_alone() -> None:
    first = build(check(chain(block(layer("dense", units=3), repeat=2), layer("dense", units=1)), facts()), seed=7)
    more = chain(block(layer("dense", units=3), repeat=4), layer("dense", units=1))
    second = build(check(more, facts()), seed=7)
    for path in ("layer1[0].layer1", "layer1[1].layer1"):
        assert torch.equal(first.part(path).linear.weight, second.part(path).linear.weight)
    assert not torch.equal(first.part("layer1[1].layer1").linear.weight, second.part("layer1[3].layer1").linear.weight)


def test_checking_opens_each_different_block_once() -> None:
    opened.cache_clear()
    network = chain(*[block(layer("dense", units=6), layer("relu"), repeat=20) for _ in range(20)])
    check(network, facts((6,)))
    assert opened.cache_info().misses == 1


def test_trouble_in_a_block_is_told_at_its_node_and_its_button_works_there() -> None:
    network = chain(layer("conv2d"), block(layer("dense", units=4)), layer("dense", units=1))
    checked = check(network, facts((1, 8, 8)))
    note = next(note for note in checked.diagnostics if note.severity == "error")
    assert note.node == "layer2.layer1"
    assert "layer2" not in checked.shapes
    mended = apply_to_network(network, note.fixes[0].ops)
    assert check(mended, facts((1, 8, 8))).ok
    drawing = mended["layer2"].layer
    assert isinstance(drawing, Block)
    assert [node.layer.kind for node in drawing.drawing.nodes if node.layer.end is None] == ["dense", "flatten"]


def test_trouble_of_a_later_repetition_names_it() -> None:
    shrinking = block(layer("max_pool", size=2), repeat=5)
    checked = check(chain(shrinking, layer("flatten"), layer("dense", units=1)), facts((1, 8, 8)))
    assert {note.node for note in checked.diagnostics if note.severity == "error"} == {"layer1[3].layer1"}


def test_a_drawing_without_input_or_output_says_so_at_the_block() -> None:
    checked = check(chain(Block(drawing=Network())), facts())
    assert {note.node for note in checked.diagnostics} == {"layer1"}
    assert not checked.ok


@pytest.mark.parametrize(("depth", "repeat", "code"), [(9, 1, "blocks-too-deep"), (3, 100, "blocks-too-many")])
def test_too_many_and_too_deep_blocks_are_refused_before_they_are_written_out(
    depth: int, repeat: int, code: str
) -> None:
    inside: Layer = layer("relu")
    for _ in range(depth):
        inside = Block(drawing=chain(inside), repeat=repeat)
    opened.cache_clear()
    assert [note.code for note in check(chain(inside), facts()).diagnostics] == [code]
    assert opened.cache_info().misses == 0
    assert MAX_EXPANDED < 100**3


def test_blocks_go_through_files() -> None:
    inside: Layer = layer("relu")
    for _ in range(8):
        inside = Block(drawing=chain(inside), repeat=2)
    project = Project(experiment=experiment(chain(inside, layer("dense", units=1))))
    assert read_project(write_project(project)) == project


def test_a_block_that_holds_itself_cannot_be_written_down() -> None:
    document = json.loads(write_project(Project(experiment=experiment(chain(block(layer("relu")))))))
    text = json.dumps(document)
    assert '"drawing"' in text  # by value: there is no name by which a block could mean itself


def test_the_script_has_a_class_for_each_block_that_differs() -> None:
    inner = block(layer("dense", units=4, activation={"kind": "tanh"}), repeat=2)
    assert_same_answers(experiment(chain(Block(drawing=chain(inner), repeat=3), layer("dense", units=1))))


def test_a_composite_is_a_layer_like_others() -> None:
    one = block(layer("dense", units=4), repeat=2)
    assert isinstance(one, Composite)
    assert one.output_shape((3,)) == (4,)
    assert one.parameters((3,)) == 16 + 20
    assert one.in_ports[0].name == "in"


def test_edges_of_a_block_are_those_of_any_node() -> None:
    network = Network(
        nodes=(
            Node(id=NodeId("input"), layer=layer("input")),
            Node(id=NodeId("b"), layer=block(layer("dense", units=2))),
            Node(id=NodeId("output"), layer=layer("output")),
        ),
        edges=(
            Edge(source=NodeId("input"), target=NodeId("b")),
            Edge(source=NodeId("b"), target=NodeId("output")),
        ),
    )
    assert check(network, facts()).ok
