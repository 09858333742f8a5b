"""What every test stands on: a home of its own, the developers' data if they are there, the same seeds each time."""

import os
import random
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import settings
from xdist.scheduler import LoadScopeScheduling

# As every process of the engine has it, and before anything loads torch: two threads on a busy core wait for each other.
os.environ.update(dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1"))

ROOT = Path(__file__).parent.parent
SHARED_DATA = ROOT.parent / "shared" / "data"

# One core may be busy with a browser: time limits belong to pytest-timeout, not to single examples.
settings.register_profile("playground", deadline=None, derandomize=True)
settings.load_profile("playground")

if SHARED_DATA.is_dir():
    os.environ.setdefault("PLAYGROUND_DATA", str(SHARED_DATA))


class BrowserTogether(LoadScopeScheduling):  # type: ignore[misc]
    """Shares tests out by file, but keeps all browser tests on one worker: they share a server.

    `--dist loadgroup` says the same and is silently ignored under pytest 9.2 (pytest-xdist issue 1386, 2026-09).
    """

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        return "browser" if file.startswith("tests/e2e/") else file


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> BrowserTogether:
    """What `-n 2` uses."""
    return BrowserTogether(config, log)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """With several workers the browser tests start first: they take longest."""
    if hasattr(config, "workerinput"):
        items.sort(key=lambda item: "e2e" not in item.path.parts)


@pytest.fixture(autouse=True)
def home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty PLAYGROUND_HOME: no test sees what a person, or another test, made."""
    folder = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("PLAYGROUND_HOME", str(folder))
    return folder


@pytest.fixture(autouse=True)
def main_module(monkeypatch: pytest.MonkeyPatch) -> None:
    """Streamlit's test runner leaves its script behind as `__main__`; a process spawned later would run it again."""
    monkeypatch.setitem(sys.modules, "__main__", sys.modules["__main__"])


@pytest.fixture(autouse=True)
def seed() -> None:
    """Randomness that a test forgot to pin is at least the same each time."""
    random.seed(0)
    np.random.seed(0)  # noqa: NPY002  # guards code that uses the global state
