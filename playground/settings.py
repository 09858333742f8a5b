"""The two settings a person makes from outside: PLAYGROUND_HOME and PLAYGROUND_DATA."""

from pathlib import Path

from playground import _paths


def home() -> Path:
    """The folder of runs, projects and caches: PLAYGROUND_HOME, or the platform's own place for such data."""
    return _paths.home()


def cache_folder() -> Path:
    """Where prepared data sets lie, one copy a machine. May be deleted at any time."""
    return home() / "cache" / "data"


def data_folders() -> list[Path]:
    """Folders searched for data sets in their original files, in order: those of PLAYGROUND_DATA (several are
    joined as in PATH), then `data` in the home folder."""
    folders = [*_paths.data_folders(), home() / "data"]
    return list(dict.fromkeys(folders))
