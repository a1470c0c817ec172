"""Rules of the service itself (本系统): that it was away is a fact."""

from __future__ import annotations

from collections.abc import Sequence

from coordination.kernel import MINUTE_US, Command, Event, Read
from coordination.refusals import NothingChanges
from coordination.service.events import OutageRecorded
from coordination.service.state import OUTAGES

SHORTEST_US = MINUTE_US
"""A shorter absence is a restart: no wait is shorter than a minute."""


class RecordOutage(Command, frozen=True, kw_only=True):
    """停机记录: the service is back, and was away since its last sign of life."""

    STREAM = "service"
    ACTION = "deadline.record"
    from_us: int


NotAway = NothingChanges.of("service.not-away")


def record_outage(read: Read, command: RecordOutage, now: int) -> Sequence[Event]:
    """Record once that the service was away until now.

    :raises NotAway: if it was not, not for long, or that is recorded
    """
    outages = read(OUTAGES)
    known_us = outages[-1].to_us if outages else 0
    from_us = max(command.from_us, known_us)
    if now - from_us < SHORTEST_US:
        raise NotAway
    return [OutageRecorded(from_us=from_us, to_us=now)]
