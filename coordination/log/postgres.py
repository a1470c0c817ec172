"""The log in PostgreSQL: writers on any number of hosts, ordered by one row lock."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any

import psycopg
from eventsourcing.persistence import IntegrityError, StoredEvent
from eventsourcing.postgres import PostgresApplicationRecorder, PostgresDatastore
from psycopg.conninfo import conninfo_to_dict

from coordination.log.patient import Patient, connect, reachable
from coordination.log.postgres_reader import RECEIPTS, VERSIONS, PostgresReader
from coordination.log.records import (
    Append,
    Batch,
    Clock,
    Head,
    LogBeyond,
    Outcome,
    Receipt,
    check_reached,
    given,
    placed,
    wanted,
)

CHANNEL = "pingzhan_log"
CREATE_LOCK = 0x50494E47
LISTEN_SECONDS = 0.5
ASK_SECONDS = 5.0
"""How often it is asked whether whoever we listen to is there: silence says nothing."""
CLOSE_SECONDS = 2.0
AWAY = (
    psycopg.OperationalError,
    psycopg.InterfaceError,
    psycopg.errors.ReadOnlySqlTransaction,
)
"""The server cannot write now: it has gone, or another one has taken over from it."""
# Whoever died holding the lock is let go before those who wait give up, and those
# before their own connection does.
WRITER = (
    "SET synchronous_commit = on; SET idle_in_transaction_session_timeout = '4s';"
    " SET lock_timeout = '6s'; SET statement_timeout = '7s'"
)
# No DEFAULT on notification_id: a stock recorder of the library must fail loudly
# instead of writing events without leaf, head and order.
CREATE = (
    """CREATE TABLE IF NOT EXISTS {schema}.{table} (
        originator_id text NOT NULL, originator_version bigint NOT NULL,
        topic text NOT NULL, state bytea NOT NULL, notification_id bigint PRIMARY KEY,
        recorded_us bigint NOT NULL, leaf bytea NOT NULL,
        UNIQUE (originator_id, originator_version))""",
    """CREATE TABLE IF NOT EXISTS {schema}.log_head (
        id int PRIMARY KEY CHECK (id = 1), seq bigint NOT NULL,
        recorded_us bigint NOT NULL, peaks bytea NOT NULL)""",
    "INSERT INTO {schema}.log_head VALUES (1, 0, 0, '') ON CONFLICT DO NOTHING",
    """CREATE TABLE IF NOT EXISTS {schema}.receipts (
        command text PRIMARY KEY, digest text NOT NULL, first_seq bigint NOT NULL,
        seq bigint NOT NULL, root text NOT NULL, recorded_us bigint NOT NULL)""",
    """CREATE TABLE IF NOT EXISTS {schema}.log_meta (
        name text PRIMARY KEY, value text NOT NULL)""",
)


class _Datastore(PostgresDatastore):
    """The library's own connections, which only its own methods would open."""

    def register_type_adapters(self) -> None:
        """Ask nothing: without functions in the database there are no types of ours."""


class PostgresRecorder(PostgresReader, PostgresApplicationRecorder):
    """The library's recorder with gapless seq, leaf, head and receipts in one commit.

    All writers of all hosts queue at ``log_head``'s row lock; READ COMMITTED, and the
    versions are read in a statement of their own after the lock, so they are current.
    """

    def __init__(
        self,
        dsn: str,
        *,
        schema: str = "public",
        events_table_name: str = "stored_events",
    ) -> None:
        """Connect; nothing is created before ``create_table``."""
        self.dsn = dsn
        parts = conninfo_to_dict(reachable(dsn))
        PostgresApplicationRecorder.__init__(
            self,
            _Datastore(
                dbname=str(parts.get("dbname", "")),
                host=str(parts.get("host", "")),
                port=str(parts.get("port", "5432")),
                user=str(parts.get("user", "")),
                password=str(parts.get("password", "")),
                schema=schema,
                originator_id_type="text",
                # Its functions let readers pass over events of slower writers.
                enable_db_functions=False,
                pool_size=1,
                max_overflow=4,
            ),
            events_table_name=events_table_name,
        )
        PostgresReader.__init__(self, dsn, schema, events_table_name)
        self.sql_create_statements = [self._sql(s) for s in CREATE]
        self._writing = threading.Lock()
        self.known = 0
        self._closing = threading.Event()
        self._following: threading.Thread | None = None
        self._writer: Patient[Any] | None = None
        self.create_table()
        self._asking.open()

    def create_table(self) -> None:
        """Create what is missing; several processes may start at once."""
        with connect(self.dsn) as c:
            c.execute("SELECT pg_advisory_xact_lock(%s)", (CREATE_LOCK,))
            for statement in self.sql_create_statements:
                c.execute(statement)

    def _connection(self) -> Patient[Any]:
        """Return the writer's connection, made anew after a failure."""
        if self._writer is None or self._writer.doubtful:
            self._let_go()
            self._writer = connect(self.dsn, autocommit=True)
            self._writer.execute(WRITER)
        return self._writer

    def check_there(self) -> None:
        """Return: a server is where it is, and every call finds out."""

    def _let_go(self) -> None:
        """Close the writer's connection, if there is one."""
        if self._writer is not None:
            self._writer.close()
            self._writer = None

    def commit(self, appends: Sequence[Append], clock: Clock) -> list[Outcome]:
        """Settle and store a batch in one durable transaction.

        A connection lost around COMMIT is resolved by trying once more: what was
        stored is found again by its receipt.

        :raises LogBeyond: if somebody else has put a row where its rows belong
        :raises LogBehind: if another database stands in that has less
        """
        with self._writing:
            try:
                return self._commit(appends, clock)
            except psycopg.IntegrityError:
                raise LogBeyond from None
            except AWAY:
                self._let_go()
                return self._commit(appends, clock)

    def _commit(self, appends: Sequence[Append], clock: Clock) -> list[Outcome]:
        streams, commands = wanted(appends)
        connection = self._connection()
        with connection.transaction(), connection.cursor(binary=True) as c:
            head = check_reached(self._locked_head(c), self.known)
            with connection.pipeline():
                c.execute(self._sql(VERSIONS), (streams,))
                versions = dict(c.fetchall())
                c.execute(self._sql(RECEIPTS), (commands,))
                receipts = {r[0]: Receipt._make(r) for r in c.fetchall()}
            batch = Batch(head, clock, versions, receipts)
            outcomes = batch.settle(appends)
            self._write(c, batch)
        return outcomes

    def _locked_head(self, c: psycopg.Cursor[Any]) -> Head:
        c.execute(
            self._sql(
                "SELECT seq, recorded_us, peaks FROM {schema}.log_head FOR UPDATE"
            )
        )
        found = c.fetchone()
        assert found is not None, "log_head has its one row from the day it was made"
        return Head._make(found)

    def _write(self, c: psycopg.Cursor[Any], batch: Batch) -> None:
        """Write what the batch settled: one statement a table."""
        if not batch.rows:
            return
        with c.connection.pipeline():
            c.execute(self._sql(INSERT_ROWS), _columns(batch.rows))
            if batch.new_receipts:
                c.execute(self._sql(INSERT_RECEIPTS), _columns(batch.new_receipts))
            c.execute(
                self._sql(
                    "UPDATE {schema}.log_head SET seq=%s, recorded_us=%s, peaks=%s"
                ),
                batch.head,
            )
            c.execute(f"NOTIFY {CHANNEL}")

    def insert_events(
        self, stored_events: Sequence[StoredEvent], **_: Any
    ) -> Sequence[int]:
        """Store events with versions of the caller's (the library's contract).

        :raises IntegrityError: if a version of a stream is taken
        """
        with self._writing:
            connection = self._connection()
            try:
                with connection.transaction(), connection.cursor(binary=True) as c:
                    batch = placed(self._locked_head(c), map(given, stored_events))
                    self._write(c, batch)
            except psycopg.IntegrityError as error:
                raise IntegrityError(error) from error
        return [row.seq for row in batch.rows]

    def meta(self, name: str, fresh: str) -> str:
        """Return a lasting value of this log, stored as ``fresh`` the first time."""
        insert = "INSERT INTO {schema}.log_meta VALUES (%s, %s) ON CONFLICT DO NOTHING"
        self._asking.ask(lambda c: c.execute(self._sql(insert), (name, fresh)))
        asked = "SELECT value FROM {schema}.log_meta WHERE name=%s"
        return str(self._read(asked, (name,))[0][0])

    def renew(self, name: str, value: str) -> None:
        """Store a value of this log in place of the one that ``meta`` returns."""
        upsert = (
            "INSERT INTO {schema}.log_meta VALUES (%s, %s)"
            " ON CONFLICT (name) DO UPDATE SET value = excluded.value"
        )
        self._asking.ask(lambda c: c.execute(self._sql(upsert), (name, value)))

    def follow(self, wake: Callable[[], object]) -> None:
        """Call ``wake`` in a thread whenever any process may have written.

        A hint only: a dead LISTEN connection looks like silence, so readers poll too.
        """
        self._following = threading.Thread(
            target=self._listen, args=(wake,), name="log-listener", daemon=True
        )
        self._following.start()

    def _listen(self, wake: Callable[[], object]) -> None:
        while not self._closing.is_set():
            try:
                with connect(self.dsn, autocommit=True) as c:
                    c.execute(f"LISTEN {CHANNEL}")
                    wake()  # what was written before we listened
                    self._hear(c, wake)
            except psycopg.Error:
                self._closing.wait(LISTEN_SECONDS)

    def _hear(self, c: Patient[Any], wake: Callable[[], object]) -> None:
        asked = time.monotonic()
        while not self._closing.is_set():
            for _ in c.notifies(timeout=LISTEN_SECONDS, stop_after=1):
                wake()
            if time.monotonic() - asked > ASK_SECONDS:
                c.execute("SELECT 1")
                asked = time.monotonic()

    def close(self) -> None:
        """Close every connection; who does not answer is not waited for."""
        self._closing.set()
        if self._following is not None:
            self._following.join(CLOSE_SECONDS)
        if self._writing.acquire(timeout=CLOSE_SECONDS):
            with contextlib.suppress(psycopg.Error):
                self._let_go()
            self._writing.release()
        self._asking.close(CLOSE_SECONDS)
        self.datastore.close()


INSERT_ROWS = """INSERT INTO {schema}.{table} (notification_id, originator_id,
    originator_version, topic, state, recorded_us, leaf)
    SELECT * FROM unnest(%s::bigint[], %s::text[], %s::bigint[], %s::text[],
    %s::bytea[], %s::bigint[], %s::bytea[])"""
INSERT_RECEIPTS = """INSERT INTO {schema}.receipts SELECT * FROM unnest(%s::text[],
    %s::text[], %s::bigint[], %s::bigint[], %s::text[], %s::bigint[])"""


def _columns(rows: Sequence[tuple[Any, ...]]) -> list[list[Any]]:
    """Turn rows into one list a column, for ``unnest``."""
    return [list(column) for column in zip(*rows, strict=True)]
