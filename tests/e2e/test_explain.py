"""The Explain page: a run trained here is asked why, and the answer is doubted."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, WebSocketRoute, expect

from tests.e2e.bench import FIND, READY_MS, open_bench, wait_for_step
from tests.e2e.conftest import WAIT_MS, watch

CASE = re.compile(r"^Case \d+: ")


@pytest.fixture(scope="module")
def asked(browser: Browser, server_url: str) -> Iterator[Page]:
    """One person who trained the circle for a while and asks it why."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    context.set_default_timeout(WAIT_MS)
    page, errors = context.new_page(), list[str]()
    watch(page, errors)
    page.add_init_script(FIND)
    open_bench(page, server_url)
    page.keyboard.press("Space")
    wait_for_step(page, 200)
    page.keyboard.press("Space")
    expect(page.get_by_test_id("advice")).to_contain_text("Paused at step")
    page.get_by_test_id("ask-why").click()
    expect(page.get_by_test_id("case-plane")).to_be_visible(timeout=READY_MS)
    yield page
    context.close()
    assert not errors, f"The browser's console shows: {errors}"


def explained(page: Page) -> None:
    """Wait for the explanation that was asked for."""
    expect(page.get_by_test_id("stamp")).to_be_visible(timeout=READY_MS)


def test_the_run_one_comes_from_is_chosen_and_its_cases_are_sorted(asked: Page) -> None:
    assert re.search(r"/explain\?.*run=\w+", asked.url)
    picker = asked.get_by_test_id("explain-run")
    expect(picker.locator("option:checked")).to_contain_text("Circle")
    for tab, word in (("right", "Right"), ("wrong", "Wrong"), ("unsure", "Unsure")):
        expect(asked.get_by_test_id(f"tab-{tab}")).to_have_text(re.compile(rf"^{word} \d+$"))
    assert asked.get_by_role("button", name=CASE).count() > 10


def test_integrated_gradients_say_what_the_answer_rests_on_and_how_exact_that_is(asked: Page) -> None:
    explained(asked)
    expect(asked.get_by_test_id("answer")).to_have_text(
        re.compile(r"^The network says (blue|orange), [01]\.\d\d\. The data say (so too|blue|orange)\.$")
    )
    parts = asked.get_by_test_id("explanation-map")
    expect(parts).to_contain_text("x₁")
    expect(parts).to_contain_text("x₂")
    stamp = asked.get_by_test_id("stamp")
    expect(stamp).to_have_attribute("data-word", re.compile("^(OK|CAUTION|WITHHELD|NOT TESTED)$"))
    stamp.click()
    expect(asked.get_by_role("row", name=re.compile("Parts add up"))).to_contain_text(
        re.compile(r"The parts differ from the whole by \d+\.\d %")
    )
    stamp.click()


def test_the_proof_shows_three_bars(asked: Page) -> None:
    explained(asked)
    proof = asked.get_by_test_id("proof")
    for row in ("Expected", "Highlighted part erased", "Same area at random"):
        expect(proof).to_contain_text(row)
    expect(proof.locator(".pge-proof-row b")).to_have_text([re.compile(r"^[01]\.\d\d$")] * 3)


def test_a_method_that_does_not_fit_says_why(asked: Page) -> None:
    chip = asked.get_by_test_id("method-grad_cam")
    expect(chip).to_be_disabled()
    expect(chip).to_have_attribute("title", re.compile(r"\w+.*\."))


def test_keys_walk_through_tabs_and_cases(asked: Page) -> None:
    asked.get_by_test_id("tab-right").focus()
    asked.keyboard.press("End")
    expect(asked.get_by_test_id("tab-unsure")).to_have_attribute("aria-selected", "true")
    asked.keyboard.press("Home")
    expect(asked.get_by_test_id("tab-right")).to_have_attribute("aria-selected", "true")
    asked.keyboard.press("Tab")
    first = asked.get_by_role("button", name=CASE).first
    expect(first).to_be_focused()
    asked.keyboard.press("ArrowDown")
    second = asked.get_by_role("button", name=CASE).nth(1)
    expect(second).to_be_focused()
    asked.keyboard.press("Enter")
    expect(second).to_have_attribute("aria-pressed", "true")
    expect(first).to_have_attribute("aria-pressed", "false")
    explained(asked)


def test_a_case_that_is_changed_is_answered_anew(asked: Page) -> None:
    explained(asked)
    plane = asked.get_by_test_id("case-plane").bounding_box()
    assert plane is not None
    x, y = plane["x"] + plane["width"] / 2, plane["y"] + plane["height"] / 2
    asked.mouse.move(x - 60, y - 20)
    asked.mouse.down()
    asked.mouse.move(x, y, steps=3)
    asked.mouse.up()
    said = asked.get_by_text("With your change: blue")
    expect(said).to_be_visible(timeout=READY_MS)
    asked.get_by_role("button", name="Back to the case").click()
    expect(said).to_have_count(0)


def test_what_takes_long_can_be_stopped_and_asked_again(asked: Page, server_url: str) -> None:
    page, held = asked.context.new_page(), [True]

    def hold_back(socket: WebSocketRoute) -> None:
        server = socket.connect_to_server()

        def pass_on(message: str | bytes) -> None:
            if not (held and isinstance(message, str) and '"type":"explanation"' in message.replace(" ", "")):
                socket.send(message)

        server.on_message(pass_on)

    page.route_web_socket(re.compile("/pgapi/ws"), hold_back)
    page.goto(f"{server_url}/explain")
    expect(page.locator(".pge-waiting .pge-skeleton")).to_be_visible()
    page.get_by_test_id("cancel").click()
    stopped = page.get_by_text("Stopped before it was done.")
    expect(stopped).to_be_visible()
    expect(page.get_by_test_id("cancel")).to_have_count(0)
    held.clear()
    page.get_by_test_id("ask-again").click()
    explained(page)
    expect(stopped).to_have_count(0)
    page.close()


def test_the_way_back_leads_to_the_drawing_of_the_run(asked: Page) -> None:
    asked.get_by_test_id("to-build").click()
    expect(asked.get_by_test_id("node-hidden")).to_be_visible()
    expect(asked.get_by_test_id("advice")).to_contain_text("Paused at step")


def test_somebody_else_has_no_network_to_ask(
    asked: Page, new_context: Callable[..., BrowserContext], server_url: str
) -> None:
    asked.goto(f"{server_url}/explain")
    run = asked.get_by_test_id("explain-run").input_value()
    other = new_context().new_page()
    other.goto(f"{server_url}/explain?run={run}")
    expect(other.get_by_role("heading", name="No network to ask yet")).to_be_visible()
    expect(other.get_by_test_id("explain-run")).to_have_count(0)
