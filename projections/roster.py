"""The roster (花名册): people, their units, and how they checked in.

Codes only: names are joined from the vault when a page is made. The tally of each
community is kept as its people change, so that a board sums a few rows.
"""

from __future__ import annotations

from typing import NamedTuple

from projections.temporal import Temporal

FORGOTTEN, MERGED = "FORGOTTEN", "MERGED"


class Human(NamedTuple):
    """人员. ``path``: their residence. Times 0: not; texts joined by commas or JSON.

    ``state``: empty, FORGOTTEN or MERGED; ``presence``: empty (unknown), present,
    partial, absent or left. All of check-in belongs to ``campaign``. Minutes of service
    over all campaigns: certified; certified ``elsewhere`` and not recognised at home
    yet; ``claimed`` and not certified yet. ``stretches``: how often they served;
    ``untimed``: minutes of which nobody has said when.
    """

    person: str
    path: str = ""
    unit: str = ""
    skills: str = ""
    trainings: str = ""
    sealed: str = ""
    provisional: int = 0
    account: str = ""
    cause: str = ""
    until_us: int = 0
    posts: str = ""
    packages: int = 0
    campaign: str = ""
    reported_us: int = 0
    present_us: int = 0
    active_us: int = 0
    left_us: int = 0
    presence: str = ""
    minutes: int = 0
    elsewhere_minutes: int = 0
    claimed_minutes: int = 0
    stretches: int = 0
    untimed: int = 0
    state: str = ""
    into: str = ""
    occurred_us: int = 0
    seq_from: int = 0


class UnitRow(NamedTuple):
    """单位."""

    unit: str
    name: str
    headcount: int
    occurred_us: int = 0
    seq_from: int = 0


class Bound(NamedTuple):
    """账号 -> 人员."""

    account: str
    person: str
    occurred_us: int = 0
    seq_from: int = 0


class Opening(NamedTuple):
    """平时开启报到."""

    opening: str
    path: str
    area: str
    basis: str
    actor: str
    opened_us: int
    closed_us: int = 0
    occurred_us: int = 0
    seq_from: int = 0


class Muster(NamedTuple):
    """报到汇总 of one community and campaign; the key is its path.

    Those who have done nothing in this campaign are ``registered`` and no more.
    """

    community: str
    path: str
    campaign: str
    registered: int
    reported: int
    present: int
    partial: int
    absent: int
    active: int
    gone: int
    """Left again (离岗)."""
    unavailable: int
    minutes: int
    """Service of all who live here, over all campaigns; as in ``Human``."""
    elsewhere_minutes: int
    claimed_minutes: int
    occurred_us: int = 0
    seq_from: int = 0


HUMAN = Temporal("roster_human", Human)
UNIT = Temporal("roster_unit", UnitRow)
BOUND = Temporal("roster_bound", Bound)
OPENING = Temporal("roster_opening", Opening)
MUSTER = Temporal("roster_muster", Muster)
COUNTS = len(Muster._fields[3:-2])


def counted(row: Human | None, campaign: str) -> tuple[int, ...]:
    """Return what one person adds to each count of a community in a campaign."""
    if row is None or row.state:
        return (0,) * COUNTS
    served = row.minutes, row.elsewhere_minutes, row.claimed_minutes
    always = int(bool(row.cause)), *served
    if row.campaign != campaign:
        return (1, 0, 0, 0, 0, 0, 0, *always)
    return (
        1,
        int(row.reported_us > 0),
        int(row.presence == "present"),
        int(row.presence == "partial"),
        int(row.presence == "absent"),
        int(row.active_us > 0),
        int(row.presence == "left"),
        *always,
    )
