"""The whole story of the Build page: draw, break, repair, train, come back, and somebody else's eyes."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.e2e.bench import FIND, drag_layer, node, number, open_bench, picture, wait_for_step, wire


@pytest.fixture
def bench(page: Page, server_url: str) -> Page:
    """A first visit, with the drawing there."""
    page.add_init_script(FIND)
    open_bench(page, server_url)
    return page


def test_the_first_page_shows_a_trained_network_and_one_button(bench: Page) -> None:
    headline = bench.get_by_test_id("headline")
    expect(headline).to_contain_text("This is a neural network. Orange points and blue points are its data.")
    expect(headline).to_contain_text("It was trained before you came. Press ▶ to watch it learn again from nothing.")
    expect(bench.get_by_test_id("train")).to_be_focused()
    expect(bench.get_by_test_id("train")).to_contain_text("Train")
    assert len(set(picture(bench))) > 20


def test_a_layer_is_dragged_in_wired_and_gets_its_shape(bench: Page) -> None:
    drag_layer(bench, "dense", 420, 480)
    expect(node(bench, "dense")).to_be_visible()
    expect(bench.get_by_test_id("diagnostic-dense-unconnected")).to_be_visible()
    wire(bench, "hidden", "dense")
    wire(bench, "dense", "last")
    expect(bench.get_by_test_id("diagnostic-dense-unconnected")).to_have_count(0)
    expect(node(bench, "dense")).to_contain_text("8")
    expect(node(bench, "last")).to_contain_text("9")  # 8 weights and a bias


def test_a_mistake_is_told_at_its_node_and_repaired_by_one_button(bench: Page) -> None:
    bench.get_by_test_id("data").click()
    bench.get_by_test_id("dataset-iris").click()
    chip = bench.locator('[data-testid$="-output-width"]')
    expect(chip).to_contain_text("The data have 3 kinds of iris. This output has 1 number, enough for 2 kinds.")
    expect(chip.get_by_role("button")).to_have_text(["Use 3 outputs", "Back to circle"])
    chip.get_by_role("button", name="Use 3 outputs").click()
    expect(chip).to_have_count(0)
    bench.keyboard.press("Control+z")
    expect(chip).to_be_visible()
    chip.get_by_role("button", name="Back to circle").click()
    expect(chip).to_have_count(0)
    expect(bench.get_by_test_id("data")).to_contain_text("Circle")


def test_it_learns_is_slowed_paused_and_still_there_after_a_reload(bench: Page) -> None:
    before = picture(bench)
    bench.keyboard.press("Space")
    wait_for_step(bench, 30)
    early = number(bench, "status-loss")
    expect(bench.get_by_test_id("headline")).to_have_count(0)
    rate = bench.get_by_test_id("learning-rate")
    rate.fill("0.05")
    rate.press("Enter")
    wait_for_step(bench, 400)
    assert number(bench, "status-loss") < early
    assert picture(bench) != before
    bench.get_by_test_id("train").click()
    expect(bench.get_by_test_id("advice")).to_contain_text(re.compile(r"Paused at step [\d,]+\. Space goes on\."))
    step, moved = number(bench, "status-step"), picture(bench)

    bench.reload()
    expect(bench.get_by_test_id("advice")).to_contain_text(f"Paused at step {step:,.0f}.", timeout=60_000)
    assert number(bench, "status-step") == step
    expect(bench.get_by_test_id("learning-rate")).to_have_value("0.05")
    bench.wait_for_function("() => window.__find('output-picture')")
    assert len(set(picture(bench)) & set(moved)) > 10
    bench.keyboard.press("Space")
    wait_for_step(bench, int(step) + 20)
    bench.get_by_test_id("train").click()
    expect(bench.get_by_test_id("advice")).to_contain_text("Paused at step")


def test_an_added_layer_keeps_the_weights_and_says_so(bench: Page) -> None:
    bench.keyboard.press("Space")
    wait_for_step(bench, 30)
    box = node(bench, "hidden").bounding_box()
    assert box is not None
    node(bench, "hidden").click(position={"x": box["width"] / 2, "y": 8})
    bench.get_by_test_id("palette-dense").click()
    expect(bench.get_by_test_id("toasts")).to_contain_text(re.compile(r"Dense added\. \d+ of \d+ weights were kept"))
    bench.get_by_test_id("train").click()


def test_a_page_change_keeps_the_project(bench: Page) -> None:
    address = bench.url
    bench.get_by_test_id("stTopNavLink").filter(has_text="Runs").click()
    expect(bench.get_by_test_id("runs")).to_be_visible()
    bench.get_by_test_id("stTopNavLink").filter(has_text="Build").click()
    expect(node(bench, "hidden")).to_be_visible()
    bench.wait_for_url(address)


def test_somebody_else_may_look_and_copy_and_nothing_more(
    bench: Page, new_context: Callable[..., BrowserContext], server_url: str
) -> None:
    bench.keyboard.press("Space")
    wait_for_step(bench, 30)
    bench.get_by_test_id("train").click()
    other = new_context().new_page()
    other.add_init_script(FIND)
    open_bench(other, bench.url)
    expect(other.get_by_test_id("readonly")).to_be_visible()
    assert other.url == bench.url
    other.keyboard.press("Space")
    assert number(other, "status-step") != number(bench, "status-step")
    other.get_by_test_id("make-copy").click()
    other.wait_for_url(lambda url: "p=" in url and url != bench.url)
    expect(other.get_by_test_id("readonly")).to_have_count(0)
    expect(node(other, "hidden")).to_be_visible()
    other.goto(f"{server_url}/runs")
    expect(other.get_by_test_id("runs-empty")).to_be_visible()
    bench.goto(f"{server_url}/runs")
    expect(bench.get_by_test_id("run").first).to_be_visible()
