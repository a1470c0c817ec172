"""The roster (花名册): people, their units, and how they checked in.

Codes only: names are joined from the vault when a page is made. The tally of each
community is kept as its people change, so that a board sums a few rows.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import msgspec

from coordination.catalogue import Fact
from coordination.checkin.events import (
    CheckInClosed,
    CheckInOpened,
    HoursRecognised,
    MemberAbsent,
    MemberActive,
    MemberLeft,
    MemberPresent,
    MemberReported,
)
from coordination.people.events import (
    AccountBound,
    DutyBegun,
    DutyEnded,
    PersonAvailable,
    PersonForgotten,
    PersonMerged,
    PersonRegistered,
    PersonUnavailable,
    ResponsibilityBegun,
    ResponsibilityEnded,
    UnitRegistered,
)
from projections.temporal import Temporal
from projections.view import Tables, View

FORGOTTEN, MERGED = "FORGOTTEN", "MERGED"


class Human(NamedTuple):
    """人员. ``path``: their residence. Times 0: not; texts joined by commas or JSON.

    ``state``: empty, FORGOTTEN or MERGED; ``presence``: empty (unknown), present,
    partial, absent or left. All of check-in belongs to ``campaign``.
    """

    person: str
    path: str
    unit: str
    skills: str
    trainings: str
    sealed: str
    provisional: int
    account: str
    cause: str
    until_us: int
    posts: str
    packages: int
    campaign: str
    reported_us: int
    present_us: int
    active_us: int
    left_us: int
    presence: str
    minutes: int
    state: str
    into: str
    occurred_us: int
    seq_from: int


class UnitRow(NamedTuple):
    """单位."""

    unit: str
    name: str
    headcount: int
    occurred_us: int
    seq_from: int


class Bound(NamedTuple):
    """账号 -> 人员."""

    account: str
    person: str
    occurred_us: int
    seq_from: int


class Opening(NamedTuple):
    """平时开启报到."""

    opening: str
    path: str
    area: str
    basis: str
    actor: str
    opened_us: int
    closed_us: int
    occurred_us: int
    seq_from: int


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
    occurred_us: int
    seq_from: int


HUMAN = Temporal("roster_human", Human)
UNIT = Temporal("roster_unit", UnitRow)
BOUND = Temporal("roster_bound", Bound)
OPENING = Temporal("roster_opening", Opening)
MUSTER = Temporal("roster_muster", Muster)
_json = msgspec.json.Encoder().encode


def _when(fact: Fact) -> tuple[int, int]:
    return fact.envelope.occurred_us, fact.seq


def _put(t: Tables, fact: Fact, row: Human) -> None:
    """Make this somebody's row, and keep the tally of where they live."""
    old = t[HUMAN].current.get(row.person)
    row = row._replace(occurred_us=fact.envelope.occurred_us, seq_from=fact.seq)
    residents = _residents(t)
    if old is not None and old.path[:12] != row.path[:12]:
        residents[old.path[:12]].discard(row.person)
    residents.setdefault(row.path[:12], set()).add(row.person)
    t[HUMAN].put(row)
    if old is not None and old.path[:12] != row.path[:12]:
        _tally(t, fact, old, None)
        old = None
    _tally(t, fact, old, row)


_COUNTED = (
    "registered",
    "reported",
    "present",
    "partial",
    "absent",
    "active",
    "gone",
    "unavailable",
)


def counted(row: Human | None, campaign: str) -> tuple[int, ...]:
    """Return what one person adds to each count of a community in a campaign."""
    if row is None or row.state:
        return (0,) * len(_COUNTED)
    if row.campaign != campaign:
        return (1, 0, 0, 0, 0, 0, 0, int(bool(row.cause)))
    return (
        1,
        int(row.reported_us > 0),
        int(row.presence == "present"),
        int(row.presence == "partial"),
        int(row.presence == "absent"),
        int(row.active_us > 0),
        int(row.presence == "left"),
        int(bool(row.cause)),
    )


def _residents(t: Tables) -> dict[str, set[str]]:
    """Return who lives in each community."""
    known: dict[str, set[str]] | None = t.memo.get("residents")
    if known is None:
        known = t.memo["residents"] = {}
        for row in t[HUMAN].current.values():
            known.setdefault(row.path[:12], set()).add(row.person)
    return known


def _tally(t: Tables, fact: Fact, old: Human | None, row: Human | None) -> None:
    """Move a community's counts on by what changed of one person."""
    one = row or old
    assert one is not None, "somebody has changed"
    path = one.path[:12]
    known = t[MUSTER].current.get(path)
    if known is None:
        known = Muster(path, path, "", 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)
    campaign = getattr(fact.event, "campaign", known.campaign)
    changed: dict[str, Any] = {}
    if campaign != known.campaign:
        # Only who checks in begins another campaign, for all who live here: some may
        # have been in it before, here or where they lived then.
        everybody = (t[HUMAN].current[person] for person in _residents(t)[path])
        counts = zip(*(counted(one, campaign) for one in everybody), strict=True)
        changed = dict(zip(_COUNTED, map(sum, counts), strict=True))
        changed["campaign"] = campaign
    else:
        before, after = counted(old, campaign), counted(row, campaign)
        changed = {
            name: getattr(known, name) + after[at] - before[at]
            for at, name in enumerate(_COUNTED)
            if after[at] != before[at]
        }
    when = _when(fact)
    t[MUSTER].put(known._replace(**changed, occurred_us=when[0], seq_from=when[1]))


def on_unit(t: Tables, fact: Fact) -> None:
    """A unit stands."""
    e: UnitRegistered = fact.event  # type: ignore[assignment]
    t[UNIT].put(UnitRow(e.unit, e.name, e.headcount, *_when(fact)))


def on_registered(t: Tables, fact: Fact) -> None:
    """Somebody is on the roster, or known otherwise by now."""
    e: PersonRegistered = fact.event  # type: ignore[assignment]
    old = t[HUMAN].current.get(e.person)
    known = {
        "path": e.residence,
        "unit": e.unit,
        "skills": ",".join(e.skills),
        "trainings": _json(e.trainings).decode(),
        "sealed": e.sealed,
        "provisional": int(e.provisional),
    }
    if old is not None:
        _put(t, fact, old._replace(**known))
        return
    nothing: dict[str, Any] = dict.fromkeys(Human._fields, "")
    nothing |= dict.fromkeys(
        (
            "until_us",
            "packages",
            "reported_us",
            "present_us",
            "active_us",
            "left_us",
            "minutes",
            "occurred_us",
            "seq_from",
        ),
        0,
    )
    _put(t, fact, Human(**{**nothing, **known, "person": e.person}))


def on_bound(t: Tables, fact: Fact) -> None:
    """Somebody signs in with an account."""
    e: AccountBound = fact.event  # type: ignore[assignment]
    _put(t, fact, t[HUMAN].current[e.person]._replace(account=e.account))
    t[BOUND].put(Bound(e.account, e.person, *_when(fact)))


def on_person(t: Tables, fact: Fact) -> None:
    """Something happened to somebody."""
    e: Any = fact.event
    row, when = t[HUMAN].current[e.person], fact.envelope.occurred_us
    match e:
        case PersonUnavailable():
            row = row._replace(cause=e.cause, until_us=e.until_us)
        case PersonAvailable():
            row = row._replace(cause="", until_us=0)
        case PersonForgotten():
            row = row._replace(state=FORGOTTEN, account="", sealed="")
        case PersonMerged():
            row = row._replace(state=MERGED, into=e.into)
        case HoursRecognised():
            row = row._replace(minutes=row.minutes + e.minutes)
        case DutyBegun():
            row = row._replace(posts=_with(row.posts, e.post))
        case DutyEnded():
            row = row._replace(posts=_without(row.posts, e.post))
        case ResponsibilityBegun():
            row = row._replace(packages=row.packages + 1)
        case ResponsibilityEnded():
            row = row._replace(packages=row.packages - 1)
        case _:
            row = _checked_in(row, e, when)
    _put(t, fact, row)


def _checked_in(row: Human, e: Any, when: int) -> Human:
    """Return somebody's row after a fact of checking in."""
    if e.campaign != row.campaign:
        row = row._replace(
            campaign=e.campaign, reported_us=0, present_us=0, active_us=0, left_us=0,
            presence="",
        )  # fmt: skip
    match e:
        case MemberReported():
            return row._replace(reported_us=when)
        case MemberPresent():
            presence = "partial" if e.partial else "present"
            since = row.present_us if row.presence in {"present", "partial"} else when
            return row._replace(present_us=since, presence=presence, left_us=0)
        case MemberAbsent():
            return row._replace(presence="absent")
        case MemberActive():
            return row._replace(active_us=when)
        case MemberLeft():
            total = row.minutes + e.minutes
            return row._replace(presence="left", left_us=when, minutes=total)
    return row


def _with(text: str, one: str) -> str:
    return ",".join([*filter(None, text.split(",")), one])


def _without(text: str, one: str) -> str:
    return ",".join(part for part in text.split(",") if part not in {"", one})


def on_opened(t: Tables, fact: Fact) -> None:
    """Check-in is switched on in peacetime."""
    e: CheckInOpened = fact.event  # type: ignore[assignment]
    who = fact.envelope
    t[OPENING].put(
        Opening(e.opening, e.area.path, e.area.code, who.basis, who.actor,
                who.occurred_us, 0, *_when(fact))
    )  # fmt: skip


def on_closed(t: Tables, fact: Fact) -> None:
    """Check-in is switched off again."""
    e: CheckInClosed = fact.event  # type: ignore[assignment]
    old, when = t[OPENING].current[e.opening], _when(fact)
    t[OPENING].put(
        old._replace(closed_us=when[0], occurred_us=when[0], seq_from=when[1])
    )


ROSTER = View(
    name="roster",
    version=2,
    tables=(HUMAN, UNIT, BOUND, OPENING, MUSTER),
    handlers={
        UnitRegistered: on_unit,
        PersonRegistered: on_registered,
        AccountBound: on_bound,
        **dict.fromkeys(
            (
                PersonUnavailable,
                PersonAvailable,
                PersonForgotten,
                PersonMerged,
                HoursRecognised,
                DutyBegun,
                DutyEnded,
                ResponsibilityBegun,
                ResponsibilityEnded,
                MemberReported,
                MemberPresent,
                MemberAbsent,
                MemberActive,
                MemberLeft,
            ),
            on_person,
        ),
        CheckInOpened: on_opened,
        CheckInClosed: on_closed,
    },
)
