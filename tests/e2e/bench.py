"""What a person's hands do on the Build page, for the tests of this folder."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, Page, expect

READY_MS = 90_000
"""The first worker of a server loads torch; on a busy machine that takes its time."""


def open_bench(page: Page, url: str) -> str:
    """Open the Build page and wait until the drawing is there; the address with the project in it."""
    page.goto(url)
    expect(page.get_by_test_id("node-input")).to_be_visible(timeout=READY_MS)
    page.wait_for_url(re.compile(r"[?&]p=[\w-]+"))
    return page.url


def node(page: Page, id: str) -> Locator:
    """A node of the drawing."""
    return page.get_by_test_id(f"node-{id}")


def drag_layer(page: Page, kind: str, x: int, y: int) -> None:
    """Drag a layer from the palette to a place of the canvas."""
    page.get_by_test_id(f"palette-{kind}").drag_to(page.get_by_test_id("canvas"), target_position={"x": x, "y": y})


def port(page: Page, id: str, side: str) -> Locator:
    """The `source` or `target` port of a node."""
    return page.locator(f'.react-flow__node[data-id="{id}"] .react-flow__handle.{side}').first


def wire(page: Page, source: str, target: str) -> None:
    """Draw a wire from one node to another."""
    start, end = port(page, source, "source").bounding_box(), port(page, target, "target").bounding_box()
    assert start is not None
    assert end is not None
    from_x, from_y = start["x"] + start["width"] / 2, start["y"] + start["height"] / 2
    to_x, to_y = end["x"] + end["width"] / 2, end["y"] + end["height"] / 2
    page.mouse.move(from_x, from_y)
    page.mouse.down()
    # React Flow begins a wire on a movement, and looks for a port on each.
    page.mouse.move((from_x + to_x) / 2, (from_y + to_y) / 2, steps=6)
    page.mouse.move(to_x, to_y, steps=6)
    page.mouse.up()


def number(page: Page, testid: str) -> float:
    """The number in a cell of the strip, NaN while there is none."""
    found = re.search(r"-?[\d,]+(\.\d+)?(e-?\d+)?", page.get_by_test_id(testid).inner_text())
    return float(found.group().replace(",", "")) if found else float("nan")


def wait_for_step(page: Page, step: int) -> None:
    """Wait until the run has done so many steps, fewer than the one that opens the first page."""
    page.wait_for_function(
        """([id, step]) => {
          const cell = window.__find(id)
          const digits = cell && /[\\d,]+/.exec(cell.innerText)
          const now = digits ? Number(digits[0].replaceAll(",", "")) : -1
          return now >= step && now < 8000
        }""",
        arg=["status-step", step],
        timeout=READY_MS,
    )


FIND = """window.__find = (id) => {
  const open = (root) => root.querySelector(`[data-testid="${id}"]`)
    ?? [...root.querySelectorAll("*")].filter((e) => e.shadowRoot).map((e) => open(e.shadowRoot)).find(Boolean)
  return open(document)
}"""
"""Finds an element by its test id, also inside the component's shadow."""


def picture(page: Page) -> list[int]:
    """The colours of the output picture, coarsely: enough to see that it moved."""
    colours: list[int] = page.evaluate(
        """() => {
          const box = window.__find("output-picture")
          const canvas = box instanceof HTMLCanvasElement ? box : box.querySelector("canvas")
          const pixels = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data
          const out = []
          for (let i = 0; i < pixels.length; i += 4 * 997) out.push(pixels[i], pixels[i + 2])
          return out
        }"""
    )
    return colours
