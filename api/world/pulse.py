"""Signs of life (心跳): so that the service knows when it was away, and says so.

Several processes of one World share the signs: away is when none of them was there.
"""

from __future__ import annotations

import asyncio
import contextlib

import structlog

from api.world.world import SERVICE, World
from coordination.provenance import Provenance
from coordination.service.decide import SHORTEST_US, NotAway, RecordOutage

BEAT_US = SHORTEST_US // 6
_ALIVE = "alive"
_log = structlog.get_logger("pulse")


class Pulse:
    """The service's own pulse: ``begin`` at the start, ``beat`` with every tick."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._last_us = 0

    async def begin(self) -> None:
        """Record that the service was away, if it was, and that it is back.

        Before the timers look for what is due: no wait is judged without it.
        """
        world, now = self._world, self._world.clock()
        recorder = world.log.recorder
        last_us = int(await asyncio.to_thread(recorder.meta, _ALIVE, str(now)))
        if now - last_us >= SHORTEST_US:
            by = Provenance(command_id=f"outage:{last_us}", actor=SERVICE)
            with contextlib.suppress(NotAway):  # another process has said so
                await world.handler.handle(RecordOutage(from_us=last_us), by, now)
                _log.warning("was away", minutes=(now - last_us) // SHORTEST_US)
        await self._sign(now)

    async def beat(self) -> None:
        """Give a sign of life, if the last one is old enough."""
        now = self._world.clock()
        if now - self._last_us >= BEAT_US:
            await self._sign(now)

    async def _sign(self, now: int) -> None:
        self._last_us = now
        recorder = self._world.log.recorder
        await asyncio.to_thread(recorder.renew, _ALIVE, str(now))
