"""Every name that becomes the name of a file, and everything a name could do there. Whatever comes, nothing outside the
folder is read or written.

Made by us alone, and so not here: ids of workers and tasks (`run/<worker>.now`), keys of prepared data (a kind and a
digest), names of checkpoints as they are written (numbers and a word).
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from playground.commands.outcome import UserError
from playground.commands.train import open_experiment, with_data
from playground.core.network import ID_PATTERN, valid_id
from playground.datasets import datasets
from playground.engine.job_opening import shipped
from playground.live.messages import Unreadable, read
from playground.runs.names import new_project_id, new_run_id, run_file, run_folder, valid_project, valid_run
from playground.runs.records import NotFound
from playground.runs.store import Store
from playground.studio import opening
from playground.studio.documents import Refused, find_template
from playground.templates import templates

NAMES = [
    "..",
    ".",
    "",
    "../secret",
    "a/../../secret",
    "..\\secret",
    "/etc/passwd",
    "//server/share",
    "C:\\Windows\\win.ini",
    "C:secret",
    "\\\\?\\C:\\secret",
    "secret\x00.safetensors",
    "a\nb",
    "a b",
    " a",
    "a.",
    "a" * 5_000,
    "~/secret",
    "$HOME",
    "%2e%2e%2fsecret",
    "con",
    "NUL",
    "com1",
    "lpt9",
    "aux.safetensors",
    "a:stream",
    "*",
    "a?b",
    "..\N{FRACTION SLASH}secret",
    "\N{FULLWIDTH FULL STOP}\N{FULLWIDTH FULL STOP}\N{FULLWIDTH SOLIDUS}secret",
    "\N{ONE DOT LEADER}\N{ONE DOT LEADER}/secret",
    "\N{CYRILLIC SMALL LETTER A}bc",
    "\N{ARABIC-INDIC DIGIT ONE}",
    "\u202etxt.exe",
    "-rf",
    "\ud800",
]


def refuses(*kinds: type[Exception]) -> Callable[[Callable[[str], object]], Callable[[str, Path], None]]:
    """An entrance that raises one of these, with a sentence."""

    def entrance(ask: Callable[[str], object]) -> Callable[[str, Path], None]:
        def check(name: str, home: Path) -> None:
            with pytest.raises(kinds) as refused:
                ask(name)
            assert str(refused.value).isprintable()
            assert len(str(refused.value)) < 1_200

        return check

    return entrance


def tried(make: Callable[[], Path | str]) -> Path | str | None:
    """What a name became; None when it was refused with a sentence."""
    try:
        return make()
    except ValueError as refused:
        sentence = str(refused)
    assert sentence.isprintable()
    return None


def run_of(name: str, home: Path) -> None:
    """A folder of its own below `runs`, or nothing."""
    folder = tried(lambda: run_folder(home, name))
    assert folder is None or Path(folder).resolve().parent == (home / "runs").resolve()


def file_of_a_run(name: str, home: Path) -> None:
    file = tried(lambda: run_file(home, "abc", name))
    assert file is None or Path(file).resolve().parent == (home / "runs" / "abc").resolve()


def weights_by_name(name: str, home: Path) -> None:
    assert shipped(name, templates["circle"]().experiment()) is None


def pictures_by_name(name: str, home: Path) -> None:
    assert opening.frames(name) == ()
    assert opening.points(name) == []
    assert opening.weights_for(name, templates["circle"]().experiment()) is None


def project_of(name: str, home: Path) -> None:
    """The id of a project names no file; it is held to letters all the same."""
    id = tried(lambda: valid_project(name))
    assert id is None or ID_PATTERN.fullmatch(str(id)[:40])


def runs_of_the_history(name: str, home: Path) -> None:
    store = Store(home)
    with pytest.raises(NotFound) as refused:
        store.run("local", name)
    assert str(refused.value).isprintable()
    store.close()


def data_file(name: str, home: Path) -> None:
    with pytest.raises(UserError) as refused:
        with_data(templates["circle"]().experiment(), name)
    assert str(refused.value).isprintable()


def project_file(name: str, home: Path) -> None:
    with pytest.raises(UserError) as refused:
        open_experiment(name)
    assert str(refused.value).isprintable()


ENTRANCES: dict[str, Callable[[str, Path], None]] = {
    "folder of a run": run_of,
    "file of a run": file_of_a_run,
    "shipped weights": weights_by_name,
    "shipped pictures": pictures_by_name,
    "project": project_of,
    "run asked for": runs_of_the_history,
    "template": refuses(Refused)(find_template),
    "data set": refuses(ValueError)(lambda name: datasets[name]),
    "node": refuses(ValueError)(
        lambda name: valid_id(name if name not in ("con", "NUL", "com1", "lpt9", "-rf") else "")
    ),
    "weight of a node": refuses(Unreadable)(
        lambda name: read(f'{{"type": "weight", "node": "{name}/", "name": "bias", "index": [0], "value": 1}}')
    ),
    "file of data": data_file,
    "project file": project_file,
}


@pytest.mark.parametrize("entrance", ENTRANCES)
@pytest.mark.parametrize("name", NAMES, ids=range(len(NAMES)))
def test_no_name_leads_anywhere_it_should_not(
    entrance: str, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "home"
    (home / "runs" / "abc").mkdir(parents=True)
    for folder in (tmp_path, home, home / "runs"):
        (folder / "secret").write_text("secret")
    monkeypatch.chdir(home / "runs" / "abc")
    before = sorted(tmp_path.rglob("*"))
    ENTRANCES[entrance](name, home)
    assert sorted(tmp_path.rglob("*")) == before


def test_names_of_our_own_are_good_names() -> None:
    for _ in range(200):
        assert valid_run(new_run_id())
        assert valid_project(new_project_id())
    assert run_file(Path("home"), "abc", "000012-best-700.safetensors").name == "000012-best-700.safetensors"


def test_a_run_cannot_be_called_like_a_device_of_windows() -> None:
    for name in ("con", "aux", "nul", "com1", "lpt9"):
        with pytest.raises(ValueError, match="is not the id of a run"):
            valid_run(name)
        with pytest.raises(ValueError, match="is not the name of a file"):
            run_file(Path("home"), "abc", f"{name}.safetensors")
    assert valid_run("console")


def test_the_home_folder_is_one_path_whatever_stands_in_the_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    from playground.settings import data_folders, home

    for chosen in ("../x", "a\nb", "~/x", ".", os.sep):
        monkeypatch.setenv("PLAYGROUND_HOME", chosen)
        monkeypatch.setenv("PLAYGROUND_DATA", chosen)
        assert home().is_absolute()
        assert all(folder.is_absolute() for folder in data_folders())
