"""How much one connection may say."""

from __future__ import annotations

import time
from collections.abc import Callable

TEXT_BYTES = 256 * 1024
"""Longest text message."""
MESSAGES_PER_SECOND = 200.0
BURST = 400.0
PAGES = 40
"""Pages one owner may have open at once."""
PATIENCE = 1_000
"""Messages over the rate before the connection is closed."""


class Rate:
    """A bucket of messages that fills at a steady rate."""

    def __init__(
        self,
        per_second: float = MESSAGES_PER_SECOND,
        burst: float = BURST,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._per_second = per_second
        self._burst = burst
        self._clock = clock
        self._left = burst
        self._at = clock()
        self.over = 0
        """Messages refused since the last quiet moment."""

    def take(self) -> bool:
        """Whether one more message is within the rate."""
        now = self._clock()
        self._left = min(self._burst, self._left + (now - self._at) * self._per_second)
        self._at = now
        if self._left < 1:
            self.over += 1
            return False
        if self._left > self._burst / 2:
            self.over = 0
        self._left -= 1
        return True
