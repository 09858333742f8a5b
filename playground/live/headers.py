"""Headers that keep a browser from doing with our pages what no page of ours needs."""

from __future__ import annotations

import base64
import hashlib
import importlib.util
import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from starlette.datastructures import MutableHeaders

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

_INLINE = re.compile(rb"<script(?![^>]*\ssrc=)[^>]*>(.*?)</script>", re.DOTALL)


@cache
def headers() -> dict[str, str]:
    """What every answer carries, by name.

    No header speaks of TLS: only the proxy that ends it knows whether there is some (`docs/operating.md`).
    """
    return {
        "content-security-policy": content_policy(inline_hashes(_index())),
        "x-content-type-options": "nosniff",
        # The project's id stands in the address, and the address is the key to look.
        "referrer-policy": "same-origin",
        "permissions-policy": "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()",
        "cross-origin-opener-policy": "same-origin",
        "cross-origin-resource-policy": "same-origin",
    }


def content_policy(scripts: list[str]) -> str:
    """From where a page may load what, with the inline scripts that may run named by their hashes.

    The server itself is the only source. A socket of the same host counts as `'self'`.
    """
    rules = {
        "default-src": "'self'",
        # Streamlit's messages count in WebAssembly; this word allows that, and no text to become a script.
        "script-src": " ".join(["'self'", "'wasm-unsafe-eval'", *scripts]),
        # Streamlit and React write styles onto elements, and what has no nonce can only be allowed as a whole.
        "style-src": "'self' 'unsafe-inline'",
        "img-src": "'self' data: blob:",
        "font-src": "'self' data:",
        "connect-src": "'self'",
        "worker-src": "'self'",
        "frame-src": "'none'",
        "object-src": "'none'",
        "base-uri": "'none'",
        "form-action": "'none'",
        "frame-ancestors": "'self'",
    }
    return "; ".join(f"{name} {sources}" for name, sources in rules.items())


def inline_hashes(page: bytes) -> list[str]:
    """What names each inline script of an HTML page in a policy, so that it runs and no other does."""
    digests = (hashlib.sha256(script).digest() for script in _INLINE.findall(page))
    return [f"'sha256-{base64.b64encode(digest).decode()}'" for digest in digests]


def _index() -> bytes:
    """The one HTML page of the installed Streamlit; it is found without importing it."""
    found = importlib.util.find_spec("streamlit")
    file = Path(found.origin).with_name("static") / "index.html" if found and found.origin else None
    return file.read_bytes() if file and file.is_file() else b""


class SecurityHeaders:
    """Middleware: adds the headers that an answer does not carry yet."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                carried = MutableHeaders(scope=message)
                for name, value in headers().items():
                    carried.setdefault(name, value)
            await send(message)

        await self.app(scope, receive, with_headers if scope["type"] == "http" else send)
