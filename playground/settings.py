"""The settings a person makes from outside, by variables of the environment. Nothing else reads these."""

import logging
import math
import os
from pathlib import Path

SHARED, LONG_RUN = "PLAYGROUND_SHARED", "PLAYGROUND_LONG_RUN"
LEVELS = {"debug": logging.DEBUG, "info": logging.INFO, "warning": logging.WARNING, "error": logging.ERROR}
LONG_RUN_MINUTES = 10.0


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


def shared() -> bool:
    """Whether several people share this machine, as PLAYGROUND_SHARED says: 1 or 0. `playground run` sets it to 1 when
    it listens for other machines. Raises ValueError."""
    chosen = os.environ.get(SHARED, "").strip()
    if chosen not in ("", "0", "1"):
        raise ValueError(f"{SHARED} is {chosen!r}. Set it to 1 where several people share this machine, else to 0.")
    return chosen == "1"


def long_run_seconds() -> float:
    """Seconds of the machine beyond which a run on a shared one asks before it begins: PLAYGROUND_LONG_RUN, in minutes.
    Raises ValueError."""
    chosen = os.environ.get(LONG_RUN, "").strip()
    try:
        minutes = float(chosen or LONG_RUN_MINUTES)
    except ValueError:
        minutes = math.nan
    if not minutes > 0:
        raise ValueError(f"{LONG_RUN} is {chosen!r}. Set it to a number of minutes, more than 0.")
    return 60.0 * minutes


def log_level() -> int:
    """From which level on things stand in the logs: PLAYGROUND_LOG, one of `LEVELS`. A word it does not know counts as
    `info`: a log that is too full is no reason not to start."""
    return LEVELS.get(os.environ.get("PLAYGROUND_LOG", "").strip().lower(), logging.INFO)
