"""Rules of alarms (告警): taking note is a fact of its own and ends nothing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from coordination.alarms.events import AlarmAcknowledged
from coordination.alarms.state import ALARMS, places_of
from coordination.fields import named, pattern
from coordination.kernel import Command, Event, Read
from coordination.refusals import NotFound, NothingLeft

AlarmId = Annotated[str, pattern(r"[a-z]+:[A-Za-z0-9:/-]{1,120}")]
TOGETHER_MAX = 200


class AcknowledgeAlarm(Command, frozen=True, kw_only=True):
    """确认告警: take note of an alarm, and of those shown with it; it ends nothing."""

    STREAM = "alarms"  # one stream for all of them
    ACTION = "alarm.acknowledge"
    alarm: Annotated[AlarmId, named("告警", "Alarm")]
    also: Annotated[
        tuple[AlarmId, ...],
        named("同一组的其他告警", "Others of its group", max_length=TOGETHER_MAX),
    ] = ()

    @property
    def alarms(self) -> tuple[str, ...]:
        """All of the group, each once."""
        return tuple(dict.fromkeys((self.alarm, *self.also)))

    def places(self, read: Read, /) -> tuple[str, ...]:
        """What the alarms are about.

        :raises UnknownAlarm: if there is no such alarm
        """
        found = (
            UnknownAlarm.unless(places_of(read, alarm), alarm=alarm)
            for alarm in self.alarms
        )
        return tuple(dict.fromkeys(path for paths in found for path in paths))


UnknownAlarm = NotFound.of(
    "alarms.unknown", "没有告警 {alarm}", "there is no alarm {alarm}"
)
AlarmSeen = NothingLeft.of(
    "alarms.acknowledged",
    "告警 {alarm} 已确认",
    "alarm {alarm} has been acknowledged",
)


def acknowledge(read: Read, command: AcknowledgeAlarm, _now: int) -> Sequence[Event]:
    """Record that somebody has taken note of an alarm, and of others of its group.

    :raises UnknownAlarm: if there is none
    :raises AlarmSeen: if somebody has before, of all of them
    """
    for alarm in command.alarms:
        UnknownAlarm.unless(places_of(read, alarm), alarm=alarm)
    seen = read(ALARMS)
    fresh = [alarm for alarm in command.alarms if alarm not in seen]
    if not fresh:
        raise AlarmSeen(alarm=command.alarm)
    return [AlarmAcknowledged(alarm=alarm) for alarm in fresh]
