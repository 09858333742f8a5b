"""A browser without a screen: fetches what a page links, runs the script over Streamlit's own socket, and opens ours.

Its cookies are its own, and what it fetched once it does not fetch again, as far as the server allowed that.
"""

from __future__ import annotations

import asyncio
import gzip
import json
import re
import time
import uuid
from collections import deque
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import urljoin, urlsplit

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import ClientConnection, connect

from benchmarks.browsers.bench import Bench

CONNECTIONS = 6
"""Connections to one server that a browser opens at most."""
WAIT = 60.0
"""Seconds after which something counts as never happening."""
LINKED = re.compile(r'<(?:script|link)\b[^>]*?\b(?:src|href)="(\./[^"]+)"[^>]*>', re.DOTALL)
COMPONENT = "_stcore/bidi-components"
ASKED_FOR = ("stylesheet", "modulepreload", "preload", "script")


class Went(Exception):
    """The server's answer was not what a page can live with; the text says what came."""


class Answer:
    """What came back for one request."""

    def __init__(self, status: int, headers: dict[str, str], cookies: list[str], body: bytes) -> None:
        self.status, self.headers, self.cookies = status, headers, cookies
        self.body = gzip.decompress(body) if headers.get("content-encoding") == "gzip" else body
        self.bytes = len(body)


class Browser:
    """One person's browser, with one tab."""

    def __init__(self, host: str, *, name: str = "") -> None:
        self.host = host
        self.name = name or uuid.uuid4().hex[:8]
        self.origin = f"http://{host}"
        self.query = ""
        self.cookies: dict[str, str] = {}
        self.fetched_bytes = 0
        self.requests = 0
        self._kept: dict[str, tuple[str, float]] = {}
        """Addresses it has a copy of: the tag to ask with, and until when it need not ask at all."""
        self._idle: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []
        self._room = asyncio.Semaphore(CONNECTIONS)
        self._stream: ClientConnection | None = None
        self._hearing: asyncio.Task[None] | None = None
        self._finished: asyncio.Queue[tuple[float, int]] = asyncio.Queue()
        self.troubles: deque[str] = deque()
        """Everything that a person would have seen as an error, in words."""
        self.component: dict[str, Any] | None = None
        self._bundle: list[str] = []
        self._words: list[str] = []

    # ---- files ------------------------------------------------------------------------------------------------------

    async def fetch(self, address: str, *, accept: str = "*/*") -> Answer | None:
        """One file; None when the copy at hand is still good."""
        tag, until = self._kept.get(address, ("", 0.0))
        if time.monotonic() < until:
            return None
        async with self._room:
            answer = await asyncio.wait_for(self._ask(address, accept, tag), WAIT)
        self.requests += 1
        self.fetched_bytes += answer.bytes
        if answer.status not in (200, 304):
            raise Went(f"{address} answered {answer.status}")
        for line in answer.cookies:
            for key, crumb in SimpleCookie(line).items():
                self.cookies[key] = crumb.value
        found = re.search(r"max-age=(\d+)", answer.headers.get("cache-control", ""))
        self._kept[address] = answer.headers.get("etag", tag), time.monotonic() + (int(found[1]) if found else 0)
        return answer

    async def _ask(self, address: str, accept: str, tag: str) -> Answer:
        reader, writer = self._idle.pop() if self._idle else await asyncio.open_connection(*self.host.split(":"))
        lines = [
            f"GET {address} HTTP/1.1",
            f"Host: {self.host}",
            f"Accept: {accept}",
            "Accept-Encoding: gzip",
            f"Cookie: {self._cookie_line()}",
        ]
        if tag:
            lines.append(f"If-None-Match: {tag}")
        writer.write("\r\n".join([*lines, "", ""]).encode())
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        status = int(head[0].split()[1])
        pairs = [(key.lower(), value.strip()) for key, _, value in (line.partition(":") for line in head[1:] if line)]
        headers = dict(pairs)
        if headers.get("transfer-encoding") == "chunked":
            body = await _chunks(reader)
        elif status == 304:
            body = b""
        else:
            body = await reader.readexactly(int(headers.get("content-length", "0")))
        if headers.get("connection") == "close":
            writer.close()
        else:
            self._idle.append((reader, writer))
        return Answer(status, headers, [value for key, value in pairs if key == "set-cookie"], body)

    def _cookie_line(self) -> str:
        return "; ".join(f"{key}={value}" for key, value in self.cookies.items())

    # ---- the page ---------------------------------------------------------------------------------------------------

    async def load(self) -> None:
        """The page and all it links, as after typing the address."""
        page = await self.fetch(f"/{self.query}", accept="text/html,application/xhtml+xml,*/*;q=0.8")
        if page is not None and page.status == 200:
            found = (
                match for match in LINKED.finditer(page.body.decode()) if any(word in match[0] for word in ASKED_FOR)
            )
            self._bundle = [urlsplit(urljoin("/", match[1])).path for match in found]
        await asyncio.gather(*(self.fetch(one) for one in self._bundle))

    async def run_script(self) -> float:
        """Open Streamlit's socket and run the page's script once; the seconds from the one to the end of the other."""
        began = time.monotonic()
        self._stream = await connect(
            f"ws://{self.host}/_stcore/stream",
            subprotocols=["streamlit", self.cookies.get("_streamlit_xsrf", "PLACEHOLDER_AUTH_TOKEN")],  # type: ignore[list-item]
            additional_headers={"Cookie": self._cookie_line()},
            origin=self.origin,  # type: ignore[arg-type]
            open_timeout=WAIT,
            compression=None,
            max_size=None,
            proxy=None,
        )
        self._hearing = asyncio.create_task(self._hear(self._stream))
        await self._rerun()
        ended, status = await asyncio.wait_for(self._finished.get(), WAIT)
        if status not in (ForwardMsg.FINISHED_SUCCESSFULLY, ForwardMsg.FINISHED_EARLY_FOR_RERUN):
            self.troubles.append(f"The script ended with status {status}.")
        return ended - began

    async def _rerun(self) -> None:
        assert self._stream is not None
        said = BackMsg()
        said.rerun_script.query_string = self.query.removeprefix("?")
        said.rerun_script.context_info.timezone = "Europe/Berlin"
        said.rerun_script.context_info.url = f"{self.origin}/{self.query}"
        await self._stream.send(said.SerializeToString())

    async def _hear(self, stream: ClientConnection) -> None:
        async for packed in stream:
            message = ForwardMsg()
            message.ParseFromString(packed)  # type: ignore[arg-type]
            match message.WhichOneof("type"):
                case "script_finished":
                    self._finished.put_nowait((time.monotonic(), message.script_finished))
                case "page_info_changed":
                    query = message.page_info_changed.query_string
                    self.query = f"?{query}" if query else ""
                case "delta":
                    self._draw(message)
                case "session_event" if message.session_event.WhichOneof("type") == "script_compilation_exception":
                    self.troubles.append("The script does not compile.")

    def _draw(self, message: ForwardMsg) -> None:
        element = message.delta.new_element
        kind = element.WhichOneof("type")
        if kind == "exception":
            self.troubles.append(f"The page shows: {element.exception.type} {element.exception.message[:200]}")
        elif kind in ("markdown", "text"):
            self._words.append(str(getattr(element, kind).body)[:200])
        elif kind == "bidi_component":
            part = element.bidi_component
            self.component = json.loads(part.json)
            folder = f"/{COMPONENT}/{part.component_name}"
            self._component_files = [f"{folder}/{name}" for name in (part.js_source_path, part.css_source_path) if name]

    async def load_component(self) -> None:
        """The files of the page's component."""
        if self.component is None:
            raise Went(f"the script showed no component, but: {' / '.join(self._words)}")
        await asyncio.gather(*(self.fetch(one) for one in self._component_files))

    async def open_bench(self) -> Bench:
        """Our own socket, opened with the token that the page brought, and the project on it."""
        assert self.component is not None
        bench = Bench(self.host, self.component["token"], self._cookie_line(), name=self.name, troubles=self.troubles)
        await bench.open(self.component["project"])
        return bench

    async def visit(self) -> tuple[Bench, float]:
        """All of it, as a person sees it; the open project, and how long the script took."""
        await self.load()
        seconds = await self.run_script()
        await self.load_component()
        return await self.open_bench(), seconds

    async def leave(self) -> None:
        """Close the tab; cookies and copies stay."""
        if self._hearing is not None:
            self._hearing.cancel()
            await asyncio.gather(self._hearing, return_exceptions=True)
        if self._stream is not None:
            await self._stream.close()
        for _, writer in self._idle:
            writer.close()
            await writer.wait_closed()
        self._idle.clear()
        self.component, self._stream = None, None


async def _chunks(reader: asyncio.StreamReader) -> bytes:
    parts = []
    while length := int(await reader.readline(), 16):
        parts.append(await reader.readexactly(length))
        await reader.readline()
    await reader.readline()
    return b"".join(parts)
