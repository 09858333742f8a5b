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


TABLES: dict[str, Callable[[], str]] = {"templates": templates, "xor": xor}


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
