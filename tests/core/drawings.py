"""Drawings of every kind: any that a hand or a hostile file could make, and sound ones that can be built."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from hypothesis import strategies as st

from playground.core.experiment import Experiment
from playground.core.facts import Facts, Shape
from playground.core.layer import Layer
from playground.core.network import Edge, Network, Node, NodeId
from playground.core.shapes import check
from playground.layers import layers
from playground.templates import templates

IDS = [f"n{number}" for number in range(9)]
TITLES = [None, "Hidden", "a very long title of a node that goes on and on and on", "“quoted” \\ title", "日本語"]


def layer(kind: str, **fields: Any) -> Layer:
    """A layer by its kind."""
    return layers.read({"kind": kind, **fields})


def chain(*drawn: Layer) -> Network:
    """Input, the layers one behind the other, output."""
    network = Network().add(layer("input"), id="input")
    for one in (*drawn, layer("output")):
        wish = "output" if one.end else f"layer{len(network.nodes)}"
        network = network.add(one, id=wish, after=network.nodes[-1].id)
    return network


def facts(shape: Shape = (2,), *, task: str = "binary", width: int = 1, **more: Any) -> Facts:
    """Facts of some data."""
    return Facts.model_validate({"task": task, "input_shape": shape, "output_width": width, **more})


def experiment(network: Network, kind: str = "circle") -> Experiment:
    """A template's experiment with another network."""
    return templates[kind]().experiment().with_network(network)


any_layers = st.sampled_from(
    [
        *(layer(kind) for kind in layers.kinds()),
        layer("dense", units=3, activation={"kind": "softmax"}),
        layer("dense", units=65_536),
        layer("conv2d", channels=6, kernel=5, padding="valid", groups=2, stride=2),
        layer("conv2d", channels=4096, kernel=31),
        layer("max_pool", size=7),
        layer("reshape", shape=[4]),
        layer("reshape", shape=[1, 2, 2]),
    ]
)
any_shapes = st.lists(st.sampled_from([1, 2, 3, 4, 9, 28, 784]), min_size=1, max_size=4).map(tuple)
any_facts = st.builds(
    facts,
    any_shapes,
    task=st.sampled_from(["binary", "classes", "regression"]),
    width=st.integers(1, 5),
    target_names=st.lists(st.sampled_from(["iris", "progression in a year or maybe two of them"]), max_size=2).map(
        tuple
    ),
)


@st.composite
def lines(draw: st.DrawFn) -> Network:
    """Layers that may not fit, one behind the other between input and output, with a few wires around them."""
    network = chain(*draw(st.lists(any_layers.filter(lambda one: one.end is None), min_size=1, max_size=6)))
    ids = [node.id for node in network.nodes]
    around = [(a, b) for a in range(len(ids)) for b in range(a + 2, len(ids)) if network[ids[b]].layer.ports[0].many]
    for a, b in draw(st.lists(st.sampled_from(around), max_size=3)) if around else []:
        network = network.connect(ids[a], ids[b])
    return network


def any_networks() -> st.SearchStrategy[Network]:
    """Any drawing that can be read."""
    return lines() | tangles()


@st.composite
def tangles(draw: st.DrawFn) -> Network:
    """Cycles, wires to themselves, wrong ports, stray nodes."""
    ids = draw(st.lists(st.sampled_from(IDS), unique=True, max_size=len(IDS)))
    nodes = [Node(id=NodeId(id), layer=draw(any_layers), title=draw(st.sampled_from(TITLES))) for id in ids]
    if ids and draw(st.booleans()):
        nodes[0] = nodes[0].with_(layer=layer("input"))
        nodes[-1] = nodes[-1].with_(layer=layer("output")) if len(nodes) > 1 else nodes[-1]
    ends = st.sampled_from(ids) if ids else st.nothing()
    port = st.sampled_from(["in", "in", "in", "in", "side"])
    out = st.sampled_from(["out", "out", "out", "out", "other"])
    edge = st.builds(Edge, source=ends, target=ends, target_port=port, source_port=out)
    along = [Edge(source=NodeId(a), target=NodeId(b)) for a, b in pairwise(ids) if draw(st.booleans())]
    more = draw(st.lists(edge, max_size=8)) if ids else []
    return Network(nodes=tuple(nodes), edges=(*along, *more))


@st.composite
def sound_networks(draw: st.DrawFn, shape: Shape) -> Network:
    """A drawing without errors on such data, with branches."""
    known = facts(shape)
    network = Network().add(layer("input"), id="input")
    small = [one for one in _small_layers() if one.end is None]
    for one in draw(st.lists(st.sampled_from(small), min_size=1, max_size=9)):
        places = [node.id for node in network.nodes]
        behind = (
            draw(st.lists(st.sampled_from(places), min_size=2, max_size=3))
            if one.ports[0].many
            else [draw(st.sampled_from(places[-3:]))]
        )
        grown = network.add(one, after=behind[0])
        for other in behind[1:]:
            grown = grown.connect(other, grown.nodes[-1].id)
        if check(grown.add(layer("output"), id="end", after=grown.nodes[-1].id), known).ok:
            network = grown
    return network.add(layer("output"), id="end", after=network.nodes[-1].id)


def _small_layers() -> list[Layer]:
    return [
        *(layers[kind]() for kind in layers.kinds() if kind != "reshape"),
        layer("dense", units=5, activation={"kind": "prelu", "per_channel": True}),
        layer("dense", units=4, bias=False),
        layer("conv2d", channels=4, kernel=2, stride=2, activation={"kind": "gelu"}),
        layer("conv2d", channels=2, kernel=3, padding="valid", dilation=2),
        layer("max_pool", size=2, padding="same"),
        layer("global_pool", how="max"),
    ]
