"""What the facts of stock fold to (库存状态)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from coordination.fields import lot_id
from coordination.filled import filled
from coordination.kernel import Event, Stream, Streams
from coordination.stock.events import (
    BatchStatusSet,
    DocumentEntered,
    LevelsSet,
    LotCorrected,
    LotExpired,
    LotExpiring,
    LotRegistered,
    LotStatusSet,
    PlaceSet,
    ReservationReleased,
    StockMoved,
    StockReserved,
)
from coordination.stock.ledger import APPROVED, EXPIRED, SHELF, Party, Pick

EXPIRING = "expiring"
Levels = tuple[int, int, int]
"""Minimum, reorder, target (下限、补货点、目标), in base units."""


@dataclass(frozen=True, slots=True)
class Held:
    """A lot on a station's shelf. ``noted``: what was told of its expiry.

    ``noted_us``: which expiry that was, since a mistyped one may be corrected.
    """

    on_hand: int = 0
    reserved: int = 0
    status: str = APPROVED
    noted: str = ""
    noted_us: int = 0

    def told_of(self, expires_us: int) -> str:
        """Return what was told of an expiry, empty if nothing was."""
        return self.noted if self.noted_us == expires_us else ""


@dataclass(frozen=True, slots=True)
class Reservation:
    """预留: what is kept, by lot."""

    purpose: Party
    picks: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Stock:
    """One item at one station. Lots stand in the order in which they came.

    What is used up is not kept: an item moved 50 000 times decides as one moved 50.
    """

    lots: Mapping[str, Held] = field(default_factory=dict)
    reservations: Mapping[str, Reservation] = field(default_factory=dict)
    moves: int = 0
    peace: Levels = (0, 0, 0)
    war: Levels = (0, 0, 0)
    place: str = ""


def evolve_stock(stock: Stock, event: Event) -> Stock:
    """Fold one fact of a stock stream."""
    match event:
        case StockMoved():
            return _moved(stock, event)
        case StockReserved():
            return _reserved(stock, event)
        case ReservationReleased():
            return _released(stock, event)
        case LevelsSet():
            return replace(stock, peace=event.peace, war=event.war)
        case PlaceSet():
            return replace(stock, place=event.place)
        case LotStatusSet():
            return _lot(stock, event.lot, status=event.status)
        case LotExpiring() | LotExpired():
            return _noted(stock, event)
        case _:
            return stock


def _lot(
    stock: Stock,
    lot: str,
    *,
    on_hand: int = 0,
    status: str = "",
) -> Stock:
    """Return the stock with one lot changed; forget what says nothing any more."""
    old = stock.lots.get(lot) or Held()
    new = replace(old, on_hand=old.on_hand + on_hand, status=status or old.status)
    lots = {**stock.lots, lot: new}
    if not new.on_hand and new.status == APPROVED:
        del lots[lot]
    return replace(stock, lots=lots)


def _noted(stock: Stock, event: LotExpiring | LotExpired) -> Stock:
    noted = EXPIRED if isinstance(event, LotExpired) else EXPIRING
    held = stock.lots.get(event.lot)
    if held is None:
        return stock
    told = replace(held, noted=noted, noted_us=event.expires_us)
    return replace(stock, lots={**stock.lots, event.lot: told})


def _moved(stock: Stock, event: StockMoved) -> Stock:
    if event.destination == SHELF:
        change = event.quantity
    elif event.source == SHELF:
        change = -event.quantity
    else:
        return stock  # lost on the way, or scrapped when it came back
    moved = _lot(stock, event.lot, on_hand=change)
    return replace(moved, moves=stock.moves + 1)


def _reserved(stock: Stock, event: StockReserved) -> Stock:
    kept = dict(stock.reservations)
    old = kept.get(event.reservation)
    picks = dict(old.picks) if old else {}
    lots = dict(stock.lots)
    for pick in event.picks:
        picks[pick.lot] = picks.get(pick.lot, 0) + pick.quantity
        held = lots[pick.lot]
        lots[pick.lot] = replace(held, reserved=held.reserved + pick.quantity)
    kept[event.reservation] = Reservation(event.purpose, picks)
    return replace(stock, lots=lots, reservations=kept)


def _released(stock: Stock, event: ReservationReleased) -> Stock:
    kept = dict(stock.reservations)
    old = kept[event.reservation]
    picks = dict(old.picks)
    lots = dict(stock.lots)
    for pick in event.picks:
        picks[pick.lot] -= pick.quantity
        held = lots[pick.lot]
        lots[pick.lot] = replace(held, reserved=held.reserved - pick.quantity)
    left = {lot: quantity for lot, quantity in picks.items() if quantity}
    if left:
        # In its old place: who gave way a little is not the youngest by that.
        kept[event.reservation] = Reservation(old.purpose, left)
    else:
        del kept[event.reservation]
    return replace(stock, lots=lots, reservations=kept)


def stock_stream(station: str, item: str) -> Stream[Stock]:
    """Return the stream of one item at one station."""
    return Stream(f"stock/{station}/{item}", Stock(), evolve_stock)


@dataclass(frozen=True, slots=True)
class Lot:
    """批次, the same at every station."""

    registered: LotRegistered | None = None
    status: str = APPROVED

    @property
    def maker(self) -> str:
        """The maker's number as it is compared: the lot's own where none is stated."""
        known = self.registered
        return lot_id(known.batch or known.lot) if known else ""

    def status_at(self, held: Held, now: int, batch: str = APPROVED) -> str:
        """Return what a lot is at one station at a moment; ``batch``: what its maker's
        batch is.

        What is recalled is recalled everywhere; what is expired is no good wherever.
        """
        expires_us = self.registered.expires_us if self.registered else 0
        if self.status != APPROVED:
            return self.status
        if batch != APPROVED:
            return batch
        if expires_us and expires_us <= now:
            return EXPIRED
        return held.status


def evolve_lot(lot: Lot, event: Event) -> Lot:
    """Fold one fact of a lot's own stream."""
    match event:
        case LotRegistered():
            return replace(lot, registered=event)
        case LotCorrected():
            assert lot.registered is not None, "only what is there is corrected"
            return replace(
                lot, registered=filled(LotRegistered, event, slip=lot.registered.slip)
            )
        case LotStatusSet():
            return replace(lot, status=event.status)
        case _:
            return lot


def lot_stream(item: str, lot: str) -> Stream[Lot]:
    """Return a lot's own stream."""
    return Stream(f"lot/{item}/{lot}", Lot(), evolve_lot)


def evolve_batch(status: str, event: Event) -> str:
    """Fold one fact of a batch's stream into what its lots are."""
    return event.status if isinstance(event, BatchStatusSet) else status


def batch_stream(item: str, batch: str) -> Stream[str]:
    """Return the stream of a maker's batch; ``batch``: as it is compared."""
    return Stream(f"batch/{item}/{batch}", APPROVED, evolve_batch)


def evolve_document(slips: int, event: Event) -> int:
    """Fold one fact of a document's stream: how many receipts rest on it."""
    return slips + isinstance(event, DocumentEntered)


document_stream = Streams("document", 0, evolve_document)


def picks_of(quantities: Mapping[str, int]) -> tuple[Pick, ...]:
    """Return quantities by lot as picks, without those of nothing."""
    return tuple(
        Pick(lot, quantity) for lot, quantity in quantities.items() if quantity
    )
