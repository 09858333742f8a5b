"""Every sentence about a wrong drawing, in one place: what we got, what we expected, what to try.

A layer raises one of these without knowing where it stands; `check` puts the node into the fixes. In the operations
of a fix `$node` is the node that complained and `$source` the node that feeds it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
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


def at(draft: Draft, node: str | None, source: str | None = None, *, edge: tuple[str, str] | None = None) -> Diagnostic:
    """The draft, placed: `$node` and `$source` in its fixes become ids. Fixes that need a missing id are dropped."""
    names = {"$node": node, "$source": source}
    fixes = []
    for fix in draft.fixes:
        if all(names[value] is not None for op in fix.ops for value in op.values() if _is_name(value)):
            ops = tuple({key: names[v] if _is_name(v) else v for key, v in op.items()} for op in fix.ops)
            fixes.append(Fix(fix.label, ops))
    return Diagnostic(node, draft.code, draft.message, tuple(fixes), draft.severity, edge)


def _is_name(value: Any) -> bool:
    return isinstance(value, str) and value in ("$node", "$source")


def set_fields(label: str, values: Mapping[str, Any], *, node: str = "$node") -> Fix:
    """A button that sets fields of a layer."""
    return Fix(label, ({"op": "set", "node": node, "values": dict(values)},))


def set_experiment(label: str, path: str, value: Any) -> Fix:
    """A button that sets something outside the drawing, `training.batch_size`."""
    return Fix(label, ({"op": "experiment", "path": path, "value": value},))


def remove(label: str, node: str = "$node") -> Fix:
    """A button that takes a node out and heals the wire."""
    return Fix(label, ({"op": "remove", "node": node},))


def plural(number: int, thing: str) -> str:
    """`1 number`, `3 numbers`."""
    return f"{number:,} {thing}{'' if number == 1 else 's'}"


def shape_text(shape: Sequence[int]) -> str:
    """`64 × 7 × 7`; grey pictures lose their leading 1."""
    parts = list(shape[1:]) if len(shape) == 3 and shape[0] == 1 else list(shape)
    return " × ".join(f"{n:,}" for n in parts)


def insert_before(layer: dict[str, Any]) -> tuple[dict[str, Any], ...]:
    """Operations that put a layer on the wire into the node."""
    return ({"op": "insert", "source": "$source", "target": "$node", "layer": layer},)


# ---- shapes -----------------------------------------------------------------------------------------------------


def needs_flat(shape: Sequence[int]) -> Problem:
    thing = "picture" if len(shape) == 3 else "input"
    message = f"This {thing} is {shape_text(shape)}; the layer needs one row of {math.prod(shape):,}. Insert Flatten."
    return Problem(Draft("needs-flat", message, (Fix("Insert Flatten", insert_before({"kind": "flatten"})),)))


def needs_sequence(shape: Sequence[int], layer: str) -> Problem:
    message = f"{layer} looks at sequences (positions × features); this input is {shape_text(shape)}."
    if len(shape) == 3:
        return Problem(Draft("needs-sequence", f"{message} Give it one row of features for each position."))
    cut = [math.prod(shape), 1]
    fix = Fix(f"Reshape to {shape_text(cut)}", insert_before({"kind": "reshape", "shape": cut}))
    return Problem(Draft("needs-sequence", f"{message} Reshape it, one number a position.", (fix,)))


def cannot_multiply(shapes: Sequence[Sequence[int]]) -> Problem:
    texts = " and ".join(shape_text(shape) for shape in list(shapes)[:2])
    message = f"These cannot be multiplied: {texts}. Give them one shape, or one number a channel."
    return Problem(Draft("multiply-mismatch", message))


def needs_picture(shape: Sequence[int], layer: str) -> Problem:
    message = f"{layer} looks at pictures (channels × height × width); this input is {shape_text(shape)}."
    fixes: tuple[Fix, ...] = ()
    picture = _as_picture(shape)
    if len(shape) == 1 and picture[1:] != [1, 1]:
        label = f"Reshape to {shape_text(picture)}"
        fixes = (Fix(label, insert_before({"kind": "reshape", "shape": picture})),)
        message += " Reshape it first."
    else:
        message += " Use Dense."
        dense = {"kind": "dense", "units": 8, "activation": {"kind": "relu"}}
        if len(shape) < 3:
            fixes = (Fix("Use Dense", (*insert_before(dense), {"op": "remove", "node": "$node"})),)
    return Problem(Draft("needs-picture", message, fixes))


def needs_row_or_picture(shape: Sequence[int], layer: str) -> Problem:
    message = f"{layer} takes one row, or a picture; this input is {shape_text(shape)}. Insert Flatten."
    return Problem(Draft("needs-row-or-picture", message, (Fix("Insert Flatten", insert_before({"kind": "flatten"})),)))


def too_small(shape: Sequence[int], size: int, layer: str, values: dict[str, Any] | None = None) -> Problem:
    message = f"{layer} {size} × {size} does not fit on {shape_text(shape)}. Use a smaller size, or padding."
    return Problem(Draft("too-small", message, () if values is None else (set_fields("Make it fit", values),)))


def must_be_even(shape: Sequence[int], layer: str) -> Problem:
    message = f"{layer} halves height and width and doubles them again; {shape_text(shape)} has an odd one. "
    return Problem(Draft("must-be-even", message + "Use fewer levels, or crop the picture."))


def cannot_reshape(shape: Sequence[int], wanted: Sequence[int]) -> Problem:
    got, need = math.prod(shape), math.prod(wanted)
    message = (
        f"{shape_text(shape)} holds {plural(got, 'number')}; {shape_text(wanted)} needs {need:,}. "
        f"Choose lengths that multiply to {got:,}."
    )
    picture = _as_picture(shape)
    fitting = picture if len(wanted) == 3 and picture[1:] != [1, 1] else [got]
    fixes = (set_fields(f"Use {shape_text(fitting)}", {"shape": fitting}),) if max(fitting) <= 65_536 else ()
    return Problem(Draft("reshape", message, fixes))


def _as_picture(shape: Sequence[int]) -> list[int]:
    """Channels, height and width for that many numbers: grey if it can be, else three channels, else 1 × 1."""
    numbers = math.prod(shape)
    for channels in (1, 3):
        side = math.isqrt(numbers // channels)
        if channels * side * side == numbers:
            return [channels, side, side]
    return [numbers, 1, 1]


def cannot_add(shapes: Sequence[Sequence[int]], width: int | None = None, fix: Fix | None = None) -> Problem:
    """`check` finds width and fix: it knows which layer decides the width of each branch."""
    different = list(dict.fromkeys(tuple(shape) for shape in shapes))
    names = _listed(different)
    these, make = ("These two", "Make both") if len(shapes) == 2 else ("These", "Make all")
    goal = f"{width or different[0][0]:,}" if len({shape[1:] for shape in different}) == 1 else "the same shape"
    message = f"{these} cannot be added: {names}. {make} {goal}."
    return Problem(Draft("add-mismatch", message, () if fix is None else (fix,)))


def cannot_concatenate(shapes: Sequence[Sequence[int]]) -> Problem:
    different = list(dict.fromkeys(tuple(shape) for shape in shapes))
    flat = len({len(shape) for shape in different}) > 1
    goal = "Flatten the pictures first." if flat else "Make all lengths but the first equal."
    return Problem(Draft("concatenate-mismatch", f"These cannot be joined: {_listed(different)}. {goal}"))


def _listed(shapes: Sequence[Sequence[int]]) -> str:
    """Up to three shapes, in full."""
    names = ["×".join(str(n) for n in shape) for shape in shapes[:3]]
    return ", ".join(names[:-1]) + f" and {names[-1]}" + (" …" if len(shapes) > 3 else "")


def groups_do_not_divide(arriving: int, channels: int, groups: int) -> Problem:
    fitting = math.gcd(arriving, channels, groups)
    message = (
        f"{plural(arriving, 'channel')} in and {channels:,} out cannot be cut into {groups} groups. Use {fitting}."
    )
    return Problem(Draft("groups", message, (set_fields(f"Use {plural(fitting, 'group')}", {"groups": fitting}),)))


def not_divisible(what: str, number: int, by: int) -> Problem:
    nearest = max(by, round(number / by) * by)
    return Problem(Draft("not-divisible", f"{what} is {number}; it must be a multiple of {by}. Try {nearest}."))


def answer_too_large(numbers: int, limit: int) -> Problem:
    size = f"{numbers:,}" if numbers < 10**15 else f"about 10^{len(str(numbers)) - 1}"
    message = f"One case would be {size} numbers here; up to {limit:,} are allowed. Make a layer before it smaller."
    return Problem(Draft("answer-too-large", message))


# ---- the drawing ------------------------------------------------------------------------------------------------


def no_source() -> Draft:
    fix = Fix("Add an input", ({"op": "add", "layer": {"kind": "input"}, "after": None},))
    return Draft("no-input", "The network has no input. Add one: it brings the data in.", (fix,))


def no_sink(after: str | None) -> Draft:
    fix = Fix("Add an output", ({"op": "add", "layer": {"kind": "output"}, "after": after},))
    message = "The network has no output. Add one behind the last layer: it shows the answer."
    return Draft("no-output", message, (fix,))


def many_sources() -> Draft:
    message = "There are two inputs; the data come in at one. Remove this one."
    return Draft("two-inputs", message, (remove("Remove this one"),))


def many_sinks() -> Draft:
    message = "There are two outputs; the answer comes out at one. Remove this one."
    return Draft("two-outputs", message, (remove("Remove this one"),))


def unconnected(title: str, port: str, feeder: tuple[str, str] | None, removable: bool) -> Draft:
    """`feeder` is id and title of the one node whose answer nothing uses yet."""
    fixes: tuple[Fix, ...] = ()
    if feeder is not None:
        ops = ({"op": "connect", "source": feeder[0], "target": "$node", "target_port": port},)
        fixes += (Fix(f"Connect {feeder[1]}", ops),)
    if removable:
        fixes += (remove(f"Remove {title}"),)
    return Draft("unconnected", f"{title} has nothing coming in. Draw a wire to its left side.", fixes)


def too_many_wires(title: str, got: int, keep: Fix | None) -> Draft:
    message = f"{title} takes 1 wire, got {got}. Join them first with Add or Concatenate."
    return Draft("too-many-wires", message, () if keep is None else (keep,))


def too_few_to_merge(title: str) -> Draft:
    message = f"{title} joins two or more wires, got 1. Draw another, or remove it."
    return Draft("too-few-wires", message, (remove(f"Remove {title}"),), "warning")


def no_such_port(title: str, port: str, ports: Sequence[str], fix: Fix) -> Draft:
    message = f"{title} has no in-port {port!r}; it has {', '.join(ports) or 'none'}. Remove that wire."
    return Draft("no-such-port", message, (fix,))


def no_such_out_port(title: str, port: str, fix: Fix) -> Draft:
    return Draft("no-such-port", f"{title} has no out-port {port!r}; it has 'out'. Use that one.", (fix,))


def into_source(title: str, fix: Fix) -> Draft:
    return Draft("into-input", f"{title} brings the data in and takes no wire. Remove this wire.", (fix,))


def out_of_sink(title: str, fix: Fix) -> Draft:
    return Draft("out-of-output", f"{title} shows the answer and leads nowhere. Remove this wire.", (fix,))


def cycle(titles: Sequence[str], fix: Fix) -> Draft:
    shown = [*titles[:3], "…", titles[-1]] if len(titles) > 4 else titles
    return Draft("cycle", f"These lead in a circle: {' → '.join(shown)}. Remove one wire.", (fix,))


def dead_branch(title: str) -> Draft:
    message = f"Nothing uses what {title} answers. Wire it on, or remove it."
    return Draft("dead-branch", message, (remove(f"Remove {title}"),), "warning")


def muted_in_vain(title: str) -> Draft:
    message = f"{title} cannot be passed over: only a layer with one wire in can. It works as before. Switch it on."
    fix = Fix("Switch it on", ({"op": "mute", "node": "$node", "muted": False},))
    return Draft("muted-in-vain", message, (fix,), "warning")


def too_large(parameters: int, budget: int, fix: Fix | None = None) -> Draft:
    message = f"{parameters:,} weights; this playground builds up to {budget:,}. Make the widest layer smaller."
    return Draft("too-large", message, () if fix is None else (fix,))


def too_much_memory(megabytes: int, budget: int, fix: Fix | None = None) -> Draft:
    message = (
        f"One step needs about {megabytes:,} MB; {budget:,} MB are allowed. Use a smaller batch or narrower layers."
    )
    return Draft("too-much-memory", message, () if fix is None else (fix,))


def linear_after_linear(first: str, second: str, fix: Fix) -> Draft:
    message = (
        f"{first} and {second} have no activation between them: together they are one straight-line layer. Add one."
    )
    return Draft("no-nonlinearity", message, (fix,), "warning")


def blocks_too_deep(depth: int, limit: int) -> Draft:
    return Draft("blocks-too-deep", f"Blocks lie {depth} deep in blocks; at most {limit} levels work. Ungroup some.")


def blocks_too_many(nodes: int, limit: int) -> Draft:
    message = f"With every repetition this network has {nodes:,} nodes; at most {limit:,} work. Repeat less often."
    return Draft("blocks-too-many", message)


def dropout_before_output() -> Draft:
    message = "Dropout after the last layer erases answers at random. Put it between hidden layers."
    return Draft("dropout-at-output", message, (remove("Remove dropout"),), "warning")


def batch_norm_of_one() -> Draft:
    message = "Batch norm needs at least two cases a batch; the batch size is 1. Use 10."
    return Draft("batch-norm-of-one", message, (set_experiment("Use batch size 10", "training.batch_size", 10),))


# ---- network against data ---------------------------------------------------------------------------------------


def too_few_kinds(got: int, kinds: int, noun: str, fix: Fix | None) -> Draft:
    message = f"{_kinds(kinds, noun)} This output has {plural(got, 'number')}, "
    message += f"enough for {max(got, 2)} kinds." if got < kinds else f"{got - kinds:,} more than there are kinds."
    return Draft("output-width", message, () if fix is None else (fix,))


def one_for_two_kinds(got: int, noun: str, fix: Fix | None) -> Draft:
    message = f"{_kinds(2, noun)} This output has {plural(got, 'number')}; 1 is enough to tell 2 kinds apart."
    return Draft("output-width", message, () if fix is None else (fix,))


def wrong_number_of_targets(got: int, expected: int, names: Sequence[str], fix: Fix | None) -> Draft:
    which = f" ({_short(names[0])})" if len(names) == 1 else ""
    message = f"The data ask for {plural(expected, 'number')}{which}. This output has {got:,}."
    return Draft("output-width", message, () if fix is None else (fix,))


def _kinds(kinds: int, noun: str) -> str:
    return f"The data have {kinds} kinds of {_short(noun)}." if noun else f"The data have {kinds} kinds."


def _short(text: str) -> str:
    """Names from data may be long; sentences stay short."""
    return " ".join(text.split()[:4])[:40]


def output_not_flat(shape: Sequence[int]) -> Draft:
    message = (
        f"The answer is {shape_text(shape)}; it must be one row of numbers. Add Flatten and Dense before the output."
    )
    return Draft("output-not-flat", message, (Fix("Insert Flatten", insert_before({"kind": "flatten"})),))


def activation_before_loss(activation: str, loss: str, fix: Fix | None = None) -> Draft:
    message = f"{loss} already contains {activation}; here it is applied twice and learning slows down. Remove it here."
    return Draft("activation-before-loss", message, () if fix is None else (fix,), "warning")


def activation_limits_answer(activation: str, loss: str, fix: Fix | None = None) -> Draft:
    message = f"{loss} takes any number; {activation} at the end lets only some through. Remove it here."
    return Draft("activation-at-output", message, () if fix is None else (fix,), "warning")


def loss_for_other_task(loss: str, task: str, better: dict[str, Any], better_title: str) -> Draft:
    words = {"binary": "a yes-or-no answer", "classes": "a choice of classes", "regression": "a number"}[task]
    message = f"{loss} does not fit data with {words}. Use {better_title}."
    return Draft("loss-for-other-task", message, (set_experiment(f"Use {better_title}", "objective.loss", better),))
