"""The audits tell and never stop a change: not by what they find, and not by finding nobody to ask."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def audits() -> ModuleType:
    """`.ci/audit.py`."""
    spec = importlib.util.spec_from_file_location("audits", ROOT / ".ci" / "audit.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def says(text: str) -> Any:
    return lambda: [sys.executable, "-c", f"print({text!r})"]


def test_a_weakness_is_named_with_its_remedy(audits: ModuleType) -> None:
    weak = {"name": "a", "version": "1.0", "vulns": [{"id": "PYSEC-1", "fix_versions": ["1.1"]}]}
    strong, unknown = {"name": "b", "version": "2", "vulns": []}, {"name": "c", "skip_reason": "not found"}
    assert audits.python_findings({"dependencies": [weak, strong, unknown]}) == ["a 1.0: PYSEC-1, mended in 1.1"]
    found = {"vulnerabilities": {"x": {"range": "<2", "severity": "high"}}}
    assert audits.npm_findings(found) == ["x <2: high"]


def test_what_was_not_looked_up_is_not_called_safe(audits: ModuleType) -> None:
    told = '{"dependencies": [{"name": "c", "skip_reason": "not found"}]}'
    line = audits.audit("pip-audit", says(told), audits.python_findings)
    assert line == "pip-audit: none of 1 packages could be looked up; nothing was checked."
    line = audits.audit("npm audit", says('{"error": {"summary": "405"}}'), audits.npm_findings)
    assert line == "npm audit: 405; nothing was checked."


@pytest.mark.parametrize("told", ["", "<html>", "[]", "null", "{}"])
def test_an_answer_that_is_none_is_one_line(audits: ModuleType, told: str) -> None:
    for read in (audits.python_findings, audits.npm_findings):
        assert audits.audit("it", says(told), read).endswith("nothing was checked.")


def test_a_service_that_never_answers_is_not_waited_for(audits: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audits, "SECONDS", 0.5)
    forever = lambda: [sys.executable, "-c", "import threading; threading.Event().wait(100)"]  # noqa: E731
    assert audits.audit("it", forever, audits.npm_findings) == "it: no answer within 0.5 s; nothing was checked."
    missing = lambda: ["/no/such/program"]  # noqa: E731
    assert "nothing was checked" in audits.audit("it", missing, audits.npm_findings)
