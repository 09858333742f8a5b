"""A worker started from a running server is a process of its own, not a second server."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext

from tests.e2e.bench import FIND, open_bench, wait_for_step
from tests.e2e.conftest import Server

# Loaded by every Python process of the server's family before anything else: notes the process, and each time one of
# them executes the app's main script.
WITNESS = """
import os, sys

def note(word):
    with open(os.environ["WITNESS"], "a") as file:
        file.write(f"{word} {os.getpid()}\\n")

def watch(event, arguments):
    if event == "exec" and getattr(arguments[0], "co_filename", "").endswith(os.path.join("app", "home.py")):
        note("home")

note("process")
sys.addaudithook(watch)
"""


def test_no_other_process_than_the_server_runs_the_main_script(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, new_context: Callable[..., BrowserContext]
) -> None:
    seen = tmp_path / "seen"
    (tmp_path / "sitecustomize.py").write_text(WITNESS)
    monkeypatch.setenv("WITNESS", str(seen))
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    server = Server(tmp_path)
    server.start()
    try:
        page = new_context().new_page()
        page.add_init_script(FIND)
        open_bench(page, server.url)
        page.keyboard.press("Space")
        wait_for_step(page, 20)
        assert server.process is not None
        pid = str(server.process.pid)
    finally:
        server.stop()
    lines = [line.split() for line in seen.read_text().splitlines()]
    processes = {number for word, number in lines if word == "process"}
    ran_home = {number for word, number in lines if word == "home"}
    assert ran_home == {pid}
    assert processes > {pid}  # host and fork server were there, and watched
