"""Rules of transfers (调拨): what leaves arrives, or is missing and somebody's."""

from __future__ import annotations

from collections.abc import Sequence

from coordination.kernel import Event, Read, Refusal
from coordination.stations.state import OfStation, known_station
from coordination.stock.events import (
    SHELF,
    TRANSIT,
    Line,
)
from coordination.stock.lines import (
    ReasonNeeded,
    Wish,
    check_lines,
    put_lines,
    take_lines,
)
from coordination.stock.shelf import Books
from coordination.stock.state import less
from coordination.transfers.events import (
    ShipmentArrived,
    ShipmentSent,
    TransferCancelled,
)
from coordination.transfers.state import (
    OfShipment,
    Shipment,
    UnknownShipment,
    check_missing,
    shipment_stream,
)


class Ship(OfStation, frozen=True, kw_only=True):
    """调拨发运: the keeper's own, or as ordered (``slip`` of the order)."""

    slip: str
    to: str
    lines: tuple[Wish, ...]
    expected_us: int = 0
    carrier: str = ""

    @property
    def stream(self) -> str:
        """As for any line."""
        return f"stock/{self.station}/{self.lines[0].item if self.lines else ''}"


class SameStation(Refusal):
    """It is there already (发收为同一站)."""

    code = "transfers.same-station"
    zh = "发出站与接收站相同"
    en = "it is to go to where it is"
    field = "to"


class NotOrdered(Refusal):
    """Another order, or one that was sent or cancelled (指令不符或已办理)."""

    code = "transfers.not-ordered"
    zh = "调拨指令 {slip} 不是这样下达的，或已发运、已取消"
    en = "order {slip} does not say so, or was carried out or cancelled"
    field = "order"


class BadExpectation(Refusal):
    """It should have arrived before it left (到达时间有误)."""

    code = "transfers.bad-expectation"
    zh = "预计到达时间须晚于现在"
    en = "it cannot be expected before now"
    field = "expected_at"


def ship(read: Read, command: Ship, now: int) -> Sequence[Event]:
    """Send goods off: they leave the shelf and are on the way.

    What an order reserved and is not sent is free again.

    :raises UnknownStation: if no stock is held there
    :raises SameStation: if it goes nowhere
    :raises NotOrdered: if an order says otherwise
    :raises BadExpectation: if it is expected in the past
    :raises ReasonNeeded: if the keeper chooses a lot and does not say why
    :raises StockRefused: with a fault for each wrong line
    :raises StockShort: if there is not enough
    """
    known_station(read, command.station)
    known_station(read, command.to)
    if command.to == command.station:
        raise SameStation
    if command.expected_us and command.expected_us <= now:
        raise BadExpectation
    known = read(shipment_stream(command.slip))
    _check_order(known, command)
    check_lines(read, command.lines)
    if any(line.lot for line in command.lines) and not command.reason:
        raise ReasonNeeded
    books = Books(read, now)
    reserved = command.slip if known.ordered else ""
    lines, _ = take_lines(
        books, command.station, command.lines, reserved, TRANSIT, command.slip
    )
    if known.ordered is not None:
        _free(books, command.station, known.ordered.lines, command.slip, "released")
    sent = ShipmentSent(
        slip=command.slip,
        station=command.station,
        to=command.to,
        lines=tuple(lines),
        by=read.by.actor.account,
        expected_us=command.expected_us,
        carrier=command.carrier,
    )
    return [sent, *books.facts]


def _check_order(known: Shipment, command: Ship) -> None:
    """Return if nothing was ordered under this slip, or just this and not sent yet.

    :raises NotOrdered: otherwise
    """
    ordered = known.ordered
    if known.sent is not None or known.cancelled:
        raise NotOrdered(slip=command.slip)
    if ordered is None:
        return
    asked = {line.item: line.quantity for line in ordered.lines}
    wanted: dict[str, int] = {}
    for wish in command.lines:
        wanted[wish.item] = wanted.get(wish.item, 0) + wish.quantity
    more = any(wanted[item] > asked.get(item, 0) for item in wanted)
    if more or (ordered.station, ordered.to) != (command.station, command.to):
        raise NotOrdered(slip=command.slip)


def _free(
    books: Books, station: str, lines: Sequence[Line], slip: str, cause: str
) -> None:
    """Free whatever is still reserved for a transfer."""
    for item in dict.fromkeys(line.item for line in lines):
        shelf = books.shelf(station, item)
        if slip in shelf.stock.reservations:
            shelf.release(slip, cause=cause)


class CancelTransfer(OfShipment, frozen=True, kw_only=True):
    """调拨取消: of an order that was not sent; ``station``: that was to send it."""


def cancel(read: Read, command: CancelTransfer, now: int) -> Sequence[Event]:
    """Call an order off; what was reserved is free again.

    :raises NotOrdered: if there is no such order, or it was sent or cancelled
    :raises ReasonNeeded: if no reason is given
    """
    known = read(shipment_stream(command.slip))
    ordered = known.ordered
    over = known.sent is not None or known.cancelled
    if ordered is None or over or ordered.station != command.station:
        raise NotOrdered(slip=command.slip)
    if not command.reason:
        raise ReasonNeeded
    books = Books(read, now)
    _free(books, ordered.station, ordered.lines, command.slip, "cancelled")
    return [
        TransferCancelled(slip=command.slip, station=ordered.station),
        *books.facts,
    ]


class Arrive(OfShipment, frozen=True, kw_only=True):
    """调拨到货: ``complete``: that is all there was in it; no lines: nothing was."""

    lines: tuple[Line, ...]
    complete: bool = True


def arrive(read: Read, command: Arrive, now: int) -> Sequence[Event]:
    """Unload a shipment; what is missing of it is owned by whoever sent it.

    :raises UnknownShipment: if it is not on the way there, or nothing new is said
    :raises StockRefused: with a fault for each wrong line
    :raises MoreThanSent: if more arrives than is missing
    """
    known = read(shipment_stream(command.slip))
    sent = known.sent
    said = known.complete and not command.lines
    if sent is None or sent.to != command.station or not known.left or said:
        raise UnknownShipment(slip=command.slip)
    if command.lines or not command.complete:
        check_lines(read, command.lines)
    check_missing(known, command.lines)
    books = Books(read, now)
    arrived = ShipmentArrived(
        slip=command.slip,
        station=command.station,
        lines=command.lines,
        complete=command.complete,
        owner=known.owner,
        left=sum(less(known.missing, command.lines).values()),
        by=read.by.actor.account,
    )
    put_lines(books, command.station, command.lines, TRANSIT, SHELF, command.slip)
    return [arrived, *books.facts]
