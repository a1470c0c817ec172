"""A shelf (货架) while a decision is made: the books as its facts leave them.

Here stands rule 7: of each lot, what is reserved never exceeds what is there, and what
is there is never below zero.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from coordination.kernel import Event, Read
from coordination.late import entered_late, too_early
from coordination.mode.state import EMERGENCIES
from coordination.stock.events import ReservationReleased, StockMoved, StockReserved
from coordination.stock.ledger import (
    APPROVED,
    CHOSEN,
    EXPIRED,
    NOT_YET,
    RESERVED,
    SHELF,
    TOO_SOON,
    Party,
    Passed,
    Pick,
)
from coordination.stock.state import (
    Held,
    Levels,
    Lot,
    Stock,
    batch_stream,
    evolve_stock,
    lot_stream,
    picks_of,
    stock_stream,
)
from coordination.stock.then import Then
from coordination.tree import site_path

PASSED_MAX = 20
_NEVER = 2**63


@dataclass
class Shelf:
    """One item at one station."""

    read: Read
    station: str
    item: str
    now: int
    facts: list[Event]
    needed_us: int = 0
    stock: Stock = field(init=False)

    def __post_init__(self) -> None:
        """Take the books as they stand."""
        self.stock = self.read(stock_stream(self.station, self.item))

    def add(self, fact: Event) -> None:
        """Record a fact and let the books follow."""
        self.facts.append(fact)
        self.stock = evolve_stock(self.stock, fact)

    def lot(self, lot: str) -> Lot:
        """Return what is known of a lot everywhere."""
        return self.read(lot_stream(self.item, lot))

    def held(self, lot: str) -> Held:
        """Return what is here of a lot."""
        return self.stock.lots.get(lot) or Held()

    def status(self, lot: str) -> str:
        """Return what a lot is here and now, and whether it lasts as long as needed."""
        known = self.lot(lot)
        maker = self._maker(known)
        found = known.status_at(self.held(lot), self.now, maker)
        if entered_late(self.read):
            if self.then.came_us(lot):
                return NOT_YET
            if found not in {APPROVED, EXPIRED}:
                found = self.then.status(lot, known)
        ends = known.registered.expires_us if known.registered else 0
        if found == APPROVED and 0 < ends <= self.needed_us:
            return TOO_SOON
        return found

    @cached_property
    def then(self) -> Then:
        """The shelf as it stood when what is entered late happened."""
        return Then(self.read, self.station, self.item, self.now)

    def _maker(self, known: Lot) -> str:
        """Return what the maker's batch of a lot is."""
        if not known.maker:
            return APPROVED
        return self.read(batch_stream(self.item, known.maker))

    def free(self, lot: str, reservation: str = "") -> int:
        """Return how much of a lot can be given out, with what a reservation keeps."""
        held = self.held(lot)
        kept = self.stock.reservations.get(reservation)
        own = kept.picks.get(lot, 0) if kept else 0
        usable = self.status(lot) == APPROVED
        return held.on_hand - held.reserved + own if usable else 0

    def why_not(self, lot: str, reservation: str = "") -> list[Passed]:
        """Return why not all there is of a lot can be given out."""
        held, status = self.held(lot), self.status(lot)
        kept = held.on_hand - self.free(lot, reservation)
        why = RESERVED if status == APPROVED else status
        return [Passed(lot, kept, why)] if kept else []

    def lots(self) -> list[str]:
        """Return the lots here, the first to expire first, then the first to come."""

        def key(lot: str) -> int:
            registered = self.lot(lot).registered
            return (registered.expires_us if registered else 0) or _NEVER

        return sorted(self.stock.lots, key=key)

    def available(self) -> int:
        """Return what can be promised to anybody now."""
        return sum(
            held.on_hand - held.reserved
            for lot, held in self.stock.lots.items()
            if self.status(lot) == APPROVED
        )

    def levels(self) -> Levels:
        """Return the levels of the mode that is in force here."""
        level = self.read(EMERGENCIES).level_at(site_path(self.station))
        return self.stock.peace if level is None else self.stock.war

    def pick(
        self, quantity: int, reservation: str = "", chosen: str = ""
    ) -> tuple[dict[str, int], list[Passed]]:
        """Choose lots for ``quantity`` (先到期先出), and say which were passed over.

        What ``reservation`` keeps comes first: it may have been set aside. ``chosen``:
        the only lot to take from.
        """
        kept = self.stock.reservations.get(reservation)
        own: Mapping[str, int] = kept.picks if kept else {}
        picked, passed, left = dict[str, int](), list[Passed](), quantity
        order = self.lots()
        for lot in sorted(order, key=lambda found: found not in own):
            held = self.held(lot)
            status = self.status(lot)
            if status != APPROVED:
                passed.append(Passed(lot, held.on_hand, status))
                continue
            free = held.on_hand - held.reserved + own.get(lot, 0)
            if chosen and lot != chosen:
                # Only what would have been taken instead was passed over.
                if left and free and order.index(lot) < _place(order, chosen):
                    passed.append(Passed(lot, free, CHOSEN))
                continue
            others = held.on_hand - free
            if left > free and others:
                passed.append(Passed(lot, others, RESERVED))
            taken = min(free, left)
            if taken:
                picked[lot] = taken
                left -= taken
        real = [found for found in passed if found.quantity]
        return picked, real[:PASSED_MAX]

    def move(
        self, lot: str, quantity: int, source: str, destination: str, slip: str
    ) -> None:
        """Record a movement; what leaves the shelf must be there, free of others."""
        if source == SHELF:
            held = self.held(lot)
            assert quantity <= held.on_hand - held.reserved, "rule 7: never below zero"
            self._check_then(lot)
        self.add(
            StockMoved(
                station=self.station,
                item=self.item,
                lot=lot,
                quantity=quantity,
                source=source,
                destination=destination,
                slip=slip,
            )
        )

    def _check_then(self, lot: str) -> None:
        """Return unless something leaves that was not there yet when it is said to.

        :raises TooEarly: if it does
        """
        if entered_late(self.read) and (since_us := self.then.came_us(lot)):
            raise too_early(since_us, f"批次 {lot} 到站", f"lot {lot} came here")

    def reserve(
        self,
        reservation: str,
        purpose: Party,
        asked: int,
        picked: Mapping[str, int],
        passed: Iterable[Passed] = (),
    ) -> None:
        """Keep what was picked for somebody."""
        for lot, quantity in picked.items():
            held = self.held(lot)
            assert quantity <= held.on_hand - held.reserved, "rule 7: reservations too"
        self.add(
            StockReserved(
                station=self.station,
                item=self.item,
                reservation=reservation,
                purpose=purpose,
                asked=asked,
                picks=picks_of(picked),
                passed=tuple(passed),
            )
        )

    def release(
        self, reservation: str, picks: tuple[Pick, ...] = (), *, cause: str
    ) -> None:
        """Free what is kept, all of it or ``picks``."""
        kept = self.stock.reservations[reservation]
        self.add(
            ReservationReleased(
                station=self.station,
                item=self.item,
                reservation=reservation,
                picks=picks or picks_of(kept.picks),
                cause=cause,
            )
        )

    def take(
        self,
        reservation: str,
        picked: Mapping[str, int],
        destination: str,
        slip: str,
    ) -> None:
        """Move what was picked off the shelf, out of a reservation if there is one.

        What the reservation keeps beyond it stays reserved, the first to expire first.
        """
        kept = self.stock.reservations.get(reservation)
        if kept is not None:
            self.release(reservation, cause="used")
        for lot, quantity in picked.items():
            self.move(lot, quantity, SHELF, destination, slip)
        if kept is None:
            return
        rest = sum(kept.picks.values()) - sum(picked.values())
        if rest > 0:
            again, _ = self.pick(rest)
            if again:
                self.reserve(reservation, kept.purpose, rest, again)

    def shrink(self, lot: str, quantity: int, cause: str) -> None:
        """Free reservations, the youngest first, until so much can leave a lot."""
        for reservation in reversed(list(self.stock.reservations)):
            held = self.held(lot)
            missing = quantity - (held.on_hand - held.reserved)
            if missing <= 0:
                return
            kept = self.stock.reservations[reservation].picks.get(lot, 0)
            if kept:
                pick = Pick(lot, min(kept, missing))
                self.release(reservation, (pick,), cause=cause)


def _place(order: list[str], lot: str) -> int:
    return order.index(lot) if lot in order else len(order)
