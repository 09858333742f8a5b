"""`playground train`: a template or a file, trained to its end by the engine."""

from __future__ import annotations

import queue
import sys
import time
from pathlib import Path
from typing import Any

import typer

from playground.commands.bringing import BRINGS, bring
from playground.commands.live_line import LiveLine
from playground.commands.outcome import UserError, print_json
from playground.commands.set_by_path import set_by_path
from playground.core.catalogue import UnknownPart
from playground.core.experiment import Experiment
from playground.core.files import MAX_FILE
from playground.core.reading import is_file, read_bytes, read_json
from playground.datasets import datasets
from playground.engine.local import EngineFailed, connect
from playground.engine.messages import (
    CheckpointWritten,
    Flush,
    Message,
    Metrics,
    Pause,
    Play,
    Refused,
    RunChanged,
    StartRun,
)
from playground.runs.names import new_run_id
from playground.settings import home
from playground.templates import templates

OWNER = "local"
"""Whose the runs of the command line are."""


def command(
    what: str = typer.Argument(..., metavar="TEMPLATE|FILE|LINK", help=f"Kind of a template, or {BRINGS}."),
    data: str = typer.Option("", "--data", metavar="NAME|PATH", help="Other data: a kind, or a file with one as JSON."),
    epochs: int = typer.Option(0, "--epochs", min=0, help="How often every training case is seen."),
    seed: int = typer.Option(-1, "--seed", help="Seed of first weights and of the order of cases."),
    device: str = typer.Option("auto", "--device", help="cpu, cuda, cuda:1, mps, or auto for the best there is."),
    settings: list[str] = typer.Option([], "--set", metavar="PATH=VALUE", help="training.optimizer.learning_rate=0.1"),
    as_json: bool = typer.Option(False, "--json", help="Print the result as one JSON object."),
) -> None:
    """Train a template, a file or what a link holds, and print how good it became."""
    template, experiment = open_experiment(what)
    if data:
        experiment = with_data(experiment, data)
    changes = [*settings]
    if epochs:
        changes.append(f"training.epochs={epochs}")
    if seed >= 0:
        changes.append(f"seed={seed}")
    for change in changes:
        experiment = set_by_path(experiment, change)
    result = train(experiment, template=template, device=device)
    if as_json:
        print_json(result)
        return
    for part in ("train", "validation", "test"):
        if result[part]:
            numbers = "  ".join(f"{name} {value:.4g}" for name, value in result[part].items())
            typer.echo(f"{part:<11} {numbers}")
    typer.echo(
        f"run {result['run']}: {result['steps']:,} steps in {result['epochs']} epochs, {result['parameters']:,} weights, "
        f"{result['seconds']:.1f} s of {result['device']}"
    )


def open_experiment(what: str) -> tuple[str | None, Experiment]:
    """A template by its kind, or the experiment in a file or a link."""
    if what not in templates and (found := bring(what)) is not None:
        if found.weights is not None:
            typer.echo("Training begins with fresh weights; those in the file are for `playground export`.", err=True)
        return None, found.experiment
    try:
        return what, templates[what]().experiment()
    except UnknownPart as problem:
        raise UserError(f"{problem} Or name a project file. `playground list templates` shows them.") from None


def with_data(experiment: Experiment, data: str) -> Experiment:
    """The experiment on other data, with the loss and metrics that suit them."""
    from playground.templates.suited import suited

    there = is_file(data)
    try:
        if data not in datasets and there:
            dataset = datasets.read(read_json(read_bytes(Path(data), most=MAX_FILE)))
            changed = suited(experiment, dataset)
            return changed.with_(data=changed.data.with_(dataset=dataset))
        return suited(experiment, datasets[data]())
    except UnknownPart as problem:
        where = " Data in their original files are looked for in the folders of PLAYGROUND_DATA." if there else ""
        raise UserError(f"{problem}{where} `playground list datasets` shows them.") from None
    except OSError as problem:
        raise UserError(f"{data} cannot be read: {problem.strerror}.") from None
    except ValueError as problem:
        raise UserError(f"{data}: {problem}") from None


def train(experiment: Experiment, *, template: str | None, device: str) -> dict[str, Any]:
    """Train in the engine, showing how it goes, and return what the command answers with."""
    try:
        engine = connect(home())
    except EngineFailed as problem:
        raise UserError(str(problem)) from None
    run = new_run_id()
    said: queue.SimpleQueue[Message] = queue.SimpleQueue()
    line = LiveLine(sys.stderr)
    unsubscribe = engine.subscribe(lambda event, payload: said.put(event) if _is_about(event, run) else None)
    try:
        engine.send(
            StartRun(
                run=run,
                owner=OWNER,
                experiment=experiment.model_dump(mode="json"),
                template=template,
                device=device,
            )
        )
        engine.send(Play(run=run, owner=OWNER))
        numbers, end = follow(said, line, epochs=experiment.training.epochs)
        engine.request(Flush())
    except KeyboardInterrupt:
        engine.send(Pause(run=run, owner=OWNER))
        raise UserError(f"Stopped. What it had learned is kept as run {run}.") from None
    except EngineFailed as problem:
        raise UserError(str(problem)) from None
    finally:
        line.end()
        unsubscribe()
        engine.close()
        engine.wait_for_end()
    scores = {part: _of_part(numbers, part) for part in ("train", "validation", "test")}
    return {
        "run": run,
        "template": template,
        "dataset": experiment.data.dataset.kind,
        **scores,
        "epochs": end.epoch,
        "steps": end.step,
        "seconds": end.seconds,
        "parameters": end.parameters,
        "device": end.device,
    }


def follow(said: queue.SimpleQueue[Message], line: LiveLine, *, epochs: int) -> tuple[dict[str, float], RunChanged]:
    """Listen until the run is over and its weights are kept. The newest numbers, and its last state."""
    numbers: dict[str, float] = {}
    end: RunChanged | None = None
    kept, until = False, float("inf")
    while end is None or not kept:
        try:
            event = said.get(timeout=max(0.0, min(until - time.monotonic(), 3600.0)))
        except queue.Empty:
            if end is not None:
                break  # the disk may be full; the numbers are there all the same
            continue
        if isinstance(event, Metrics):
            for point in event.points:
                numbers |= point
            line.show(progress(numbers, epochs))
        elif isinstance(event, CheckpointWritten):
            kept = kept or event.purpose == "final"
        elif isinstance(event, Refused):
            raise UserError(event.message)
        elif isinstance(event, RunChanged):
            if event.message is not None:
                line.say(event.message)
            if event.state in ("failed", "interrupted") or (event.state == "paused" and event.diagnostic is not None):
                raise UserError(event.message or "The run ended before its time.")
            if event.state == "finished":
                end, until = event, time.monotonic() + 10
    return numbers, end


def progress(numbers: dict[str, float], epochs: int) -> str:
    """One line of how it goes."""
    known = [
        f"{name.replace('_', ' ')} {numbers[name]:.4g}" for name in sorted(numbers) if name not in ("step", "epoch")
    ]
    return f"epoch {numbers.get('epoch', 0):.0f} of {epochs}  step {numbers.get('step', 0):,.0f}  " + "  ".join(known)


def _is_about(event: Message, run: str) -> bool:
    return getattr(event, "run", None) == run or getattr(event, "about", None) == run


def _of_part(numbers: dict[str, float], part: str) -> dict[str, float]:
    start = f"{part}_"
    return {name.removeprefix(start): value for name, value in numbers.items() if name.startswith(start)}
