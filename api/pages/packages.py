"""Packages (四包) as people read them: who answers for what, and where nobody does."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec
import sqlalchemy as sa

from api.exchange.tables import BOTH, SORT, Column, Row, worded
from api.http.lists import Listing
from api.http.look import Look
from api.http.reading import Reads
from api.pages.faces import Faces, labelled
from api.pages.fields import official, pair, street_of, taken
from coordination.fields import Code
from coordination.kernel import NOBODY_HELD, version_of
from coordination.packages.events import PERSON, PackageKind, Party
from coordination.packages.state import KINDS, target_path
from coordination.vocabulary import COVERAGE, TURN_CAUSES
from projections.board import LOCAL, Area, below
from projections.coverage import (
    COUNTS,
    COVER,
    GAP,
    PACKAGE,
    STANDING,
    Cover,
    Package,
    state_of,
    totals,
)
from projections.names import Names
from projections.posts import POST, VACANT
from projections.telling import party_name

GAPS_SHOWN = 200
LISTING = Listing.of(
    Column("kind_zh", "类型", "Kind"),
    Column("target", "对象编码", "Target code"),
    Column("target_name", "对象", "Target", can=SORT),
    Column("area_name", "居村", "Community", can=SORT),
    Column("street_name", "街镇", "Street", can=SORT),
    Column("state", "状态", "State", words=COVERAGE, can=BOTH),
    Column("party_label", "责任主体", "Responsible"),
    Column("backup_labels", "B 角", "Backups"),
    Column("since", "起", "Since", "time", can=SORT),
    Column("duty_zh", "职责", "Duty"),
    Column("seq", "日志位置", "Seq", "int"),
    also_sortable=("kind",),
    also_filterable=("kind", "demanded"),
    sort="target",
)


Counted = dict[str, dict[str, int]]
"""Counts of packages, by kind."""


class Covering:
    """What packages are asked about together: kinds, orders, vacant posts."""

    def __init__(self, look: Look) -> None:
        """Look up once what every row needs."""
        self.look, names = look, look.names
        self.kinds: dict[str, PackageKind] = names.kinds()
        self._asked = [
            (scope, plan.packages_at(scope.order.level))
            for scope, plan in names.plans()
        ]
        state = POST.table.c.state
        self._vacant = {
            row.post for row in POST.where(look.c, state == VACANT, at=look.at)
        }

    def demanded(self, row: Package) -> bool:
        """Tell whether a playbook in force asks for somebody."""
        return any(s.covers(row.path) and row.kind in k for s, k in self._asked)

    def state(self, row: Package) -> str:
        """Return whether somebody answers for a target: of a vacant post, nobody."""
        if row.party_kind == "post" and row.party in self._vacant:
            return STANDING
        return state_of(row)


def _row(row: Package, covering: Covering) -> dict[str, Any]:
    """Return a package, or the gap where there is none, as a row."""
    faces, names = covering.look.faces, covering.look.names
    kind = covering.kinds[row.kind]
    community = official(target_path(row.target))
    war = names.at_war(row.path)
    backups = [b for p in row.backups.split(",") if p and (b := faces.brief(p))]
    party = party_body(Party(row.party_kind, row.party), faces, names)
    return {
        "id": row.package,
        **taken(row, "kind target cause", when="since"),
        "kind_zh": kind.zh,
        "kind_en": kind.en,
        "target_name": names.target(row.target),
        "area": community,
        "area_name": names.area(community),
        "street_name": names.area(street_of(row.path)),
        "state": covering.state(row),
        "party": party,
        "party_label": party["label"] if party else "",
        "backups": backups,
        "backup_labels": "、".join(b["label"] for b in backups),
        **pair("cause", TURN_CAUSES, row.cause),
        "demanded": covering.demanded(row),
        "expected": f"{row.party_kind}:{row.party}" if row.party_kind else NOBODY_HELD,
        "duty_zh": kind.war_zh if war else kind.peace_zh,
        "duty_en": kind.war_en if war else kind.peace_en,
        "seq": row.seq_from,
    }


def party_body(party: Party, faces: Faces, names: Names) -> dict[str, Any] | None:
    """Return a responsible party; None for nobody."""
    if not party.kind:
        return None
    person = faces.brief(party.id) if party.kind == PERSON else None
    zh, en = faces.label(party.id) if person else party_name(party, names)
    return {
        **taken(party, "kind id"),
        **labelled(zh, en),
        "person": person,
    }


def package_rows(rows: Iterable[Package], covering: Covering) -> list[Row]:
    """Return packages of kinds in force."""
    faces, names = covering.look.faces, covering.look.names
    rows = [row for row in rows if row.kind in covering.kinds]
    people = {row.party for row in rows if row.party_kind == PERSON}
    faces.know(people | {p for row in rows for p in row.backups.split(",")})
    names.know_targets(row.target for row in rows)
    names.know_areas(
        code for r in rows for code in (official(r.path), street_of(r.path))
    )
    drawn = (_row(row, covering) for row in rows)
    return list(worded(drawn, LISTING.columns))


def coverage_body(look: Look, area: Area) -> dict[str, Any]:
    """Return the coverage of an area by its children, with the gaps in it.

    A gap (缺口) is a target nobody answers for, on every screen; where the community
    stands in until somebody is named (兜底), that is told beside it.
    """
    c, at, covering = look.c, look.at, Covering(look)
    covers = COVER.select(c, at=at, path=area.path[:12])
    t = PACKAGE.table.c
    loose = sa.or_(t.party_kind != PERSON, t.standing == 1)
    rows = [
        row
        for row in PACKAGE.where(c, PACKAGE.inside(area.path), loose, at=at)
        if row.kind in covering.kinds
    ]
    rows.sort(key=lambda r: (not covering.demanded(r), r.package))
    standing = [row for row in rows if covering.state(row) == STANDING]
    gaps = [row for row in rows if covering.state(row) == GAP]
    children = []
    for child in below(c, area, at):
        inside = [r for r in covers if r.path.startswith(child.path)]
        counted = _counted(inside, standing, child.path, covering)
        if any(found["targets"] for found in counted.values()):
            children.append({**taken(child, "code name level"), **_summed(counted)})
    total = _summed(_counted(covers, standing, area.path, covering))
    return {
        "area": taken(area, "code name level"),
        "mode": "EMERGENCY" if look.names.at_war(area.path) else "PEACETIME",
        "kinds": [taken(kind, "id zh en") for kind in covering.kinds.values()],
        "total": total,
        "children": children,
        "gaps": package_rows(gaps[:GAPS_SHOWN], covering),
        "gaps_total": total["gaps"],
        "standing": package_rows(standing[:GAPS_SHOWN], covering),
        "standing_total": total["standing"],
    }


def _counted(
    covers: Iterable[Cover], standing: Iterable[Package], path: str, covering: Covering
) -> Counted:
    """Return the counts below a path; of a post that is vacant nobody holds it."""
    counted = totals(covers, covering.kinds)
    for row in standing:
        if row.path.startswith(path) and not row.standing:
            counted[row.kind]["covered"] -= 1
            counted[row.kind]["standing"] += 1
    return counted


def _summed(counted: Counted) -> dict[str, Any]:
    """Return the counts of all kinds, and of each."""
    return {**tally(counted), "by_kind": counted}


def tally(counted: Counted) -> dict[str, int]:
    """Return the counts of all kinds together."""
    return {name: sum(f[name] for f in counted.values()) for name in COUNTS}


READS = Reads("packages")


@READS.listed("/packages", LISTING, "view.situation", "四包")
def packages(look: Look, area: Code | None = None) -> Iterable[Row]:
    """Return every target of an area, with whoever answers for it (四包)."""
    # Of a compound or a building too.
    path = area if area and LOCAL.get(look.c, area, at=look.at) else look.path(area)
    found = PACKAGE.select(look.c, at=look.at, path=path)
    return package_rows(found, Covering(look))


@READS.shown("/packages/coverage", "view.situation")
def coverage(look: Look, area: Code) -> dict[str, Any]:
    """Return how an area is covered, by its children, with the gaps (包保覆盖)."""
    return {**coverage_body(look, look.area(area)), "seq": look.seq}


@READS.shown("/packages/kinds", "view.situation")
def kinds(look: Look) -> dict[str, Any]:
    """Return the kinds of packages in force (包保类型)."""
    found = tuple(look.state(KINDS).values())
    kinds = [msgspec.to_builtins(kind) for kind in found]
    return {"kinds": kinds, "expected": version_of(found)}
