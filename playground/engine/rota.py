"""Whose turn it is: everyone gets the same CPU time, however long one of his batches takes."""

from __future__ import annotations

from collections.abc import Collection

LONGEST, ROUND = 0.010, 0.030
"""Seconds of one turn, and of a round of everybody's turns, as far as whole batches allow. Pictures come on top."""
MOST_DEBT = 1.0
"""Seconds that are held against somebody at most: who once needed long, to begin or to be judged, must not stand still
for minutes."""


class Rota:
    """Who has had the least is next. Who had nothing to do for a while stands level with the one who has had least of
    all, and before him: waiting saves nothing up, but whoever comes back is served at once."""

    def __init__(self) -> None:
        self._accounts: dict[str, float] = {}
        """CPU seconds of everybody, on a clock that all share."""
        self._waiting: frozenset[str] = frozenset()
        self._floor = 0.0

    def next(self, ready: Collection[str]) -> str:
        """Who of those that have work gets a turn now. There must be one."""
        there = [self._accounts[name] for name in ready if name in self._waiting]
        self._floor = max(self._floor, min(there, default=self._floor))
        for name in ready:
            account = max(self._accounts.get(name, self._floor), self._floor)
            self._accounts[name] = min(account, self._floor + MOST_DEBT)
        chosen = min(ready, key=lambda name: (self._accounts[name], name in self._waiting))
        self._waiting = frozenset(ready)
        return chosen

    def charge(self, name: str, seconds: float) -> None:
        """Somebody used CPU time."""
        self._accounts[name] = max(self._accounts.get(name, 0.0), self._floor) + seconds

    def forget(self, name: str) -> None:
        """Somebody is gone."""
        self._accounts.pop(name, None)

    @staticmethod
    def turn(count: int) -> float:
        """Seconds of a turn among so many."""
        return min(LONGEST, ROUND / max(1, count))
