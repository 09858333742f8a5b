"""Steps that bring numbers to a common size. Each works on numpy arrays and torch tensors alike."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from pydantic import Field

from playground.core.contracts import PreparationStep
from playground.core.diagnostics import Draft
from playground.core.facts import Facts
from playground.preparation import preparation

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, Any]
    Values = Any

CHUNK = 4096
"""Cases summed at a time: a whole picture set in float64 would need gigabytes."""


def as_float(values: Values) -> Values:
    """The same numbers as float32; what is float already stays as it is. numpy and torch."""
    if hasattr(values, "is_floating_point"):
        return values if values.is_floating_point() else values.float()
    return values if values.dtype.kind == "f" else values.astype("float32")


def statistics_axes(values: Array) -> tuple[int, ...]:
    """Tables have one statistic a column; pictures [n, channels, height, width] one a channel."""
    return (0, *range(2, values.ndim))


def moments(values: Array) -> tuple[Array, Array]:
    """Mean and standard deviation (of the population) for each column or channel, shaped to fit one case."""
    import numpy as np

    axes = statistics_axes(values)
    count = np.prod([values.shape[axis] for axis in axes])
    pieces = [slice(start, start + CHUNK) for start in range(0, len(values), CHUNK)]
    mean = sum(values[piece].sum(axis=axes, keepdims=True, dtype=np.float64) for piece in pieces) / count
    square = sum(((values[piece] - mean) ** 2).sum(axis=axes, keepdims=True) for piece in pieces) / count
    return np.asarray(mean[0], np.float32), np.asarray(np.sqrt(square[0]), np.float32)


def constant(values: Array) -> str:
    """Statistics as an expression of an exported script: the very same float32 numbers, one alone as a plain number."""
    return repr(float(values.item())) if values.size == 1 else f"torch.tensor({values.tolist()})"


def without_zeros(spread: Array) -> Array:
    """Spreads to divide by: a column that never changes is only shifted, not blown up."""
    import numpy as np

    return np.where(spread > 0, spread, np.float32(1))


@preparation.register("standardise", title="Standardise", group="Scaling", synonyms=("normalise", "z-score"))
class Standardise(PreparationStep):
    """Every column gets mean 0 and standard deviation 1, so that no column counts more because of its unit.

    Pictures are treated channel by channel. Mean and deviation come from the training part.
    """

    def fit(self, values: Array) -> dict[str, Array]:
        """mean, deviation: float32, [columns] or [channels, 1, 1]."""
        mean, deviation = moments(values)
        return {"mean": mean, "deviation": without_zeros(deviation)}

    def apply(self, values: Values, fitted: Mapping[str, Any]) -> Values:
        return (as_float(values) - fitted["mean"]) / fitted["deviation"]

    def invert(self, values: Values, fitted: Mapping[str, Any]) -> Values:
        return values * fitted["deviation"] + fitted["mean"]

    def source(self, fitted: Mapping[str, Any]) -> str:
        return f"(values - {constant(fitted['mean'])}) / {constant(fitted['deviation'])}"


@preparation.register("scale", title="Scale", group="Scaling", synonyms=("min-max", "normalise", "rescale"))
class Scale(PreparationStep):
    """Every column is stretched to run from 0 to 1, or from −1 to 1.

    Bytes of pictures always run from 0 to 255; for other numbers the smallest and largest come from the training part,
    so that later cases may lie a little outside.
    """

    summary: ClassVar[str] = "{interval}"

    interval: Literal["zero_to_one", "minus_one_to_one"] = Field("zero_to_one", description="Where the numbers end up.")

    def fit(self, values: Array) -> dict[str, Array]:
        """low, span: float32, single numbers for bytes, else [columns] or [channels, 1, 1]."""
        import numpy as np

        if values.dtype == np.uint8:
            return {"low": np.array([0], np.float32), "span": np.array([255], np.float32)}
        axes = statistics_axes(values)
        low, high = values.min(axis=axes, keepdims=True)[0], values.max(axis=axes, keepdims=True)[0]
        return {"low": low.astype(np.float32), "span": without_zeros((high - low).astype(np.float32))}

    def apply(self, values: Values, fitted: Mapping[str, Any]) -> Values:
        # Bytes begin at 0, and are copied when they become numbers: the copy can be worked on in place.
        shares = as_float(values) if str(values.dtype).endswith("uint8") else as_float(values) - fitted["low"]
        shares /= fitted["span"]
        return shares if self.interval == "zero_to_one" else shares * 2 - 1

    def invert(self, values: Values, fitted: Mapping[str, Any]) -> Values:
        shares = values if self.interval == "zero_to_one" else (values + 1) / 2
        return shares * fitted["span"] + fitted["low"]

    def source(self, fitted: Mapping[str, Any]) -> str:
        low, span = constant(fitted["low"]), constant(fitted["span"])
        shares = f"values / {span}" if not fitted["low"].any() else f"(values - {low}) / {span}"
        return shares if self.interval == "zero_to_one" else f"({shares}) * 2 - 1"


@preparation.register(
    "standardise_target",
    title="Standardise the target",
    group="Scaling",
    synonyms=("target scaling", "z-score"),
)
class StandardiseTarget(PreparationStep):
    """The number to be answered gets mean 0 and standard deviation 1 while learning.

    Every answer is turned back, so that you always read it in its own unit.
    """

    on: ClassVar[str] = "targets"

    def check(self, facts: Facts) -> list[Draft]:
        if facts.task == "regression":
            return []
        message = "Standardise the target works on numbers; the answers here are classes. Remove the step."
        return [Draft("target-not-a-number", message)]

    def fit(self, values: Array) -> dict[str, Array]:
        """mean, deviation: float32 [targets]."""
        mean, deviation = moments(values)
        return {"mean": mean, "deviation": without_zeros(deviation)}

    def apply(self, values: Values, fitted: Mapping[str, Any]) -> Values:
        return (as_float(values) - fitted["mean"]) / fitted["deviation"]

    def invert(self, values: Values, fitted: Mapping[str, Any]) -> Values:
        return values * fitted["deviation"] + fitted["mean"]

    def source(self, fitted: Mapping[str, Any]) -> str:
        return f"(values - {constant(fitted['mean'])}) / {constant(fitted['deviation'])}"
