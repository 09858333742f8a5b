"""The two settings from outside."""

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
