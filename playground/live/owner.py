"""Whose browser this is: one cookie of 128 random bits, set with the first page, hashed before it is stored.

No account, no name: whoever holds the cookie owns what was made with it. The command line is the owner `local`.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from http.cookies import CookieError, SimpleCookie
from typing import TYPE_CHECKING

from starlette.datastructures import Headers, MutableHeaders

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

COOKIE = "pg_owner"
YEAR = 365 * 24 * 3600
_SECRET = re.compile(r"[A-Za-z0-9_-]{22}")


def new_secret() -> str:
    """What the cookie holds: 128 random bits as text."""
    return secrets.token_urlsafe(16)


def owner_of(secret: object) -> str | None:
    """The owner's name in the database, from what the cookie holds; None when it holds nothing of ours."""
    if not isinstance(secret, str) or not _SECRET.fullmatch(secret):
        return None
    return hashlib.sha256(secret.encode()).hexdigest()[:32]


def read_cookie(headers: Headers) -> str | None:
    """What our cookie holds in these request headers."""
    try:
        crumb = SimpleCookie(headers.get("cookie", "")).get(COOKIE)
    except CookieError:
        return None
    return crumb.value if crumb is not None else None


class OwnerCookie:
    """Middleware: the first page a browser is given carries the cookie.

    Only pages, because a page is followed by many files at once, and each would bring another cookie. A browser that
    has the page still, but not the cookie, is told "not modified": what it asked for says that it is a page.
    """

    def __init__(self, app: ASGIApp, path: str = "/") -> None:
        self.app = app
        self.path = path

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        asked = Headers(scope=scope) if scope["type"] == "http" else None
        if asked is None or owner_of(read_cookie(asked)) is not None:
            await self.app(scope, receive, send)
            return
        wants_page = "text/html" in asked.get("accept", "")

        async def with_cookie(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                if wants_page or headers.get("content-type", "").startswith("text/html"):
                    headers.append("set-cookie", self._line(secure=scope.get("scheme") == "https"))
            await send(message)

        await self.app(scope, receive, with_cookie)

    def _line(self, *, secure: bool) -> str:
        end = "; Secure" if secure else ""
        return f"{COOKIE}={new_secret()}; Path={self.path}; Max-Age={YEAR}; HttpOnly; SameSite=Lax{end}"
