"""docs/operating.md speaks of what there is: every setting, every field, commands that exist."""

from __future__ import annotations

import re
from pathlib import Path

from playground.commands import commands
from playground.engine.place import PARENT
from playground.live.health import COUNTS

ROOT = Path(__file__).parent.parent
TEXT = (ROOT / "docs" / "operating.md").read_text(encoding="utf-8")


def test_every_setting_stands_in_it_and_no_other() -> None:
    sources = [*(ROOT / "playground").rglob("*.py"), ROOT / "hatch_build.py"]
    used = {name for file in sources for name in re.findall(r"PLAYGROUND_[A-Z_]+\b", file.read_text(encoding="utf-8"))}
    assert set(re.findall(r"PLAYGROUND_[A-Z_]+\b", TEXT)) == used - {PARENT}


def test_every_field_of_health_is_explained() -> None:
    fields = {*COUNTS, "status", "engine", "ready", "viewers", "disk_free", "uptime", "versions", "schema"}
    section = TEXT[TEXT.index("## Health") : TEXT.index("## Logs")]
    assert {name for name in fields if f"`{name}`" not in section} == set()


def test_the_commands_it_names_exist() -> None:
    named = set(re.findall(r"`playground ([a-z]+)", TEXT)) | set(
        re.findall(r"^playground ([a-z]+)", TEXT, re.MULTILINE)
    )
    assert named <= {name for name, _, _ in commands()}
    assert {"backup", "stop", "bench"} <= named


def test_the_proxy_passes_on_what_sockets_and_cookies_need() -> None:
    (config,) = re.findall(r"```nginx\n(.*?)```", TEXT, re.DOTALL)
    for needed in ("Host $http_host", "Upgrade $http_upgrade", "X-Forwarded-Proto $scheme", "proxy_http_version 1.1"):
        assert needed in config
    assert config.count("{") == config.count("}")
