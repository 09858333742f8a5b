"""A server for each test, and two people."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.live.people import Person, Server


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    running = Server(tmp_path)
    running.start()
    yield running
    running.stop()


@pytest.fixture
def ada(server: Server) -> Person:
    return Person(server)


@pytest.fixture
def bob(server: Server) -> Person:
    return Person(server)
