"""People (人员) as a page shows them: the roster, oneself, one of them, units."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

import msgspec
from fastapi import Request

from api.exchange.tables import BOTH, SORT, Column, Row, worded
from api.http.deps import LOOK_SECONDS, record_read, world_of
from api.http.lists import Listing
from api.http.look import Look
from api.http.plain import Who
from api.http.reading import Reads
from api.pages.checkins import check_in_of, my_check_in, stage_of
from api.pages.faces import masked
from api.pages.facts import history
from api.pages.fields import taken
from api.pages.hours import OWN_SHOWN, served_by
from api.pages.packages import Covering, package_rows
from api.pages.post import post_body, posts_named, posts_of
from api.pages.posts import backed_by, brief, expected_of, know, staffing_of
from coordination.fields import Code, PersonId
from coordination.packages.events import PERSON
from coordination.packages.events import POST as HOLDER
from coordination.people.events import Training
from coordination.people.state import UnknownPerson, person_stream
from coordination.tree import community_of
from coordination.vocabulary import CAUSES, CHECK_IN_STAGES, SKILLS, TRAININGS
from projections.coverage import PACKAGE, Package
from projections.posts import POST
from projections.roster import HUMAN, MERGED, Human

LISTING = Listing.of(
    Column("id", "编号", "Id"),
    Column("label", "姓名", "Name", can=SORT),
    Column("phone", "手机", "Phone"),
    Column("unit_name", "单位", "Unit", can=SORT),
    Column("community_name", "社区", "Community", can=SORT),
    Column("residence_name", "居住地", "Residence"),
    Column("skills", "技能", "Skills", words=SKILLS),
    Column("trainings_zh", "培训", "Training"),
    Column("cause", "不可用原因", "Not available", words=CAUSES, can=BOTH),
    Column("until", "预计恢复", "Until", "time"),
    Column("stage", "报到", "Check-in", words=CHECK_IN_STAGES, can=BOTH),
    Column("reported_at", "报到时间", "Reported", "time"),
    Column("present_at", "到岗时间", "Present", "time"),
    Column("active_at", "参与时间", "Active", "time"),
    Column("minutes", "认定分钟", "Certified minutes", "int", can=SORT),
    Column("claimed_minutes", "申报分钟", "Claimed minutes", "int", can=SORT),
    Column("elsewhere_minutes", "外社区认定分钟", "Elsewhere", "int", can=SORT),
    Column("packages", "包保数", "Packages", "int"),
    Column("seq", "日志位置", "Seq", "int", can=SORT),
    also_filterable=("unit", "community", "provisional", "available"),
)


@lru_cache(maxsize=4_096)
def _trained(text: str) -> tuple[tuple[Training, str, str], ...]:
    """Return trainings with what they are called, in zh and en."""
    found = msgspec.json.decode(text, type=tuple[Training, ...])
    return tuple((t, *TRAININGS.get(t.name, (t.name, t.name))) for t in found)


PARTS: dict[str, Callable[[Look, Human], Any]] = {
    "id": lambda _, row: row.person,
    "label": lambda look, row: look.faces.label(row.person)[0],
    "phone": lambda look, row: masked(look.faces.secret(row.person).phone),
    "unit": lambda _, row: row.unit,
    "unit_name": lambda look, row: look.names.unit(row.unit),
    "community": lambda _, row: community_of(row.path),
    "community_name": lambda look, row: look.names.area(community_of(row.path)),
    "residence_name": lambda look, row: look.names.target(row.path),
    "skills": lambda _, row: list(filter(None, row.skills.split(","))),
    "trainings_zh": lambda _, row: "、".join(
        zh for _, zh, _ in _trained(row.trainings)
    ),
    "cause": lambda _, row: row.cause,
    # What is shown of checking in is of the row's own, newest campaign.
    "stage": lambda _, row: stage_of(row, row.campaign),
    # Each beyond the one before: certified, elsewhere and not recognised yet, claimed.
    "minutes": lambda _, row: row.minutes,
    "elsewhere_minutes": lambda _, row: row.elsewhere_minutes,
    "claimed_minutes": lambda _, row: row.claimed_minutes,
    "provisional": lambda _, row: bool(row.provisional),
    "available": lambda _, row: not row.cause and not row.state,
    "seq": lambda _, row: row.seq_from,
}
"""What people are found and sorted by."""


def person_row(look: Look, row: Human) -> dict[str, Any]:
    """Return somebody as a row; its words follow from the columns."""
    return {
        **(look.faces.brief(row.person) or {}),
        **{key: part(look, row) for key, part in PARTS.items()},
        "residence": row.path,
        "trainings": [
            {
                **taken(t, "name", when="until"),
                "zh": zh,
                "en": en,
                "valid": not t.until_us or look.now < t.until_us,
            }
            for t, zh, en in _trained(row.trainings)
        ],
        "trainings_en": ", ".join(en for _, _, en in _trained(row.trainings)),
        **taken(row, "state into account packages", when="until"),
        **check_in_of(row),
        "posts": posts_named(look, row),
    }


def whole_row(look: Look, row: Human) -> dict[str, Any]:
    """Return somebody with their words, and the full phone number."""
    _know(look, [row])
    [said] = worded([person_row(look, row)], LISTING.columns)
    return {**said, "phone": look.faces.secret(row.person).phone}


class LazyRow(Mapping[str, Any]):
    """A row of the list that is made whole only if more is asked than it is found by.

    A district has some ten thousand people, a page shows fifty of them.
    """

    def __init__(self, look: Look, row: Human) -> None:
        """``look``: what the whole row is made with."""
        self.look, self.row = look, row
        self._made: dict[str, Any] | None = None

    def __getitem__(self, key: str) -> Any:
        return self.made[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self.made)

    def __len__(self) -> int:
        return len(self.made)

    def get(self, key: str, default: Any = None) -> Any:
        """Return one column, without the whole row if it is one to find it by."""
        part = PARTS.get(key)
        if self._made is None and part is not None:
            return part(self.look, self.row)
        return self.made.get(key, default)

    @property
    def made(self) -> dict[str, Any]:
        """The row as it is shown."""
        if self._made is None:
            self._made = person_row(self.look, self.row)
        return self._made


def _know(look: Look, rows: Iterable[Human]) -> None:
    """Look up at once what whole rows need."""
    rows = list(rows)
    look.faces.take(rows)
    look.names.know_targets(row.path for row in rows)
    look.names.know_posts({post for row in rows for post in posts_of(row)})


def know_rows(look: Look, rows: Sequence[LazyRow]) -> None:
    """Look up at once what these rows of the list are made with."""
    _know(look, [row.row for row in rows])


READS = Reads("people")


async def recorded(request: Request, who: Who, given: dict[str, Any]) -> None:
    """Record that somebody reads the roster."""
    place = given["area"] or ""
    await record_read(world_of(request), who, "people", place, seconds=LOOK_SECONDS)


async def recorded_one(request: Request, who: Who, given: dict[str, Any]) -> None:
    """Record that somebody reads all there is of one person.

    :raises UnknownPerson: for who is not theirs to see: not told whether there is one
    """
    world, person = world_of(request), given["person"]
    found = world.state(person_stream(person))
    if found.registered is None or not world.sees_person(who.by, found.home):
        raise UnknownPerson(person=person)
    await record_read(world, who, "person", person, seconds=LOOK_SECONDS)


@READS.listed(
    "/people", LISTING, "view.people", "花名册", before=recorded, know=know_rows
)
def people(look: Look, area: Code | None = None) -> Iterable[Row]:
    """Return who lives in an area, as far as the reader may know (花名册)."""
    rows = HUMAN.select(look.c, at=look.at, path=look.path(area))
    rows = [r for r in rows if r.state != MERGED and look.faces.sees(r)]
    rows.sort(key=lambda r: (r.path, r.person))
    look.names.know_units()
    return [LazyRow(look, row) for row in rows]


@READS.shown("/people/mine", "self")
def mine(look: Look) -> dict[str, Any]:
    """Return what concerns the caller: check-in, posts, packages (我的值守)."""
    person = look.world.person_of(look.who.account)
    row = HUMAN.get(look.c, person, at=look.at) if person else None
    # A shared phone asks whose this is: another tab may have signed in as another.
    found: dict[str, Any] = {"account": look.who.account, "seq": look.seq}
    if row is None or row.state:
        none: dict[str, Any] = {"posts": [], "line": [], "packages": [], "hours": []}
        return {**found, "person": None, **none, "checkin": None}
    staffing = staffing_of(look)
    acting = {p.post: p for p in POST.some(look.c, posts_of(row), at=look.at)}
    packages = held_by(look, PERSON, person)
    for post in acting:
        packages += held_by(look, HOLDER, post)
    backs = backed_by(look, person)
    know(look, (post for post, _ in backs))
    return {
        **found,
        "person": whole_row(look, row),
        "posts": [
            post_body(look, acting[p], staffing) for p in posts_of(row) if p in acting
        ],
        "line": [
            {
                **brief(post, look.names),
                "state": post.state,
                "acting": look.faces.brief(post.acting),
                "place_in_line": place,
                "expected": expected_of(post),
            }
            for post, place in backs
        ],
        "packages": package_rows(packages, Covering(look)),
        "checkin": my_check_in(look, row),
        "hours": served_by(look, row, OWN_SHOWN),
    }


def held_by(look: Look, kind: str, party: str) -> list[Package]:
    """Return the packages that somebody, or a post, answers for."""
    held = PACKAGE.where(look.c, PACKAGE.table.c.party == party, at=look.at)
    return [package for package in held if package.party_kind == kind]


@READS.shown("/people/{person}", "view.people", before=recorded_one)
def one_person(look: Look, person: PersonId) -> dict[str, Any]:
    """Return somebody with everything there is; reading it is recorded."""
    row = look.known(HUMAN, person, UnknownPerson(person=person))
    backs = backed_by(look, person)
    know(look, (post for post, _ in backs))
    packages = PACKAGE.where(look.c, PACKAGE.table.c.party == person, at=look.at)
    return {
        **whole_row(look, row),
        "backs": [
            {**brief(post, look.names), "rank_in_line": place} for post, place in backs
        ],
        "package_rows": package_rows(packages, Covering(look)),
        "hours": served_by(look, row),
        "history": history(look, f"person/{person}"),
        "shown_seq": look.seq,
    }
