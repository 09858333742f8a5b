"""A running server and a real browser for every test in this folder.

Use `page` for one person with one tab, `context` for one person, `new_context` for several, `server_url` for plain
requests. A test fails on errors in the browser's console unless it calls `page_errors.clear()` after expecting them.
Our content policy lets no text become code: `wait_for_function` takes a function, `"() => …"`, not an expression.
"""

import os
import re
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Playwright, sync_playwright

from tests.e2e.browser import MISSING, find_browser

HERE = Path(__file__).parent
START_SECONDS = 90
STOP_SECONDS = 30
WAIT_MS = 30_000
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--no-default-browser-check",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-domain-reliability",
    "--disable-sync",
    "--disable-features=Translate,MediaRouter,OptimizationHints",
    "--metrics-recording-only",
]
# A deep link asks for these two below the page's path first, gets 404 and then asks at the right place.
HARMLESS = re.compile(r"/\w+/_stcore/(health|host-config)")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what is in this folder, and give it time: a browser on a busy machine is slow."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker("e2e")
            if item.get_closest_marker("timeout") is None:
                item.add_marker(pytest.mark.timeout(300))


# What the browser tests share. Playwright keeps an event loop running in this thread, and no other test could have its
# own beside it: so this ends with the last browser test, not with the session.
stage = ExitStack()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(nextitem: pytest.Item | None) -> Iterator[None]:
    """Strike the stage after the last test of this folder."""
    yield
    if nextitem is None or HERE not in nextitem.path.parents:
        stage.close()


def free_port() -> int:
    """A port that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Server:
    """A playground of its own: own port, own home. `restart()` keeps the home."""

    def __init__(self, folder: Path) -> None:
        self.home = folder / "home"
        self.log = folder / "server.log"
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start and wait until it answers."""
        command = [sys.executable, "-m", "playground", "--address", "127.0.0.1", "--port", str(self.port)]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [*command, "--server.fileWatcherType", "none"],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env={**os.environ, "PLAYGROUND_HOME": str(self.home)},
            )
        deadline = time.monotonic() + START_SECONDS
        while not self.answers():
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise AssertionError(f"The server did not start:\n{self.log.read_text()}")
            time.sleep(0.1)

    def answers(self) -> bool:
        """Whether Streamlit says it is healthy."""
        try:
            with urllib.request.urlopen(f"{self.url}/_stcore/health", timeout=2) as answer:
                return answer.status == 200
        except (urllib.error.URLError, OSError):
            return False

    def stop(self) -> None:
        """End it as a service manager would, then by force."""
        if self.process is None:
            return
        self.process.terminate()
        try:
            self.process.wait(timeout=STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise AssertionError(f"The server ignored SIGTERM for {STOP_SECONDS} s:\n{self.log.read_text()}") from None
        finally:
            self.process = None

    def restart(self) -> None:
        """Stop and start again on the same port with the same home."""
        self.stop()
        self.start()


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Server:
    """The server that the browser tests share."""
    running = Server(tmp_path_factory.mktemp("server"))
    stage.callback(running.stop)
    running.start()
    return running


@pytest.fixture
def own_server(tmp_path: Path) -> Iterator[Server]:
    """A server of this test alone, for tests that stop it or fill its home."""
    running = Server(tmp_path)
    running.start()
    yield running
    running.stop()


@pytest.fixture(scope="session")
def server_url(server: Server) -> str:
    """Where the shared server is: http://127.0.0.1:PORT, without a slash at the end."""
    return server.url


@pytest.fixture(scope="session")
def playwright() -> Playwright:
    """Playwright itself."""
    return stage.enter_context(sync_playwright())


@pytest.fixture(scope="session")
def browser(playwright: Playwright) -> Browser:
    """Chromium. Without one the tests fail: skipping them would look like success."""
    path = find_browser(playwright)
    if path is None:
        pytest.fail(MISSING)
    running = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
    stage.callback(running.close)
    return running


@pytest.fixture
def new_context(browser: Browser) -> Iterator[Callable[..., BrowserContext]]:
    """Make another person: own cookies, own storage. Takes Playwright's options, such as color_scheme="dark"."""
    made: list[BrowserContext] = []

    def make(**options: object) -> BrowserContext:
        context = browser.new_context(**{"viewport": {"width": 1440, "height": 900}, **options})  # type: ignore[arg-type]
        context.set_default_timeout(WAIT_MS)
        made.append(context)
        return context

    yield make
    for context in made:
        context.close()


@pytest.fixture
def context(new_context: Callable[..., BrowserContext]) -> BrowserContext:
    """One person at 1440 × 900, light."""
    return new_context()


@pytest.fixture
def page_errors() -> list[str]:
    """Errors the console showed so far; whatever is left at the end fails the test."""
    return []


@pytest.fixture
def page(context: BrowserContext, page_errors: list[str]) -> Iterator[Page]:
    """An empty tab whose console is watched."""
    tab = context.new_page()
    watch(tab, page_errors)
    yield tab
    assert not page_errors, f"The browser's console shows: {page_errors}"


def watch(tab: Page, errors: list[str]) -> None:
    """Collect what the console of a tab reports as an error, and exceptions nobody caught."""

    def on_console(message: ConsoleMessage) -> None:
        where = message.location.get("url", "")
        if message.type == "error" and not HARMLESS.search(where):
            errors.append(f"{message.text} ({where})")

    tab.on("console", on_console)
    tab.on("pageerror", lambda error: errors.append(str(error)))
