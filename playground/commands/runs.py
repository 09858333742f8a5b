"""`playground runs`: what was trained from the command line."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import typer

from playground.commands.outcome import UserError, print_json
from playground.commands.train import OWNER
from playground.runs.database import HistoryElsewhere
from playground.runs.records import StoredRun
from playground.runs.store import Store
from playground.settings import home


def command(
    as_json: bool = typer.Option(False, "--json", help="Print a JSON array."),
    limit: int = typer.Option(50, "--limit", min=1, help="So many, the newest first."),
) -> None:
    """List the runs of the command line, the newest first. `playground watch RUN` follows one."""
    try:
        runs = Store(home()).runs(OWNER, limit=limit)
    except HistoryElsewhere as problem:
        raise UserError(str(problem)) from None
    if as_json:
        print_json([describe(run) for run in runs])
        return
    if not runs:
        typer.echo("No runs yet. Begin with: playground train circle", err=True)
    for run in runs:
        when = run.created.astimezone().strftime("%d %b %H:%M")
        name = run.template or run.experiment["data"]["dataset"]["kind"]
        typer.echo(f"{run.id}  {when}  {run.state:<11}  {name:<20}  step {run.step:,}  {run.parameters:,} weights")


def describe(run: StoredRun) -> dict[str, Any]:
    """A run as plain JSON."""
    known = {name: getattr(run, name) for name in StoredRun.__dataclass_fields__ if name not in ("owner", "experiment")}
    plain = {name: value.isoformat() if isinstance(value, datetime) else value for name, value in known.items()}
    return {**plain, "dataset": run.experiment["data"]["dataset"]["kind"]}
