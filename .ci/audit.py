"""Asks the public lists of known weaknesses about what we install: pip-audit for Python, npm audit for the front end.

Advisory: it prints what it finds, or in one line why it found nothing, and always succeeds. Lists change from day to day;
a check that failed because of them would say nothing about the change that is checked. Each question ends after 30 s.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
SECONDS = 30


def python_command() -> list[str]:
    """What asks about the packages of this environment."""
    options = ["--local", "--skip-editable", "--format", "json", "--progress-spinner", "off", "--timeout", "10"]
    return [sys.executable, "-m", "pip_audit", *options]


def npm_command() -> list[str]:
    """What asks about the packages of the lock file, those that only build included."""
    sys.path.insert(0, str(ROOT))
    from hatch_build import bundled_node

    node, script = bundled_node()
    return [str(node), str(script), "audit", "--json", "--package-lock-only"]


def python_findings(told: dict[str, Any]) -> list[str]:
    """A line a weakness. Raises ValueError when no package could be looked up."""
    packages = told["dependencies"]
    asked = [package for package in packages if "skip_reason" not in package]
    if not asked:
        raise ValueError(f"none of {len(packages)} packages could be looked up")
    return [
        f"{package['name']} {package['version']}: {weakness['id']}"
        + (f", mended in {', '.join(weakness['fix_versions'])}" if weakness["fix_versions"] else ", not mended yet")
        for package in asked
        for weakness in package["vulns"]
    ]


def npm_findings(told: dict[str, Any]) -> list[str]:
    """A line a package. Raises ValueError when the registry does not answer such questions."""
    if "vulnerabilities" not in told:
        error = told.get("error")
        why = error.get("summary") if isinstance(error, dict) else None
        raise ValueError(" ".join(str(why or told.get("message") or "no answer").split()))
    return [f"{name} {found['range']}: {found['severity']}" for name, found in sorted(told["vulnerabilities"].items())]


def audit(name: str, command: Callable[[], list[str]], read: Callable[[dict[str, Any]], list[str]]) -> str:
    """What one of the two has to say."""
    try:
        done = subprocess.run(
            command(), cwd=ROOT / "components", capture_output=True, text=True, timeout=SECONDS, check=False
        )
        found = read(json.loads(done.stdout))
    except subprocess.TimeoutExpired:
        return f"{name}: no answer within {SECONDS} s; nothing was checked."
    except (OSError, ImportError, StopIteration, ValueError, KeyError, TypeError, AttributeError) as problem:
        # JSON that is none comes where a proxy or a missing network answers instead.
        why = "no answer" if isinstance(problem, json.JSONDecodeError) else str(problem)[:200]
        return f"{name}: {why}; nothing was checked."
    if not found:
        return f"{name}: no known weakness."
    return "\n".join([f"{name}: {len(found)} known weaknesses (advisory):", *(f"  {line}" for line in found)])


def main() -> None:
    """Both, one after the other."""
    for asked in (("pip-audit", python_command, python_findings), ("npm audit", npm_command, npm_findings)):
        print(audit(*asked), flush=True)


if __name__ == "__main__":
    main()
