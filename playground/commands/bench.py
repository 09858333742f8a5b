"""`playground bench`: measure what we claim. Every file of `benchmarks/` is one benchmark."""

from __future__ import annotations

import ast
import difflib
import importlib.util
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import typer

from playground._paths import PACKAGE
from playground.commands.outcome import UserError, print_json

Measure = Callable[..., Iterator[dict[str, Any]]]


def command(
    name: str = typer.Argument("", metavar="[NAME]", help="Which benchmark. Without it: list them."),
    only: str = typer.Option("", "--only", help="Leave out what does not have this in its name."),
    as_json: bool = typer.Option(False, "--json", help="Print one JSON array of results."),
) -> None:
    """Measure headline numbers: training rates, what the templates reach. Slow; results are told as they come."""
    found = benchmarks()
    if not name:
        if as_json:
            print_json([{"name": key, "help": help_of(file)} for key, file in found.items()])
            return
        width = max((len(key) for key in found), default=0)
        for key, file in found.items():
            typer.echo(f"{key:<{width}}  {help_of(file)}")
        return
    if name not in found:
        close = difflib.get_close_matches(name, found, n=1)
        hint = f" Did you mean {close[0]}?" if close else ""
        raise UserError(f"There is no benchmark {name!r}.{hint} There are: {', '.join(found)}.")
    results = []
    for result in load(found[name])(only=only):
        results.append(result)
        typer.echo(line_of(result), err=as_json)
    if as_json:
        print_json(results)


def benchmarks() -> dict[str, Path]:
    """Every benchmark by its name. They come with the source, not with an installed copy."""
    folder = PACKAGE.parent / "benchmarks"
    files = {file.stem: file for file in sorted(folder.glob("*.py"))}
    if not files:
        raise UserError("The benchmarks come with the source code; an installed copy has none. Run this in a clone.")
    return files


def help_of(file: Path) -> str:
    """The first sentence of a benchmark's docstring, without importing it."""
    text = ast.get_docstring(ast.parse(file.read_text(encoding="utf-8"))) or ""
    return " ".join(text.split()).partition(". ")[0].rstrip(".")


def load(file: Path) -> Measure:
    """`measure(*, only)` of a benchmark: yields one flat result after the other, each a JSON object."""
    name = f"benchmarks.{file.stem}"
    spec = importlib.util.spec_from_file_location(name, file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    measure: Measure = module.measure
    return measure


def line_of(result: dict[str, Any]) -> str:
    """A result in one line: plain values as they are, the words of `says` last."""
    plain = {key: value for key, value in result.items() if key != "says" and not isinstance(value, list | dict)}
    words = "  ".join(
        f"{key} {value:.4g}" if isinstance(value, float) else f"{key} {value}" for key, value in plain.items()
    )
    return f"{words}  {result['says']}" if result.get("says") else words
