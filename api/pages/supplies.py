"""The supply board (物资保障看板) of an area: cover, short, expiring, on the way."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from typing import Any

import sqlalchemy as sa

from api.forecasting import burn, cover_hours
from api.pages.goods import LEVELS, SHORT, Goods, levels_of, standing
from api.pages.slips import know_slips, slip_row
from coordination.stock.events import EXPIRED
from coordination.tree import DIGITS
from projections.board import AREA, Area
from projections.slips import SHIPMENT, SLIP, SlipRow
from projections.supplies import (
    BATCH,
    LOT,
    STATION,
    STOCK,
    TALLY,
    WAR,
    StationRow,
    Tally,
    hours_in,
)

WORST, LISTED = 40, 50
STREET = DIGITS["street"]
UNDER_WAY = ("TRANSIT", "PART", "MISSING", "ORDERED")
PANEL = (
    "stations",
    "short",
    "short_stations",
    "expiring",
    "expired",
    "coming",
    "missing",
)
SUMS = ("on_hand", "reserved", "on_hold", "available", "expiring", "coming", "missing")


@dataclass(slots=True)
class Sums:
    """What there is of one item in one place (汇总); ``burn``: milli-units an hour."""

    on_hand: int = 0
    reserved: int = 0
    on_hold: int = 0
    available: int = 0
    expiring: int = 0
    coming: int = 0
    missing: int = 0
    burn: int = 0
    minimum: int = 0
    target: int = 0
    short: int = 0
    stations: int = 0

    def add(self, tally: Tally, mode: str) -> None:
        """Add a street's, by the levels of the mode in force there."""
        self.on_hand += tally.on_hand
        self.reserved += tally.reserved
        self.on_hold += tally.on_hold
        self.available += tally.available
        self.expiring += tally.expiring
        self.coming += tally.coming
        self.missing += tally.missing
        self.stations += tally.stations
        war = mode == WAR
        self.short += tally.short_war if war else tally.short_peace
        self.minimum += tally.war_min if war else tally.peace_min
        self.target += tally.war_target if war else tally.peace_target


FIELDS = tuple(field.name for field in fields(Sums))


def _sums(c: sa.Connection, area: Area, goods: Goods) -> dict[tuple[str, str], Sums]:
    """Return sums by place and item: of streets, of communities in a street."""
    found: dict[tuple[str, str], Sums] = {}
    at = goods.names.at
    for row in STOCK.where(c, STOCK.table.c.hours != "{}", *_in(area.path), at=at):
        key = row.path[: _cut(area)], row.item
        sums = found.setdefault(key, Sums())
        sums.burn += burn(hours_in(row.hours), goods.now)
    if len(area.path) < STREET:
        for tally in TALLY.select(c, at=at, path=area.path):
            sums = found.setdefault((tally.path[: _cut(area)], tally.item), Sums())
            sums.add(tally, goods.modes.at(tally.path))
        return found
    for stock in STOCK.select(c, at=at, path=area.path):
        mode = goods.modes.at(stock.path)
        minimum, _, target = levels_of(stock, mode)
        sums = found.setdefault((stock.path[: _cut(area)], stock.item), Sums())
        for name in SUMS:
            setattr(sums, name, getattr(sums, name) + getattr(stock, name))
        sums.stations += 1
        sums.short += stock.available < minimum
        sums.minimum += minimum
        sums.target += target
    return found


def _in(path: str) -> tuple[sa.ColumnElement[bool], ...]:
    return (STOCK.inside(path),) if path else ()


def _cut(area: Area) -> int:
    """Return how many digits of a path name a child of an area."""
    levels = list(DIGITS)
    after = min(levels.index(area.level) + 1, len(levels) - 1)
    return DIGITS[levels[after]]


def _body(item: str, sums: Sums, goods: Goods) -> dict[str, Any]:
    state = standing(sums.available, sums.minimum, sums.minimum, sums.target)
    state = SHORT if sums.short else state
    return {
        **goods.named(item),
        **{name: getattr(sums, name) for name in SUMS},
        "available_said": goods.said(item, sums.available),
        "minimum": sums.minimum,
        "target": sums.target,
        "stations": sums.stations,
        "short_stations": sums.short,
        "burn_per_hour_milli": sums.burn,
        "cover_hours": cover_hours(sums.available, sums.burn),
        "state": state,
        "state_zh": LEVELS[state][0],
        "state_en": LEVELS[state][1],
    }


def _rank(row: dict[str, Any]) -> tuple[bool, float, float, str]:
    """Return what is worst first: short, then what lasts the shortest."""
    cover = row["cover_hours"]
    share = row["available"] / row["minimum"] if row["minimum"] else 1e9
    short = not row["short_stations"]
    return short, cover if cover is not None else 1e9, share, row["item"]


def supply_board(c: sa.Connection, area: Area, goods: Goods) -> dict[str, Any]:
    """Return the supply board of an area."""
    by_place = _sums(c, area, goods)
    items: dict[str, Sums] = {}
    for (_, item), sums in by_place.items():
        into = items.setdefault(item, Sums())
        for name in FIELDS:
            setattr(into, name, getattr(into, name) + getattr(sums, name))
    rows = sorted((_body(i, s, goods) for i, s in items.items()), key=_rank)
    worst = [row["item"] for row in rows[:WORST]]
    stations = STATION.select(c, at=goods.names.at, path=area.path)
    short = shortages(c, stations, goods)
    lots = expiring(c, area, goods)
    ways = under_way(c, area, goods)
    missing = [way for way in ways if way["state"] == "MISSING"]
    return {
        "area": {"code": area.code, "name": area.name, "level": area.level},
        "mode": goods.modes.at(area.path),
        "totals": {
            "stations": len(stations),
            "items": len(rows),
            "short": sum(len(_short(row, goods)) for row in stations),
            "short_stations": sum(bool(_short(row, goods)) for row in stations),
            "expiring": sum(lot["noted"] != EXPIRED for lot in lots),
            "expired": sum(lot["noted"] == EXPIRED for lot in lots),
            "coming": sum(way["state"] in {"TRANSIT", "PART"} for way in ways),
            "late": sum(way["late"] for way in ways),
            "missing": len(missing),
            "missing_quantity": sum(way["left"] for way in missing),
        },
        "items": rows,
        "children": _children(c, area, by_place, worst, goods),
        "shortages": short,
        "expiring": lots[:LISTED],
        "transit": [way for way in ways if way["state"] != "MISSING"][:LISTED],
        "discrepancies": missing[:LISTED],
    }


def _short(row: StationRow, goods: Goods) -> list[str]:
    """Return the items that are short at a station in the mode in force there."""
    war = goods.modes.at(row.path) == WAR
    return [i for i in (row.short_war if war else row.short_peace).split(",") if i]


def shortages(
    c: sa.Connection, stations: Sequence[StationRow], goods: Goods
) -> list[dict[str, Any]]:
    """Return what is short at stations, what is missing the most of first."""
    keys = [f"{row.station}/{item}" for row in stations for item in _short(row, goods)]
    found = STOCK.some(c, keys, at=goods.names.at)

    def worst(row: Any) -> tuple[float, str]:
        minimum = levels_of(row, goods.modes.at(row.path))[0]
        return row.available / max(1, minimum), row.key

    shown = sorted(found, key=worst)[:LISTED]
    goods.know(shown)
    return [goods.stock(row) for row in shown]


def expiring(c: sa.Connection, area: Area, goods: Goods) -> list[dict[str, Any]]:
    """Return the lots of an area that expire soon or have, the first of them first."""
    t = LOT.table.c
    rows = LOT.where(
        c, LOT.inside(area.path), t.noted != "", t.on_hand > 0, at=goods.names.at
    )
    rows.sort(key=lambda row: (row.expires_us, row.key))
    goods.know(rows[:LISTED])
    keys = sorted({f"{row.item}/{row.lot}" for row in rows[:LISTED]})
    origins = {
        b.key: (b.origin_kind, b.origin_id, b.slip, b.batch)
        for b in BATCH.some(c, keys, at=goods.names.at)
    }
    none = ("", "", "", "")
    return [goods.lot(r, origins.get(f"{r.item}/{r.lot}", none)) for r in rows]


def under_way(c: sa.Connection, area: Area, goods: Goods) -> list[dict[str, Any]]:
    """Return the transfers from or to an area that are not over, the late first."""
    t = SLIP.table.c
    found = SLIP.where(
        c, t.kind.in_((SHIPMENT, "order")), t.state.in_(UNDER_WAY), at=goods.names.at
    )
    rows = [row for row in found if touches(row, area.path)]
    rows.sort(key=lambda row: (not row.late, row.due_us or row.at_us, row.slip))
    know_slips(rows, goods)
    return [slip_row(row, goods) for row in rows]


def touches(row: SlipRow, path: str) -> bool:
    """Tell whether a slip is of an area, or goes there."""
    return row.path.startswith(path) or row.to_path.startswith(path or "-")


def _children(
    c: sa.Connection,
    area: Area,
    by_place: dict[tuple[str, str], Sums],
    worst: Sequence[str],
    goods: Goods,
) -> list[dict[str, Any]]:
    """Return the children of an area, each with its cover of the worst items."""
    below = sorted(
        a
        for a in AREA.select(c, at=goods.names.at, path=area.path)
        if a.parent == area.code
    )
    shorts: dict[str, int] = {}
    for (path, _), sums in by_place.items():
        shorts[path] = shorts.get(path, 0) + sums.short
    wanted = set(worst)
    cells: dict[str, dict[str, Any]] = {}
    for (path, item), sums in by_place.items():
        if item in wanted:
            cells.setdefault(path, {})[item] = {
                "available": sums.available,
                "minimum": sums.minimum,
                "short": sums.short,
                "cover_hours": cover_hours(sums.available, sums.burn),
            }
    return [
        {
            "code": child.code,
            "name": child.name,
            "level": child.level,
            "mode": goods.modes.at(child.path),
            "short": shorts.get(child.path, 0),
            "cells": cells[child.path],
        }
        for child in below
        if child.path in cells
    ]


def panel(
    c: sa.Connection, area: Area, children: Iterable[Area], goods: Goods
) -> tuple[dict[str, Any], dict[str, int]]:
    """Return what the command screen says of supplies, and how many are short below."""
    children = list(children)
    stations = STATION.select(c, at=goods.names.at, path=area.path)
    if not stations:
        nothing = dict.fromkeys(PANEL, 0)
        return {**nothing, "worst": []}, dict.fromkeys((x.code for x in children), 0)
    by_child: dict[str, int] = {}
    for child in children:
        rows = (row for row in stations if row.path.startswith(child.path))
        by_child[child.code] = sum(len(_short(row, goods)) for row in rows)
    t = LOT.table.c
    lots = LOT.where(
        c, LOT.inside(area.path), t.noted != "", t.on_hand > 0, at=goods.names.at
    )
    s = SLIP.table.c
    ways = [
        row
        for row in SLIP.where(
            c, s.kind == SHIPMENT, s.state.in_(UNDER_WAY), at=goods.names.at
        )
        if touches(row, area.path)
    ]
    worst = shortages(c, stations, goods)
    return {
        "stations": len(stations),
        "short": sum(len(_short(row, goods)) for row in stations),
        "short_stations": sum(bool(_short(row, goods)) for row in stations),
        "expiring": sum(lot.noted != EXPIRED for lot in lots),
        "expired": sum(lot.noted == EXPIRED for lot in lots),
        "coming": sum(row.state in {"TRANSIT", "PART"} for row in ways),
        "missing": sum(row.state == "MISSING" for row in ways),
        "worst": [
            {
                name: row[name]
                for name in (
                    "station", "station_name", "area_name", "item", "name", "name_en",
                    "unit", "available", "minimum", "cover_hours", "seq",
                )
            }
            for row in worst[:8]
        ],
    }, by_child  # fmt: skip
