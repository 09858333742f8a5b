"""The blocks a person keeps for all projects."""

from __future__ import annotations

import asyncio
from typing import Any, Protocol

from playground.core.catalogue import find_catalogue, nesting
from playground.core.composite import Composite
from playground.core.files import MAX_DEPTH
from playground.core.reading import Refused
from playground.engine import messages as engine
from playground.engine.local import Engine, EngineFailed
from playground.runs.names import new_project_id
from playground.runs.records import Block

NOT_KEPT = "It is not saved: the part that writes does not answer. Try again in a moment."
NO_BLOCK = "Only a block can be kept. Group the layers into one first."


class Kept(Protocol):
    """The history as it is read here."""

    def blocks(self, owner: str) -> list[Block]: ...


class Shelf:
    """The kept blocks of every owner. The recorder, in the engine's host, writes; here is read."""

    def __init__(self, engine: Engine, store: Kept) -> None:
        self._engine = engine
        self._store = store

    async def message(self, owner: str) -> dict[str, Any]:
        """The `blocks` message of the protocol."""
        kept = await asyncio.to_thread(self._store.blocks, owner)
        return {"type": "blocks", "blocks": [{"id": b.id, "title": b.title, "layer": b.layer} for b in kept]}

    async def keep(self, owner: str, title: str, layer: dict[str, Any]) -> None:
        """Keep a block by its title; one of the same title gives way. Raises Refused."""
        read = await asyncio.to_thread(_read, layer)
        await self._ask(engine.KeepBlock(block=new_project_id(), owner=owner, title=title, layer=read.dump()))

    async def drop(self, owner: str, block: str) -> None:
        """Forget a block. Raises Refused."""
        await self._ask(engine.KeepBlock(block=block, owner=owner))

    async def _ask(self, command: engine.KeepBlock) -> None:
        try:
            answer = await asyncio.to_thread(self._engine.request, command)
        except EngineFailed:
            raise Refused(NOT_KEPT) from None
        if isinstance(answer, engine.Refused):
            raise Refused(answer.message)


def _read(layer: dict[str, Any]) -> Composite:
    if nesting(layer, limit=MAX_DEPTH) > MAX_DEPTH:
        raise Refused(f"This block is nested more than {MAX_DEPTH} levels deep.")
    try:
        block = find_catalogue("layers").read(layer)
    except ValueError as error:
        raise Refused(f"This block cannot be kept: {error}") from None
    if not isinstance(block, Composite):
        raise Refused(NO_BLOCK)
    return block
