"""The tick (定时): looks each second for what is due; stores and decides nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from api.world.notify import Notifier
from api.world.pulse import Pulse
from api.world.world import World
from coordination.refusals import Unavailable
from projections.store import away

TICK_SECONDS = 1
_log = structlog.get_logger("timers")


Met = Callable[[BaseException], None]
Job = Callable[[], Coroutine[Any, Any, object]]


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


async def start_timers(
    world: World, notifier: Notifier | None, met: Met
) -> AsyncIOScheduler:
    """Start ticking in the running event loop; one process of a World does so.

    ``met``: is told that a database could not be used.
    """
    pulse = Pulse(world)
    await pulse.begin()
    scheduler = AsyncIOScheduler(
        timezone="UTC",
        job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
    )
    each_second = {"trigger": "interval", "seconds": TICK_SECONDS}
    scheduler.add_job(
        _steady(partial(tick, world, pulse), met), id="tick", **each_second
    )
    if notifier is not None:
        job = _steady(notifier.tick, met)
        scheduler.add_job(job, id="notifications", **each_second)
    scheduler.start()
    return scheduler


def _steady(job: Job, met: Met) -> Job:
    """Return a job that leaves to its next turn what no database can do now."""

    async def steady() -> None:
        try:
            await job()
        except (Unavailable, asyncio.CancelledError):
            return  # the next turn, or the next start, does it
        except Exception as error:
            if not away(error):
                raise
            met(error)

    return steady
