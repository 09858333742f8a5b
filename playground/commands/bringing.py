"""What stands where a template stands: a project file, code, an ONNX file, a link."""

from __future__ import annotations

from pathlib import Path

import typer

from playground.commands.outcome import UserError
from playground.core.files import open_project
from playground.core.reading import Refused, is_file, read_bytes, visible
from playground.imports import Imported, read
from playground.imports.playground_link import is_playground_link
from playground.imports.reading import MOST_ONNX

BRINGS = "a project file, an ONNX file, code of Keras or PyTorch (.py, never run), a share link or a TensorFlow Playground link"
ENDINGS = (".json", ".onnx", ".py")


def bring(what: str) -> Imported | None:
    """The project in a file or a link, with its remarks said on standard error; None when it is neither. Raises
    UserError."""
    if names_a_file(what):
        found = read_file(Path(what))
    elif what.startswith(("http://", "https://")) or is_playground_link(what):
        try:
            found = read(what)
        except Refused as problem:
            raise UserError(str(problem)) from None
    else:
        return None
    for remark in found.remarks:
        typer.echo(visible(remark.text), err=True)
    return found


def names_a_file(what: str) -> bool:
    """Whether a person means a file: it is there, or it ends as one."""
    link = what.startswith(("http://", "https://"))
    return not link and (what.endswith(ENDINGS) or is_file(what))


def read_file(file: Path) -> Imported:
    """The project in a file; a file of JSON may hold an experiment alone. Raises UserError."""
    try:
        if file.suffix in (".onnx", ".py"):
            return read(read_bytes(file, most=MOST_ONNX), file.name)
        return Imported(open_project(file), "project")
    except OSError as problem:
        raise UserError(f"{file} cannot be read: {problem.strerror}.") from None
    except Refused as problem:
        what = "" if file.suffix in (".onnx", ".py") else " is not a project file."
        raise UserError(f"{file}{what or ':'} {problem}") from None
