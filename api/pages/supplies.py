"""The supply board (物资保障看板) of an area: cover, short, expiring, on the way."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import sqlalchemy as sa

from api.exchange.tables import Row, worded
from api.pages.goods import LOTS, STOCKS, Goods, levels_of, standing
from api.pages.goods import SHORT as BELOW
from api.pages.slips import know_slips, slip_row, touches
from api.pages.stock import lot_rows
from api.planning.forecasting import burn, cover_hours
from coordination.stock.events import EXPIRED
from coordination.tree import DIGITS
from coordination.vocabulary import SHELF_STATES
from projections.board import AREA, Area
from projections.slips import SLIP, UNDER_WAY
from projections.supplies import (
    ISSUED,
    LOT,
    NOTED,
    SHORT,
    STATION,
    STOCK,
    TALLY,
    WAR,
    LotRow,
    StationRow,
    Stock,
    hours_in,
)
from projections.supplies_sums import SUMS, sums
from projections.temporal import Temporal

WORST, LISTED = 40, 50
STREET = DIGITS["street"]
SHORT_MAX = 4 * LISTED
PANEL = (
    "stations",
    "short",
    "short_stations",
    "expiring",
    "expired",
    "coming",
    "missing",
)


class Sums:
    """What there is in an area (汇总), by item and by the places right below it."""

    def __init__(self, c: sa.Connection, area: Area, goods: Goods) -> None:
        """Ask the tallies of streets, within a street the stations themselves."""
        self._c, self._area, self._at = c, area, goods.names.at
        self._table: Temporal[Any] = TALLY if len(area.path) < STREET else STOCK
        paths = {row.path for row in STATION.select(c, at=self._at, path=area.path)}
        if self._table is TALLY:
            paths = {path[:STREET] for path in paths}
        self._war = [path for path in paths if goods.modes.at(path) == WAR]
        self.digits = _digits(area)
        self.burns: dict[tuple[str, str], int] = {}
        for row in STOCK.where(c, ISSUED, at=self._at):
            if not row.path.startswith(area.path):
                continue
            rate = burn(hours_in(row.hours), goods.now)
            for key in ((row.path[: self.digits], row.item), ("", row.item)):
                self.burns[key] = self.burns.get(key, 0) + rate

    def by(self, *keys: str, items: Sequence[str] = ()) -> list[dict[str, Any]]:
        """Return sums by ``place``, ``item`` or both, with what is used an hour."""
        rows = sums(
            self._c,
            self._table,
            self._area.path,
            by=keys,
            digits=self.digits,
            war=self._war,
            items=items,
            at=self._at,
        )
        for row in rows:
            key = row.get("place", ""), row.get("item", "")
            row["burn"] = self.burns.get(key, 0)
        return rows


def _digits(area: Area) -> int:
    """Return how many digits of a path name a child of an area."""
    levels = list(DIGITS)
    after = min(levels.index(area.level) + 1, len(levels) - 1)
    return DIGITS[levels[after]]


def _body(found: dict[str, Any], goods: Goods) -> dict[str, Any]:
    state = standing(
        found["available"], found["minimum"], found["minimum"], found["target"]
    )
    state = BELOW if found["short"] else state
    return {
        **goods.named(found["item"]),
        **{name: found[name] for name in SUMS},
        "available_said": goods.said(found["item"], found["available"]),
        "minimum": found["minimum"],
        "target": found["target"],
        "stations": found["stations"],
        "short_stations": found["short"],
        "burn_per_hour_milli": found["burn"],
        "cover_hours": cover_hours(found["available"], found["burn"]),
        "state": state,
        "state_zh": SHELF_STATES[state][0],
        "state_en": SHELF_STATES[state][1],
    }


def _rank(row: dict[str, Any]) -> tuple[bool, float, float, str]:
    """Return what is worst first: short, then what lasts the shortest."""
    cover = row["cover_hours"]
    share = row["available"] / row["minimum"] if row["minimum"] else 1e9
    short = not row["short_stations"]
    return short, cover if cover is not None else 1e9, share, row["item"]


def supply_board(c: sa.Connection, area: Area, goods: Goods) -> dict[str, Any]:
    """Return the supply board of an area."""
    totals = Sums(c, area, goods)
    rows = sorted((_body(row, goods) for row in totals.by("item")), key=_rank)
    worst = [row["item"] for row in rows[:WORST]]
    stations = STATION.select(c, at=goods.names.at, path=area.path)
    short = shortages(c, area.path, goods)
    lots = noted(c, area, goods)
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
            "expiring": sum(lot.noted != EXPIRED for lot in lots),
            "expired": sum(lot.noted == EXPIRED for lot in lots),
            "coming": sum(way["state"] in {"TRANSIT", "PART"} for way in ways),
            "late": sum(way["late"] for way in ways),
            "missing": len(missing),
            "missing_quantity": sum(way["left"] for way in missing),
        },
        "items": rows,
        "children": _children(c, area, totals, worst, goods),
        "shortages": short,
        "expiring": list(worded(lot_rows(lots[:LISTED], goods), LOTS.columns)),
        "transit": [way for way in ways if way["state"] != "MISSING"][:LISTED],
        "discrepancies": missing[:LISTED],
    }


def _short(row: StationRow, goods: Goods) -> list[str]:
    """Return the items that are short at a station in the mode in force there."""
    war = goods.modes.at(row.path) == WAR
    return [i for i in (row.short_war if war else row.short_peace).split(",") if i]


def shortages(c: sa.Connection, path: str, goods: Goods) -> list[Row]:
    """Return what is short at stations, what is missing the most of first."""
    found: list[Stock] = []
    for mode in goods.modes.there:
        least = STOCK.table.c.war_min if mode == WAR else STOCK.table.c.peace_min
        share = STOCK.table.c.available * 1_000 / least
        asked = SHORT[mode], STOCK.inside(path)
        rows = STOCK.first(c, *asked, order=share, limit=SHORT_MAX, at=goods.names.at)
        here = [row for row in rows if goods.modes.at(row.path) == mode]
        if len(here) < min(LISTED, len(rows)) and len(rows) == SHORT_MAX:
            # The worst are where another mode is in force: then all are looked at.
            rows = STOCK.where(c, *asked, at=goods.names.at)
            here = [row for row in rows if goods.modes.at(row.path) == mode]
        found += here

    def worst(row: Stock) -> tuple[int, str]:
        minimum = levels_of(row, goods.modes.at(row.path))[0]
        return row.available * 1_000 // minimum, row.key

    shown = sorted(found, key=worst)[:LISTED]
    goods.know(shown)
    return list(worded(map(goods.stock, shown), STOCKS.columns))


def noted(c: sa.Connection, area: Area, goods: Goods) -> list[LotRow]:
    """Return the lots of an area that expire soon or have, the first of them first."""
    rows = LOT.where(c, NOTED, at=goods.names.at)
    found = [r for r in rows if r.on_hand and r.path.startswith(area.path)]
    return sorted(found, key=lambda row: (row.expires_us, row.key))


def under_way(c: sa.Connection, area: Area, goods: Goods) -> list[dict[str, Any]]:
    """Return the transfers from or to an area that are not over, the late first."""
    found = SLIP.where(c, UNDER_WAY, at=goods.names.at)
    rows = [row for row in found if touches(row, area.path)]
    rows.sort(key=lambda row: (not row.late, row.due_us or row.at_us, row.slip))
    know_slips(rows, goods)
    return [slip_row(row, goods) for row in rows]


def _children(
    c: sa.Connection,
    area: Area,
    totals: Sums,
    worst: Sequence[str],
    goods: Goods,
) -> list[dict[str, Any]]:
    """Return the children of an area, each with its cover of the worst items."""
    below = sorted(
        a
        for a in AREA.select(c, at=goods.names.at, path=area.path)
        if a.parent == area.code
    )
    shorts = {row["place"]: row["short"] for row in totals.by("place")}
    cells: dict[str, dict[str, Any]] = {}
    for row in totals.by("place", "item", items=worst) if worst else ():
        cells.setdefault(row["place"], {})[row["item"]] = {
            "available": row["available"],
            "minimum": row["minimum"],
            "short": row["short"],
            "cover_hours": cover_hours(row["available"], row["burn"]),
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
    lots = noted(c, area, goods)
    ways = [
        row
        for row in SLIP.where(c, UNDER_WAY, at=goods.names.at)
        if touches(row, area.path)
    ]
    worst = shortages(c, area.path, goods)
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
