"""Rules of shortfalls (调拨差异): what did not arrive is somebody's until closed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from coordination.kernel import Event, Read, Refusal
from coordination.stations.state import settled_station
from coordination.stock.events import LOST, SCRAP, SHELF, TRANSIT, Line
from coordination.stock.lines import (
    ReasonNeeded,
    UnknownCause,
    check_lines,
    put_lines,
)
from coordination.stock.shelf import Books
from coordination.transfers.events import ShipmentLate, ShortfallClosed
from coordination.transfers.state import (
    OfShipment,
    UnknownShipment,
    check_missing,
    shipment_stream,
)
from coordination.tree import site_path
from coordination.vocabulary import SHORTFALL_CAUSES

NOT_LOADED = "not-loaded"
INTO = {"lost": LOST, "damaged": SCRAP, NOT_LOADED: SHELF}
"""What becomes of goods that did not arrive: the account they go to."""
assert INTO.keys() == SHORTFALL_CAUSES.keys(), "each cause has an account"


class CloseShortfall(OfShipment, frozen=True, kw_only=True):
    """差异销账: ``owner``: who answers for it (责任人), an account or a name of a unit.

    ``station``: where it should have arrived. ``back``: the sender, where it was never
    loaded: it is their shelf that changes.
    """

    ACTION: ClassVar[str] = "stock.settle"
    cause: str
    owner: str
    lines: tuple[Line, ...]
    back: str = ""

    def places(self, _read: Read, /) -> tuple[str, ...]:
        """Where it is decided, and where goods go back to a shelf."""
        return tuple(
            map(site_path, (self.station, self.back) if self.back else (self.station,))
        )


class OwnShortfall(Refusal):
    """Who sent or unloaded it does not write it off (经手人不得销账)."""

    code = "transfers.own-shortfall"
    zh = "发运和收货经手人不得销账，须由他人办理"
    en = "whoever sent or unloaded it does not write it off"


class StillOnTheWay(Refusal):
    """Nothing is missing while it is on the way (尚在途中)."""

    code = "transfers.on-the-way"
    zh = "调拨 {slip} 尚未收货完毕，不能销账"
    en = "shipment {slip} is still on the way"


class OwnerNeeded(Refusal):
    """Somebody answers for what is missing (须写明责任人)."""

    code = "transfers.owner-needed"
    zh = "须写明差异由谁负责"
    en = "say who answers for what is missing"
    field = "owner"


def close_shortfall(read: Read, command: CloseShortfall, now: int) -> Sequence[Event]:
    """Account for what did not arrive: lost, damaged, or never loaded.

    :raises UnknownShipment: if nothing is missing of it at this station
    :raises StillOnTheWay: if it was not unloaded yet
    :raises OwnShortfall: if they sent or unloaded it themselves
    :raises OwnStation: if they keep the station where it is missing
    :raises UnknownCause: if the cause is none
    :raises ReasonNeeded: if no reason is given
    :raises OwnerNeeded: if nobody is named
    :raises StockRefused: with a fault for each wrong line
    :raises MoreThanSent: if not so much is missing
    """
    known = read(shipment_stream(command.slip))
    sent = known.sent
    if sent is None or sent.to != command.station or not known.left:
        raise UnknownShipment(slip=command.slip)
    if command.back != (sent.station if command.cause == NOT_LOADED else ""):
        raise UnknownShipment(slip=command.slip)
    if not known.complete:
        raise StillOnTheWay(slip=command.slip)
    if read.by.actor.account in known.hands:
        raise OwnShortfall
    settled_station(read, command.station)
    if command.cause not in INTO:
        raise UnknownCause(cause=command.cause)
    if not command.reason:
        raise ReasonNeeded
    if not command.owner:
        raise OwnerNeeded
    check_lines(read, command.lines)
    check_missing(known, command.lines)
    books = Books(read, now)
    closed = ShortfallClosed(
        slip=command.slip,
        station=command.station,
        cause=command.cause,
        owner=command.owner,
        lines=command.lines,
    )
    # What was never loaded is still with whoever sent it.
    where = command.back or command.station
    into = INTO[command.cause]
    put_lines(books, where, command.lines, TRANSIT, into, command.slip)
    return [closed, *books.facts]


class RecordLate(OfShipment, frozen=True, kw_only=True):
    """调拨超时: the tick noticed; the decision looks again."""

    ACTION: ClassVar[str] = "deadline.record"


class NotLate(Refusal):
    """It has arrived, or is recorded as late (未超时)."""

    code = "transfers.not-late"
    zh = "调拨 {slip} 未超时或已记录"
    en = "shipment {slip} is not late, or that is recorded"


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
