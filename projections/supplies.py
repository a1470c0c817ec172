"""Supplies (物资): what is where, in which lots, for whom it is kept, what is short.

On every row of stock and of the tally ``on_hand = available + reserved + on_hold``:
what is kept of a lot that is no good counts as on hold.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Any, NamedTuple

import msgspec
import sqlalchemy as sa

from coordination.areas.events import PopulationStated
from coordination.catalogue import Fact
from coordination.items.events import ItemListed, ItemWithdrawn
from coordination.stations.events import (
    CustodyTaken,
    DonationNumbered,
    ShortagesNoted,
    StationOpened,
)
from coordination.stock.events import (
    APPROVED,
    EXPIRED,
    SHELF,
    USED,
    LevelsSet,
    Line,
    LotExpired,
    LotExpiring,
    LotRegistered,
    LotStatusSet,
    PlaceSet,
    ReservationReleased,
    StockMoved,
    StockReserved,
)
from coordination.stock.state import EXPIRING
from coordination.transfers.events import (
    ShipmentArrived,
    ShipmentSent,
    ShortfallClosed,
)
from coordination.tree import DIGITS, site_path
from projections.temporal import Temporal
from projections.view import Tables, View

HOUR_US = 3_600_000_000
HOURS_MAX = 48
"""Hours with issues that are kept of each item at each station."""
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
    listed: int
    occurred_us: int
    seq_from: int


class StationRow(NamedTuple):
    """物资站. ``short_…``: items below their minimum, sorted, joined by commas.

    ``noted``: what the newest alarm says is short; ``noted_war``: of which minimum.
    """

    station: str
    path: str
    post: str
    keeper: str
    custody_count: str
    custody_us: int
    donations: int
    short_peace: str
    short_war: str
    noted: str
    noted_war: int
    opened_us: int
    occurred_us: int
    seq_from: int


class Batch(NamedTuple):
    """批次, the same everywhere. ``status``: what it was set to wherever it is."""

    key: str
    item: str
    lot: str
    batch: str
    made_us: int
    expires_us: int
    alert_us: int
    origin_kind: str
    origin_id: str
    slip: str
    status: str
    occurred_us: int
    seq_from: int


class LotRow(NamedTuple):
    """批次 at one station. ``status``: what it is; ``own``: what it is set to here.

    ``due_us``: the next moment to be told of, 0: none, or nothing of it is here.
    """

    key: str
    path: str
    station: str
    item: str
    lot: str
    status: str
    own: str
    on_hand: int
    reserved: int
    expires_us: int
    alert_us: int
    noted: str
    due_us: int
    occurred_us: int
    seq_from: int


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
    on_hand: int
    reserved: int
    on_hold: int
    available: int
    expiring: int
    coming: int
    missing: int
    lots: int
    moves: int
    place: str
    peace_min: int
    peace_reorder: int
    peace_target: int
    war_min: int
    war_reorder: int
    war_target: int
    hours: str
    occurred_us: int
    seq_from: int


class Tally(NamedTuple):
    """库存汇总 of one item in one street. ``short_…``: stations below their minimum."""

    key: str
    path: str
    item: str
    on_hand: int
    reserved: int
    on_hold: int
    available: int
    expiring: int
    coming: int
    missing: int
    short_peace: int
    short_war: int
    stations: int
    peace_min: int
    peace_target: int
    war_min: int
    war_target: int
    occurred_us: int
    seq_from: int


class Reservation(NamedTuple):
    """预留. ``quantity``: kept still; ``picks``, ``passed``: JSON."""

    key: str
    path: str
    station: str
    item: str
    reservation: str
    purpose_kind: str
    purpose_id: str
    asked: int
    quantity: int
    picks: str
    passed: str
    occurred_us: int
    seq_from: int


class Residents(NamedTuple):
    """常住人口 of a community."""

    area: str
    path: str
    residents: int
    occurred_us: int
    seq_from: int


class Way(NamedTuple):
    """在途: what is left of a shipment, by item. ``complete``: nothing more comes."""

    shipment: str
    path: str
    station: str
    complete: int
    left: str
    occurred_us: int
    seq_from: int


ITEM = Temporal("supplies_item", Item)
STATION = Temporal("supplies_station", StationRow)
BATCH = Temporal("supplies_batch", Batch)
LOT = Temporal("supplies_lot", LotRow)
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
_encode = msgspec.json.Encoder().encode
_quantities = msgspec.json.Decoder(dict[str, int]).decode
_hours = msgspec.json.Decoder(dict[int, int]).decode
_SUMS = tuple(f for f in Tally._fields[3:-2])
_STREET = DIGITS["street"]


def _json(value: Any) -> str:
    return _encode(value).decode()


def _when(fact: Fact) -> tuple[int, int]:
    return fact.envelope.occurred_us, fact.seq


def quantities_in(text: str) -> dict[str, int]:
    """Read quantities stored as JSON, by lot or by item."""
    return _quantities(text)


def hours_in(text: str) -> dict[int, int]:
    """Read what was issued in each hour since 1970, stored as JSON."""
    return _hours(text)


# --- stock and its tally -------------------------------------------------------------


def _stock(t: Tables, station: str, item: str) -> Stock:
    """Return an item at a station as it is, nothing of it if nothing was said yet."""
    key = f"{station}/{item}"
    found: Stock | None = t[STOCK].current.get(key)
    if found is not None:
        return found
    zeros = (0,) * 9
    levels = (0,) * 6
    return Stock(
        key, site_path(station), station, item, *zeros, "", *levels, "{}", 0, 0
    )


def short_of(row: Stock, mode: str) -> bool:
    """Tell whether less is free than the minimum of a mode."""
    least = row.war_min if mode == WAR else row.peace_min
    return least > 0 and row.available < least


def _sums(row: Stock | None) -> tuple[int, ...]:
    """Return what a row of stock adds to its tally, in the tally's order."""
    if row is None:
        return (0,) * len(_SUMS)
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


def _put_stock(t: Tables, fact: Fact, row: Stock, **new: Any) -> None:
    """Make this the row of an item at a station; keep its street's tally."""
    when = _when(fact)
    stocks = t[STOCK]
    old = stocks.current.get(row.key)
    row = row._replace(**new, occurred_us=when[0], seq_from=when[1])
    stocks.put(row)
    before, after = _sums(old), _sums(row)
    if before == after:
        return
    path = row.path[:_STREET]
    key = f"{path} {row.item}"
    tallies = t[TALLY]
    known = tallies.current.get(key)
    sums = known[3:-2] if known else (0,) * len(_SUMS)
    moved = [s + a - b for s, a, b in zip(sums, after, before, strict=True)]
    tallies.put(Tally._make((key, path, row.item, *moved, *when)))
    if before[7:9] != after[7:9]:
        _shortness(t, fact, row)


def _shortness(t: Tables, fact: Fact, row: Stock) -> None:
    """Keep the list of what is short at a station."""
    station = _station(t, row.station)
    peace = _listed(station.short_peace, row.item, listed=short_of(row, PEACE))
    war = _listed(station.short_war, row.item, listed=short_of(row, WAR))
    _put_station(t, fact, station._replace(short_peace=peace, short_war=war))


def _listed(csv: str, item: str, *, listed: bool) -> str:
    """Return a list joined by commas, sorted, with or without one item."""
    items = set(csv.split(",")) - {"", item}
    return ",".join(sorted(items | {item} if listed else items))


def _station(t: Tables, station: str) -> StationRow:
    found: StationRow | None = t[STATION].current.get(station)
    if found is not None:
        return found
    path = site_path(station)
    return StationRow(station, path, "", "", "", 0, 0, "", "", "", 0, 0, 0, 0)


def _put_station(t: Tables, fact: Fact, row: StationRow) -> None:
    when = _when(fact)
    t[STATION].put(row._replace(occurred_us=when[0], seq_from=when[1]))


# --- lots ----------------------------------------------------------------------------


def _lot(t: Tables, station: str, item: str, lot: str) -> LotRow:
    """Return a lot at a station as it is."""
    key = f"{station}/{item}/{lot}"
    found: LotRow | None = t[LOT].current.get(key)
    if found is not None:
        return found
    where = site_path(station), station, item, lot
    return LotRow(key, *where, APPROVED, APPROVED, 0, 0, 0, 0, "", 0, 0, 0)


def _batch(t: Tables, item: str, lot: str) -> Batch:
    """Return a lot as it is everywhere."""
    key = f"{item}/{lot}"
    found: Batch | None = t[BATCH].current.get(key)
    if found is not None:
        return found
    return Batch(key, item, lot, "", 0, 0, 0, "", "", "", APPROVED, 0, 0)


def _everywhere(t: Tables) -> dict[str, list[str]]:
    """Return the keys of a lot at each station, by item and lot."""
    known: dict[str, list[str]] | None = t.memo.get("everywhere")
    if known is None:
        known = t.memo["everywhere"] = {}
        for row in t[LOT].current.values():
            known.setdefault(f"{row.item}/{row.lot}", []).append(row.key)
    return known


def _adds(row: LotRow | None) -> tuple[int, int, int, int, int, int]:
    """Return what a lot adds: on_hand, reserved, on_hold, available, expiring, lots."""
    if row is None:
        return 0, 0, 0, 0, 0, 0
    here, expiring = row.on_hand, row.on_hand if row.noted == EXPIRING else 0
    if row.status == APPROVED:
        kept = row.reserved
        return here, kept, 0, here - kept, expiring, int(here > 0)
    return here, 0, here, 0, expiring, int(here > 0)


def _with_lot(t: Tables, fact: Fact, stock: Stock, row: LotRow) -> Stock:
    """Make this the row of a lot at a station; return the stock with it."""
    rows, batch = t[LOT], _batch(t, row.item, row.lot)
    old = rows.current.get(row.key)
    if old is None:
        _everywhere(t).setdefault(batch.key, []).append(row.key)
    # Of what is used up nothing is remembered, unless it was set by somebody.
    noted = row.noted if row.on_hand or row.own != APPROVED else ""
    status = EXPIRED if noted == EXPIRED else row.own
    new = LotRow(
        *row[:5],
        status if batch.status == APPROVED else batch.status,
        row.own,
        row.on_hand,
        row.reserved,
        batch.expires_us,
        batch.alert_us,
        noted,
        _due_us(batch, noted) if row.on_hand else 0,
        *_when(fact),
    )
    rows.put(new)
    before, after = _adds(old), _adds(new)
    if before == after:
        return stock
    return stock._replace(
        on_hand=stock.on_hand + after[0] - before[0],
        reserved=stock.reserved + after[1] - before[1],
        on_hold=stock.on_hold + after[2] - before[2],
        available=stock.available + after[3] - before[3],
        expiring=stock.expiring + after[4] - before[4],
        lots=stock.lots + after[5] - before[5],
    )


def _due_us(batch: Batch, noted: str) -> int:
    """Return the next moment of a lot that somebody must be told of, 0: none."""
    if noted == EXPIRED:
        return 0
    return (not noted and batch.alert_us) or batch.expires_us


def _put_lot(t: Tables, fact: Fact, row: LotRow) -> None:
    """Make this the row of a lot at a station, and keep the stock there."""
    stock = _stock(t, row.station, row.item)
    _put_stock(t, fact, _with_lot(t, fact, stock, row))


def _again(t: Tables, fact: Fact, batch: Batch) -> None:
    """Make this the row of a lot, and see what becomes of it at each station."""
    when = _when(fact)
    t[BATCH].put(batch._replace(occurred_us=when[0], seq_from=when[1]))
    for key in _everywhere(t).get(batch.key, ()):
        _put_lot(t, fact, t[LOT].current[key])


def on_registered(t: Tables, fact: Fact) -> None:
    """What a lot is wherever it goes."""
    e: LotRegistered = fact.event  # type: ignore[assignment]
    known = _batch(t, e.item, e.lot)
    _again(t, fact, known._replace(
        batch=e.batch, made_us=e.made_us, expires_us=e.expires_us,
        alert_us=e.alert_us, origin_kind=e.origin.kind, origin_id=e.origin.id,
        slip=e.slip,
    ))  # fmt: skip


def on_status(t: Tables, fact: Fact) -> None:
    """A lot may be used or not, at one station or wherever it is."""
    e: LotStatusSet = fact.event  # type: ignore[assignment]
    if e.station:
        _put_lot(t, fact, _lot(t, e.station, e.item, e.lot)._replace(own=e.status))
    else:
        _again(t, fact, _batch(t, e.item, e.lot)._replace(status=e.status))


def on_noted(t: Tables, fact: Fact) -> None:
    """Somebody was told that a lot will expire, or that it has."""
    e: Any = fact.event
    noted = EXPIRED if isinstance(e, LotExpired) else EXPIRING
    _put_lot(t, fact, _lot(t, e.station, e.item, e.lot)._replace(noted=noted))


def on_moved(t: Tables, fact: Fact) -> None:
    """Goods come to a shelf or leave it; other accounts are no stock."""
    e: StockMoved = fact.event  # type: ignore[assignment]
    if e.destination == SHELF:
        change, other = e.quantity, e.source
    elif e.source == SHELF:
        change, other = -e.quantity, e.destination
    else:
        return
    lot, stock = _lot(t, e.station, e.item, e.lot), _stock(t, e.station, e.item)
    stock = _with_lot(t, fact, stock, lot._replace(on_hand=lot.on_hand + change))
    hours = stock.hours
    if other == USED:
        hours = _issued(hours, fact.envelope.occurred_us // HOUR_US, -change)
    _put_stock(t, fact, stock, moves=stock.moves + 1, hours=hours)


def _issued(text: str, hour: int, quantity: int) -> str:
    """Return the hours with what was issued in one of them, or came back in it."""
    hours = _hours(text)
    hours[hour] = max(0, hours.get(hour, 0) + quantity)
    if not hours[hour]:
        del hours[hour]
    while len(hours) > HOURS_MAX:
        del hours[min(hours)]
    return _json(hours)


# --- what is kept, what is set, what is on its way -----------------------------------


def on_kept(t: Tables, fact: Fact) -> None:
    """Something is kept for somebody, or not any more."""
    e: Any = fact.event
    stock, sign = _stock(t, e.station, e.item), 1
    if isinstance(e, ReservationReleased):
        sign = -1
    for pick in e.picks:
        lot = _lot(t, e.station, e.item, pick.lot)
        kept = lot.reserved + sign * pick.quantity
        stock = _with_lot(t, fact, stock, lot._replace(reserved=kept))
    _put_stock(t, fact, stock)
    key = f"{stock.key}/{e.reservation}"
    row = t[RESERVATION].current.get(key) or Reservation(
        key, stock.path, e.station, e.item, e.reservation, "", "", 0, 0, "{}", "[]",
        0, 0,
    )  # fmt: skip
    picks = _quantities(row.picks)
    for pick in e.picks:
        picks[pick.lot] = picks.get(pick.lot, 0) + sign * pick.quantity
    left = {lot: quantity for lot, quantity in picks.items() if quantity}
    if isinstance(e, StockReserved):
        row = row._replace(
            purpose_kind=e.purpose.kind,
            purpose_id=e.purpose.id,
            # Of what is on back-order, the rest is asked for again.
            asked=max(row.asked, row.quantity + e.asked),
            passed=_json(e.passed),
        )
    when = _when(fact)
    t[RESERVATION].put(row._replace(
        quantity=sum(left.values()), picks=_json(left), occurred_us=when[0],
        seq_from=when[1],
    ))  # fmt: skip


def on_levels(t: Tables, fact: Fact) -> None:
    """How much is to be there."""
    e: LevelsSet = fact.event  # type: ignore[assignment]
    row = _stock(t, e.station, e.item)
    _put_stock(t, fact, Stock(*row[:14], *e.peace, *e.war, *row[20:]))


def on_place(t: Tables, fact: Fact) -> None:
    """Where it stands."""
    e: PlaceSet = fact.event  # type: ignore[assignment]
    _put_stock(t, fact, _stock(t, e.station, e.item), place=e.place)


def _by_item(lines: Iterable[Line]) -> dict[str, int]:
    found: dict[str, int] = {}
    for line in lines:
        found[line.item] = found.get(line.item, 0) + line.quantity
    return found


def on_sent(t: Tables, fact: Fact) -> None:
    """Goods are on their way to a station."""
    e: ShipmentSent = fact.event  # type: ignore[assignment]
    left = _by_item(e.lines)
    for item, quantity in left.items():
        row = _stock(t, e.to, item)
        _put_stock(t, fact, row, coming=row.coming + quantity)
    way = e.slip, site_path(e.to), e.to, 0, _json(left)
    t[WAY].put(Way(*way, *_when(fact)))


def on_way(t: Tables, fact: Fact) -> None:
    """Some of it arrived or is accounted for; what never comes is missing."""
    e: Any = fact.event
    way: Way = t[WAY].current[e.slip]
    ended = isinstance(e, ShipmentArrived) and e.complete and not way.complete
    left, gone = _quantities(way.left), _by_item(e.lines)
    for item in {**left, **gone}:
        row, rest = _stock(t, way.station, item), left.get(item, 0) - gone.get(item, 0)
        there = gone.get(item, 0)
        if way.complete:
            _put_stock(t, fact, row, missing=row.missing - there)
        else:
            over = rest if ended else 0
            coming = row.coming - there - over
            _put_stock(t, fact, row, coming=coming, missing=row.missing + over)
        left[item] = rest
    when = _when(fact)
    t[WAY].put(way._replace(
        complete=int(ended or way.complete),
        left=_json({item: rest for item, rest in left.items() if rest}),
        occurred_us=when[0],
        seq_from=when[1],
    ))  # fmt: skip


# --- the catalogue, stations, residents ----------------------------------------------


def on_listed(t: Tables, fact: Fact) -> None:
    """An item of the catalogue, new or as it is from now on."""
    e: ItemListed = fact.event  # type: ignore[assignment]
    i = e.item
    t[ITEM].put(Item(
        i.code, i.name, i.en, i.category, i.unit, _json(i.packagings), i.place,
        i.shelf_days, i.alert_days, _json(i.needs), ",".join(i.barcodes),
        int(i.durable), 1, *_when(fact),
    ))  # fmt: skip


def on_withdrawn(t: Tables, fact: Fact) -> None:
    """An item leaves the catalogue."""
    e: ItemWithdrawn = fact.event  # type: ignore[assignment]
    when = _when(fact)
    row: Item = t[ITEM].current[e.code]
    t[ITEM].put(row._replace(listed=0, occurred_us=when[0], seq_from=when[1]))


def on_station(t: Tables, fact: Fact) -> None:
    """What is said about a station itself."""
    e: Any = fact.event
    row, at_us = _station(t, e.station), fact.envelope.occurred_us
    match e:
        case StationOpened():
            row = row._replace(post=e.post, opened_us=at_us)
        case CustodyTaken():
            row = row._replace(keeper=e.keeper, custody_count=e.count, custody_us=at_us)
        case DonationNumbered():
            row = row._replace(donations=e.number)
        case ShortagesNoted():
            noted = ",".join(sorted(e.items))
            row = row._replace(noted=noted, noted_war=int(e.war))
    _put_station(t, fact, row)


def on_residents(t: Tables, fact: Fact) -> None:
    """How many people live in a community."""
    e: PopulationStated = fact.event  # type: ignore[assignment]
    t[RESIDENTS].put(Residents(e.area, e.area, e.residents, *_when(fact)))


SUPPLIES = View(
    name="supplies",
    version=1,
    tables=(ITEM, STATION, BATCH, LOT, STOCK, TALLY, RESERVATION, RESIDENTS, WAY),
    handlers={
        ItemListed: on_listed,
        ItemWithdrawn: on_withdrawn,
        PopulationStated: on_residents,
        StationOpened: on_station,
        CustodyTaken: on_station,
        DonationNumbered: on_station,
        ShortagesNoted: on_station,
        LotRegistered: on_registered,
        LotStatusSet: on_status,
        LotExpiring: on_noted,
        LotExpired: on_noted,
        StockMoved: on_moved,
        StockReserved: on_kept,
        ReservationReleased: on_kept,
        LevelsSet: on_levels,
        PlaceSet: on_place,
        ShipmentSent: on_sent,
        ShipmentArrived: on_way,
        ShortfallClosed: on_way,
    },
)


# --- questions -----------------------------------------------------------------------


def due_lots(c: sa.Connection, now: int) -> list[LotRow]:
    """Return the lots of which somebody must be told that they expire or have."""
    return LOT.where(c, _DUE, LOT.table.c.due_us <= now, at=None)


def stock_at(c: sa.Connection, station: str, *, at: int | None = None) -> list[Stock]:
    """Return every item of one station."""
    t = STOCK.table.c
    inside = t.path == site_path(station)
    return STOCK.where(c, inside, t.station == station, at=at)


def lots_at(
    c: sa.Connection, station: str, item: str = "", *, at: int | None = None
) -> list[LotRow]:
    """Return the lots of one station, of one item if it is named."""
    t = LOT.table.c
    where = [t.path == site_path(station), t.station == station]
    return LOT.where(c, *where, *([t.item == item] if item else []), at=at)


def kept_at(
    c: sa.Connection, station: str, item: str = "", *, at: int | None = None
) -> list[Reservation]:
    """Return what is kept at one station, of one item if it is named."""
    t = RESERVATION.table.c
    where = [t.path == site_path(station), t.station == station, t.quantity > 0]
    return RESERVATION.where(c, *where, *([t.item == item] if item else []), at=at)


def held_by(c: sa.Connection, item: str, lot: str) -> list[LotRow]:
    """Return where there is something of a lot now."""
    t = LOT.table.c
    return LOT.where(c, t.item == item, t.lot == lot, t.on_hand > 0, at=None)


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
