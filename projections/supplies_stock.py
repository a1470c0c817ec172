"""Stock and its lots (库存、批次), as facts about goods change them."""

from __future__ import annotations

from coordination.fields import lot_id
from coordination.stock import events as stock
from coordination.stock.ledger import APPROVED, EXPIRED, SHELF, USED
from coordination.stock.state import EXPIRING
from coordination.tree import site_path
from projections.dispatch import On
from projections.supplies import (
    BATCH,
    HOUR_US,
    LOT,
    MAKER,
    RESERVATION,
    Batch,
    LotRow,
    Maker,
    Reservation,
    Stock,
    hours_in,
    quantities_in,
)
from projections.supplies_tally import put_stock, stock_of
from projections.temporal import as_json
from projections.view import Handlers, Tables

HOURS_MAX = 48
"""Hours with issues that are kept of each item at each station."""
LOTS: Handlers = {}
on = On(LOTS)


def _lot(t: Tables, station: str, item: str, lot: str) -> LotRow:
    """Return a lot at a station as it is, nothing of it if nothing was said yet."""
    key = f"{station}/{item}/{lot}"
    return t[LOT].current.get(key) or LotRow(
        key=key, path=site_path(station), station=station, item=item, lot=lot
    )


def _batch(t: Tables, item: str, lot: str) -> Batch:
    """Return a lot as it is everywhere."""
    key = f"{item}/{lot}"
    return t[BATCH].current.get(key) or Batch(key=key, item=item, lot=lot)


def _everywhere(t: Tables) -> dict[str, list[str]]:
    """Return the keys of a lot at each station, by item and lot."""
    known: dict[str, list[str]] | None = t.memo.get("everywhere")
    if known is None:
        known = t.memo["everywhere"] = {}
        for row in t[LOT].every():
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


def _with_lot(t: Tables, stock: Stock, row: LotRow) -> Stock:
    """Make this the row of a lot at a station; return the stock with it."""
    old, batch = t[LOT].current.get(row.key), _batch(t, row.item, row.lot)
    if old is None:
        _everywhere(t).setdefault(batch.key, []).append(row.key)
    # Of what is used up nothing is remembered, unless it was set by somebody.
    noted = row.noted if row.on_hand or row.own != APPROVED else ""
    status = EXPIRED if noted == EXPIRED else row.own
    row = row._replace(
        status=status if batch.status == APPROVED else batch.status,
        expires_us=batch.expires_us,
        alert_us=batch.alert_us,
        noted=noted,
        due_us=_due_us(batch, noted) if row.on_hand else 0,
    )
    t.put(LOT, row)
    before, after = _adds(old), _adds(row)
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


def _put_lot(t: Tables, row: LotRow) -> None:
    """Make this the row of a lot at a station, and keep the stock there."""
    put_stock(t, _with_lot(t, stock_of(t, row.station, row.item), row))


def _put_batch(t: Tables, batch: Batch) -> None:
    """Make this the row of a lot, and see what becomes of it at each station."""
    t.put(BATCH, batch)
    for key in _everywhere(t).get(batch.key, ()):
        _put_lot(t, t[LOT].current[key])


def _said(batch: Batch, e: stock.LotRegistered | stock.LotCorrected) -> Batch:
    """Return a lot as a fact describes it."""
    return batch._replace(
        batch=e.batch,
        made_us=e.made_us,
        expires_us=e.expires_us,
        alert_us=e.alert_us,
        origin_kind=e.origin.kind,
        origin_id=e.origin.id,
        maker=f"{e.item}/{lot_id(e.batch or e.lot)}",
    )


@on(stock.LotRegistered)
def on_registered(t: Tables, e: stock.LotRegistered) -> None:
    """What a lot is wherever it goes."""
    batch = _said(_batch(t, e.item, e.lot), e)._replace(slip=e.slip)
    _of_maker(t).setdefault(batch.maker, []).append(batch.key)
    _put_batch(t, _judged(t, batch))


@on(stock.LotCorrected)
def on_lot_corrected(t: Tables, e: stock.LotCorrected) -> None:
    """What a lot is was mistyped; of the expiry it does not have nobody was told."""
    old = _batch(t, e.item, e.lot)
    batch = _said(old, e)._replace(corrected=old.corrected + 1)
    if batch.maker != old.maker:
        _of_maker(t).get(old.maker, []).remove(old.key)
        _of_maker(t).setdefault(batch.maker, []).append(batch.key)
    if batch.expires_us != old.expires_us:
        for key in _everywhere(t).get(batch.key, ()):
            t.put(LOT, t[LOT].current[key]._replace(noted=""))
    _put_batch(t, _judged(t, batch))


@on(stock.LotStatusSet)
def on_status(t: Tables, e: stock.LotStatusSet) -> None:
    """A lot may be used or not, at one station or wherever it is."""
    if e.station:
        _put_lot(t, _lot(t, e.station, e.item, e.lot)._replace(own=e.status))
    else:
        _put_batch(t, _judged(t, _batch(t, e.item, e.lot)._replace(own=e.status)))


@on(stock.BatchStatusSet)
def on_maker(t: Tables, e: stock.BatchStatusSet) -> None:
    """All lots of a maker's batch may be used or not, those to come too."""
    key = f"{e.item}/{e.batch}"
    known = t[MAKER].current.get(key) or Maker(key, e.item, e.batch)
    t.put(MAKER, known._replace(status=e.status))
    for lot in _of_maker(t).get(key, ()):
        _put_batch(t, _judged(t, t[BATCH].current[lot]))


def _judged(t: Tables, batch: Batch) -> Batch:
    """Return a lot as it is wherever it is: by itself, or by its maker's batch."""
    maker = t[MAKER].current.get(batch.maker)
    if batch.own != APPROVED or maker is None:
        return batch._replace(status=batch.own)
    return batch._replace(status=maker.status)


def _of_maker(t: Tables) -> dict[str, list[str]]:
    """Return the keys of the lots of each maker's batch."""
    known: dict[str, list[str]] | None = t.memo.get("makers")
    if known is None:
        known = t.memo["makers"] = {}
        for row in t[BATCH].every():
            if row.maker:
                known.setdefault(row.maker, []).append(row.key)
    return known


@on(stock.LotExpiring | stock.LotExpired)
def on_noted(t: Tables, e: stock.LotExpiring | stock.LotExpired) -> None:
    """Somebody was told that a lot will expire, or that it has."""
    noted = EXPIRED if isinstance(e, stock.LotExpired) else EXPIRING
    _put_lot(t, _lot(t, e.station, e.item, e.lot)._replace(noted=noted))


@on(stock.StockMoved)
def on_moved(t: Tables, e: stock.StockMoved) -> None:
    """Goods come to a shelf or leave it; other accounts are no stock."""
    if e.destination == SHELF:
        change, other = e.quantity, e.source
    elif e.source == SHELF:
        change, other = -e.quantity, e.destination
    else:
        return
    lot, stock = _lot(t, e.station, e.item, e.lot), stock_of(t, e.station, e.item)
    stock = _with_lot(t, stock, lot._replace(on_hand=lot.on_hand + change))
    hours = stock.hours
    if other == USED:
        hours = _issued(hours, t.fact.envelope.occurred_us // HOUR_US, -change)
    put_stock(t, stock._replace(moves=stock.moves + 1, hours=hours))


def _issued(text: str, hour: int, quantity: int) -> str:
    """Return the hours with what was issued in one of them, or came back in it."""
    hours = hours_in(text)
    hours[hour] = max(0, hours.get(hour, 0) + quantity)
    if not hours[hour]:
        del hours[hour]
    while len(hours) > HOURS_MAX:
        del hours[min(hours)]
    return as_json(hours)


@on(stock.StockReserved | stock.ReservationReleased)
def on_kept(t: Tables, e: stock.StockReserved | stock.ReservationReleased) -> None:
    """Something is kept for somebody, or not any more."""
    held = stock_of(t, e.station, e.item)
    sign = 1 if isinstance(e, stock.StockReserved) else -1
    for pick in e.picks:
        lot = _lot(t, e.station, e.item, pick.lot)
        kept = lot.reserved + sign * pick.quantity
        held = _with_lot(t, held, lot._replace(reserved=kept))
    put_stock(t, held)
    key = f"{held.key}/{e.reservation}"
    row = t[RESERVATION].current.get(key) or Reservation(
        key=key,
        path=held.path,
        station=e.station,
        item=e.item,
        reservation=e.reservation,
    )
    picks = quantities_in(row.picks)
    for pick in e.picks:
        picks[pick.lot] = picks.get(pick.lot, 0) + sign * pick.quantity
    left = {lot: quantity for lot, quantity in picks.items() if quantity}
    if isinstance(e, stock.StockReserved):
        row = row._replace(
            purpose_kind=e.purpose.kind,
            purpose_id=e.purpose.id,
            # Of what is on back-order, the rest is asked for again.
            asked=max(row.asked, row.quantity + e.asked),
            passed=as_json(e.passed),
        )
    row = row._replace(quantity=sum(left.values()), picks=as_json(left))
    t.put(RESERVATION, row)
