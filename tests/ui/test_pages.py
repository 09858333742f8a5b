"""Pages alone, as Streamlit's own test runner sees them: without a server, without an engine."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from playground.live import pages as asked
from playground.live.pages import Seat
from playground.live.service import NotReady
from playground.studio.documents import Refused
from playground.ui import notices

PAGES = Path(__file__).parent.parent.parent / "pages"


def run(name: str, **address: str) -> AppTest:
    app = AppTest.from_file(str(PAGES / f"{name}.py"), default_timeout=60)
    for key, value in address.items():
        app.query_params[key] = value
    return app.run()


def components(app: AppTest) -> list[Any]:
    return [element for element in app.main if element.type == "bidi_component"]


def address(app: AppTest) -> str:
    """The project in the address, which the test runner gives as text or as a list."""
    project: str | list[str] = app.query_params["p"]
    return project if isinstance(project, str) else project[-1]


@pytest.mark.parametrize("name", ["build", "explain", "runs"])
def test_a_page_opens_without_a_server(name: str) -> None:
    app = run(name)
    assert not app.exception
    assert len(components(app)) == 1


def test_the_build_page_writes_its_project_into_the_address(monkeypatch: pytest.MonkeyPatch) -> None:
    wanted: list[str | None] = []

    def take_seat(project: str | None) -> Seat:
        wanted.append(project)
        return Seat(project or "fresh", "token")

    monkeypatch.setattr(asked, "take_seat", take_seat)
    app = run("build")
    assert address(app) == "fresh"
    app.query_params["p"] = "other"
    app.run()
    assert wanted == [None, "other"]


def test_a_page_change_that_drops_the_address_keeps_the_project(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asked, "take_seat", lambda project: Seat(project or "fresh", "token"))
    app = run("build")
    del app.query_params["p"]
    app.run()
    assert address(app) == "fresh"


def test_a_link_to_nothing_says_so_and_offers_the_way_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asked, "take_seat", lambda project: Seat(missing=True) if project else Seat("mine", "t"))
    app = run("build", p="gone")
    assert [text.value for text in app.markdown] == [notices.NO_PROJECT]
    assert not components(app)
    app.button[0].click().run()
    assert address(app) == "mine"


def test_an_engine_that_does_not_answer_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def take_seat(project: str | None) -> Seat:
        raise NotReady

    monkeypatch.setattr(asked, "take_seat", take_seat)
    app = run("build")
    assert [text.value for text in app.markdown] == [notices.NOT_READY]
    assert not app.exception


def test_a_front_end_that_is_not_built_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("playground.ui.workbench.component_dir", lambda name: tmp_path)
    app = run("build")
    assert [text.value for text in app.markdown] == [notices.NOT_BUILT]


def test_a_link_that_holds_a_project_opens_as_a_new_one_and_only_once(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[str] = []

    def open_link(text: str) -> Seat:
        made.append(text)
        return Seat("made", "token")

    monkeypatch.setattr(asked, "open_link", open_link)
    monkeypatch.setattr(asked, "take_seat", lambda project: Seat(project or "fresh", "token"))
    app = run("build", x="eNq", p="other")
    assert address(app) == "made"
    assert "x" not in app.query_params
    app.query_params["x"] = "eNq"
    app.run()
    assert (address(app), made) == ("made", ["eNq"])


@pytest.mark.parametrize("link", ["AAAA", "not a link", "x" * 20_000], ids=["short", "foreign", "long"])
def test_a_bad_link_is_refused_with_a_sentence_and_a_way_out(monkeypatch: pytest.MonkeyPatch, link: str) -> None:
    monkeypatch.setattr(asked, "take_seat", lambda project: Seat("mine", "token"))
    app = run("build", x=link)
    assert not app.exception
    assert not components(app)
    assert app.text[0].value.startswith("This link")
    assert app.button[0].label == "Open my own"
    app.button[0].click().run()
    assert address(app) == "mine"
    assert "x" not in app.query_params


def test_words_of_a_link_are_shown_as_they_are_never_as_markup(monkeypatch: pytest.MonkeyPatch) -> None:
    def open_link(text: str) -> Seat:
        raise Refused("There is no '![](http://127.0.0.1/x.png)' among the layers.")

    monkeypatch.setattr(asked, "open_link", open_link)
    app = run("build", x="eNq")
    assert [text.value for text in app.text] == ["There is no '![](http://127.0.0.1/x.png)' among the layers."]
    assert not app.markdown
