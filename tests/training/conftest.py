"""Tests of training run as workers do."""

import pytest
import torch


@pytest.fixture(autouse=True, scope="session")
def one_thread() -> None:
    """Runs are the same bytes for one number of threads: one. More only wait for each other on a busy machine."""
    torch.set_num_threads(1)
