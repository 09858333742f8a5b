"""How fast a run is to go: as fast as it can, or so many updates a second."""

from __future__ import annotations


class Pace:
    """The chosen speed, and the real one."""

    def __init__(self) -> None:
        self.limit: float | None = None
        """Updates a second."""
        self.speed = 0.0
        """Updates a second, measured."""
        self._credit = 0.0
        self._at = 0.0
        self._counted, self._since = 0, 0.0

    def begin(self, now: float) -> None:
        """Play was pressed: the first step comes at once."""
        self._credit, self._at = 1.0, now
        self._counted, self._since = 0, now

    def set_limit(self, limit: float | None, now: float) -> None:
        """Another speed."""
        self.limit = None if limit is None else max(0.05, limit)
        self._credit, self._at = min(self._credit, 1.0), now

    def may_step(self, now: float) -> bool:
        """Whether the speed allows another step now."""
        if self.limit is None:
            return True
        # What a busy moment left undone is made up for, a fifth of a second of it at most.
        self._credit = min(self._credit + (now - self._at) * self.limit, max(1.0, self.limit * 0.2))
        self._at = now
        return self._credit >= 1.0

    def sleeps(self) -> float:
        """Seconds until the next step is allowed."""
        return 0.0 if self.limit is None else max(0.0, (1.0 - self._credit) / self.limit)

    def count(self, steps: int, now: float) -> None:
        """Steps were made."""
        self._credit -= steps
        self._counted += steps
        if now - self._since >= 0.5:
            self.speed = self._counted / (now - self._since)
            self._counted, self._since = 0, now
