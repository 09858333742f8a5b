"""The README says what the results say."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def tables() -> ModuleType:
    """`docs/tables.py`."""
    spec = importlib.util.spec_from_file_location("tables", ROOT / "docs" / "tables.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_tables_are_made_from_the_results(tables: ModuleType) -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert tables.filled(text) == text, "Run `python docs/tables.py`."


def test_a_table_says_what_was_measured_what_was_promised_and_whether_it_holds(tables: ModuleType) -> None:
    ratio = {"job": "circle", "rate": 12345, "ratio": "ours / eager", "min": 5.5, "median": 6.25, "max": 7}
    lines = tables.table(
        [
            {**ratio, "goal": 6.0, "holds": True},
            {"name": "script", "p95_s": 1.7512, "goal": "p95 <= 1.5 s", "holds": False, "says": "one | two"},
            {"case": "mixed", "jain": 0.99, "goal": 3.0, "jain_goal": 0.95, "holds": True},
            {"killed": "host", "trial": 1, "orphans": 0, "gap": None, "holds": True},
            {"killed": "host", "trial": 2, "orphans": 3, "gap": 0.5, "holds": False},
            {"job": "absent", "holds": None, "says": "No data here."},
        ]
    ).splitlines()
    assert lines[2:] == [
        "| circle: ours / eager | **6.25** (5.5 … 7), rate 12,345 | ≥ 6 | yes |",
        "| script | p95 s 1.75 | p95 <= 1.5 s | **no** |",
        "| mixed | jain 0.99 | 3, jain 0.95 | yes |",
        "| host | 2 trials, at most: orphans 3, gap 0.5 | – | **no** |",
        "| absent | No data here. | – | – |",
    ]


def test_what_was_not_measured_is_not_passed_over(
    tables: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "benchmarks" / "results").mkdir(parents=True)
    for name in ("live", "fair"):
        (tmp_path / "benchmarks" / f"{name}.py").touch()
    machine = {"cores": 2, "processor": "Abacus", "python": "3.11", "torch": "2.13", "date": "2026-11-21"}
    kept = {"machine": machine, "measured": [{"name": "frames", "found": 3, "goal": "= 3", "holds": True}]}
    (tmp_path / "benchmarks" / "results" / "fair.json").write_text(json.dumps(kept))
    monkeypatch.setattr(tables, "ROOT", tmp_path)
    monkeypatch.setattr(tables, "RESULTS", tmp_path / "benchmarks" / "results")
    text = tables.measured()
    assert "`playground bench fair`, 2026-11-21, 2 cores of Abacus, Python 3.11, PyTorch 2.13:" in text
    assert "| frames | found 3 | = 3 | yes |" in text
    assert "Not measured yet: `live`." in text


def test_every_picture_and_page_it_names_is_there() -> None:
    import re

    text = (ROOT / "README.md").read_text(encoding="utf-8")
    named = [target for target in re.findall(r"\]\(([^)#]+)\)", text) if not target.startswith("http")]
    assert named
    assert [target for target in named if not (ROOT / target).exists()] == []
