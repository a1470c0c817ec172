"""The one table shape of every view: now, any past moment, and what changed since.

Each row holds from the event ``seq_from`` until just before ``seq_to`` (NULL: still).
An entity always has exactly one open row once it has any, so the open rows name all
keys, and a past moment is one index seek a key.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Generic, NamedTuple, TypeVar, get_type_hints

import sqlalchemy as sa

METADATA = sa.MetaData()
R = TypeVar("R", bound=NamedTuple)
PATH_END = "~"
"""Sorts after every character of a path."""
_TYPES: dict[Any, tuple[type[sa.types.TypeEngine[Any]], bool]] = {
    str: (sa.Text, False),
    int: (sa.BigInteger, False),
    str | None: (sa.Text, True),
    int | None: (sa.BigInteger, True),
}
"""Type hint -> column type, and whether it may be NULL."""


class Temporal(Generic[R]):
    """A temporal table for rows of one NamedTuple.

    The row's first field is the key; it ends in ``occurred_us`` and ``seq_from``. A
    field ``path`` makes the table selectable by area. ``append_only``: each row is an
    entity of its own that never changes; none is kept in memory.
    """

    def __init__(self, name: str, row: type[R], *, append_only: bool = False) -> None:
        """Derive the columns from the row type."""
        self.append_only = append_only
        assert row._fields[-2:] == ("occurred_us", "seq_from"), row
        self.name, self.row = name, row
        self.key = row._fields[0]
        keys = [self.key, "seq_from"]
        columns = []
        for field, hint in get_type_hints(row).items():
            kind, nullable = _TYPES[hint]
            columns.append(sa.Column(field, kind(), nullable=nullable))
        self.table = sa.Table(
            name,
            METADATA,
            *columns,
            sa.Column("seq_to", sa.BigInteger),
            sa.PrimaryKeyConstraint(*([self.key] if append_only else keys)),
            sqlite_with_rowid=False,
        )
        open_rows = self.table.c.seq_to.is_(None)
        by = self.table.c.path if "path" in row._fields else self.table.c[self.key]
        sa.Index(f"{name}_open", by, sqlite_where=open_rows, postgresql_where=open_rows)
        if not append_only:
            sa.Index(f"{name}_begun", self.table.c.seq_from)

    def _inside(self, table: Any, path: str) -> sa.ColumnElement[bool]:
        """Return the condition that a row lies in the area of ``path``."""
        return sa.and_(table.c.path >= path, table.c.path < path + PATH_END)

    def select(
        self, c: sa.Connection, *, at: int | None, path: str | None = None
    ) -> list[R]:
        """Return all rows as of ``at`` (None: now), of one area if ``path`` is."""
        now = self.table.alias("now")
        where: list[sa.ColumnElement[bool]] = [now.c.seq_to.is_(None)]
        if path:
            where.append(self._inside(now, path))
        if at is None:
            return self._rows(c, sa.select(*self._columns(now)).where(*where))
        then, older = self.table.alias("then"), self.table.alias("older")
        newest = (
            sa.select(sa.func.max(older.c.seq_from))
            .where(older.c[self.key] == now.c[self.key], older.c.seq_from <= at)
            .scalar_subquery()
        )
        joined = sa.and_(then.c[self.key] == now.c[self.key], then.c.seq_from == newest)
        query = sa.select(*self._columns(then)).select_from(now.join(then, joined))
        return self._rows(c, query.where(*where))

    def get(
        self, c: sa.Connection, key: str | int, *, at: int | None = None
    ) -> R | None:
        """Return one entity's row as of ``at`` (None: now)."""
        table = self.table
        query = sa.select(*self._columns(table)).where(table.c[self.key] == key)
        if at is None:
            query = query.where(table.c.seq_to.is_(None))
        else:
            query = query.where(table.c.seq_from <= at)
            query = query.order_by(table.c.seq_from.desc()).limit(1)
        found = self._rows(c, query)
        return found[0] if found else None

    def changed(self, c: sa.Connection, *, after: int, upto: int) -> list[R]:
        """Return every row that began after ``after``, up to ``upto``, oldest first."""
        begun = self.table.c.seq_from
        query = sa.select(*self._columns(self.table))
        query = query.where(begun > after, begun <= upto).order_by(begun)
        return self._rows(c, query)

    def history(self, c: sa.Connection, key: str) -> list[R]:
        """Return all rows an entity ever had, oldest first."""
        query = sa.select(*self._columns(self.table))
        query = query.where(self.table.c[self.key] == key)
        return self._rows(c, query.order_by(self.table.c.seq_from))

    def _columns(self, table: Any) -> list[Any]:
        return [table.c[field] for field in self.row._fields]

    def _rows(self, c: sa.Connection, query: sa.Select[Any]) -> list[R]:
        return [self.row._make(r) for r in c.execute(query)]


class Writer(Generic[R]):
    """Changes of one table inside one batch, on all its current rows in memory."""

    def __init__(self, table: Temporal[R]) -> None:
        """Know nothing yet; ``load`` before the first batch."""
        self.table = table
        self.current: dict[str, R] = {}
        self._fresh: list[R] = []
        self._saved: dict[str, int] = {}
        self._closed: list[tuple[R, int]] = []
        self._dirty: set[str] = set()

    def load(self, c: sa.Connection) -> None:
        """Take the current rows from the database."""
        self._fresh.clear()
        if self.table.append_only:
            return
        rows = self.table.select(c, at=None)
        self.current = {row[0]: row for row in rows}
        self._saved = {row[0]: row[-1] for row in rows}
        self._closed.clear()
        self._dirty.clear()

    def put(self, row: R) -> None:
        """Make this the entity's row from its ``seq_from`` on; nothing if unchanged."""
        if self.table.append_only:
            self._fresh.append(row)
            return
        key = row[0]
        old = self.current.get(key)
        if old is not None:
            if old[:-2] == row[:-2]:
                return
            if old[-1] != row[-1]:
                self._closed.append((old, row[-1]))
        self.current[key] = row
        self._dirty.add(key)

    def flush(self, c: sa.Connection, *, keep_open: bool = False) -> None:
        """Write the batch. ``keep_open``: rows still open stay in memory (rebuild)."""
        ends: list[tuple[int, str, int]] = []
        inserts: list[tuple[Any, ...]] = [(*row, None) for row in self._fresh]
        self._fresh.clear()
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
        columns = [*self.table.row._fields, "seq_to"]
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
            f" WHERE {self.table.key}={mark} AND seq_from={mark}"
        )

    @staticmethod
    def _execute_many(
        c: sa.Connection, statement: str, rows: Sequence[tuple[Any, ...]]
    ) -> None:
        # Straight to the driver: a third of the time of a Core executemany.
        c.exec_driver_sql(statement, list(rows))


def differences(
    one: sa.Connection, other: sa.Connection, table: Temporal[Any]
) -> Iterator[Mapping[str, Any]]:
    """Yield each row that stands in one database's table and not in the other's."""
    t = table.table
    query = sa.select(t).order_by(t.c[table.key], t.c.seq_from)
    left = (tuple(r) for r in one.execute(query))
    right = (tuple(r) for r in other.execute(query))
    order = (0, list(t.c.keys()).index("seq_from"))
    a, b = next(left, None), next(right, None)
    while a is not None or b is not None:
        if a == b:
            a, b = next(left, None), next(right, None)
            continue
        key_a = None if a is None else tuple(a[i] for i in order)
        key_b = None if b is None else tuple(b[i] for i in order)
        take_a = key_a is not None and (key_b is None or key_a <= key_b)
        take_b = key_b is not None and (key_a is None or key_b <= key_a)
        yield {"table": table.name, "live": a if take_a else None,
               "rebuilt": b if take_b else None}  # fmt: skip
        a = next(left, None) if take_a else a
        b = next(right, None) if take_b else b
