"""The files of the front end, compressed once and kept in memory.

A first visit asks for sixty of them. Read from the disk and compressed anew for each of thirty people, they hold up
everything else the server does; not compressed at all, they hold up the network of the room.
"""

from __future__ import annotations

import asyncio
import gzip
import re
from typing import TYPE_CHECKING, NamedTuple

from starlette.datastructures import Headers, MutableHeaders

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

FILES = re.compile(r"/static/(?:js|css|media)/[\w.-]+|/_stcore/bidi-components/[\w.]+/[\w.-]+")
"""Files whose name holds a hash of what is in them: under one name there is one content for ever."""
FOR_EVER = "public, max-age=31536000, immutable"
TEXT = ("text/", "application/javascript", "application/json", "image/svg")
SMALL = 500
"""Bytes that are not worth compressing."""
MOST = 64 * 2**20
"""Bytes kept at all; beyond it files are passed on as they come."""


class _File(NamedTuple):
    headers: list[tuple[bytes, bytes]]
    body: bytes


class FrontEnd:
    """Middleware: answers for files of the front end that were asked for before."""

    def __init__(self, app: ASGIApp, base: str = "") -> None:
        self.app = app
        self._base = base
        self._plain: dict[str, _File] = {}
        self._small: dict[str, _File] = {}
        self._bytes = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = self._file(scope)
        if path is None:
            await self.app(scope, receive, send)
            return
        takes_gzip = "gzip" in Headers(scope=scope).get("accept-encoding", "")
        if path not in self._plain:
            await self._read(scope, receive, send, path)
            return
        await _answer(send, (takes_gzip and self._small.get(path)) or self._plain[path])

    def _file(self, scope: Scope) -> str | None:
        if scope["type"] != "http" or scope["method"] != "GET" or not scope["path"].startswith(self._base):
            return None
        path = str(scope["path"]).removeprefix(self._base)
        headers = Headers(scope=scope)
        asks_for_part = "range" in headers or "if-none-match" in headers or "if-modified-since" in headers
        return path if FILES.fullmatch(path) and not asks_for_part else None

    async def _read(self, scope: Scope, receive: Receive, send: Send, path: str) -> None:
        """Have it answered as if nobody could read compressed files, and keep what comes."""
        plain = [(key, value) for key, value in scope["headers"] if key != b"accept-encoding"]
        start: Message = {}
        parts: list[bytes] = []

        async def take(message: Message) -> None:
            if message["type"] == "http.response.start":
                start.update(message)
            elif message["type"] == "http.response.body":
                parts.append(message.get("body", b""))

        await self.app({**scope, "headers": plain}, receive, take)
        body = b"".join(parts)
        headers = MutableHeaders(raw=list(start["headers"]))
        if start["status"] == 200 and "set-cookie" not in headers and self._bytes + 2 * len(body) <= MOST:
            headers["cache-control"] = FOR_EVER
            headers["vary"] = "Accept-Encoding"
            await self._keep(path, _File(headers.raw, body))
        takes_gzip = "gzip" in Headers(scope=scope).get("accept-encoding", "")
        kept = (takes_gzip and self._small.get(path)) or self._plain.get(path)
        await _answer(send, kept or _File(headers.raw, body), start["status"])

    async def _keep(self, path: str, file: _File) -> None:
        headers = MutableHeaders(raw=list(file.headers))
        if headers.get("content-type", "").startswith(TEXT) and len(file.body) >= SMALL:
            body = await asyncio.to_thread(gzip.compress, file.body, 6, mtime=0)
            headers["content-encoding"], headers["content-length"] = "gzip", str(len(body))
            del headers["etag"]  # it names the other form
            self._small[path] = _File(headers.raw, body)
        if path not in self._plain:
            self._plain[path] = file
            self._bytes += len(file.body) + len(self._small[path].body if path in self._small else b"")


async def _answer(send: Send, file: _File, status: int = 200) -> None:
    await send({"type": "http.response.start", "status": status, "headers": list(file.headers)})
    await send({"type": "http.response.body", "body": file.body})
