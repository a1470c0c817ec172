"""Slips (单据): every movement, what it was for, what is owed; counts; requests."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

import msgspec
import sqlalchemy as sa

from coordination.catalogue import Fact
from coordination.counts.events import (
    CountClosed,
    CountOpened,
    LotCounted,
    VarianceSettled,
)
from coordination.requests.events import (
    DeliveryConfirmed,
    GoodsAllocated,
    RequestDelivered,
    RequestDispatched,
    RequestMade,
    RequestRefused,
    RequestReturned,
    RequestTriaged,
    RequestWithdrawn,
)
from coordination.requisitions.events import GoodsGivenBack, OwnerCompensated
from coordination.stock.events import (
    REQUISITION,
    GoodsIssued,
    GoodsReceived,
    GoodsReturned,
    Line,
    ReservationReleased,
    StockAdjusted,
    StockMoved,
    StockScrapped,
)
from coordination.transfers.events import (
    ShipmentArrived,
    ShipmentLate,
    ShipmentSent,
    ShortfallClosed,
    TransferCancelled,
    TransferOrdered,
)
from coordination.tree import site_path
from projections.temporal import Temporal
from projections.view import Tables, View

RECEIPT, ISSUE, SCRAP, ADJUST, SHIPMENT, COUNT = KINDS = (
    "receipt",
    "issue",
    "scrap",
    "adjust",
    "shipment",
    "count",
)
DONE, OUT, SETTLED, RETURNED = "DONE", "OUT", "SETTLED", "RETURNED"
"""Of what came in or went out: all said; requisitioned goods are out still; none of
them is any more; all of an issue came back."""
ORDERED, CANCELLED = "ORDERED", "CANCELLED"
TRANSIT, PART, MISSING, ARRIVED, CLOSED = (
    "TRANSIT",
    "PART",
    "MISSING",
    "ARRIVED",
    "CLOSED",
)
"""Of a shipment: nothing arrived; some did; nothing more comes though not all did; all
is there; the rest is accounted for."""
OPEN = "OPEN"
ASKED, TRIAGED, ALLOCATED, DISPATCHED, DELIVERED, CONFIRMED, REFUSED, WITHDRAWN = (
    "ASKED",
    "TRIAGED",
    "ALLOCATED",
    "DISPATCHED",
    "DELIVERED",
    "CONFIRMED",
    "REFUSED",
    "WITHDRAWN",
)
"""Of a request; ``PART``: some is kept or sent, the rest is on back-order (欠货)."""


class Movement(NamedTuple):
    """库存变动, as it stands in the ledger."""

    seq: int
    path: str
    station: str
    item: str
    lot: str
    quantity: int
    source: str
    destination: str
    slip: str
    occurred_us: int


class SlipRow(NamedTuple):
    """单据. ``lines``, ``arrived``, ``closed``, ``passed``: JSON.

    ``closed``: what came back of an issue, was given back or paid for of a requisition,
    is accounted for of a shipment. ``left``: what is owed of a requisition or shipment
    still. ``document``: of a shipment who carries it, of a correction the slip it
    corrects. ``order_id``: the reallocation of a transfer, the reservation of an issue.
    An order that is carried out is the shipment.
    """

    slip: str
    kind: str
    path: str
    station: str
    to_path: str
    to_station: str
    state: str
    party_kind: str
    party_id: str
    document: str
    number: int
    emergency: str
    order_id: str
    lines: str
    arrived: str
    closed: str
    left: int
    owner: str
    by: str
    cause: str
    due_us: int
    late: int
    at_us: int
    passed: str
    occurred_us: int
    seq_from: int


class Counted(NamedTuple):
    """盘点 of one lot. ``result`` empty: not counted yet; ``cause``: settled."""

    key: str
    path: str
    slip: str
    station: str
    item: str
    lot: str
    counted: int
    book: int
    result: str
    by: str
    first: str
    first_counted: int
    moved: int
    cause: str
    change: int
    occurred_us: int
    seq_from: int


class Request(NamedTuple):
    """物资申领. ``wanted``: JSON lines as granted.

    ``reserved``, ``dispatched``: JSON by item. ``slips``: JSON of slip -> what shows
    the delivery, who brought it, who confirmed.
    """

    request: str
    path: str
    area: str
    squad: str
    station: str
    priority: int
    to: str
    needed_by_us: int
    state: str
    wanted: str
    reserved: str
    dispatched: str
    slips: str
    by: str
    reason: str
    made_us: int
    occurred_us: int
    seq_from: int


class Delivery(msgspec.Struct, frozen=True):
    """What is known of one slip of a request (送达与签收)."""

    delivered: str = ""
    by: str = ""
    confirmed: str = ""


MOVEMENT = Temporal("slips_movement", Movement, append_only=True)
SLIP = Temporal("slips_slip", SlipRow)
COUNTED = Temporal("slips_counted", Counted)
REQUEST = Temporal("slips_request", Request)
_m = MOVEMENT.table.c
sa.Index("slips_movement_lot", _m.item, _m.lot)
sa.Index("slips_movement_slip", _m.slip)
_s = SLIP.table.c
_zero: Any = sa.literal_column("0")
_DUE = SLIP.partial("due", _s.due_us, sa.and_(_s.due_us > _zero, _s.left > _zero))
_NUMBERED = SLIP.partial("number", _s.number, _s.number > _zero)
_open = (ORDERED, TRANSIT, PART, MISSING)
UNDER_WAY = SLIP.partial(
    "under_way", _s.state, _s.state.in_([sa.literal_column(f"'{x}'") for x in _open])
)
"""Transfers that are not over."""
_encode = msgspec.json.Encoder().encode
_lines = msgspec.json.Decoder(tuple[Line, ...]).decode
_quantities = msgspec.json.Decoder(dict[str, int]).decode
_deliveries = msgspec.json.Decoder(dict[str, Delivery]).decode


def _json(value: Any) -> str:
    return _encode(value).decode()


def _when(fact: Fact) -> tuple[int, int]:
    return fact.envelope.occurred_us, fact.seq


def lines_in(text: str) -> tuple[Line, ...]:
    """Read lines stored as JSON."""
    return _lines(text)


def deliveries_in(text: str) -> dict[str, Delivery]:
    """Read what is known of the slips of a request, stored as JSON."""
    return _deliveries(text)


def _count(lines: Iterable[Line]) -> int:
    return sum(line.quantity for line in lines)


def _more(text: str, lines: Iterable[Line]) -> str:
    """Return stored lines and more of them, one for each lot of an item."""
    found = dict[tuple[str, str], int]()
    for line in (*_lines(text), *lines):
        key = line.item, line.lot
        found[key] = found.get(key, 0) + line.quantity
    return _json([Line(*key, quantity) for key, quantity in found.items()])


def on_moved(t: Tables, fact: Fact) -> None:
    """Enter it in the ledger."""
    e: StockMoved = fact.event  # type: ignore[assignment]
    t[MOVEMENT].put(Movement(
        fact.seq, site_path(e.station), e.station, e.item, e.lot, e.quantity,
        e.source, e.destination, e.slip, fact.envelope.occurred_us,
    ))  # fmt: skip


# --- slips ---------------------------------------------------------------------------


def _put(t: Tables, fact: Fact, row: SlipRow, **new: Any) -> None:
    """Make this the slip's row, with what is new in it."""
    when = _when(fact)
    t[SLIP].put(row._replace(**new, occurred_us=when[0], seq_from=when[1]))


def _new(fact: Fact, kind: str, state: str, lines: Iterable[Line]) -> SlipRow:
    """Return the row of a slip just made."""
    e: Any = fact.event
    to = getattr(e, "to", "") if kind == SHIPMENT else ""
    return SlipRow(
        e.slip, kind, site_path(e.station), e.station, site_path(to), to, state, "", "",
        "", 0, "", "", _json(tuple(lines)), "[]", "[]", 0, "", fact.envelope.actor, "",
        0, 0, fact.envelope.occurred_us, "[]", *_when(fact),
    )  # fmt: skip


def on_received(t: Tables, fact: Fact) -> None:
    """Goods came in; requisitioned ones are owed."""
    e: GoodsReceived = fact.event  # type: ignore[assignment]
    owed = e.source.kind == REQUISITION
    _put(
        t,
        fact,
        _new(fact, RECEIPT, OUT if owed else DONE, e.lines),
        party_kind=e.source.kind,
        party_id=e.source.id,
        document=e.document,
        number=e.number,
        emergency=e.emergency,
        left=_count(e.lines) if owed else 0,
    )


def on_settled(t: Tables, fact: Fact) -> None:
    """Requisitioned goods are given back or paid for."""
    e: Any = fact.event
    row: SlipRow = t[SLIP].current[e.slip]
    left = row.left - _count(e.lines)
    closed = _more(row.closed, e.lines)
    _put(t, fact, row, closed=closed, left=left, state=OUT if left else SETTLED)


def on_issued(t: Tables, fact: Fact) -> None:
    """Goods went out."""
    e: GoodsIssued = fact.event  # type: ignore[assignment]
    _put(
        t,
        fact,
        _new(fact, ISSUE, DONE, e.lines),
        party_kind=e.to.kind,
        party_id=e.to.id,
        order_id=e.reservation,
        passed=_json(e.passed),
    )


def on_returned(t: Tables, fact: Fact) -> None:
    """Some of what went out came back, good or not."""
    e: GoodsReturned = fact.event  # type: ignore[assignment]
    row: SlipRow = t[SLIP].current[e.slip]
    closed = _more(row.closed, e.lines)
    whole = _count(_lines(closed)) == _count(_lines(row.lines))
    _put(t, fact, row, closed=closed, state=RETURNED if whole else DONE)


def on_written_off(t: Tables, fact: Fact) -> None:
    """Stock is scrapped, or the books are put right."""
    e: Any = fact.event
    if isinstance(e, StockScrapped):
        _put(t, fact, _new(fact, SCRAP, DONE, e.lines), cause=e.cause)
        return
    line = Line(e.item, e.lot, e.change)
    _put(t, fact, _new(fact, ADJUST, DONE, [line]), document=e.corrects)


# --- transfers -----------------------------------------------------------------------


def on_ordered(t: Tables, fact: Fact) -> None:
    """A station is to send to another."""
    e: TransferOrdered = fact.event  # type: ignore[assignment]
    _put(t, fact, _new(fact, SHIPMENT, ORDERED, e.lines), order_id=e.reallocation)


def on_cancelled(t: Tables, fact: Fact) -> None:
    """An order is not carried out."""
    e: TransferCancelled = fact.event  # type: ignore[assignment]
    _put(t, fact, t[SLIP].current[e.slip], state=CANCELLED)


def on_sent(t: Tables, fact: Fact) -> None:
    """Goods left for another station."""
    e: ShipmentSent = fact.event  # type: ignore[assignment]
    order = t[SLIP].current.get(e.slip)
    _put(
        t,
        fact,
        _new(fact, SHIPMENT, TRANSIT, e.lines),
        document=e.carrier,
        order_id=order.order_id if order else "",
        left=_count(e.lines),
        by=e.by,
        due_us=e.expected_us,
    )


def on_arrived(t: Tables, fact: Fact) -> None:
    """Some of a shipment was unloaded; whoever answers for the rest is named."""
    e: ShipmentArrived = fact.event  # type: ignore[assignment]
    row: SlipRow = t[SLIP].current[e.slip]
    state = MISSING if e.complete or row.state == MISSING else PART
    if not e.left:
        state = ARRIVED if row.closed == "[]" else CLOSED
    arrived = _more(row.arrived, e.lines)
    owner = e.owner or row.owner
    _put(t, fact, row, arrived=arrived, left=e.left, owner=owner, state=state)


def on_late(t: Tables, fact: Fact) -> None:
    """A shipment is late."""
    e: ShipmentLate = fact.event  # type: ignore[assignment]
    _put(t, fact, t[SLIP].current[e.slip], late=1)


def on_closed(t: Tables, fact: Fact) -> None:
    """What is missing of a shipment is accounted for."""
    e: ShortfallClosed = fact.event  # type: ignore[assignment]
    row: SlipRow = t[SLIP].current[e.slip]
    _put(
        t,
        fact,
        row,
        closed=_more(row.closed, e.lines),
        left=(left := row.left - _count(e.lines)),
        cause=e.cause,
        owner=e.owner,
        state=row.state if left else CLOSED,
    )


# --- counts --------------------------------------------------------------------------


def on_count(t: Tables, fact: Fact) -> None:
    """A count begins: the lots of its sheet."""
    e: CountOpened = fact.event  # type: ignore[assignment]
    lines = [Line(one.item, one.lot, 0) for one in e.sheet]
    _put(t, fact, _new(fact, COUNT, OPEN, lines))
    for one in e.sheet:
        t[COUNTED].put(_uncounted(fact, one.item, one.lot))


def _uncounted(fact: Fact, item: str, lot: str) -> Counted:
    e: Any = fact.event
    return Counted(
        f"{e.slip}/{item}/{lot}", site_path(e.station), e.slip, e.station, item, lot,
        0, 0, "", "", "", 0, 0, "", 0, *_when(fact),
    )  # fmt: skip


def on_counted(t: Tables, fact: Fact) -> None:
    """A lot was counted; of whoever counted before, what they found is kept."""
    e: LotCounted = fact.event  # type: ignore[assignment]
    key = f"{e.slip}/{e.item}/{e.lot}"
    row = t[COUNTED].current.get(key) or _uncounted(fact, e.item, e.lot)
    before = row.counted if e.first == row.by else row.first_counted
    when = _when(fact)
    t[COUNTED].put(row._replace(
        counted=e.counted, book=e.book, result=e.result, by=e.by, first=e.first,
        first_counted=before if e.first else 0, moved=e.moved, occurred_us=when[0],
        seq_from=when[1],
    ))  # fmt: skip


def on_variance(t: Tables, fact: Fact) -> None:
    """The books follow a count."""
    e: VarianceSettled = fact.event  # type: ignore[assignment]
    row: Counted = t[COUNTED].current[f"{e.slip}/{e.item}/{e.lot}"]
    when = _when(fact)
    t[COUNTED].put(row._replace(
        cause=e.cause, change=e.change, occurred_us=when[0], seq_from=when[1]
    ))  # fmt: skip


def on_count_closed(t: Tables, fact: Fact) -> None:
    """A count is over."""
    e: CountClosed = fact.event  # type: ignore[assignment]
    _put(t, fact, t[SLIP].current[e.slip], state=CLOSED)


# --- requests ------------------------------------------------------------------------


def _put_request(t: Tables, fact: Fact, row: Request, **new: Any) -> None:
    """Make this the request's row, in the state that follows."""
    when = _when(fact)
    row = row._replace(**new, occurred_us=when[0], seq_from=when[1])
    if row.state not in {REFUSED, WITHDRAWN}:
        row = row._replace(state=_state(row))
    t[REQUEST].put(row)


def _state(row: Request) -> str:
    """Return how far a request is, from what is kept, sent, brought and confirmed."""
    kept, sent = _quantities(row.reserved), _quantities(row.dispatched)
    if not any(kept.values()) and not any(sent.values()):
        return TRIAGED if row.station else ASKED
    wanted = dict[str, int]()
    for line in _wanted(row.wanted):
        wanted[line.item] = wanted.get(line.item, 0) + line.quantity
    got = {item: kept.get(item, 0) + sent.get(item, 0) for item in wanted}
    if any(got[item] < wanted[item] for item in wanted):
        return PART
    if any(kept.values()):
        return ALLOCATED
    slips = _deliveries(row.slips).values()
    if all(slip.confirmed for slip in slips):
        return CONFIRMED
    return DELIVERED if all(slip.delivered for slip in slips) else DISPATCHED


class Asked(msgspec.Struct, frozen=True):
    """A line of a request: base units of an item."""

    item: str
    quantity: int


_wanted = msgspec.json.Decoder(tuple[Asked, ...]).decode


def wanted_in(text: str) -> tuple[Asked, ...]:
    """Read the lines of a request stored as JSON."""
    return _wanted(text)


def on_made(t: Tables, fact: Fact) -> None:
    """Somebody asks for goods."""
    e: RequestMade = fact.event  # type: ignore[assignment]
    t[REQUEST].put(Request(
        e.request, e.request.partition("-")[0], e.area, e.squad, "", e.priority, e.to,
        e.needed_by_us, ASKED, _json(e.lines), "{}", "{}", "{}", e.by,
        fact.envelope.reason, fact.envelope.occurred_us, *_when(fact),
    ))  # fmt: skip


def on_triaged(t: Tables, fact: Fact) -> None:
    """A station is to serve it, with what is granted."""
    e: RequestTriaged = fact.event  # type: ignore[assignment]
    row: Request = t[REQUEST].current[e.request]
    wanted = _json(e.lines)
    _put_request(t, fact, row, station=e.station, priority=e.priority, wanted=wanted)


def on_ended(t: Tables, fact: Fact) -> None:
    """It is refused, or nobody needs it any more; the reason is of that."""
    e: Any = fact.event
    row: Request = t[REQUEST].current[e.request]
    state = REFUSED if isinstance(e, RequestRefused) else WITHDRAWN
    reason = fact.envelope.reason or row.reason
    _put_request(t, fact, row, state=state, reserved="{}", reason=reason)


def _changed(text: str, change: Iterable[tuple[str, int]]) -> str:
    """Return stored quantities with these added; none goes below zero."""
    found = _quantities(text)
    for item, quantity in change:
        found[item] = max(0, found.get(item, 0) + quantity)
    return _json({item: quantity for item, quantity in found.items() if quantity})


def on_allocated(t: Tables, fact: Fact) -> None:
    """Goods are kept for it."""
    e: GoodsAllocated = fact.event  # type: ignore[assignment]
    row: Request = t[REQUEST].current[e.request]
    kept = _changed(row.reserved, ((w.item, w.quantity) for w in e.lines))
    _put_request(t, fact, row, reserved=kept, station=e.station)


def on_freed(t: Tables, fact: Fact) -> None:
    """What a request lost of its goods is on back-order again."""
    e: ReservationReleased = fact.event  # type: ignore[assignment]
    row = t[REQUEST].current.get(e.reservation)
    # What is used left with a slip, and the request says so itself.
    if row is None or e.cause == "used":
        return
    lost = sum(pick.quantity for pick in e.picks)
    _put_request(t, fact, row, reserved=_changed(row.reserved, [(e.item, -lost)]))


def on_dispatched(t: Tables, fact: Fact) -> None:
    """Goods kept for it left with a slip."""
    e: RequestDispatched = fact.event  # type: ignore[assignment]
    row: Request = t[REQUEST].current[e.request]
    _put_request(
        t,
        fact,
        row,
        reserved=_changed("{}", ((w.item, w.quantity) for w in e.kept)),
        dispatched=_changed(row.dispatched, ((w.item, w.quantity) for w in e.lines)),
        slips=_json({**_deliveries(row.slips), e.slip: Delivery()}),
    )


def on_came_back(t: Tables, fact: Fact) -> None:
    """Goods sent for it came back: they are on back-order again."""
    e: RequestReturned = fact.event  # type: ignore[assignment]
    row: Request = t[REQUEST].current[e.request]
    back = ((w.item, -w.quantity) for w in e.lines)
    _put_request(t, fact, row, dispatched=_changed(row.dispatched, back))


def on_delivered(t: Tables, fact: Fact) -> None:
    """A slip was brought, or whoever asked has it."""
    e: Any = fact.event
    row: Request = t[REQUEST].current[e.request]
    slips = _deliveries(row.slips)
    known = slips.get(e.slip, Delivery())
    if isinstance(e, RequestDelivered):
        known = Delivery(e.proof, e.by, known.confirmed)
    else:
        known = Delivery(known.delivered, known.by, e.by)
    _put_request(t, fact, row, slips=_json({**slips, e.slip: known}))


SLIPS = View(
    name="slips",
    version=3,
    tables=(MOVEMENT, SLIP, COUNTED, REQUEST),
    handlers={
        StockMoved: on_moved,
        GoodsReceived: on_received,
        GoodsGivenBack: on_settled,
        OwnerCompensated: on_settled,
        GoodsIssued: on_issued,
        GoodsReturned: on_returned,
        StockScrapped: on_written_off,
        StockAdjusted: on_written_off,
        TransferOrdered: on_ordered,
        TransferCancelled: on_cancelled,
        ShipmentSent: on_sent,
        ShipmentArrived: on_arrived,
        ShipmentLate: on_late,
        ShortfallClosed: on_closed,
        CountOpened: on_count,
        LotCounted: on_counted,
        VarianceSettled: on_variance,
        CountClosed: on_count_closed,
        RequestMade: on_made,
        RequestTriaged: on_triaged,
        RequestRefused: on_ended,
        RequestWithdrawn: on_ended,
        GoodsAllocated: on_allocated,
        ReservationReleased: on_freed,
        RequestDispatched: on_dispatched,
        RequestReturned: on_came_back,
        RequestDelivered: on_delivered,
        DeliveryConfirmed: on_delivered,
    },
)


# --- questions -----------------------------------------------------------------------


def movements(
    c: sa.Connection,
    *conditions: sa.ColumnElement[bool],
    at: int | None = None,
    limit: int | None = None,
) -> list[Movement]:
    """Return the movements that meet some conditions up to ``at``, newest first."""
    query = sa.select(MOVEMENT.table).where(*conditions, *_until(at))
    found = c.execute(query.order_by(_m.seq.desc()).limit(limit))
    return [Movement._make(row) for row in found]


def _until(at: int | None) -> tuple[sa.ColumnElement[bool], ...]:
    return () if at is None else (_m.seq <= at,)


def of_lot(c: sa.Connection, item: str, lot: str) -> list[Movement]:
    """Return every movement of a lot, wherever it was, newest first."""
    return movements(c, _m.item == item, _m.lot == lot)


def of_slip(c: sa.Connection, slip: str) -> list[Movement]:
    """Return the movements of a slip, newest first."""
    return movements(c, _m.slip == slip)


def of_stock(c: sa.Connection, station: str, item: str = "") -> list[Movement]:
    """Return the movements at a station, of one item if it is named, newest first."""
    return movements(c, *_at_station(station, item))


def _at_station(station: str, item: str) -> list[sa.ColumnElement[bool]]:
    where = [_m.path == site_path(station), _m.station == station]
    return [*where, _m.item == item] if item else where


def ledger(
    c: sa.Connection, station: str, item: str, at: int | None = None
) -> dict[str, int]:
    """Return what each account holds of an item by what a station moved, up to ``at``.

    They sum to zero; what came in stands below zero, at its source.
    """
    where = (*_at_station(station, item), *_until(at))
    return _balances(c, where)


def ledger_of(
    c: sa.Connection, item: str, lot: str, at: int | None = None
) -> dict[str, int]:
    """Return what each account holds of a lot, all stations together, up to ``at``."""
    return _balances(c, (_m.item == item, _m.lot == lot, *_until(at)))


def _balances(
    c: sa.Connection, where: Iterable[sa.ColumnElement[bool]]
) -> dict[str, int]:
    """Return what each account holds; those that hold nothing are not named."""
    query = sa.select(_m.source, _m.destination, sa.func.sum(_m.quantity)).where(*where)
    found = dict[str, int]()
    for source, destination, quantity in c.execute(
        query.group_by(_m.source, _m.destination)
    ):
        found[source] = found.get(source, 0) - int(quantity)
        found[destination] = found.get(destination, 0) + int(quantity)
    return {account: held for account, held in found.items() if held}


def late_shipments(c: sa.Connection, now: int) -> list[SlipRow]:
    """Return the shipments that should be there, are not, and nobody was told."""
    waiting = _s.state.in_((TRANSIT, PART))
    return SLIP.where(c, _DUE, _s.due_us <= now, waiting, _s.late == 0, at=None)


def donated(c: sa.Connection, number: int) -> list[SlipRow]:
    """Return the receipts of donations with a number, one a station at most."""
    return SLIP.where(c, _NUMBERED, _s.number == number, at=None)


def sheet(c: sa.Connection, slip: str, *, at: int | None = None) -> list[Counted]:
    """Return the sheet of a count, in its order."""
    t = COUNTED.table.c
    key = f"{slip}/"
    return COUNTED.where(c, t.key >= key, t.key < key + "~", at=at)
