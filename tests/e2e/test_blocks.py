"""Blocks in the browser: group, repeat, train, look inside, leave, keep, and take everything back."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.bench import FIND, node, open_bench, wait_for_step


@pytest.fixture
def bench(page: Page, server_url: str) -> Page:
    """A first visit, with the drawing there."""
    page.add_init_script(FIND)
    open_bench(page, server_url)
    return page


def choose(page: Page, *ids: str) -> None:
    """Select these nodes."""
    for place, id in enumerate(ids):
        node(page, id).click(position={"x": 8, "y": 8}, modifiers=["Shift"] if place else [])


def test_layers_become_a_block_that_is_repeated_trained_opened_and_taken_back(bench: Page) -> None:
    inspector, crumbs = bench.get_by_test_id("inspector"), bench.get_by_test_id("breadcrumb")
    choose(bench, "hidden", "last")
    bench.keyboard.press("Control+g")
    block = node(bench, "block")
    expect(block).to_contain_text("2 layers")
    expect(node(bench, "hidden")).to_have_count(0)
    expect(inspector.get_by_text("13", exact=True)).to_be_visible()  # the same weights as before: 9 and 4

    repeat = bench.get_by_test_id("field-repeat").locator("input").last
    repeat.fill("2")
    repeat.press("Enter")
    expect(bench.get_by_test_id("repeat-block")).to_have_text("×2")
    expect(inspector.get_by_text("23", exact=True)).to_be_visible()  # the second sees one number: 6 and 4 more
    bench.get_by_test_id("train").click()
    wait_for_step(bench, 20)

    block.dblclick(position={"x": 30, "y": 16})
    expect(crumbs).to_contain_text("Block")
    expect(crumbs).to_contain_text("repetition 1 of 2")
    expect(node(bench, "hidden")).to_contain_text("9 parameters")
    bench.wait_for_function(
        """() => {
          const canvas = window.__find("node-hidden")?.querySelector("canvas")
          if (!canvas || canvas.width === 0) return false
          const pixels = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data
          return new Set(new Uint32Array(pixels.buffer)).size > 20
        }"""
    )
    node(bench, "hidden").click(position={"x": 8, "y": 8})
    bench.get_by_test_id("face-units").click()
    bench.get_by_test_id("field-units").locator("input").last.press("Escape")
    bench.keyboard.press("Escape")
    bench.keyboard.press("Escape")
    expect(crumbs).to_have_count(0)
    face = bench.get_by_test_id("face").locator("input").last
    expect(face).to_have_value("3")
    face.fill("4")
    face.press("Enter")
    expect(inspector.get_by_text("30", exact=True)).to_be_visible()  # 12 and 5, then 8 and 5
    face.press("Escape")

    for step in range(3):
        bench.keyboard.press("Control+z")
        # What was done inside is taken back inside.
        expect(crumbs).to_have_count(1 if step == 1 else 0)
    expect(bench.get_by_test_id("repeat-block")).to_have_count(0)
    bench.keyboard.press("Control+z")
    expect(node(bench, "hidden")).to_contain_text("3 units, 9 parameters")
    expect(node(bench, "last")).to_be_visible()


def test_a_block_is_kept_for_the_next_project_and_forgotten_again(bench: Page) -> None:
    choose(bench, "hidden")
    bench.keyboard.press("Control+g")
    bench.get_by_test_id("keep-block").click()
    own = bench.get_by_test_id("own-Block")
    expect(own).to_have_count(1)
    bench.reload()
    expect(node(bench, "block")).to_be_visible(timeout=60_000)
    own.click()
    expect(node(bench, "block-2")).to_contain_text("1 layer")
    bench.get_by_test_id("palette").hover()
    bench.get_by_role("button", name="Forget my block Block").click()
    expect(own).to_have_count(0)


def test_a_block_of_the_palette_is_looked_into_and_made_ones_own(bench: Page) -> None:
    crumbs, search = bench.get_by_test_id("breadcrumb"), bench.get_by_test_id("search-field")
    bench.get_by_test_id("canvas").click(position={"x": 400, "y": 600})
    bench.keyboard.press("/")
    search.fill("residual block")
    bench.get_by_test_id("found-layer-residual_block").click()
    bench.keyboard.press("Enter")
    expect(bench.get_by_text("What is in this block is known once it knows what arrives.")).to_be_visible()
    expect(crumbs).to_have_count(0)

    bench.keyboard.press("/")
    search.fill("digits")
    bench.get_by_test_id("found-template-digits-mlp").click()
    expect(bench.get_by_test_id("data")).to_contain_text("Digits")
    node(bench, "input").click(position={"x": 8, "y": 8})
    bench.keyboard.press("/")
    search.fill("residual block")
    bench.get_by_test_id("found-layer-residual_block").click()
    expect(node(bench, "residual_block")).to_contain_text("16×8×8")
    bench.keyboard.press("Enter")
    expect(crumbs).to_contain_text("drawn from its settings")
    expect(node(bench, "sum")).to_contain_text("16×8×8")
    node(bench, "sum").click(position={"x": 8, "y": 8})
    bench.keyboard.press("Delete")
    expect(bench.get_by_text("Make it your own, then change it.")).to_be_visible()
    expect(node(bench, "sum")).to_be_visible()

    bench.get_by_test_id("make-own").click()
    expect(crumbs).not_to_contain_text("drawn from its settings")
    bench.keyboard.press("Escape")
    bench.keyboard.press("Escape")
    expect(crumbs).to_have_count(0)
    expect(node(bench, "residual_block")).to_contain_text("16×8×8")
    expect(bench.get_by_test_id("ungroup")).to_be_visible()
    bench.keyboard.press("Control+Shift+g")
    expect(node(bench, "sum")).to_contain_text("16×8×8")
    expect(node(bench, "residual_block")).to_have_count(0)
