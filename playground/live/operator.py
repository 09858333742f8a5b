"""The operator: whoever holds the key that the start of the server printed.

The key lies in the home folder, for its owner's eyes alone. The address with the key gives the browser a cookie made from
it and goes on to the page, so that the key stays neither in the address bar nor in what the page sends on. Without the key
there is no such page.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from pathlib import Path
from typing import Any

from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response

from playground.engine.local import EngineFailed
from playground.engine.messages import GoOn, Ping, Pong, Refused, StopAll
from playground.live.service import NotReady, find_service
from playground.settings import home
from playground.studio.machine import memory

COOKIE = "pg_operator"
DAY = 24 * 3600
PATIENCE = 5.0
ORDERS = {
    "pause": StopAll(message="The operator paused all runs. Space goes on."),
    "hold": StopAll(message="The operator holds training for everyone. Your work is saved.", hold=True),
    "go_on": GoOn(),
}


def key_file(folder: Path) -> Path:
    """Where the key of a home lies."""
    return folder / "run" / "operator.key"


def make_key(folder: Path) -> str:
    """The key of this home, made if there is none. Raises OSError."""
    file = key_file(folder)
    if known := read_key(folder):
        file.chmod(0o600)
        return known
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    key = secrets.token_urlsafe(24)
    file.unlink(missing_ok=True)
    handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="ascii") as writing:
        writing.write(key)
    return key


def read_key(folder: Path) -> str | None:
    """The key of this home, if there is one."""
    try:
        return key_file(folder).read_text("ascii").strip() or None
    except (OSError, ValueError):
        return None


def sign_of(key: str) -> str:
    """What the cookie holds: made from the key, but not the key."""
    return hmac.new(key.encode(), b"operator cookie", hashlib.sha256).hexdigest()


def is_sign(offered: object, folder: Path) -> bool:
    """Whether this is what the operator's cookie holds."""
    key = read_key(folder)
    return key is not None and isinstance(offered, str) and _same(offered, sign_of(key))


async def admit(request: Request, base: str = "") -> Response:
    """Take the key in and go on to the page; without it, answer like any address where nothing is."""
    key = read_key(home())
    if key is None or not _same(request.query_params.get("key", ""), key):
        return PlainTextResponse("Not Found", status_code=404)
    answer = RedirectResponse(f"{base}/operator", status_code=303, headers={"cache-control": "no-store"})
    secure = request.url.scheme == "https"
    answer.set_cookie(COOKIE, sign_of(key), max_age=DAY, path=base or "/", httponly=True, samesite="lax", secure=secure)
    return answer


def state() -> dict[str, Any] | None:
    """How the server is, for the operator's page; None while the engine does not answer."""
    service = find_service()
    if service is None or not service.ready:
        return None
    try:
        pong = service.engine.request(Ping(id="operator"), PATIENCE)
    except EngineFailed:
        return None
    # Not by its class: after a hot reload the answer is one of an older copy of it.
    if pong.type != Pong.model_fields["type"].default:
        return None
    used = memory()
    return {
        "viewers": service.hub.viewers,
        "shared": service.desk.machine.shared,
        **{name: getattr(pong, name) for name in ("running", "queued", "tasks", "workers", "jobs", "held")},
        "memory": {"used": used[0], "total": used[1]} if used is not None else None,
    }


def order(name: str) -> str | None:
    """Carry out what a button of the operator's page says; a sentence if that was not possible."""
    service = find_service()
    if service is None or not service.ready or name not in ORDERS:
        return "Nothing was done: the server is not ready."
    try:
        answer = service.engine.request(ORDERS[name])
    except (EngineFailed, NotReady):
        return "Nothing is known to be done: the part that trains does not answer. Try again in a moment."
    return str(answer.message) if answer.type == Refused.model_fields["type"].default else None


def _same(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode("utf-8", "surrogatepass"), other.encode())
