"""Arrays on disk, one copy a machine: written once, then mapped into every process that needs them."""

from __future__ import annotations

import contextlib
import json
import logging
import os
import shutil
import time
import uuid
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, Any]

CONTENTS = "contents.json"
KEPT = 2 * 2**30
"""Bytes that the store keeps; the entries used longest ago go first."""
ABANDONED = 600
"""Seconds after which an unfinished entry of a process that is not to be found is one of a process that died."""
log = logging.getLogger(__name__)


class Entry:
    """The arrays of one key. Each is mapped when it is asked for, so that nobody reads what he does not open."""

    def __init__(self, folder: Path, contents: Mapping[str, Any]) -> None:
        self.folder = folder
        self.contents = contents

    def __getitem__(self, name: str) -> Array:
        """An array, mapped copy-on-write: pages are shared, a write stays in this process. Raises OSError, ValueError."""
        import numpy as np

        array = np.load(self.folder / f"{name}.npy", mmap_mode="c" if self.length(name) else None, allow_pickle=False)
        assert isinstance(array, np.ndarray)
        return array

    def length(self, name: str) -> int:
        """Length of the first axis, without opening the array."""
        return int(self.contents[name][0])


def stored(folder: Path, key: str, make: Callable[[], Mapping[str, Array]]) -> Entry | Mapping[str, Array]:
    """The entry `key`, made by `make` if it is not there. Several processes may ask at once: the first one wins.

    An entry that is broken (cut short, unreadable) is made again. Names in `make()` become file names. Where nothing
    can be written, for the disk is full, the arrays stay in the memory of this process.
    """
    place = folder / key
    entry = _open(place)
    if entry is None:
        arrays = make()
        unfinished = folder / f".{key}-{os.getpid()}-{uuid.uuid4().hex[:8]}"
        try:
            folder.mkdir(parents=True, exist_ok=True)
            _write(unfinished, arrays)
            _move(unfinished, place)
        except OSError as error:
            log.warning("data_not_kept", extra={"error": error.errno})
        finally:
            shutil.rmtree(unfinished, ignore_errors=True)
        entry = _open(place)
        if entry is None:
            return arrays
        with contextlib.suppress(OSError):
            _prune(folder, keep=key)
    with contextlib.suppress(OSError):
        os.utime(place)
    return entry


def _open(place: Path) -> Entry | None:
    """The entry, if it is there and every array in it has its full length."""
    try:
        entry = Entry(place, json.loads((place / CONTENTS).read_text()))
        whole = all(list(entry[name].shape) == shape for name, shape in entry.contents.items())
    except (OSError, ValueError, TypeError, LookupError, AttributeError):
        return None
    return entry if whole else None


def _write(folder: Path, arrays: Mapping[str, Array]) -> None:
    import numpy as np

    folder.mkdir()
    for name, array in arrays.items():
        np.save(folder / f"{name}.npy", array, allow_pickle=False)
    (folder / CONTENTS).write_text(json.dumps({name: list(array.shape) for name, array in arrays.items()}))


def _move(unfinished: Path, place: Path) -> None:
    """Put a finished entry in its place. If another process was quicker, its entry stays unless it is broken."""
    try:
        unfinished.rename(place)
    except OSError:
        if _open(place) is None:
            _remove(place)
            with contextlib.suppress(OSError):  # lost the race once more: then a whole one is there
                unfinished.rename(place)


def _remove(place: Path) -> None:
    """Take an entry away under another name first: nobody sees half of it. Mapped pages live on where they are used."""
    doomed = place.with_name(f".{place.name}-{uuid.uuid4().hex[:8]}-old")
    with contextlib.suppress(OSError):
        place.rename(doomed)
    shutil.rmtree(doomed, ignore_errors=True)


def _in_the_making(place: Path, since: float) -> bool:
    """Whether somebody is still at an unfinished entry. Its process says so; the clock, which may be put forward, only
    where a process of another name space cannot be asked."""
    *_, process, _ = place.name.split("-")
    if not process.isdigit() or int(process) == os.getpid():
        return process.isdigit()
    try:
        os.kill(int(process), 0)
    except ProcessLookupError:
        return abs(time.time() - since) < ABANDONED
    except OSError:
        pass  # it is another user's
    return True


def _prune(folder: Path, *, keep: str) -> None:
    """Drop what was used longest ago until the rest fits, and what dead processes left behind."""
    ages: list[tuple[float, int, Path]] = []
    for place in folder.iterdir():
        with contextlib.suppress(OSError):
            used = place.stat().st_mtime
            if not place.name.startswith("."):
                ages.append((used, sum(file.stat().st_size for file in place.iterdir()), place))
            elif not _in_the_making(place, used):
                shutil.rmtree(place, ignore_errors=True)
    total = sum(size for _, size, _ in ages)
    for _, size, place in sorted(ages):
        if total <= KEPT:
            break
        if place.name != keep:
            _remove(place)
            total -= size
