"""When the service was away (停机), and whether a wait has passed (等待是否到期).

A wait is judged by time in service: what could not be answered while the service was
away is not held against anybody. The one rule for every wait stands here.
"""

from __future__ import annotations

from bisect import bisect_right
from typing import NamedTuple

from coordination.kernel import Event, Read, Stream
from coordination.service.events import OutageRecorded


class Outage(NamedTuple):
    """停机: from when to when, and how long it had been away before, all together."""

    from_us: int
    to_us: int
    before_us: int

    @property
    def away_us(self) -> int:
        """How long it had been away at the end of it."""
        return self.before_us + self.to_us - self.from_us


Outages = tuple[Outage, ...]
"""Each time the service was away, oldest first, none touching another."""


def evolve_outages(state: Outages, event: Event) -> Outages:
    """Fold one fact about the service."""
    if isinstance(event, OutageRecorded):
        before_us = state[-1].away_us if state else 0
        return (*state, Outage(event.from_us, event.to_us, before_us))
    return state


NONE: Outages = ()
OUTAGES: Stream[Outages] = Stream("service", NONE, evolve_outages)


def away_us(outages: Outages, since_us: int, until_us: int) -> int:
    """Return how long the service was away between two moments."""
    return max(0, _away_by(outages, until_us) - _away_by(outages, since_us))


def _away_by(outages: Outages, at_us: int) -> int:
    """Return how long the service had ever been away at a moment."""
    number = bisect_right(outages, at_us, key=lambda outage: outage.from_us)
    if not number:
        return 0
    newest = outages[number - 1]
    return newest.before_us + min(newest.to_us, at_us) - newest.from_us


def passed(read: Read, since_us: int, due_us: int, now: int) -> bool:
    """Tell whether a wait that began then and was to end at ``due_us`` is over."""
    return due_us <= now and due_us <= now - away_us(read(OUTAGES), since_us, now)


def extended(outages: Outages, since_us: int, due_us: int) -> int:
    """Return when such a wait is over, with what the service was away until then."""
    until_us = due_us
    first = bisect_right(outages, since_us, key=lambda outage: outage.to_us)
    for number in range(first, len(outages)):
        outage = outages[number]
        if outage.from_us >= until_us:
            break
        until_us += outage.to_us - max(outage.from_us, since_us)
    return until_us
