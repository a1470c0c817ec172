"""Readiness (就绪) for an order: posts to fill, packages to assign, stock short."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa

from api.pages.fields import official, taken
from api.pages.goods import Goods
from api.pages.needs import need_rows, needed_in
from api.pages.posts import Staffing, brief, know_posts, line_of
from coordination.mode.orders import OVER, TAKEN_UP, Order
from coordination.playbook import Playbook
from coordination.tree import local_level
from coordination.vocabulary import POST_KINDS
from projections.board import AREA, LOCAL
from projections.coverage import COVER, COVERED, PACKAGE, state_of
from projections.names import Names
from projections.posts import POST, PostRow

LISTED = 50
OFFICIAL = ("street", "community")


def readiness(
    names: Names, playbook: Playbook, order: Order | None, staffing: Staffing
) -> dict[str, dict[str, Any]]:
    """Return what an order would find of posts and packages, as they stand now."""
    if order is None or order.kind in {*OVER, TAKEN_UP}:
        return {
            "posts": _assessed([], demanded=0, unfillable=0, missing=0),
            "packages": _assessed([], targets=0, uncovered=0),
            "materials": _assessed([], demanded=0, short=0),
        }
    return {
        "posts": _posts(playbook, order, staffing, names),
        "packages": _packages(playbook, order, names),
        "materials": _materials(playbook, order, Goods(names, staffing.now)),
    }


def _assessed(listed: list[dict[str, Any]], **counts: int) -> dict[str, Any]:
    return {"assessed": True, **counts, "listed": listed[:LISTED]}


def _materials(playbook: Playbook, order: Order, goods: Goods) -> dict[str, Any]:
    """Return what a playbook needs in stock, and what of it is short (物资缺口)."""
    needed = needed_in(playbook, order.level, order.covers, goods)
    rows = need_rows(needed, order.covers, goods)
    short = [row for row in rows if row["short"]]
    return _assessed(short, demanded=len(rows), short=len(short))


def _posts(
    playbook: Playbook, order: Order, staffing: Staffing, names: Names
) -> dict[str, Any]:
    """Return the posts a playbook asks for, and which of them nobody can fill."""
    kinds = {demand.kind for demand in playbook.posts_at(order.level)}
    rows = [
        row
        for row in POST.where(names.c, POST.table.c.kind.in_(kinds), at=None)
        if order.covers(row.path)
    ]
    unfillable = [row for row in rows if not _fillable(row, staffing)]
    missing = list(_missing(names.c, kinds, order, rows))
    unable = {"why_zh": "AB 角均不能履职", "why_en": "nobody in line is able"}
    know_posts(unfillable[:LISTED], names)
    listed = [{**brief(row, names), **unable} for row in unfillable[:LISTED]]
    for kind, code in missing[: LISTED - len(listed)]:
        found = POST_KINDS[kind]
        listed.append(
            {
                "post": "",
                "name": found.zh,
                "kind": kind,
                "kind_zh": found.zh,
                "kind_en": found.en,
                "area": code,
                "area_name": names.target(code),
                "why_zh": "未设岗",
                "why_en": "no such post is defined",
            }
        )
    return _assessed(
        listed,
        demanded=len(rows) + len(missing),
        unfillable=len(unfillable),
        missing=len(missing),
    )


def _fillable(row: PostRow, staffing: Staffing) -> bool:
    """Tell whether anybody in line, or who acts, could act on a post."""
    line = {row.acting, *line_of(row)} - {""}
    return any(not staffing.tests(row, person) for person in line)


def _missing(
    c: sa.Connection, kinds: set[str], order: Order, rows: list[PostRow]
) -> Iterator[tuple[str, str]]:
    """Yield (kind, area) of every post asked for that is not defined."""
    there = {(row.kind, row.place) for row in rows}
    for kind in sorted(kinds & POST_KINDS.keys()):
        level = POST_KINDS[kind].level
        table = AREA if level in OFFICIAL else LOCAL
        for area in sorted(table.where(c, table.table.c.level == level, at=None)):
            if order.covers(area.path) and (kind, area.code) not in there:
                yield kind, area.code


def _packages(playbook: Playbook, order: Order, names: Names) -> dict[str, Any]:
    """Return the targets a playbook asks somebody for, and those nobody has."""
    c, known = names.c, names.kinds()
    kinds = playbook.packages_at(order.level) & known.keys()
    p = PACKAGE.table.c
    if any(local_level(place.code) for place in (*order.scope, *order.excluded)):
        # Tallies are of whole communities: of a part of one, targets are counted.
        rows = PACKAGE.where(c, p.kind.in_(kinds), at=None)
        states = [state_of(row) for row in rows if order.covers(row.path)]
        targets, covered = len(states), states.count(COVERED)
    else:
        of_kind = COVER.where(c, COVER.table.c.kind.in_(kinds), at=None)
        covers = [row for row in of_kind if order.covers(row.path)]
        targets = sum(row.targets for row in covers)
        covered = sum(row.covered for row in covers)
    nobody = sa.or_(p.party_kind == "", p.standing == 1)
    open_ = PACKAGE.where(c, p.kind.in_(kinds), nobody, at=None) if targets else []
    shown = sorted(row for row in open_ if order.covers(row.path))[:LISTED]
    names.know_targets(row.target for row in shown)
    listed = [
        {
            **taken(row, "kind target"),
            "kind_zh": known[row.kind].zh,
            "kind_en": known[row.kind].en,
            "target_name": names.target(row.target),
            "area_name": names.area(official(row.path)),
        }
        for row in shown
    ]
    return _assessed(listed, targets=targets, uncovered=targets - covered)
