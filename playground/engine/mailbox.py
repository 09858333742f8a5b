"""What one process is still to be sent. Events go in their order and are never dropped; of each run only the newest
picture of each kind is kept, so that who reads slowly sees less often, never late."""

from __future__ import annotations

from collections import deque

PATIENCE = 64 * 2**20
"""Bytes of events that wait for a reader before he counts as gone."""


class Mailbox:
    """Not locked: its owner sees to that."""

    def __init__(self) -> None:
        self._events: deque[bytes] = deque()
        self._frames: dict[tuple[str, str], bytes] = {}
        self.waiting = 0
        """Bytes of events that wait."""

    def __bool__(self) -> bool:
        return bool(self._events or self._frames)

    def put(self, message: bytes) -> None:
        """An event, behind the others."""
        self._events.append(message)
        self.waiting += len(message)

    def put_frame(self, run: str, kind: str, message: bytes) -> None:
        """A picture, in place of an older one of the same run and kind. Its turn stays: who often has a newer one
        waits no longer than others."""
        self._frames[run, kind] = message

    def has_frame(self, run: str) -> bool:
        """Whether a picture of this run still waits: making another would be for nothing."""
        return (run, "frame") in self._frames

    def take(self) -> bytes | None:
        """What goes out next: events first, then the picture that waits longest."""
        if self._events:
            message = self._events.popleft()
            self.waiting -= len(message)
            return message
        for key in self._frames:
            return self._frames.pop(key)
        return None

    @property
    def full(self) -> bool:
        """Whether its reader has stopped reading."""
        return self.waiting > PATIENCE
