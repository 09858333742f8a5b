"""A class on one server, by programs that speak as browsers do: what `playground bench classroom` measures, in small."""

import asyncio
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar
from urllib.parse import urlsplit

import pytest

from benchmarks.browsers.browser import Browser
from benchmarks.classroom import STEP, attend, same_loss

T = TypeVar("T")


def beside(work: Coroutine[Any, Any, T]) -> T:
    """Run it in a thread: this one's event loop belongs to the browser."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, work).result()


def test_three_who_open_the_same_link_have_the_same_loss_to_the_last_digit(server_url: str) -> None:
    told = beside(same_loss(urlsplit(server_url).netloc, people=3))
    assert told["says"] == ""
    assert told["found"] == 1
    assert f"('step', {STEP:.1f})" in told["loss"]
    assert "train_loss" in told["loss"]


def test_a_reload_fetches_nothing_anew_but_the_page(server_url: str) -> None:
    async def story() -> tuple[int, int, int]:
        browser = Browser(urlsplit(server_url).netloc)
        bench, _ = await browser.visit()
        first, project = browser.requests, bench.project["id"]
        await bench.close()
        await browser.leave()
        bench, _ = await browser.visit()
        assert bench.project["id"] == project
        await bench.close()
        await browser.leave()
        assert not browser.troubles
        return first, browser.requests - first, browser.fetched_bytes

    first, again, fetched = beside(story())
    assert first > 40
    assert again == 1
    assert fetched < 1.5 * 2**20


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_thirty_people_train_change_and_reload_without_an_error() -> None:
    told = {str(result["name"]): result for result in attend(people=30, seconds=30.0)}
    for name in ("session errors", "errors in the logs", "same link, same loss at step 200"):
        assert told[name]["holds"], told[name]
    assert told["Train to the first picture"]["times"] == 30
    assert told["reload to open project"]["times"] == 10
    assert told["edit to its check"]["times"] >= 30
    assert told["frames a second as received"]["min"] > 0
    assert told["memory of all processes"]["share_mb"] > 100
