"""Stock hour by hour ahead (按小时推演): of an area, and of the places worst off in it.

A sum over an area hides who runs out first: what one station has does not help another.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from api.http.plain import moment
from api.pages.goods import Goods, levels_of
from api.pages.needs import InForce, daily_of
from api.planning.forecasting import HOURS_A_DAY, MILLI, ahead, burn, runs_out
from coordination.stock.ledger import APPROVED
from projections.board import Area, below
from projections.slips import PART, SLIP, TRANSIT, UNDER_WAY, SlipRow, lines_in
from projections.supplies import HOUR_US, LOT, STOCK, LotRow, Stock, hours_in

HORIZON_HOURS = 72
WORST_SHOWN = 5


class Held(NamedTuple):
    """All there is of one item in an area, looked up once."""

    item: str
    goods: Goods
    hours: int
    stocks: Sequence[Stock]
    lots: Sequence[LotRow]
    ways: Sequence[tuple[SlipRow, int]]

    def course(
        self, daily: int, *, station: str = "", path: str = ""
    ) -> dict[str, Any]:
        """Return how much is left at each hour ahead, at a station or below a path.

        ``daily``: what a playbook in force needs there a day.
        """
        now, goods = self.goods.now, self.goods

        def inside(of: str, at: str) -> bool:
            return station in {"", of} and at.startswith(path)

        held = [row for row in self.stocks if inside(row.station, row.path)]
        # What is kept for somebody leaves too, and the first to expire first.
        expiries = [
            (row.expires_us, row.on_hand - row.reserved)
            for row in self.lots
            if row.expires_us and inside(row.station, row.path)
        ]
        arrivals = [
            (row.due_us, quantity)
            for row, quantity in self.ways
            if inside(row.to_station, row.to_path)
        ]
        usable = sum(row.available for row in held)
        minimum = sum(levels_of(row, goods.mode(row.path))[0] for row in held)
        rate = sum(burn(hours_in(row.hours), now) for row in held)
        need = daily * MILLI // HOURS_A_DAY
        points = ahead(usable, expiries, arrivals, rate, need, now, self.hours)
        low, out = runs_out(points, minimum), runs_out(points)
        return {
            "available": usable,
            "burn_per_hour_milli": rate,
            "need_per_hour_milli": need,
            "minimum": minimum,
            "points": [{"hour": hour, "quantity": left} for hour, left in points],
            "below_minimum_at": None if low is None else moment(now + low * HOUR_US),
            "below_minimum_hours": low,
            "out_hours": out,
            "arrivals": _told(arrivals),
            "expiries": _told(sorted(expiries)),
        }


def _told(found: Iterable[tuple[int, int]]) -> list[dict[str, Any]]:
    return [{"at": moment(when), "quantity": quantity} for when, quantity in found]


def hours_ahead_of(
    item: str, area: Area, goods: Goods, *, hours: int, found: InForce | None
) -> dict[str, Any]:
    """Return an item's hours ahead in an area, with the places worst off in it.

    ``found``: the playbook in force there, whose need counts where it covers.
    """
    held = _held(item, area, goods, hours)
    places = list(_places(held, area, found))
    wanting = sorted(filter(_wants, places), key=_rank)
    daily = daily_of(item, found, area.path, goods) if found else 0
    return {
        **goods.named(item),
        **held.course(daily),
        "worst": wanting[0] if wanting else None,
        "wanting": wanting[:WORST_SHOWN],
        "wanting_total": len(wanting),
        "places": len(places),
    }


def _wants(place: dict[str, Any]) -> bool:
    """Tell whether a place will be below its minimum, or be out of what it uses."""
    if place["minimum"] or place["burn_per_hour_milli"] or place["need_per_hour_milli"]:
        return place["below_minimum_hours"] is not None
    return False


def _rank(place: dict[str, Any]) -> tuple[int, int, str]:
    """Return what is worst first: soonest below the minimum, then soonest out."""
    out = place["out_hours"]
    return place["below_minimum_hours"], 10**6 if out is None else out, place["code"]


def _held(item: str, area: Area, goods: Goods, hours: int) -> Held:
    c, at, lots, stocks = goods.c, goods.names.at, LOT.table.c, STOCK.table.c
    usable = lots.item == item, lots.status == APPROVED, lots.on_hand > 0
    rows = STOCK.where(c, STOCK.inside(area.path), stocks.item == item, at=at)
    goods.know(rows)
    return Held(
        item,
        goods,
        hours,
        rows,
        LOT.where(c, LOT.inside(area.path), *usable, at=at),
        list(_arrivals(item, area.path, goods)),
    )


def _places(held: Held, area: Area, found: InForce | None) -> Iterable[dict[str, Any]]:
    """Yield the course of each station, and of each child that a playbook asks of."""
    goods = held.goods
    for row in held.stocks:
        station, name = row.station, goods.names.station(row.station)
        yield {"code": station, "name": name, **held.course(0, station=station)}
    for child in below(goods.c, area, goods.names.at) if found else ():
        daily = daily_of(held.item, found, child.path, goods) if found else 0
        if daily and any(row.path.startswith(child.path) for row in held.stocks):
            course = held.course(daily, path=child.path)
            yield {"code": child.code, "name": child.name, **course}


def _arrivals(item: str, path: str, goods: Goods) -> Iterable[tuple[SlipRow, int]]:
    """Yield what is on its way into an area, with how much of the item is."""
    for row in SLIP.where(goods.c, UNDER_WAY, at=goods.names.at):
        on_its_way = row.state in {TRANSIT, PART} and row.to_path.startswith(path)
        if not on_its_way or not row.due_us:
            continue
        sent = sum(x.quantity for x in lines_in(row.lines) if x.item == item)
        done = sum(x.quantity for x in lines_in(row.arrived) if x.item == item)
        if sent > done:
            yield row, sent - done
