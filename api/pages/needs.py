"""What a playbook needs (预案物资需求) against what is there, now and hours ahead."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import msgspec

from api.http.plain import moment
from api.pages.goods import Goods, entry
from api.planning.forecasting import (
    Demand,
    Needed,
    ahead,
    burn,
    cover_hours,
    needs,
    runs_out,
)
from coordination.playbook import ROMAN, Playbook
from coordination.stock.events import APPROVED
from projections.board import GROUND
from projections.slips import PART, SLIP, TRANSIT, UNDER_WAY, lines_in
from projections.supplies import (
    HOUR_US,
    LOT,
    RESIDENTS,
    STOCK,
    hours_in,
)

Covers = Callable[[str], bool]
MILLI = 1_000
HOURS_A_DAY = 24
HORIZON_HOURS = 72


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
    demands = [
        Demand(
            demand.item,
            demand.per_thousand,
            demand.days,
            demand.function or "",
            demand.per_site,
            ROMAN[demand.from_level],
        )
        for demand in playbook.materials
    ]
    catalogue = {
        (row.item, need.hazard): need.per_thousand
        for row in goods.items.values()
        for need in entry(row).needs
    }
    return needs(
        demands,
        population=people,
        sites=sites,
        level=level,
        hazard=playbook.hazard,
        catalogue=catalogue,
    )


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


def course(
    item: str,
    path: str,
    goods: Goods,
    *,
    hours: int,
    daily: int,
    minimum: int,
) -> dict[str, Any]:
    """Return how much of an item is left at each hour ahead in an area.

    ``daily``: what a playbook in force needs a day; ``minimum``: of all stations there.
    """
    c, at, lots, stocks = goods.c, goods.names.at, LOT.table.c, STOCK.table.c
    usable_lot = lots.status == APPROVED, lots.on_hand > 0
    here = LOT.where(c, LOT.inside(path), lots.item == item, *usable_lot, at=at)
    held = STOCK.where(c, STOCK.inside(path), stocks.item == item, at=at)
    usable = sum(row.available for row in held)
    # What is kept for somebody leaves too, and the first to expire first.
    expiries = [
        (row.expires_us, row.on_hand - row.reserved) for row in here if row.expires_us
    ]
    rate = sum(burn(hours_in(row.hours), goods.now) for row in held)
    need = daily * MILLI // HOURS_A_DAY
    arrivals = list(_arrivals(item, path, goods))
    points = ahead(usable, expiries, arrivals, rate, need, goods.now, hours)
    out = runs_out(points, minimum)
    return {
        **goods.named(item),
        "available": usable,
        "burn_per_hour_milli": rate,
        "need_per_hour_milli": need,
        "minimum": minimum,
        "points": [{"hour": hour, "quantity": left} for hour, left in points],
        "below_minimum_at": None if out is None else moment(goods.now + out * HOUR_US),
        "below_minimum_hours": out,
        "arrivals": [
            {"at": moment(when), "quantity": quantity} for when, quantity in arrivals
        ],
        "expiries": [
            {"at": moment(when), "quantity": left} for when, left in sorted(expiries)
        ],
    }


def _arrivals(item: str, path: str, goods: Goods) -> Iterable[tuple[int, int]]:
    """Yield (when, base units) of what is on its way into an area from outside."""
    for row in SLIP.where(goods.c, UNDER_WAY, at=goods.names.at):
        on_its_way = row.state in {TRANSIT, PART} and row.to_path.startswith(path)
        if not on_its_way or not row.due_us:
            continue
        sent = sum(x.quantity for x in lines_in(row.lines) if x.item == item)
        done = sum(x.quantity for x in lines_in(row.arrived) if x.item == item)
        if sent > done:
            yield row.due_us, sent - done
