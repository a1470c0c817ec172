"""Brings views up to the log: catch up and rebuild are one loop.

Position and rows of a view commit in one transaction, so each event counts exactly
once whatever dies. A poison event stops its view alone, and is never passed over here.
"""

from __future__ import annotations

import gc
import hashlib
import sqlite3
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import psycopg
import sqlalchemy as sa
import structlog

from coordination import catalogue
from coordination.catalogue import Fact
from coordination.kernel import Event
from coordination.log import Row
from projections.temporal import METADATA, Temporal, Writer

BATCH = 2_000
REBUILD_BATCH = 20_000
POLL_SECONDS = 1.0
POSITIONS = sa.Table(
    "view_position",
    METADATA,
    sa.Column("view", sa.Text, primary_key=True),
    sa.Column("seq", sa.BigInteger, nullable=False),
    sa.Column("shape", sa.Text, nullable=False),
)
DATABASE_ERRORS = (
    sa.exc.OperationalError,
    sa.exc.InterfaceError,
    sqlite3.OperationalError,
    psycopg.OperationalError,
)
"""The database is busy or gone: no fault of the event that met it."""
_log = structlog.get_logger("runner")


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
        self.memo: dict[str, Any] = {}
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


@dataclass
class Quarantine:
    """A poison event (毒事件): where its view stopped and why."""

    view: str
    seq: int
    error: str


@dataclass
class _Running:
    """A view at work: where it is, with its rows in memory."""

    view: View
    tables: Tables
    position: int = -1
    stuck: Quarantine | None = None
    loaded: bool = False
    """False while the rows in memory may be ahead of the database: resume first."""


def open_views(where: str | Path, schema: str = "views") -> sa.Engine:
    """Return the engine of a views database: a SQLite file or a PostgreSQL schema."""
    if isinstance(where, str) and where.startswith("postgres"):
        url = "postgresql+psycopg://" + where.partition("://")[2]
        engine = sa.create_engine(
            url, connect_args={"options": f"-csearch_path={schema}"}, pool_size=8
        )
    else:
        engine = sa.create_engine(f"sqlite:///{where}", pool_size=12)

        @sa.event.listens_for(engine, "connect")
        def _pragmas(connection: Any, _record: Any) -> None:
            # The log is the truth: these tables may lose a moment, never mix two.
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute("PRAGMA synchronous=NORMAL")
            connection.execute("PRAGMA busy_timeout=5000")
            connection.execute("PRAGMA cache_size=-65536")
            # A past moment reads thousands of scattered pages: no system call for each.
            connection.execute("PRAGMA mmap_size=4294967296")

    with _starting(engine) as c:
        if engine.dialect.name == "postgresql":
            c.execute(sa.schema.CreateSchema(schema, if_not_exists=True))
        METADATA.create_all(c)
    return engine


@contextmanager
def _starting(engine: sa.Engine) -> Iterator[sa.Connection]:
    """Give a transaction in which no other process creates or empties views."""
    with engine.begin() as c:
        if engine.dialect.name == "postgresql":
            c.execute(sa.text("SELECT pg_advisory_xact_lock(1347307086)"))
        yield c


@contextmanager
def snapshot(engine: sa.Engine) -> Iterator[sa.Connection]:
    """Give a connection on one moment of the views, while they may go on."""
    with engine.connect() as c:
        if c.dialect.name == "postgresql":
            yield c.execution_options(isolation_level="REPEATABLE READ")
        else:
            c.exec_driver_sql("BEGIN")
            yield c


class Runner:
    """Keeps the views of one World at the head of its log, in one thread."""

    def __init__(self, log: Rows, engine: sa.Engine, views: Iterable[View]) -> None:
        """Load each view where it stopped; one of another shape starts anew."""
        self._log, self.engine = log, engine
        self._running = [_Running(v, Tables(v.tables)) for v in views]
        self.on_advance: list[Callable[[int], None]] = []
        self._wake = threading.Event()
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._turn = threading.Lock()
        self._reported = -1
        self._kept: sa.Connection | None = None
        mark = "?" if engine.dialect.name == "sqlite" else "%s"
        self._advance = (
            f"UPDATE view_position SET seq={mark} WHERE view={mark} AND seq={mark}"  # noqa: S608 - three marks
        )
        for running in self._running:
            self._resume(running, starting=True)

    @property
    def seq(self) -> int:
        """The least position of all views: what a page may say it shows."""
        return min(r.position for r in self._running)

    @property
    def quarantined(self) -> list[Quarantine]:
        """The views that stopped at a poison event."""
        return [r.stuck for r in self._running if r.stuck]

    def _resume(self, running: _Running, *, starting: bool = False) -> None:
        """Take up a view's position and rows; when starting, empty another shape's.

        At work, another shape means that a newer process has taken the view over.
        """
        view = running.view
        with _starting(self.engine) as c:
            found = c.execute(
                sa.select(POSITIONS.c.seq, POSITIONS.c.shape).where(
                    POSITIONS.c.view == view.name
                )
            ).first()
            if found is None or found.shape != view.shape:
                if not starting:
                    running.stuck = Quarantine(
                        view.name, running.position + 1, "another version took over"
                    )
                    return
                for table in view.tables:
                    table.table.drop(c, checkfirst=True)
                    table.table.create(c)
                c.execute(sa.delete(POSITIONS).where(POSITIONS.c.view == view.name))
                c.execute(
                    sa.insert(POSITIONS).values(view=view.name, seq=0, shape=view.shape)
                )
                found = None
            for writer in running.tables.writers:
                writer.load(c)
        running.tables.memo.clear()
        running.position = 0 if found is None else found.seq
        running.loaded = True

    def catch_up(self, *, upto: int | None = None, batch: int = BATCH) -> int:
        """Apply what the log has, up to ``upto``; return the least position."""
        with self._turn:
            while True:
                for running in self._running:
                    if not running.loaded:  # the database was away the last time
                        self._resume(running)
                live = [r for r in self._running if r.stuck is None]
                if not live:
                    break
                after = min(r.position for r in live)
                rows = self._log.rows(after, batch)
                if upto is not None:
                    rows = [row for row in rows if row.seq <= upto]
                if not rows:
                    break
                facts = [_fact(row) for row in rows]
                for running in live:
                    self._apply(running, rows[0].seq, facts)
                self._report()
            self._report()
            return self.seq

    def _report(self) -> None:
        if self.seq != self._reported:
            self._reported = self.seq
            for listener in self.on_advance:
                listener(self.seq)

    def _apply(
        self, running: _Running, first: int, facts: Sequence[Fact | Exception]
    ) -> None:
        """Apply a batch in one transaction; event by event if one of them is poison."""
        done = running.position + 1 - first
        if done >= len(facts):
            return
        try:
            self._apply_batch(running, facts[done:])
        except DATABASE_ERRORS:
            self._let_go()
            raise
        except Exception:  # noqa: BLE001 - found again below, one by one
            self._resume(running)
            self._one_by_one(running, first, facts)

    def _one_by_one(
        self, running: _Running, first: int, facts: Sequence[Fact | Exception]
    ) -> None:
        """Apply a batch that failed event by event, up to the poison one."""
        # Where to go on is asked anew each time: another process may have been here.
        while not running.stuck and 0 <= (done := running.position + 1 - first) < len(
            facts
        ):
            try:
                self._apply_batch(running, facts[done : done + 1])
            except DATABASE_ERRORS:
                self._let_go()
                raise
            except Exception as error:  # noqa: BLE001 - any poison stops the view
                self._resume(running)
                seq = running.position + 1
                if running.stuck or seq != first + done:
                    continue
                running.stuck = Quarantine(running.view.name, seq, repr(error))
                _log.error("poison event", view=running.view.name, seq=seq, error=error)

    def _apply_batch(
        self, running: _Running, facts: Sequence[Fact | Exception]
    ) -> None:
        view = running.view
        last = running.position + len(facts)
        # One connection kept and plain statements: with the engine's own transactions
        # a single event cost 2 ms of processor time, most of it bookkeeping.
        c = self._connection()
        database = c.connection
        try:
            cursor = database.cursor()
            # Another process may keep the same views: whoever is first takes the batch.
            cursor.execute(self._advance, (last, view.name, running.position))
            if cursor.rowcount != 1:
                database.rollback()
                self._resume(running)
                return
            running.loaded = False
            fold(view, running.tables, facts)
            for writer in running.tables.writers:
                writer.flush(c)
            database.commit()
            running.loaded = True
        except BaseException:
            with suppress(*DATABASE_ERRORS):
                database.rollback()
            raise
        running.position = last

    def _connection(self) -> sa.Connection:
        """Return the connection views are written through, a new one if it broke."""
        if self._kept is None or self._kept.closed or self._kept.invalidated:
            self._kept = self.engine.connect()
        return self._kept

    def _let_go(self) -> None:
        """Give up a connection that may be broken."""
        if self._kept is not None:
            self._kept.invalidate()
            self._kept.close()
            self._kept = None

    def start(self) -> None:
        """Catch up in a thread of its own, woken by ``wake`` and each second."""
        self._thread = threading.Thread(target=self._run, name="views", daemon=True)
        self._thread.start()

    def wake(self, _seq: int = 0) -> None:
        """Say that the log has grown; a hint only, never the only way to notice."""
        self._wake.set()

    def _run(self) -> None:
        while not self._stop.is_set():
            self._wake.wait(POLL_SECONDS)
            self._wake.clear()
            try:
                self.catch_up()
            except Exception as error:  # noqa: BLE001 - the database may come back
                _log.error("views cannot catch up", error=repr(error))
                self._stop.wait(POLL_SECONDS)

    def stop(self) -> None:
        """End the thread after its batch."""
        self._stop.set()
        self._wake.set()
        if self._thread is not None:
            self._thread.join()
        if self._kept is not None:
            self._kept.close()
        self.engine.dispose()


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


def rebuild(
    log: Rows,
    engine: sa.Engine,
    views: Sequence[View],
    *,
    upto: int,
    progress: Callable[[int], None] | None = None,
) -> float:
    """Fill an empty views database from the log; return the seconds it took.

    Rows still open stay in memory until the end, so that each is written once.
    """
    began = time.perf_counter()
    # Millions of rows without one cycle among them: the collector only costs time.
    collecting = gc.isenabled()
    gc.disable()
    try:
        _fill(log, engine, views, upto, progress)
    finally:
        if collecting:
            gc.enable()
    return time.perf_counter() - began


def _fill(
    log: Rows,
    engine: sa.Engine,
    views: Sequence[View],
    upto: int,
    progress: Callable[[int], None] | None,
) -> None:
    """Fold the whole log into empty tables, in one transaction."""
    all_tables = [Tables(v.tables) for v in views]
    position = 0
    indexes = [i for v in views for t in v.tables for i in t.table.indexes]
    with engine.connect() as c, _unjournaled(c), c.begin():
        for index in indexes:
            index.drop(c)
        while position < upto:
            rows = log.rows(position, min(REBUILD_BATCH, upto - position))
            facts = [_fact(row) for row in rows]
            for view, tables in zip(views, all_tables, strict=True):
                fold(view, tables, facts)
                for writer in tables.writers:
                    writer.flush(c, keep_open=True)
            position = rows[-1].seq
            if progress is not None:
                progress(position)
        for view, tables in zip(views, all_tables, strict=True):
            for writer in tables.writers:
                writer.flush(c)
            c.execute(
                sa.insert(POSITIONS).values(
                    view=view.name, seq=position, shape=view.shape
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


def _fact(row: Row) -> Fact | Exception:
    """Decode a row; what cannot be read is returned, for each view to stop at."""
    try:
        return fact_of(row)
    except catalogue.Unreadable as error:
        return error


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


def positions(c: sa.Connection) -> dict[str, int]:
    """Return each view's position."""
    with suppress(sa.exc.OperationalError, sa.exc.ProgrammingError):
        found = c.execute(sa.select(POSITIONS.c.view, POSITIONS.c.seq))
        return {r.view: r.seq for r in found}
    return {}
