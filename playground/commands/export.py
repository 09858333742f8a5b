"""`playground export`: a network as PyTorch source, ONNX, weights or project file."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import typer

from playground.commands.outcome import UserError, print_json
from playground.commands.train import OWNER, names_a_file, read_file
from playground.core.experiment import Experiment
from playground.core.files import Project, write_project
from playground.export.onnx_model import to_onnx
from playground.export.rebuilt import CannotExport
from playground.export.source import to_source
from playground.export.weights import to_weights
from playground.runs.records import NotFound
from playground.settings import home
from playground.templates import templates

if TYPE_CHECKING:
    import torch


class Form(StrEnum):
    """What a network can be taken away as."""

    pytorch = "pytorch"
    onnx = "onnx"
    project = "project"
    weights = "weights"


class Subject(NamedTuple):
    """What is exported: a project, and the weights of a run if it is about one."""

    project: Project
    weights: Mapping[str, torch.Tensor] | None = None
    run: str | None = None
    template: str | None = None


def command(
    what: str = typer.Argument(
        ..., metavar="RUN|TEMPLATE|FILE", help="Id of a run or its beginning, kind of a template, or a project file."
    ),
    to: Form = typer.Option(..., "--to", help="Plain PyTorch source, an ONNX file, safetensors, or a project file."),
    out: Path = typer.Option(..., "-o", "--out", metavar="OUT", help="File to write; one of this name is replaced."),
    as_json: bool = typer.Option(False, "--json", help="Print what was written as one JSON object."),
) -> None:
    """Take a network away. With a run its trained weights come along; the source loads them from beside it."""
    subject = find(what)
    try:
        contents = contents_of(subject, to, out)
    except (CannotExport, ValueError) as problem:
        raise UserError(str(problem)) from None
    for path, content in contents.items():
        try:
            path.write_bytes(content)
        except ValueError:
            raise UserError(f"{path} is no name a file can have. Choose another with -o.") from None
        except OSError as problem:
            raise UserError(f"{path} cannot be written: {problem.strerror}. Choose another file with -o.") from None
    if subject.weights is None and to in (Form.onnx, Form.weights):
        typer.echo("Nothing was trained: these are the first weights. Name a run to export what it learned.", err=True)
    if as_json:
        print_json(
            {
                "to": to.value,
                "run": subject.run,
                "template": subject.template,
                "files": [{"path": str(path), "bytes": len(content)} for path, content in contents.items()],
            }
        )
        return
    for path, content in contents.items():
        typer.echo(f"{path}  {len(content):,} bytes")


def contents_of(subject: Subject, to: Form, out: Path) -> dict[Path, bytes]:
    """Every file of an export with its content. Raises CannotExport."""
    experiment = subject.project.experiment
    if to is Form.project:
        return {out: write_project(subject.project).encode()}
    if to is Form.onnx:
        return {out: to_onnx(experiment, subject.weights)}
    if to is Form.weights:
        return {out: to_weights(experiment, subject.weights)}
    if subject.weights is None:
        return {out: to_source(experiment, title=subject.project.title).encode()}
    beside = out.with_suffix(".safetensors") if out.name else out
    if beside == out:
        raise CannotExport(f"{out.name} is the name its weights get. Choose one that ends in .py.")
    source = to_source(experiment, title=subject.project.title, weights=beside.name)
    return {out: source.encode(), beside: to_weights(experiment, subject.weights)}


def find(what: str) -> Subject:
    """A template, a project file, or a run of the command line. Raises UserError."""
    if what in templates:
        template = templates[what]()
        layout = getattr(template, "layout", None)
        project = Project.model_validate(
            {"title": template.title, "experiment": template.experiment(), "layout": layout() if layout else {}}
        )
        return Subject(project, template=what)
    if names_a_file(what):
        return Subject(read_file(Path(what)))
    return _of_run(what)


def _of_run(what: str) -> Subject:
    from playground.runs.store import Store
    from playground.training.checkpoints import BrokenCheckpoint, read

    store = Store(home())
    try:
        run = store.run(OWNER, what)
        taken = read(store.weights(OWNER, run.id))
    except NotFound as problem:
        raise UserError(f"{problem} {_near_template(what)}".rstrip()) from None
    except (BrokenCheckpoint, OSError) as problem:
        raise UserError(f"The weights of run {what} cannot be read: {problem}") from None
    finally:
        store.close()
    experiment: Experiment = taken.experiment
    role = next(iter(experiment.networks))
    title = templates[run.template].title if run.template is not None and run.template in templates else ""
    return Subject(Project(title=title, experiment=experiment), taken.weights(role), run.id, run.template)


def _near_template(what: str) -> str:
    near = difflib.get_close_matches(what, templates.kinds(), n=1)
    return f"Did you mean the template {near[0]!r}?" if near else ""
