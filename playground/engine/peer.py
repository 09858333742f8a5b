"""One connection of the host: to a client, a worker or a task."""

from __future__ import annotations

import asyncio
import contextlib
import logging

from playground.engine.mailbox import Mailbox
from playground.engine.messages import Frame, Message, Watch
from playground.engine.wire import pack

log = logging.getLogger(__name__)


class Peer:
    """The host's end of a connection. Sending never waits: a task of its own empties the mailbox."""

    def __init__(
        self, role: str, id: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, shared: bool = False
    ) -> None:
        """`shared`: many people stand behind this client, so the rules of a shared machine hold for it."""
        self.role = role
        self.id = id
        self.shared = shared
        self.reader = reader
        self.watches: dict[str, Watch] = {}
        """What a client wants to see."""
        self._writer = writer
        self._mailbox = Mailbox()
        self._something = asyncio.Event()
        self._closing = False
        self._pump = asyncio.create_task(self._send_all())

    def send(self, message: Message, payload: bytes = b"") -> None:
        """Put a message on its way."""
        self.send_packed(pack(message, payload))

    def send_packed(self, packed: bytes) -> None:
        """The same, for a message that several are sent."""
        if self._closing:
            return
        self._mailbox.put(packed)
        self._something.set()
        if self._mailbox.full:
            log.warning("reader_gone", extra={"role": self.role, "bytes": self._mailbox.waiting})
            self.abort()

    def send_frame(self, frame: Frame, packed: bytes) -> None:
        """A picture; an older one of the same run that still waits is forgotten."""
        if not self._closing:
            self._mailbox.put_frame(frame.run, frame.kind, packed)
            self._something.set()

    def abort(self) -> None:
        """Close at once, whatever is still to be sent."""
        self._closing = True
        self._pump.cancel()
        self._writer.transport.abort()

    async def close(self) -> None:
        """Send what waits, then close."""
        self._closing = True
        self._something.set()
        with contextlib.suppress(asyncio.CancelledError, TimeoutError):
            await asyncio.wait_for(self._pump, 2)
        self._writer.close()

    async def _send_all(self) -> None:
        try:
            while True:
                while (message := self._mailbox.take()) is not None:
                    self._writer.write(message)
                    await self._writer.drain()
                if self._closing:
                    return
                self._something.clear()
                await self._something.wait()
        except OSError:
            return  # the other side is gone; reading says so
