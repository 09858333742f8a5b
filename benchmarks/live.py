"""How quick it feels: pictures a second to thirty pages, from Train to the first picture, from an edit to its check.

The pictures come from an engine that draws one stored picture over and over: their making is measured elsewhere. The
rest is measured with the real engine, its workers ready; the last two in a real browser.
"""

from __future__ import annotations

import asyncio
import itertools
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

from benchmarks.browsers.bench import Bench
from benchmarks.browsers.browser import Browser
from benchmarks.browsers.figures import at_least, at_most
from benchmarks.browsers.screen import open_page, time_to_see
from benchmarks.browsers.server import Server, Watcher, own_server
from playground.core.files import Project, write_link
from playground.templates import templates

PAGES, SECONDS = 30, 10.0
RATE, CLICK, DRAWN = 25.0, 0.3, 0.15
TRIES = 20
NODES = 100


def measure(*, only: str) -> Iterator[dict[str, Any]]:
    """Everything whose name holds `only`."""
    names = (
        ("thirty runs, a page each", lambda: pictures("thirty runs, a page each", shared=False)),
        ("one run, thirty pages", lambda: pictures("one run, thirty pages", shared=True)),
        ("Train to the first picture, at the socket", clicks),
        ("Train to the first picture, in the browser", clicks_seen),
        (f"edit to its diagnostic, {NODES} nodes, in the browser", edits_seen),
    )
    for name, work in names:
        if only in name:
            yield from work()


# ---- pictures -------------------------------------------------------------------------------------------------------


def pictures(name: str, *, shared: bool, seconds: float = SECONDS, pages: int = PAGES) -> Iterator[dict[str, Any]]:
    """Pages that look, and an engine that shows. `shared`: all of them are one person's, on one project."""
    with tempfile.TemporaryDirectory(prefix="playground-bench-", ignore_cleanup_errors=True) as folder:
        server = Server(Path(folder))
        command = [sys.executable, "-m", "benchmarks.browsers.source", "--home", str(server.home)]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as source:
            assert source.stdout is not None
            if source.stdout.readline() != b"ready\n":
                raise RuntimeError("The engine that only shows pictures did not start.")
            server.trains = False
            with server.running(), Watcher(server.pid) as watcher:
                rates, ways = asyncio.run(_look(server, pages, shared, seconds))
            cores = watcher.cpu(server.pid) / seconds
    yield at_least(f"{name}: frames a second", rates, RATE, server_cores=round(cores, 2))
    yield at_most(f"{name}: way of a frame", ways, None)


async def _look(server: Server, pages: int, shared: bool, seconds: float) -> tuple[list[float], list[float]]:
    first = Browser(server.host)
    benches: list[Bench] = []
    for _ in range(pages):
        if not shared:
            first = Browser(server.host)
        bench, _ = await first.visit()
        benches.append(bench)
    begin = time.monotonic() + 1.0
    await asyncio.sleep(1.0 + seconds)
    rates = [bench.rate(begin, begin + seconds) for bench in benches]
    seen = itertools.chain.from_iterable(bench.pictures for bench in benches)
    ways = [one.at - one.made for one in seen if one.made is not None and begin <= one.at < begin + seconds]
    await asyncio.gather(*(bench.close() for bench in benches))
    return rates, ways


# ---- clicks ---------------------------------------------------------------------------------------------------------


def clicks() -> Iterator[dict[str, Any]]:
    """New projects, one after the other; each is opened, looked at for a moment, and trained."""
    with own_server() as server:
        yield at_most("Train to the first picture, at the socket", asyncio.run(_clicks(server)), CLICK)


async def _clicks(server: Server) -> list[float]:
    times = []
    for number in range(TRIES):
        browser = Browser(server.host, name=f"person {number}")
        bench, _ = await browser.visit()
        await bench.until(bench.shows_its_run, "a picture of a run that stands")
        times.append(await bench.train())
        await bench.pause()
        await bench.close()
        await browser.leave()
        if browser.troubles:
            raise RuntimeError("; ".join(browser.troubles))
    return times


def clicks_seen() -> Iterator[dict[str, Any]]:
    """The same as a person sees it: from the press of the button to a step in the strip that was not there before."""
    with own_server() as server, open_page() as page:
        page.goto(f"http://{server.host}/")
        page.get_by_test_id("node-input").wait_for()
        button = page.get_by_test_id("train")
        times = []
        for _ in range(TRIES // 2):
            moved = '(({step}) => step > 0 && step < 8000)({step: Number(element.innerText.replaceAll(",", ""))})'
            took = time_to_see(page, button.click, gesture="click", selector="[data-testid=status-step]", seen=moved)
            times.append(took)
            button.click()
            page.get_by_test_id("rewind").click()
            page.wait_for_function("window.__all('[data-testid=status-step]')[0].innerText === '0'")
    yield at_most("Train to the first picture, in the browser", times, CLICK)


# ---- edits ----------------------------------------------------------------------------------------------------------


def edits_seen() -> Iterator[dict[str, Any]]:
    """A layer is dropped on a large drawing; the server finds that nothing leads to it, and the page says so."""
    name = f"edit to its diagnostic, {NODES} nodes, in the browser"
    with own_server() as server, open_page() as page:
        page.goto(f"http://{server.host}/?x={quote(write_link(large_drawing(NODES)))}")
        page.get_by_test_id("canvas").wait_for()
        page.get_by_test_id("palette-dense").wait_for()
        times = []
        for number in range(TRIES // 2):
            spot = {"x": 300 + 25 * number, "y": 60}
            drop = lambda spot=spot: page.get_by_test_id("palette-dense").drag_to(  # noqa: E731
                page.get_by_test_id("canvas"), target_position=spot
            )
            selector = "[data-testid^='diagnostic-'][data-testid$='-unconnected']"
            times.append(time_to_see(page, drop, gesture="drop", selector=selector))
            page.keyboard.press("Control+z")
            page.wait_for_function("(selector) => window.__all(selector).length === 0", arg=selector)
    yield at_most(name, times, DRAWN, median_s=round(statistics.median(times), 4))


def large_drawing(nodes: int) -> Project:
    """A chain of so many nodes on the circle."""
    experiment = templates["circle"]().experiment()
    document = experiment.model_dump(mode="json")
    first, *hidden, last = document["networks"]["model"]["nodes"]
    between = [{**hidden[0], "id": f"layer{number}"} for number in range(nodes - 3)]
    chain = [first, *between, hidden[-1], last]
    edges = [{"source": a["id"], "target": b["id"]} for a, b in itertools.pairwise(chain)]
    document["networks"]["model"] = {"nodes": chain, "edges": edges}
    return Project(title=f"{nodes} nodes", experiment=type(experiment).model_validate(document))
