"""Supplies (物资): what is where, in which lots, for whom it is kept, what is short.

On every row of stock and of the tally ``on_hand = available + reserved + on_hold``:
what is kept of a lot that is no good counts as on hold.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import msgspec
import sqlalchemy as sa

from coordination.stock.ledger import APPROVED
from coordination.tree import site_path
from projections.temporal import Temporal

HOUR_US = 3_600_000_000
PEACE, WAR = "peace", "war"


class Item(NamedTuple):
    """物资. ``packagings``, ``needs``: JSON; ``barcodes``: joined by commas."""

    item: str
    name: str
    en: str
    category: str
    unit: str
    packagings: str
    place: str
    shelf_days: int
    alert_days: int
    needs: str
    barcodes: str
    durable: int
    listed: int = 1
    occurred_us: int = 0
    seq_from: int = 0


class StationRow(NamedTuple):
    """物资站. ``short_…``: items below their minimum, sorted, joined by commas.

    ``noted``: what the newest alarm says is short; ``noted_war``: of which minimum.
    """

    station: str
    path: str
    post: str = ""
    keeper: str = ""
    custody_count: str = ""
    custody_us: int = 0
    donations: int = 0
    short_peace: str = ""
    short_war: str = ""
    noted: str = ""
    noted_war: int = 0
    opened_us: int = 0
    occurred_us: int = 0
    seq_from: int = 0


class Batch(NamedTuple):
    """批次, the same everywhere. ``status``: what it is wherever it is.

    ``own``: what it was set to itself; ``maker``: the maker's batch it is of;
    ``corrected``: how often it was.
    """

    key: str
    item: str
    lot: str
    batch: str = ""
    made_us: int = 0
    expires_us: int = 0
    alert_us: int = 0
    origin_kind: str = ""
    origin_id: str = ""
    slip: str = ""
    status: str = APPROVED
    own: str = APPROVED
    maker: str = ""
    corrected: int = 0
    occurred_us: int = 0
    seq_from: int = 0


class Maker(NamedTuple):
    """厂家批号 of an item, as it is compared: what all lots of it are."""

    key: str
    item: str
    batch: str
    status: str = APPROVED
    occurred_us: int = 0
    seq_from: int = 0


class LotRow(NamedTuple):
    """批次 at one station. ``status``: what it is; ``own``: what it is set to here.

    ``due_us``: the next moment to be told of, 0: none, or nothing of it is here.
    """

    key: str
    path: str
    station: str
    item: str
    lot: str
    status: str = APPROVED
    own: str = APPROVED
    on_hand: int = 0
    reserved: int = 0
    expires_us: int = 0
    alert_us: int = 0
    noted: str = ""
    due_us: int = 0
    occurred_us: int = 0
    seq_from: int = 0


class Stock(NamedTuple):
    """库存 of one item at one station. ``lots``: how many there is something of.

    ``reserved`` of usable lots, ``on_hold`` all of the others; ``coming`` on its way
    here, ``missing`` what did not arrive and is not accounted for. ``hours``: JSON of
    hour since 1970 -> base units issued in it.
    """

    key: str
    path: str
    station: str
    item: str
    on_hand: int = 0
    reserved: int = 0
    on_hold: int = 0
    available: int = 0
    expiring: int = 0
    coming: int = 0
    missing: int = 0
    lots: int = 0
    moves: int = 0
    place: str = ""
    peace_min: int = 0
    peace_reorder: int = 0
    peace_target: int = 0
    war_min: int = 0
    war_reorder: int = 0
    war_target: int = 0
    hours: str = "{}"
    occurred_us: int = 0
    seq_from: int = 0


class Tally(NamedTuple):
    """库存汇总 of one item in one street. ``short_…``: stations below their minimum."""

    key: str
    path: str
    item: str
    on_hand: int = 0
    reserved: int = 0
    on_hold: int = 0
    available: int = 0
    expiring: int = 0
    coming: int = 0
    missing: int = 0
    short_peace: int = 0
    short_war: int = 0
    stations: int = 0
    peace_min: int = 0
    peace_target: int = 0
    war_min: int = 0
    war_target: int = 0
    occurred_us: int = 0
    seq_from: int = 0


class Reservation(NamedTuple):
    """预留. ``quantity``: kept still; ``picks``, ``passed``: JSON."""

    key: str
    path: str
    station: str
    item: str
    reservation: str
    purpose_kind: str = ""
    purpose_id: str = ""
    asked: int = 0
    quantity: int = 0
    picks: str = "{}"
    passed: str = "[]"
    occurred_us: int = 0
    seq_from: int = 0


class Residents(NamedTuple):
    """常住人口 of a community."""

    area: str
    path: str
    residents: int
    occurred_us: int = 0
    seq_from: int = 0


class Way(NamedTuple):
    """在途: what is left of a shipment, by item. ``complete``: nothing more comes."""

    shipment: str
    path: str
    station: str
    complete: int = 0
    left: str = "{}"
    occurred_us: int = 0
    seq_from: int = 0


ITEM = Temporal("supplies_item", Item)
STATION = Temporal("supplies_station", StationRow)
BATCH = Temporal("supplies_batch", Batch)
LOT = Temporal("supplies_lot", LotRow)
MAKER = Temporal("supplies_maker", Maker)
STOCK = Temporal("supplies_stock", Stock)
TALLY = Temporal("supplies_tally", Tally)
RESERVATION = Temporal("supplies_reservation", Reservation)
RESIDENTS = Temporal("supplies_residents", Residents)
WAY = Temporal("supplies_way", Way)
_zero: Any = sa.literal_column("0")
_l, _k = LOT.table.c, STOCK.table.c
_DUE = LOT.partial("due", _l.due_us, _l.due_us > _zero)
# Ranges, to be asked without a path: with one SQLite takes the index of all rows.
NOTED = LOT.partial("noted", _l.noted, _l.noted > sa.literal_column("''"))
"""Lots that expire soon, or have."""
ISSUED = STOCK.partial("issued", _k.hours, _k.hours < sa.literal_column("'{}'"))
"""Stock of which something was issued of late: any hour sorts before none (``{}``)."""
SHORT = {
    PEACE: STOCK.partial("short_peace", _k.path, _k.available < _k.peace_min),
    WAR: STOCK.partial("short_war", _k.path, _k.available < _k.war_min),
}
"""Stock below the minimum of a mode."""
quantities_in = msgspec.json.Decoder(dict[str, int]).decode
"""Reads quantities stored as JSON, by lot or by item."""
hours_in = msgspec.json.Decoder(dict[int, int]).decode
"""Reads what was issued in each hour since 1970, stored as JSON."""


def short_of(row: Stock, mode: str) -> bool:
    """Tell whether less is free than the minimum of a mode."""
    least = row.war_min if mode == WAR else row.peace_min
    return least > 0 and row.available < least


def due_lots(c: sa.Connection, now: int) -> list[LotRow]:
    """Return the lots of which somebody must be told that they expire or have."""
    return LOT.where(c, _DUE, LOT.table.c.due_us <= now, at=None)


def lots_at(
    c: sa.Connection, station: str, item: str = "", *, at: int | None = None
) -> list[LotRow]:
    """Return the lots of one station, of one item if it is named."""
    t = LOT.table.c
    where = [t.path == site_path(station), t.station == station]
    return LOT.where(c, *where, *([t.item == item] if item else []), at=at)


def kept_at(c: sa.Connection, station: str) -> list[Reservation]:
    """Return what is kept at one station now."""
    t = RESERVATION.table.c
    where = t.path == site_path(station), t.station == station, t.quantity > 0
    return RESERVATION.where(c, *where, at=None)


def held_by(c: sa.Connection, item: str, lot: str) -> list[LotRow]:
    """Return where there is something of a lot now."""
    t = LOT.table.c
    return LOT.where(c, t.item == item, t.lot == lot, t.on_hand > 0, at=None)
