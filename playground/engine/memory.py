"""How much memory a process may take: what asks for more gets a MemoryError, and a sentence, instead of taking the
machine down, and everybody else's runs with it."""

from __future__ import annotations

import os
import sys
from pathlib import Path

SHARE = 0.75
"""Of the machine's memory, for one worker: whoever is alone may have almost all of it."""


def limit_memory(size: int) -> None:
    """Let this process take so many bytes more than it has, where the system can see to that."""
    if sys.platform != "linux":
        return
    import resource

    pages = int(Path("/proc/self/statm").read_text().split()[0])
    limit = pages * resource.getpagesize() + size
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))


def for_a_worker() -> int:
    """Bytes a worker may take beyond what it begins with: PLAYGROUND_WORKER_MEMORY, or a share of what there is."""
    return int(os.environ.get("PLAYGROUND_WORKER_MEMORY") or SHARE * of_the_machine())


def of_the_machine() -> int:
    """Bytes of memory that this machine, or the container we are in, has."""
    there = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") if hasattr(os, "sysconf") else 2**40
    try:
        allowed = Path("/sys/fs/cgroup/memory.max").read_text().strip()
    except OSError:
        return there
    return min(there, int(allowed)) if allowed.isdecimal() else there
