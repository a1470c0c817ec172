"""Slips (单据): every movement, what it was for, what is owed; counts; requests."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

import msgspec
import sqlalchemy as sa

from coordination.requests.events import Wanted
from coordination.stock.ledger import Line
from projections.temporal import Temporal

RECEIPT, ISSUE, SCRAP, ADJUST = "receipt", "issue", "scrap", "adjust"
SHIPMENT, COUNT = "shipment", "count"
DONE, OUT, SETTLED, RETURNED = "DONE", "OUT", "SETTLED", "RETURNED"
"""Of what came in or went out: all said; requisitioned goods are out still; none of
them is any more; all of an issue came back."""
ORDERED, CANCELLED = "ORDERED", "CANCELLED"
TRANSIT, PART, MISSING = "TRANSIT", "PART", "MISSING"
ARRIVED, CLOSED = "ARRIVED", "CLOSED"
"""Of a shipment: nothing arrived; some did; nothing more comes though not all did; all
is there; the rest is accounted for."""
OPEN = "OPEN"
ASKED, TRIAGED, ALLOCATED, DISPATCHED = "ASKED", "TRIAGED", "ALLOCATED", "DISPATCHED"
DELIVERED, CONFIRMED = "DELIVERED", "CONFIRMED"
REFUSED, WITHDRAWN = "REFUSED", "WITHDRAWN"
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
    An order that is carried out is the shipment. ``at_us``: when it happened,
    ``recorded_us``: when it was entered. ``corrected``: JSON of (item, lot, change, by
    which slip), the oldest first. ``party_before``: whose gift it was said to be.
    """

    slip: str
    kind: str
    path: str
    station: str
    to_path: str
    to_station: str
    state: str
    party_kind: str = ""
    party_id: str = ""
    party_before: str = ""
    document: str = ""
    number: int = 0
    emergency: str = ""
    order_id: str = ""
    lines: str = "[]"
    arrived: str = "[]"
    closed: str = "[]"
    left: int = 0
    owner: str = ""
    by: str = ""
    cause: str = ""
    due_us: int = 0
    late: int = 0
    at_us: int = 0
    passed: str = "[]"
    recorded_us: int = 0
    corrected: str = "[]"
    occurred_us: int = 0
    seq_from: int = 0


class Counted(NamedTuple):
    """盘点 of one lot. ``result`` empty: not counted yet; ``cause``: settled."""

    key: str
    path: str
    slip: str
    station: str
    item: str
    lot: str
    counted: int = 0
    book: int = 0
    result: str = ""
    by: str = ""
    first: str = ""
    first_counted: int = 0
    moved: int = 0
    cause: str = ""
    change: int = 0
    occurred_us: int = 0
    seq_from: int = 0


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
    reserved: str = "{}"
    dispatched: str = "{}"
    slips: str = "{}"
    by: str = ""
    reason: str = ""
    made_us: int = 0
    occurred_us: int = 0
    seq_from: int = 0


class Delivery(msgspec.Struct, frozen=True):
    """What is known of one slip of a request (送达与签收)."""

    delivered: str = ""
    by: str = ""
    confirmed: str = ""


Correction = tuple[str, str, int, str]
"""Item, lot, base units more or less on the shelf, the slip that says so."""
corrections_in = msgspec.json.Decoder(tuple[Correction, ...]).decode
"""Reads how a slip was corrected, stored as JSON."""

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
SLIP.partial("number", _s.number, _s.number > _zero)
_open = (ORDERED, TRANSIT, PART, MISSING)
UNDER_WAY = SLIP.partial(
    "under_way", _s.state, _s.state.in_([sa.literal_column(f"'{x}'") for x in _open])
)
"""Transfers that are not over."""
lines_in = msgspec.json.Decoder(tuple[Line, ...]).decode
"""Reads lines stored as JSON."""
deliveries_in = msgspec.json.Decoder(dict[str, Delivery]).decode
"""Reads what is known of the slips of a request, stored as JSON."""
wanted_in = msgspec.json.Decoder(tuple[Wanted, ...]).decode
"""Reads the lines of a request stored as JSON."""


def movements(
    c: sa.Connection,
    *conditions: sa.ColumnElement[bool],
    at: int | None = None,
    limit: int | None = None,
) -> list[Movement]:
    """Return the movements that meet some conditions up to ``at``, newest first."""
    newest = _m.seq.desc()
    return MOVEMENT.first(c, *conditions, order=newest, limit=limit, at=at)


def of_lot(
    c: sa.Connection, item: str, lot: str, at: int | None = None
) -> list[Movement]:
    """Return every movement of a lot up to ``at``, wherever it was, newest first."""
    return movements(c, _m.item == item, _m.lot == lot, at=at)


def of_slip(c: sa.Connection, slip: str, at: int | None = None) -> list[Movement]:
    """Return the movements of a slip up to ``at``, newest first."""
    return movements(c, _m.slip == slip, at=at)


def ledger_of(
    c: sa.Connection, item: str, lot: str, at: int | None = None
) -> dict[str, int]:
    """Return what each account holds of a lot, all stations together, up to ``at``."""
    return balances(c, (_m.item == item, _m.lot == lot, *MOVEMENT.held(at)))


def balances(
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


def sheet(c: sa.Connection, slip: str, *, at: int | None = None) -> list[Counted]:
    """Return the sheet of a count, in its order."""
    t = COUNTED.table.c
    key = f"{slip}/"
    return COUNTED.where(c, t.key >= key, t.key < key + "~", at=at)
