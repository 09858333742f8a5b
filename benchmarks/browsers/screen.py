"""What only a real browser can tell: how long until something is to be seen."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

from playwright.sync_api import Page, sync_playwright

from tests.e2e.browser import MISSING, find_browser
from tests.e2e.conftest import ARGUMENTS

WAIT_MS = 60_000
FIND = """window.__all = (selector) => {
  const found = []
  const look = (root) => {
    found.push(...root.querySelectorAll(selector))
    for (const one of root.querySelectorAll("*")) if (one.shadowRoot) look(one.shadowRoot)
  }
  look(document)
  return found
}"""
"""Finds elements also inside the component's shadow."""
CLOCK = """([gesture, selector, seen]) => {
  const test = new Function("element", "return " + seen)
  const began = []
  document.addEventListener(gesture, () => began.push(performance.now()), { capture: true, once: true })
  window.__took = new Promise((resolve) => {
    const look = () => {
      if (began.length && window.__all(selector).some(test)) resolve(performance.now() - began[0])
      else requestAnimationFrame(look)
    }
    look()
  })
}"""
"""Starts a clock at the next event of this name and stops it before the first frame of the screen that shows it."""


class NoBrowser(RuntimeError):
    """There is no Chromium."""


@contextlib.contextmanager
def open_page() -> Iterator[Page]:
    """An empty tab of a browser of its own."""
    with sync_playwright() as playwright:
        path = find_browser(playwright)
        if path is None:
            raise NoBrowser(MISSING)
        with playwright.chromium.launch(executable_path=path, args=ARGUMENTS) as browser:
            # The clock is code from outside, which the page's own policy refuses.
            page = browser.new_page(viewport={"width": 1440, "height": 900}, bypass_csp=True)
            page.set_default_timeout(WAIT_MS)
            page.add_init_script(FIND)
            yield page


def time_to_see(page: Page, do: Any, *, gesture: str, selector: str, seen: str = "true") -> float:
    """Seconds from the event that `do` causes to the moment an element of this selector is as wanted."""
    page.evaluate(CLOCK, [gesture, selector, seen])
    do()
    milliseconds: float = page.evaluate("window.__took")
    return milliseconds / 1000
