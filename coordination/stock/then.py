"""A shelf as it stood when what is entered late happened (补录当时的货架)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import takewhile

from coordination.kernel import Event, Read, Told
from coordination.late import CLOCKS_US
from coordination.stock.events import BatchStatusSet, LotStatusSet, StockMoved
from coordination.stock.ledger import SHELF
from coordination.stock.state import (
    Held,
    Lot,
    Stock,
    batch_stream,
    lot_stream,
    stock_stream,
)


@dataclass
class Then:
    """One item at one station at a moment, taken back from what stands now.

    Only what was recorded since is read: what is older had happened by then.
    """

    read: Read
    station: str
    item: str
    at_us: int
    _came: dict[str, int] = field(default_factory=dict)

    @cached_property
    def _since(self) -> list[Told]:
        """What was recorded since, newest first."""
        told = self.read.told(stock_stream(self.station, self.item).id)
        return [*takewhile(lambda fact: fact.recorded_us > self.at_us, told)]

    def _held(self, lot: str) -> Held:
        """Return what is here of a lot now."""
        stock: Stock = self.read(stock_stream(self.station, self.item))
        return stock.lots.get(lot) or Held()

    def came_us(self, lot: str) -> int:
        """Return when a lot first came here, 0 if it had come by then."""
        if lot not in self._came:
            self._came[lot] = self._came_us(lot)
        return self._came[lot]

    def _came_us(self, lot: str) -> int:
        moved = [
            (told.occurred_us, told.event)
            for told in self._since
            if isinstance(told.event, StockMoved) and told.event.lot == lot
        ]
        first_us = min((us for us, fact in moved if _comes(fact, lot)), default=0)
        if first_us <= self.at_us + CLOCKS_US:
            return 0
        came = sum(fact.quantity for _, fact in moved if fact.destination == SHELF)
        left = sum(fact.quantity for _, fact in moved if fact.source == SHELF)
        was_here = self._held(lot).on_hand + left - came
        return 0 if was_here or self._came_before(lot) else first_us

    def _came_before(self, lot: str) -> bool:
        """Tell whether a lot had come by then and was used up."""
        own = self.read.told(lot_stream(self.item, lot).id)
        known_us = min((told.recorded_us for told in own), default=0)
        for told in self.read.told(stock_stream(self.station, self.item).id):
            if told.recorded_us < known_us:
                break
            if told.recorded_us <= self.at_us and _comes(told.event, lot):
                return True
        return False

    def status(self, lot: str, known: Lot) -> str:
        """Return what a lot was: what was set since was not yet."""
        maker = batch_stream(self.item, known.maker)
        own = self.read.told(lot_stream(self.item, lot).id)
        here = self._set(self._since, self._held(lot).status, lot)
        batch = self._set(self.read.told(maker.id), self.read(maker))
        lot_then = replace(known, status=self._set(own, known.status, lot))
        return lot_then.status_at(Held(status=here), self.at_us, batch)

    def _set(self, newest: Iterable[Told], status: str, lot: str = "") -> str:
        """Return what a lot or batch was set to, of what it is now.

        ``newest``: the facts of its stream, newest first.
        """
        for told in newest:
            if told.recorded_us <= self.at_us:
                break
            fact = told.event
            if isinstance(fact, BatchStatusSet) or (
                isinstance(fact, LotStatusSet) and fact.lot == lot
            ):
                if told.occurred_us <= self.at_us:
                    return fact.status
                status = fact.before
        return status


def _comes(fact: Event, lot: str) -> bool:
    """Tell whether it is that a lot came onto the shelf."""
    return (
        isinstance(fact, StockMoved) and fact.lot == lot and fact.destination == SHELF
    )
