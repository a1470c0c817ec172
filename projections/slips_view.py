"""How slips are kept (单据): one function an event."""

from __future__ import annotations

from collections.abc import Iterable

from coordination.counts import events as counts
from coordination.filled import filled
from coordination.requisitions import events as requisitions
from coordination.stock import events as stock
from coordination.stock.ledger import REQUISITION, Line
from coordination.stock.slips import summed
from coordination.transfers import events as transfers
from coordination.tree import site_path
from projections.slips import (
    ADJUST,
    ARRIVED,
    CANCELLED,
    CLOSED,
    COUNT,
    COUNTED,
    DONE,
    ISSUE,
    MISSING,
    MOVEMENT,
    OPEN,
    ORDERED,
    OUT,
    PART,
    RECEIPT,
    REQUEST,
    RETURNED,
    SCRAP,
    SETTLED,
    SHIPMENT,
    SLIP,
    TRANSIT,
    Counted,
    Movement,
    SlipRow,
    corrections_in,
    lines_in,
)
from projections.slips_requests import REQUESTS
from projections.temporal import as_json
from projections.view import Tables, View

TABLES = MOVEMENT, SLIP, COUNTED, REQUEST
SLIPS = View("slips", 5, TABLES, handlers=dict(REQUESTS))


def _count(lines: Iterable[Line]) -> int:
    return sum(line.quantity for line in lines)


def _more(text: str, lines: Iterable[Line]) -> str:
    """Return stored lines and more of them, one for each lot of an item."""
    found = summed((*lines_in(text), *lines))
    return as_json([Line(*key, quantity) for key, quantity in found.items()])


@SLIPS.on(stock.StockMoved)
def on_moved(t: Tables, e: stock.StockMoved) -> None:
    """Enter it in the ledger."""
    row = filled(
        Movement,
        e,
        seq=t.fact.seq,
        path=site_path(e.station),
        occurred_us=t.fact.envelope.occurred_us,
    )
    t[MOVEMENT].put(row)


def _new(
    t: Tables, e: stock.Slip, kind: str, state: str, lines: Iterable[Line]
) -> SlipRow:
    """Return the row of a slip just made."""
    return SlipRow(
        slip=e.slip,
        kind=kind,
        path=site_path(e.station),
        station=e.station,
        to_path="",
        to_station="",
        state=state,
        lines=as_json(tuple(lines)),
        by=t.fact.envelope.actor,
        at_us=t.fact.envelope.occurred_us,
        recorded_us=t.fact.recorded_us,
    )


@SLIPS.on(stock.GoodsReceived)
def on_received(t: Tables, e: stock.GoodsReceived) -> None:
    """Goods came in; requisitioned ones are owed."""
    owed = e.source.kind == REQUISITION
    row = _new(t, e, RECEIPT, OUT if owed else DONE, e.lines)._replace(
        party_kind=e.source.kind,
        party_id=e.source.id,
        document=e.document,
        number=e.number,
        emergency=e.emergency,
        left=_count(e.lines) if owed else 0,
    )
    t.put(SLIP, row)


@SLIPS.on(stock.DonorCorrected)
def on_donor(t: Tables, e: stock.DonorCorrected) -> None:
    """A gift was somebody else's."""
    row = t[SLIP].current[e.slip]
    t.put(SLIP, row._replace(party_id=e.source.id, party_before=e.before.id))


@SLIPS.on(requisitions.GoodsGivenBack | requisitions.OwnerCompensated)
def on_settled(
    t: Tables, e: requisitions.GoodsGivenBack | requisitions.OwnerCompensated
) -> None:
    """Requisitioned goods are given back or paid for."""
    row = t[SLIP].current[e.slip]
    left, closed = row.left - _count(e.lines), _more(row.closed, e.lines)
    state = OUT if left else SETTLED
    t.put(SLIP, row._replace(closed=closed, left=left, state=state))


@SLIPS.on(stock.GoodsIssued)
def on_issued(t: Tables, e: stock.GoodsIssued) -> None:
    """Goods went out."""
    row = _new(t, e, ISSUE, DONE, e.lines)._replace(
        party_kind=e.to.kind,
        party_id=e.to.id,
        order_id=e.reservation,
        passed=as_json(e.passed),
    )
    t.put(SLIP, row)


@SLIPS.on(stock.GoodsReturned)
def on_returned(t: Tables, e: stock.GoodsReturned) -> None:
    """Some of what went out came back, good or not."""
    row = t[SLIP].current[e.slip]
    closed = _more(row.closed, e.lines)
    whole = _count(lines_in(closed)) == _count(lines_in(row.lines))
    t.put(SLIP, row._replace(closed=closed, state=RETURNED if whole else DONE))


@SLIPS.on(stock.StockScrapped)
def on_scrapped(t: Tables, e: stock.StockScrapped) -> None:
    """Stock is scrapped."""
    t.put(SLIP, _new(t, e, SCRAP, DONE, e.lines)._replace(cause=e.cause))


@SLIPS.on(stock.StockAdjusted)
def on_adjusted(t: Tables, e: stock.StockAdjusted) -> None:
    """The books are put right."""
    lines = [Line(e.item, e.lot, e.change)]
    t.put(SLIP, _new(t, e, ADJUST, DONE, lines)._replace(document=e.corrects))


@SLIPS.on(stock.SlipCorrected)
def on_corrected(t: Tables, e: stock.SlipCorrected) -> None:
    """A slip was wrong: it says so, and of what is owed there is more or less."""
    row = t[SLIP].current[e.slip]
    corrected = (*corrections_in(row.corrected), (e.item, e.lot, e.change, e.by_slip))
    row = row._replace(corrected=as_json(corrected))
    if row.state == OUT:
        left = max(0, row.left + e.change)
        row = row._replace(left=left, state=OUT if left else SETTLED)
    t.put(SLIP, row)


# --- transfers -----------------------------------------------------------------------


def _between(
    t: Tables, e: transfers.TransferOrdered | transfers.ShipmentSent, state: str
) -> SlipRow:
    """Return the row of goods that go from one station to another."""
    row = _new(t, e, SHIPMENT, state, e.lines)
    return row._replace(to_path=site_path(e.to), to_station=e.to)


@SLIPS.on(transfers.TransferOrdered)
def on_ordered(t: Tables, e: transfers.TransferOrdered) -> None:
    """A station is to send to another."""
    t.put(SLIP, _between(t, e, ORDERED)._replace(order_id=e.reallocation))


@SLIPS.on(transfers.TransferCancelled)
def on_cancelled(t: Tables, e: transfers.TransferCancelled) -> None:
    """An order is not carried out."""
    t.put(SLIP, t[SLIP].current[e.slip]._replace(state=CANCELLED))


@SLIPS.on(transfers.ShipmentSent)
def on_sent(t: Tables, e: transfers.ShipmentSent) -> None:
    """Goods left for another station."""
    order = t[SLIP].current.get(e.slip)
    row = _between(t, e, TRANSIT)._replace(
        document=e.carrier,
        order_id=order.order_id if order else "",
        left=_count(e.lines),
        by=e.by,
        due_us=e.expected_us,
    )
    t.put(SLIP, row)


@SLIPS.on(transfers.ShipmentArrived)
def on_arrived(t: Tables, e: transfers.ShipmentArrived) -> None:
    """Some of a shipment was unloaded; whoever answers for the rest is named."""
    row = t[SLIP].current[e.slip]
    state = MISSING if e.complete or row.state == MISSING else PART
    if not e.left:
        state = ARRIVED if row.closed == "[]" else CLOSED
    arrived, owner = _more(row.arrived, e.lines), e.owner or row.owner
    row = row._replace(arrived=arrived, left=e.left, owner=owner, state=state)
    t.put(SLIP, row)


@SLIPS.on(transfers.ShipmentLate)
def on_late(t: Tables, e: transfers.ShipmentLate) -> None:
    """A shipment is late."""
    t.put(SLIP, t[SLIP].current[e.slip]._replace(late=1))


@SLIPS.on(transfers.ShortfallClosed)
def on_closed(t: Tables, e: transfers.ShortfallClosed) -> None:
    """What is missing of a shipment is accounted for."""
    row = t[SLIP].current[e.slip]
    left = row.left - _count(e.lines)
    row = row._replace(
        closed=_more(row.closed, e.lines),
        left=left,
        cause=e.cause,
        owner=e.owner,
        state=row.state if left else CLOSED,
    )
    t.put(SLIP, row)


# --- counts --------------------------------------------------------------------------


def _uncounted(
    e: counts.CountOpened | counts.LotCounted, item: str, lot: str
) -> Counted:
    return Counted(
        key=f"{e.slip}/{item}/{lot}",
        path=site_path(e.station),
        slip=e.slip,
        station=e.station,
        item=item,
        lot=lot,
    )


@SLIPS.on(counts.CountOpened)
def on_count(t: Tables, e: counts.CountOpened) -> None:
    """A count begins: the lots of its sheet."""
    lines = [Line(one.item, one.lot, 0) for one in e.sheet]
    t.put(SLIP, _new(t, e, COUNT, OPEN, lines))
    for one in e.sheet:
        t.put(COUNTED, _uncounted(e, one.item, one.lot))


@SLIPS.on(counts.LotCounted)
def on_counted(t: Tables, e: counts.LotCounted) -> None:
    """A lot was counted; of whoever counted before, what they found is kept."""
    row = _uncounted(e, e.item, e.lot)
    row = t[COUNTED].current.get(row.key, row)
    before = row.counted if e.first == row.by else row.first_counted
    row = row._replace(
        counted=e.counted,
        book=e.book,
        result=e.result,
        by=e.by,
        first=e.first,
        first_counted=before if e.first else 0,
        moved=e.moved,
    )
    t.put(COUNTED, row)


@SLIPS.on(counts.VarianceSettled)
def on_variance(t: Tables, e: counts.VarianceSettled) -> None:
    """The books follow a count."""
    row = t[COUNTED].current[f"{e.slip}/{e.item}/{e.lot}"]
    t.put(COUNTED, row._replace(cause=e.cause, change=e.change))


@SLIPS.on(counts.CountClosed)
def on_count_closed(t: Tables, e: counts.CountClosed) -> None:
    """A count is over."""
    t.put(SLIP, t[SLIP].current[e.slip]._replace(state=CLOSED))
