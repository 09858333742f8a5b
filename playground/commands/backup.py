"""`playground backup`: a copy of everything that was made, while the app runs."""

from __future__ import annotations

from pathlib import Path

import typer

from playground.commands.outcome import UserError, print_json
from playground.runs.backup import CannotCopy, back_up
from playground.settings import home


def command(
    target: Path = typer.Argument(..., metavar="FOLDER", help="A folder that is not there yet."),
    as_json: bool = typer.Option(False, "--json", help="Print one JSON object."),
) -> None:
    """Copy projects, runs and weights into a new folder, which can be used as PLAYGROUND_HOME. Nobody has to stop."""
    try:
        copied = back_up(home(), target.expanduser().absolute())
    except CannotCopy as problem:
        raise UserError(str(problem)) from None
    except OSError as problem:
        raise UserError(f"The copy was not made: {problem.strerror}. Nothing of it is left.") from None
    if as_json:
        print_json(copied._asdict())
        return
    typer.echo(
        f"{copied.projects:,} projects, {copied.runs:,} runs and {copied.files:,} files of weights are in {target}: "
        f"{copied.bytes / 1e6:,.1f} MB."
    )
    if copied.missing:
        typer.echo(f"{copied.missing:,} files that the history names are not in the home folder either.", err=True)
