"""One interrogation for every member of the catalogue: a new layer is tested by being registered."""

from __future__ import annotations

import ast
import json
import math
import re
from collections import OrderedDict
from importlib import import_module
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from playground.core.catalogue import explain
from playground.core.composite import Composite
from playground.core.diagnostics import Problem
from playground.core.facts import Shape
from playground.core.form import describe_field
from playground.core.layer import Layer
from playground.layers import layers
from tests.layers import drawn
from tests.layers.reference import REFERENCES, run

KINDS = layers.kinds()
BUILT = [kind for kind in KINDS if layers[kind].end != "source" and not issubclass(layers[kind], Composite)]
AFFORDABLE = 30_000
"""Operations of the largest drawn layer that the textbook loops go through."""

few = settings(max_examples=15, suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow])


def cases(shapes: tuple[Shape, ...], number: int = 2) -> list[torch.Tensor]:
    generator = torch.Generator().manual_seed(0)
    return [torch.randn(number, *shape, generator=generator) for shape in shapes]


def evaluate(layer: Layer, shapes: tuple[Shape, ...]) -> nn.Module:
    """The module that the exported source makes."""
    scope: dict[str, Any] = {"nn": nn, "torch": torch, "OrderedDict": OrderedDict}
    for definition in layer.needed_definitions():
        module, _, name = definition.partition(":")
        scope[name] = getattr(import_module(module), name)
    module = eval(layer.source(*shapes), scope)
    assert isinstance(module, nn.Module)
    return module


@pytest.mark.parametrize("kind", BUILT)
@few
@given(data=st.data())
def test_shape_and_parameters_are_those_of_the_built_module(kind: str, data: st.DataObject) -> None:
    layer, shapes = data.draw(drawn.layers_with_shapes(layers[kind]))
    module = layer.build(*shapes)
    answer = module(*cases(shapes))
    assert tuple(answer.shape[1:]) == layer.output_shape(*shapes)
    assert sum(weight.numel() for weight in module.parameters()) == layer.parameters(*shapes)
    assert layer.parameters(*shapes) == 0 or layer.trainable or getattr(layer, "activation", None)


@pytest.mark.parametrize("kind", BUILT)
@few
@given(data=st.data())
def test_answer_and_operations_are_those_of_the_textbook_loops(kind: str, data: st.DataObject) -> None:
    layer, shapes = data.draw(drawn.layers_with_shapes(layers[kind]))
    if kind not in REFERENCES:
        pytest.skip(f"{kind} is not written out in tests/layers/reference.py; the counter below bounds it")
    assume(layer.flops(*shapes) < AFFORDABLE)
    module = layer.build(*shapes).eval()
    with torch.no_grad():
        for name, weight in module.state_dict().items():
            if weight.is_floating_point():
                weight.uniform_(0.5, 1.5) if "var" in name else weight.uniform_(-1, 1)
    inputs = cases(shapes, 1)
    weights = {name: weight.numpy() for name, weight in module.state_dict().items()}
    answer, operations = run(layer, weights, [x[0].double().numpy() for x in inputs])
    with torch.no_grad():
        built = module(*inputs)[0].double().numpy()
    np.testing.assert_allclose(built, answer, rtol=2e-4, atol=2e-4)
    assert operations == layer.flops(*shapes)


@pytest.mark.parametrize("kind", BUILT)
@few
@given(data=st.data())
def test_operations_agree_with_the_counter_of_torch(kind: str, data: st.DataObject) -> None:
    """torch counts matrix products and convolutions only, 2n for a sum of n products with or without bias."""
    if "attention" in kind:
        pytest.skip("several products one after the other: the loops above are exact, this bound is for one")
    layer, shapes = data.draw(drawn.layers_with_shapes(layers[kind]))
    counter = FlopCounterMode(display=False)
    with counter, torch.no_grad():
        layer.build(*shapes).eval()(*cases(shapes, 1))
    answered, arrived = math.prod(layer.output_shape(*shapes)), sum(math.prod(shape) for shape in shapes)
    assert layer.flops(*shapes) >= counter.get_total_flops() - answered
    if counter.get_total_flops():
        assert layer.flops(*shapes) <= counter.get_total_flops() + 12 * (answered + arrived)


@pytest.mark.parametrize("kind", BUILT)
@few
@given(data=st.data())
def test_gradients_are_finite_and_nothing_is_changed_in_place(kind: str, data: st.DataObject) -> None:
    layer, shapes = data.draw(drawn.layers_with_shapes(layers[kind]))
    module = layer.build(*shapes).train()
    inputs = [x.requires_grad_() for x in cases(shapes, 3)]
    before = [x.detach().clone() for x in inputs]
    module(*inputs).square().sum().backward()
    assert all(torch.equal(x, was) for x, was in zip(inputs, before, strict=True))
    assert not any(getattr(part, "inplace", False) for part in module.modules())
    for tensor in (*inputs, *module.parameters()):
        assert tensor.grad is not None
        assert torch.isfinite(tensor.grad).all()


@pytest.mark.parametrize("kind", BUILT)
@few
@given(data=st.data())
def test_exported_source_makes_the_same_module(kind: str, data: st.DataObject) -> None:
    layer, shapes = data.draw(drawn.layers_with_shapes(layers[kind]))
    built, exported = layer.build(*shapes).eval(), evaluate(layer, shapes).eval()
    exported.load_state_dict(built.state_dict())
    with torch.no_grad():
        assert torch.equal(built(*cases(shapes)), exported(*cases(shapes)))
    assert [type(part) for part in built.modules()] == [type(part) for part in exported.modules()]
    assert isinstance(ast.parse(layer.source(*shapes), mode="eval").body, ast.Call)


@pytest.mark.parametrize("kind", KINDS)
@few
@given(data=st.data())
def test_json_gives_the_same_layer_back(kind: str, data: st.DataObject) -> None:
    layer = data.draw(drawn.settings_of(layers[kind]))
    back = layers.read(json.loads(json.dumps(layer.dump(), allow_nan=False)))
    assert back == layer
    assert back.fingerprint() == layer.fingerprint()


FIELDS = [(kind, name) for kind in KINDS for name in layers[kind].model_fields]
SETTINGS = [
    (kind, name)
    for kind, name in FIELDS
    if (layers[kind].model_fields[name].json_schema_extra or {}).get("numbers") is not False  # type: ignore[union-attr]
]


@pytest.mark.parametrize(("kind", "name"), SETTINGS)
@few
@given(data=st.data())
def test_changing_a_field_changes_json_and_fingerprint(kind: str, name: str, data: st.DataObject) -> None:
    layer = data.draw(drawn.settings_of(layers[kind]))
    other = data.draw(drawn.settings_of(layers[kind]))
    value = getattr(other, name)
    assume(value != getattr(layer, name))
    try:
        changed = layer.with_(**{name: value})
    except ValidationError:
        assume(False)
    assert changed.dump() != layer.dump()
    assert changed.fingerprint() != layer.fingerprint()


@pytest.mark.parametrize(("kind", "name"), FIELDS)
def test_a_value_outside_the_limits_is_refused_with_a_sentence(kind: str, name: str) -> None:
    part = layers[kind]
    outside = [*drawn.limits(part.model_fields[name]), "nonsense", math.nan, {"kind": "no-such-part"}]
    for value in outside:
        with pytest.raises(ValidationError) as refused:
            part.model_validate({name: value})
        sentence = explain(refused.value, part.title)
        assert sentence.startswith(part.title)
        assert name in sentence
        assert sentence.endswith((".", "?"))
        assert re.search(r"[Ee]xpected|Did you mean|There is no|has no setting", sentence), sentence


@pytest.mark.parametrize(("kind", "name"), FIELDS)
def test_every_field_says_what_it_is_and_where_it_ends(kind: str, name: str) -> None:
    field = describe_field(name, layers[kind].model_fields[name])
    assert field["help"].endswith(".")
    assert field["type"] != "text"
    if field["type"] in ("integer", "number"):
        assert "minimum" in field
        assert "maximum" in field


def answer_or_message(layer: Layer, shapes: list[Shape]) -> tuple[Shape | None, str]:
    try:
        return layer.output_shape(*shapes), ""
    except Problem as problem:
        return None, problem.draft.message


@pytest.mark.parametrize("kind", KINDS)
@few
@given(data=st.data())
def test_shapes_that_do_not_fit_are_a_sentence_and_never_a_crash(kind: str, data: st.DataObject) -> None:
    layer = data.draw(drawn.settings_of(layers[kind]))
    any_shape = st.lists(st.integers(1, 40), min_size=1, max_size=5).map(tuple)
    ports = max(1, len(layer.in_ports))
    many = any(port.many for port in layer.in_ports)
    shapes = data.draw(st.lists(any_shape, min_size=ports, max_size=3 if many else ports))
    answer, message = answer_or_message(layer, shapes)
    if answer is None:
        assert 4 <= len(message.split()) <= 30
        assert message.endswith(".")
        return
    assert all(type(n) is int and n >= 1 for n in answer)
    assert layer.parameters(*shapes) >= 0
    assert layer.flops(*shapes) >= 0


OVERCLAIMS = ("solves", "invariant", "guarantee", "always better", "never overfit", "like the brain", "prevents")


@pytest.mark.parametrize("kind", KINDS)
def test_the_help_card_explains_and_does_not_overclaim(kind: str) -> None:
    part = layers[kind]
    text = part.help()
    assert 8 <= len(text.split()) <= 90
    assert text.endswith(".")
    assert not [word for word in OVERCLAIMS if word in text.lower()]
    assert part.title[0].isupper()
    named = set(re.findall(r"\{(\w+)\}", part.summary))
    assert named <= set(part.model_fields)
    json.dumps(part.card())
