"""One machine, several people: what a person sees when a run takes long, is the second one, or everyone is held."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from urllib.parse import quote

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from playground.core.files import read_project, write_link
from playground.live.operator import make_key
from playground.studio.documents import from_template
from tests.e2e.bench import FIND, READY_MS, node, wait_for_step
from tests.e2e.conftest import Server, watch


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server on a shared machine, where half a minute is long."""
    with pytest.MonkeyPatch.context() as setting:
        setting.setenv("PLAYGROUND_SHARED", "1")
        setting.setenv("PLAYGROUND_LONG_RUN", "0.5")
        running = Server(tmp_path_factory.mktemp("shared"))
        running.start()
    yield running
    running.stop()


def link(server: Server, title: str, **training: int) -> str:
    """An address that makes a project of whoever opens it."""
    project = read_project(from_template("circle"))
    experiment = project.experiment.with_(training=project.experiment.training.with_(**training), seed=1)
    return f"{server.url}/?x={quote(write_link(project.with_(title=title, experiment=experiment)))}"


def open_link(page: Page, address: str) -> None:
    page.add_init_script(FIND)
    page.goto(address)
    expect(node(page, "hidden")).to_be_visible(timeout=READY_MS)
    page.wait_for_url(re.compile(r"[?&]p=[\w-]+"))
    expect(page.get_by_test_id("advice")).to_contain_text("Press ▶", timeout=READY_MS)


def say(server: Server, *words: str) -> str:
    """`playground stop` on the machine of the server."""
    command = [sys.executable, "-m", "playground", "stop", *words]
    environment = {**os.environ, "PLAYGROUND_HOME": str(server.home)}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=100, check=True)
    return done.stdout


def wait_until_measured(page: Page, server: Server) -> None:
    """A worker finds out how fast the machine is when it is first idle; the server hears of it within two seconds."""
    offer = page.get_by_test_id("offer")
    for _ in range(30):
        page.keyboard.press("Space")
        try:
            offer.wait_for(timeout=2_000)
        except Exception:
            page.keyboard.press("Space")  # it trained: pause it and ask again
        else:
            return
    raise AssertionError("A run of hours was never asked about.")


def test_a_long_run_asks_a_second_one_is_offered_and_a_hold_is_shown_while_it_lasts(
    server: Server, context: BrowserContext, page: Page, page_errors: list[str]
) -> None:
    # A run that takes long is not begun; its small version is, and can be undone.
    open_link(page, link(server, "Long <b>circle</b>", epochs=100_000, batch_size=1))
    wait_until_measured(page, server)
    offer = page.get_by_test_id("offer")
    expect(offer).to_contain_text(re.compile(r"This run needs about [\d.]+ (min|h|days) of this machine\."))
    page.keyboard.press("Space")
    expect(offer).to_be_visible()
    page.get_by_test_id("offer-small").click()
    expect(offer).to_be_hidden()
    expect(page.get_by_test_id("toasts")).to_contain_text(
        re.compile(r"Small version: [\d,]+ epochs? instead of 100,000")
    )
    wait_for_step(page, 20)
    page.get_by_test_id("undo").click()
    expect(offer).to_contain_text("This run needs about")
    page.get_by_test_id("redo").click()
    expect(offer).to_be_hidden()
    expect(page.get_by_test_id("train")).to_contain_text("Train")
    page.get_by_test_id("train").click()
    expect(page.get_by_test_id("train")).to_contain_text("Pause")

    # One run a person: the second names the first.
    second = context.new_page()
    watch(second, page_errors)
    open_link(second, link(server, "Second"))
    second.keyboard.press("Space")
    offer = second.get_by_test_id("offer")
    expect(offer).to_contain_text(
        "Your run “Long <b>circle</b>” is training. One run a person at a time on this server."
    )
    second.get_by_test_id("offer-instead").click()
    expect(offer).to_be_hidden()
    wait_for_step(second, 20)
    expect(page.get_by_test_id("advice")).to_contain_text("another run of yours trains now")

    # In the queue, and out of it.
    page.get_by_test_id("train").click()
    page.get_by_test_id("offer-queue").click()
    expect(page.get_by_test_id("queue-note")).to_contain_text("Queued: it is next.")
    expect(page.get_by_test_id("train")).to_contain_text("Queued")
    page.get_by_test_id("leave-queue").click()
    expect(page.get_by_test_id("queue-note")).to_be_hidden()

    # The operator holds everyone, and lets them go on.
    assert "1 of" in say(server, "--hold")
    for tab in (page, second):
        expect(tab.get_by_test_id("held-note")).to_contain_text("Training is held for everyone at the moment.")
    expect(second.get_by_test_id("advice")).to_contain_text("The operator")
    second.get_by_test_id("train").click()
    expect(second.get_by_test_id("advice")).to_have_text(re.compile("Training is held for everyone"))
    say(server, "--go-on")
    for tab in (page, second):
        expect(tab.get_by_test_id("held-note")).to_be_hidden()
    second.get_by_test_id("train").click()
    expect(second.get_by_test_id("train")).to_contain_text("Pause")


def test_the_operators_page_is_for_who_has_the_key(
    server: Server, new_context: Callable[..., BrowserContext], page: Page, page_errors: list[str]
) -> None:
    key = make_key(server.home)
    for wrong in ("", "?key=wrong"):
        answer = page.request.get(f"{server.url}/pgapi/operator{wrong}")
        assert answer.status == 404
    page.goto(server.url)
    expect(page.get_by_test_id("stTopNavLink").first).to_be_visible(timeout=READY_MS)
    expect(page.get_by_test_id("stTopNavLink").filter(has_text="Operator")).to_have_count(0)
    page.goto(f"{server.url}/operator")
    expect(page.get_by_text("Page not found")).to_be_visible(timeout=READY_MS)
    page_errors.clear()  # the browser's console says the same

    page.goto(f"{server.url}/pgapi/operator?key={key}")
    expect(page.get_by_test_id("operator-headline")).to_contain_text("open", timeout=READY_MS)
    assert key not in page.url
    assert key not in str(page.context.cookies())
    expect(page.get_by_test_id("operator-memory")).to_contain_text("%")
    person = new_context().new_page()
    open_link(person, link(server, "Third"))
    page.get_by_test_id("operator-hold").click()
    expect(page.get_by_test_id("operator-headline")).to_contain_text("Training is held.")
    expect(person.get_by_test_id("held-note")).to_be_visible()
    page.get_by_test_id("operator-go-on").click()
    expect(page.get_by_test_id("operator-hold")).to_be_visible()
    expect(person.get_by_test_id("held-note")).to_be_hidden()
    page.reload()
    expect(page.get_by_test_id("operator-headline")).to_be_visible(timeout=READY_MS)


def test_a_project_is_deleted_after_a_question(server: Server, page: Page) -> None:
    open_link(page, link(server, "Keep me"))
    open_link(page, link(server, "Throw me away"))
    page.get_by_test_id("project-menu").click()
    page.locator("li", has_text="Throw me away").get_by_test_id("project-delete").click()
    expect(page.get_by_test_id("project-asked")).to_contain_text("Its runs stay on the Runs page.")
    page.get_by_test_id("project-delete-yes").click()
    expect(page.get_by_test_id("project-name")).to_contain_text("Keep me")
