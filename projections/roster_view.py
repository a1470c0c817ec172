"""How the roster is kept (花名册): one function an event."""

from __future__ import annotations

from coordination.checkin import events as checkin
from coordination.people import events as people
from projections.hours import SERVED, back, begin, gone, moved, rule, void
from projections.roster import (
    BOUND,
    COUNTS,
    FORGOTTEN,
    HUMAN,
    MERGED,
    MUSTER,
    OPENING,
    UNIT,
    Bound,
    Human,
    Muster,
    Opening,
    UnitRow,
    counted,
)
from projections.temporal import as_json
from projections.view import Tables, View

ROSTER = View(
    name="roster",
    version=4,
    tables=(HUMAN, UNIT, BOUND, OPENING, MUSTER, SERVED),
)


def _put(t: Tables, row: Human) -> None:
    """Make this somebody's row, and keep the tally of where they live."""
    old, residents = t[HUMAN].current.get(row.person), _residents(t)
    here = row.path[:12]
    if away := old is not None and old.path[:12] != here:
        residents[old.path[:12]].discard(row.person)
    residents.setdefault(here, set()).add(row.person)
    t.put(HUMAN, row)
    if away:
        moved(t, row)
        _tally(t, old, None)
        old = None
    _tally(t, old, row)


def _residents(t: Tables) -> dict[str, set[str]]:
    """Return who lives in each community."""
    known: dict[str, set[str]] | None = t.memo.get("residents")
    if known is None:
        known = t.memo["residents"] = {}
        for row in t[HUMAN].every():
            known.setdefault(row.path[:12], set()).add(row.person)
    return known


def _tally(t: Tables, old: Human | None, row: Human | None) -> None:
    """Move a community's counts on by what changed of one person."""
    one = row or old
    assert one is not None, "somebody has changed"
    path = one.path[:12]
    known = t[MUSTER].current.get(path) or Muster(path, path, "", *(0,) * COUNTS)
    e = t.fact.event
    campaign = e.campaign if isinstance(e, checkin.Member) else known.campaign
    if campaign != known.campaign:
        # Only who checks in begins another campaign, for all who live here: some may
        # have been in it before, here or where they lived then.
        everybody = (t[HUMAN].current[person] for person in _residents(t)[path])
        counts = zip(*(counted(one, campaign) for one in everybody), strict=True)
        now = [sum(count) for count in counts]
    else:
        before, after = counted(old, campaign), counted(row, campaign)
        moved = zip(known[3:-2], before, after, strict=True)
        now = [count - less + more for count, less, more in moved]
    t.put(MUSTER, Muster(path, path, campaign, *now))


@ROSTER.on(people.UnitRegistered)
def on_unit(t: Tables, e: people.UnitRegistered) -> None:
    """A unit stands."""
    t.put(UNIT, UnitRow(unit=e.unit, name=e.name, headcount=e.headcount))


@ROSTER.on(people.PersonRegistered)
def on_registered(t: Tables, e: people.PersonRegistered) -> None:
    """Somebody is on the roster, or known otherwise by now."""
    row = t[HUMAN].current.get(e.person) or Human(person=e.person)
    row = row._replace(
        path=e.residence,
        unit=e.unit,
        skills=",".join(e.skills),
        trainings=as_json(e.trainings),
        sealed=e.sealed,
        provisional=int(e.provisional),
    )
    _put(t, row)


@ROSTER.on(people.AccountBound)
def on_bound(t: Tables, e: people.AccountBound) -> None:
    """Somebody signs in with an account."""
    _put(t, t[HUMAN].current[e.person]._replace(account=e.account))
    t.put(BOUND, Bound(account=e.account, person=e.person))


Happening = (
    people.PersonUnavailable
    | people.PersonAvailable
    | people.PersonForgotten
    | people.PersonMerged
    | people.MergeTakenBack
    | people.AccountReleased
    | people.DutyBegun
    | people.DutyEnded
    | people.ResponsibilityBegun
    | people.ResponsibilityEnded
)


@ROSTER.on(Happening)
def on_person(t: Tables, e: Happening) -> None:
    """Something happened to somebody."""
    row = t[HUMAN].current[e.person]
    match e:
        case people.PersonUnavailable():
            row = row._replace(cause=e.cause, until_us=e.until_us)
        case people.PersonAvailable():
            row = row._replace(cause="", until_us=0)
        case people.PersonForgotten():
            gone(t, row)
            row = row._replace(state=FORGOTTEN, account="", sealed="")
        case people.PersonMerged():
            gone(t, row)
            row = row._replace(state=MERGED, into=e.into)
        case people.MergeTakenBack():
            back(t, row)
            row = row._replace(state="", into="")
        case people.AccountReleased():
            row = row._replace(account="")
            t.put(BOUND, Bound(account=e.account, person=""))
        case people.DutyBegun():
            row = row._replace(posts=",".join([*_listed(row.posts), e.post]))
        case people.DutyEnded():
            left = (post for post in _listed(row.posts) if post != e.post)
            row = row._replace(posts=",".join(left))
        case people.ResponsibilityBegun():
            row = row._replace(packages=row.packages + 1)
        case people.ResponsibilityEnded():
            row = row._replace(packages=row.packages - 1)
    _put(t, row)


def _listed(text: str) -> list[str]:
    return [part for part in text.split(",") if part]


@ROSTER.on(checkin.Member)
def on_member(t: Tables, e: checkin.Member) -> None:
    """Somebody checks in, takes part, leaves."""
    row, when = t[HUMAN].current[e.person], t.fact.envelope.occurred_us
    if e.campaign != row.campaign:
        row = row._replace(
            campaign=e.campaign,
            reported_us=0,
            present_us=0,
            active_us=0,
            left_us=0,
            presence="",
        )
    match e:
        case checkin.MemberReported():
            row = row._replace(reported_us=when)
        case checkin.MemberPresent():
            presence = "partial" if e.partial else "present"
            since = row.present_us if row.presence in {"present", "partial"} else when
            row = row._replace(present_us=since, presence=presence, left_us=0)
        case checkin.MemberAbsent():
            row = row._replace(presence="absent")
        case checkin.MemberActive():
            row = row._replace(active_us=when)
        case checkin.MemberLeft():
            row = begin(t, e, row)._replace(presence="left", left_us=when)
    _put(t, row)


@ROSTER.on(checkin.ServiceRecorded | checkin.HoursRecognised)
def on_service(t: Tables, e: checkin.ServiceRecorded | checkin.HoursRecognised) -> None:
    """Somebody served, as is entered afterwards."""
    _put(t, begin(t, e, t[HUMAN].current[e.person]))


@ROSTER.on(checkin.HoursTakenBack)
def on_hours_taken_back(t: Tables, e: checkin.HoursTakenBack) -> None:
    """What somebody was said to have served was served by somebody else."""
    row = t[HUMAN].current[e.person]
    row = row._replace(untimed=row.untimed - e.untimed)
    _put(t, void(t, range(e.first, e.first + e.count), row))


@ROSTER.on(checkin.CheckInTakenBack)
def on_taken_back(t: Tables, e: checkin.CheckInTakenBack) -> None:
    """A check-in was somebody else's, or another stage."""
    row = void(t, [e.stretch] if e.stretch else [], t[HUMAN].current[e.person])
    if row.campaign == e.campaign:
        here = {"present", "partial", "absent"} & set(e.stages)
        row = row._replace(
            reported_us=e.reported_us,
            present_us=e.seen_us,
            active_us=e.active_us,
            left_us=e.left_us,
            presence=next(iter(here), "left" if e.left_us else ""),
        )
    _put(t, row)


@ROSTER.on(checkin.Ruling)
def on_ruling(t: Tables, e: checkin.Ruling) -> None:
    """Something is said of a time that somebody served."""
    _put(t, rule(t, e, t[HUMAN].current[e.person]))


@ROSTER.on(checkin.CheckInOpened)
def on_opened(t: Tables, e: checkin.CheckInOpened) -> None:
    """Check-in is switched on in peacetime."""
    who = t.fact.envelope
    row = Opening(
        opening=e.opening,
        path=e.area.path,
        area=e.area.code,
        basis=who.basis,
        actor=who.actor,
        opened_us=who.occurred_us,
    )
    t.put(OPENING, row)


@ROSTER.on(checkin.CheckInClosed)
def on_closed(t: Tables, e: checkin.CheckInClosed) -> None:
    """Check-in is switched off again."""
    row = t[OPENING].current[e.opening]
    t.put(OPENING, row._replace(closed_us=t.fact.envelope.occurred_us))
