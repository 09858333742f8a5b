"""Sockets that say too much, too much at once, or nothing at all: cut off or refused, and everybody else goes on."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import struct
import time
import tomllib
from pathlib import Path
from typing import Any

import pytest

from playground._paths import PACKAGE
from playground.engine import messages as engine
from playground.live import socket as route
from playground.live.explaining import AT_ONCE, BURST
from playground.live.hub import BACKLOG_BYTES, Viewer
from playground.live.limits import PAGES, TEXT_BYTES
from tests.live.people import FRAME_MOST, Page, Person, Server
from tests.live.test_explaining import trained

SETTINGS = tomllib.loads((PACKAGE / "app" / ".streamlit" / "config.toml").read_text(encoding="utf-8"))


def head(length: int, *, final: bool = True, kind: int = 1) -> bytes:
    """The beginning of a frame as a browser sends it, masked with zeros: what follows is the content itself."""
    return struct.pack(">BBQ", kind | (0x80 if final else 0), 0x80 | 127, length) + bytes(4)


def raw(page: Page) -> socket.socket:
    """The page's socket beneath what knows the protocol."""
    return page.link.socket


def send_until_closed(link: socket.socket, chunks: list[bytes]) -> int:
    """How many bytes went out before the other side had enough."""
    sent = 0
    try:
        for chunk in chunks:
            link.sendall(chunk)
            sent += len(chunk)
    except OSError:
        pass
    return sent


def test_the_server_takes_no_message_of_more_than_two_megabytes() -> None:
    """What a frame may have is held before our own 256 KB are looked at; Streamlit's own choice is 200 MB."""
    assert TEXT_BYTES <= FRAME_MOST == SETTINGS["server"]["maxMessageSize"] * 10**6 <= 4 * 10**6


def test_a_frame_that_says_it_has_fifty_megabytes_ends_the_connection_at_once(ada: Person) -> None:
    page, other = ada.page(), ada.page("other")
    raw(page).sendall(head(50 * 10**6))  # nothing of it has to come
    assert page.close_code() == 1009
    assert other.open("x")["type"] == "error"


def test_a_message_in_pieces_that_never_ends_is_cut_off_at_the_same_size(ada: Person) -> None:
    page, other = ada.page(), ada.page("other")
    piece = b"x" * 250_000
    chunks = [head(len(piece), final=False, kind=0 if number else 1) + piece for number in range(400)]
    assert send_until_closed(raw(page), chunks) < 100_000_000
    assert page.close_code() in (1009, 1006)
    assert other.open("x")["type"] == "error"


def test_a_frame_that_is_none_ends_the_connection(ada: Person) -> None:
    other = ada.page("other")
    for noise in (b"\xff" * 64, b"\x00" * 64, b"GET / HTTP/1.1\r\n\r\n", head(4) + b"\xff\xfe\xfd\xfc"):
        page = ada.page()
        raw(page).sendall(noise)
        assert page.close_code() in (1002, 1007, 1006, 1009)
    assert other.open("x")["type"] == "error"


def test_one_owner_has_so_many_pages_and_closing_one_makes_room(ada: Person, bob: Person, server: Server) -> None:
    token = ada.token()
    pages = [Page(server.connect(token=token, secret=ada.secret)) for _ in range(PAGES)]
    for page in (pages[0], pages[-1]):
        page.open("x")  # what was accepted before is counted
    late = ada.page()
    assert late.hear("error")["text"] == (
        f"You have {PAGES} pages of the playground open already. Close some, then reload this one."
    )
    assert late.close_code() == route.COME_BACK
    assert bob.page().open("x")["type"] == "error"
    pages[3].link.close()
    until = time.monotonic() + 60
    while server.service.pages[ada.owner] == PAGES:
        assert time.monotonic() < until
        pages[0].open("x")
    assert ada.page().open("x")["text"].startswith("There is no such project.")


def test_sockets_that_never_say_a_word_are_forgotten_when_they_go(ada: Person, server: Server) -> None:
    speaking = ada.page()
    silent = [ada.page() for _ in range(20)]

    def wait_until(count: int) -> None:
        until = time.monotonic() + 60
        while server.service.pages[ada.owner] != count:
            assert time.monotonic() < until
            speaking.open("x")

    wait_until(21)
    for page in silent:
        page.link.close()
    wait_until(1)
    speaking.link.close()
    other = Person(server).page()
    until = time.monotonic() + 60
    while len(server.service.pages) > 1:  # whoever has none is not remembered
        assert time.monotonic() < until
        other.open("x")


def test_who_does_not_read_costs_a_bounded_number_of_bytes() -> None:
    async def story() -> None:
        viewer = Viewer("ada")
        document = {"type": "changed", "document": "x" * TEXT_BYTES}
        for _ in range(100_000):
            viewer.tell(document)
        assert viewer.overrun
        texts, _ = await viewer.take()
        assert BACKLOG_BYTES < sum(map(len, texts)) < BACKLOG_BYTES + 2 * TEXT_BYTES

        viewer = Viewer("ada")
        points = {"type": "metrics", "run": "r", "reset": False, "points": [{"step": 1}] * 1_000}
        for _ in range(10_000):
            viewer.tell(points)
        assert viewer.overrun
        texts, _ = await viewer.take()
        assert sum(len(json.loads(text)["points"]) for text in texts) < 1_000_000

        viewer = Viewer("ada")
        for number in range(10_000):  # a picture of each of many explanations
            viewer.show(f"explain {number}", bytes(2**20))
        assert viewer.overrun
        _, frames = await viewer.take()
        assert len(frames) <= BACKLOG_BYTES // 2**20 + 1

    asyncio.run(story())


def test_a_client_that_stops_reading_holds_nobody_up(ada: Person, bob: Person, server: Server) -> None:
    project = ada.new_project()
    deaf, other = ada.page("deaf"), ada.page("other")
    deaf.open(project)
    other.open(project)
    run = server.engine.wait_for("start_run").run
    for step in range(3_000):
        server.engine.say(engine.Metrics(run=run, points=[{"step": step, "epoch": 0}]))
    assert other.hear("metrics")["points"]
    assert bob.page().open(project)["type"] == "project"


def test_a_page_that_opens_ten_thousand_tasks_has_a_few_at_a_time(
    ada: Person, bob: Person, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = ada.page()
    run = trained(ada, server, page)
    explaining = server.service.explaining

    async def known(viewer: Viewer, id: str) -> str:  # looking ten thousand times takes the database a minute
        return id

    monkeypatch.setattr(explaining, "_own", known)
    told = Viewer(ada.owner)

    async def flood() -> list[dict[str, Any]]:
        from playground.live.messages import ExplainAnswer

        for number in range(10_000):
            await explaining.answer(
                told, ExplainAnswer(type="explain_answer", task=f"t{number % 50}", run=run, values=[0.0])
            )
            if number % 500 == 499:
                received.extend(json.loads(text) for text in (await told.take())[0])
        return received

    received: list[dict[str, Any]] = []
    server.service.call(flood)
    begun = server.engine.all("run_task")
    assert BURST <= len(begun) < BURST + 10_000 / 10
    assert len(begun) - len(server.engine.all("cancel_task")) <= AT_ONCE
    assert {message["message"] for message in received if message["type"] == "explain_failed"} == {
        "Cancelled.",
        "Too many at once. Wait a moment, then ask again.",
    }
    theirs = bob.page()
    assert theirs.open("x")["type"] == "error"


@pytest.mark.parametrize(
    ("origin", "own"),
    [
        ("http://127.0.0.1", False),
        ("https://127.0.0.1:{port}", True),
        ("HTTP://127.0.0.1:{port}", True),
        ("http://127.0.0.1:{port}.evil.example", False),
        ("http://evil.example@127.0.0.1:{port}", False),
        ("http://127.0.0.1:{port}@evil.example", False),
        ("http://127.0.0.1:{port}\\@evil.example", False),
        ("http://[127.0.0.1:{port}", False),
        ("ws://127.0.0.1:{port}", False),
        ("//127.0.0.1:{port}", False),
        ("http://127.0.0.1:{port} http://evil.example", False),
        ("null", False),
    ],
)
def test_an_origin_is_compared_whole(ada: Person, server: Server, origin: str, own: bool) -> None:
    page = Page(server.connect(token=ada.token(), secret=ada.secret, origin=origin.format(port=server.port)))
    if own:
        assert page.open("x")["type"] == "error"
    else:
        assert page.close_code() == route.NOT_ACCEPTED


def test_without_our_protocol_there_is_no_socket(server: Server) -> None:
    asked = (
        "GET /pgapi/ws HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
    )
    for more in ("", "Sec-WebSocket-Protocol: pg.v1\r\n", "Sec-WebSocket-Protocol: pg.v2, token\r\n"):
        with socket.create_connection(("127.0.0.1", server.port), timeout=60) as link:
            link.sendall(f"{asked}{more}\r\n".encode())
            assert link.recv(100).startswith(b"HTTP/1.1 403")


def memory() -> int:
    """Bytes of this process that are in memory."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="no account of memory here")
def test_forty_pages_that_send_and_send_and_never_end_cost_less_than_their_frames_say(ada: Person) -> None:
    pages = [ada.page(f"page {number}") for number in range(PAGES - 1)]
    pages[0].open("x")
    before = memory()
    piece = b"x" * 900_000
    for page in pages:  # says 50 MB in pieces, sends not quite 2 MB, then says nothing any more
        send_until_closed(raw(page), [head(len(piece), final=False, kind=kind) + piece for kind in (1, 0)])
    assert ada.page("last").open("x")["type"] == "error"
    assert memory() - before < 2 * len(pages) * FRAME_MOST
