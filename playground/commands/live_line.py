"""One line on a terminal that is written over and over."""

from __future__ import annotations

import shutil
import time
from typing import TextIO

from playground.core.reading import visible

EVERY = 0.1
"""Seconds between two writings."""


class LiveLine:
    """Progress for a person. Where nobody looks, in a pipe or a file, it keeps silent but for whole sentences."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._live = stream.isatty()
        self._shown_at = 0.0
        self._dirty = False

    def show(self, text: str) -> None:
        """Put this in place of what the line shows."""
        now = time.monotonic()
        if not self._live or now - self._shown_at < EVERY:
            return
        self._shown_at = now
        width = shutil.get_terminal_size().columns - 1
        self._stream.write(f"\r\x1b[K{text[:width]}")
        self._stream.flush()
        self._dirty = True

    def say(self, sentence: str) -> None:
        """A sentence that stays."""
        self.end()
        self._stream.write(f"{visible(sentence)}\n")
        self._stream.flush()

    def end(self) -> None:
        """Leave the line clean."""
        if self._dirty:
            self._stream.write("\r\x1b[K")
            self._stream.flush()
            self._dirty = False
