"""A session leaves nothing of a person in any log, and every line of a log is an object."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import BrowserContext, expect
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from playground.live.owner import COOKIE, owner_of
from tests.e2e.bench import FIND, READY_MS, open_bench, wait_for_step
from tests.e2e.conftest import Server

TITLE = "Grandmother Weatherwax"
ADDRESS = "203.0.113.77"
REMEMBER = """
const Plain = window.WebSocket
window.__tokens = []
window.WebSocket = class extends Plain {
  constructor(url, protocols) { super(url, protocols); if (url.includes("pgapi")) window.__tokens.push(protocols[1]) }
}
"""


def test_a_session_leaves_nothing_of_a_person_in_the_logs(
    new_context: Callable[..., BrowserContext], own_server: Server
) -> None:
    # A proxy on the same machine is believed when it says for whom it asks.
    context = new_context(extra_http_headers={"X-Forwarded-For": ADDRESS})
    page = context.new_page()
    page.add_init_script(FIND)
    page.add_init_script(REMEMBER)
    open_bench(page, own_server.url)
    page.get_by_test_id("project-menu").click()
    page.get_by_test_id("project-title").fill(TITLE)
    page.get_by_test_id("project-title").press("Enter")
    expect(page.get_by_test_id("project-name")).to_have_text(TITLE)
    page.keyboard.press("Escape")
    page.get_by_test_id("train").click()
    wait_for_step(page, 60)
    page.get_by_test_id("train").click()
    page.get_by_test_id("ask-why").click()
    expect(page.get_by_test_id("stamp")).to_be_visible(timeout=READY_MS)
    page.goto(own_server.url)
    expect(page.get_by_test_id("node-input")).to_be_visible(timeout=READY_MS)
    project = parse_qs(urlsplit(page.url).query)["p"][0]
    tokens = page.evaluate("window.__tokens")
    page.goto(f"{own_server.url}/?x=no-such-link")
    expect(page.get_by_text("This link is not complete")).to_be_visible(timeout=READY_MS)
    secret = next(str(crumb["value"]) for crumb in context.cookies() if crumb["name"] == COOKIE)
    try:
        where = f"ws://127.0.0.1:{own_server.port}/pgapi/ws?p={project}"
        headers = {"Cookie": f"{COOKIE}={secret}", "X-Forwarded-For": ADDRESS}
        with connect(where, subprotocols=["pg.v1", "wrong"], additional_headers=headers, origin="http://x.example"):  # type: ignore[list-item, arg-type]
            pass
    except InvalidStatus:
        pass
    context.close()
    own_server.stop()

    with sqlite3.connect(own_server.home / "playground.sqlite") as history:
        owners = {owner for (owner,) in history.execute("SELECT owner FROM projects")}
        titles = {title for (title,) in history.execute("SELECT title FROM projects")}
    assert owners == {owner_of(secret)}  # so that what we look for is what there is
    assert TITLE in titles
    assert tokens
    logs = {file.name: file.read_text("utf-8") for file in (own_server.home / "logs").iterdir()}
    assert {"engine.log", "server.log"} <= set(logs)
    assert "Socket refused" in logs["server.log"]
    for name, text in logs.items():
        for line in text.splitlines():
            assert json.loads(line)["what"], name
    printed = own_server.log.read_text("utf-8")
    private = {"cookie": secret, "title": TITLE, "project": project, "address": ADDRESS}
    private |= {f"owner {number}": owner for number, owner in enumerate(owners)}
    private |= {f"token {number}": token for number, token in enumerate(tokens)}
    found = [
        (file, what)
        for file, text in (*logs.items(), ("printed", printed))
        for what, it in private.items()
        if it in text
    ]
    assert found == []
