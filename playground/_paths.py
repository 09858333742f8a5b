"""Where things lie: files of the program, what a person makes with it, and data sets in their original files."""

import os
from pathlib import Path

PACKAGE = Path(__file__).parent


def _beside_or_inside(name: str) -> Path:
    """A folder that lies beside the package in a checkout and inside it in an installed copy."""
    inside = PACKAGE / name
    return inside if inside.is_dir() else PACKAGE.parent / name


def pages_dir() -> Path:
    """The folder of page scripts."""
    return _beside_or_inside("pages")


def assets_dir() -> Path:
    """The folder of the logo, the style block, lesson texts and shipped weights."""
    return _beside_or_inside("assets")


def component_dir(name: str) -> Path:
    """The folder of one built front-end component; empty or missing if it was never built."""
    return PACKAGE / "static" / "components" / name


def home() -> Path:
    """The folder of runs, projects and caches: PLAYGROUND_HOME, or the platform's own place for such data."""
    if chosen := os.environ.get("PLAYGROUND_HOME"):
        return Path(chosen).expanduser().absolute()
    from platformdirs import user_data_path

    return user_data_path("playground", appauthor=False)


def data_folders() -> list[Path]:
    """Folders searched for data sets in their original files: PLAYGROUND_DATA, several joined as in PATH."""
    chosen = os.environ.get("PLAYGROUND_DATA", "")
    return [Path(folder).expanduser().absolute() for folder in chosen.split(os.pathsep) if folder]
