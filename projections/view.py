"""What a view is (视图): its tables, one function an event, and folding facts."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from coordination import catalogue
from coordination.catalogue import Fact
from coordination.kernel import Event
from coordination.log import Row
from projections.temporal import Temporal, Writer


class Rows(Protocol):
    """What the runner needs of a log."""

    def rows(self, after: int, limit: int) -> list[Row]:
        """Return up to ``limit`` rows with seq above ``after``, in order."""
        ...


class Tables:
    """The writers of one view's tables, by table name; what handlers write to."""

    def __init__(self, tables: Sequence[Temporal[Any]]) -> None:
        """Make a writer for each table."""
        self.writers = [Writer(t) for t in tables]
        self._by_name = {w.table.name: w for w in self.writers}
        self.memo: dict[Any, Any] = {}
        """What a view derives from its current rows; dropped whenever they reload."""

    def __getitem__(self, table: Temporal[Any]) -> Writer[Any]:
        return self._by_name[table.name]


Handler = Callable[[Tables, Fact], None]


@dataclass(frozen=True)
class View:
    """A view (视图): its tables and one function an event.

    ``version``: raise it when a handler changes what it writes; the view is rebuilt.
    """

    name: str
    version: int
    tables: tuple[Temporal[Any], ...]
    handlers: Mapping[type[Event], Handler]
    every: Handler | None = None
    """Called for every event, known to ``handlers`` or not."""

    @property
    def shape(self) -> str:
        """A digest of version and columns: another one means rebuild."""
        text = f"{self.version}:" + ";".join(
            f"{t.name}({','.join(f'{c.name} {c.type}' for c in t.table.c)})"
            for t in self.tables
        )
        return hashlib.sha256(text.encode()).hexdigest()[:16]


def fold(view: View, tables: Tables, facts: Sequence[Fact | Exception]) -> None:
    """Run the handlers of a view over facts.

    :raises Exception: the fact itself if it could not be read, or what a handler raised
    """
    handlers, every = view.handlers, view.every
    for fact in facts:
        if isinstance(fact, Exception):
            raise fact
        if every is not None:
            every(tables, fact)
        handler = handlers.get(type(fact.event))
        if handler is not None:
            handler(tables, fact)


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
    )


def read_row(row: Row) -> Fact | Exception:
    """Decode a row; what cannot be read is returned, for each view to stop at."""
    try:
        return fact_of(row)
    except catalogue.Unreadable as error:
        return error
