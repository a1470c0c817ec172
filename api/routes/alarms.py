"""Alarms (告警): what somebody must look at, and taking note of it."""

from __future__ import annotations

import asyncio
from typing import Annotated

from fastapi import APIRouter, Request, Response
from pydantic import Field

from api.http.body import Code, Seq, Strict, Text
from api.http.deps import ERRORS, TheWorld, Write, accounts_of, acts, answer, reads
from api.http.lists import AskedFor, page_of, respond
from api.http.plain import receipt_fields
from api.pages.alarms import LISTING, alarm_rows
from api.pages.board import path_shown
from api.world.world import World
from coordination.alarms.decide import AcknowledgeAlarm, UnknownAlarm
from coordination.alarms.state import places_of
from projections.alarms import ALARM
from projections.store import seen

router = APIRouter(prefix="/alarms", tags=["alarms"], responses=ERRORS)


class Seen(Strict):
    """Which alarm somebody sees to."""

    alarm: Annotated[str, Field(pattern=r"^[a-z]+:[A-Za-z0-9:/-]{1,120}$")]
    reason: Text = ""
    seen_seq: Seq = 0


@router.get("", **reads("view.orders"))
async def alarms(
    request: Request, world: TheWorld, asked: AskedFor, area: Code | None = None
) -> Response:
    """Return the alarms that touch an area, newest first (告警)."""
    name_of = accounts_of(request).name_of

    def ask() -> Response:
        with world.reading() as c:
            rows = alarm_rows(c, path_shown(c, area) if area else "", name_of)
            page = page_of(rows, asked, LISTING)
            page["seq"] = seen(c)
        return respond(page, LISTING.columns, asked, "告警", world.settings.zone)

    return await asyncio.to_thread(ask)


def _raised(world: World, alarm: str) -> bool:
    with world.reading() as c:
        return ALARM.get(c, alarm) is not None


@router.post("/acknowledge", **acts("alarm.acknowledge"))
async def acknowledge(body: Seen, write: Write) -> Response:
    """Take note of an alarm; it ends nothing (确认告警)."""
    world = write.world
    paths = places_of(world.read(), body.alarm)
    # What happens again is another alarm: the view knows which ones were raised.
    if paths is None or not await asyncio.to_thread(_raised, world, body.alarm):
        raise UnknownAlarm(alarm=body.alarm)
    command = AcknowledgeAlarm(alarm=body.alarm, reason=body.reason)
    receipt = await write.world.do(command, write.by(body.seen_seq))
    return answer({**receipt_fields(receipt), "alarm": body.alarm})
