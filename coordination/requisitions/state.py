"""What is still out of requisitioned goods (征用未清)."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from coordination.kernel import Event, Streams
from coordination.requisitions.events import GoodsGivenBack, OwnerCompensated
from coordination.stock.events import GoodsReceived, SlipCorrected
from coordination.stock.ledger import REQUISITION
from coordination.stock.slips import Left, less, summed


@dataclass(frozen=True, slots=True)
class Requisition:
    """征用. ``left``: neither given back nor paid for; ``settled``: how much is."""

    received: GoodsReceived | None = None
    left: Left = field(default_factory=dict)
    settled: int = 0


def evolve_requisition(found: Requisition, event: Event) -> Requisition:
    """Fold one fact of a receipt's stream, as far as its owner cares."""
    match event:
        case GoodsReceived() if event.source.kind == REQUISITION:
            return Requisition(event, summed(event.lines))
        case GoodsGivenBack() | OwnerCompensated():
            settled = found.settled + sum(line.quantity for line in event.lines)
            return replace(found, left=less(found.left, event.lines), settled=settled)
        case SlipCorrected() if found.received is not None:
            key = event.item, event.lot
            left = max(0, found.left.get(key, 0) + event.change)
            rest = {**found.left, key: left}
            return replace(found, left={k: n for k, n in rest.items() if n})
        case _:
            return found


requisition_stream = Streams("slip", Requisition(), evolve_requisition)
