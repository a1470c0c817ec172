"""The one table shape of every view: now, any past moment, and what changed since.

Each row holds from the event ``seq_from`` until just before ``seq_to`` (NULL: still).
An entity always has exactly one open row once it has any, so the open rows name all
keys, and a past moment is one index seek a key.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Generic, NamedTuple, TypeVar, get_type_hints

import msgspec
import sqlalchemy as sa

METADATA = sa.MetaData()
R = TypeVar("R", bound=NamedTuple)
_SEQ = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
"""Only as INTEGER does SQLite make a key the row's own number."""
KEYS_MAX = 5_000
"""Keys in one question: databases allow some ten thousand values."""
PATH_END = "~"
"""Sorts after every character of a path."""
_TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
"""Paths are ranges of bytes; a server's own language would sort ``~`` before digits."""
_TYPES: dict[Any, tuple[sa.types.TypeEngine[Any], bool]] = {
    str: (_TEXT, False),
    int: (sa.BigInteger(), False),
    str | None: (_TEXT, True),
    int | None: (sa.BigInteger(), True),
}
"""Type hint -> column type, and whether it may be NULL."""


_encode = msgspec.json.Encoder().encode


def _replacing(row: type[R]) -> Callable[..., R]:
    """Return a ``_replace`` in half the time: most handlers end with one."""
    places = {field: place for place, field in enumerate(row._fields)}

    def replace(self: R, /, **new: Any) -> R:
        columns = list(self)
        for field, value in new.items():
            columns[places[field]] = value
        return row._make(columns)

    return replace


def as_json(value: object) -> str:
    """Return what a column of text holds of something that has parts."""
    return _encode(value).decode()


class Temporal(Generic[R]):
    """A temporal table for rows of one NamedTuple.

    The row's first field is the key; it ends in ``occurred_us`` and ``seq_from``. A
    field ``path`` makes the table selectable by area. ``append_only``: each row is an
    entity of its own that began at its key, a seq, and never changes; none is kept in
    memory.
    """

    def __init__(self, name: str, row: type[R], *, append_only: bool = False) -> None:
        """Derive the columns from the row type."""
        self.append_only = append_only
        ends = ("occurred_us",) if append_only else ("occurred_us", "seq_from")
        assert row._fields[-len(ends) :] == ends, row
        self.name, self.row = name, row
        setattr(row, "_replace", _replacing(row))  # noqa: B010 - no other way is typed
        self.key = row._fields[0]
        self._asked: dict[tuple[object, ...], list[sa.Select[Any]]] = {}
        columns = []
        for field, hint in get_type_hints(row).items():
            kind, nullable = _TYPES[hint]
            key = append_only and field == self.key
            columns.append(
                sa.Column(
                    field,
                    _SEQ if key else kind,
                    nullable=nullable,
                    primary_key=key,
                    autoincrement=False,
                )
            )
        if not append_only:
            columns.append(sa.Column("seq_to", sa.BigInteger))
        self.table = t = sa.Table(name, METADATA, *columns)
        by = t.c.path if "path" in row._fields else t.c[self.key]
        if append_only:
            sa.Index(f"{name}_open", by)
            return
        # Indexes and no primary key: a rebuild appends and sorts once at the end.
        sa.Index(f"{name}_key", t.c[self.key], t.c.seq_from, unique=True)
        sa.Index(f"{name}_begun", t.c.seq_from)
        still = t.c.seq_to.is_(None)
        sa.Index(f"{name}_open", by, sqlite_where=still, postgresql_where=still)

    def inside(self, path: str) -> sa.ColumnElement[bool]:
        """Return the condition that a row lies in the area of ``path``."""
        t = self.table.c
        return sa.and_(t.path >= path, t.path < path + PATH_END)

    def select(
        self, c: sa.Connection, *, at: int | None, path: str | None = None
    ) -> list[R]:
        """Return all rows as of ``at`` (None: now), of one area if ``path`` is."""
        asked = self._question(self._all, at is not None, bool(path))
        given = {"at": at, "path": path, "end": f"{path}{PATH_END}"}
        return [row for query in asked for row in self._rows(c, query, given)]

    def _question(
        self, write: Callable[..., list[sa.Select[Any]]], *how: bool
    ) -> list[sa.Select[Any]]:
        """Return a question; to write one costs more than to ask it."""
        known = self._asked.get((write.__name__, *how))
        if known is None:
            known = self._asked[write.__name__, *how] = write(*how)
        return known

    def _all(self, past: bool, inside: bool) -> list[sa.Select[Any]]:  # noqa: FBT001
        """Return what ``select`` asks, of parameters ``at``, ``path`` and ``end``."""
        now, at = self.table.alias("now"), sa.bindparam("at", type_=sa.BigInteger())
        where: list[sa.ColumnElement[bool]] = [now.c.seq_to.is_(None)]
        if inside:
            where.append(now.c.path >= sa.bindparam("path"))
            where.append(now.c.path < sa.bindparam("end"))
        if not past:
            return [sa.select(*self._columns(now)).where(*where)]
        # What has not changed since is in force still; only the rest needs a seek.
        still = sa.select(*self._columns(now)).where(*where, now.c.seq_from <= at)
        where.append(now.c.seq_from > at)
        then, older = self.table.alias("then"), self.table.alias("older")
        newest = (
            sa.select(sa.func.max(older.c.seq_from))
            .where(older.c[self.key] == now.c[self.key], older.c.seq_from <= at)
            .scalar_subquery()
        )
        joined = sa.and_(then.c[self.key] == now.c[self.key], then.c.seq_from == newest)
        query = sa.select(*self._columns(then)).select_from(now.join(then, joined))
        return [still, query.where(*where)]

    def get(self, c: sa.Connection, key: str | int, *, at: int | None) -> R | None:
        """Return one entity's row as of ``at`` (None: now)."""
        [asked] = self._question(self._one, at is not None)
        found = self._rows(c, asked, {"key": key, "at": at})
        return found[0] if found else None

    def _one(self, past: bool) -> list[sa.Select[Any]]:  # noqa: FBT001
        """Return what ``get`` asks, of parameters ``key`` and ``at``."""
        table, at = self.table, sa.bindparam("at", type_=sa.BigInteger())
        query = sa.select(*self._columns(table))
        query = query.where(table.c[self.key] == sa.bindparam("key"))
        if self.append_only:
            return [query]
        if not past:
            return [query.where(table.c.seq_to.is_(None))]
        query = query.where(table.c.seq_from <= at)
        return [query.order_by(table.c.seq_from.desc()).limit(1)]

    def where(
        self, c: sa.Connection, *conditions: sa.ColumnElement[bool], at: int | None
    ) -> list[R]:
        """Return the rows as of ``at`` (None: now) that meet some conditions."""
        query = sa.select(*self._columns(self.table)).where(*conditions)
        return self._rows(c, query.where(*self.held(at)))

    def held(
        self, at: int | sa.ColumnElement[int] | None
    ) -> list[sa.ColumnElement[bool]]:
        """Return the conditions that a row held as of ``at`` (None: now)."""
        t = self.table.c
        if self.append_only:
            return [] if at is None else [t[self.key] <= at]
        still: sa.ColumnElement[bool] = t.seq_to.is_(None)
        if at is None:
            return [still]
        return [t.seq_from <= at, sa.or_(still, t.seq_to > at)]

    def first(
        self,
        c: sa.Connection,
        *conditions: sa.ColumnElement[bool],
        order: sa.ColumnElement[Any],
        limit: int | None,
        at: int | None,
    ) -> list[R]:
        """Return the first of the rows as of ``at`` that meet some conditions.

        ``limit``: so many of them, None: all.
        """
        query = sa.select(*self._columns(self.table)).where(*conditions)
        query = query.where(*self.held(at))
        return self._rows(c, query.order_by(order, self.table.c[self.key]).limit(limit))

    def newest(self, c: sa.Connection) -> int:
        """Return the position of the last change of the table, 0 if there is none."""
        found = c.execute(sa.select(sa.func.max(self.table.c.seq_from))).scalar()
        return int(found or 0)

    def partial(
        self, name: str, column: sa.ColumnElement[Any], which: sa.ColumnElement[bool]
    ) -> sa.ColumnElement[bool]:
        """Index the rows there are now that meet a condition; return it, to ask by.

        ``which``: of constants, not parameters, or no database would find the index.
        """
        still = sa.and_(self.table.c.seq_to.is_(None), which)
        sa.Index(
            f"{self.name}_{name}", column, sqlite_where=still, postgresql_where=still
        )
        return which

    def some(
        self,
        c: sa.Connection,
        keys: Sequence[str] | Sequence[int],
        *,
        at: int | None,
    ) -> list[R]:
        """Return the rows of these entities as of ``at`` (None: now)."""
        found: list[R] = []
        [asked] = self._question(self._some, at is not None)
        for first in range(0, len(keys), KEYS_MAX):
            given = {"keys": keys[first : first + KEYS_MAX], "at": at}
            found += self._rows(c, asked, given)
        return found

    def _some(self, past: bool) -> list[sa.Select[Any]]:  # noqa: FBT001
        """Return what ``some`` asks, of parameters ``keys`` and ``at``."""
        wanted = self.table.c[self.key].in_(sa.bindparam("keys", expanding=True))
        query = sa.select(*self._columns(self.table)).where(wanted)
        if not past:
            return [query.where(*self.held(None))]
        return [query.where(*self.held(sa.bindparam("at", type_=sa.BigInteger())))]

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

    def _rows(
        self,
        c: sa.Connection,
        query: sa.Select[Any],
        given: Mapping[str, Any] | None = None,
    ) -> list[R]:
        # Straight from the driver: text and integers need nothing of a Core row.
        found = c.execute(query, given)
        make, rows = self.row._make, found.cursor.fetchall()
        found.close()
        return [make(row) for row in rows]


def literal(value: str | int) -> sa.ColumnElement[Any]:
    """Return a constant as ``partial`` needs it: part of the text, no parameter."""
    return sa.literal_column(f"'{value}'" if isinstance(value, str) else str(value))


def differences(
    one: sa.Connection, other: sa.Connection, table: Temporal[Any]
) -> Iterator[Mapping[str, Any]]:
    """Yield each row that stands in one database's table and not in the other's."""
    t = table.table
    names = [table.key] if table.append_only else [table.key, "seq_from"]
    query = sa.select(t).order_by(*(t.c[name] for name in names))
    left = (tuple(r) for r in one.execute(query))
    right = (tuple(r) for r in other.execute(query))
    order = [t.c.keys().index(name) for name in names]
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
