"""The server goes away and comes back under an open page."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import BrowserContext, expect

from tests.e2e.bench import FIND, number, open_bench, wait_for_step
from tests.e2e.conftest import Server


def test_an_open_page_finds_everything_again_after_a_restart(
    own_server: Server, new_context: Callable[..., BrowserContext]
) -> None:
    page = new_context().new_page()
    page.add_init_script(FIND)
    open_bench(page, own_server.url)
    page.keyboard.press("Space")
    wait_for_step(page, 50)
    page.get_by_test_id("train").click()
    # Told by the run itself, not by the opening one that it replaced a moment ago.
    expect(page.get_by_test_id("advice")).to_contain_text(re.compile(r"Paused at step (?!8,000)"))
    rate = page.get_by_test_id("learning-rate")
    rate.fill("0.05")
    rate.press("Enter")
    found = re.search(r"Paused at step ([\d,]+)", page.get_by_test_id("advice").inner_text())
    assert found is not None
    step = int(found[1].replace(",", ""))

    page.get_by_test_id("canvas").click(position={"x": 500, "y": 40})
    own_server.stop()
    expect(page.get_by_test_id("connection-note")).to_contain_text("Your work is saved. The connection is not")
    own_server.start()
    # Nobody reloads: the page finds its way back by itself.
    expect(page.get_by_test_id("connection-note")).to_have_count(0, timeout=60_000)
    words = f"The server was restarted. It goes on from step {step:,}; Space starts it."
    expect(page.get_by_test_id("advice")).to_contain_text(words, timeout=60_000)
    expect(rate).to_have_value("0.05")
    page.keyboard.press("Space")
    wait_for_step(page, step + 20)

    page.reload()
    expect(rate).to_have_value("0.05", timeout=60_000)
    assert number(page, "status-step") >= step
