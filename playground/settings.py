"""The two settings a person makes from outside: PLAYGROUND_HOME and PLAYGROUND_DATA. Nothing else reads them."""

import os
from pathlib import Path


def home() -> Path:
    """The folder of runs, projects and caches: PLAYGROUND_HOME, or the platform's own place for such data."""
    if chosen := os.environ.get("PLAYGROUND_HOME"):
        return Path(chosen).expanduser().absolute()
    from platformdirs import user_data_path

    return user_data_path("playground", appauthor=False)


def cache_folder() -> Path:
    """Where prepared data sets lie, one copy a machine. May be deleted at any time."""
    return home() / "cache" / "data"


def data_folders() -> list[Path]:
    """Folders searched for data sets in their original files, in order: those of PLAYGROUND_DATA (several are
    joined as in PATH), then `data` in the home folder."""
    chosen = os.environ.get("PLAYGROUND_DATA", "")
    folders = [Path(folder).expanduser().absolute() for folder in chosen.split(os.pathsep) if folder]
    return list(dict.fromkeys([*folders, home() / "data"]))
