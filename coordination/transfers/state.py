"""What the facts of a transfer fold to (调拨状态)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from coordination.fields import SlipId
from coordination.kernel import Command, Event, Read, Streams
from coordination.late import not_before
from coordination.refusals import Invalid, NotFound
from coordination.stock.ledger import Line
from coordination.stock.slips import Left, less, summed
from coordination.transfers.events import (
    ShipmentArrived,
    ShipmentLate,
    ShipmentSent,
    ShortfallClosed,
    TransferCancelled,
    TransferOrdered,
)
from coordination.tree import site_path


@dataclass(frozen=True, slots=True)
class Shipment:
    """调拨. ``missing``: what is not accounted for yet; ``hands``: who touched it.

    ``arrived``, ``closed``: base units unloaded, and accounted for otherwise.
    """

    ordered: TransferOrdered | None = None
    cancelled: bool = False
    sent: ShipmentSent | None = None
    missing: Left = field(default_factory=dict)
    complete: bool = False
    late: bool = False
    owner: str = ""
    hands: frozenset[str] = frozenset()
    arrived: int = 0
    closed: int = 0

    @property
    def left(self) -> int:
        """How many base units are not accounted for yet."""
        return sum(self.missing.values())


def evolve_shipment(shipment: Shipment, event: Event) -> Shipment:
    """Fold one fact of a shipment's stream."""
    match event:
        case TransferOrdered():
            return Shipment(ordered=event)
        case TransferCancelled():
            return replace(shipment, cancelled=True)
        case ShipmentSent():
            return replace(
                shipment,
                sent=event,
                missing=summed(event.lines),
                owner=event.by,
                hands=frozenset({event.by}),
            )
        case ShipmentArrived():
            return replace(
                shipment,
                missing=less(shipment.missing, event.lines),
                complete=shipment.complete or event.complete,
                owner=event.owner,
                hands=shipment.hands | {event.by},
                arrived=shipment.arrived + sum(x.quantity for x in event.lines),
            )
        case ShipmentLate():
            return replace(shipment, late=True)
        case ShortfallClosed():
            return replace(
                shipment,
                missing=less(shipment.missing, event.lines),
                owner=event.owner,
                closed=shipment.closed + sum(x.quantity for x in event.lines),
            )
        case _:
            return shipment


shipment_stream = Streams("slip", Shipment(), evolve_shipment)


class OfShipment(Command, frozen=True, kw_only=True):
    """What is decided about one shipment, where it arrives."""

    STREAM = "slip/{0.slip}"  # the shipment's stream
    ACTION = "stock.keep"
    slip: SlipId

    def places(self, read: Read, /) -> tuple[str, ...]:
        """Where it is to arrive.

        :raises UnknownShipment: if nothing was sent
        """
        return (site_path(sent_off(read, self.slip).to),)


UnknownShipment = NotFound.of(
    "transfers.unknown",
    "没有发往该站的调拨 {slip}",
    "no shipment {slip} is on the way there",
    field="slip",
)


def sent_off(read: Read, slip: str) -> ShipmentSent:
    """Return what was sent under a slip.

    :raises UnknownShipment: if nothing was
    """
    about = shipment_stream(slip)
    sent = UnknownShipment.unless(read(about).sent, slip=slip)
    not_before(read, about.id, "发运", "it was sent", _sends)
    return sent


def _sends(fact: Event) -> bool:
    return isinstance(fact, ShipmentSent)


MoreThanSent = Invalid.of(
    "transfers.more-than-sent",
    "{item} 批次 {lot} 未到只有 {left}",
    "only {left} of {item} lot {lot} are missing",
    "多出的请按盘点或入库登记",
    "record more by a count or a receipt",
    field="lines",
)


def check_missing(known: Shipment, lines: Sequence[Line]) -> None:
    """Return if so much of a shipment is not accounted for.

    :raises MoreThanSent: otherwise
    """
    for (item, lot), quantity in summed(lines).items():
        left = known.missing.get((item, lot), 0)
        if quantity > left:
            raise MoreThanSent(item=item, lot=lot, left=left)
