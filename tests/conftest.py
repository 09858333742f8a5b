"""What every test stands on: a home of its own, the developers' data if they are there, the same seeds each time."""

import os
import random
from pathlib import Path

import numpy as np
import pytest
from hypothesis import settings

ROOT = Path(__file__).parent.parent
SHARED_DATA = ROOT.parent / "shared" / "data"

# One core may be busy with a browser: time limits belong to pytest-timeout, not to single examples.
settings.register_profile("playground", deadline=None, derandomize=True)
settings.load_profile("playground")

if SHARED_DATA.is_dir():
    os.environ.setdefault("PLAYGROUND_DATA", str(SHARED_DATA))


@pytest.fixture(autouse=True)
def home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty PLAYGROUND_HOME: no test sees what a person, or another test, made."""
    folder = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("PLAYGROUND_HOME", str(folder))
    return folder


@pytest.fixture(autouse=True)
def seed() -> None:
    """Randomness that a test forgot to pin is at least the same each time."""
    random.seed(0)
    np.random.seed(0)  # noqa: NPY002  # guards code that uses the global state
