"""People (人员) as a page shows them, and how they checked in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any

import msgspec
import sqlalchemy as sa

from api.exchange.tables import Column
from api.http.lists import Asked, Listing, page_of
from api.http.plain import moment
from api.pages.faces import Faces, masked
from coordination.people.events import Training
from coordination.tree import community_of
from coordination.vocabulary import CAUSES, SKILLS, TRAININGS
from projections.board import AREA
from projections.names import Names
from projections.roster import HUMAN, MERGED, MUSTER, OPENING, UNIT, Human, counted

STAGES: dict[str, tuple[str, str]] = {
    "NONE": ("未知", "Unknown"),
    "REPORTED": ("已报到", "Reported"),
    "PRESENT": ("到岗", "Present"),
    "ACTIVE": ("已参与", "Active"),
    "ABSENT": ("缺席", "Absent"),
    "LEFT": ("已离岗", "Left"),
}
LISTING = Listing(
    columns=(
        Column("id", "编号", "Id"),
        Column("label", "姓名", "Name"),
        Column("phone", "手机", "Phone"),
        Column("unit_name", "单位", "Unit"),
        Column("community_name", "社区", "Community"),
        Column("residence_name", "居住地", "Residence"),
        Column("skills_zh", "技能", "Skills"),
        Column("trainings_zh", "培训", "Training"),
        Column("cause_zh", "不可用原因", "Not available"),
        Column("until", "预计恢复", "Until", "time"),
        Column("stage_zh", "报到", "Check-in"),
        Column("reported_at", "报到时间", "Reported", "time"),
        Column("present_at", "到岗时间", "Present", "time"),
        Column("active_at", "参与时间", "Active", "time"),
        Column("minutes", "服务分钟", "Minutes", "int"),
        Column("packages", "包保数", "Packages", "int"),
        Column("seq", "日志位置", "Seq", "int"),
    ),
    sortable=(
        "label",
        "unit_name",
        "community_name",
        "stage",
        "minutes",
        "cause",
        "seq",
    ),
    filterable=("unit", "community", "stage", "cause", "provisional", "available"),
)
UNITS = Listing(
    columns=(
        Column("unit", "编号", "Id"),
        Column("name", "单位", "Unit"),
        Column("headcount", "在册人数", "Members", "int"),
        Column("listed", "已登记", "Listed", "int"),
        Column("with_phone", "有手机", "With phone", "int"),
        Column("with_training", "有培训", "Trained", "int"),
        Column("reported", "已报到", "Reported", "int"),
        Column("present", "到岗", "Present", "int"),
        Column("active", "已参与", "Active", "int"),
        Column("share", "完整率‰", "Complete ‰", "int"),
    ),
    sortable=("name", "headcount", "listed", "share", "reported", "present", "active"),
    sort="name",
)


def stage_of(row: Human, campaign: str) -> str:
    """Return how far somebody is in a campaign."""
    if not campaign or row.campaign != campaign:
        return "NONE"
    match row.presence:
        case "absent":
            return "ABSENT"
        case "left":
            return "LEFT"
    if row.active_us:
        return "ACTIVE"
    if row.presence:
        return "PRESENT"
    return "REPORTED" if row.reported_us else "NONE"


def trainings_of(row: Human) -> tuple[Training, ...]:
    """Return somebody's trainings."""
    return msgspec.json.decode(row.trainings, type=tuple[Training, ...])


def person_row(
    row: Human, faces: Faces, names: Names, now: int, *, whole: bool = False
) -> dict[str, Any]:
    """Return somebody as a row; ``whole``: with the full phone number."""
    brief = faces.brief(row.person)
    assert brief is not None, "somebody"
    phone = faces.secret(row.person).phone
    trainings: list[dict[str, Any]] = [
        {
            "name": t.name,
            "zh": TRAININGS.get(t.name, (t.name, t.name))[0],
            "en": TRAININGS.get(t.name, (t.name, t.name))[1],
            "until": moment(t.until_us or None),
            "valid": not t.until_us or now < t.until_us,
        }
        for t in trainings_of(row)
    ]
    community = community_of(row.path)
    # What is shown of checking in is of the row's own, newest campaign.
    stage = stage_of(row, row.campaign)
    return {
        **brief,
        "phone": phone if whole else masked(phone),
        "unit": row.unit,
        "unit_name": names.unit(row.unit) if row.unit else "",
        "residence": row.path,
        "residence_name": names.target(row.path),
        "community": community,
        "community_name": names.area(community),
        "skills": list(filter(None, row.skills.split(","))),
        "skills_zh": _skills(row.skills)[0],
        "skills_en": _skills(row.skills)[1],
        "trainings": trainings,
        "trainings_zh": "、".join(t["zh"] for t in trainings),
        "trainings_en": ", ".join(t["en"] for t in trainings),
        "until": moment(row.until_us or None),
        "stage": stage,
        "stage_zh": STAGES[stage][0],
        "stage_en": STAGES[stage][1],
        "partial": row.presence == "partial",
        "reported_at": moment(row.reported_us or None),
        "present_at": moment(row.present_us or None),
        "active_at": moment(row.active_us or None),
        "left_at": moment(row.left_us or None),
        "minutes": row.minutes,
        "provisional": bool(row.provisional),
        "state": row.state,
        "into": row.into,
        "account": row.account,
        "posts": [
            {"post": post, "name": names.post(post)}
            for post in filter(None, row.posts.split(","))
        ],
        "packages": row.packages,
        "seq": row.seq_from,
    }


@lru_cache(maxsize=4_096)
def _skills(text: str) -> tuple[str, str]:
    """Return skills as people read them, in zh and en."""
    found = [SKILLS.get(s, (s, s)) for s in filter(None, text.split(","))]
    return "、".join(zh for zh, _ in found), ", ".join(en for _, en in found)


@lru_cache(maxsize=4_096)
def _trainings(text: str) -> str:
    """Return trainings as people read them, in zh."""
    found = msgspec.json.decode(text, type=tuple[Training, ...])
    return "、".join(TRAININGS.get(t.name, (t.name, ""))[0] for t in found)


class LazyRow(Mapping[str, Any]):
    """A row of the list that is made whole only if more is asked than it is found by.

    A district has some ten thousand people, a page shows fifty of them.
    """

    def __init__(self, row: Human, faces: Faces, names: Names, now: int) -> None:
        """``faces``, ``names``: what the whole row is made with."""
        self.row, self._faces, self._names, self._now = row, faces, names, now
        self._made: dict[str, Any] | None = None

    def __getitem__(self, key: str) -> Any:
        return self.made()[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self.made())

    def __len__(self) -> int:
        return len(self.made())

    def get(self, key: str, default: Any = None) -> Any:
        """Return one column, without the whole row if it is one to find it by."""
        if self._made is None:
            row = self.row
            match key:
                case "id":
                    return row.person
                case "label":
                    return self._faces.label(row.person)[0]
                case "phone":
                    return masked(self._faces.secret(row.person).phone)
                case "unit_name":
                    return self._names.unit(row.unit) if row.unit else ""
                case "community_name":
                    return self._names.area(community_of(row.path))
                case "residence_name":
                    return self._names.target(row.path)
                case "skills_zh":
                    return _skills(row.skills)[0]
                case "trainings_zh":
                    return _trainings(row.trainings)
                case "cause_zh":
                    return CAUSES.get(row.cause, ("", ""))[0]
                case "stage_zh":
                    return STAGES[stage_of(row, row.campaign)][0]
                case "unit" | "cause" | "minutes":
                    return getattr(row, key)
                case "community":
                    return community_of(row.path)
                case "stage":
                    return stage_of(row, row.campaign)
                case "provisional":
                    return bool(row.provisional)
                case "available":
                    return not row.cause and not row.state
                case "seq":
                    return row.seq_from
        return self.made().get(key, default)

    def made(self) -> dict[str, Any]:
        """Return the row as it is shown."""
        if self._made is None:
            self._made = person_row(self.row, self._faces, self._names, self._now)
        return self._made


def people_rows(
    c: sa.Connection, path: str, faces: Faces, names: Names, now: int
) -> list[LazyRow]:
    """Return everybody who lives in an area, as far as the reader may know of them."""
    rows = [r for r in HUMAN.select(c, at=names.at, path=path) if r.state != MERGED]
    rows = [row for row in rows if faces.sees(row)]
    rows.sort(key=lambda r: (r.path, r.person))
    names.know_units()
    return [LazyRow(row, faces, names, now) for row in rows]


FOUND_BY = {"", "unit", "community", "stage", "minutes", "cause", "seq"}
"""What needs no whole row to sort or filter by."""


def people_page(
    rows: list[LazyRow], asked: Asked, faces: Faces, names: Names
) -> dict[str, Any]:
    """Return the page that was asked for; whole rows only of those shown, if it can."""
    order = asked.sort.removeprefix("-")
    if asked.q or asked.format != "json" or order not in FOUND_BY:
        _know(rows, faces, names)
    page = page_of(rows, asked, LISTING)
    _know(page["rows"], faces, names)
    page["rows"] = [row.made() for row in page["rows"]]
    return page


def _know(rows: list[LazyRow], faces: Faces, names: Names) -> None:
    """Look up at once what whole rows need."""
    faces.take(row.row for row in rows)
    names.know_areas({community_of(row.row.path) for row in rows})
    names.know_local({row.row.path for row in rows})


Campaigns = dict[str, str]
"""Community path -> what one checks in for there."""


class Funnel:
    """报到漏斗: counts of one place or unit, and their shares in per mille."""

    FIELDS = ("registered", "reported", "present", "partial", "absent", "active")

    def __init__(self) -> None:
        """Count nobody yet."""
        self.counts = dict.fromkeys((*self.FIELDS, "left"), 0)

    def add(self, counts: Iterable[int]) -> None:
        """Add a community's tally or a person: as ``roster.counted`` has it."""
        names = (*self.FIELDS, "left")
        for name, count in zip(names, counts, strict=False):
            self.counts[name] += count

    def body(self) -> dict[str, Any]:
        """Return the counts; unknown is who has said nothing, which is not absent."""
        n = self.counts
        told = n["present"] + n["partial"] + n["absent"] + n["left"]
        unknown = n["registered"] - told
        all_ = n["registered"]
        shares = {**{k: n[k] for k in self.FIELDS[1:]}, "unknown": unknown}
        rates = {k: 1_000 * v // all_ if all_ else 0 for k, v in shares.items()}
        return {**n, "unknown": unknown, "rates": rates}


def funnel_body(
    c: sa.Connection, path: str, campaigns: Campaigns, names: Names
) -> dict[str, Any]:
    """Return the funnel of an area: whole, by community and by unit."""
    total, communities = Funnel(), dict[str, Funnel]()
    for row in MUSTER.select(c, at=names.at, path=path[:12]):
        found = communities.setdefault(row.path, Funnel())
        current = bool(row.campaign) and row.campaign == campaigns.get(row.path, "")
        rest = (
            (row.reported, row.present, row.partial, row.absent, row.active, row.gone)
            if current
            else (0,) * 6
        )
        found.add((row.registered, *rest))
        total.add((row.registered, *rest))
    units: dict[str, Funnel] = {}
    for human in HUMAN.select(c, at=names.at, path=path):
        campaign = campaigns.get(human.path[:12], "")
        counts = counted(human, campaign or "-")
        if counts[0]:
            units.setdefault(human.unit, Funnel()).add(counts)
    names.know_areas({p.ljust(12, "0") for p in communities})
    names.know_units()
    return {
        "total": total.body(),
        "communities": [
            {"code": key, "name": names.area(key), **found.body()}
            for key, found in sorted(communities.items())
        ],
        "units": [
            {"unit": key, "name": names.unit(key) if key else "—", **found.body()}
            for key, found in sorted(units.items())
        ],
    }


def unit_rows(
    c: sa.Connection, path: str, campaigns: Campaigns, names: Names
) -> list[dict[str, Any]]:
    """Return the units with members in an area, and how complete their lists are."""
    found: dict[str, dict[str, Any]] = {}
    known = {row.unit: row for row in UNIT.select(c, at=names.at)}
    for human in HUMAN.select(c, at=names.at, path=path):
        counts = counted(human, campaigns.get(human.path[:12], "") or "-")
        unit = known.get(human.unit)
        if not counts[0] or unit is None:
            continue
        row = found.setdefault(
            unit.unit,
            {
                "unit": unit.unit,
                "name": unit.name,
                "headcount": unit.headcount,
                **dict.fromkeys(
                    ("listed", "with_phone", "with_training", "reported", "present",
                     "active"), 0),
            },
        )  # fmt: skip
        row["listed"] += 1
        row["with_phone"] += bool(human.sealed)
        row["with_training"] += human.trainings != "[]"
        row["reported"] += counts[1]
        row["present"] += counts[2] + counts[3]
        row["active"] += counts[5]
    for row in found.values():
        size = row["headcount"]
        row["share"] = 1_000 * row["listed"] // size if size else None
    return list(found.values())


def opening_rows(c: sa.Connection, names: Names) -> list[dict[str, Any]]:
    """Return where check-in was switched on in peacetime, newest first."""
    rows = sorted(OPENING.select(c, at=names.at), key=lambda r: -r.opened_us)
    return [
        {
            "id": row.opening,
            "area": row.area,
            "area_name": names.area(row.area),
            "basis": row.basis,
            "by_name": names.person(row.actor),
            "opened_at": moment(row.opened_us),
            "closed_at": moment(row.closed_us or None),
            "seq": row.seq_from,
        }
        for row in rows
    ]


def communities_in(c: sa.Connection, path: str) -> list[str]:
    """Return the paths of the communities in an area."""
    found = AREA.select(c, at=None, path=path[:12])
    return [area.path for area in found if area.level == "community"]
