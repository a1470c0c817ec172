"""Marks of stores (库的印记): which store this is, and how often it was written.

By them it is told, when a store is opened again, that it is the one there was: neither
an older one that was put back, nor another.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import NamedTuple

import sqlalchemy as sa

from projections.database import engine_of, insert, on_server

TABLE = "store_mark"
_BORN = {
    "sqlite": sa.text("SELECT lower(hex(randomblob(8)))"),
    "postgresql": sa.text("SELECT left(md5(random()::text || clock_timestamp()), 16)"),
}


class Mark(NamedTuple):
    """印记. ``born``: random, from the day the store was made; ``writes``: so often."""

    born: str
    writes: int


def marked(tables: sa.MetaData) -> sa.Table:
    """Return the table of the mark, among the tables of a store."""
    return sa.Table(
        TABLE,
        tables,
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("born", sa.Text, nullable=False),
        sa.Column("writes", sa.BigInteger, nullable=False),
    )


def written(c: sa.Connection, table: sa.Table) -> None:
    """Count a write, in its own transaction."""
    once_more = sa.update(table).values(writes=table.c.writes + 1)
    if c.execute(once_more).rowcount:
        return
    # Two that begin at once: whoever is second keeps to the first one's name.
    new = insert(c, table).values(id=1, born=c.scalar(_BORN[c.dialect.name]), writes=1)
    again = {"writes": table.c.writes + 1}
    c.execute(new.on_conflict_do_update(index_elements=["id"], set_=again))


Told = Callable[[Mark], None]
TOLD: dict[str, Told] = {}
"""Who remembers each write of a file, by its path: before anything is said of it."""


@contextmanager
def writing(engine: sa.Engine, table: sa.Table) -> Iterator[sa.Connection]:
    """Give a transaction that counts as a write of the store."""
    told, now = TOLD.get(engine.url.database or ""), None
    with engine.begin() as c:
        written(c, table)
        if told is not None:
            now = Mark(*c.execute(sa.select(table.c.born, table.c.writes)).one())
        yield c
    if told is not None and now is not None:
        told(now)


class Damaged(Exception):  # noqa: N818 - names what a store is
    """A store cannot be read as one."""


def mark_at(where: Path | str, schema: str, *, check: bool = False) -> Mark | None:
    """Return the mark of a store as it lies there, None if there is no store.

    Whatever was never written, or is older than marks, has been written no time.
    ``check``: look through all of a file, which is small.

    :raises Damaged: if it cannot be read
    """
    return (
        _of_schema(str(where), schema)
        if on_server(where)
        else _of_file(Path(where), check=check)
    )


def _of_schema(where: str, schema: str) -> Mark | None:
    engine = engine_of(where, schema, {})
    try:
        with engine.connect() as c:
            if not sa.inspect(c).has_table(TABLE, schema=schema):
                return None
            asked = sa.text(f"SELECT born, writes FROM {schema}.{TABLE}")  # noqa: S608 - ours
            found = c.execute(asked).first()
    finally:
        engine.dispose()
    return Mark(*found) if found else None


def _of_file(path: Path, *, check: bool) -> Mark | None:
    if not path.exists():
        return None
    # To write: else what a kill has cut short could not be taken back first.
    uri = f"{path.resolve().as_uri()}?mode=rw"
    try:
        with closing(sqlite3.connect(uri, uri=True)) as c:
            if check and c.execute("PRAGMA quick_check(1)").fetchone() != ("ok",):
                raise Damaged
            known = c.execute("SELECT 1 FROM sqlite_master WHERE name=?", (TABLE,))
            if known.fetchone() is None:
                return Mark("", 0)
            found = c.execute(f"SELECT born, writes FROM {TABLE}").fetchone()  # noqa: S608 - ours
    except sqlite3.DatabaseError as error:
        if isinstance(error, sqlite3.OperationalError):
            raise  # locked, or no memory: it may be sound
        raise Damaged from error
    return Mark(*found) if found else Mark("", 0)
