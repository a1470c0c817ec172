"""Rules of shortfalls (调拨差异): what did not arrive is somebody's until closed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from coordination.again import Recorded, Recording
from coordination.fields import Cause, named
from coordination.filled import filled
from coordination.kernel import Event, Read
from coordination.refusals import Forbidden, Invalid, NothingLeft, Refusal
from coordination.stations.state import settled_station
from coordination.stock.books import Books
from coordination.stock.ledger import LOST, SCRAP, SHELF, TRANSIT
from coordination.stock.lines import (
    LotLines,
    UnknownCause,
    check_lines,
    put_lines,
)
from coordination.stock.units import lines_of
from coordination.transfers.events import ShipmentLate, ShortfallClosed
from coordination.transfers.state import (
    OfShipment,
    UnknownShipment,
    check_missing,
    sent_off,
    shipment_stream,
)
from coordination.tree import site_path
from coordination.vocabulary import SHORTFALL_CAUSES

NOT_LOADED = "not-loaded"
INTO = {"lost": LOST, "damaged": SCRAP, NOT_LOADED: SHELF}
"""What becomes of goods that did not arrive: the account they go to."""
assert INTO.keys() == SHORTFALL_CAUSES.keys(), "each cause has an account"
CLOSING = Recording((ShortfallClosed,), "销账", "accounted for")


class CloseShortfall(OfShipment, frozen=True, kw_only=True):
    """差异销账: account for what did not arrive: lost, damaged, or never loaded.

    ``owner``: who answers for it (责任人), an account or a name of a unit.
    """

    ACTION = "stock.settle"
    NEEDS = ("reason",)
    cause: Annotated[Cause, named("原因", "Cause", "lost, damaged or not-loaded")]
    owner: Annotated[str, named("责任人", "Owner", "who answers for it", max_length=80)]
    lines: LotLines
    recorded: Recorded = 0

    def places(self, read: Read, /) -> tuple[str, ...]:
        """Where it should have arrived, and where goods go back to a shelf.

        :raises UnknownShipment: if nothing was sent
        """
        sent = sent_off(read, self.slip)
        back = (sent.station,) if self.cause == NOT_LOADED else ()
        return tuple(map(site_path, (sent.to, *back)))


OwnShortfall = Forbidden.of(
    "transfers.own-shortfall",
    "发运和收货经手人不得销账",
    "whoever sent or unloaded it does not write it off",
    "请由他人办理",
    "let somebody else do it",
)
StillOnTheWay = Refusal.of(
    "transfers.on-the-way",
    "调拨 {slip} 尚未收货完毕，不能销账",
    "shipment {slip} is still on the way",
    "请先收货完毕",
    "unload it first",
)
OwnerNeeded = Invalid.of(
    "transfers.owner-needed",
    "没有写明差异由谁负责",
    "nobody is named who answers for what is missing",
    "请写明责任人",
    "name them",
    field="owner",
)


def close_shortfall(read: Read, command: CloseShortfall, now: int) -> Sequence[Event]:
    """Account for what did not arrive: lost, damaged, or never loaded.

    :raises AlreadyRecorded: if more was accounted for than the author saw
    :raises UnknownShipment: if nothing is missing of it
    :raises StillOnTheWay: if it was not unloaded yet
    :raises OwnShortfall: if they sent or unloaded it themselves
    :raises OwnStation: if they keep the station where it is missing
    :raises UnknownCause: if there is no such cause
    :raises OwnerNeeded: if nobody is named
    :raises StockRefused: with a fault for each wrong line
    :raises MoreThanSent: if not so much is missing
    """
    lines, sent = lines_of(read, command.lines), sent_off(read, command.slip)
    about = shipment_stream(command.slip)
    known = read(about)
    CLOSING.check(read, command.recorded, known.closed, about.id)
    if not known.left:
        raise UnknownShipment(slip=command.slip)
    if not known.complete:
        raise StillOnTheWay(slip=command.slip)
    if read.by.actor.account in known.hands:
        raise OwnShortfall
    settled_station(read, sent.to)
    if command.cause not in INTO:
        raise UnknownCause(cause=command.cause)
    if not command.owner:
        raise OwnerNeeded
    check_lines(read, lines)
    check_missing(known, lines)
    books = Books(read, now)
    closed = filled(ShortfallClosed, command, station=sent.to, lines=lines)
    # What was never loaded is still with whoever sent it.
    where = sent.station if command.cause == NOT_LOADED else sent.to
    put_lines(books, where, lines, TRANSIT, INTO[command.cause], command.slip)
    return [closed, *books.facts]


class RecordLate(OfShipment, frozen=True, kw_only=True):
    """调拨超时: the tick noticed; the decision looks again."""

    ACTION = "deadline.record"


NotLate = NothingLeft.of(
    "transfers.not-late",
    "调拨 {slip} 未超时或已记录",
    "shipment {slip} is not late, or that is recorded",
)


def record_late(read: Read, command: RecordLate, now: int) -> Sequence[Event]:
    """Record that a shipment is not there when it should be, once.

    :raises NotLate: if somebody was quicker, or it has arrived
    """
    known = read(shipment_stream(command.slip))
    sent = known.sent
    waiting = sent is not None and known.left and not known.complete and not known.late
    if sent is None or not waiting or not 0 < sent.expected_us <= now:
        raise NotLate(slip=command.slip)
    return [ShipmentLate(slip=command.slip, station=sent.to, due_us=sent.expected_us)]
