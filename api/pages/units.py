"""Units (单位) as a page shows them: how complete their lists are, who reported."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from api.exchange.tables import SORT, Column, Row
from api.http.lists import Listing
from api.http.look import Look
from api.http.reading import Reads
from api.pages.checkins import campaigns_in
from api.pages.fields import taken
from coordination.fields import Code
from coordination.tree import community_of
from projections.roster import HUMAN, UNIT, counted

COUNTED = ("listed", "with_phone", "with_training", "reported", "present", "active")
UNITS = Listing.of(
    Column("unit", "编号", "Id"),
    Column("name", "单位", "Unit", can=SORT),
    Column("headcount", "在册人数", "Members", "int", can=SORT),
    Column("listed", "已登记", "Listed", "int", can=SORT),
    Column("with_phone", "有手机", "With phone", "int"),
    Column("with_training", "有培训", "Trained", "int"),
    Column("reported", "已报到", "Reported", "int", can=SORT),
    Column("present", "到岗", "Present", "int", can=SORT),
    Column("active", "已参与", "Active", "int", can=SORT),
    Column("share", "完整率‰", "Complete ‰", "int", can=SORT),
    sort="name",
)
READS = Reads("people")


@READS.listed("/units", UNITS, "view.people", "单位完整率")
def units(look: Look, area: Code | None = None) -> Iterable[Row]:
    """Return the units with members in an area, and how complete they are (单位)."""
    path = look.path(area)
    campaigns = campaigns_in(look, path)
    known = {row.unit: row for row in UNIT.select(look.c, at=look.at)}
    found: dict[str, dict[str, Any]] = {}
    for human in HUMAN.select(look.c, at=look.at, path=path):
        counts = counted(human, campaigns.get(community_of(human.path), "") or "-")
        unit = known.get(human.unit)
        if not counts[0] or unit is None:
            continue
        told = taken(unit, "unit name headcount")
        row = found.setdefault(unit.unit, {**told, **dict.fromkeys(COUNTED, 0)})
        row["listed"] += 1
        row["with_phone"] += bool(human.sealed)
        row["with_training"] += human.trainings != "[]"
        row["reported"] += counts[1]
        row["present"] += counts[2] + counts[3]
        row["active"] += counts[5]
    for row in found.values():
        size = row["headcount"]
        row["share"] = 1_000 * row["listed"] // size if size else None
    return found.values()
