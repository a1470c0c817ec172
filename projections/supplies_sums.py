"""Sums of supplies (物资汇总): over an area, by place, by item or both."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import sqlalchemy as sa

from projections.supplies import STOCK
from projections.temporal import Temporal

SUMS = ("on_hand", "reserved", "on_hold", "available", "expiring", "coming", "missing")
"""What the tally counts that is the same in every mode."""


def sums(
    c: sa.Connection,
    table: Temporal[Any],
    path: str,
    *,
    by: Collection[str],
    digits: int,
    war: Collection[str],
    items: Sequence[str] = (),
    at: int | None = None,
) -> list[dict[str, Any]]:
    """Return sums of ``TALLY`` or ``STOCK`` in an area, by ``place``, ``item`` or both.

    ``digits``: of a path that name a place. ``war``: the paths whose levels are those
    of an emergency. ``items``: only of these.
    """
    t = table.table.c
    at_war = t.path.in_(sorted(war)) if war else sa.false()

    def level(name: str) -> Any:
        return sa.case((at_war, t[f"war_{name}"]), else_=t[f"peace_{name}"])

    below: Any
    one: Any
    if table is STOCK:
        below, one = sa.case((t.available < level("min"), 1), else_=0), sa.literal(1)
    else:
        below, one = sa.case((at_war, t.short_war), else_=t.short_peace), t.stations
    keys = {"place": sa.func.substr(t.path, 1, digits), "item": t.item}
    columns: dict[str, Any] = {name: t[name] for name in SUMS}
    columns |= {"minimum": level("min"), "target": level("target")}
    columns |= {"short": below, "stations": one}
    query = sa.select(
        *(keys[name].label(name) for name in by),
        *(sa.func.sum(what).label(name) for name, what in columns.items()),
    ).where(*table.held(at), *([table.inside(path)] if path else []))
    if items:
        query = query.where(t.item.in_(items))
    found = c.execute(query.group_by(*(keys[name] for name in by)))
    names = (*by, *columns)
    return [
        dict(
            zip(names, (x if isinstance(x, str) else int(x) for x in row), strict=True)
        )
        for row in found
    ]
