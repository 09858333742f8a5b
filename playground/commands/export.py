"""`playground export`: a network as PyTorch source, notebook, ONNX, weights or project file."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import typer

from playground.commands.bringing import BRINGS, bring
from playground.commands.outcome import UserError, print_json
from playground.commands.train import OWNER
from playground.core.diagnostics import DataMissing
from playground.core.experiment import Experiment
from playground.core.files import Project, write_project
from playground.export.rebuilt import CannotExport
from playground.export.taken import Form, take
from playground.runs.records import NotFound
from playground.settings import cache_folder, home
from playground.templates import templates

if TYPE_CHECKING:
    import torch

    from playground.training.prepared import Prepared


class Subject(NamedTuple):
    """What is exported: a project, and the weights of a run if it is about one."""

    project: Project
    weights: Mapping[str, torch.Tensor] | None = None
    run: str | None = None
    template: str | None = None


def command(
    what: str = typer.Argument(
        ..., metavar="RUN|TEMPLATE|FILE|LINK", help=f"Id of a run or its beginning, kind of a template, or {BRINGS}."
    ),
    to: Form = typer.Option(..., "--to", help="Plain PyTorch, a notebook, ONNX, safetensors, or a project file."),
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
    experiment, title = subject.project.experiment, subject.project.title
    if to is Form.project:
        return {out: write_project(subject.project).encode()}
    beside = out.with_suffix(".safetensors") if out.name else out
    if to in (Form.pytorch, Form.notebook) and beside == out:
        raise CannotExport(f"{out.name} is the name its weights get. Choose one that ends in .py or .ipynb.")
    taken = take(experiment, to, stem=out.stem, title=title, state=subject.weights, prepared=_data(experiment, to))
    if taken.needs:
        typer.echo(f"To train, put beside it: {', '.join(taken.needs)}.", err=True)
    if taken.parity is not None:
        typer.echo(taken.parity.sentence, err=True)
    first, *others = taken.files.items()
    return {out: first[1], **{out.with_name(name): content for name, content in others}}


def _data(experiment: Experiment, to: Form) -> Prepared | None:
    """What a script brings along and an ONNX file is tried on; None where it is not on this machine."""
    if to is Form.weights:
        return None
    from playground.training.prepared import prepare

    try:
        return prepare(experiment.data, cache=cache_folder())
    except DataMissing as missing:
        typer.echo(f"{missing} The script will answer, but not train.", err=True)
        return None


def find(what: str) -> Subject:
    """A template, a project file, or a run of the command line. Raises UserError."""
    if what in templates:
        template = templates[what]()
        layout = getattr(template, "layout", None)
        project = Project.model_validate(
            {"title": template.title, "experiment": template.experiment(), "layout": layout() if layout else {}}
        )
        return Subject(project, template=what)
    if (found := bring(what)) is not None:
        return Subject(found.project, found.weights)
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
