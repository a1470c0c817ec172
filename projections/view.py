"""What a view is (视图): its tables, one function an event, and folding facts."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import sqlalchemy as sa

from coordination import catalogue
from coordination.catalogue import Fact
from coordination.kernel import Event
from coordination.log import Row
from projections.dispatch import On
from projections.temporal import R, Temporal
from projections.writer import Writer


class Rows(Protocol):
    """What the runner needs of a log."""

    def rows(self, after: int, limit: int) -> list[Row]:
        """Return up to ``limit`` rows with seq above ``after``, in order."""
        ...


class Tables:
    """One view's rows, and the fact at hand: what handlers read and write."""

    fact: Fact
    """The fact whose handler runs."""

    def __init__(self, tables: Sequence[Temporal[Any]]) -> None:
        """Make a writer for each table."""
        self.writers = [Writer(t) for t in tables]
        self._of: dict[Temporal[Any], Writer[Any]] = {w.table: w for w in self.writers}
        self.memo: dict[Any, Any] = {}
        """What a view derives from its current rows; dropped whenever they reload."""

    def bind(self, c: sa.Connection) -> None:
        """Say where rows that are not in memory are read."""
        for writer in self.writers:
            writer.connection = c

    def __getitem__(self, table: Temporal[R]) -> Writer[R]:
        return self._of[table]

    def put(self, table: Temporal[R], row: R) -> None:
        """Make this the entity's row from the fact at hand on; nothing if unchanged.

        Since when it holds, its two last columns, is filled in here.
        """
        fact = self.fact
        self._of[table].begin(row[:-2], (fact.envelope.occurred_us, fact.seq))


Facts = Sequence[Fact | Exception]
"""A part of the log; what cannot be read is an exception in its place."""
Handlers = dict[type[Event], Callable[[Tables, Any], None]]


@dataclass(frozen=True)
class View:
    """A view (视图): its tables and one function an event.

    ``version``: raise it when a handler changes what it writes; the view is rebuilt.
    ``handlers``: those that stand in a file of their own; ``on`` adds the others.
    """

    name: str
    version: int
    tables: tuple[Temporal[Any], ...]
    handlers: Handlers = field(default_factory=dict)
    every: Callable[[Tables, Fact], None] | None = None
    """Called for every event, known to ``handlers`` or not."""

    @property
    def on(self) -> On[Tables, None]:
        """Make a function the handler of the event it takes: ``@BOARD.on(…)``."""
        return On(self.handlers)

    def needs(self, kinds: set[type[Event]]) -> bool:
        """Tell whether events of any of these types may change something here."""
        return self.every is not None or not kinds.isdisjoint(self.handlers)

    @property
    def shape(self) -> str:
        """A digest of version and columns: another one means rebuild."""
        text = f"{self.version}:" + ";".join(
            f"{t.name}({','.join(f'{c.name} {c.type}' for c in t.table.c)})"
            for t in self.tables
        )
        return hashlib.sha256(text.encode()).hexdigest()[:16]


def readable(facts: Facts) -> tuple[list[Fact], set[type[Event]]]:
    """Return facts all of which could be read, and the types of their events.

    :raises Exception: the first that could not: any view might need it
    """
    found = []
    for fact in facts:
        if isinstance(fact, Exception):
            raise fact
        found.append(fact)
    return found, {type(fact.event) for fact in found}


def fold(view: View, tables: Tables, facts: Sequence[Fact]) -> None:
    """Run the handlers of a view over facts.

    :raises Exception: what a handler raised
    """
    handlers, every = view.handlers, view.every
    for fact in facts:
        if every is not None:
            tables.fact = fact
            every(tables, fact)
        handler = handlers.get(type(fact.event))
        if handler is not None:
            tables.fact = fact
            handler(tables, fact.event)


def fact_of(row: Row) -> Fact:
    """Decode a row of the log.

    :raises Unreadable: if its bytes are no fact of the catalogue
    """
    envelope = catalogue.open_envelope(row.stored)
    return Fact(
        seq=row.seq,
        recorded_us=row.recorded_us,
        stream=row.stream,
        version=row.version,
        name=row.name,
        envelope=envelope,
        event=catalogue.decode_event(row.name, envelope.event),
        leaf=row.leaf,
    )


def read_row(row: Row) -> Fact | Exception:
    """Decode a row; what cannot be read is returned, for each view to stop at."""
    try:
        return fact_of(row)
    except catalogue.Unreadable as error:
        return error
