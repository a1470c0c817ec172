"""Rules of transfers (调拨): what leaves arrives, or is missing and somebody's."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from coordination.again import Recorded, Recording
from coordination.fields import WHEN, MaybeStation, Moment, SlipId, named, pattern
from coordination.filled import filled
from coordination.kernel import Event, Read
from coordination.late import happened
from coordination.refusals import Invalid, Refusal
from coordination.stations.state import OfStation, known_station
from coordination.stock.books import Books
from coordination.stock.ledger import SHELF, TRANSIT
from coordination.stock.lines import (
    LINES_MAX,
    OF_LOT,
    OfLot,
    Wish,
    check_lines,
    put_lines,
    take_lines,
    why_chosen,
)
from coordination.stock.slips import less, quantities
from coordination.stock.units import counted, lines_of
from coordination.transfers.events import (
    ShipmentArrived,
    ShipmentSent,
    TransferCancelled,
    TransferOrdered,
)
from coordination.transfers.state import (
    OfShipment,
    Shipment,
    UnknownShipment,
    check_missing,
    sent_off,
    shipment_stream,
)
from coordination.tree import site_path


class Ship(OfStation, frozen=True, kw_only=True):
    """调拨发运: send goods to another station, the keeper's own or as ordered.

    ``slip``: of what nobody ordered. ``order``: what was; then ``to`` and ``lines`` are
    as ordered unless they say less.
    """

    slip: SlipId
    to: Annotated[MaybeStation, named("接收站", "To", "station it goes to")] = ""
    lines: Annotated[
        tuple[Wish, ...],
        named(
            "物资",
            "Lines",
            "ITEM=QUANTITY[UNIT][@LOT] …",
            spoken="wish",
            max_length=LINES_MAX,
        ),
    ] = ()
    order: Annotated[
        str,
        pattern(r"(t-[0-9a-f]{10})?"),
        named("调拨指令", "Order", "t-…: as was ordered"),
    ] = ""
    expected_us: Annotated[
        Moment,
        named("预计到达", "Expected", WHEN, as_="expected_at"),
    ] = 0
    carrier: Annotated[
        str, named("承运", "Carrier", "car and driver", max_length=80)
    ] = ""

    @property
    def number(self) -> str:
        """Its number: the order's if it was ordered."""
        return self.order or self.slip

    @property
    def stream(self) -> str:
        """As for any line."""
        return f"stock/{self.station}/{self.lines[0].item if self.lines else ''}"

    @property
    def needs(self) -> tuple[str, ...]:
        """Whoever chooses a lot says why."""
        return why_chosen(self.lines)


SameStation = Invalid.of(
    "transfers.same-station",
    "发出站与接收站相同",
    "a transfer needs two different stations",
    "请改选其中一个",
    "choose another",
    field="to",
)
NotOrdered = Refusal.of(
    "transfers.not-ordered",
    "调拨指令 {slip} 不是这样下达的，或已发运、已取消",
    "order {slip} does not say so, or was carried out or cancelled",
    "请刷新后核对指令",
    "reload and look at the order",
    field="order",
)
BadExpectation = Invalid.of(
    "transfers.bad-expectation",
    "预计到达时间须晚于现在",
    "it cannot be expected before now",
    "请改正，不清楚可以不填",
    "correct it, or leave it out",
    field="expected_at",
)


def ship(read: Read, command: Ship, now: int) -> Sequence[Event]:
    """Send goods off: they leave the shelf and are on the way.

    What an order reserved and is not sent is free again.

    :raises UnknownStation: if no stock is held there
    :raises UnknownShipment: if there is no such order
    :raises SameStation: if it goes nowhere
    :raises NotOrdered: if an order says otherwise
    :raises BadExpectation: if it is expected in the past
    :raises StockRefused: with a fault for each wrong line
    :raises StockShort: if there is not enough
    """
    slip = command.number
    known = read(shipment_stream(slip))
    if command.order and known == Shipment():
        raise UnknownShipment(slip=slip)
    to, lines = command.to, counted(read, command.lines)
    if known.ordered is not None:
        to = to or known.ordered.to
        lines = lines or tuple(Wish(x.item, x.quantity) for x in known.ordered.lines)
    known_station(read, command.station)
    known_station(read, to)
    if to == command.station:
        raise SameStation
    if command.expected_us and command.expected_us <= happened(read, now):
        raise BadExpectation
    _check_order(known, command, slip, to, lines)
    check_lines(read, lines)
    books = Books(read, now, needed_us=command.expected_us)
    reserved = slip if known.ordered else ""
    taken, _ = take_lines(books, command.station, lines, reserved, TRANSIT, slip)
    if known.ordered is not None:
        books.free(command.station, quantities(known.ordered.lines), slip, "released")
    sent = filled(
        ShipmentSent,
        command,
        slip=slip,
        to=to,
        lines=tuple(taken),
        by=read.by.actor.account,
    )
    return [sent, *books.facts]


def _check_order(
    known: Shipment, command: Ship, slip: str, to: str, lines: Sequence[Wish]
) -> None:
    """Return if nothing was ordered under this slip, or just this and not sent yet.

    :raises NotOrdered: otherwise
    """
    ordered = known.ordered
    if known.sent is not None or known.cancelled:
        raise NotOrdered(slip=slip)
    if ordered is None:
        return
    asked = {line.item: line.quantity for line in ordered.lines}
    more = any(n > asked.get(item, 0) for item, n in quantities(lines).items())
    if more or (ordered.station, ordered.to) != (command.station, to):
        raise NotOrdered(slip=slip)


class CancelTransfer(OfShipment, frozen=True, kw_only=True):
    """取消调拨: call an order off that was not sent; what was kept for it is free."""

    NEEDS = ("reason",)

    def places(self, read: Read, /) -> tuple[str, ...]:
        """The station that was to send it."""
        return (site_path(_ordered(read, self.slip).station),)


def _ordered(read: Read, slip: str) -> TransferOrdered:
    """Return an order.

    :raises UnknownShipment: if there is no such transfer
    :raises NotOrdered: if nobody ordered it
    """
    known = read(shipment_stream(slip))
    if known.ordered is not None:
        return known.ordered
    raise NotOrdered(slip=slip) if known.sent else UnknownShipment(slip=slip)


def cancel(read: Read, command: CancelTransfer, now: int) -> Sequence[Event]:
    """Call an order off; what was reserved is free again.

    :raises UnknownShipment: if there is no such transfer
    :raises NotOrdered: if nobody ordered it, or it was sent or cancelled
    """
    ordered, known = _ordered(read, command.slip), read(shipment_stream(command.slip))
    if known.sent is not None or known.cancelled:
        raise NotOrdered(slip=command.slip)
    books = Books(read, now)
    station = ordered.station
    books.free(station, quantities(ordered.lines), command.slip, "cancelled")
    return [TransferCancelled(slip=command.slip, station=station), *books.facts]


class Arrive(OfShipment, frozen=True, kw_only=True):
    """调拨到货: unload a shipment; what is missing of it is somebody's.

    ``complete``: that is all there was in it; no lines: nothing was.
    """

    lines: Annotated[
        tuple[OfLot, ...],
        named("物资", "Lines", OF_LOT, spoken="of-lot", max_length=LINES_MAX),
    ]
    complete: Annotated[
        bool, named("全部", "Complete", "more will not come", flag="complete/--more")
    ] = True
    recorded: Recorded = 0


ARRIVING = Recording((ShipmentArrived,), "登记到货", "recorded the arrival of")


def arrive(read: Read, command: Arrive, now: int) -> Sequence[Event]:
    """Unload a shipment; what is missing of it is owned by whoever sent it.

    :raises AlreadyRecorded: if more arrived than the author saw
    :raises UnknownShipment: if it is not on its way, or nothing new is said
    :raises StockRefused: with a fault for each wrong line
    :raises MoreThanSent: if more arrives than is missing
    """
    lines, to = lines_of(read, command.lines), sent_off(read, command.slip).to
    about = shipment_stream(command.slip)
    known = read(about)
    ARRIVING.check(read, command.recorded, known.arrived, about.id)
    if not known.left or (known.complete and not lines):
        raise UnknownShipment(slip=command.slip)
    if lines or not command.complete:
        check_lines(read, lines)
    check_missing(known, lines)
    books = Books(read, now)
    arrived = ShipmentArrived(
        slip=command.slip,
        station=to,
        lines=lines,
        complete=command.complete,
        owner=known.owner,
        left=sum(less(known.missing, lines).values()),
        by=read.by.actor.account,
    )
    put_lines(books, to, lines, TRANSIT, SHELF, command.slip)
    return [arrived, *books.facts]
