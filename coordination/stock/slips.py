"""What the facts of a slip fold to (单据状态), and what its lines come to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from coordination.kernel import Event, Streams
from coordination.stock.events import (
    DonorCorrected,
    GoodsIssued,
    GoodsReceived,
    GoodsReturned,
    SlipCorrected,
    StockAdjusted,
    StockScrapped,
)
from coordination.stock.ledger import Line, Party
from coordination.transfers.events import ShipmentSent

Left = Mapping[tuple[str, str], int]
"""(Item, lot) -> base units."""


def quantities(lines: Iterable[Any]) -> dict[str, int]:
    """Return what lines come to by item, whatever kind of lines they are."""
    found: dict[str, int] = {}
    for line in lines:
        found[line.item] = found.get(line.item, 0) + line.quantity
    return found


def summed(lines: Iterable[Line]) -> dict[tuple[str, str], int]:
    """Return what lines come to."""
    found: dict[tuple[str, str], int] = {}
    for line in lines:
        key = line.item, line.lot
        found[key] = found.get(key, 0) + line.quantity
    return found


def less(left: Left, lines: Iterable[Line]) -> Left:
    """Return what is left after some lines; what comes to nothing is not kept."""
    gone = summed(lines)
    rest = {key: quantity - gone.get(key, 0) for key, quantity in left.items()}
    return {key: quantity for key, quantity in rest.items() if quantity}


@dataclass(frozen=True, slots=True)
class Slip:
    """单据. ``left``: what can still come back of it (退回, 归还).

    ``to``: of a transfer, where it goes. ``back``: how much of an issue came back;
    ``corrected``: how often it was corrected.
    """

    station: str = ""
    party: Party | None = None
    left: Left = field(default_factory=dict)
    items: frozenset[str] = frozenset()
    to: str = ""
    back: int = 0
    corrected: int = 0

    def of(self, station: str, item: str) -> bool:
        """Tell whether it moved an item at a station, or towards it."""
        return station in {self.station, self.to} and item in self.items


def evolve_slip(slip: Slip, event: Event) -> Slip:
    """Fold one fact of a slip's stream, as far as returns and corrections care."""
    match event:
        case GoodsReceived():
            return _slip(event.station, event.source, event.lines)
        case GoodsIssued():
            return _slip(event.station, event.to, event.lines)
        case GoodsReturned():
            if slip.party is not None:
                back = slip.back + sum(line.quantity for line in event.lines)
                left = less(slip.left, event.lines)
                return replace(slip, left=left, back=back)
            return slip
        case DonorCorrected():
            return replace(slip, party=event.source)
        case SlipCorrected():
            return replace(slip, corrected=slip.corrected + 1)
        case StockScrapped():
            return _slip(event.station, None, event.lines)
        case ShipmentSent():
            return replace(_slip(event.station, None, event.lines), to=event.to)
        case StockAdjusted():
            return Slip(event.station, None, {}, frozenset({event.item}))
        case _:
            return slip


def _slip(station: str, party: Party | None, lines: tuple[Line, ...]) -> Slip:
    items = frozenset(line.item for line in lines)
    return Slip(station, party, summed(lines) if party else {}, items)


slip_stream = Streams("slip", Slip(), evolve_slip)
