"""`playground bench`: measure what we claim. Every file of `benchmarks/` is one benchmark."""

from __future__ import annotations

import ast
import difflib
import hashlib
import importlib.util
import json
import math
import os
import platform
import re
import subprocess
import sys
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from types import ModuleType
from typing import Any

import typer

from playground._paths import PACKAGE
from playground.commands.outcome import UserError, print_json

ALL = "all"


def command(
    name: str = typer.Argument("", metavar="[NAME]", help="Which benchmark, or all. Without it: list them."),
    only: str = typer.Option("", "--only", help="Leave out what does not have this in its name."),
    as_json: bool = typer.Option(False, "--json", help="Print one JSON array of results."),
) -> None:
    """Measure headline numbers: training rates, what the templates reach. Slow; results are told as they come.

    `all` measures everything that was not measured with this code yet, and writes the README's tables.
    """
    found = benchmarks()
    if not name:
        if as_json:
            print_json([{"name": key, "help": help_of(file)} for key, file in found.items()])
            return
        width = max((len(key) for key in found), default=0)
        for key, file in found.items():
            typer.echo(f"{key:<{width}}  {help_of(file)}")
        return
    if name not in found and name != ALL:
        close = difflib.get_close_matches(name, found, n=1)
        hint = f" Did you mean {close[0]}?" if close else ""
        raise UserError(f"There is no benchmark {name!r}.{hint} There are: {', '.join(found)}.")
    if name == ALL:
        measure_all(found)
        return
    results = []
    module = load(found[name])
    for result in module.measure(only=only):
        results.append(result)
        typer.echo(line_of(result), err=as_json)
    if not only and not hasattr(module, "RESULTS"):
        keep(found[name], results)
        write_tables()
    if as_json:
        print_json(results)


def measure_all(found: dict[str, Path]) -> None:
    """Every benchmark in a process of its own, then the README's tables. What was measured with the code of today is not
    measured again: an interrupted call goes on where it was. Raises UserError when one of them ended before its time."""
    failed = []
    for name, file in found.items():
        if measured_with(file) == code_of(file):
            typer.echo(f"{name}: measured with this code already")
            continue
        typer.echo(f"{name}: {help_of(file)}")
        if subprocess.run([sys.executable, "-m", "playground", "bench", name], check=False).returncode != 0:
            failed.append(name)
    write_tables()
    if failed:
        raise UserError(f"Not measured to the end: {', '.join(failed)}. The same command tries them again.")


def write_tables() -> None:
    """Bring the README to what the results say."""
    subprocess.run([sys.executable, str(PACKAGE.parent / "docs" / "tables.py")], check=True)


def keep(file: Path, results: list[dict[str, Any]]) -> None:
    """Write what a benchmark measured beside it, with the machine it was measured on."""
    kept = {"code": code_of(file), "machine": machine(), "measured": [_plain(result) for result in results]}
    place = result_file(file)
    place.parent.mkdir(exist_ok=True)
    unfinished = place.with_suffix(f".{os.getpid()}")
    unfinished.write_text(json.dumps(kept, indent=1, ensure_ascii=False, allow_nan=False) + "\n", encoding="utf-8")
    unfinished.replace(place)


def result_file(file: Path) -> Path:
    """Where the results of a benchmark lie."""
    return file.parent / "results" / f"{file.stem}.json"


def measured_with(file: Path) -> str | None:
    """The code that a benchmark's results were measured with; None: there are none, or the benchmark keeps them itself
    and knows what of them still holds."""
    try:
        code = json.loads(result_file(file).read_text(encoding="utf-8")).get("code")
    except (OSError, ValueError):
        return None
    return str(code) if code is not None else None


def code_of(file: Path) -> str:
    """A digest of all that a number may come from: the program's Python code and the benchmarks'."""
    digest = hashlib.sha256()
    for folder in (file.parent.parent / "playground", file.parent):
        for source in sorted(folder.rglob("*.py")):
            digest.update(str(source.relative_to(folder)).encode() + b"\0" + source.read_bytes() + b"\0")
    return digest.hexdigest()[:16]


def machine() -> dict[str, Any]:
    """What the numbers depend on besides the code."""
    return {
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "processor": processor(),
        "python": platform.python_version(),
        "torch": metadata.version("torch"),
        "date": datetime.now(UTC).date().isoformat(),
    }


def processor() -> str:
    """What the processor calls itself, or its kind."""
    try:
        known = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    except OSError:
        known = ""
    named = re.search(r"^model name\s*:\s*(.+)$", known, re.MULTILINE)
    return named.group(1).strip() if named else platform.processor() or platform.machine()


def _plain(value: Any) -> Any:
    """As JSON has it: no number that is none."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value if isinstance(value, str | int | bool | None) else str(value)


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


def load(file: Path) -> ModuleType:
    """A benchmark: its `measure(*, only)` yields one flat result after the other, each a JSON object. One that keeps its
    results itself, to take them up again, says where by `RESULTS`."""
    name = f"benchmarks.{file.stem}"
    spec = importlib.util.spec_from_file_location(name, file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def line_of(result: dict[str, Any]) -> str:
    """A result in one line: plain values as they are, the words of `says` last."""
    plain = {key: value for key, value in result.items() if key != "says" and not isinstance(value, list | dict)}
    words = "  ".join(
        f"{key} {value:.4g}" if isinstance(value, float) else f"{key} {value}" for key, value in plain.items()
    )
    return f"{words}  {result['says']}" if result.get("says") else words
