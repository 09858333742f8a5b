"""The settings from outside."""

import os
from pathlib import Path

import pytest

from playground import settings


def test_home_is_where_the_setting_says(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PLAYGROUND_HOME", str(tmp_path / "here"))
    assert settings.home() == tmp_path / "here"
    monkeypatch.delenv("PLAYGROUND_HOME")
    assert settings.home().name == "playground"
    assert settings.home().is_absolute()


def test_data_folders_are_searched_in_order_and_home_comes_last(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PLAYGROUND_HOME", str(tmp_path))
    monkeypatch.setenv("PLAYGROUND_DATA", os.pathsep.join([str(tmp_path / "b"), "", str(tmp_path / "a")]))
    assert settings.data_folders() == [tmp_path / "b", tmp_path / "a", tmp_path / "data"]
    monkeypatch.delenv("PLAYGROUND_DATA")
    assert settings.data_folders() == [tmp_path / "data"]


@pytest.mark.parametrize(("value", "expected"), [("1", True), ("0", False), ("", False)])
def test_a_machine_is_shared_when_it_is_said(monkeypatch: pytest.MonkeyPatch, value: str, expected: bool) -> None:
    monkeypatch.setenv("PLAYGROUND_SHARED", value)
    assert settings.shared() is expected


def test_a_long_run_is_given_in_minutes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PLAYGROUND_LONG_RUN", raising=False)
    assert settings.long_run_seconds() == 600
    monkeypatch.setenv("PLAYGROUND_LONG_RUN", "2.5")
    assert settings.long_run_seconds() == 150


@pytest.mark.parametrize(
    ("name", "value"), [("SHARED", "yes"), ("LONG_RUN", "ten"), ("LONG_RUN", "-1"), ("LONG_RUN", "nan")]
)
def test_a_setting_that_cannot_be_meant_is_a_sentence(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(f"PLAYGROUND_{name}", value)
    with pytest.raises(ValueError, match=f"PLAYGROUND_{name} is '{value}'. Set it to"):
        settings.shared() if name == "SHARED" else settings.long_run_seconds()
