"""Rebuilding views (重建) from the log, in one transaction, as quickly as can be."""

from __future__ import annotations

import gc
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa

from projections.store import POSITIONS
from projections.view import Rows, Tables, View, fold, read_row, readable

REBUILD_BATCH = 20_000


def rebuild(log: Rows, engine: sa.Engine, views: Sequence[View], *, upto: int) -> float:
    """Fill an empty views database from the log; return the seconds it took.

    Rows still open stay in memory until the end, so that each is written once.
    """
    began = time.perf_counter()
    # Millions of rows without one cycle among them: the collector only costs time.
    collecting = gc.isenabled()
    gc.disable()
    try:
        _fill(log, engine, views, upto)
    finally:
        if collecting:
            gc.enable()
    return time.perf_counter() - began


def _fill(log: Rows, engine: sa.Engine, views: Sequence[View], upto: int) -> None:
    """Fold the whole log into empty tables, in one transaction."""
    all_tables = [Tables(v.tables) for v in views]
    position, leaf = 0, b""
    indexes = [i for v in views for t in v.tables for i in t.table.indexes]
    with engine.connect() as c, _unjournaled(c), c.begin():
        for index in indexes:
            index.drop(c)
        while position < upto:
            rows = log.rows(position, min(REBUILD_BATCH, upto - position))
            facts, kinds = readable([read_row(row) for row in rows])
            for view, tables in zip(views, all_tables, strict=True):
                if view.needs(kinds):
                    fold(view, tables, facts)
                for writer in tables.writers:
                    writer.flush(c, keep_open=True)
            position, leaf = rows[-1].seq, rows[-1].leaf
        for view, tables in zip(views, all_tables, strict=True):
            for writer in tables.writers:
                writer.flush(c)
            c.execute(
                sa.insert(POSITIONS).values(
                    view=view.name, seq=position, shape=view.shape, leaf=leaf
                )
            )
        for index in indexes:
            index.create(c)


@contextmanager
def _unjournaled(c: sa.Connection) -> Iterator[None]:
    """Write a SQLite file without a journal: nobody uses it before it is whole."""
    if c.dialect.name != "sqlite":
        yield
        return
    raw: Any = c.connection.driver_connection
    raw.execute("PRAGMA journal_mode=OFF")
    raw.execute("PRAGMA mmap_size=0")
    raw.execute("PRAGMA synchronous=OFF")
    yield
    raw.execute("PRAGMA synchronous=FULL")
    raw.execute("PRAGMA journal_mode=WAL")
