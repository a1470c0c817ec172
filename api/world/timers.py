"""The tick (定时): looks each second for what is due; stores and decides nothing."""

from __future__ import annotations

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from api.world.notify import Notifier
from api.world.pulse import Pulse
from api.world.world import World

TICK_SECONDS = 1
_log = structlog.get_logger("timers")


async def tick(world: World, pulse: Pulse) -> int:
    """Give a sign of life and record what is due; return how much was new.

    Nothing is recorded while nobody knows the time: it cannot be taken back.
    """
    await pulse.beat()
    if world.time is not None and world.time.rests:
        return 0
    recorded = await world.tick()
    if recorded:
        _log.info("deadlines passed", recorded=recorded)
    return recorded


async def start_timers(world: World, notifier: Notifier | None) -> AsyncIOScheduler:
    """Start ticking in the running event loop; one process of a World does so."""
    pulse = Pulse(world)
    await pulse.begin()
    scheduler = AsyncIOScheduler(
        timezone="UTC",
        job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
    )
    how = {"seconds": TICK_SECONDS, "args": (world, pulse)}
    scheduler.add_job(tick, "interval", id="tick", **how)
    if notifier is not None:
        scheduler.add_job(
            notifier.tick, "interval", seconds=TICK_SECONDS, id="notifications"
        )
    scheduler.start()
    return scheduler
