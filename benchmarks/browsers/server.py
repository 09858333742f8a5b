"""A playground of its own for a benchmark, and what its processes take while somebody uses it."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

START_SECONDS, STOP_SECONDS = 90.0, 30.0
TICKS = os.sysconf("SC_CLK_TCK")


class NoServer(RuntimeError):
    """The server did not come up or did not end; the message holds its log."""


def free_port() -> int:
    """A port that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Server:
    """`python -m playground` with a home and a port of its own."""

    def __init__(self, folder: Path, *, port: int = 0, **environment: str) -> None:
        self.home = folder / "home"
        self.log = folder / "server.log"
        self.port = port or free_port()
        self.host = f"127.0.0.1:{self.port}"
        self.environment = environment
        self.trains = True
        """Whether it has processes that train, which one waits for."""
        self.pid = 0

    @contextlib.contextmanager
    def running(self) -> Iterator[Server]:
        """From the first answer until it has ended."""
        command = [sys.executable, "-m", "playground", "--address", "127.0.0.1", "--port", str(self.port)]
        with self.log.open("ab") as log:
            process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env={**os.environ, "PLAYGROUND_HOME": str(self.home), **self.environment},
            )
        self.pid = process.pid
        try:
            until = time.monotonic() + START_SECONDS
            while not (self.ready() and (self.has_workers() or not self.trains)):
                if process.poll() is not None or time.monotonic() > until:
                    raise NoServer(f"The server did not start:\n{self.log.read_text()[-2000:]}")
                time.sleep(0.1)
            yield self
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
                raise NoServer(f"The server ignored SIGTERM for {STOP_SECONDS:g} s.") from None

    def ready(self) -> bool:
        """Whether it can train."""
        try:
            with urllib.request.urlopen(f"http://{self.host}/pgapi/health", timeout=5) as answer:
                return b'"ready":true' in answer.read().replace(b" ", b"")
        except (urllib.error.URLError, OSError):
            return False

    def has_workers(self) -> bool:
        """Whether the processes that train have loaded what they need: a class comes to a server that is up."""
        return "worker or task" in map(role, family(self.pid))

    def complaints(self) -> list[str]:
        """Lines of the server's and the engine's log that tell of an error."""
        lines = []
        for file in (self.log, *sorted((self.home / "logs").glob("*.log"))):
            lines += [
                f"{file.name}: {line[:300]}"
                for line in file.read_text(errors="replace").splitlines()
                if "Traceback" in line or "ERROR" in line or '"level": "ERROR"' in line or "Uncaught" in line
            ]
        return lines


@contextlib.contextmanager
def own_server(**environment: str) -> Iterator[Server]:
    """A server in a folder that is thrown away afterwards."""
    with (
        tempfile.TemporaryDirectory(prefix="playground-bench-", ignore_cleanup_errors=True) as folder,
        Server(Path(folder), **environment).running() as server,
    ):
        yield server


# ---- processes --------------------------------------------------------------------------------------------------------


def family(pid: int) -> list[int]:
    """A process and all that descend from it."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                after = (entry / "stat").read_text().rpartition(")")[2].split()
                children.setdefault(int(after[1]), []).append(int(entry.name))
    found = [pid]
    for one in found:
        found += children.get(one, [])
    return found


def role(pid: int) -> str:
    """What a process of ours is, told from its command line and from whose child it is."""
    try:
        line = Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        parent = int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
        above = Path(f"/proc/{parent}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    except OSError:
        return "gone"
    if "playground.engine.host" in line:
        return "host"
    if "forkserver" in line:
        return "worker or task" if "forkserver" in above else "fork server"
    if "playground.engine.worker" in line:
        return "worker or task"
    return "server" if "playground" in line else "other"


def memory(pid: int) -> tuple[int, int]:
    """Resident bytes of a process, and its share of them when shared pages are split among those who share them."""
    resident = shared = 0
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Rss:"):
                resident = int(line.split()[1]) * 1024
            elif line.startswith("Pss:"):
                shared = int(line.split()[1]) * 1024
    return resident, shared


def cpu_seconds(pid: int) -> float:
    """CPU time a process has used."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / TICKS


class Watcher:
    """Looks at a family of processes once a second: peak memory of each and of all together, and CPU time."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self.roles: dict[int, str] = {}
        self.resident: dict[int, int] = {}
        self.share: dict[int, int] = {}
        self.together = 0
        """Most bytes that all of them took at one time, every page counted once."""
        self._cpu_first: dict[int, float] = {}
        self._cpu_last: dict[int, float] = {}

    def __enter__(self) -> Watcher:
        self._thread.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._end.set()
        self._thread.join()

    def _watch(self) -> None:
        while True:
            self._look()
            if self._end.wait(1.0):
                self._look()
                return

    def _look(self) -> None:
        first = not self._cpu_first
        total = 0
        for pid in family(self._pid):
            resident, share = memory(pid)
            if not resident:
                continue
            total += share
            if self.roles.get(pid, "other") in ("other", "gone"):
                self.roles[pid] = role(pid)
            self.resident[pid] = max(resident, self.resident.get(pid, 0))
            self.share[pid] = max(share, self.share.get(pid, 0))
            used = cpu_seconds(pid)
            self._cpu_first.setdefault(pid, used if first else 0.0)
            self._cpu_last[pid] = used
        self.together = max(self.together, total)

    def cpu(self, pid: int) -> float:
        """CPU seconds it used while it was watched."""
        return self._cpu_last[pid] - self._cpu_first[pid]

    def results(self) -> Iterator[dict[str, float | str | int]]:
        """One line a process, the biggest first, and one for all of them."""
        seen: Counter[str] = Counter()
        for pid in sorted(self.share, key=lambda one: -self.share[one]):
            kind = self.roles[pid]
            seen[kind] += 1
            yield {
                "name": f"memory of {kind} {seen[kind]}",
                "resident_mb": round(self.resident[pid] / 2**20, 1),
                "share_mb": round(self.share[pid] / 2**20, 1),
                "cpu_seconds": round(self.cpu(pid), 2),
            }
        yield {
            "name": "memory of all processes",
            "share_mb": round(self.together / 2**20, 1),
            "cpu_seconds": round(sum(self.cpu(pid) for pid in self.share), 2),
        }
