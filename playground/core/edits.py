"""What may be said to a run while it runs. Each edit is applied between two steps and written to the run's ledger:
a run is its first experiment and its ledger, and replaying it gives the same bytes."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, TypeAdapter

from playground.core.experiment import Experiment
from playground.core.part import FromList, Value


class Replace(Value):
    """Go on with this experiment: settings, data or the network itself. Weights that still fit are kept."""

    type: Literal["replace"] = "replace"
    experiment: Experiment


class WriteWeight(Value):
    """Set one number by hand. `path` is the node's path, `index` the position in `weight` or `bias`."""

    type: Literal["write_weight"] = "write_weight"
    path: str = Field(max_length=200)
    name: Literal["weight", "bias"]
    index: Annotated[tuple[int, ...], FromList] = Field(max_length=4)
    value: float


class Rewind(Value):
    """Back to a stored step. 0 is the beginning: the first weights of this seed, under the present experiment."""

    type: Literal["rewind"] = "rewind"
    step: int = Field(0, ge=0)


Edit = Annotated[Replace | WriteWeight | Rewind, Field(discriminator="type")]


class LedgerEntry(Value):
    """An edit and the step after which it was applied."""

    step: int = Field(ge=0)
    edit: Edit


EDIT: TypeAdapter[Replace | WriteWeight | Rewind] = TypeAdapter(Edit)
"""Reads an edit from JSON and writes it."""
