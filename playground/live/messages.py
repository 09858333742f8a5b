"""What a browser may say, as in docs/protocol.md. Anything else is refused with a sentence."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from playground.core.catalogue import explain
from playground.core.network import Title
from playground.core.reading import Refused, read_json

Text = Annotated[str, Field(max_length=80)]
Path = Annotated[str, Field(pattern=r"^[A-Za-z0-9_.\[\]-]{1,200}$")]
"""A node of the drawing, or one inside a block: `encoder[2].attention`."""


class Said(BaseModel):
    """A frozen message of a browser."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)


class Open(Said):
    type: Literal["open"]
    project: Annotated[str, Field(max_length=64)]


class Edited(Said):
    type: Literal["edit"]
    seq: int = Field(ge=0, le=2**53)
    base: int = Field(ge=0, le=2**53)
    label: Annotated[Title, Field(max_length=400)] = ""
    document: dict[str, Any]


class Commanded(Said):
    type: Literal["command"]
    name: Literal["play", "pause", "step", "epoch", "rewind", "speed", "start_over"]
    value: float | None = None
    how: Literal["now", "queue", "instead", "small"] | None = None
    """With `play`: the answer to the offer of a `run` message."""


class Weight(Said):
    type: Literal["weight"]
    node: Path
    name: Literal["weight", "bias"]
    index: list[int] = Field(min_length=1, max_length=4)
    value: float


class Focus(Said):
    node: Path
    unit: int = Field(ge=0, le=1_000_000)


class Watching(Said):
    type: Literal["watch"]
    visible: bool
    focus: Focus | None = None
    sample: int | None = Field(None, ge=0, le=100_000_000)
    inside: Path | None = None
    """The block that is open: `encoder[0]`."""


class WantInside(Said):
    type: Literal["inside"]
    path: Path


class WantBlock(Said):
    type: Literal["keep_block"]
    title: Annotated[Title, Field(min_length=1, max_length=80)]
    layer: dict[str, Any]


class DropBlock(Said):
    type: Literal["drop_block"]
    block: Text


class WantTemplate(Said):
    type: Literal["template"]
    kind: Text


class WantDataset(Said):
    type: Literal["dataset"]
    kind: Text


class Copy(Said):
    type: Literal["copy"]


class New(Said):
    type: Literal["new"]
    kind: Text


class WantLink(Said):
    type: Literal["link"]


class Brought(Said):
    type: Literal["file"]
    document: dict[str, Any]


class Projects(Said):
    type: Literal["projects"]


class DeleteProject(Said):
    type: Literal["delete_project"]
    project: Annotated[str, Field(max_length=64)]


class ExplainRuns(Said):
    type: Literal["explain_runs"]


class ExplainCases(Said):
    type: Literal["explain_cases"]
    run: Text
    count: int = Field(60, ge=1, le=200)


class Explain(Said):
    type: Literal["explain"]
    task: Text
    run: Text
    case: int = Field(ge=0, le=100_000_000)
    method: dict[str, Any]
    target: int | None = Field(None, ge=0, le=1_000_000)


class ExplainAnswer(Said):
    type: Literal["explain_answer"]
    task: Text
    run: Text
    values: list[float] = Field(max_length=20_000)


class WantLesson(Said):
    type: Literal["lesson"]
    name: Annotated[str, Field(max_length=40)]
    begin: bool = False
    """A new project is made for it."""


class KeepVersion(Said):
    type: Literal["keep_version"]
    title: Annotated[Title, Field(min_length=1, max_length=80)]


class Versions(Said):
    type: Literal["versions"]


class WantVersion(Said):
    type: Literal["version"]
    revision: int = Field(ge=1, le=2**53)


class WantExport(Said):
    type: Literal["export"]
    task: Text
    form: Literal["pytorch", "notebook", "onnx", "weights"]


class WantGallery(Said):
    type: Literal["gallery"]


class Cancel(Said):
    type: Literal["cancel"]
    task: Text


Message = (
    Open | Edited | Commanded | Weight | Watching | WantTemplate | WantDataset | Copy | New
    | WantLink | Brought | Projects | DeleteProject | ExplainRuns | ExplainCases | Explain | ExplainAnswer | Cancel
    | WantInside | WantBlock | DropBlock
    | WantLesson | KeepVersion | Versions | WantVersion
    | WantExport | WantGallery
)  # fmt: skip
_MESSAGE: TypeAdapter[Message] = TypeAdapter(Annotated[Message, Field(discriminator="type")])


class Unreadable(ValueError):
    """A message that is none; the text says why."""


def read(text: str) -> Message:
    """One message. Raises Unreadable."""
    try:
        return _MESSAGE.validate_python(read_json(text, what="The message"))
    except ValidationError as error:
        if error.errors(include_url=False)[0]["type"] in ("union_tag_invalid", "union_tag_not_found"):
            raise Unreadable("The server knows no such message. Reload the page.") from None
        raise Unreadable(explain(error, "The message")) from None
    except Refused as refusal:
        raise Unreadable(str(refusal)) from None
