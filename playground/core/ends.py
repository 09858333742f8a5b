"""Whether a network's answer fits the data and the loss, told at the node that can be changed."""

from __future__ import annotations

from playground.core import diagnostics as say
from playground.core.diagnostics import Diagnostic, Fix
from playground.core.drawing import the_sink, wires
from playground.core.facts import Facts
from playground.core.layer import Layer
from playground.core.network import Network, Node
from playground.core.shapes import Checked, check, width_owner


def output_diagnostics(network: Network, checked: Checked, facts: Facts) -> list[Diagnostic]:
    """Says when the answer has not as many numbers as the data ask for, at the output. Empty while that is not known."""
    sink = the_sink(network)
    if sink is None or sink.id not in checked.shapes:
        return []
    before = wires(network, sink)[0].source
    shape = checked.shapes[sink.id]
    if len(shape) != 1:
        return [say.at(say.output_not_flat(shape), sink.id, before)]
    got, expected = shape[0], facts.output_width
    if got == expected:
        return []
    fix = _use_outputs(network, checked, facts, expected)
    noun = facts.noun or (facts.target_names[0] if len(facts.target_names) == 1 else "")
    if facts.task == "regression":
        draft = say.wrong_number_of_targets(got, expected, facts.target_names, fix)
    elif facts.task == "binary" and expected == 1:
        draft = say.one_for_two_kinds(got, noun, fix)
    else:
        draft = say.too_few_kinds(got, len(facts.classes) or expected, noun, fix)
    return [say.at(draft, sink.id, before)]


def _use_outputs(network: Network, checked: Checked, facts: Facts, width: int) -> Fix | None:
    """A button that gives the answer this width: at the layer that decides it, or with a new dense layer."""
    sink = the_sink(network)
    assert sink is not None
    before = wires(network, sink)[0].source
    label = f"Use {say.plural(width, 'output')}"
    owner = width_owner(network, checked.shapes, before)
    if owner is not None and _fits(network, checked, facts, owner, width):
        return say.set_fields(label, {owner[1]: width}, node=owner[0])
    layer = {"kind": "dense", "units": width}
    return Fix(label, ({"op": "insert", "source": before, "target": sink.id, "layer": layer},))


def _fits(network: Network, checked: Checked, facts: Facts, owner: tuple[str, str], width: int) -> bool:
    """Whether that width at that node gives that answer, and spoils nothing on the way."""
    id, field = owner
    try:
        changed = network.set_layer(id, network[id].layer.with_(**{field: width}))
    except ValueError:
        return False
    after = check(changed, facts)
    return after.output == (width,) and after.ok >= checked.ok


def last_activation(network: Network, checked: Checked) -> tuple[Node, Layer] | None:
    """The activation that the answer went through last, and the node it is in; None when the answer is a plain sum.

    It is the node itself, or the setting of a layer, looked for backwards through layers that only move or scale.
    """
    here = the_sink(network)
    while here is not None:
        edges = wires(network, here)
        if len(edges) != 1 or here.id not in checked.shapes:
            return None
        here = network[edges[0].source]
        inner = getattr(here.layer, "activation", None)
        if isinstance(inner, Layer):
            return here, inner
        if here.layer.silhouette == "activation":
            return here, here.layer
        if not here.layer.passes:
            return None
    return None


def activation_diagnostics(
    network: Network, checked: Checked, loss: str, *, contains: str, spares: tuple[str, ...] = ()
) -> list[Diagnostic]:
    """For a loss that takes any number: says when an activation right before it does its work twice, or cuts numbers off.

    `loss` is its title, `contains` the kind of activation inside it ("" for none), `spares` kinds that do no harm.
    """
    found = last_activation(network, checked)
    if found is None or found[1].kind in spares:
        return []
    node, activation = found
    said = say.activation_before_loss if activation.kind == contains else say.activation_limits_answer
    title = activation.title if activation.title[1:] != activation.title[1:].lower() else activation.title.lower()
    return [say.at(said(title, loss, _without(node, activation)), node.id)]


def _without(node: Node, activation: Layer) -> Fix:
    if activation is node.layer:
        return say.remove(f"Remove {activation.title}")
    return say.set_fields(f"Remove {activation.title}", {"activation": None})
