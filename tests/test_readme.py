"""The README says what the results say."""

from __future__ import annotations

import importlib.util
from pathlib import Path

ROOT = Path(__file__).parent.parent


def test_the_tables_are_made_from_the_results() -> None:
    spec = importlib.util.spec_from_file_location("tables", ROOT / "docs" / "tables.py")
    assert spec is not None
    assert spec.loader is not None
    tables = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tables)
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert tables.filled(text) == text, "Run `python docs/tables.py`."


def test_every_picture_and_page_it_names_is_there() -> None:
    import re

    text = (ROOT / "README.md").read_text(encoding="utf-8")
    named = [target for target in re.findall(r"\]\(([^)#]+)\)", text) if not target.startswith("http")]
    assert named
    assert [target for target in named if not (ROOT / target).exists()] == []
