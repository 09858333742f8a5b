"""`playground stop`: the operator's word to everyone who trains on this machine."""

from __future__ import annotations

import typer

from playground.commands.outcome import UserError
from playground.engine.local import EngineFailed, connect, is_running
from playground.engine.messages import Ping, Pong, Refused
from playground.live.operator import ORDERS
from playground.settings import home

SAID = {
    "pause": "Every run is paused and the queue is empty. Everyone may train again at once.",
    "hold": "Every run is paused, and nobody can train before `playground stop --go-on`.",
    "go_on": "Everyone may train again. Paused runs wait for their owners.",
}


def command(
    hold: bool = typer.Option(False, "--hold", help="Let nobody begin again until --go-on."),
    go_on: bool = typer.Option(False, "--go-on", help="End the hold."),
) -> None:
    """Pause every run of everyone on this machine. Nothing is lost."""
    if hold and go_on:
        raise UserError("--hold and --go-on are opposites. Give one of them.")
    word = "hold" if hold else "go_on" if go_on else "pause"
    if not is_running(home()):
        raise UserError(f"Nothing runs in {home()}. PLAYGROUND_HOME names the home folder of the server.")
    try:
        engine = connect(home())
        try:
            before = engine.request(Ping(id="stop"))
            answer = engine.request(ORDERS[word])
        finally:
            engine.close()
    except EngineFailed as problem:
        raise UserError(str(problem)) from None
    if isinstance(answer, Refused):
        raise UserError(answer.message)
    were = f" {before.running} of {before.jobs} trained." if isinstance(before, Pong) and word != "go_on" else ""
    typer.echo(SAID[word] + were)
