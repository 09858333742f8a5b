"""Projects as files and as links. A wrong drawing can be read; what is not a project is refused with one sentence."""

from __future__ import annotations

import base64
import binascii
import json
import operator
import re
import zlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, StringConstraints, ValidationError

from playground.core.catalogue import explain_one, nesting
from playground.core.experiment import Experiment
from playground.core.network import ID_PATTERN, Id, Lines, Title
from playground.core.part import FromList, Value
from playground.core.reading import Refused, megabytes, read_bytes, read_json

SCHEMA = 2
"""What this version writes. Raise it together with a migration from the number before."""
MIGRATIONS: dict[int, Callable[[dict[str, Any]], dict[str, Any]]] = {
    1: dict,  # 2 brought blocks; nothing that 1 says means anything else
}
"""From a schema number: makes a document of the next one."""

MAX_FILE = 2_000_000
"""Bytes of the largest project file, and of the largest link once it is unpacked."""
MAX_LINK = 16_384
"""Characters of the longest link; browsers and mail programs shorten longer ones."""
MAX_DEPTH = 64
"""Levels of the deepest document; a project has about ten, and each block in a block adds five."""


BlockPath = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,40}(\.[A-Za-z0-9_-]{1,40}){0,7}$")]


NodePath = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,40}(\.[A-Za-z0-9_-]{1,40}){0,8}$")]


class Spot(Value):
    """A point of the canvas."""

    x: float = Field(ge=-1e6, le=1e6)
    y: float = Field(ge=-1e6, le=1e6)


class Place(Spot):
    """Where a node lies on the canvas, and how."""

    pinned: bool = Field(False, exclude_if=operator.not_)
    """It cannot be moved."""
    collapsed: bool = Field(False, exclude_if=operator.not_)
    """Only its title is shown."""


class Note(Spot):
    """Words on the canvas. They are text wherever they are shown, never markup."""

    width: float = Field(200, ge=80, le=2_000)
    text: Lines = Field("", max_length=2_000)
    inside: BlockPath | None = None
    """The block in whose drawing it lies; None: beside the network itself."""


class Viewport(Spot):
    """What part of the canvas is seen."""

    zoom: float = Field(gt=0, le=100)


class Layout(Value):
    """Where everything lies. It changes no number."""

    nodes: dict[Id, Place] = Field({}, max_length=4_000)
    blocks: dict[BlockPath, dict[Id, Place]] = Field({}, max_length=500)
    """Where the nodes in a block lie, by the path of the block: ids joined by dots, without repetitions."""
    unfolded: Annotated[tuple[NodePath, ...], FromList] = Field((), max_length=4_000)
    notes: dict[Id, Note] = Field({}, max_length=200, exclude_if=operator.not_)
    viewport: Viewport | None = None


class Project(Value):
    """A drawing with everything that belongs to it: what a file holds."""

    title: Title = Field("", max_length=200)
    notes: Lines = Field("", max_length=20_000)
    experiment: Experiment
    layout: Layout = Layout()

    def dump(self) -> dict[str, Any]:
        """The JSON form, with the schema number first."""
        return {"schema": SCHEMA, **self.model_dump(mode="json")}


def read_project(content: bytes | str | Mapping[str, Any]) -> Project:
    """A project from a file's content, or from its JSON once read. Raises Refused."""
    document = _parse(content) if isinstance(content, bytes | str) else content
    if not isinstance(document, Mapping):
        raise Refused("This is not a project file: expected one JSON object with 'schema' and 'experiment'.")
    if nesting(document, limit=MAX_DEPTH) > MAX_DEPTH:
        raise Refused(f"This file is nested more than {MAX_DEPTH} levels deep. A project is not; try another file.")
    document = _migrate(dict(document))
    del document["schema"]
    try:
        return Project.model_validate(document)
    except ValidationError as error:
        raise Refused(_sentence(error, document)) from None


def open_project(path: Path) -> Project:
    """The project in a file, or in a file that holds an experiment alone. Raises Refused, and OSError with a
    `strerror` in words when it cannot be read."""
    document = _parse(read_bytes(path, most=MAX_FILE))
    if isinstance(document, dict) and "networks" in document and "schema" not in document:
        document = {"schema": SCHEMA, "experiment": document}
    return read_project(document)


def write_project(project: Project) -> str:
    """The content of a project file."""
    return json.dumps(project.dump(), ensure_ascii=False, allow_nan=False, indent=1) + "\n"


def read_link(text: str) -> Project:
    """The project in a link: everything but the notes. Raises Refused."""
    if len(text) > MAX_LINK:
        raise Refused(f"This link has {len(text):,} characters; {MAX_LINK:,} are allowed. Ask for the file instead.")
    broken = Refused("This link is not complete. Copy all of it and try again.")
    if not re.fullmatch(r"[A-Za-z0-9_-]+", text):
        raise broken
    try:
        packed = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
        unpacker = zlib.decompressobj()
        content = unpacker.decompress(packed, MAX_FILE + 1)
    except (binascii.Error, zlib.error):
        raise broken from None
    if len(content) > MAX_FILE:
        raise Refused(
            f"This link unpacks to more than {megabytes(MAX_FILE)}. A project does not; ask for the file instead."
        )
    if not unpacker.eof or unpacker.unused_data:
        raise broken
    return read_project(content)


def write_link(project: Project) -> str:
    """The project for a URL, without its notes, and without the layout if that is too long. Raises Refused."""
    brief = project.with_(notes="")
    text = _pack(brief)
    if len(text) > MAX_LINK:
        text = _pack(brief.with_(layout=Layout()))
    if len(text) > MAX_LINK:
        raise Refused(f"This drawing needs a link of {len(text):,} characters; {MAX_LINK:,} work. Save a file instead.")
    return text


def _pack(project: Project) -> str:
    content = json.dumps(project.dump(), separators=(",", ":"), allow_nan=False).encode()
    return base64.urlsafe_b64encode(zlib.compress(content, 9)).decode().rstrip("=")


def _parse(content: bytes | str) -> Any:
    size = len(content)
    if size > MAX_FILE:
        raise Refused(
            f"This file has {megabytes(size)}; a project has at most {megabytes(MAX_FILE)}. Choose a project file."
        )
    return read_json(content, hint="Choose a project file, which ends in .json.")


def _migrate(document: dict[str, Any]) -> dict[str, Any]:
    """The document in the present schema."""
    schema = document.get("schema")
    if type(schema) is not int or schema < 1:
        raise Refused("This is not a project file: it has no 'schema' number. Choose a file that was saved here.")
    if schema > SCHEMA:
        raise Refused(
            f"This project was made by a newer version (schema {schema}; this one reads up to {SCHEMA}). "
            "Update the playground to open it."
        )
    while schema < SCHEMA:
        document = {**MIGRATIONS[schema](document), "schema": schema + 1}
        schema += 1
    return dict(document)


def _sentence(error: ValidationError, document: Mapping[str, Any]) -> str:
    """The first thing that is wrong, and where."""
    problem = error.errors(include_url=False)[0]
    what, place = _whose(problem["loc"], document)
    return explain_one(problem, what, place)


def _whose(place: tuple[int | str, ...], document: Mapping[str, Any]) -> tuple[str, tuple[int | str, ...]]:
    """What a problem is about, and the rest of its location: a node by its id if that is a legal one, else by number."""
    match place:
        case ("experiment", "networks", str(role), "nodes", int(number), *rest):
            id = document["experiment"]["networks"][role]["nodes"][number].get("id") if rest else None
            legal = isinstance(id, str) and ID_PATTERN.fullmatch(id)
            return f"Node {id!r}" if legal else f"Node {number + 1}", tuple(rest)
        case ("experiment", "networks", str(), "edges", int(number), *rest):
            return f"Wire {number + 1}", tuple(rest)
        case _:
            return "The project", place
