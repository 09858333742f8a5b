"""Where processes of the engine can live. A place starts a process when asked; the process connects back to the host
and says who it is. What it does, and what becomes of its work when it dies, is the host's affair."""

from __future__ import annotations

import ctypes
import importlib
import os
import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Protocol

from playground.engine.wire import Address

PRELOADED = ("torch", "torch._dynamo", "torchmetrics", "playground.engine.parts")
"""Loaded before a process is told who it is. Without the second the first optimizer, without the third the first metric
would cost each worker a second, and without the last the first run a third of one."""
POLITENESS = 5
"""By how much whoever calculates stands back behind the server and the host: about a third of their weight."""
PARENT = "PLAYGROUND_PARENT"
"""In the environment of a process that ends with its parent: the parent's id."""
Role = Literal["worker", "task"]
Ended = Callable[[str, str], None]
"""Called with the id of a process that ended and how, in words."""


@dataclass(frozen=True)
class Call:
    """What a new process is told: who it is, where its host listens, where files lie."""

    role: Role
    id: str
    address: Address
    home: str

    def dump(self) -> dict[str, Any]:
        """The JSON form."""
        return {"role": self.role, "id": self.id, "address": self.address.dump(), "home": self.home}

    @staticmethod
    def read(value: dict[str, Any]) -> Call:
        """From the JSON form."""
        return Call(value["role"], value["id"], Address(**value["address"]), value["home"])


class Place(Protocol):
    """Processes on this machine by fork or by spawn; one day on others."""

    ended: Ended

    async def start(self) -> None:
        """Make ready. Returns before everything is; `launch` waits for what it needs."""

    async def launch(self, call: Call) -> None:
        """Start a process. What goes wrong is told to `ended`."""

    def kill(self, id: str) -> None:
        """End a process at once. One that has ended already is no mistake."""

    async def rest(self, after: float) -> None:
        """Give back what was kept ready and not used for so many seconds. The next `launch` makes it ready again."""

    async def close(self) -> None:
        """End everything that lives here."""


def end_with_parent(at_once: bool = True) -> None:
    """Have the system, where it knows how, end this process the moment its parent dies: for the first thing it does,
    loading libraries, during which it hears nothing. `False`: from now on it sees to its end itself, in good order.

    The parent counts as dead when the thread that started us ends; the host starts everything from its main thread.
    """
    if sys.platform != "linux":
        return
    pr_set_pdeathsig = 1
    ctypes.CDLL(None).prctl(pr_set_pdeathsig, signal.SIGKILL if at_once else 0, 0, 0, 0)
    if os.environ.get(PARENT) not in (None, str(os.getppid())):
        os._exit(1)  # it died before we could ask


def give_way() -> None:
    """Training takes whatever the machine has; whoever opens a page or presses a button comes first."""
    if hasattr(os, "nice"):
        os.nice(max(0, POLITENESS - os.nice(0)))


def environment() -> dict[str, str]:
    """The environment of every process that computes: one thread each, for two threads on a busy core wait for each
    other, and because a run's bytes depend on their number; and this package importable from anywhere."""
    package = str(Path(__file__).parents[2])
    paths = [package, *filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))]
    one = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    # What a step gives back the next one takes: without these, glibc hands it to the system in between, page by page.
    one |= {"MALLOC_TRIM_THRESHOLD_": str(64 * 2**20), "MALLOC_MMAP_THRESHOLD_": str(32 * 2**20)}
    mine = {PARENT: str(os.getpid())}
    return {**os.environ, **one, **mine, "PYTHONPATH": os.pathsep.join(dict.fromkeys(paths))}


def python(module: str, *arguments: str) -> list[str]:
    """A command line for one of our modules. `-P`: a file in the current folder cannot stand in for a library."""
    return [sys.executable, "-P", "-m", module, *arguments]


def warm_up() -> None:
    """Load what the first optimizer and the first metric need, while nobody waits."""
    for name in PRELOADED:
        importlib.import_module(name)


def how_it_ended(status: int) -> str:
    """An exit status in words, for the log."""
    return f"killed by signal {-status}" if status < 0 else f"exit code {status}"
