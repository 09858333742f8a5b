"""Pure edits: each returns a new drawing, and any sequence of them survives JSON and the share link."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from playground.core.files import Layout, Place, Project, read_link, read_project, write_link, write_project
from playground.core.fixes import apply_to_network
from playground.core.network import Edge, Network, Node, NodeId
from tests.core.drawings import TITLES, any_layers, chain, experiment, layer

some = settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow])


def edit(draw: st.DrawFn, network: Network) -> Network:
    """One drawn edit."""
    ids = [node.id for node in network.nodes]
    one = draw(any_layers)
    if not ids:
        return network.add(one)
    a, b = draw(st.sampled_from(ids)), draw(st.sampled_from(ids))
    match draw(st.integers(0, 8)):
        case 0:
            return network.add(one, after=draw(st.sampled_from([None, a])))
        case 1:
            return network.connect(a, b, target_port=draw(st.sampled_from(["in", "side"])))
        case 2:
            return network.disconnect(a, b)
        case 3:
            return network.remove(a, heal=draw(st.booleans()))
        case 4 if network.edges:
            edge = draw(st.sampled_from(network.edges))
            return network.insert(edge.source, edge.target, one)
        case 5:
            return network.set_layer(a, one)
        case 6:
            return network.rename(a, draw(st.sampled_from(TITLES)))
        case 7:
            return apply_to_network(network, [{"op": "add", "layer": one.dump(), "after": a}])
        case _:
            return apply_to_network(network, [{"op": "connect", "source": a, "target": b, "target_port": "in"}])


@st.composite
def edited(draw: st.DrawFn) -> tuple[Network, list[tuple[Network, str]]]:
    """A drawing after several edits; every drawing on the way with its JSON, taken before the next edit."""
    network, history = chain(layer("dense")), []
    for _ in range(draw(st.integers(1, 12))):
        history.append((network, network.model_dump_json()))
        network = edit(draw, network)
    return network, history


@some
@given(edited(), st.sampled_from(["", "Circle", "日本語 “x”"]), st.floats(-1e6, 1e6))
def test_any_sequence_of_edits_survives_json_and_link(drawn: Any, title: str, x: float) -> None:
    network, _ = drawn
    assert Network.model_validate(json.loads(json.dumps(network.model_dump(mode="json")))) == network
    places = {node.id: Place(x=x, y=-x) for node in network.nodes}
    layout = Layout(nodes=places, unfolded=tuple(places))
    project = Project(title=title, experiment=experiment(network), layout=layout)
    assert read_project(write_project(project)) == project
    assert read_link(write_link(project)) == project
    assert read_link(write_link(project)).experiment.fingerprint() == project.experiment.fingerprint()


@some
@given(edited())
def test_edits_leave_the_drawing_they_start_from_alone(drawn: Any) -> None:
    _, history = drawn
    for network, before in history:
        assert network.model_dump_json() == before


@some
@given(edited())
def test_wires_are_found_from_both_ends(drawn: Any) -> None:
    network, _ = drawn
    assert [network[node.id] for node in network.nodes] == list(network.nodes)
    for edge in network.edges:
        assert edge in list(network.incoming(edge.target))
        assert edge in list(network.outgoing(edge.source))
    assert sum(len(list(network.incoming(node.id))) for node in network.nodes) == len(network.edges)


def ends(network: Network) -> list[tuple[str, str]]:
    return [(edge.source, edge.target) for edge in network.edges]


def test_removing_a_node_heals_its_wire_in_place() -> None:
    network = chain(layer("relu"), layer("dense"), layer("concatenate")).connect("layer1", "layer3")
    assert ends(network)[-2:] == [("layer3", "output"), ("layer1", "layer3")]
    assert ends(network.remove("layer2")) == [("input", "layer1"), ("layer3", "output"), ("layer1", "layer3")]
    other = network.remove("layer1")
    assert ends(other) == [("input", "layer2"), ("layer2", "layer3"), ("layer3", "output"), ("input", "layer3")]
    assert ends(network.remove("layer2", heal=False)) == [
        ("input", "layer1"),
        ("layer3", "output"),
        ("layer1", "layer3"),
    ]


def test_removing_a_node_of_a_circle_leaves_no_wire_to_itself() -> None:
    network = (
        Network().add(layer("relu"), id="a").add(layer("relu"), id="b", after="a").connect("b", "a").connect("a", "a")
    )
    assert ends(network.remove("b")) == [("a", "a")]
    assert ends(network.remove("a")) == []


def test_a_new_node_lands_on_every_wire_between_two_and_on_one_only_as_a_fix() -> None:
    network = chain(layer("add")).with_(
        edges=tuple(
            Edge(source=NodeId(a), target=NodeId(b)) for a, b in [("input", "layer1")] * 2 + [("layer1", "output")]
        )
    )
    assert ends(network.insert("input", "layer1", layer("relu"))).count(("input", "relu")) == 1
    fixed = apply_to_network(
        network, [{"op": "insert", "source": "input", "target": "layer1", "layer": {"kind": "relu"}}]
    )
    assert ends(fixed) == [("input", "relu"), ("relu", "layer1"), ("input", "layer1"), ("layer1", "output")]


def test_a_port_for_one_wire_gives_up_the_one_it_had_and_loops_are_not_drawn() -> None:
    network = chain(layer("relu"), layer("dense"))
    network = apply_to_network(network, [{"op": "connect", "source": "input", "target": "layer2", "target_port": "in"}])
    assert ("layer1", "layer2") not in ends(network)
    assert ("input", "layer2") in ends(network)
    loop: dict[str, Any] = {"op": "connect", "source": "layer2", "target": "layer2"}
    assert apply_to_network(network, [loop]) == network


def test_operations_about_what_is_gone_change_nothing() -> None:
    network = chain(layer("relu"))
    gone = [
        {"op": "set", "node": "nobody", "values": {"units": 3}},
        {"op": "insert", "source": "input", "target": "nobody", "layer": {"kind": "relu"}},
        {"op": "remove", "node": "nobody"},
        {"op": "connect", "source": "input", "target": "nobody"},
        {"op": "disconnect", "source": "input", "target": "nobody"},
    ]
    assert apply_to_network(network, gone) == network
    with pytest.raises(ValueError, match="no operation 'explode'"):
        apply_to_network(network, [{"op": "explode"}])


def test_titles_change_no_number() -> None:
    network = chain(layer("dense"))
    assert network.rename("layer1", "Hidden").fingerprint() == network.fingerprint()
    assert network.rename("layer1", "Hidden") != network


def test_two_nodes_of_one_name_and_wires_to_nowhere_are_refused() -> None:
    node = Node(id=NodeId("a"), layer=layer("relu"))
    with pytest.raises(ValidationError, match="Two nodes are called 'a'"):
        Network(nodes=(node, node))
    with pytest.raises(ValidationError, match="leads to 'b', which is not on the canvas"):
        Network(nodes=(node,), edges=(Edge(source=NodeId("a"), target=NodeId("b")),))


def test_a_free_id_is_free_and_legal() -> None:
    network = Network().add(layer("relu"), id="relu").add(layer("relu"), id="relu2")
    assert network.free_id("relu") == "relu3"
    assert network.free_id("../../etc") == "etc"
    assert network.free_id("日本") == "node"
