"""Tables of handlers by event (分派), filled by a decorator; a wrong one fails."""

from __future__ import annotations

from collections.abc import Callable
from types import UnionType
from typing import Any, Generic, TypeVar, get_args, get_type_hints, overload

from coordination.kernel import Event

C = TypeVar("C")
E = TypeVar("E", bound=Event)
T = TypeVar("T")


class On(Generic[C, T]):
    """Enters handlers into a table, each under the events it takes.

    ``@on(StockMoved)``, or ``@on(A | B)`` for one that takes either: what is said to
    the decorator is what the handler's parameter is annotated with. mypy sees that for
    one event; for a union it is only checked here.
    """

    def __init__(self, table: dict[type[Event], Callable[[C, Any], T]]) -> None:
        """Fill this table."""
        self._table = table

    @overload
    def __call__(
        self, events: type[E], /
    ) -> Callable[[Callable[[C, E], T]], Callable[[C, E], T]]: ...
    @overload
    def __call__(
        self, events: UnionType, /
    ) -> Callable[[Callable[[C, E], T]], Callable[[C, E], T]]: ...
    def __call__(
        self, events: Any, /
    ) -> Callable[[Callable[[C, E], T]], Callable[[C, E], T]]:
        """Return what enters a handler for an event, or for each of a union.

        :raises TypeError: if it is annotated otherwise, or an event has a handler
        """

        def enter(handler: Callable[[C, E], T]) -> Callable[[C, E], T]:
            if events not in get_type_hints(handler).values():
                raise TypeError(f"{handler} is not annotated with {events}")
            for event in get_args(events) or (events,):
                if event in self._table:
                    raise TypeError(f"{event} has two handlers: {handler}")
                self._table[event] = handler
            return handler

        return enter
