"""When the service was away (停机), and whether a wait has passed (等待是否到期).

A wait is judged by time in service: what could not be answered while the service was
away is not held against anybody. The one rule for every wait stands here.
"""

from __future__ import annotations

from coordination.kernel import Event, Read, Stream
from coordination.service.events import OutageRecorded

Outages = tuple[tuple[int, int], ...]
"""(from, to) of each time the service was away, oldest first, none touching another."""


def evolve_outages(state: Outages, event: Event) -> Outages:
    """Fold one fact about the service."""
    if isinstance(event, OutageRecorded):
        return (*state, (event.from_us, event.to_us))
    return state


NONE: Outages = ()
OUTAGES: Stream[Outages] = Stream("service", NONE, evolve_outages)


def away_us(outages: Outages, since_us: int, until_us: int) -> int:
    """Return how long the service was away between two moments."""
    away = 0
    for from_us, to_us in reversed(outages):
        if to_us <= since_us:
            break
        away += max(0, min(to_us, until_us) - max(from_us, since_us))
    return away


def passed(read: Read, since_us: int, due_us: int, now: int) -> bool:
    """Tell whether a wait that began then and was to end at ``due_us`` is over."""
    return due_us <= now and due_us <= now - away_us(read(OUTAGES), since_us, now)


def extended(outages: Outages, since_us: int, due_us: int) -> int:
    """Return when such a wait is over, with what the service was away until then."""
    until_us = due_us
    for from_us, to_us in outages:
        if to_us > since_us and from_us < until_us:
            until_us += to_us - max(from_us, since_us)
    return until_us
