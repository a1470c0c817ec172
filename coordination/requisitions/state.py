"""What is still out of requisitioned goods (征用未清)."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from coordination.kernel import Event, Streams
from coordination.requisitions.events import GoodsGivenBack, OwnerCompensated
from coordination.stock.events import REQUISITION, GoodsReceived
from coordination.stock.state import Left, less, summed


@dataclass(frozen=True, slots=True)
class Requisition:
    """征用. ``left``: neither given back nor paid for."""

    received: GoodsReceived | None = None
    left: Left = field(default_factory=dict)


def evolve_requisition(found: Requisition, event: Event) -> Requisition:
    """Fold one fact of a receipt's stream, as far as its owner cares."""
    match event:
        case GoodsReceived() if event.source.kind == REQUISITION:
            return Requisition(event, summed(event.lines))
        case GoodsGivenBack() | OwnerCompensated():
            return replace(found, left=less(found.left, event.lines))
        case _:
            return found


requisition_stream = Streams("slip", Requisition(), evolve_requisition)
