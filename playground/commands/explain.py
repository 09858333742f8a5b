"""`playground explain`: what one answer of a stored run rests on, and whether that can be trusted."""

from __future__ import annotations

import secrets
from typing import Any

import typer

from playground.commands.outcome import UserError, print_json
from playground.commands.train import OWNER
from playground.core.catalogue import UnknownPart
from playground.engine.local import EngineFailed, connect
from playground.engine.messages import RunTask, TaskDone, TaskFailed
from playground.explainers import explainers
from playground.runs.records import NotFound
from playground.runs.store import Store
from playground.settings import home

SECONDS = 600.0
STRONGEST = 8


def command(
    run: str = typer.Argument(..., metavar="RUN", help="Id of a run, or its unique beginning."),
    method: str = typer.Option("integrated_gradients", "--method", help="Kind of an explainer."),
    sample: int = typer.Option(0, "--sample", min=0, help="Number of the test case, from 0."),
    target: int = typer.Option(-1, "--target", help="Number of the class to explain. Default: the network's answer."),
    as_json: bool = typer.Option(False, "--json", help="Print the explanation as one JSON object."),
) -> None:
    """Explain one answer of a stored run, with the checks of the explanation."""
    try:
        kind = explainers[method].kind
        stored = Store(home()).run(OWNER, run)
    except (UnknownPart, NotFound) as problem:
        raise UserError(str(problem)) from None
    arguments: dict[str, Any] = {"run": stored.id, "case": sample, "method": {"kind": kind}}
    result = ask("explain", {**arguments, "target": None if target < 0 else target})
    if as_json:
        print_json(result)
        return
    typer.echo(result["answer"]["sentence"])
    typer.echo(f"{result['title']}, {result['stamp']['word']}: {result['sentence']}")
    for feature in sorted(result["features"] or [], key=lambda f: -abs(f["attribution"]))[:STRONGEST]:
        typer.echo(f"  {feature['attribution']:+10.4g}  {feature['name']}")
    for check in result["checks"]:
        typer.echo(f"  {check['status'].replace('_', ' '):<15} {check['title']}: {check['sentence']}")


def ask(name: str, arguments: dict[str, Any]) -> dict[str, Any]:
    """Run a task on the engine and wait for its result. Raises UserError with its sentence."""
    try:
        engine = connect(home())
        try:
            task = RunTask(task=secrets.token_urlsafe(12), owner=OWNER, name=name, arguments=arguments, seconds=SECONDS)
            answer = engine.request(task, timeout=SECONDS + 60)
        finally:
            engine.close()
    except EngineFailed as problem:
        raise UserError(str(problem)) from None
    if isinstance(answer, TaskDone):
        return answer.result
    raise UserError(answer.message if isinstance(answer, TaskFailed) else str(getattr(answer, "message", answer)))
