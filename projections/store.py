"""The database of the views (视图库): opening it, one moment of it, positions."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import sqlalchemy as sa

from coordination.log.patient import PATIENCE_SECONDS
from projections.database import engine_of, on_server, opening
from projections.temporal import METADATA
from projections.view import Rows

POSITIONS = sa.Table(
    "view_position",
    METADATA,
    sa.Column("view", sa.Text, primary_key=True),
    sa.Column("seq", sa.BigInteger, nullable=False),
    sa.Column("shape", sa.Text, nullable=False),
    sa.Column("leaf", sa.LargeBinary, nullable=False),
)
"""Where each view is; ``leaf``: of the log's fact there, so that it is of this log."""
DATABASE_ERRORS = (
    sa.exc.OperationalError,
    sa.exc.InterfaceError,
    sqlite3.OperationalError,
    psycopg.OperationalError,
    psycopg.InterfaceError,
)
"""The database is busy or gone: no fault of the event that met it."""
_AWAY = (
    sa.exc.TimeoutError,
    psycopg.OperationalError,
    psycopg.InterfaceError,
    psycopg.errors.ReadOnlySqlTransaction,
    # Somebody has dropped the views: they are made again.
    psycopg.errors.UndefinedTable,
    psycopg.errors.InvalidSchemaName,
)
_PRAGMAS = {
    # The log is the truth: these tables may lose a moment, never mix two.
    "journal_mode": "WAL",
    "synchronous": "NORMAL",
    "busy_timeout": "5000",
    "cache_size": "-65536",
    # A past moment reads thousands of scattered pages: no system call for each.
    "mmap_size": "4294967296",
}


def away(error: BaseException) -> bool:
    """Tell whether a database, or its disk, cannot be used now: later it may be."""
    found = error
    if isinstance(error, sa.exc.DBAPIError) and error.orig is not None:
        found = error.orig
    if isinstance(found, sqlite3.Error):
        # The class itself: a damaged file. Its others are our own mistakes.
        locked_or_full = isinstance(found, sqlite3.OperationalError)
        return locked_or_full or type(found) is sqlite3.DatabaseError
    return isinstance(found, _AWAY)


def open_views(
    where: str | Path, schema: str = "views", *, patience: float = PATIENCE_SECONDS
) -> sa.Engine:
    """Return the engine of a views database: a SQLite file or a PostgreSQL schema.

    ``patience``: how long a call to a server may take, in seconds; 0: no bound.
    """
    size = 8 if on_server(where) else 12
    engine = engine_of(where, schema, _PRAGMAS, patience=patience, pool_size=size)
    prepare(engine, schema)
    return engine


def prepare(engine: sa.Engine, schema: str = "views") -> None:
    """Make the tables that are missing."""
    with opening(engine, schema) as c:
        found = sa.inspect(c)
        if found.has_table(POSITIONS.name):
            known = {column["name"] for column in found.get_columns(POSITIONS.name)}
            if known != set(POSITIONS.c.keys()):
                METADATA.drop_all(c)  # of an older version: made again from the log
        METADATA.create_all(c)


def prepared(engine: sa.Engine) -> bool:
    """Tell whether the tables are there: nobody has dropped them."""
    return sa.inspect(engine).has_table(POSITIONS.name)


@contextmanager
def snapshot(engine: sa.Engine) -> Iterator[sa.Connection]:
    """Give a connection on one moment of the views, while they may go on."""
    with engine.connect() as c:
        if c.dialect.name == "postgresql":
            yield c.execution_options(isolation_level="REPEATABLE READ")
        else:
            c.exec_driver_sql("BEGIN")
            yield c


def seen(c: sa.Connection) -> int:
    """Return the position that this very connection's moment of the views shows."""
    return min(positions(c).values(), default=0)


def shown_at(c: sa.Connection, at: int | None) -> int | None:
    """Return the moment to read all views at: None only if all stand at the same.

    Between the commits of two views one is ahead: what is shown then is the least.
    """
    found = positions(c).values()
    if at is not None or len(set(found)) <= 1:
        return at
    return min(found)


def of_this_log(log: Rows, seq: int, leaf: bytes) -> bool:
    """Tell whether a log has, at a position, the fact a view has come to."""
    if seq == 0:
        return True
    rows = log.rows(seq - 1, 1)
    return bool(rows) and rows[0].leaf == leaf


def strays(c: sa.Connection, log: Rows) -> dict[str, int]:
    """Return the views that are of another log, or further than this one, and where."""
    found = c.execute(sa.select(POSITIONS)).all()
    return {r.view: r.seq for r in found if not of_this_log(log, r.seq, r.leaf)}


def positions(c: sa.Connection) -> dict[str, int]:
    """Return each view's position."""
    found = c.execute(sa.select(POSITIONS.c.view, POSITIONS.c.seq))
    return {r.view: r.seq for r in found}
