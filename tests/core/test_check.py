"""Whatever is drawn, `check` answers; and what it answers is true of the network that is built."""

from __future__ import annotations

import json
import sys
import tracemalloc

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from torch import fx

from playground.core import costs
from playground.core.diagnostics import Diagnostic
from playground.core.facts import Facts, Shape
from playground.core.fixes import apply, apply_to_network
from playground.core.network import Network
from playground.core.shapes import Checked, check, check_experiment
from playground.training.build import CannotBuild, build
from tests.core.drawings import any_facts, any_networks, chain, experiment, facts, layer, sound_networks

many = settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
some = settings(max_examples=30, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])

TRY = (
    "add",
    "remove",
    "use",
    "draw",
    "make",
    "choose",
    "insert",
    "wire",
    "join",
    "put",
    "reshape",
    "flatten",
    "bend",
    "enough",
)
"""A message says what to try: it holds one of these words."""


def codes(checked: Checked) -> list[str]:
    return [note.code for note in checked.diagnostics]


def same_trouble(one: Diagnostic, other: Diagnostic) -> bool:
    return (one.node, one.edge, one.code) == (other.node, other.edge, other.code)


@many
@given(any_networks(), st.none() | any_facts)
def test_check_never_raises_on_any_drawing(network: Network, known: Facts | None) -> None:
    checked = check(network, known)
    assert json.loads(json.dumps(checked.dump(), allow_nan=False)) == checked.dump()
    assert set(checked.shapes) <= set(checked.order) <= {node.id for node in network.nodes}
    assert all(type(n) is int and n >= 1 for shape in checked.shapes.values() for n in shape)
    if known is None:
        assert not checked.shapes


@many
@given(any_networks(), any_facts)
def test_every_message_is_short_and_says_what_to_try(network: Network, known: Facts) -> None:
    for note in all_notes(network, known):
        assert 5 <= len(note.message.split()) <= 30, note.message
        assert note.message.endswith("."), note.message
        assert any(word in note.message.lower() for word in TRY), note.message
        assert all(1 <= len(fix.label.split()) <= 6 for fix in note.fixes), note.fixes


def all_notes(network: Network, known: Facts) -> list[Diagnostic]:
    """What the network says alone, and what data and objective add."""
    return list(check_experiment(experiment(network), known)["model"].diagnostics)


@many
@given(any_networks(), any_facts, st.sampled_from([1, 10]))
def test_every_fix_removes_what_it_stands_under(network: Network, known: Facts, batch_size: int) -> None:
    start = experiment(network)
    start = start.with_(training=start.training.with_(batch_size=batch_size))
    for note in check_experiment(start, known)["model"].diagnostics:
        for fix in note.fixes:
            after = check_experiment(apply(start, fix.ops), known)["model"].diagnostics
            assert not any(same_trouble(note, other) for other in after), (note, fix)


@many
@given(any_networks(), any_facts)
def test_a_drawing_with_errors_is_not_built_and_one_without_is(network: Network, known: Facts) -> None:
    checked = check(network, known)
    if not checked.ok:
        with pytest.raises(CannotBuild):
            build(checked)
    elif checked.total.parameters < 1_000_000 and sum(map(len, checked.shapes.values())) < 50:
        build(checked)


class Recorder(fx.Interpreter):
    """Runs a graph and keeps the shape of every answer."""

    def __init__(self, module: fx.GraphModule) -> None:
        super().__init__(module)
        self.shapes: dict[str, Shape] = {}

    def run_node(self, n: fx.Node) -> object:
        answer = super().run_node(n)
        if isinstance(answer, torch.Tensor):
            self.shapes[n.name] = tuple(answer.shape[1:])
        return answer


@pytest.mark.parametrize("shape", [(3,), (2, 9, 8)])
@some
@given(data=st.data())
def test_shapes_and_counts_are_those_of_the_built_network(shape: Shape, data: st.DataObject) -> None:
    checked = check(data.draw(sound_networks(shape)), facts(shape))
    built = build(checked)
    built.module.eval()
    recorder = Recorder(built.module)
    recorder.run(torch.randn(2, *shape))
    leaves = {leaf.path: leaf for leaf in checked.leaves()}
    known = {**checked.shapes, **{path: leaf.shape for path, leaf in leaves.items()}}
    for path, name in built.answers.items():
        if path in known and name in recorder.shapes:
            assert recorder.shapes[name] == known[path]
    for path, name in built.names.items():
        module = built.module.get_submodule(name)
        cost = leaves[path].drawing.costs[leaves[path].node.id]
        assert sum(weight.numel() for weight in module.parameters()) == cost.parameters
    assert sum(weight.numel() for weight in built.module.parameters()) == checked.total.parameters


def test_a_network_over_the_budget_is_told_before_anything_is_allocated() -> None:
    wide = layer("dense", units=65_536, activation={"kind": "relu"})
    network = chain(wide, wide, layer("dense", units=1))
    tracemalloc.start()
    checked = check(network, facts())
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 2**20
    assert codes(checked) == ["too-large"]
    assert checked.total.parameters > 4_000_000_000
    with pytest.raises(CannotBuild, match="weights; this playground builds up to"):
        build(checked)
    (note,) = checked.diagnostics
    assert check(apply_to_network(network, note.fixes[0].ops), facts()).ok


def test_a_step_over_the_memory_budget_is_told_and_a_smaller_batch_is_offered() -> None:
    pictures = facts((3, 256, 256), task="classes", width=10, classes=tuple("abcdefghij"))
    deep = [layer("conv2d", channels=64, activation={"kind": "relu"}) for _ in range(6)]
    network = chain(*deep, layer("global_pool"), layer("dense", units=10))
    start = experiment(network, "fashion-mnist-cnn")
    start = start.with_(training=start.training.with_(batch_size=4096))
    note = next(n for n in check_experiment(start, pictures)["model"].diagnostics if n.code == "too-much-memory")
    after = check_experiment(apply(start, note.fixes[0].ops), pictures)["model"]
    assert "too-much-memory" not in codes(after)


def test_answers_that_double_at_every_node_stop_at_the_budget() -> None:
    network = Network().add(layer("input"), id="n0")
    for number in range(1, 400):
        network = network.add(layer("concatenate"), id=f"n{number}", after=f"n{number - 1}")
        network = network.with_(edges=(*network.edges, network.edges[-1], network.edges[-1]))
    checked = check(network, facts())
    assert codes(checked).count("answer-too-large") == 1
    assert max(shape[0] for shape in checked.shapes.values()) <= costs.ANSWER_BUDGET
    json.dumps(checked.dump())


def test_the_work_of_checking_grows_with_the_drawing_and_no_faster() -> None:
    small, large = (chain(*[layer("conv2d", activation={"kind": "relu"}) for _ in range(n)]) for n in (50, 400))
    assert calls(large) < 1.2 * len(large.nodes) / len(small.nodes) * calls(small)


def calls(network: Network) -> int:
    """How many functions run while a network is checked: a measure of work that no other program disturbs."""
    count = 0

    def counted(frame: object, event: str, argument: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    sys.setprofile(counted)
    try:
        check(network, facts((1, 28, 28)))
    finally:
        sys.setprofile(None)
    return count


def test_an_edit_asks_only_the_layers_that_depend_on_it() -> None:
    bends = [{"kind": kind} for kind in ("tanh", "relu", "sigmoid")]
    sizes = [(2 + number % 400, bends[number // 400]) for number in range(998)]
    drawn = chain(*(layer("dense", units=units, activation=bend) for units, bend in sizes))
    check(drawn, facts((2,)))
    costs.evaluated.cache_clear()
    check(drawn, facts((2,)))
    assert costs.evaluated.cache_info().misses == 999
    changed = drawn.set_layer("layer500", layer("dense", units=3_000))
    before = costs.evaluated.cache_info().misses
    assert check(changed, facts((2,))).shapes["layer500"] == (3_000,)
    assert costs.evaluated.cache_info().misses - before == 2  # itself, and the one that is fed by it


@pytest.mark.parametrize("wired", [True, False])
def test_the_largest_drawing_is_checked_with_a_few_hundred_calls_a_node(wired: bool) -> None:
    one = layer("dense", units=3, activation={"kind": "relu"})
    network = Network().add(layer("input"), id="n0")
    edges = [(f"n{n}", f"n{n + 1}") for n in range(1_998)] if wired else []
    nodes = [{"id": f"n{n}", "layer": one.dump()} for n in range(1, 1_999)]
    document = {
        "nodes": [network.nodes[0].model_dump(mode="json"), *nodes, {"id": "end", "layer": {"kind": "output"}}],
        "edges": [{"source": a, "target": b} for a, b in edges],
    }
    network = Network.model_validate(document)
    assert calls(network) < 400 * len(network.nodes)
