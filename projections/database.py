"""A database (库): a SQLite file, or a schema of a PostgreSQL server, opened alike."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

Pragmas = Mapping[str, str]


def on_server(where: str | Path) -> bool:
    """Tell whether this is the address of a server, not a file."""
    return isinstance(where, str) and where.startswith("postgres")


def url_of(where: str | Path) -> str:
    """Return what SQLAlchemy calls a file or a ``postgresql://`` address."""
    if on_server(where):
        return "postgresql+psycopg://" + str(where).partition("://")[2]
    return f"sqlite:///{where}"


def engine_of(
    where: str | Path, schema: str, pragmas: Pragmas, **more: Any
) -> sa.Engine:
    """Return an engine: in ``schema`` of a server, with ``pragmas`` on a file."""
    if on_server(where):
        path = {"options": f"-csearch_path={schema}"}
        return sa.create_engine(url_of(where), connect_args=path, **more)
    engine = sa.create_engine(url_of(where), **more)

    @sa.event.listens_for(engine, "connect")
    def _set(connection: Any, _record: Any) -> None:
        for name, value in pragmas.items():
            connection.execute(f"PRAGMA {name}={value}")

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
