"""Files of the front end: read and compressed once, then answered from memory."""

from __future__ import annotations

import asyncio
import gzip
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from playground.live.front_end import FrontEnd

SCRIPT = "let answer = 42;\n" * 100
BUNDLE = "/_stcore/bidi-components/playground.workbench/index-a1B2.js"


class Disk:
    """What stands behind: counts how often it is asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def answer(self, request: Request) -> Response:
        self.asked.append(request.url.path)
        if "missing" in request.url.path:
            return PlainTextResponse("", status_code=404)
        if request.url.path.endswith(".woff2"):
            return Response(SCRIPT, media_type="font/woff2")
        return Response(SCRIPT, media_type="text/javascript", headers={"etag": '"a"'})


@pytest.fixture
def disk() -> Disk:
    return Disk()


@pytest.fixture
def app(disk: Disk) -> FrontEnd:
    return FrontEnd(GZipMiddleware(Starlette(routes=[Route("/{path:path}", disk.answer)])), base="/lab")


def ask(app: FrontEnd, path: str, **headers: str) -> tuple[int, dict[str, str], bytes]:
    told: list[Any] = []

    async def receive() -> Any:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        told.append(message)

    raw = [(key.replace("_", "-").encode(), value.encode()) for key, value in headers.items()]
    scope = {"type": "http", "method": "GET", "path": path, "query_string": b"", "headers": raw, "root_path": ""}
    asyncio.run(app(scope, receive, send))
    found = {key.decode(): value.decode() for key, value in told[0]["headers"]}
    return told[0]["status"], found, b"".join(one.get("body", b"") for one in told[1:])


@pytest.mark.parametrize("path", [BUNDLE, "/static/js/index.DormvYxC.js"])
def test_a_file_is_read_once_whoever_asks_and_can_be_kept_for_ever(app: FrontEnd, disk: Disk, path: str) -> None:
    for _ in range(3):
        status, headers, body = ask(app, f"/lab{path}", accept_encoding="gzip, br")
        assert (status, headers["content-encoding"], headers["vary"]) == (200, "gzip", "Accept-Encoding")
        assert gzip.decompress(body).decode() == SCRIPT
        assert int(headers["content-length"]) == len(body) < len(SCRIPT) / 10
        assert "immutable" in headers["cache-control"]
        assert "etag" not in headers
    status, headers, body = ask(app, f"/lab{path}")
    assert (body.decode(), headers.get("content-encoding"), headers["etag"]) == (SCRIPT, None, '"a"')
    assert len(disk.asked) == 1


def test_a_font_is_kept_as_it_is(app: FrontEnd, disk: Disk) -> None:
    for _ in range(2):
        _, headers, body = ask(app, "/lab/static/media/inter.a1.woff2", accept_encoding="gzip")
        assert (headers.get("content-encoding"), body.decode()) == (None, SCRIPT)
    assert len(disk.asked) == 1


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        ("/lab/", {}),
        ("/lab/_stcore/health", {}),
        ("/lab/static/js/missing.js", {}),
        ("/lab/static/js/../secret.js", {}),
        ("/lab/static/js/a/b.js", {}),
        ("/static/js/index.js", {}),
        (f"/lab{BUNDLE}", {"range": "bytes=0-3"}),
        (f"/lab{BUNDLE}", {"if_none_match": '"a"'}),
    ],
)
def test_everything_else_is_asked_for_each_time(app: FrontEnd, disk: Disk, path: str, headers: dict[str, str]) -> None:
    first, second = ask(app, path, **headers), ask(app, path, **headers)
    assert first == second
    assert len(disk.asked) == 2


def test_what_is_kept_has_a_bound(app: FrontEnd, disk: Disk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("playground.live.front_end.MOST", 3 * len(SCRIPT))
    for _ in range(2):
        for number in range(3):
            status, _, body = ask(app, f"/lab/static/js/{number}.js")
            assert (status, body.decode()) == (200, SCRIPT)
    assert disk.asked.count("/lab/static/js/0.js") == 1
    assert disk.asked.count("/lab/static/js/2.js") == 2
