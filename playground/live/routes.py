"""The routes the server carries beside Streamlit's pages, and what lives as long as the server does."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

from starlette.middleware import Middleware
from starlette.routing import BaseRoute, Route, WebSocketRoute

from playground.engine.logs import start_server_logging
from playground.live import operator
from playground.live.front_end import FrontEnd
from playground.live.headers import SecurityHeaders
from playground.live.health import Health, alive
from playground.live.owner import OwnerCookie
from playground.live.service import Service
from playground.live.session import is_alive
from playground.live.socket import socket
from playground.live.tokens import Tokens
from playground.settings import home, shared


def routes(base: str) -> list[BaseRoute]:
    """Every route of ours, below a prefix that no page can have."""
    return [
        Route(f"{base}/pgapi/health", Health().answer),
        Route(f"{base}/pgapi/alive", alive),
        Route(f"{base}/pgapi/operator", partial(operator.admit, base=base)),
        WebSocketRoute(f"{base}/pgapi/ws", socket),
    ]


def middleware(base: str) -> list[Middleware]:
    """What surrounds every answer of the server, Streamlit's own included."""
    return [Middleware(SecurityHeaders), Middleware(OwnerCookie, path=base or "/"), Middleware(FrontEnd, base=base)]


@asynccontextmanager
async def lifespan(app: Any) -> AsyncIterator[None]:
    """Surround the life of the server."""
    start_server_logging(home())
    service = Service(connect, Tokens(is_alive))
    service.start()
    try:
        yield
    finally:
        await service.stop()


def connect() -> tuple[Any, Any]:
    """Find this home's engine, or start it; and open the history for reading."""
    from playground.engine.local import connect as connect_engine
    from playground.runs.store import Store

    return connect_engine(home(), shared=shared()), Store(home())
