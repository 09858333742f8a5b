"""The container's files hold together: linted, every source there, and what is copied is enough to build from."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import zipfile
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import pytest
import yaml

from playground.live.routes import routes

ROOT = Path(__file__).parent.parent
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")


def instructions(name: str) -> list[str]:
    """What follows a word such as COPY, lines that go on joined."""
    joined = DOCKERFILE.replace("\\\n", " ")
    return [line.removeprefix(name).strip() for line in joined.splitlines() if line.startswith(f"{name} ")]


def copied() -> list[str]:
    """Files and folders that come from here into the image."""
    return [source for line in instructions("COPY") if "--from" not in line for source in line.split()[:-1]]


def service() -> dict[str, Any]:
    """The one service of the compose file."""
    found: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))["services"][
        "playground"
    ]
    return found


def test_the_linter_has_nothing_to_say() -> None:
    linter = Path(sys.executable).with_name("hadolint")
    done = subprocess.run([linter, ROOT / "Dockerfile"], capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr


def test_what_is_copied_is_there_and_not_ignored() -> None:
    lines = (ROOT / ".dockerignore").read_text(encoding="utf-8").split("\n")
    taken = {line[1:] for line in lines if line.startswith("!")}
    assert lines[1] == "*"
    for source in copied():
        assert (ROOT / source).exists(), source
        assert source in taken, source


def test_torch_is_installed_before_all_else_and_by_its_pin() -> None:
    torch, program = [line for line in instructions("RUN") if "pip install" in line]
    assert torch.index("sed") < torch.index("pip install")
    (script,) = re.findall(r"sed -n '([^']+)' pyproject.toml", torch)
    found = subprocess.run(["sed", "-n", script, ROOT / "pyproject.toml"], capture_output=True, text=True, check=True)
    assert re.fullmatch(r"torch~=\d+\.\d+\.\d+", found.stdout.strip())
    assert program.endswith("pip install .")


def test_the_last_stage_builds_nothing_and_is_nobody_special() -> None:
    last = DOCKERFILE[DOCKERFILE.rindex("\nFROM ") :]
    assert "pip" not in last
    assert "apt" not in last
    assert re.search(r"^USER [1-9]\d+$", last, re.MULTILINE)
    assert last.index("USER") < last.index("ENTRYPOINT")


def test_it_asks_for_health_where_health_is() -> None:
    asked = re.findall(r"http://127\.0\.0\.1:(\d+)(/\S+?)'", DOCKERFILE)
    assert asked
    paths = {getattr(route, "path", "") for route in routes("")}
    for port, path in asked:
        assert path in paths
        assert f'"--port", "{port}"' in DOCKERFILE
        assert [published.rpartition(":")[2] for published in service()["ports"]] == [port]


def test_the_home_is_a_volume_and_the_rest_cannot_be_written() -> None:
    found = service()
    assert found["read_only"] is True
    assert found["cap_drop"] == ["ALL"]
    (mounted,) = [volume.partition(":")[2] for volume in found["volumes"]]
    assert f"PLAYGROUND_HOME={mounted}" in DOCKERFILE
    assert mounted in instructions("VOLUME")


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_what_is_copied_is_enough_to_build_from(tmp_path: Path) -> None:
    """The build stage's last command in a plain folder: a wheel with pages, assets, the front end and its fonts."""
    left_out = [line for line in (ROOT / ".dockerignore").read_text().splitlines() if line and line[0] not in "#*!"]
    context = tmp_path / "context"
    context.mkdir()

    def ignore(folder: str, names: list[str]) -> set[str]:
        below = Path(folder).relative_to(ROOT)
        return {name for name in names if name == "__pycache__" or any(fnmatch(str(below / name), p) for p in left_out)}

    for source in copied():
        if (ROOT / source).is_dir():
            shutil.copytree(ROOT / source, context / source, ignore=ignore)
        else:
            shutil.copy(ROOT / source, context)
    command = [sys.executable, "-m", "pip", "wheel", "--no-deps", "--wheel-dir", str(tmp_path), "."]
    subprocess.run(command, cwd=context, check=True, timeout=800)
    (wheel,) = tmp_path.glob("*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    for wanted in (
        "playground/pages/build.py",
        "playground/assets/opening/circle.frames",
        "playground/static/components/workbench/index-*.js",
        "playground/app/static/inter-latin-wght-normal.woff2",
        "playground/app/.streamlit/config.toml",
        "playground/pyproject.toml",
    ):
        assert any(fnmatch(name, wanted) for name in names), wanted
    assert not any("node_modules" in name for name in names)
