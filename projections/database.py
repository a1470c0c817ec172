"""A database (库): a SQLite file, or a schema of a PostgreSQL server, opened alike."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from coordination.log.patient import PATIENCE_SECONDS, Patient, connect

Pragmas = Mapping[str, str]
NONE: Pragmas = MappingProxyType({})
POOL_SECONDS = 5.0
"""How long a connection of a server's pool is waited for."""


def on_server(where: str | Path) -> bool:
    """Tell whether this is the address of a server, not a file."""
    return isinstance(where, str) and where.startswith("postgres")


def engine_of(
    where: str | Path,
    schema: str = "",
    pragmas: Pragmas = NONE,
    *,
    patience: float = PATIENCE_SECONDS,
    **more: Any,
) -> sa.Engine:
    """Return an engine: in ``schema`` of a server, with ``pragmas`` on a file.

    ``patience``: how long a call to a server may take, in seconds; 0: no bound.
    """
    if isinstance(where, str) and on_server(where):
        return _of_server(where, schema, patience, more)
    engine = sa.create_engine(f"sqlite:///{where}", **more)

    @sa.event.listens_for(engine, "connect")
    def _set(connection: Any, _record: Any) -> None:
        for name, value in pragmas.items():
            connection.execute(f"PRAGMA {name}={value}")

    return engine


def _of_server(
    where: str, schema: str, patience: float, more: dict[str, Any]
) -> sa.Engine:
    engine = sa.create_engine(
        "postgresql+psycopg://", pool_timeout=POOL_SECONDS, **more
    )

    # An address of several hosts is one that SQLAlchemy cannot read.
    @sa.event.listens_for(engine, "do_connect")
    def _connect(_d: Any, _r: Any, _a: Any, parts: dict[str, Any]) -> Patient[Any]:
        return connect(where, patience=patience, schema=schema, **parts)

    @sa.event.listens_for(engine, "checkout")
    def _check(connection: Patient[Any], _record: Any, _proxy: Any) -> None:
        if connection.doubtful:
            raise sa.exc.DisconnectionError  # the pool makes a new one

    return engine


@contextmanager
def opening(engine: sa.Engine, schema: str = "") -> Iterator[sa.Connection]:
    """Give a transaction in which no other process creates or empties tables."""
    with engine.begin() as c:
        if engine.dialect.name == "postgresql":
            c.execute(sa.text("SELECT pg_advisory_xact_lock(1347307086)"))
            if schema:
                c.execute(sa.schema.CreateSchema(schema, if_not_exists=True))
        yield c


def opened(
    where: str | Path, schema: str, tables: sa.MetaData, pragmas: Pragmas
) -> sa.Engine:
    """Return an engine of a database that has these tables."""
    engine = engine_of(where, schema, pragmas)
    with opening(engine, schema) as c:
        for table in tables.sorted_tables:
            # Two that start at once on an empty file: whoever is second finds it.
            c.execute(sa.schema.CreateTable(table, if_not_exists=True))
            for index in table.indexes:
                c.execute(sa.schema.CreateIndex(index, if_not_exists=True))
    return engine


def insert(c: sa.Connection, table: sa.Table) -> Any:
    """Return the insert of this database: both know ``ON CONFLICT``, each its own."""
    dialect = postgresql if c.dialect.name == "postgresql" else sqlite
    return dialect.insert(table)
