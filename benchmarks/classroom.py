"""A class of thirty on one server: they connect within ten seconds, train, and change one setting every 20 seconds.

The people are programs that speak to the server as browsers do: they fetch the page with all it links, run its script
over Streamlit's socket, open ours with the token that it brought, and keep their cookies. They draw nothing, so that
the machine's cores are the server's; what they take of them is told. `--only 0.5` is a lesson of half a minute.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import quote

from benchmarks.browsers.bench import Bench
from benchmarks.browsers.browser import Browser
from benchmarks.browsers.figures import at_least, at_most, exactly
from benchmarks.browsers.server import Watcher, own_server

PEOPLE, RELOADING = 30, 10
ARRIVE, EVERY = 10.0, 20.0
"""Seconds within which they connect, and between two changes of one of them."""
MINUTES = 5.0
SCRIPT, CLICK, CHECKED, FRAMES = 1.5, 1.0, 1.0, 5.0
STEP = 200
SAME = "same link, same loss"
Edit = tuple[str, Callable[[dict[str, Any]], None]]


class Lesson:
    """What a class of so many did, and how long everything took."""

    def __init__(self, host: str, *, people: int, seconds: float) -> None:
        self.host, self.people, self.seconds = host, people, seconds
        self.began = self.over = 0.0
        self.arrived: list[float] = []
        self.scripts: list[float] = []
        self.visits: list[float] = []
        self.reloads: list[float] = []
        self.clicks: list[float] = []
        self.saved: list[float] = []
        self.checked: list[float] = []
        self.rates: list[float] = []
        self.troubles: list[str] = []
        self.fetched = 0

    async def hold(self) -> None:
        """All of it."""
        self.began = time.monotonic()
        self.over = self.began + ARRIVE + self.seconds
        told = await asyncio.gather(*(self._attend(number) for number in range(self.people)), return_exceptions=True)
        self.troubles += [f"{type(one).__name__}: {one}" for one in told if isinstance(one, Exception)]

    async def _attend(self, number: int) -> None:
        chance = random.Random(number)
        await _sleep_until(self.began + ARRIVE * number / self.people)
        browser = Browser(self.host, name=f"person {number}")
        try:
            bench = await self._visit(browser, self.visits)
            self.arrived.append(time.monotonic() - self.began)
            self.clicks.append(await bench.train())
            since = time.monotonic()
            reloads = number % (self.people // min(RELOADING, self.people)) == 0
            reload_at = self.over - (0.2 + 0.6 * chance.random()) * self.seconds if reloads else self.over
            next_edit = time.monotonic() + EVERY * chance.random()
            turn = 0
            while (until := min(next_edit, reload_at, self.over)) < self.over:
                await self._watch_until(bench, until)
                if until == reload_at:
                    reload_at = self.over
                    self._note(bench, since)
                    await bench.close()
                    await browser.leave()
                    bench = await self._visit(browser, self.reloads)
                    since = time.monotonic()
                else:
                    saved, checked = await bench.edit(*change(turn))
                    self.saved.append(saved)
                    self.checked.append(checked)
                    turn += 1
                    next_edit += EVERY
            await self._watch_until(bench, self.over)
            self._note(bench, since)
            await bench.close()
            await browser.leave()
        finally:
            self.troubles += browser.troubles
            self.fetched += browser.fetched_bytes

    async def _visit(self, browser: Browser, times: list[float]) -> Bench:
        began = time.monotonic()
        bench, script = await browser.visit()
        self.scripts.append(script)
        times.append(time.monotonic() - began)
        return bench

    async def _watch_until(self, bench: Bench, moment: float) -> None:
        """Look on; who sees his run finish presses Train again."""
        while await bench.finishes(moment):
            self.clicks.append(await bench.train())

    def _note(self, bench: Bench, since: float) -> None:
        """How often its picture moved, from its first to now, if that is long enough to tell."""
        now = time.monotonic()
        if now - since > 5.0:
            self.rates.append(bench.rate(since, now))

    def results(self) -> Iterator[dict[str, Any]]:
        """What is promised, and what else one would ask."""
        yield at_most("script, from connecting to its end", self.scripts, SCRIPT)
        yield at_most("Train to the first picture", self.clicks, CLICK)
        yield at_most("edit to its check", self.checked, CHECKED)
        yield at_most("edit to the disk", self.saved, None)
        yield at_most("first visit, address to open project", self.visits, None)
        yield at_most("reload to open project", self.reloads, None)
        yield at_least("frames a second as received", self.rates, FRAMES)
        yield exactly("session errors", len(self.troubles), 0, says="; ".join(self.troubles[:5]))
        yield {"name": "all have connected", "seconds": round(max(self.arrived, default=float("nan")), 2)}


def change(turn: int) -> Edit:
    """What a person changes next: the learning rate, then the units of the first layer, and so on."""
    if turn % 2 == 0:
        rate = (0.01, 0.003, 0.1, 0.03)[turn // 2 % 4]
        return f"Learning rate {rate}", lambda document: _set_rate(document, rate)
    units = (4, 5, 6, 3)[turn // 2 % 4]
    return f"{units} units", lambda document: _set_units(document, units)


def _set_rate(document: dict[str, Any], rate: float) -> None:
    document["experiment"]["training"]["optimizer"]["learning_rate"] = rate


def _set_units(document: dict[str, Any], units: int) -> None:
    nodes = document["experiment"]["networks"]["model"]["nodes"]
    next(node for node in nodes if node["layer"]["kind"] == "dense")["layer"]["units"] = units


async def same_loss(host: str, people: int) -> dict[str, Any]:
    """Everybody opens the same link and trains to the same step; the losses are compared as they were received."""
    first = Browser(host, name="who shares")
    bench, _ = await first.visit()
    link = await bench.ask("link")
    await bench.close()
    await first.leave()
    told = await asyncio.gather(*(_loss(host, link["text"], number) for number in range(people)))
    losses = {loss for loss, _ in told}
    return {
        "name": f"{SAME} at step {STEP}",
        "found": len(losses),
        "people": people,
        "loss": told[0][0],
        "goal": "= 1",
        "holds": len(losses) == 1 and not any(troubles for _, troubles in told),
        "says": "; ".join(trouble for _, troubles in told for trouble in troubles),
    }


async def _loss(host: str, link: str, number: int) -> tuple[str, list[str]]:
    """Every number of the curve's point at the step, as text, of one person."""
    browser = Browser(host, name=f"person {number}")
    browser.query = f"?x={quote(link)}"
    bench, _ = await browser.visit()
    while STEP not in bench.points or bench.run["state"] == "idle" or bench.run["step"] < STEP:
        await bench.epoch()
        if bench.run["step"] > STEP:
            raise ValueError(f"Step {STEP} is not the end of an epoch of this project.")
        if bench.run["step"] == STEP:
            await bench.until(lambda: STEP in bench.points, "the point of the last step")
    point = bench.points[STEP]
    await bench.close()
    await browser.leave()
    return repr(sorted(point.items())), list(browser.troubles)


async def _sleep_until(moment: float) -> None:
    await asyncio.sleep(max(0.0, moment - time.monotonic()))


def measure(*, only: str) -> Iterator[dict[str, Any]]:
    """`only` may name the part to do, `lesson` or `same`, or the minutes of a shorter lesson."""
    try:
        minutes, only = float(only), "lesson"
    except ValueError:
        minutes = MINUTES
    yield from attend(people=PEOPLE, seconds=60 * minutes, only=only)


def attend(*, people: int, seconds: float, only: str = "") -> Iterator[dict[str, Any]]:
    """The same with so many people for so long."""
    if only in "lesson":
        with own_server(PLAYGROUND_SHARED="1") as server, Watcher(server.pid) as watcher:
            lesson = Lesson(server.host, people=people, seconds=seconds)
            own, wall = time.process_time(), time.monotonic()
            asyncio.run(lesson.hold())
            share = (time.process_time() - own) / (time.monotonic() - wall)
            complaints = server.complaints()
        yield from lesson.results()
        yield exactly("errors in the logs", len(complaints), 0, says="; ".join(complaints[:5]))
        yield from watcher.results()
        fetched = round(lesson.fetched / 2**20 / people, 2)
        yield {"name": "the people themselves", "cores": round(share, 3), "fetched_mb_each": fetched}
    if only in SAME:
        with own_server(PLAYGROUND_SHARED="1") as server:
            yield asyncio.run(same_loss(server.host, people))
