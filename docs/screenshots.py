"""Takes the README's screenshots from the app as it is: `python docs/screenshots.py` writes `docs/screenshots/*.png`.

It starts a playground of its own with an empty home, trains the opening network for a while in a real browser, and
asks it why. With the pictures of Fashion-MNIST at hand a small convolutional network is asked, too.
"""

from __future__ import annotations

import io
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from PIL import Image
from playwright.sync_api import Browser, Page, expect, sync_playwright

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from tests.e2e.bench import FIND, READY_MS, open_bench, wait_for_step  # noqa: E402
from tests.e2e.browser import MISSING, find_browser  # noqa: E402
from tests.e2e.conftest import ARGUMENTS, Server  # noqa: E402

FOLDER = Path(__file__).parent / "screenshots"
COLOURS = 256
LARGEST = 400_000
PATIENCE_MS = 120_000


def keep(page: Page, name: str) -> None:
    """Write what the page shows; only a picture that is too heavy gets a palette, which costs its palest tones."""
    page.mouse.move(2, 2)
    picture = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    file = FOLDER / f"{name}.png"
    picture.save(file, optimize=True)
    if file.stat().st_size > LARGEST:
        picture.quantize(COLOURS, method=Image.Quantize.MEDIANCUT).save(file, optimize=True)
    sys.stderr.write(f"{file.relative_to(ROOT)}  {file.stat().st_size // 1024} kB\n")


@contextmanager
def person(browser: Browser, scheme: Literal["light", "dark"]) -> Iterator[Page]:
    """A first visit at 1440 × 900."""
    context = browser.new_context(viewport={"width": 1440, "height": 900}, color_scheme=scheme)
    context.set_default_timeout(PATIENCE_MS)
    page = context.new_page()
    page.add_init_script(FIND)
    yield page
    context.close()


def build(page: Page, url: str, scheme: str) -> None:
    """The opening, the middle of training, and why it answers as it does."""
    open_bench(page, url)
    expect(page.get_by_test_id("headline")).to_be_visible()
    if scheme == "light":
        keep(page, "opening-light")
    page.keyboard.press("Space")
    wait_for_step(page, 400)
    keep(page, f"build-{scheme}")
    page.keyboard.press("Space")


def explain(page: Page, name: str, tab: str) -> None:
    """The run that rests here is asked why."""
    page.get_by_test_id("ask-why").click()
    page.get_by_test_id(f"tab-{tab}").click(timeout=READY_MS)
    expect(page.get_by_test_id("proof")).to_be_visible(timeout=READY_MS)
    keep(page, name)


def clothes(page: Page, url: str) -> None:
    """A small convolutional network on Fashion-MNIST, after some hundred steps."""
    open_bench(page, url)
    page.get_by_test_id("canvas").click(position={"x": 500, "y": 600})
    page.keyboard.press("/")
    page.get_by_test_id("search-field").fill("clothes, convolution")
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("data")).to_contain_text("Fashion-MNIST")
    page.get_by_test_id("train").click()
    wait_for_step(page, 500)
    keep(page, "pictures-light")
    page.get_by_test_id("train").click()
    explain(page, "explain-light", "right")


def main() -> None:
    """Start, take them all, stop."""
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as home, sync_playwright() as playwright:
        path = find_browser(playwright)
        if path is None:
            sys.exit(MISSING)
        server = Server(Path(home))
        server.start()
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        try:
            with person(browser, "light") as page:
                build(page, server.url, "light")
                explain(page, "explain-plane-light", "right")
            with person(browser, "dark") as page:
                build(page, server.url, "dark")
            if any((Path(at) / "fashion-mnist").is_dir() for at in os.environ.get("PLAYGROUND_DATA", "").split(":")):
                with person(browser, "light") as page:
                    clothes(page, server.url)
        finally:
            browser.close()
            server.stop()


if __name__ == "__main__":
    main()
