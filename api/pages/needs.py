"""What a playbook needs (预案物资需求) against what is there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import msgspec

from api.pages.goods import Goods, entry
from api.planning.forecasting import (
    HOURS_A_DAY,
    MILLI,
    Needed,
    burn,
    cover_hours,
    needs,
)
from coordination.playbook import Playbook
from projections.board import GROUND
from projections.supplies import RESIDENTS, STOCK, hours_in

Covers = Callable[[str], bool]


class InForce(NamedTuple):
    """A playbook in force, or as if it were; ``covers``: a path."""

    plan: Playbook
    level: int
    covers: Covers
    emergency: str

    def within(self, path: str) -> Covers:
        """Return what tells whether it covers a place inside a path."""
        return lambda where: where.startswith(path) and self.covers(where)


def needed_in(
    playbook: Playbook, level: int, covers: Covers, goods: Goods
) -> dict[str, Needed]:
    """Return what a playbook needs at a level, by item, of the places it covers."""
    c, at = goods.c, goods.names.at
    people = sum(r.residents for r in RESIDENTS.select(c, at=at) if covers(r.path))
    sites: dict[str, int] = {}
    for ground in GROUND.select(c, at=at):
        planned = msgspec.json.decode(ground.planned, type=dict[str, str])
        function = planned.get(playbook.hazard)
        if function and covers(ground.path):
            sites[function] = sites.get(function, 0) + 1
    return _needed(playbook, level, people, sites, goods)


def _needed(
    playbook: Playbook, level: int, people: int, sites: dict[str, int], goods: Goods
) -> dict[str, Needed]:
    """Return what a playbook needs of so many people and sites."""
    catalogue = {
        (row.item, need.hazard): need.per_thousand
        for row in goods.items.values()
        for need in entry(row).needs
    }
    return needs(
        playbook.materials,
        population=people,
        sites=sites,
        level=level,
        hazard=playbook.hazard,
        catalogue=catalogue,
    )


def daily_of(item: str, found: InForce, path: str, goods: Goods) -> int:
    """Return what a playbook needs of one item a day, inside a path."""
    here = found.within(path)
    rows = RESIDENTS.select(goods.c, at=goods.names.at)
    people = sum(row.residents for row in rows if here(row.path))
    needed = _needed(found.plan, found.level, people, {}, goods).get(item)
    return needed.daily if needed else 0


def need_rows(
    needed: dict[str, Needed], covers: Covers, goods: Goods, path: str = ""
) -> list[dict[str, Any]]:
    """Return each item needed, against what is there; what is short the most first."""
    t = STOCK.table.c
    held = STOCK.where(goods.c, t.item.in_(sorted(needed)), at=goods.names.at)
    there: dict[str, list[int]] = {}
    for row in held:
        if row.path.startswith(path) and covers(row.path):
            found = there.setdefault(row.item, [0, 0, 0])
            found[0] += row.available
            found[1] += row.coming
            found[2] += burn(hours_in(row.hours), goods.now)
    rows = []
    for item, need in needed.items():
        available, coming, rate = there.get(item, (0, 0, 0))
        daily = need.daily * MILLI // HOURS_A_DAY
        short = max(0, need.stock - available)
        rows.append(
            {
                **goods.named(item),
                "needed": need.stock,
                "needed_said": goods.said(item, need.stock),
                "daily": need.daily,
                "available": available,
                "available_said": goods.said(item, available),
                "coming": coming,
                "short": short,
                "short_said": goods.said(item, short) if short else "",
                "share": min(1_000, 1_000 * available // need.stock)
                if need.stock
                else 1_000,
                "cover_hours": cover_hours(available, max(rate, daily)),
                "listed": item in goods.items,
            }
        )
    rows.sort(key=lambda r: (r["share"], r["item"]))
    return rows
