"""What people take for granted in a drawing: mute, pin, fold, align, notes, versions, a lesson; undone by one key each."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.e2e.bench import FIND, READY_MS, drag_layer, node, number, open_bench, wait_for_step

EVIL = "<img src=x onerror=\"document.title='run'\"> **bold**"


@pytest.fixture
def bench(page: Page, server_url: str) -> Page:
    """A first visit, with the drawing there and checked."""
    page.add_init_script(FIND)
    open_bench(page, server_url)
    expect(node(page, "last")).to_contain_text("4", timeout=READY_MS)  # three weights and a bias
    return page


def choose(page: Page, *ids: str) -> None:
    """Click nodes, one after the other, so that all of them are chosen."""
    for place, id in enumerate(ids):
        node(page, id).locator(".pg-node-title").click(modifiers=["Shift"] if place else [])


def undo(page: Page, times: int = 1) -> None:
    page.locator(".pg-editor").focus()
    for _ in range(times):
        page.keyboard.press("Control+z")


def place(page: Page, id: str) -> str:
    """Where a node lies in the drawing, wherever the camera is."""
    card = page.locator(f'.react-flow__node[data-id="{id}"]')
    where: str = card.evaluate("(element) => element.style.transform")
    return where


def camera(page: Page) -> str | None:
    return page.locator(".react-flow__viewport").get_attribute("style")


def test_a_muted_layer_is_passed_over_in_the_check_and_comes_back_with_its_weights(bench: Page) -> None:
    before = camera(bench)
    choose(bench, "hidden")
    bench.keyboard.press("m")
    expect(node(bench, "hidden").get_by_test_id("muted")).to_be_visible()
    expect(node(bench, "last")).to_contain_text("3")  # two weights and a bias: the inputs arrive
    choose(bench, "output")
    bench.keyboard.press("m")
    expect(bench.get_by_test_id("toasts")).to_contain_text("cannot be muted")
    choose(bench, "hidden")
    bench.keyboard.press("m")
    expect(node(bench, "hidden").get_by_test_id("muted")).to_have_count(0)
    undo(bench, 2)
    expect(node(bench, "hidden").get_by_test_id("muted")).to_have_count(0)
    assert camera(bench) == before


def test_pinned_nodes_stay_and_collapsed_ones_show_their_title_alone(bench: Page) -> None:
    choose(bench, "hidden")
    bench.keyboard.press("p")
    expect(node(bench, "hidden").get_by_test_id("pinned")).to_be_visible()
    start = place(bench, "hidden")
    title = node(bench, "hidden").locator(".pg-node-title").bounding_box()
    assert title is not None
    bench.mouse.move(title["x"] + 4, title["y"] + 4)
    bench.mouse.down()
    bench.mouse.move(title["x"] + 120, title["y"] + 40, steps=8)
    bench.mouse.up()
    assert place(bench, "hidden") == start
    bench.keyboard.press("f")
    choose(bench, "last")
    bench.keyboard.press("c")
    expect(node(bench, "last").locator(".pg-node-line")).to_be_hidden()
    expect(node(bench, "last").locator(".pg-node-title")).to_be_visible()
    bench.reload()
    expect(node(bench, "hidden").get_by_test_id("pinned")).to_be_visible(timeout=READY_MS)
    expect(node(bench, "last").locator(".pg-node-line")).to_be_hidden()


def test_chosen_nodes_are_put_in_a_row_with_even_gaps(bench: Page) -> None:
    ids = ["input", "hidden", "last"]
    uneven = """(ids) => {
      const boxes = ids.map((id) => window.__find("node-" + id).getBoundingClientRect())
      const middles = boxes.map((box) => box.top + box.height / 2)
      const gaps = [boxes[1].left - boxes[0].right, boxes[2].left - boxes[1].right]
      return [Math.abs(gaps[0] - gaps[1]), Math.max(...middles) - Math.min(...middles)].map(Math.round)
    }"""
    choose(bench, "hidden")
    for key in ("ArrowRight", "ArrowDown"):
        for _ in range(5):
            bench.keyboard.press(key)
    before = bench.evaluate(uneven, ids)
    assert min(before) > 20
    choose(bench, *ids)
    bench.keyboard.press("h")
    bench.keyboard.press("g")
    bench.wait_for_function(f"(ids) => ({uneven})(ids).every((off, which) => off <= [3, 30][which])", arg=ids)
    undo(bench, 2)
    bench.wait_for_function(f"([ids, was]) => ({uneven})(ids).join() === was", arg=[ids, ",".join(map(str, before))])


def test_a_note_is_words_and_nothing_else_and_travels_with_the_project(
    bench: Page, new_context: Callable[..., BrowserContext]
) -> None:
    title = bench.title()
    bench.locator(".pg-editor").focus()
    bench.keyboard.press("n")
    bench.get_by_test_id("note-field").fill(EVIL)
    bench.keyboard.press("Enter")
    note = bench.get_by_test_id("note-1")
    expect(note).to_contain_text(EVIL)
    bench.get_by_test_id("project-name").get_by_label("not saved yet").wait_for(state="detached")
    other = new_context().new_page()
    other.goto(bench.url)
    expect(other.get_by_test_id("note-1")).to_contain_text(EVIL, timeout=READY_MS)
    assert bench.title() == other.title() == title
    note.focus()
    bench.keyboard.press("Delete")
    expect(note).to_have_count(0)
    undo(bench)
    expect(note).to_contain_text(EVIL)
    undo(bench, 2)
    expect(note).to_have_count(0)


def test_a_version_has_a_name_and_going_back_is_one_step(bench: Page) -> None:
    bench.get_by_test_id("versions").click()
    expect(bench.get_by_test_id("saved-state")).to_have_text("All changes are saved")
    bench.get_by_test_id("version-name").fill("Before the storm")
    bench.get_by_test_id("version-keep").click()
    named = bench.get_by_role("region", name="Named").get_by_role("listitem")
    expect(named).to_contain_text("Before the storm")
    bench.keyboard.press("Escape")
    choose(bench, "hidden")
    bench.keyboard.press("Delete")
    expect(node(bench, "hidden")).to_have_count(0)
    bench.get_by_role("button", name="A circle").click()
    bench.get_by_role("button", name="Close").last.click()
    bench.get_by_test_id("versions").click()
    named.get_by_role("button").click()
    expect(node(bench, "hidden")).to_be_visible()
    undo(bench)
    expect(node(bench, "hidden")).to_have_count(0)


def test_train_on_a_wrong_drawing_shows_where_it_is_wrong(bench: Page) -> None:
    drag_layer(bench, "dense", 420, 520)
    expect(bench.get_by_test_id("diagnostic-dense-unconnected")).to_be_visible()
    choose(bench, "input")
    pane = bench.get_by_test_id("canvas").bounding_box()
    assert pane is not None
    # Far away: the camera goes there only when Train asks for it.
    bench.mouse.move(pane["x"] + 600, pane["y"] + 60)
    bench.mouse.down()
    bench.mouse.move(pane["x"] + 600, pane["y"] + 2400, steps=12)
    bench.mouse.up()
    away = camera(bench)
    bench.keyboard.press("Control+Enter")
    expect(bench.get_by_role("region", name="Settings of Dense")).to_be_visible()
    expect(node(bench, "dense")).to_be_in_viewport()
    assert camera(bench) != away


def test_undo_of_a_deleted_layer_finds_its_weights_and_the_curve_shows_the_cut(bench: Page) -> None:
    bench.get_by_test_id("train").click()
    wait_for_step(bench, 60)
    choose(bench, "hidden")
    bench.keyboard.press("Delete")
    expect(node(bench, "hidden")).to_have_count(0)
    expect(bench.get_by_test_id("toasts")).to_contain_text("weights")
    bench.keyboard.press("Escape")
    undo(bench)
    expect(bench.get_by_test_id("toasts")).to_contain_text("Dense added. All 13 weights were kept.")
    expect(bench.get_by_test_id("cut").first).to_be_attached()
    bench.get_by_test_id("train").click()


def test_a_line_can_be_pointed_at_right_beside_its_unit(bench: Page) -> None:
    disc = bench.get_by_test_id("unit-last-0").bounding_box()
    card = bench.get_by_test_id("node-last").bounding_box()
    assert disc is not None
    assert card is not None
    x, y = disc["x"] - 50, disc["y"] + disc["height"] / 2
    assert card["x"] < x, "inside the box of the open node"
    bench.mouse.move(x, y)
    expect(bench.get_by_test_id("weight-sentence")).to_contain_text("Weight ")


def test_the_first_lesson_asks_waits_until_it_is_done_and_keeps_its_place(page: Page, server_url: str) -> None:
    page.add_init_script(FIND)
    page.goto(f"{server_url}/?lesson=first")
    card = page.get_by_test_id("lesson")
    expect(card).to_contain_text("Watch it learn", timeout=READY_MS)
    expect(page.get_by_test_id("lesson-next")).to_have_text("Skip")
    page.get_by_test_id("train").click()
    expect(page.get_by_test_id("lesson-state")).to_have_text("✓ Done", timeout=READY_MS)
    page.get_by_test_id("train").click()
    page.get_by_test_id("lesson-next").click()
    expect(card).to_contain_text("Without the middle layer, what shape can the boundary have?")
    expect(page.get_by_test_id("lesson-answer")).to_have_count(0)
    page.get_by_role("button", name="A circle").click()
    expect(page.get_by_test_id("lesson-answer")).to_have_text("A straight line.")
    choose(page, "hidden")
    page.keyboard.press("Delete")
    page.get_by_test_id("train").click()
    expect(page.get_by_test_id("lesson-state")).to_have_text("✓ Done", timeout=READY_MS)
    page.wait_for_url(re.compile(r"[?&]p="))
    assert "lesson=" not in page.url
    page.reload()
    expect(card).to_contain_text("You said: A circle.", timeout=READY_MS)
    expect(page.get_by_test_id("lesson-state")).to_have_text("✓ Done")
    assert number(page, "status-step") > 0
    page.get_by_test_id("lesson-end").click()
    expect(card).to_have_count(0)
    page.reload()
    expect(node(page, "last")).to_be_visible(timeout=READY_MS)
    expect(card).to_have_count(0)
