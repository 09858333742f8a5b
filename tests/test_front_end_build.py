"""The build hook's decisions: when it builds, when it installs, what it does without a network."""

import json
import subprocess
from pathlib import Path

import pytest

import hatch_build


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with a front end of one file, where npm only notes what it was asked."""
    components = tmp_path / "components"
    (components / "src").mkdir(parents=True)
    (components / "src" / "index.ts").write_text("export {}")
    (components / "package.json").write_text("{}")
    packages = {
        "": {},
        "node_modules/a": {"version": "1.0.0"},
        "node_modules/b": {"version": "2.0.0", "optional": True},
    }
    (components / "package-lock.json").write_text(json.dumps({"packages": packages}))
    for package, names in hatch_build.FONTS.items():
        folder = components / "node_modules" / package
        (folder / "files").mkdir(parents=True)
        (folder / "LICENSE").write_text("OFL")
        for name in names:
            (folder / "files" / name).write_bytes(b"wOF2")
    monkeypatch.delenv("PLAYGROUND_SKIP_FRONTEND", raising=False)
    return tmp_path


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What npm was asked to do."""
    asked: list[str] = []

    def npm(components: Path, *arguments: str) -> None:
        asked.append(" ".join(arguments[:2]))
        if arguments[0] == "ci":
            lock = json.loads((components / "package-lock.json").read_text())
            here = {name: entry for name, entry in lock["packages"].items() if not entry.get("optional")}
            (components / "node_modules" / ".package-lock.json").write_text(json.dumps({"packages": here}))

    monkeypatch.setattr(hatch_build, "npm", npm)
    return asked


def test_it_installs_and_builds_once_and_again_only_after_a_change(root: Path, asked: list[str]) -> None:
    hatch_build.build(root)
    hatch_build.build(root)
    assert asked == ["ci --include=dev", "run build"]
    assert all(path.is_file() for path in hatch_build.font_files(root / "playground" / "app" / "static"))
    (root / "components" / "src" / "index.ts").write_text("export const a = 1")
    hatch_build.build(root)
    assert asked[2:] == ["run build"]


def test_a_new_lock_file_is_installed(root: Path, asked: list[str]) -> None:
    hatch_build.build(root)
    lock = root / "components" / "package-lock.json"
    lock.write_text(lock.read_text().replace("1.0.0", "1.0.1"))
    hatch_build.build(root)
    assert asked[2:] == ["ci --include=dev", "run build"]


def test_a_failed_build_keeps_what_was_built_before(
    root: Path, asked: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    hatch_build.build(root)
    stamp = (root / "playground" / "static" / "components" / ".stamp").read_text()

    def offline(*arguments: object) -> None:
        raise subprocess.CalledProcessError(1, "npm")

    monkeypatch.setattr(hatch_build, "npm", offline)
    (root / "components" / "src" / "index.ts").write_text("export const b = 2")
    hatch_build.build(root)
    assert "the one built before stays" in capsys.readouterr().err
    assert (root / "playground" / "static" / "components" / ".stamp").read_text() == stamp


def test_a_failed_first_build_says_what_is_needed(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def offline(*arguments: object) -> None:
        raise subprocess.CalledProcessError(1, "npm")

    monkeypatch.setattr(hatch_build, "npm", offline)
    with pytest.raises(SystemExit, match="needs the npm registry once"):
        hatch_build.build(root)
    monkeypatch.setenv("PLAYGROUND_SKIP_FRONTEND", "1")
    hatch_build.build(root)
