"""`playground list`: what there is to pick from."""

import difflib
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import typer

from playground.commands.outcome import UserError, print_json

CATALOGUES = (
    "layers",
    "datasets",
    "preparation",
    "objectives",
    "losses",
    "optimizers",
    "schedules",
    "metrics",
    "templates",
    "explainers",
)


def command(
    kind: str = typer.Argument("", metavar="[CATALOGUE]", help=f"One of: {', '.join(CATALOGUES)}. Without it: all."),
    as_json: bool = typer.Option(False, "--json", help="Print JSON: kind, title, group, help and fields of each."),
) -> None:
    """List layers, data sets, templates and everything else a person can pick."""
    names = [name for name in CATALOGUES if find_spec(f"playground.{name}")]
    if kind and kind not in names:
        close = difflib.get_close_matches(kind, names, n=1)
        hint = f" Did you mean {close[0]}?" if close else ""
        raise UserError(f"There is no catalogue {kind!r}.{hint} There are: {', '.join(names)}.")
    parts = {name: describe(name) for name in ([kind] if kind else names)}
    if as_json:
        print_json(parts[kind] if kind else parts)
        return
    for name, members in parts.items():
        if not kind:
            typer.echo(f"{name}")
        width = max((len(member["kind"]) for member in members), default=0)
        for member in members:
            first_line = member["help"].strip().partition("\n")[0]
            typer.echo(f"{'' if kind else '  '}{member['kind']:<{width}}  {member['title']} - {first_line}")


def describe(catalogue: str) -> list[dict[str, Any]]:
    """Every member of a catalogue as plain data: kind, title, group, help, fields."""
    members = getattr(import_module(f"playground.{catalogue}"), catalogue)
    described: list[dict[str, Any]] = members.describe()
    return described
