"""`playground watch RUN`: how a run is going, from another terminal."""

from __future__ import annotations

import queue
import sys

import typer

from playground.commands.live_line import LiveLine
from playground.commands.outcome import UserError, print_json
from playground.commands.runs import describe
from playground.commands.train import OWNER, progress
from playground.core.reading import visible
from playground.engine.local import EngineFailed, connect, is_running
from playground.engine.messages import Flush, Message, Metrics, RunChanged
from playground.runs.database import HistoryElsewhere
from playground.runs.records import NotFound, StoredRun
from playground.runs.store import Store
from playground.settings import home
from playground.studio.sentences import queued

GOING = ("starting", "queued", "running")
"""States that change by themselves."""


def command(
    run: str = typer.Argument(..., metavar="RUN", help="Id of a run, or the unique beginning of it."),
    as_json: bool = typer.Option(False, "--json", help="Print the run as a JSON object when it stands still."),
) -> None:
    """Follow a run until it stands still."""
    store = Store(home())
    try:
        stored = store.run(OWNER, run)
        if stored.state in GOING and is_running(home()):
            follow(stored)
            stored = store.run(OWNER, stored.id)
    except (NotFound, HistoryElsewhere, EngineFailed) as problem:
        raise UserError(str(problem)) from None
    if as_json:
        print_json(describe(stored))
        return
    points = store.metrics(OWNER, stored.id)
    numbers = {name: value for point in points for name, value in point.items()}
    typer.echo(progress(numbers, stored.experiment["training"]["epochs"]))
    typer.echo(f"run {stored.id} is {stored.state} at step {stored.step:,}. {visible(stored.message or '')}".rstrip())


def follow(stored: StoredRun) -> None:
    """Show the numbers as they come."""
    said: queue.SimpleQueue[Message] = queue.SimpleQueue()
    line, numbers = LiveLine(sys.stderr), dict[str, float]()
    engine = connect(home())
    unsubscribe = engine.subscribe(lambda event, payload: said.put(event))
    try:
        while True:
            event = said.get()
            if getattr(event, "run", None) != stored.id:
                continue
            if isinstance(event, Metrics):
                for point in event.points:
                    numbers |= point
                line.show(progress(numbers, stored.experiment["training"]["epochs"]))
            elif isinstance(event, RunChanged) and event.state == "queued":
                line.show(queued(event.ahead or 0))
            elif isinstance(event, RunChanged) and event.state not in GOING:
                engine.request(Flush())
                return
    except KeyboardInterrupt:
        return
    finally:
        line.end()
        unsubscribe()
        engine.close()
