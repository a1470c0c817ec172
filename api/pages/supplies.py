"""The supply board (物资保障看板) of an area: cover, short, expiring, on the way."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from api.exchange.tables import Row, in_words, worded
from api.pages.fields import picked, taken
from api.pages.goods import LOTS, STOCKS, Goods, levels_of, standing
from api.pages.goods import SHORT as BELOW
from api.pages.slips import slip_rows, touches
from api.pages.stock import lot_rows
from api.planning.forecasting import burn, cover_hours
from coordination.stock.ledger import EXPIRED
from coordination.tree import DIGITS
from coordination.vocabulary import SHELF_STATES
from projections.board import Area, below
from projections.slips import SLIP, UNDER_WAY, SlipRow
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
WORST_SHOWN = 8
SHOWN = "station station_name area_name item name name_en unit"
SHOWN_LEFT = "available minimum cover_hours seq"
"""What the command screen says of the worst."""


class Sums:
    """What there is in an area (汇总), by item and by the places right below it."""

    def __init__(self, area: Area, goods: Goods) -> None:
        """Ask the tallies of streets, within a street the stations themselves."""
        self._area, self._at = area, goods.names.at
        c = self._c = goods.c
        self._table: Temporal[Any] = TALLY if len(area.path) < STREET else STOCK
        paths = {row.path for row in STATION.select(c, at=self._at, path=area.path)}
        if self._table is TALLY:
            paths = {path[:STREET] for path in paths}
        self._war = [path for path in paths if goods.names.at_war(path)]
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
        **picked(found, "minimum target stations"),
        "available_said": goods.said(found["item"], found["available"]),
        "short_stations": found["short"],
        "burn_per_hour_milli": found["burn"],
        "cover_hours": cover_hours(found["available"], found["burn"]),
        **in_words("state", SHELF_STATES, state),
    }


def _rank(row: dict[str, Any]) -> tuple[bool, float, float, str]:
    """Return what is worst first: short, then what lasts the shortest."""
    cover = row["cover_hours"]
    share = row["available"] / row["minimum"] if row["minimum"] else 1e9
    short = not row["short_stations"]
    return short, cover if cover is not None else 1e9, share, row["item"]


class Wanting(NamedTuple):
    """What stations of an area want (保障缺口): short, expiring, on the way."""

    stations: list[StationRow]
    lots: list[LotRow]
    ways: list[SlipRow]

    def totals(self, goods: Goods) -> dict[str, int]:
        """Return how much of each there is."""
        short = [len(goods.short(row)) for row in self.stations]
        return {
            "stations": len(self.stations),
            "short": sum(short),
            "short_stations": sum(map(bool, short)),
            "expiring": sum(lot.noted != EXPIRED for lot in self.lots),
            "expired": sum(lot.noted == EXPIRED for lot in self.lots),
            "coming": sum(row.state in {"TRANSIT", "PART"} for row in self.ways),
            "missing": sum(row.state == "MISSING" for row in self.ways),
        }


def wanting(area: Area, goods: Goods) -> Wanting:
    """Look up what stations of an area want."""
    c, at, path = goods.c, goods.names.at, area.path
    lots = LOT.where(c, NOTED, at=at)
    return Wanting(
        STATION.select(c, at=at, path=path),
        [lot for lot in lots if lot.on_hand and lot.path.startswith(path)],
        [row for row in SLIP.where(c, UNDER_WAY, at=at) if touches(row, path)],
    )


def supply_board(area: Area, goods: Goods) -> dict[str, Any]:
    """Return the supply board of an area."""
    sums_, found = Sums(area, goods), wanting(area, goods)
    rows = sorted((_body(row, goods) for row in sums_.by("item")), key=_rank)
    worst = [row["item"] for row in rows[:WORST]]
    # The first to expire first; of the transfers the late.
    lots = sorted(found.lots, key=lambda row: (row.expires_us, row.key))[:LISTED]
    found.ways.sort(key=lambda row: (not row.late, row.due_us or row.at_us, row.slip))
    missing = [row for row in found.ways if row.state == "MISSING"]
    moving = [row for row in found.ways if row.state != "MISSING"]
    return {
        "area": taken(area, "code name level"),
        "mode": goods.mode(area.path),
        "totals": {
            **found.totals(goods),
            "items": len(rows),
            "late": sum(bool(row.late) for row in found.ways),
            "missing_quantity": sum(row.left for row in missing),
        },
        "items": rows,
        "children": _children(area, sums_, worst, goods),
        "shortages": shortages(area.path, goods),
        "expiring": list(worded(lot_rows(lots, goods), LOTS.columns)),
        "transit": slip_rows(moving[:LISTED], goods),
        "discrepancies": slip_rows(missing[:LISTED], goods),
    }


def shortages(path: str, goods: Goods) -> list[Row]:
    """Return what is short at stations, what is missing the most of first."""
    c = goods.c
    found: list[Stock] = []
    for mode in goods.modes:
        least = STOCK.table.c.war_min if mode == WAR else STOCK.table.c.peace_min
        share = STOCK.table.c.available * 1_000 / least
        asked = SHORT[mode], STOCK.inside(path)
        rows = STOCK.first(c, *asked, order=share, limit=SHORT_MAX, at=goods.names.at)
        here = [row for row in rows if goods.mode(row.path) == mode]
        if len(here) < min(LISTED, len(rows)) and len(rows) == SHORT_MAX:
            # The worst are where another mode is in force: then all are looked at.
            rows = STOCK.where(c, *asked, at=goods.names.at)
            here = [row for row in rows if goods.mode(row.path) == mode]
        found += here

    def worst(row: Stock) -> tuple[int, str]:
        minimum = levels_of(row, goods.mode(row.path))[0]
        return row.available * 1_000 // minimum, row.key

    shown = sorted(found, key=worst)[:LISTED]
    goods.know(shown)
    return list(worded(map(goods.stock, shown), STOCKS.columns))


def _children(
    area: Area, totals: Sums, worst: Sequence[str], goods: Goods
) -> list[dict[str, Any]]:
    """Return the children of an area, each with its cover of the worst items."""
    shorts = {row["place"]: row["short"] for row in totals.by("place")}
    cells: dict[str, dict[str, Any]] = {}
    for row in totals.by("place", "item", items=worst) if worst else ():
        cells.setdefault(row["place"], {})[row["item"]] = {
            **picked(row, "available minimum short"),
            "cover_hours": cover_hours(row["available"], row["burn"]),
        }
    return [
        {
            **taken(child, "code name level"),
            "mode": goods.mode(child.path),
            "short": shorts.get(child.path, 0),
            "cells": cells[child.path],
        }
        for child in below(goods.c, area, goods.names.at)
        if child.path in cells
    ]


def panel(
    area: Area, children: Iterable[Area], goods: Goods
) -> tuple[dict[str, Any], dict[str, int]]:
    """Return what the command screen says of supplies, and how many are short below."""
    found = wanting(area, goods)
    shorts = [(row.path, len(goods.short(row))) for row in found.stations]
    by_child = {
        child.code: sum(n for path, n in shorts if path.startswith(child.path))
        for child in children
    }
    if not found.stations:
        return {**Wanting([], [], []).totals(goods), "worst": []}, by_child
    worst = shortages(area.path, goods)[:WORST_SHOWN]
    shown = [picked(row, f"{SHOWN} {SHOWN_LEFT}") for row in worst]
    return {**found.totals(goods), "worst": shown}, by_child
