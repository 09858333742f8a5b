"""Which pages may open our socket: those this server sent, under whatever name or address it was reached."""

from __future__ import annotations

import logging
import os

ALLOWED = "PLAYGROUND_ORIGINS"
"""Setting: further origins, separated by spaces, for a proxy that does not pass the name on."""
log = logging.getLogger(__name__)


def is_own(origin: str | None, host: str | None) -> bool:
    """Whether the page's origin is the server the request went to. A refusal is explained in the log."""
    if origin and host:
        scheme, _, place = origin.partition("://")
        if scheme.lower() in ("http", "https") and place.lower() == host.lower():
            return True
        if origin.rstrip("/") in os.environ.get(ALLOWED, "").split():
            return True
    log.warning(
        "Socket refused: a page from %s asked %s. Behind a proxy, pass the Host header on with its port, or set %s=%s.",
        _quoted(origin),
        _quoted(host),
        ALLOWED,
        _quoted(origin),
    )
    return False


def _quoted(text: str | None) -> str:
    """Harmless in a log line."""
    return repr(text[:100]) if text else "(no origin)"
