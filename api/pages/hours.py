"""Hours of service (服务时长) as pages show them: what waits, one time, a person's."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from fastapi import Request

from api.exchange.tables import BOTH, SORT, Column, Row, worded
from api.http.deps import LOOK_SECONDS, record_read, world_of
from api.http.lists import Listing
from api.http.look import Look
from api.http.plain import Who, moment
from api.http.reading import Reads
from api.pages.checkins import said_of
from api.pages.fields import taken
from coordination.checkin.certifying import StretchId, UnknownStretch, stretch_of
from coordination.checkin.hours import Span, apart, length_us, stretch_id
from coordination.fields import Code
from coordination.kernel import MINUTE_US, version_of
from coordination.people.state import home_of
from coordination.states import HOURS, HOURS_WAIT
from coordination.vocabulary import CHECK_IN_SOURCES
from projections import hours
from projections.hours import FOR_HOME, FOR_ORGANISER, SERVED, Served
from projections.roster import Human
from projections.temporal import PATH_END

OWN_SHOWN = 50
CLAIMS = Listing.of(
    Column("id", "服务时段", "Stretch"),
    Column("person_label", "人员", "Person", can=SORT),
    Column("community_name", "组织社区", "Organised by", can=SORT),
    Column("home_name", "居住社区", "Home", can=SORT),
    Column("campaign_zh", "报到", "Campaign"),
    Column("since", "起", "Since", "time", can=SORT),
    Column("until", "止", "Until", "time"),
    Column("minutes", "时长（分）", "Minutes", "int", can=SORT),
    Column("state", "状态", "State", words=HOURS, can=BOTH),
    Column("waits", "待办", "Waits", words=HOURS_WAIT, can=BOTH),
    Column("certified_since", "认定起", "Certified since", "time"),
    Column("certified_until", "认定止", "Certified until", "time"),
    Column("certified_minutes", "认定（分）", "Certified", "int", can=SORT),
    Column("what", "服务内容", "What"),
    Column("source", "登记方式", "Source", words=CHECK_IN_SOURCES),
    Column("by_name", "登记人", "Entered by"),
    Column("ruled_by_name", "认定人", "Certified by"),
    Column("reason", "理由", "Reason"),
    Column("seq", "日志位置", "Seq", "int"),
    sort="since",
)
READS = Reads("check-in")


def _minutes(span: Span) -> int:
    return length_us([span]) // MINUTE_US


def stretch_row(look: Look, row: Served) -> dict[str, Any]:
    """Return a time that somebody served as a row; its words follow from the columns.

    ``expected``: how it stands, for whoever decides about it.
    """
    known = hours.stretch_of(row)
    span = row.from_us, row.to_us
    own = row.person == look.faces.own
    # Where somebody of elsewhere lives is not the organiser's to know.
    home = row.home if own or look.faces.reaches(row.home) else ""
    return {
        "id": row.stretch,
        "person": row.person,
        "person_label": look.faces.label(row.person)[0],
        "number": row.number,
        "community": row.path,
        "community_name": look.names.area(row.path),
        "home": home,
        "home_name": look.names.area(home) if home else "",
        "elsewhere": bool(row.elsewhere),
        **said_of(look, row.campaign),
        **_times("", span),
        **_times("certified_", known.certified),
        **_times("counted_", known.counted),
        **taken(row, "state waits what source rulings reason", at="ruled"),
        "by_name": look.names.person(row.actor),
        "ruled_by_name": look.names.person(row.ruled_by),
        "own": own,
        "expected": version_of(known),
        "seq": row.seq_from,
    }


def _times(prefix: str, span: Span) -> dict[str, Any]:
    """Return from when until when, and how long that is; of no time, nothing."""
    since, until = span if span[0] < span[1] else (None, None)
    return {
        f"{prefix}since": moment(since),
        f"{prefix}until": moment(until),
        f"{prefix}minutes": _minutes(span),
    }


def served_by(look: Look, row: Human, most: int = 0) -> list[Row]:
    """Return each time that somebody served, the newest first; ``most`` 0: all."""
    first = max(1, row.stretches - most + 1) if most else 1
    keys = [stretch_id(row.person, n) for n in range(first, row.stretches + 1)]
    found = sorted(SERVED.some(look.c, keys, at=look.at), key=lambda r: -r.number)
    return list(worded([stretch_row(look, one) for one in found], CLAIMS.columns))


async def recorded(request: Request, who: Who, given: dict[str, Any]) -> None:
    """Record that somebody reads who served."""
    place = given["area"] or ""
    await record_read(world_of(request), who, "people", place, seconds=LOOK_SECONDS)


async def recorded_one(request: Request, who: Who, given: dict[str, Any]) -> None:
    """Record that somebody reads a time that one person served.

    :raises UnknownStretch: for what is not theirs to see: not told whether there is one
    """
    world, stretch = world_of(request), given["stretch"]
    person, _ = apart(stretch)
    known = stretch_of(world.read(), stretch)
    home = home_of(world.read(), person)
    places = known.community, home
    if not any(world.sees_person(who.by, path) for path in places):
        raise UnknownStretch(stretch=stretch)
    await record_read(world, who, "person", person, seconds=LOOK_SECONDS)


@READS.listed("/checkins/claims", CLAIMS, "view.people", "待认定时长", before=recorded)
def claims(look: Look, area: Code | None = None) -> Iterable[Row]:
    """Return the hours that wait: to be certified here, or recognised (待认定时长)."""
    path = look.path(area)
    to_certify = SERVED.where(look.c, FOR_ORGANISER, SERVED.inside(path), at=look.at)
    home = SERVED.table.c.home
    here = home >= path, home < path + PATH_END
    to_recognise = SERVED.where(look.c, FOR_HOME, *here, at=look.at)
    rows = [r for r in to_certify if look.faces.reaches(r.path)]
    rows += [r for r in to_recognise if look.faces.reaches(r.home)]
    look.faces.know(row.person for row in rows)
    look.names.know_areas({p for row in rows for p in (row.path, row.home)})
    return [stretch_row(look, row) for row in rows]


@READS.shown("/checkins/hours/{stretch}", "view.people", before=recorded_one)
def one_stretch(look: Look, stretch: StretchId) -> dict[str, Any]:
    """Return a time that somebody served, as it stands (服务时段)."""
    row = look.known(SERVED, stretch, UnknownStretch(stretch=stretch))
    [said] = worded([stretch_row(look, row)], CLAIMS.columns)
    return {**said, "shown_seq": look.seq}
