"""The frame around every page, in a real browser."""

import re
import urllib.request
from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from playground._paths import component_dir, pages_dir

COLOURS = {"light": "rgb(255, 255, 255)", "dark": "rgb(20, 23, 27)"}


def open_app(page: Page, url: str) -> None:
    """Open and wait until the first script run is over."""
    page.goto(url)
    page.locator(".stApp[data-test-script-state=notRunning]").wait_for()
    page.locator(".stMainBlockContainer").wait_for()


def test_it_opens_without_an_error_in_the_console(page: Page, server_url: str) -> None:
    open_app(page, server_url)
    expect(page).to_have_title(re.compile("Playground|Build & train"))
    expect(page.locator(".stException")).to_have_count(0)


def test_a_deep_link_opens_the_page_itself(page: Page, server_url: str) -> None:
    # Build & train is the address without a path.
    for path in sorted({path.stem for path in pages_dir().glob("*.py")} - {"build", "operator"}):
        open_app(page, f"{server_url}/{path}")
        expect(page.locator(".stException")).to_have_count(0)
        assert page.url.startswith(f"{server_url}/{path}")


def navigation() -> list[str]:
    """What the navigation must show: every page there is, or nothing for one page alone."""
    titles = {"build": "Build & train", "explain": "Explain", "runs": "Runs"}
    present = [title for name, title in titles.items() if (pages_dir() / f"{name}.py").is_file()]
    return present if len(present) > 1 else []


def test_the_navigation_names_every_page(page: Page, server_url: str) -> None:
    open_app(page, server_url)
    expect(page.get_by_test_id("stTopNavLink")).to_have_text(navigation())
    expect(page.get_by_test_id("stPageLink").filter(visible=True)).to_have_count(0)


def test_on_a_phone_the_navigation_is_at_the_bottom(
    new_context: Callable[..., BrowserContext], server_url: str
) -> None:
    page = new_context(viewport={"width": 390, "height": 844}).new_page()
    open_app(page, server_url)
    links = page.get_by_test_id("stPageLink").filter(visible=True)
    expect(links).to_have_count(len(navigation()))
    for index, title in enumerate(navigation()):
        expect(links.nth(index)).to_contain_text(title)
        box = links.nth(index).bounding_box()
        assert box is not None
        assert 844 - 56 <= box["y"] <= box["y"] + box["height"] <= 844
    expect(page.get_by_test_id("stExpandSidebarButton").filter(visible=True)).to_have_count(0)


def test_the_style_block_is_there_exactly_once(page: Page, server_url: str) -> None:
    open_app(page, server_url)
    count = "[...document.querySelectorAll('style')].filter(s => s.textContent.includes('--bench-bottom:')).length"
    assert page.evaluate(count) == 1


def test_there_is_no_sidebar_and_no_deploy_button(page: Page, server_url: str) -> None:
    open_app(page, server_url)
    expect(page.get_by_test_id("stSidebar")).to_have_count(0)
    expect(page.get_by_text("Deploy", exact=True)).to_have_count(0)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_follows_the_colour_scheme_of_the_system(
    scheme: str, new_context: Callable[..., BrowserContext], server_url: str
) -> None:
    page = new_context(color_scheme=scheme).new_page()
    open_app(page, server_url)
    expect(page.locator(".stApp")).to_have_css("background-color", COLOURS[scheme])


def test_text_is_set_in_the_fonts_the_server_brings(page: Page, server_url: str) -> None:
    open_app(page, server_url)
    assert page.evaluate("document.fonts.ready.then(() => document.fonts.check('14px Inter'))")
    loaded = page.evaluate("[...document.fonts].filter(f => f.status === 'loaded').map(f => f.family)")
    assert "Inter" in {family.strip('"') for family in loaded}
    for name in ("inter-latin-wght-normal.woff2", "jetbrains-mono-latin-400-normal.woff2"):
        with urllib.request.urlopen(f"{server_url}/app/static/{name}") as answer:
            assert answer.headers["content-type"] == "font/woff2"
            assert answer.read(4) == b"wOF2"


def test_nothing_is_fetched_from_anywhere_else(page: Page, server_url: str) -> None:
    foreign: list[str] = []
    page.on("request", lambda request: request.url.startswith("http") and foreign.append(request.url))
    open_app(page, server_url)
    assert [url for url in foreign if not url.startswith(server_url)] == []


@pytest.mark.parametrize(("width", "height"), [(1440, 900), (1024, 768), (390, 844)])
def test_the_bench_fills_the_window_and_nothing_scrolls(
    width: int, height: int, new_context: Callable[..., BrowserContext], server_url: str
) -> None:
    page = new_context(viewport={"width": width, "height": height}).new_page()
    open_app(page, server_url)
    if not any(component_dir("workbench").glob("index-*.js")):
        pytest.fail("The front end is not built: make setup")
    bench = page.get_by_test_id("workbench")
    bench.wait_for()
    page.wait_for_function("() => document.querySelector('.stMain').scrollHeight <= window.innerHeight")
    box = bench.bounding_box()
    assert box is not None
    assert (box["x"], round(box["width"])) == (0, width)
    tabs = 56 if width < 768 and navigation() else 0
    assert box["y"] + box["height"] == pytest.approx(height - tabs, abs=1)
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_our_routes_answer_beside_the_pages(server_url: str) -> None:
    with urllib.request.urlopen(f"{server_url}/pgapi/health") as answer:
        assert answer.status == 200
