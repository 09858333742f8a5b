"""The data of an exported script: small sets are written into it, others lie beside it, public files are read as they are.

The sealed part is never taken along.
"""

from __future__ import annotations

import io
from textwrap import fill
from typing import TYPE_CHECKING, Any, NamedTuple

from playground.core.experiment import Split
from playground.core.reading import visible

if TYPE_CHECKING:
    import numpy as np

    from playground.training.prepared import Prepared
    from playground.training.split import PartName

    Array = np.ndarray[Any, Any]

EMBEDDED = 64 * 1024
"""Characters up to which cases are written into the script itself."""
JUDGING: tuple[PartName, ...] = ("test", "validation")
"""What a trained network is judged by: the first of these that has cases."""


class Cases(NamedTuple):
    """What a script says about its data. `text` defines `raw(part)`; `file` is what has to lie beside it, under `name`.

    `parts` are the parts that `raw` knows, the one to train on first; `needs` files that a person has to fetch.
    """

    text: str
    parts: tuple[PartName, ...]
    preparing: str
    name: str = ""
    file: bytes | None = None
    needs: tuple[str, ...] = ()


def take_cases(prepared: Prepared, name: str) -> Cases:
    """The data of a script; `name` is what a file beside it would be called. Reads the test part once."""
    judging = next((part for part in JUDGING if prepared.size(part)), None)
    parts: tuple[PartName, ...] = ("train", judging) if judging else ("train",)
    preparing = _preparing(prepared)
    read = prepared.data.dataset.source()
    if read is not None:
        text = "\n\n\n".join((read, _SPLIT.format(shares=_shares(prepared.data.split)), _FROM_FILES))
        return Cases(text, parts, preparing, needs=_files(prepared))
    arrays = {part: (prepared.inputs(part), prepared.raw_targets(part)) for part in parts}
    table = _table(arrays)
    if table is not None:
        return Cases(table, parts, preparing)
    return Cases(_FROM_ARRAYS.format(name=name), parts, preparing, name, _packed(arrays))


def _table(arrays: dict[PartName, tuple[Array, Array]]) -> str | None:
    """The cases as Python, or None if that is too long to be read."""
    if sum(inputs.size for inputs, _ in arrays.values()) > EMBEDDED // 2:
        return None
    entries = [
        f'    "{part}": (\n{_lines(inputs)}\n{_lines(targets)}\n    ),' for part, (inputs, targets) in arrays.items()
    ]
    text = "\n".join(("CASES = {", *entries, "}"))
    if len(text) > EMBEDDED:
        return None
    kind = "torch.int64" if arrays["train"][1].dtype.kind in "iu" else "torch.float32"
    return f"{text}\n\n\n{_FROM_TABLE.format(kind=kind)}"


def _lines(values: Array) -> str:
    """A list over as many lines as can be read without turning the head."""
    pieces = [_numbers(row) if values.ndim > 1 else _number(row) for row in values]
    # A space that does not break keeps the numbers of a case together.
    unbroken = ", ".join(piece.replace(" ", "\xa0") for piece in pieces)
    lines = fill(unbroken, 116, initial_indent="        [", subsequent_indent=" " * 9, break_long_words=False)
    return lines.replace("\xa0", " ") + "],"


def _numbers(values: Array) -> str:
    """Numbers in the fewest digits that bring back the very same float32."""
    if values.ndim == 1:
        return f"[{', '.join(map(_number, values))}]"
    return f"[{', '.join(_numbers(row) for row in values)}]"


def _number(value: Any) -> str:
    if value.dtype.kind in "iu":
        return str(int(value))
    whole = float(value)
    return f"{int(whole)}.0" if whole == int(whole) and abs(whole) < 1e6 else str(value)


def _packed(arrays: dict[PartName, tuple[Array, Array]]) -> bytes:
    import numpy as np

    named = {}
    for part, (inputs, targets) in arrays.items():
        named[f"{part}_inputs"], named[f"{part}_targets"] = inputs, targets
    stream = io.BytesIO()
    np.savez_compressed(stream, allow_pickle=False, **named)
    return stream.getvalue()


def _files(prepared: Prepared) -> tuple[str, ...]:
    originals = getattr(prepared.data.dataset, "originals", None)
    return tuple(f"{path.name.removesuffix('.gz')}.gz" for path in originals()) if originals is not None else ()


def _shares(split: Split) -> str:
    shares = {name: getattr(split, name) for name in ("train", "validation", "test", "sealed")}
    return f"SHARES, STRATIFY, SPLIT_SEED = {shares}, {split.stratify}, {split.seed}"


def _preparing(prepared: Prepared) -> str:
    """`prepare` and `prepare_targets`, one line a step."""
    lines: dict[str, list[str]] = {"inputs": [], "targets": []}
    for step, fitted in zip(prepared.data.preparation, prepared.fitted, strict=True):
        lines[step.on].append(f"    values = {step.source(fitted)}  # {visible(step.title)}")
    texts = [
        "def prepare(values: torch.Tensor) -> torch.Tensor:",
        '    """Raw inputs as the network sees them."""',
        "    values = values.float()",
        *lines["inputs"],
        "    return values",
        "",
        "",
        "def prepare_targets(values: torch.Tensor) -> torch.Tensor:",
        '    """Targets as the network is to answer them."""',
        *lines["targets"],
        "    return values",
    ]
    return "\n".join(texts)


_FROM_TABLE = '''def raw(part: str) -> tuple[torch.Tensor, torch.Tensor]:
    """Inputs and targets as the data have them."""
    inputs, targets = CASES[part]
    return torch.tensor(inputs), torch.tensor(targets, dtype={kind})'''

_FROM_ARRAYS = '''def raw(part: str) -> tuple[torch.Tensor, torch.Tensor]:
    """Inputs and targets as the data have them."""
    with np.load(FOLDER / {name!r}) as stored:
        return torch.from_numpy(stored[f"{{part}}_inputs"]), torch.from_numpy(stored[f"{{part}}_targets"])'''

_FROM_FILES = '''def raw(part: str) -> tuple[torch.Tensor, torch.Tensor]:
    """Inputs and targets as the data have them."""
    inputs, targets, published = load_all()
    rows = divide(targets, published)[part]
    return torch.from_numpy(inputs[rows]), torch.from_numpy(targets[rows])'''

_SPLIT = '''{shares}


def divide(targets: np.ndarray, published: np.ndarray) -> dict[str, np.ndarray]:
    """Row numbers of each part: the publisher's test cases stay the test part, the others share the rest."""
    rows, parts = np.arange(len(targets)), {{name: [] for name in SHARES}}
    if SHARES["test"] > 0:
        parts["test"].append(rows[published == 2])
    rows = rows[published != 2]
    rest = 1 - SHARES["test"]
    ends = np.cumsum([0.0 if name == "test" else share / rest for name, share in SHARES.items()])
    draw = np.random.default_rng(SPLIT_SEED)
    groups = [rows[targets[rows] == label] for label in np.unique(targets[rows])] if STRATIFY else [rows]
    for group in groups:
        shuffled = draw.permutation(group)
        cuts = np.floor(ends * len(group) + 0.5 + 1e-9).astype(int).clip(0, len(group))
        for name, start, end in zip(SHARES, [0, *cuts[:-1]], cuts):
            parts[name].append(shuffled[start:end])
    return {{name: np.sort(np.concatenate(pieces)) if pieces else rows[:0] for name, pieces in parts.items()}}'''
