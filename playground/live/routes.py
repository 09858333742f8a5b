"""The routes the server carries beside Streamlit's pages, and what lives as long as the server does."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route


def routes(base: str) -> list[BaseRoute]:
    """Every route of ours, below a prefix that no page can have."""
    return [Route(f"{base}/pgapi/health", health)]


@asynccontextmanager
async def lifespan(app: Any) -> AsyncIterator[None]:
    """Surround the life of the server."""
    yield


async def health(request: Request) -> Response:
    """Answer that the server is up."""
    return JSONResponse({"status": "ok"})
