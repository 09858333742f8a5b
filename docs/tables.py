"""Writes the README's tables from `benchmarks/results`: no number stands there that a command did not measure.

`python docs/tables.py` writes them; `python docs/tables.py --check` exits 1 when they are not what the results say.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
RESULTS = ROOT / "benchmarks" / "results"
README = ROOT / "README.md"


def templates() -> str:
    """What every template reaches beside its target and the best simple model."""
    measured: dict[str, Any] = json.loads((RESULTS / "templates.json").read_text(encoding="utf-8"))["templates"]
    rows = [
        "| template | weights | target | reached | best simple model | seconds |",
        "| --- | --: | --: | --: | --- | --: |",
    ]
    for kind, found in measured.items():
        shown = _percent if found["metric"].endswith("accuracy") else _plain
        simple = f"{found['simple_model']} {shown(found['simple_score'])}"
        numbers = f"{shown(found['target'])} | **{shown(found['median'])}** | {simple} | {found['seconds']:,.1f}"
        rows.append(f"| `{kind}` | {found['parameters']:,} | {numbers} |")
    return "\n".join(rows)


def xor() -> str:
    """How often XOR is solved, over 100 seeds."""
    measured: dict[str, Any] = json.loads((RESULTS / "xor.json").read_text(encoding="utf-8"))
    rows = ["| network | solved |", "| --- | --: |"]
    rows += [f"| {name} | {_percent(found['solved'])} of {found['seeds']} seeds |" for name, found in measured.items()]
    return "\n".join(rows)


def measured() -> str:
    """Everything else that was measured, a table a benchmark; and what was not."""
    parts, missing = [], []
    for file in sorted((ROOT / "benchmarks").glob("*.py")):
        results = RESULTS / f"{file.stem}.json"
        if file.stem in TABLES:
            continue
        if not results.is_file():
            missing.append(f"`{file.stem}`")
            continue
        kept: dict[str, Any] = json.loads(results.read_text(encoding="utf-8"))
        parts += [f"`playground bench {file.stem}`, {_machine(kept['machine'])}:", table(kept["measured"])]
    if missing:
        parts.append(f"Not measured yet: {', '.join(missing)}.")
    return "\n" + "\n\n".join(parts) + "\n"


def table(results: list[dict[str, Any]]) -> str:
    """Results of any benchmark: what, the numbers, what was promised, whether it holds."""
    rows = ["| what | measured | goal | holds |", "| --- | --- | --- | --- |"]
    for what, together in _by_name(results).items():
        found = together[0] if len(together) == 1 else _worst(together)
        holds = {True: "yes", False: "**no**", None: "–"}[found.get("holds")]
        cells = (what, _numbers(found), _goal(found), holds)
        rows.append("| " + " | ".join(str(cell).replace("|", "\\|") for cell in cells) + " |")
    return "\n".join(rows)


NAMES = ("name", "case", "job", "killed")
"""Keys of what a result is about."""
NO_NUMBERS = {*NAMES, "ratio", "goal", "holds", "says", "trial", "trials"}


def _by_name(results: list[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    """Results about the same thing stand together: trials that were repeated."""
    found: dict[str, list[dict[str, Any]]] = {}
    for result in results:
        about = next((str(result[key]) for key in NAMES if key in result), "–")
        found.setdefault(": ".join([about, *([result["ratio"]] if "ratio" in result else [])]), []).append(result)
    return found


def _worst(trials: list[dict[str, Any]]) -> dict[str, Any]:
    """Of trials of one kind: how many, the largest of every number, and whether all hold."""
    keys = dict.fromkeys(key for trial in trials for key in trial)
    found: dict[str, Any] = {"trials": len(trials)}
    for key in keys:
        values = [trial[key] for trial in trials if trial.get(key) is not None]
        if key == "holds":
            found[key] = all(values) if values else None
        elif values and all(_is_number(value) for value in values):
            found[key] = max(values)
        elif values and key == "goal":
            found[key] = values[0]
    return found


def _numbers(found: dict[str, Any]) -> str:
    """The numbers of one result, or the sentence that says why there are none."""
    if {"min", "median", "max"} <= found.keys():
        first = [f"**{_short(found['median'])}** ({_short(found['min'])} … {_short(found['max'])})"]
    else:
        first = [f"{found['trials']} trials, at most"] if "trials" in found else []
    rest = [
        f"{key.replace('_', ' ')} {_short(value)}"
        for key, value in found.items()
        if _is_number(value) and key not in {*NO_NUMBERS, "min", "median", "max"} and "goal" not in key
    ]
    words = ", ".join([*first, *rest]).replace("at most, ", "at most: ", 1)
    return words or str(found.get("says") or "–")


def _goal(found: dict[str, Any]) -> str:
    """What was promised, with whatever else the result calls a goal."""
    first = [_short(found["goal"]) if _is_number(found["goal"]) else found["goal"]] if found.get("goal") else []
    if "ratio" in found and _is_number(found.get("goal")):
        first = [f"≥ {first[0]}"]
    more = [
        f"{key.replace('_goal', '').replace('_', ' ')} {_short(value)}"
        for key, value in found.items()
        if key != "goal" and "goal" in key and _is_number(value)
    ]
    return ", ".join([*first, *more]) or "–"


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _short(value: float) -> str:
    return f"{value:,}" if isinstance(value, int) else f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def _machine(machine: dict[str, Any]) -> str:
    cores = f"{machine['cores']} {'core' if machine['cores'] == 1 else 'cores'}"
    return (
        f"{machine['date']}, {cores} of {machine['processor']}, Python {machine['python']}, PyTorch {machine['torch']}"
    )


TABLES: dict[str, Callable[[], str]] = {"templates": templates, "xor": xor, "measured": measured}


def filled(text: str) -> str:
    """The README with each table between its two marks made anew. Raises ValueError where a mark is missing."""
    for name, table in TABLES.items():
        start, end = f"<!-- {name} -->", f"<!-- end of {name} -->"
        before, found, rest = text.partition(start)
        _, closed, after = rest.partition(end)
        if not found or not closed:
            raise ValueError(f"README.md has no {start} … {end}.")
        text = f"{before}{start}\n{table()}\n{end}{after}"
    return text


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"


def _plain(value: float) -> str:
    return f"R² {value:.2f}"


def main() -> int:
    """Write, or check."""
    text = README.read_text(encoding="utf-8")
    made = filled(text)
    if "--check" in sys.argv:
        return int(made != text)
    README.write_text(made, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
