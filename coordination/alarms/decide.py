"""Rules of alarms (告警): taking note is a fact of its own and ends nothing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from coordination.alarms.events import AlarmAcknowledged
from coordination.alarms.state import ALARMS, places_of
from coordination.fields import named, pattern
from coordination.kernel import Command, Event, NotFound, Read, Refusal


class AcknowledgeAlarm(Command, frozen=True, kw_only=True):
    """确认告警: take note of an alarm; it ends nothing."""

    STREAM = "alarms"  # one stream for all of them
    ACTION = "alarm.acknowledge"
    alarm: Annotated[
        str, pattern(r"[a-z]+:[A-Za-z0-9:/-]{1,120}"), named("告警", "Alarm")
    ]

    def places(self, read: Read, /) -> tuple[str, ...]:
        """What the alarm is about.

        :raises UnknownAlarm: if there is no such alarm
        """
        return UnknownAlarm.unless(places_of(read, self.alarm), alarm=self.alarm)


UnknownAlarm = NotFound.of(
    "alarms.unknown", "没有告警 {alarm}", "there is no alarm {alarm}"
)
AlarmSeen = Refusal.of(
    "alarms.acknowledged", "告警 {alarm} 已确认", "alarm {alarm} has been acknowledged"
)


def acknowledge(read: Read, command: AcknowledgeAlarm, _now: int) -> Sequence[Event]:
    """Record that somebody has taken note of an alarm.

    :raises UnknownAlarm: if there is none
    :raises AlarmSeen: if somebody has before
    """
    UnknownAlarm.unless(places_of(read, command.alarm), alarm=command.alarm)
    if command.alarm in read(ALARMS):
        raise AlarmSeen(alarm=command.alarm)
    return [AlarmAcknowledged(alarm=command.alarm)]
