"""What axe finds on the pages, light and dark: nothing serious. Needs axe-core from the front end's packages."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.e2e.bench import FIND, READY_MS, open_bench, wait_for_step

AXE = Path(__file__).parents[2] / "components/node_modules/axe-core/axe.min.js"
RUN = """async () => {
  const found = await axe.run(document, { resultTypes: ["violations"] })
  return found.violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .map(({ id, nodes }) => `${id}: ${nodes.slice(0, 4).map((node) => node.target.flat().join(" ")).join(" | ")}`)
}"""


def serious(page: Page) -> list[str]:
    """What axe calls serious or critical, a line each."""
    page.evaluate(AXE.read_text("utf-8"))
    found: list[str] = page.evaluate(RUN)
    return found


@pytest.mark.skipif(not AXE.is_file(), reason="axe-core is not installed: npm ci in components")
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_page_keeps_anybody_out(
    new_context: Callable[..., BrowserContext], server_url: str, scheme: Literal["light", "dark"]
) -> None:
    page = new_context(color_scheme=scheme).new_page()
    page.add_init_script(FIND)
    open_bench(page, server_url)
    found = {"opening": serious(page)}
    page.keyboard.press("Space")
    wait_for_step(page, 60)
    page.keyboard.press("Space")
    page.get_by_test_id("ask-why").wait_for()
    found["paused"] = serious(page)
    page.get_by_test_id("ask-why").click()
    expect(page.get_by_test_id("stamp")).to_be_visible(timeout=READY_MS)
    page.get_by_test_id("stamp").click()
    found["explain"] = serious(page)
    page.goto(f"{server_url}/runs")
    expect(page.get_by_test_id("run").first).to_be_visible()
    found["runs"] = serious(page)
    assert found == {name: [] for name in found}
