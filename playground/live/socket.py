"""The WebSocket of one page: who may open it, how much it may say, and two coroutines, one a direction."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import Counter
from typing import Any

from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from playground.live import messages
from playground.live.conversation import Conversation
from playground.live.hub import Viewer
from playground.live.limits import PAGES, PATIENCE, TEXT_BYTES, Rate
from playground.live.origin import is_own
from playground.live.owner import owner_of, read_cookie
from playground.live.service import Service, find_service

PROTOCOL = "pg.v1"
NOT_ACCEPTED = 4401
"""Close code: the token is not accepted, do not try again with it."""
TOO_MUCH = 1008
COME_BACK = 1013
GOING = 1012
READY_SECONDS = 30.0
TOO_MANY = f"You have {PAGES} pages of the playground open already. Close some, then reload this one."
log = logging.getLogger(__name__)


async def socket(websocket: WebSocket) -> None:
    """The route. Closing before accepting would look like a network failure, and the page would try for ever."""
    offered = websocket.scope.get("subprotocols") or []
    if len(offered) != 2 or offered[0] != PROTOCOL:
        await websocket.close(NOT_ACCEPTED)
        return
    own = is_own(websocket.headers.get("origin"), websocket.headers.get("host"))
    service = find_service()
    owner = owner_of(read_cookie(websocket.headers))
    claim = service.tokens.claim(offered[1], owner) if service is not None and own else None
    await websocket.accept(subprotocol=PROTOCOL)
    if service is None or claim is None:
        await websocket.close(NOT_ACCEPTED)
        return
    if not await service.wait_ready(READY_SECONDS):
        await websocket.close(COME_BACK)
        return
    if service.pages[claim.owner] >= PAGES:
        await websocket.send_json({"type": "error", "text": TOO_MANY})
        await websocket.close(COME_BACK)
        return
    viewer = Viewer(claim.owner)
    service.pages[claim.owner] += 1
    conversation = Conversation(viewer, service.hub, service.desk, service.explaining, shelf=service.shelf)
    writer = asyncio.create_task(_write(websocket, viewer))
    try:
        await _read(websocket, viewer, conversation, service)
    except (WebSocketDisconnect, RuntimeError):
        pass  # the page is gone; RuntimeError is what the server says of a socket that closed meanwhile
    finally:
        conversation.end()
        service.pages[claim.owner] -= 1
        service.pages += Counter()  # forgets who has none
        writer.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await writer


async def _read(websocket: WebSocket, viewer: Viewer, conversation: Conversation, service: Service) -> None:
    rate = Rate()
    while True:
        received: dict[str, Any] = dict(await websocket.receive())
        if received["type"] == "websocket.disconnect":
            return
        text = received.get("text")
        if not rate.take():
            if rate.over == 1:
                viewer.tell({"type": "error", "text": "Too many messages at once; some were not heard."})
            if rate.over > PATIENCE:
                await websocket.close(TOO_MUCH)
                return
            continue
        if text is None:
            viewer.tell({"type": "error", "text": "Only text messages are understood."})
        elif len(text) > TEXT_BYTES or len(text.encode("utf-8", "surrogatepass")) > TEXT_BYTES:
            viewer.tell(
                {"type": "error", "text": "This message is over 256 KB. Use a smaller drawing, or shorter notes."}
            )
        else:
            await _answer(text, viewer, conversation)


async def _answer(text: str, viewer: Viewer, conversation: Conversation) -> None:
    try:
        await conversation.answer(messages.read(text))
    except messages.Unreadable as problem:
        viewer.tell({"type": "error", "text": str(problem)})
    except Exception:
        # One message that we got wrong must not end the conversation.
        log.exception("message_failed")
        viewer.tell({"type": "error", "text": "That did not work; the server's log says why. Your work is saved."})


async def _write(websocket: WebSocket, viewer: Viewer) -> None:
    """Messages first, then the newest pictures. Waiting for a slow network happens here and nowhere else."""
    with contextlib.suppress(WebSocketDisconnect, RuntimeError, OSError):
        while websocket.application_state is WebSocketState.CONNECTED:
            texts, frames = await viewer.take()
            for text in texts:
                await websocket.send_text(text)
            for frame in frames:
                await websocket.send_bytes(frame)
            if viewer.overrun:
                await websocket.close(COME_BACK)
                return
