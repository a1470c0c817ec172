"""Reallocation (动态调配): between the views and the solver."""

from __future__ import annotations

import gc
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa

from api.exchange.tables import in_words
from api.http import plain
from api.pages.fields import taken
from api.pages.goods import Goods, levels_of
from api.planning.forecasting import HOURS_A_DAY, MILLI, burn
from api.planning.solver import propose
from api.planning.standings import (
    DISTANCE_WORDS,
    Leg,
    Proposal,
    Shelf,
    Standing,
    Station,
)
from coordination.stock.ledger import APPROVED
from projections.slips import ORDERED, SLIP, UNDER_WAY, lines_in
from projections.supplies import LOT, STATION, STOCK, hours_in

LEGS_SHOWN = 2_000


@contextmanager
def _calm() -> Iterator[None]:
    """Hold garbage collection off: a million small rows make it a fifth of the time."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def proposed(
    c: sa.Connection, path: str, items: Collection[str], goods: Goods
) -> Proposal:
    """Return what to send between the stations of an area, of some items or of all."""
    with _calm():
        return propose(*_asked(c, path, items, goods), now_us=goods.now)


def _asked(
    c: sa.Connection, path: str, items: Collection[str], goods: Goods
) -> tuple[list[Shelf], list[Station], list[Standing]]:
    """Return what stands on the shelves of an area, where, and what is wanted."""
    at, t = goods.names.at, STOCK.table.c
    where = [STOCK.inside(path), t.item.in_(sorted(items))] if items else []
    rows = STOCK.where(c, *where, at=at) if items else STOCK.select(c, at=at, path=path)
    lots = LOT.table.c
    of_items = [lots.item.in_(sorted(items))] if items else []
    shelves = [
        Shelf(r.station, r.item, r.lot, r.on_hand - r.reserved, r.expires_us)
        for r in LOT.where(
            c,
            LOT.inside(path),
            lots.status == APPROVED,
            lots.on_hand > lots.reserved,
            *of_items,
            at=at,
        )
    ]
    stations = [Station(s.station, s.path) for s in STATION.select(c, at=at, path=path)]
    known = {station.station for station in stations}
    ordered, standings = _ordered(c, path, at), []
    for row in rows:
        if row.station not in known:
            continue
        minimum, reorder, target = levels_of(row, goods.mode(row.path))
        rate = burn(hours_in(row.hours), goods.now) if row.hours != "{}" else 0
        standings.append(
            Standing(
                row.station,
                row.item,
                row.available,
                minimum,
                reorder,
                target,
                row.coming + ordered[row.station, row.item],
                rate * HOURS_A_DAY // MILLI,
            )
        )
    return shelves, stations, standings


def _ordered(c: sa.Connection, path: str, at: int | None) -> Counter[tuple[str, str]]:
    """Return what is ordered to each station, not sent yet: nobody asks twice."""
    found = Counter[tuple[str, str]]()
    for row in SLIP.where(c, UNDER_WAY, at=at):
        if row.state == ORDERED and row.to_path.startswith(path):
            for line in lines_in(row.lines):
                found[row.to_station, line.item] += line.quantity
    return found


def digest_of(legs: Sequence[Leg]) -> str:
    """Return a digest of a proposal: the approval names what was on the screen."""
    return plain.digest_of([(x.source, x.to, x.item, x.quantity) for x in legs])


def proposal_body(found: Proposal, goods: Goods) -> dict[str, Any]:
    """Return a proposal as people read it, the gravest want first."""
    legs = found.legs[:LEGS_SHOWN]
    goods.names.know_sites({x.source for x in legs} | {x.to for x in legs})
    return {
        "digest": digest_of(legs),
        "legs": [_leg(leg, goods) for leg in legs],
        "total": len(found.legs),
        "more": len(found.legs) - len(legs),
        "unmet": [
            {
                **taken(one, "station quantity why_zh why_en"),
                "station_name": goods.names.station(one.station),
                **goods.named(one.item),
                "quantity_said": goods.said(one.item, one.quantity),
            }
            for one in found.unmet[:LEGS_SHOWN]
        ],
    }


def _leg(leg: Leg, goods: Goods) -> dict[str, Any]:
    return {
        **taken(leg, "source to quantity why_zh why_en"),
        "source_name": goods.names.station(leg.source),
        "to_name": goods.names.station(leg.to),
        **goods.named(leg.item),
        "item_name": goods.named(leg.item)["name"],
        "quantity_said": goods.said(leg.item, leg.quantity),
        "lots": [{"lot": lot, "quantity": quantity} for lot, quantity in leg.lots],
        **in_words("distance", DISTANCE_WORDS, leg.distance),
    }
