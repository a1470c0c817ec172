"""The books (账) of one decision: the shelves it touches, and its facts in order."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from coordination.kernel import Event, Read
from coordination.late import happened
from coordination.stock.ledger import Line
from coordination.stock.shelf import Shelf


@dataclass
class Books:
    """The shelves one decision touches, and its facts in order.

    They are judged by the moment at which it happened, not at which it was entered.
    ``needed_us``: until when goods must be good, 0: not stated.
    """

    read: Read
    now: int
    facts: list[Event] = field(default_factory=list)
    needed_us: int = 0
    _shelves: dict[tuple[str, str], Shelf] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Take the moment of which it is told."""
        self.now = happened(self.read, self.now)

    def shelf(self, station: str, item: str) -> Shelf:
        """Return the shelf of an item, as the facts so far leave it."""
        key = station, item
        found = self._shelves.get(key)
        if found is None:
            found = Shelf(
                self.read, station, item, self.now, self.facts, self.needed_us
            )
            self._shelves[key] = found
        return found

    def free(
        self, station: str, items: Iterable[str], reservation: str, cause: str
    ) -> None:
        """Free whatever of these items is still kept under a reservation."""
        for item in items:
            shelf = self.shelf(station, item)
            if reservation in shelf.stock.reservations:
                shelf.release(reservation, cause=cause)


def lines_of(item: str, picked: Mapping[str, int]) -> list[Line]:
    """Return what was picked as lines of a slip."""
    return [Line(item, lot, quantity) for lot, quantity in picked.items()]
