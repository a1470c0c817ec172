"""What is ordered at a place (受令): the gravest emergency that covers it, and since.

How far its sites have converted is another fact (``projections/rollup.py``); the two
are shown side by side and never merged.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import msgspec
import sqlalchemy as sa

from coordination.tree import Place, covers
from projections.board import ORDER, Order

places = msgspec.json.Decoder(list[Place]).decode
"""Reads a scope stored as JSON."""
COVERED, PARTLY, EXCLUDED, OUTSIDE = "COVERED", "PARTLY", "EXCLUDED", "OUTSIDE"
"""In a scope; only places below are; left out of one; nothing to do with any."""


@dataclass(frozen=True, slots=True)
class Scope:
    """The parts of an order that say whom it covers."""

    order: Order
    included: tuple[str, ...]
    excluded: tuple[str, ...]

    def covers(self, path: str) -> bool:
        """Tell whether the order covers a place."""
        return covers(self.included, self.excluded, path)

    def reach(self, path: str) -> str:
        """Return how the order has to do with a place; of one left out, its parts."""
        if self.covers(path):
            return COVERED
        inside = (p for p in self.included if p.startswith(path))
        if any(map(self.covers, inside)):
            return PARTLY
        named = any(path.startswith(p) for p in self.included)
        return EXCLUDED if named else OUTSIDE


def scopes(orders: Iterable[Order], *, active: bool = True) -> list[Scope]:
    """Return the scopes of orders, of active ones only unless told otherwise."""
    return [
        Scope(
            order,
            tuple(p.path for p in places(order.scope)),
            tuple(p.path for p in places(order.excluded)),
        )
        for order in orders
        if not active or order.ended_us is None
    ]


class Ordered(NamedTuple):
    """受令: ``since_us``: since when this emergency covers the place at this level."""

    emergency: str
    hazard: str
    level: int
    since_us: int


class InForce:
    """The active emergencies of one moment, with what each was before."""

    def __init__(self, c: sa.Connection, at: int | None, active: list[Scope]) -> None:
        """Look up how each came to be what it is; of a first order there is nothing."""
        self.active = sorted(
            active, key=lambda s: (s.order.level, s.order.declared_seq)
        )
        self._before: dict[str, Sequence[Scope]] = {}
        self._reaches: dict[str, list[str]] = {}
        for scope in active:
            if scope.order.orders > 1:
                known = ORDER.history(c, scope.order.emergency)
                until = [row for row in known if at is None or row.seq_from <= at]
                self._before[scope.order.emergency] = scopes(reversed(until))

    def _having(self, path: str, *reaches: str) -> Iterator[Scope]:
        """Yield what has to do with a place in one of these ways, the gravest first."""
        found = self._reaches.get(path)
        if found is None:  # a picture asks several things of the same place
            found = self._reaches[path] = [s.reach(path) for s in self.active]
        return (s for s, r in zip(self.active, found, strict=True) if r in reaches)

    def at(self, path: str) -> Ordered | None:
        """Return the gravest that covers a place, None in peacetime."""
        scope = next(self._having(path, COVERED), None)
        if scope is None:
            return None
        order, since_us = scope.order, scope.order.changed_us
        for earlier in self._before.get(order.emergency, ()):
            if earlier.order.level != order.level or not earlier.covers(path):
                break
            since_us = earlier.order.changed_us
        return Ordered(order.emergency, order.hazard, order.level, since_us)

    def covering(self, path: str) -> list[str]:
        """Return the emergencies that cover a place, the gravest first."""
        return [s.order.emergency for s in self._having(path, COVERED)]

    def level(self, path: str) -> int | None:
        """Return the gravest level that covers a place, None in peacetime."""
        return next((s.order.level for s in self._having(path, COVERED)), None)

    def reach(self, path: str) -> str:
        """Return how orders have to do with a place, at the most."""
        ways = (COVERED, PARTLY, EXCLUDED)
        return next((way for way in ways if any(self._having(path, way))), OUTSIDE)

    def gravest_below(self, path: str) -> int | None:
        """Return the gravest level that is ordered at a place or somewhere in it."""
        found = self._having(path, COVERED, PARTLY)
        return next((scope.order.level for scope in found), None)

    def left_out(self, path: str) -> list[str]:
        """Return the paths inside a place that every order leaves out."""
        named = {p for s in self.active for p in s.excluded if p.startswith(path)}
        return sorted(p for p in named if self.at(p) is None)
