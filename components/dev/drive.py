"""Drives the workbench on the mock server the way a person would, and says what did not work."""
import re
import shutil
import sys
from pathlib import Path

from playwright.sync_api import expect, sync_playwright

OUT = Path(__file__).with_name("shots")
ARGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
URL = "http://localhost:5199/?project="
steps = {}


def step(function):
    steps[function.__name__] = function
    return function


def handle(page, node, kind):
    return page.locator(f'.react-flow__node[data-id="{node}"] .react-flow__handle.{kind}')


def centre(locator):
    box = locator.bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def pull(page, start, end):
    page.mouse.move(*start)
    page.mouse.down()
    page.mouse.move((start[0] + end[0]) / 2, (start[1] + end[1]) / 2 + 4, steps=5)
    page.mouse.move(*end, steps=8)


def count(page, selector=".react-flow__node"):
    return page.locator(selector).count()


@step
def palette_click_wires_behind_the_selection(page):
    page.get_by_test_id("node-hidden").click(position={"x": 70, "y": 12})
    page.screenshot(path=OUT / "inspector.png")
    page.get_by_test_id("palette-dense").click()
    expect(page.get_by_test_id("node-dense")).to_be_visible()
    expect(page.get_by_test_id("wire-hidden-dense")).to_be_attached()
    expect(page.get_by_test_id("wire-dense-last")).to_be_attached()
    page.mouse.move(700, 300)
    page.wait_for_timeout(300)
    page.screenshot(path=OUT / "added.png")
    page.get_by_test_id("undo").click()
    expect(page.get_by_test_id("node-dense")).to_have_count(0)
    expect(page.get_by_test_id("wire-hidden-last")).to_be_attached()
    page.get_by_test_id("redo").click()
    expect(page.get_by_test_id("node-dense")).to_be_visible()


@step
def palette_drag_onto_a_wire_inserts(page):
    page.get_by_test_id("palette-tanh").hover()
    page.mouse.down()
    page.mouse.move(500, 300, steps=4)
    x1, y1 = centre(page.get_by_test_id("node-last"))
    x2, y2 = centre(page.get_by_test_id("node-output"))
    page.mouse.move((x1 + x2) / 2, (y1 + y2) / 2 + 10, steps=6)
    page.mouse.move((x1 + x2) / 2 + 1, (y1 + y2) / 2 + 10, steps=2)
    expect(page.locator(".pg-wire[data-over]")).to_be_attached()
    page.screenshot(path=OUT / "over-wire.png")
    page.mouse.up()
    expect(page.get_by_test_id("wire-last-tanh")).to_be_attached()
    expect(page.get_by_test_id("wire-tanh-output")).to_be_attached()


@step
def palette_drag_to_empty_space_adds_there(page):
    page.get_by_test_id("palette-dense").drag_to(page.get_by_test_id("canvas"), target_position={"x": 520, "y": 560})
    box = page.get_by_test_id("node-dense").bounding_box()
    assert abs(box["x"] + 70 - 520) < 40, box
    pull(page, centre(handle(page, "hidden", "source")), centre(handle(page, "dense", "target")))
    page.wait_for_timeout(150)
    page.screenshot(path=OUT / "pulling.png")
    page.mouse.up()
    expect(page.get_by_test_id("wire-hidden-dense")).to_be_attached()


@step
def a_wire_dropped_on_nothing_asks_what_comes_next(page):
    pull(page, centre(handle(page, "last", "source")), (800, 600))
    page.mouse.up()
    expect(page.get_by_test_id("search-card")).to_be_visible()
    page.screenshot(path=OUT / "search.png")
    page.get_by_test_id("search-field").fill("fully conn")
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("wire-last-dense")).to_be_attached()


@step
def a_loop_is_refused_with_the_reason(page):
    page.get_by_test_id("palette-add").drag_to(page.get_by_test_id("canvas"), target_position={"x": 300, "y": 560})
    pull(page, centre(handle(page, "hidden", "source")), centre(handle(page, "add", "target")))
    page.mouse.up()
    expect(page.get_by_test_id("wire-hidden-add")).to_be_attached()
    page.mouse.click(760, 180)
    pull(page, centre(handle(page, "add", "source")), centre(handle(page, "hidden", "target")))
    page.mouse.up()
    expect(page.get_by_test_id("toasts")).to_contain_text("loop")
    expect(page.get_by_test_id("wire-add-hidden")).to_have_count(0)


@step
def delete_heals_and_asks_what_shape(page):
    page.get_by_test_id("node-hidden").click(position={"x": 70, "y": 12})
    page.keyboard.press("Delete")
    expect(page.get_by_test_id("wire-input-last")).to_be_attached()
    expect(page.get_by_test_id("predict")).to_be_visible()
    page.wait_for_timeout(300)
    page.screenshot(path=OUT / "predict.png")
    page.get_by_role("button", name="A circle").click()
    expect(page.get_by_test_id("predict-answer")).to_have_text("A straight line.")


@step
def typing_in_a_field_is_one_step_and_never_a_key(page):
    page.get_by_test_id("node-hidden").click(position={"x": 70, "y": 12})
    field = page.get_by_test_id("input-units")
    field.click()
    field.press("Control+a")
    field.press_sequentially("12")
    field.press("Backspace")
    field.press_sequentially("4")
    field.press("Tab")
    assert count(page) == 4
    expect(page.get_by_test_id("node-hidden")).to_contain_text("14 · tanh")
    page.get_by_test_id("undo").click()
    expect(page.get_by_test_id("node-hidden")).to_contain_text("3 · tanh")


@step
def a_fix_button_repairs_in_one_step(page):
    page.goto(URL + "trouble")
    page.get_by_test_id("node-pool").click(position={"x": 30, "y": 8})
    page.keyboard.press("Delete")
    chip = page.get_by_test_id("diagnostic-last-rank")
    expect(chip).to_be_visible()
    page.wait_for_timeout(300)
    page.screenshot(path=OUT / "fix.png")
    chip.get_by_test_id("fix-0").click()
    expect(chip).to_have_count(0)
    expect(page.get_by_test_id("node-flatten")).to_be_visible()
    page.wait_for_timeout(300)
    page.screenshot(path=OUT / "fixed.png")
    page.keyboard.press("t") if page.locator(".pg-editor:focus").count() else page.get_by_test_id("tidy").click()
    page.wait_for_timeout(500)
    page.screenshot(path=OUT / "tidied.png")


@step
def copy_and_paste_keep_inner_wires(page):
    page.get_by_test_id("node-hidden").click(position={"x": 70, "y": 12})
    page.keyboard.down("Shift")
    page.get_by_test_id("node-last").click(position={"x": 70, "y": 12})
    page.keyboard.up("Shift")
    page.keyboard.press("Control+c")
    page.keyboard.press("Control+v")
    expect(page.get_by_test_id("wire-hidden-2-last-2")).to_be_attached()
    page.keyboard.press("Control+d")
    expect(page.locator(".react-flow__node")).to_have_count(8)
    page.keyboard.press("Control+z")
    page.keyboard.press("Control+z")
    expect(page.locator(".react-flow__node")).to_have_count(4)
    page.keyboard.press("Control+Shift+z")
    expect(page.locator(".react-flow__node")).to_have_count(6)
    page.get_by_test_id("node-last-2").click(position={"x": 70, "y": 12})
    page.keyboard.press("Control+x")
    expect(page.locator(".react-flow__node")).to_have_count(5)


@step
def moving_is_one_step_and_the_camera_stays(page):
    view = page.locator(".react-flow__viewport").get_attribute("style")
    node = page.get_by_test_id("node-output")
    before = node.bounding_box()
    x, y = before["x"] + 80, before["y"] + 20
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x - 60, y + 90, steps=8)
    page.mouse.up()
    assert node.bounding_box()["y"] > before["y"] + 60
    page.get_by_test_id("undo").click()
    page.wait_for_timeout(100)
    assert abs(node.bounding_box()["y"] - before["y"]) < 2, (node.bounding_box(), before)
    assert page.locator(".react-flow__viewport").get_attribute("style") == view


@step
def arrows_move_tab_reaches_and_escape_clears(page):
    page.locator('.react-flow__node[data-id="last"]').focus()
    page.keyboard.press("Enter")
    before = page.get_by_test_id("node-last").bounding_box()
    for _ in range(4):
        page.keyboard.press("ArrowDown")
    after = page.get_by_test_id("node-last").bounding_box()
    assert after["y"] > before["y"] + 10, (before, after)
    page.keyboard.press("Escape")
    expect(page.get_by_test_id("inspector")).to_have_count(0)


@step
def slash_finds_commands_and_the_outline_edits(page):
    page.get_by_test_id("canvas").click(position={"x": 600, "y": 120})
    page.keyboard.press("/")
    page.get_by_test_id("search-field").fill("outline")
    page.keyboard.press("Enter")
    outline = page.get_by_test_id("outline")
    expect(outline).to_be_visible()
    page.get_by_test_id("outline-hidden").focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    page.wait_for_timeout(300)
    page.screenshot(path=OUT / "outline.png")
    outline.get_by_test_id("input-units").fill("5")
    expect(page.get_by_test_id("node-hidden")).to_contain_text("5 · tanh")
    page.get_by_test_id("outline-hidden").focus()
    page.keyboard.press("Delete")
    expect(page.get_by_test_id("node-hidden")).to_have_count(0)


@step
def space_plays_and_f5_keeps_everything(page):
    page.get_by_test_id("canvas").click(position={"x": 600, "y": 120})
    page.keyboard.press("Space")
    page.wait_for_function("window.sent.some(m => m.type === 'command' && m.name === 'play')")
    page.get_by_test_id("palette-relu").click()
    page.wait_for_timeout(500)
    expect(page.get_by_test_id("undo")).to_be_enabled()
    page.reload()
    expect(page.get_by_test_id("undo")).to_be_enabled()


@step
def menus_sheet_and_rename(page):
    page.get_by_test_id("node-hidden").click(button="right", position={"x": 70, "y": 12})
    expect(page.get_by_test_id("menu")).to_be_visible()
    page.screenshot(path=OUT / "menu.png")
    page.get_by_role("menuitem", name=re.compile("Rename")).click()
    page.get_by_test_id("rename").fill("First")
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("node-hidden")).to_contain_text("First")
    page.get_by_test_id("canvas").click(position={"x": 600, "y": 120})
    page.keyboard.press("?")
    expect(page.get_by_test_id("sheet")).to_be_visible()
    page.screenshot(path=OUT / "sheet.png")
    page.keyboard.press("Escape")
    expect(page.get_by_test_id("sheet")).to_have_count(0)


@step
def somebody_elses_network_cannot_be_changed(page):
    page.goto(URL + "readonly-circle")
    expect(page.get_by_test_id("make-copy")).to_be_visible()
    page.get_by_test_id("node-hidden").click(position={"x": 70, "y": 12})
    page.wait_for_timeout(200)
    page.screenshot(path=OUT / "readonly.png")
    page.keyboard.press("Delete")
    assert count(page) == 4


def main() -> None:
    OUT.mkdir(exist_ok=True)
    wanted = sys.argv[1:]
    failed = []
    with sync_playwright() as p:
        browser = p.chromium.launch(executable_path=shutil.which("chromium"), args=ARGS)
        for name, function in steps.items():
            if wanted and not any(word in name for word in wanted):
                continue
            context = browser.new_context(viewport={"width": 1440, "height": 900}, permissions=["clipboard-read", "clipboard-write"])
            page = context.new_page()
            page.set_default_timeout(6000)
            expect.set_options(timeout=4000)
            page.on("pageerror", lambda e: print("  ERROR", str(e)[:400]))
            page.on("console", lambda m: m.type == "error" and not re.search("404|same key", m.text) and print("  console", m.text[:300]))
            try:
                page.goto(URL + "circle", timeout=60000)
                page.wait_for_selector(".pg-wire", state="attached")
                page.wait_for_timeout(400)
                function(page)
                print("ok  ", name)
            except Exception as problem:
                failed.append(name)
                page.screenshot(path=OUT / f"failed-{name}.png")
                print("FAIL", name, str(problem)[:600])
            context.close()
        browser.close()
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
