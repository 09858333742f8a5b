"""Tokens that open the socket: one for each page a person has open."""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Callable
from typing import NamedTuple

GRACE = 120.0
"""Seconds a token outlives its page. After a network failure the page counts as gone until it is back."""
MOST = 20_000
"""Tokens kept at all."""


class Claim(NamedTuple):
    """What a token was issued for."""

    session: str
    owner: str


class _Issued:
    def __init__(self, claim: Claim, now: float) -> None:
        self.claim = claim
        self.alive_at = now


class Tokens:
    """Issued by pages, in their threads; asked by sockets, in the event loop."""

    def __init__(self, is_alive: Callable[[str], bool], *, clock: Callable[[], float] = time.monotonic) -> None:
        self._is_alive = is_alive
        self._clock = clock
        self._lock = threading.Lock()
        self._issued: dict[str, _Issued] = {}

    def issue(self, session: str, owner: str) -> str:
        """A token for a page. The same page of the same owner gets the same one, so that nothing is drawn anew."""
        claim, now = Claim(session, owner), self._clock()
        with self._lock:
            self._evict(now)
            for token, issued in self._issued.items():
                if issued.claim == claim:
                    issued.alive_at = now
                    return token
            while len(self._issued) >= MOST:
                del self._issued[next(iter(self._issued))]
            token = secrets.token_urlsafe(24)
            self._issued[token] = _Issued(claim, now)
            return token

    def claim(self, token: str, owner: str | None) -> Claim | None:
        """What the token stands for; None when it is unknown, belongs to another owner, or its page is long gone."""
        with self._lock:
            self._evict(self._clock())
            issued = self._issued.get(token)
            if issued is None or issued.claim.owner != owner:
                return None
            return issued.claim

    def __len__(self) -> int:
        return len(self._issued)

    def _evict(self, now: float) -> None:
        for token, issued in list(self._issued.items()):
            if self._is_alive(issued.claim.session):
                issued.alive_at = now
            elif now - issued.alive_at > GRACE:
                del self._issued[token]
