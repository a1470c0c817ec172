"""What wakes the story (唤醒): a moment of its own, or something that was recorded."""

from __future__ import annotations

import asyncio
import contextlib

from api.world.world import World

LONGEST_SECONDS = 30.0
"""A machine that slept tells nobody; then the story looks at the time."""


class Waking:
    """Waits until a moment of the World's clock, or until its views come further."""

    def __init__(self, world: World) -> None:
        """``world``: runs in this loop, its views are kept up."""
        self._world = world
        self._moved = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        world.runner.on_advance.append(self._advanced)

    def _advanced(self, _seq: int) -> None:
        with contextlib.suppress(RuntimeError):  # the loop has been closed
            self._loop.call_soon_threadsafe(self._moved.set)

    async def until(self, at_us: int) -> None:
        """Return at a moment, or as soon as something was recorded."""
        left_us = at_us - self._world.clock()
        seconds = left_us / 1_000_000 / self._world.settings.clock_factor
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(min(max(seconds, 0), LONGEST_SECONDS)):
                await self._moved.wait()
        self._moved.clear()

    def close(self) -> None:
        """Listen no more."""
        self._world.runner.on_advance.remove(self._advanced)
