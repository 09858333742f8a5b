"""What a page's script asks of the running server. Scripts run in threads of their own; the server answers in its loop.

Where no server runs, as in tests of a page alone, everything answers as for a person who has nothing yet.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from playground.live.service import find_service
from playground.live.session import current_owner, current_session
from playground.studio.desk import OPENING
from playground.studio.documents import read_link
from playground.studio.history import delete_run, list_runs, open_run


class Seat(NamedTuple):
    """Where a page sits down: its project, and the token that opens the socket. `missing`: there is no such project."""

    project: str = ""
    token: str = ""
    missing: bool = False


def take_seat(wanted: str | None) -> Seat:
    """The wanted project, or the one touched last, or, on a first visit, a new one from the first lesson's template.

    Raises `playground.live.service.NotReady` while the engine does not answer.
    """
    service, owner, session = find_service(), current_owner(), current_session()
    if service is None or owner is None or session is None:
        return Seat()
    token = service.tokens.issue(session, owner)

    async def find() -> Seat:
        if wanted:
            sheet = await service.desk.open(wanted)
            return Seat(wanted, token) if sheet is not None else Seat("", token, missing=True)
        newest = await service.desk.newest(owner)
        return Seat(newest or await service.desk.create(owner, OPENING), token)

    seat: Seat = service.call(find)
    return seat


def open_link(text: str) -> Seat:
    """A new project of whoever looks, from a link that holds one.

    Raises `playground.studio.documents.Refused`, and `playground.live.service.NotReady` while the engine does not answer.
    """
    document = read_link(text)
    service, owner, session = find_service(), current_owner(), current_session()
    if service is None or owner is None or session is None:
        return Seat()
    token = service.tokens.issue(session, owner)
    project: str = service.call(lambda: service.desk.take_in(owner, document, label="Opened from a link"))
    return Seat(project, token)


def take_token() -> str:
    """The token that opens the socket of a page without a project; empty where no server runs."""
    service, owner, session = find_service(), current_owner(), current_session()
    if service is None or owner is None or session is None:
        return ""
    return str(service.tokens.issue(session, owner))


def my_runs() -> list[dict[str, Any]]:
    """The runs of whoever looks, the newest first."""
    service, owner = find_service(), current_owner()
    if service is None or owner is None or not service.ready:
        return []
    return list_runs(service.store, owner)


def delete_my_run(run: str) -> str | None:
    """Delete a run of whoever looks; a sentence if that was not possible."""
    service, owner = find_service(), current_owner()
    if service is None or owner is None or not service.ready:
        return "Nothing was deleted: the server is not ready."
    problem = delete_run(service.engine, service.store, owner, run)

    async def let_go() -> None:
        sheet = service.desk.find(run)
        if sheet is not None and sheet.owner == owner:
            sheet.run.let_go()
            service.hub.show_run(sheet.id, None)

    if problem is None:
        service.call(let_go)
    return problem


def open_my_run(run: str, *, go_on: bool = False) -> str | None:
    """The project that shows a run of whoever looks, made if it is gone, and training on if that is asked for; None
    if there is no such run. Raises `playground.live.service.NotReady`."""
    service, owner = find_service(), current_owner()
    if service is None or owner is None:
        return None
    project: str | None = service.call(lambda: open_run(service.desk, service.store, owner, run, go_on=go_on))
    return project
