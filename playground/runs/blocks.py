"""What is done to the blocks a person keeps, inside one transaction. Called by the recorder only."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from playground.runs.models import BlockRow, now
from playground.runs.records import NotFound, TooMany

MOST = 100
"""Blocks that one owner keeps."""


def keep(session: Session, block: str, owner: str, *, title: str, layer: dict[str, Any]) -> None:
    """Enter a block. One of the same title gives way: it is the same block, changed. Raises TooMany."""
    row = session.execute(select(BlockRow).where(BlockRow.owner == owner, BlockRow.title == title)).scalar()
    if row is not None:
        row.layer, row.updated = layer, now()
        return
    count = session.execute(select(func.count()).select_from(BlockRow).where(BlockRow.owner == owner)).scalar_one()
    if count >= MOST:
        raise TooMany(f"You keep {count} blocks; {MOST} are allowed. Forget one in the palette, then save this one.")
    session.add(BlockRow(id=block, owner=owner, title=title, layer=layer))


def drop(session: Session, block: str, owner: str) -> None:
    """Forget a block. What was made from it stays."""
    row = session.get(BlockRow, block)
    if row is None or row.owner != owner:
        raise NotFound("There is no such block.")
    session.delete(row)
