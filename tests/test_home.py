"""The frame of the app as Streamlit's own test runner sees it."""

from pathlib import Path

from streamlit.testing.v1 import AppTest

HOME = Path(__file__).parent.parent / "playground" / "app" / "home.py"
BUILD = Path(__file__).parent.parent / "pages" / "build.py"


def test_home_opens_on_the_workbench_and_brings_the_style_block_once() -> None:
    app = AppTest.from_file(str(HOME), default_timeout=60).run()
    assert not app.exception
    assert [element.type for element in app.main if element.type == "bidi_component"] == ["bidi_component"]


def test_the_build_page_also_opens_alone() -> None:
    app = AppTest.from_file(str(BUILD), default_timeout=60).run()
    assert not app.exception
