"""A proposal (批量建议) for every target of a kind that nobody answers for."""

from __future__ import annotations

from collections import Counter
from typing import Any

import sqlalchemy as sa

from api.exchange.tables import in_words
from api.http.plain import digest_of
from api.pages.faces import Faces
from api.pages.fields import taken
from api.planning.assigning import DISTANCE_WORDS, Candidate, Proposed, Target, propose
from coordination.packages.events import PERSON, PackageKind
from coordination.tree import DIGITS, community_of
from projections.coverage import GAP, PACKAGE, STANDING, Package, state_of
from projections.names import Names
from projections.roster import HUMAN
from projections.store import seen


def proposed(
    c: sa.Connection,
    names: Names,
    faces: Faces,
    path: str,
    kind: PackageKind,
    skill: str,
) -> dict[str, Any]:
    """Return who should answer for what nobody does, with why, as a digest names it."""
    open_ = {
        row.package: row
        for row in PACKAGE.select(c, at=names.at, path=path)
        if row.kind == kind.id and state_of(row) in {GAP, STANDING}
    }
    candidates = _candidates(c, names.at, path[: DIGITS["street"]], kind.id)
    found = propose(
        [Target(row.package, row.target) for row in open_.values()],
        candidates,
        limit=kind.load,
        skill=skill or kind.skill,
    )
    faces.know(one.person for one in found)
    names.know_local({row.target for row in open_.values()})
    return {
        "digest": digest_of([(one.key, one.person) for one in found]),
        "kind": kind.id,
        "rows": [_row(one, open_[one.key], names, faces) for one in found],
        "unfilled": sum(not one.person for one in found),
        "candidates": len(candidates),
        "seq": seen(c),
    }


def _candidates(
    c: sa.Connection, at: int | None, street: str, kind: str
) -> list[Candidate]:
    """Return who could: available, living in the street, with no post of their own."""
    held = PACKAGE.where(c, PACKAGE.table.c.kind == kind, at=at)
    loads = Counter(row.party for row in held if row.party_kind == PERSON)
    return [
        Candidate(
            row.person,
            row.path,
            frozenset(filter(None, row.skills.split(","))),
            loads[row.person],
        )
        for row in HUMAN.select(c, at=at, path=street)
        if not row.cause and not row.state and not row.posts
    ]


def _row(one: Proposed, row: Package, names: Names, faces: Faces) -> dict[str, Any]:
    return {
        **taken(row, "kind target"),
        **taken(one, "load skilled score"),
        "target_name": names.target(row.target),
        "area_name": names.area(community_of(row.target)),
        "standing": state_of(row) == STANDING,
        "person": faces.brief(one.person),
        **in_words("distance", DISTANCE_WORDS, one.distance),
    }
