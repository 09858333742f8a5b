"""What is known of the machine that everyone here trains on."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from playground import settings
from playground.engine.messages import Measured


@dataclass
class Machine:
    """One a server."""

    shared: bool = False
    """Whether several people share it: long runs then ask before they begin."""
    long_run: float = 60.0 * settings.LONG_RUN_MINUTES
    """Seconds of the machine beyond which a run is long."""
    measured: Measured | None = None
    """How fast it trains; None until a worker has found out."""
    held: bool = False
    """Whether the operator lets nobody train at the moment."""

    @classmethod
    def as_set(cls) -> Machine:
        """As the settings say. Raises ValueError."""
        return cls(shared=settings.shared(), long_run=settings.long_run_seconds())


def memory() -> tuple[int, int] | None:
    """Bytes in use and bytes in all, where the system tells."""
    try:
        lines = Path("/proc/meminfo").read_text("ascii").splitlines()
        known = {name: int(rest.split()[0]) * 1024 for name, _, rest in (line.partition(":") for line in lines)}
        return known["MemTotal"] - known["MemAvailable"], known["MemTotal"]
    except (OSError, ValueError, KeyError, IndexError):
        return None
