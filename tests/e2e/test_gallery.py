"""The gallery of templates: searched, filtered and opened, by mouse and by keyboard."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.e2e.bench import FIND, READY_MS, node, open_bench
from tests.e2e.test_access import AXE, serious


@pytest.mark.parametrize(("scheme", "width"), [("light", 1440), ("dark", 390)])
def test_a_template_is_found_and_opened(
    new_context: Callable[..., BrowserContext], server_url: str, scheme: str, width: int
) -> None:
    page = new_context(color_scheme=scheme, viewport={"width": width, "height": 844}).new_page()
    page.add_init_script(FIND)
    before = open_bench(page, server_url)
    if width < 768:
        page.get_by_test_id("share").click()
        page.get_by_test_id("share-gallery").click()
    else:
        page.get_by_test_id("project-menu").click()
        page.get_by_test_id("open-gallery").click()
    cards = page.get_by_test_id("gallery").locator(".pg-card")
    expect(cards.first).to_be_visible()
    everything = cards.count()
    if AXE.is_file():
        assert serious(page) == []
    page.get_by_test_id("gallery-data").select_option("table")
    expect(page.get_by_test_id("card-iris")).to_be_visible()
    expect(page.get_by_test_id("card-circle")).to_have_count(0)
    page.get_by_test_id("gallery-search").fill("ridge")
    expect(cards).to_have_count(1)
    expect(page.get_by_test_id("card-diabetes")).to_contain_text("Ridge regression: R² 0.48")
    page.get_by_test_id("gallery-search").fill("nothing like that")
    page.get_by_test_id("gallery").get_by_role("button", name="Show all").click()
    expect(cards).to_have_count(everything)
    page.get_by_test_id("template-iris").press("Enter")
    page.wait_for_url(lambda url: "p=" in url and url != before, timeout=READY_MS)
    expect(page.get_by_test_id("gallery")).to_have_count(0)
    if width >= 768:
        expect(page.get_by_test_id("project-name")).to_have_text("Iris", timeout=READY_MS)
        expect(node(page, "hidden")).to_be_visible()


def test_escape_closes_it_and_keys_stay_inside(page: Page, server_url: str) -> None:
    page.add_init_script(FIND)
    open_bench(page, server_url)
    page.get_by_test_id("project-menu").click()
    page.get_by_test_id("open-gallery").click()
    expect(page.get_by_test_id("card-circle")).to_be_visible()
    page.keyboard.press("Delete")
    page.keyboard.press("/")
    page.keyboard.press("Escape")
    expect(page.get_by_test_id("gallery")).to_have_count(0)
    expect(node(page, "hidden")).to_be_visible()
    expect(page.get_by_test_id("toasts")).not_to_contain_text("Deleted")
