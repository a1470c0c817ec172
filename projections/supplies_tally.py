"""Stock at a station, with its street's tally (库存合计) and what is short."""

from __future__ import annotations

from coordination.tree import DIGITS, site_path
from projections.supplies import (
    PEACE,
    STATION,
    STOCK,
    TALLY,
    WAR,
    StationRow,
    Stock,
    Tally,
    short_of,
)
from projections.view import Tables

_STREET = DIGITS["street"]


def stock_of(t: Tables, station: str, item: str) -> Stock:
    """Return an item at a station as it is, nothing of it if nothing was said yet."""
    key = f"{station}/{item}"
    return t[STOCK].current.get(key) or Stock(
        key=key, path=site_path(station), station=station, item=item
    )


def _sums(row: Stock | None) -> tuple[int, ...]:
    """Return what a row of stock adds to its tally, in the tally's order."""
    if row is None:
        return (0,) * len(Tally._fields[3:-2])
    return (
        *row[4:11],  # on_hand to missing
        int(0 < row.peace_min > row.available),
        int(0 < row.war_min > row.available),
        1,
        row.peace_min,
        row.peace_target,
        row.war_min,
        row.war_target,
    )


def put_stock(t: Tables, row: Stock) -> None:
    """Make this the row of an item at a station; keep its street's tally."""
    before, after = _sums(t[STOCK].current.get(row.key)), _sums(row)
    t.put(STOCK, row)
    if before == after:
        return
    path = row.path[:_STREET]
    key = f"{path} {row.item}"
    known = t[TALLY].current.get(key) or Tally(key, path, row.item)
    moved = [s + a - b for s, a, b in zip(known[3:-2], after, before, strict=True)]
    t.put(TALLY, Tally(key, path, row.item, *moved))
    if before[7:9] != after[7:9]:
        _shortness(t, row)


def _shortness(t: Tables, row: Stock) -> None:
    """Keep the list of what is short at a station."""
    station = station_of(t, row.station)
    peace = _listed(station.short_peace, row.item, listed=short_of(row, PEACE))
    war = _listed(station.short_war, row.item, listed=short_of(row, WAR))
    t.put(STATION, station._replace(short_peace=peace, short_war=war))


def _listed(csv: str, item: str, *, listed: bool) -> str:
    """Return a list joined by commas, sorted, with or without one item."""
    items = set(csv.split(",")) - {"", item}
    return ",".join(sorted(items | {item} if listed else items))


def station_of(t: Tables, station: str) -> StationRow:
    """Return a station as it is, empty if nothing was said yet."""
    return t[STATION].current.get(station) or StationRow(
        station=station, path=site_path(station)
    )
