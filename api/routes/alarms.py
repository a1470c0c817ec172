"""Alarms (告警): taking note of what somebody must look at."""

from __future__ import annotations

import asyncio

from api.http.declared import Decision, Said, Writing
from coordination.alarms.decide import AcknowledgeAlarm, UnknownAlarm


async def raised(write: Writing, command: AcknowledgeAlarm) -> AcknowledgeAlarm:
    """Return the command if the view knows that the alarm was raised.

    What happens again is another alarm, which only the view tells from the first.

    :raises UnknownAlarm: if it was not raised
    """
    for alarm in command.alarms:
        if not await asyncio.to_thread(write.world.raised, alarm):
            raise UnknownAlarm(alarm=alarm)
    return command


DECISIONS = (
    Decision(
        path="/alarms/acknowledge",
        command=AcknowledgeAlarm,
        words="alarm ack",
        arguments=("alarm",),
        look=raised,
        answers=Said("alarm"),
    ),
)
