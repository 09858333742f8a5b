"""Every sentence about a wrong drawing, in one place: what we got, what we expected, what to try.

A layer raises one of these without knowing where it stands; `check` puts the node into the fixes. In the operations
of a fix `$node` is the node that complained and `$source` the node that feeds it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Literal, NamedTuple

Severity = Literal["error", "warning"]


class Fix(NamedTuple):
    """A button: its words, and operations as in `docs/protocol.md`, applied in order as one step of undo."""

    label: str
    ops: tuple[dict[str, Any], ...]


class Draft(NamedTuple):
    """A diagnostic that does not know its node yet."""

    code: str
    message: str
    fixes: tuple[Fix, ...] = ()
    severity: Severity = "error"


class Diagnostic(NamedTuple):
    """Something wrong at a node, at a wire, or with the whole drawing (both None)."""

    node: str | None
    code: str
    message: str
    fixes: tuple[Fix, ...] = ()
    severity: Severity = "error"
    edge: tuple[str, str] | None = None

    def dump(self) -> dict[str, Any]:
        """The JSON form of the protocol."""
        return {
            "node": self.node,
            "edge": list(self.edge) if self.edge else None,
            "code": self.code,
            "severity": self.severity,
            "message": self.message,
            "fixes": [{"label": fix.label, "ops": [dict(op) for op in fix.ops]} for fix in self.fixes],
        }


class Problem(ValueError):
    """Raised by a layer whose inputs do not fit."""

    def __init__(self, draft: Draft) -> None:
        super().__init__(draft.message)
        self.draft = draft


class DataMissing(ValueError):
    """A data set whose original files are not there. The message says which and where they are looked for."""


def at(draft: Draft, node: str | None, source: str | None = None) -> Diagnostic:
    """The draft, placed: `$node` and `$source` in its fixes become ids. Fixes that need a missing id are dropped."""
    names = {"$node": node, "$source": source}
    fixes = []
    for fix in draft.fixes:
        placed = tuple({key: _placed(value, names) for key, value in op.items()} for op in fix.ops)
        if not any(value is None and key != "value" for op in placed for key, value in op.items()):
            fixes.append(Fix(fix.label, placed))
    return Diagnostic(node, draft.code, draft.message, tuple(fixes), draft.severity)


def _placed(value: Any, names: dict[str, str | None]) -> Any:
    return names[value] if isinstance(value, str) and value in names else value


def shape_text(shape: Sequence[int]) -> str:
    """`64 × 7 × 7`; grey pictures lose their leading 1."""
    parts = list(shape[1:]) if len(shape) == 3 and shape[0] == 1 else list(shape)
    return " × ".join(f"{n:,}" for n in parts)


def insert_before(layer: dict[str, Any]) -> tuple[dict[str, Any], ...]:
    """Operations that put a layer on the wire into the node."""
    return ({"op": "insert", "source": "$source", "target": "$node", "layer": layer},)


# ---- shapes -----------------------------------------------------------------------------------------------------


def needs_flat(shape: Sequence[int]) -> Problem:
    length = 1
    for n in shape:
        length *= n
    thing = "picture" if len(shape) == 3 else "input"
    message = f"This {thing} is {shape_text(shape)}; the layer needs one row of {length:,}."
    return Problem(Draft("needs-flat", message, (Fix("Insert Flatten", insert_before({"kind": "flatten"})),)))


def needs_picture(shape: Sequence[int], layer: str) -> Problem:
    message = f"{layer} looks at pictures (channels × height × width); this input is {shape_text(shape)}."
    fixes: tuple[Fix, ...] = ()
    if len(shape) == 1:
        side = int(shape[0] ** 0.5)
        if side > 1 and side * side == shape[0]:
            label = f"Reshape to {side} × {side}"
            fixes = (Fix(label, insert_before({"kind": "reshape", "shape": [1, side, side]})),)
    return Problem(Draft("needs-picture", message, fixes))


def needs_row_or_picture(shape: Sequence[int], layer: str) -> Problem:
    message = f"{layer} takes one row, or a picture (channels × height × width); this input is {shape_text(shape)}."
    return Problem(Draft("needs-row-or-picture", message, (Fix("Insert Flatten", insert_before({"kind": "flatten"})),)))


def too_small(shape: Sequence[int], size: int, layer: str, values: dict[str, Any] | None = None) -> Problem:
    message = f"{layer} {size} × {size} does not fit on {shape_text(shape)}. Use a smaller size, or padding."
    fixes: tuple[Fix, ...] = ()
    if values is not None:
        fixes = (Fix("Make it fit", ({"op": "set", "node": "$node", "values": values},)),)
    return Problem(Draft("too-small", message, fixes))


def cannot_reshape(shape: Sequence[int], wanted: Sequence[int]) -> Problem:
    got, need = math.prod(shape), math.prod(wanted)
    side = math.isqrt(got)
    fitting = [1, side, side] if side * side == got and side > 1 else [got]
    message = (
        f"{shape_text(shape)} holds {got:,} numbers; {shape_text(wanted)} needs {need:,}. "
        f"Choose lengths that multiply to {got:,}."
    )
    fixes: tuple[Fix, ...] = ()
    if max(fitting) <= 65_536:
        ops = ({"op": "set", "node": "$node", "values": {"shape": fitting}},)
        fixes = (Fix(f"Use {shape_text(fitting)}", ops),)
    return Problem(Draft("reshape", message, fixes))


def cannot_add(shapes: Sequence[Sequence[int]]) -> Problem:
    """`check` adds the fix: it knows which layer decides the width of each branch."""
    different = list(dict.fromkeys(tuple(shape) for shape in shapes))
    names = " and ".join(shape_text(shape) for shape in different[:3])
    rest = {shape[1:] for shape in different}
    one = f"{different[0][0]:,}" if len(rest) == 1 else "the same shape"
    these = "These two" if len(shapes) == 2 else "These"
    make = "Make both" if len(shapes) == 2 else "Make all"
    return Problem(Draft("add-mismatch", f"{these} cannot be added: {names}. {make} {one}."))


def cannot_concatenate(shapes: Sequence[Sequence[int]]) -> Problem:
    different = list(dict.fromkeys(tuple(shape) for shape in shapes))
    names = " and ".join(shape_text(shape) for shape in different[:3])
    if len({len(shape) for shape in different}) > 1:
        expected = "Flatten the pictures first."
    else:
        expected = "Make all lengths but the first equal."
    return Problem(Draft("concatenate-mismatch", f"These cannot be joined: {names}. {expected}"))


def groups_do_not_divide(arriving: int, channels: int, groups: int) -> Problem:
    largest = math.gcd(arriving, channels, groups)
    message = f"{arriving} channels in and {channels} out cannot be cut into {groups} groups. Use {largest}."
    fix = Fix(
        f"Use {largest} group{'s' if largest > 1 else ''}",
        ({"op": "set", "node": "$node", "values": {"groups": largest}},),
    )
    return Problem(Draft("groups", message, (fix,)))


def not_divisible(what: str, number: int, by: int) -> Problem:
    return Problem(Draft("not-divisible", f"{what} is {number}; it must be a multiple of {by}."))


# ---- the drawing ------------------------------------------------------------------------------------------------


def no_source() -> Draft:
    fix = Fix("Add an input", ({"op": "add", "layer": {"kind": "input"}, "after": None},))
    return Draft("no-input", "The network has no input. Add one: it brings the data in.", (fix,))


def no_sink() -> Draft:
    return Draft("no-output", "The network has no output. Add one behind the last layer: it shows the answer.")


def many_sources() -> Draft:
    fix = Fix("Remove this one", ({"op": "remove", "node": "$node"},))
    return Draft("two-inputs", "There are two inputs; the data come in at one. Remove this one.", (fix,))


def many_sinks() -> Draft:
    fix = Fix("Remove this one", ({"op": "remove", "node": "$node"},))
    return Draft("two-outputs", "There are two outputs; the answer comes out at one. Remove this one.", (fix,))


def unconnected(title: str, ends: int) -> Draft:
    return Draft("unconnected", f"{title} has nothing coming in. Draw a wire to its left side.")


def wrong_number_of_wires(title: str, got: int, expected: int) -> Draft:
    return Draft(
        "too-many-wires", f"{title} takes {expected} wire, got {got}. Join them first with Add or Concatenate."
    )


def too_few_to_merge(title: str) -> Draft:
    return Draft("too-few-wires", f"{title} joins two or more wires, got 1. Draw another, or remove it.", (), "warning")


def no_such_port(title: str, port: str, ports: Sequence[str]) -> Draft:
    return Draft("no-such-port", f"{title} has no in-port {port!r}; it has {', '.join(ports) or 'none'}.")


def cycle(titles: Sequence[str]) -> Draft:
    return Draft("cycle", f"These lead in a circle: {' → '.join(titles[:5])}. Remove one wire.")


def dead_branch(title: str) -> Draft:
    fix = Fix(f"Remove {title}", ({"op": "remove", "node": "$node"},))
    return Draft("dead-branch", f"Nothing uses what {title} answers. Wire it on, or remove it.", (fix,), "warning")


def too_large(parameters: int, budget: int) -> Draft:
    message = f"{parameters:,} weights; this playground builds up to {budget:,}. Make the widest layer smaller."
    return Draft("too-large", message)


def too_much_memory(megabytes: float, budget: float) -> Draft:
    message = f"One step needs about {megabytes:,.0f} MB; {budget:,.0f} MB are allowed. Use a smaller batch or narrower layers."
    return Draft("too-much-memory", message)


def linear_after_linear() -> Draft:
    ops = ({"op": "set", "node": "$source", "values": {"activation": {"kind": "relu"}}},)
    message = "Two dense layers without an activation between them are one straight-line layer."
    return Draft("no-nonlinearity", message, (Fix("Bend it with ReLU", ops),), "warning")


def dropout_before_output() -> Draft:
    fix = Fix("Remove dropout", ({"op": "remove", "node": "$node"},))
    message = "Dropout after the last layer erases answers at random. Put it between hidden layers."
    return Draft("dropout-at-output", message, (fix,), "warning")


def batch_norm_of_one() -> Draft:
    fix = Fix("Use batch size 10", ({"op": "experiment", "path": "training.batch_size", "value": 10},))
    message = "Batch norm needs at least two cases a batch; the batch size is 1."
    return Draft("batch-norm-of-one", message, (fix,))


# ---- network against data ---------------------------------------------------------------------------------------


def kind_word(thing: str, count: int) -> str:
    return f"{count} {thing}{'s' if count != 1 and not thing.endswith('s') else ''}"


def wrong_width(got: int, expected: int, what: str, fix: Fix | None) -> Draft:
    return Draft("output-width", what, () if fix is None else (fix,))


def output_not_flat(shape: Sequence[int]) -> Draft:
    message = (
        f"The answer is {shape_text(shape)}; it must be one row of numbers. Add Flatten and Dense before the output."
    )
    return Draft("output-not-flat", message)


def activation_before_loss(activation: str, loss: str) -> Draft:
    message = f"{loss} already contains {activation}; here it is applied twice and learning slows down."
    return Draft("activation-before-loss", message, (), "warning")


def loss_for_other_task(loss: str, task: str, better: dict[str, Any], better_title: str) -> Draft:
    fix = Fix(f"Use {better_title}", ({"op": "experiment", "path": "objective.loss", "value": better},))
    words = {"binary": "a yes-or-no answer", "classes": "a choice of classes", "regression": "a number"}[task]
    return Draft("loss-for-other-task", f"{loss} does not fit data with {words}.", (fix,))
