"""Service (服务时段) as people read it: each time somebody served, what of it counts.

Codes only, as in the roster. How much somebody served is told in their own row.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

import sqlalchemy as sa

from coordination.checkin import events as checkin
from coordination.checkin.hours import (
    HOME,
    ORGANISER,
    Stretch,
    begun_by,
    hours_of,
    stretch_id,
)
from coordination.filled import filled
from projections.roster import Human
from projections.temporal import Temporal
from projections.view import Tables

Begins = checkin.MemberLeft | checkin.ServiceRecorded | checkin.HoursRecognised


class Served(NamedTuple):
    """服务时段. ``path``: the community that organised it; ``home``: of who served.

    The columns from ``number`` to ``recognised_to_us`` are those of ``Stretch``.
    ``waits``: for whose word; ``actor``: who entered it; ``ruled_…`` and ``reason``: of
    the newest ruling. ``what``: they did, where somebody has said.
    """

    stretch: str
    path: str
    home: str
    person: str
    number: int
    campaign: str
    from_us: int
    to_us: int
    state: str
    elsewhere: int
    rulings: int
    certified_from_us: int
    certified_to_us: int
    recognised_from_us: int
    recognised_to_us: int
    waits: str
    what: str = ""
    source: str = ""
    actor: str = ""
    ruled_by: str = ""
    ruled_us: int = 0
    reason: str = ""
    occurred_us: int = 0
    seq_from: int = 0


SERVED = Temporal("roster_served", Served)
_s = SERVED.table.c
_WAITS = SERVED.partial("waits", _s.waits, _s.waits > sa.literal_column("''"))
FOR_ORGANISER = sa.and_(_WAITS, _s.waits == ORGANISER)
FOR_HOME = sa.and_(_WAITS, _s.waits == HOME)
"""What waits is found without what is over."""


def stretch_of(row: Served) -> Stretch:
    """Return a stretch as the rules know it."""
    return filled(Stretch, row, community=row.path)


def begin(t: Tables, e: Begins, row: Human) -> Human:
    """Enter what somebody served; return their row with how much that is."""
    who = t.fact.envelope
    known = row.stretches
    for one in begun_by(e, known, row.present_us):
        known = one.number
        served = filled(
            Served,
            one,
            stretch=stretch_id(row.person, one.number),
            path=one.community,
            home=row.path[:12],
            person=row.person,
            waits=one.waits_for,
            what=getattr(e, "what", ""),
            source=getattr(e, "source", ""),
            actor=who.actor,
        )
        t.put(SERVED, served)
    if isinstance(e, checkin.HoursRecognised):
        row = row._replace(untimed=row.untimed + e.without_times)
    return counted_up(t, row._replace(stretches=known))


def rule(t: Tables, e: checkin.Ruling, row: Human) -> Human:
    """Enter what was decided about a stretch; return how much somebody served by it."""
    who = t.fact.envelope
    known = t[SERVED].current[stretch_id(e.person, e.number)]
    ruled = stretch_of(known).ruled(e)
    columns = {k: v for k, v in ruled._asdict().items() if k != "community"}
    served = known._replace(
        **columns,
        waits=ruled.waits_for,
        ruled_by=who.actor,
        ruled_us=who.occurred_us,
        reason=who.reason,
    )
    t.put(SERVED, served)
    return counted_up(t, row)


def void(t: Tables, numbers: Iterable[int], row: Human) -> Human:
    """Let these times count no more: what they rested on was taken back."""
    for number in numbers:
        known = t[SERVED].current[stretch_id(row.person, number)]
        left = stretch_of(known).void()
        columns = {k: v for k, v in left._asdict().items() if k != "community"}
        t.put(SERVED, known._replace(**columns, waits=""))
    return counted_up(t, row)


def back(t: Tables, row: Human) -> None:
    """Let wait again what waited of somebody before they were merged by mistake."""
    for one in list(_of(t, row)):
        t.put(SERVED, one._replace(waits=stretch_of(one).waits_for))


def counted_up(t: Tables, row: Human) -> Human:
    """Return somebody's row with how much they served, what overlaps counted once."""
    found = hours_of((stretch_of(one) for one in _of(t, row)), row.untimed)
    return row._replace(
        minutes=found.certified,
        elsewhere_minutes=found.elsewhere,
        claimed_minutes=found.claimed,
    )


def moved(t: Tables, row: Human) -> None:
    """Let the community where somebody lives now recognise what waits for that."""
    for one in list(_of(t, row)):
        if one.waits == HOME:
            t.put(SERVED, one._replace(home=row.path[:12]))


def gone(t: Tables, row: Human) -> None:
    """Let nothing wait any more of somebody who is forgotten or merged."""
    for one in list(_of(t, row)):
        t.put(SERVED, one._replace(waits=""))


def _of(t: Tables, row: Human) -> Iterator[Served]:
    """Yield each time that somebody served."""
    known = t[SERVED].current
    for number in range(1, row.stretches + 1):
        yield known[stretch_id(row.person, number)]
