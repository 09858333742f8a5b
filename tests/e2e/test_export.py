"""Taking a network away from the page: made, tried elsewhere, compared, saved; and what a guest may take."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.e2e.bench import FIND, READY_MS, open_bench


def take(page: Page, button: str, folder: Path) -> Path:
    """Press a button that saves a file; where it was saved."""
    with page.expect_download() as saving:
        page.get_by_test_id(button).click()
    file = folder / saving.value.suggested_filename
    saving.value.save_as(file)
    return file


@pytest.fixture
def dialog(page: Page, server_url: str) -> Page:
    """A first visit with the export dialog open."""
    page.add_init_script(FIND)
    open_bench(page, server_url)
    page.get_by_test_id("share").click()
    page.get_by_test_id("share-export").click()
    expect(page.get_by_test_id("export-dialog")).to_be_visible()
    return page


def test_the_script_says_same_outputs_and_runs_where_it_was_saved(dialog: Page, tmp_path: Path) -> None:
    dialog.get_by_test_id("export-pytorch").click()
    expect(dialog.get_by_test_id("parity-pytorch")).to_contain_text("Same outputs: ", timeout=2 * READY_MS)
    expect(dialog.get_by_test_id("export-row-pytorch")).to_contain_text("Weights of step 8,000.")
    archive = take(dialog, "save-pytorch", tmp_path)
    assert archive.name == "circle.zip"
    with zipfile.ZipFile(archive) as packed:
        assert packed.namelist() == ["circle.py", "circle.safetensors"]
        packed.extractall(tmp_path)
    code = [sys.executable, "-I", tmp_path / "circle.py"]
    said = subprocess.run(code, capture_output=True, text=True, check=True, timeout=100).stdout
    assert said.endswith("test cases are answered right.\n")


def test_the_whole_drawing_becomes_a_picture(dialog: Page, tmp_path: Path) -> None:
    svg = take(dialog, "export-svg", tmp_path)
    assert svg.name == "Circle.svg"
    drawn = ElementTree.fromstring(svg.read_text())
    texts = [element.text for element in drawn.iter("{http://www.w3.org/2000/svg}text")]
    assert any(text and text.startswith("Dense") for text in texts)
    png = take(dialog, "export-png", tmp_path).read_bytes()
    width, height = (int.from_bytes(png[at : at + 4], "big") for at in (16, 20))
    assert (width, height) == (3 * int(drawn.attrib["width"]), 3 * int(drawn.attrib["height"]))


def test_a_guest_takes_the_script_without_weights(
    dialog: Page, new_context: Callable[..., BrowserContext], tmp_path: Path
) -> None:
    guest = new_context().new_page()
    open_bench(guest, dialog.url)
    guest.get_by_test_id("share").click()
    guest.get_by_test_id("share-export").click()
    expect(guest.get_by_test_id("export-weights")).to_be_disabled()
    guest.get_by_test_id("export-pytorch").click()
    expect(guest.get_by_test_id("export-row-pytorch")).to_contain_text("first weights", timeout=2 * READY_MS)
    assert take(guest, "save-pytorch", tmp_path).name == "circle.py"
