"""Whose turn it is: everyone gets the same CPU time, however long one of his batches takes."""

from __future__ import annotations

LONGEST, ROUND = 0.010, 0.060
"""Seconds of one turn, and of a round of everybody's turns, as far as whole batches allow."""


class Rota:
    """Deficit round-robin. Each round adds a turn's time to everyone's account; who is in the red sits out until he has
    paid back what his long batch took."""

    def __init__(self) -> None:
        self._accounts: dict[str, float] = {}
        self._order: list[str] = []

    def round(self, ready: list[str]) -> list[str]:
        """Who of those that have work gets a turn now, in order. At least one, if anyone has work."""
        if not ready:
            return []
        turn = self.turn(len(ready))
        # Who had nothing to do saves nothing up.
        self._accounts = {name: self._accounts.get(name, 0.0) for name in ready}
        poorest = max(self._accounts.values())
        gift = turn if poorest + turn > 0 else turn - poorest  # nobody gains by waiting for an empty round
        for name in ready:
            self._accounts[name] = min(self._accounts[name] + gift, turn)
        self._order = [name for name in self._order if name in self._accounts]
        self._order += [name for name in ready if name not in self._order]
        self._order = self._order[1:] + self._order[:1]
        return [name for name in self._order if self._accounts[name] > 0]

    def charge(self, name: str, seconds: float) -> None:
        """Somebody used CPU time."""
        if name in self._accounts:
            self._accounts[name] -= seconds

    @staticmethod
    def turn(count: int) -> float:
        """Seconds of a turn among so many."""
        return min(LONGEST, ROUND / max(1, count))
