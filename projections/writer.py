"""What a batch of facts changes of one table, with the current rows in use in memory.

A table of few rows is in memory whole. Of a larger one the rows that were touched last
are; others are read when they are asked for.
"""

from __future__ import annotations

import itertools
from collections import ChainMap
from collections.abc import Callable, MutableMapping, Sequence
from typing import Any, Generic

import sqlalchemy as sa

from projections.temporal import R, Temporal

_new = tuple.__new__
"""``_make`` in half the time: the columns are those of a row."""


KEPT_MAX = 50_000
"""Current rows of a table in memory between two batches."""


class Current(dict[str, R]):
    """The current rows of a table by key (现行行): all of them, or those in use.

    ``[key]``, ``get`` and ``in`` find every row; walk over all with ``Writer.every``.
    """

    def __init__(self, find: Callable[[str], R | None]) -> None:
        """``find``: reads a row that is not here."""
        super().__init__()
        self.whole = True
        self._find = find

    def __missing__(self, key: str) -> R:
        found = None if self.whole else self._find(key)
        if found is None:
            raise KeyError(key)
        self[key] = found
        return found

    def get(self, key: str, default: Any = None) -> Any:
        """Return a row, read if need be; ``default`` if there is none."""
        try:
            return self[key]
        except KeyError:
            return default

    def __contains__(self, key: object) -> bool:
        return super().__contains__(key) or self.get(str(key)) is not None


class Writer(Generic[R]):
    """Changes of one table inside one batch, on its current rows."""

    def __init__(self, table: Temporal[R]) -> None:
        """Know nothing yet; ``load`` before the first batch."""
        self.table = table
        self._here: Current[R] = Current(self._find)
        self.current: MutableMapping[str, R] = self._here
        self.below: Writer[R] | None = None
        """Whose rows these are laid above, if they are."""
        self.connection: sa.Connection | None = None
        """Where rows that are not in memory are read."""
        self._fresh: list[R] = []
        self._saved: dict[str, int] = {}
        self._closed: list[tuple[R, int]] = []
        self._dirty: set[str] = set()

    def load(self, c: sa.Connection) -> None:
        """Take the current rows from the database, if they are not too many."""
        self._fresh.clear()
        if self.table.append_only:
            return
        t = self.table.table.c
        begun = sa.select(t.seq_from).where(t.seq_to.is_(None)).limit(KEPT_MAX + 1)
        many = sa.select(sa.func.count()).select_from(begun.subquery())
        self._here.clear()
        self._here.whole = (c.execute(many).scalar() or 0) <= KEPT_MAX
        rows = self.table.select(c, at=None) if self._here.whole else []
        self._here.update((row[0], row) for row in rows)
        self._saved = {row[0]: row[-1] for row in rows}
        self._closed.clear()
        self._dirty.clear()

    def over(self, below: Writer[R]) -> None:
        """Lay rows that are nowhere yet above those of another."""
        self.current, self.below = ChainMap({}, below.current), below

    @property
    def whole(self) -> bool:
        """Whether all rows are in memory."""
        return self._here.whole if self.below is None else self.below.whole

    def every(self, *conditions: sa.ColumnElement[bool]) -> list[R]:
        """Return every current row, also one that is not in memory.

        ``conditions``: rows that do not meet them need not come, but may; those that
        do are in memory afterwards.
        """
        if self.below is not None:
            assert isinstance(self.current, ChainMap), "laid above the others"
            above = self.current.maps[0]
            rest = (r for r in self.below.every(*conditions) if r[0] not in above)
            return [*above.values(), *rest]
        found = list(self._here.values())
        if self._here.whole:
            return found
        assert self.connection is not None, "bound while facts are folded"
        read = self.table.where(self.connection, *conditions, at=None)
        others = [row for row in read if not dict.__contains__(self._here, row[0])]
        if conditions:
            self._here.update((row[0], row) for row in others)
            self._saved.update((row[0], row[-1]) for row in others)
        return found + others

    def _find(self, key: str) -> R | None:
        """Read a row: the newest of its key is the current one."""
        assert self.connection is not None, "bound while facts are folded"
        mark = "?" if self.connection.dialect.name == "sqlite" else "%s"
        columns = ", ".join(f'"{field}"' for field in self.table.row._fields)
        cursor = self.connection.connection.cursor()
        cursor.execute(
            f"SELECT {columns} FROM {self.table.name}"  # noqa: S608 - our own names
            f' WHERE "{self.table.key}"={mark} ORDER BY seq_from DESC LIMIT 1',
            (key,),
        )
        found = cursor.fetchone()
        if found is None:
            return None
        self._saved[key] = found[-1]
        return self.table.row._make(found)

    def forget(self) -> None:
        """Let go of rows beyond what is kept, those longest here first.

        Only after a batch is committed: what is in memory alone would be lost.
        """
        beyond = len(self._here) - KEPT_MAX
        if beyond <= 0 or self._dirty or self._closed:
            return
        self._here.whole = False
        for key in list(itertools.islice(self._here, beyond + KEPT_MAX // 4)):
            del self._here[key]
            self._saved.pop(key, None)

    def put(self, row: R) -> None:
        """Make this the entity's row from its ``seq_from`` on; nothing if unchanged."""
        if self.table.append_only:
            self._fresh.append(row)
        else:
            self.begin(row[:-2], row[-2:])

    def begin(self, columns: tuple[Any, ...], when: tuple[int, int]) -> None:
        """Make these the entity's columns from a fact on; nothing if unchanged.

        ``when``: the row's two last columns, ``occurred_us`` and ``seq_from``.
        """
        key, seq = columns[0], when[1]
        old: R | None = self.current.get(key)
        if old is not None:
            if old[:-2] == columns:
                return
            if old[-1] != seq:
                self._closed.append((old, seq))
        self.current[key] = _new(self.table.row, columns + when)
        self._dirty.add(key)

    def flush(self, c: sa.Connection, *, keep_open: bool = False) -> None:
        """Write the batch. ``keep_open``: rows still open stay in memory (rebuild)."""
        if self._fresh:
            self._insert(c, self._fresh)
            self._fresh.clear()
        ends: list[tuple[int, str, int]] = []
        inserts: list[tuple[Any, ...]] = []
        for row, seq_to in self._closed:
            if self._saved.get(row[0]) == row[-1]:
                ends.append((seq_to, row[0], row[-1]))
            else:
                inserts.append((*row, seq_to))
        self._closed.clear()
        if ends:
            self._execute_many(c, self._end_statement(c), ends)
        if not keep_open:
            for key in self._dirty:
                row = self.current[key]
                inserts.append((*row, None))
                self._saved[key] = row[-1]
            self._dirty.clear()
        if inserts:
            self._insert(c, inserts)

    def _insert(self, c: sa.Connection, rows: Sequence[tuple[Any, ...]]) -> None:
        # Quoted: a field may be called what is a word of SQL (grant).
        columns = [f'"{column.name}"' for column in self.table.table.c]
        if c.dialect.name == "postgresql":
            cursor = c.connection.cursor()
            names = ", ".join(columns)
            with cursor.copy(f"COPY {self.table.name} ({names}) FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(row)
            return
        marks = ", ".join("?" * len(columns))
        names = ", ".join(columns)
        self._execute_many(
            c,
            f"INSERT INTO {self.table.name} ({names}) VALUES ({marks})",  # noqa: S608 - our own names
            rows,
        )

    def _end_statement(self, c: sa.Connection) -> str:
        mark = "?" if c.dialect.name == "sqlite" else "%s"
        return (
            f"UPDATE {self.table.name} SET seq_to={mark}"  # noqa: S608 - our own names
            f' WHERE "{self.table.key}"={mark} AND seq_from={mark}'
        )

    @staticmethod
    def _execute_many(
        c: sa.Connection, statement: str, rows: Sequence[tuple[Any, ...]]
    ) -> None:
        # Straight to the driver: a third of the time of a Core executemany.
        c.connection.cursor().executemany(statement, rows)
