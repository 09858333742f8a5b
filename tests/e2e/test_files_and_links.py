"""A project that travels: in a link, in a file, by drag and drop; and what happens with those that mean no good."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from playground.core.files import read_project
from playground.studio.documents import from_template
from tests.e2e.bench import FIND, READY_MS, node, open_bench, wait_for_step

EVIL = "<img src=x onerror=\"document.title='run'\"><script>document.title='run'</script>"


@pytest.fixture
def bench(page: Page, server_url: str) -> Page:
    """A first visit, with the drawing there; whatever opens a dialog fails the test."""
    page.add_init_script(FIND)
    page.on("dialog", lambda dialog: pytest.fail(f"A dialog opened: {dialog.message}"))
    open_bench(page, server_url)
    return page


def packed(document: dict[str, Any]) -> str:
    content = zlib.compress(json.dumps(document).encode(), 9)
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


def rename(page: Page, title: str) -> None:
    page.get_by_test_id("project-menu").click()
    field = page.get_by_test_id("project-title")
    field.fill(title)
    field.press("Enter")
    field.press("Escape")
    expect(page.get_by_test_id("project-name")).to_have_text(title)


def drop(page: Page, name: str, content: str) -> None:
    """Drop a file on the canvas, as a file manager does."""
    held = page.evaluate_handle(
        """([name, content]) => {
          const held = new DataTransfer()
          held.items.add(new File([content], name, { type: "application/json" }))
          return held
        }""",
        [name, content],
    )
    page.get_by_test_id("canvas").dispatch_event("dragover", {"dataTransfer": held})
    expect(page.get_by_test_id("drop-target")).to_be_visible()
    page.get_by_test_id("canvas").dispatch_event("drop", {"dataTransfer": held})
    expect(page.get_by_test_id("drop-target")).to_have_count(0)


def other_project(page: Page, before: str) -> None:
    page.wait_for_url(lambda url: "p=" in url and url != before, timeout=READY_MS)


def test_a_link_that_holds_the_network_opens_as_a_project_of_ones_own(
    bench: Page, new_context: Callable[..., BrowserContext], server_url: str
) -> None:
    bench.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=server_url)
    rename(bench, "Ring of fire")
    bench.get_by_test_id("share").click()
    bench.get_by_test_id("copy-whole-link").click()
    expect(bench.get_by_test_id("toasts")).to_contain_text("Link copied. It holds the whole network")
    link = bench.evaluate("navigator.clipboard.readText()")
    assert link.startswith(f"{server_url}/?x=")

    other = new_context().new_page()
    other.goto(link)
    expect(node(other, "hidden")).to_be_visible(timeout=READY_MS)
    other.wait_for_url(lambda url: "p=" in url and "x=" not in url)
    assert other.url != bench.url
    expect(other.get_by_test_id("project-name")).to_have_text("Ring of fire")
    expect(other.get_by_test_id("readonly")).to_have_count(0)
    rename(other, "Mine")
    expect(other.get_by_test_id("project-name").get_by_label("not saved yet")).to_have_count(0)
    address = other.url
    other.reload()
    expect(other.get_by_test_id("project-name")).to_have_text("Mine", timeout=READY_MS)
    assert other.url == address
    expect(bench.get_by_test_id("project-name")).to_have_text("Ring of fire")


@pytest.mark.parametrize(
    ("link", "sentence"),
    [
        (packed(from_template("circle"))[:-40], "This link is not complete. Copy all of it and try again."),
        (packed({**from_template("circle"), "schema": 7}), "This project was made by a newer version"),
        (base64.urlsafe_b64encode(zlib.compress(b" " * 9_000_000)).decode().rstrip("="), "This link unpacks to more"),
        (packed({**from_template("circle"), EVIL: "![x](http://127.0.0.1:9/x.png)"}), "The project has no setting"),
    ],
    ids=["cut", "future", "bomb", "script"],
)
def test_a_bad_link_is_told_and_leads_to_ones_own_project(
    page: Page, server_url: str, link: str, sentence: str
) -> None:
    page.goto(f"{server_url}/?x={link}")
    expect(page.get_by_text(sentence)).to_be_visible(timeout=READY_MS)
    page.get_by_role("button", name="Open my own").click()
    expect(node(page, "hidden")).to_be_visible(timeout=READY_MS)
    page.wait_for_url(lambda url: "p=" in url and "x=" not in url)
    assert page.title() != "run"


def test_a_project_is_saved_as_a_file_that_the_command_line_trains_and_the_page_opens(
    bench: Page, tmp_path: Path
) -> None:
    rename(bench, "Größe: 3/4?")
    before = bench.url
    bench.get_by_test_id("project-menu").click()
    with bench.expect_download() as saving:
        bench.get_by_test_id("save-file").click()
    assert saving.value.suggested_filename == "Größe- 3-4.playground.json"
    file = tmp_path / "saved.playground.json"
    saving.value.save_as(file)
    project = read_project(file.read_bytes())
    assert project.title == "Größe: 3/4?"
    assert project.experiment == read_project(from_template("circle")).experiment

    home = {**os.environ, "PLAYGROUND_HOME": str(tmp_path / "home")}
    for arguments in (
        ["train", str(file), "--epochs", "1", "--json"],
        ["export", str(file), "--to", "pytorch", "-o", str(tmp_path / "net.py")],
    ):
        subprocess.run([sys.executable, "-m", "playground", *arguments], env=home, check=True, timeout=120)
    assert "class Network" in (tmp_path / "net.py").read_text()

    bench.get_by_test_id("project-menu").click()
    bench.get_by_test_id("file-chooser").set_input_files(file)
    other_project(bench, before)
    expect(bench.get_by_test_id("project-name")).to_have_text("Größe: 3/4?")
    expect(node(bench, "hidden")).to_be_visible()


def test_a_file_dropped_on_the_canvas_opens_as_a_new_project(bench: Page) -> None:
    before = bench.url
    drop(bench, "spiral.playground.json", json.dumps(from_template("spiral")))
    other_project(bench, before)
    expect(bench.get_by_test_id("data")).to_contain_text("Spiral")
    bench.goto(before)
    expect(bench.get_by_test_id("data")).to_contain_text("Circle", timeout=READY_MS)


def test_what_is_no_project_is_refused_in_a_sentence_and_nothing_runs(bench: Page, server_url: str) -> None:
    before, title = bench.url, bench.title()
    toasts = bench.get_by_test_id("toasts")
    drop(bench, "notes.txt", "hello")
    expect(toasts).to_contain_text("This is not a project file: it is not JSON.")
    drop(bench, "future.json", json.dumps({**from_template("circle"), "schema": 9}))
    expect(toasts).to_contain_text("This project was made by a newer version")
    drop(bench, "large.json", json.dumps({**from_template("circle"), "notes": "x" * 300_000}))
    expect(toasts).to_contain_text("256 KB work here.")
    drop(bench, "evil.json", json.dumps({**from_template("circle"), EVIL: 1}))
    expect(toasts).to_contain_text("The project has no setting")
    assert (bench.url, bench.title()) == (before, title)

    # What is only words stays words, wherever it is shown.
    document = from_template("circle")
    document.update(title=EVIL, notes=EVIL)
    document["experiment"]["networks"]["model"]["nodes"][1]["title"] = EVIL[:80]
    drop(bench, "words.json", json.dumps(document))
    other_project(bench, before)
    expect(bench.get_by_test_id("project-name")).to_have_text(EVIL)
    expect(node(bench, "hidden")).to_contain_text("<img src=x")
    assert bench.title() == title

    bench.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=server_url)
    paste(bench, [{"id": "a", "layer": {"kind": "dense", "units": EVIL}}])
    expect(toasts).to_contain_text("Dense: this value does not suit “Units”. Nothing was pasted.")
    paste(bench, [{"id": "a", "layer": {"kind": "__import__"}}])
    expect(toasts).to_contain_text("There is no layer called “__import__” here. Nothing was pasted.")
    paste(bench, [{"id": "__class__", "layer": {"kind": "dense"}, "title": "\u202e" + EVIL}])
    expect(node(bench, "__class__")).to_contain_text("<img src=x")
    bench.keyboard.press("Control+z")
    expect(node(bench, "__class__")).to_have_count(0)
    assert bench.title() == title
    bench.get_by_test_id("train").click()
    wait_for_step(bench, 5)


def paste(page: Page, nodes: list[dict[str, Any]]) -> None:
    text = json.dumps({"format": "playground/nodes@1", "nodes": nodes, "edges": []})
    page.evaluate("(text) => navigator.clipboard.writeText(text)", text)
    page.locator(".pg-editor").focus()
    page.keyboard.press("Control+v")
