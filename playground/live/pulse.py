"""Asks the engine every two seconds how it is: how fast the machine is, and whether the operator holds everyone."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Any

from playground.engine.local import Engine, EngineFailed
from playground.engine.messages import Ping, Pong

EVERY = 2.0
PATIENCE = 5.0
log = logging.getLogger(__name__)


async def pulse(engine: Engine, hear: Callable[[Any], None], every: float = EVERY) -> None:
    """Tell `hear` each answer, for ever. An engine that is being started again has none."""
    while True:
        try:
            answer = await asyncio.to_thread(engine.request, Ping(id="pulse"), PATIENCE)
            if isinstance(answer, Pong):
                hear(answer)
        except EngineFailed:
            log.info("engine_does_not_answer")
        await asyncio.sleep(every)
