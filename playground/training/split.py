"""Which case belongs to which part: train, validation, test or sealed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, get_args

from playground.core.experiment import Split

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, Any]

PartName = Literal["train", "validation", "test", "sealed"]
PARTS: tuple[PartName, ...] = get_args(PartName)
PUBLISHED_TEST = 2
"""How `Loaded.part` marks the test cases of the publisher."""


def divide(split: Split, targets: Array, published: Array | None = None) -> dict[PartName, Array]:
    """Row numbers of every part, each in rising order, int64. Parts never overlap; the same seed gives the same parts.

    Shares are of all cases; what they leave over is in no part. With `stratify`, class targets (integers [n]) keep
    their mix: each part holds each class's share, within one case.

    Where the publisher made the split (`published`), his test cases are the test part, all of them, or none of them if
    the share of test is 0. The other parts share the rest in the proportion of their shares: of 60,000 cases with
    train 0.7, validation 0.1, test 0.1, sealed 0.1 each tenth is a ninth of the rest.

    Raises ValueError when no case is left to learn from.
    """
    import numpy as np

    shares = {
        "train": split.train,
        "validation": split.validation,
        "test": split.test,
        "sealed": split.sealed,
    }
    rows = np.arange(len(targets))
    parts: dict[PartName, list[Array]] = {name: [] for name in PARTS}
    if published is not None:
        if split.test > 0:
            parts["test"].append(rows[published == PUBLISHED_TEST])
        rows = rows[published != PUBLISHED_TEST]
        rest = 1 - split.test
        shares = {name: 0.0 if name == "test" else share / rest for name, share in shares.items()}
    draw = np.random.default_rng(split.seed)
    ends = np.cumsum([shares[name] for name in PARTS])
    for group in _groups(targets, rows, split.stratify):
        shuffled = draw.permutation(group)
        cuts = np.floor(ends * len(group) + 0.5 + 1e-9).astype(int).clip(0, len(group))
        for name, start, end in zip(PARTS, [0, *cuts[:-1]], cuts, strict=True):
            parts[name].append(shuffled[start:end])
    divided = {name: np.sort(np.concatenate(pieces)) if pieces else rows[:0] for name, pieces in parts.items()}
    if len(divided["train"]) == 0:
        raise ValueError(
            f"The split leaves nothing to learn from: {split.train:.0%} of {len(rows)} cases. Raise the share of train."
        )
    return divided


def _groups(targets: Array, rows: Array, stratify: bool) -> list[Array]:
    """The rows class by class, or all in one group where there are no classes."""
    import numpy as np

    if not stratify or targets.ndim != 1 or targets.dtype.kind not in "iu":
        return [rows]
    own = targets[rows]
    return [rows[own == label] for label in np.unique(own)]
