"""The end of the server, as a service manager brings it about: one signal, and whatever is left then is killed."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import BrowserContext

from playground.runs.store import Store
from playground.training.checkpoints import read
from tests.e2e.bench import FIND, open_bench, wait_for_step
from tests.e2e.conftest import Server
from tests.engine.conftest import processes


def test_when_the_server_is_gone_everything_is_kept_and_nothing_is_left(
    new_context: Callable[..., BrowserContext], own_server: Server
) -> None:
    context = new_context()
    page = context.new_page()
    page.add_init_script(FIND)
    open_bench(page, own_server.url)
    page.keyboard.press("Space")
    wait_for_step(page, 100)
    own_server.stop()
    assert processes(own_server.home) == []
    context.close()
    store = Store(own_server.home)
    with store._session() as session:
        assert session is not None
        from playground.runs.models import RunRow

        (run,) = [row for row in session.query(RunRow) if row.step >= 100]
        owner, id, step = run.owner, run.id, run.step
    assert read(store.weights(owner, id)).step == step
    store.close()
