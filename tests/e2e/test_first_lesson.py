"""The first five minutes of a beginner, moment by moment, with the words that were promised. One page walks through all
of them, as a person does."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.e2e.bench import FIND, READY_MS, drag_layer, node, open_bench, picture
from tests.e2e.conftest import WAIT_MS, watch

SAID = """() => {
  const advice = window.__find("advice").firstElementChild
  window.__said = [advice.innerText]
  new MutationObserver(() => window.__said.push(advice.innerText))
    .observe(advice, { childList: true, characterData: true, subtree: true })
}"""
"""Writes down every sentence of the advice line: some stand for less than a second."""
ALONG = """(path) => {
  const at = path.getPointAtLength(path.getTotalLength() * 0.5), on = path.getScreenCTM()
  return [at.x * on.a + at.y * on.c + on.e, at.x * on.b + at.y * on.d + on.f]
}"""
"""A point of the screen on a line of the drawing."""


@pytest.fixture(scope="module")
def lesson(browser: Browser, server_url: str) -> Iterator[Page]:
    """A first visit that lasts for the whole lesson."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    context.set_default_timeout(WAIT_MS)
    page, errors = context.new_page(), list[str]()
    watch(page, errors)
    page.add_init_script(FIND)
    open_bench(page, server_url)
    yield page
    context.close()
    assert not errors, f"The browser's console shows: {errors}"


def train(page: Page, *, on: bool) -> None:
    """Let it train, or rest."""
    button = page.get_by_test_id("train")
    wanted, other = ("Pause", "Train") if on else ("Train", "Pause")
    if other in button.inner_text():
        button.click()
    expect(button).to_contain_text(wanted)


def line(page: Page, target: str) -> tuple[float, float]:
    """A point on the first weight line into a layer, where nothing lies over it."""
    wire = page.locator(f'.react-flow__edge[data-id$="→{target}.in"] [data-testid="weight-line"]').first
    x, y = wire.locator(".pgl-wire-hit").evaluate(ALONG)
    return x, y


def test_1_the_page_opens_on_a_network_its_points_and_its_boundary_with_nothing_over_them(lesson: Page) -> None:
    headline = lesson.get_by_test_id("headline")
    expect(headline.locator("h2")).to_have_text("This is a neural network. Orange points and blue points are its data.")
    expect(headline.locator("p")).to_have_text(
        "It was trained before you came. Press ▶ to watch it learn again from nothing."
    )
    for name in ("input", "hidden", "last", "output"):
        expect(node(lesson, name)).to_be_visible()
    assert len(set(picture(lesson))) > 20
    top = headline.bounding_box()
    assert top is not None
    for name in ("input", "hidden", "last", "output"):
        box = node(lesson, name).bounding_box()
        assert box is not None
        assert box["y"] > top["y"] + top["height"]


def test_2_there_is_one_big_button_it_has_the_focus_and_space_presses_it(lesson: Page) -> None:
    button = lesson.get_by_test_id("train")
    expect(button).to_be_focused()
    expect(button).to_have_text(re.compile(r"^\s*Train\s*Space\s*$"))
    lesson.evaluate(SAID)
    lesson.keyboard.press("Space")
    expect(button).to_contain_text("Pause")


def test_3_the_boundary_snaps_to_noise_and_the_status_says_how_it_goes(lesson: Page) -> None:
    before = picture(lesson)
    lesson.wait_for_function(
        """() => {
          const guess = /^Step [\\d,]+ · loss \\d\\.\\d\\d · it is guessing$/
          const right = /^Step [\\d,]+ · loss 0\\.\\d\\d · (9[0-9]|100) of 100 test points right$/
          const first = window.__said.findIndex((said) => guess.test(said))
          const then = window.__said.findIndex((said) => right.test(said))
          return first >= 0 && then > first
        }""",
        timeout=READY_MS,
    )
    later = lesson.evaluate("window.__said")[1:]
    assert later[0] == "Starting the training process."
    assert picture(lesson) != before
    expect(lesson.get_by_test_id("headline")).to_have_count(0)


def test_4_a_hovered_unit_grows_and_writes_its_sum(lesson: Page) -> None:
    lesson.get_by_test_id("unit-hidden-0").hover()
    card = lesson.locator(".pgl-unit-card")
    expect(card.locator("p")).to_have_text(
        re.compile(r"^This unit adds up −?[\d.]+ × x₁ [+−] [\d.]+ × x₂ [+−] [\d.]+, then squashes it \(tanh\)\.$")
    )
    large, small = card.locator("canvas").bounding_box(), lesson.get_by_test_id("unit-hidden-0").bounding_box()
    assert large is not None
    assert small is not None
    assert large["width"] > 3 * small["width"]
    lesson.mouse.move(300, 800)
    expect(card).to_have_count(0)


def test_5_a_hovered_line_says_its_weight_and_a_click_changes_it(lesson: Page) -> None:
    train(lesson, on=False)
    rest = "Blue adds, orange takes away; thicker is stronger. Click to change it."
    lesson.mouse.move(*line(lesson, "hidden"))
    expect(lesson.get_by_test_id("weight-sentence")).to_have_text(re.compile(rf"^Weight −?[\d.]+\. {rest}$"))
    before = picture(lesson)
    lesson.mouse.click(*line(lesson, "hidden"))
    field = lesson.get_by_test_id("weight-input")
    expect(field).to_be_focused()
    field.fill("−1.3")
    field.press("Enter")
    expect(lesson.locator('[data-testid="weight-line"][data-value="−1.3"]')).to_have_count(1)
    lesson.mouse.move(300, 800)
    lesson.mouse.move(*line(lesson, "hidden"))
    expect(lesson.get_by_test_id("weight-sentence")).to_have_text(f"Weight −1.3. {rest}")
    assert picture(lesson) != before
    lesson.mouse.move(300, 800)


def test_7_a_layer_dragged_into_a_wire_keeps_the_weights_and_says_how_many(lesson: Page) -> None:
    wire = lesson.locator('.react-flow__edge[data-id="hidden.out→last.in"] path').first
    x, y = wire.evaluate(ALONG)
    canvas = lesson.get_by_test_id("canvas").bounding_box()
    assert canvas is not None
    drag_layer(lesson, "dense", round(x - canvas["x"]), round(y - canvas["y"]))
    expect(lesson.get_by_test_id("toasts")).to_contain_text(
        "Dense added. 13 of 25 weights were kept; the 12 new ones are outlined."
    )
    expect(node(lesson, "dense")).to_contain_text("3 units")
    outlined = lesson.locator('[data-testid="weight-line"][data-new]')
    expect(outlined).to_have_count(9 + 3)
    lesson.get_by_test_id("canvas").press("Control+z")
    expect(node(lesson, "dense")).to_have_count(0)


def test_8_a_real_mistake_is_told_at_its_node_with_two_ways_out(lesson: Page) -> None:
    lesson.get_by_test_id("data").click()
    lesson.get_by_test_id("dataset-iris").click()
    chip = lesson.locator('[data-testid$="-output-width"]')
    expect(chip).to_contain_text("The data have 3 kinds of iris. This output has 1 number, enough for 2 kinds.")
    expect(chip.get_by_role("button")).to_have_text(["Use 3 outputs", "Back to circle"])
    chip.get_by_role("button", name="Back to circle").click()
    expect(chip).to_have_count(0)
    expect(lesson.get_by_test_id("data")).to_contain_text("Circle")


def meaning_of(word: Locator) -> str:
    """What a word shows when the pointer is on it."""
    word.hover()
    meaning = word.get_attribute("data-meaning")
    shown: str = word.evaluate("(word) => getComputedStyle(word, '::after').content")
    assert meaning is not None
    assert meaning in shown.replace("\\", "")
    return meaning


def test_seven_words_of_the_trade_explain_themselves(lesson: Page) -> None:
    train(lesson, on=False)
    explained = lesson.locator(".pgl-word:visible")
    found = {word.inner_text().strip().lower(): meaning_of(word) for word in explained.all()}
    lesson.mouse.click(*line(lesson, "hidden"))  # "weight" stands beside the number one types
    note = lesson.locator(".pgl-weight-note .pgl-word")
    found[note.inner_text().lower()] = meaning_of(note)
    lesson.keyboard.press("Escape")
    said = " ".join(found)
    for wanted in ("loss", "epoch", "batch", "learning rate", "unit", "weight", "boundary"):
        assert wanted in said, f"{wanted!r} is not among {sorted(found)}"
    assert all(len(meaning.split()) <= 30 for meaning in found.values())
