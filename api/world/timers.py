"""The tick (定时): looks each second for what is due; stores and decides nothing."""

from __future__ import annotations

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from api.world.notify import Notifier
from api.world.pulse import Pulse
from api.world.world import World

TICK_SECONDS = 1
_log = structlog.get_logger("timers")


async def start_timers(world: World, notifier: Notifier | None) -> AsyncIOScheduler:
    """Start ticking in the running event loop; one process of a World does so."""
    pulse = Pulse(world)
    await pulse.begin()

    async def tick() -> None:
        await pulse.beat()
        recorded = await world.tick()
        if recorded:
            _log.info("deadlines passed", recorded=recorded)

    scheduler = AsyncIOScheduler(
        timezone="UTC",
        job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
    )
    scheduler.add_job(tick, "interval", seconds=TICK_SECONDS, id="tick")
    if notifier is not None:
        scheduler.add_job(
            notifier.tick, "interval", seconds=TICK_SECONDS, id="notifications"
        )
    scheduler.start()
    return scheduler
