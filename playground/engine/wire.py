"""How messages lie on a socket, and how the host is found.

A message is `u32` length of its JSON, `u32` length of its payload, the JSON, the payload. The host listens on a Unix
socket that only this user can open, or, where there are none, on the loopback address; in both cases the token in
`run/address.json` opens it.
"""

from __future__ import annotations

import asyncio
import json
import os
import socket
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from pydantic import BaseModel

HEADER = struct.Struct("<II")
MAX_JSON = 128 * 2**20
MAX_PAYLOAD = 512 * 2**20


class WireBroken(ConnectionError):
    """What arrives is not a message: the connection is as good as closed."""


def pack(message: BaseModel, payload: bytes = b"") -> bytes:
    """A message as it lies on the wire."""
    text = message.model_dump_json().encode()
    return HEADER.pack(len(text), len(payload)) + text + payload


def _lengths(header: bytes) -> tuple[int, int]:
    text, payload = HEADER.unpack(header)
    if text > MAX_JSON or payload > MAX_PAYLOAD:
        raise WireBroken(f"A message of {text:,} and {payload:,} bytes is longer than any message.")
    return text, payload


def read(stream: BinaryIO) -> tuple[bytes, bytes] | None:
    """The next message's JSON and payload; None when the other side is gone."""
    try:
        header = stream.read(HEADER.size)
        if len(header) < HEADER.size:
            return None
        text, payload = _lengths(header)
        both = stream.read(text + payload)
    except (OSError, ValueError):  # reset by the other side, or closed on ours
        return None
    return (both[:text], both[text:]) if len(both) == text + payload else None


async def receive(stream: asyncio.StreamReader) -> tuple[bytes, bytes] | None:
    """The next message's JSON and payload; None when the other side is gone."""
    try:
        text, payload = _lengths(await stream.readexactly(HEADER.size))
        both = await stream.readexactly(text + payload)
    except (asyncio.IncompleteReadError, OSError):
        return None
    return both[:text], both[text:]


@dataclass(frozen=True)
class Address:
    """Where the host listens, and the token that opens it."""

    token: str
    pid: int = 0
    path: str | None = None
    port: int | None = None

    def connect(self, timeout: float = 5.0) -> socket.socket:
        """A connected socket. Raises OSError when nobody listens."""
        if self.path is not None:
            # mypy on Windows does not know the name; there `path` is None.
            family: Any = socket.AF_UNIX
            place: Any = self.path
        else:
            family, place = socket.AF_INET, ("127.0.0.1", self.port)
        link = socket.socket(family, socket.SOCK_STREAM)
        try:
            link.settimeout(timeout)
            link.connect(place)
            link.settimeout(None)
        except OSError:
            link.close()
            raise
        return link

    def dump(self) -> dict[str, Any]:
        """The JSON form."""
        return {"token": self.token, "pid": self.pid, "path": self.path, "port": self.port}


def address_file(home: Path) -> Path:
    """The file that says where this home's host listens."""
    return home / "run" / "address.json"


def write_address(home: Path, address: Address) -> None:
    """Tell clients where to find us. Only this user can read it."""
    file = address_file(home)
    new = file.with_suffix(f".{os.getpid()}")
    handle = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w") as out:
        json.dump(address.dump(), out)
    new.replace(file)


def read_address(home: Path) -> Address | None:
    """Where this home's host listens, if one has said so."""
    try:
        return Address(**json.loads(address_file(home).read_text()))
    except (OSError, ValueError, TypeError):
        return None
