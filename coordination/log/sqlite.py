"""The log in one SQLite file: one writer process; readers: ``sqlite_reader``."""

from __future__ import annotations

import fcntl
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from eventsourcing.persistence import IntegrityError, StoredEvent
from eventsourcing.sqlite import SQLiteApplicationRecorder, SQLiteDatastore

from coordination.log.records import (
    Append,
    Batch,
    Clock,
    LogBeyond,
    LogGone,
    Outcome,
    check_reached,
    given,
    placed,
    wanted,
)
from coordination.log.sqlite_reader import (
    SQLiteReader,
    head_of,
    receipts_of,
    versions_of,
)
from coordination.refusals import Refusal

# The id column must be called rowid: the library's reader selects it by that name.
CREATE = (
    """CREATE TABLE IF NOT EXISTS {table} (
        rowid INTEGER PRIMARY KEY, originator_id TEXT NOT NULL,
        originator_version INTEGER NOT NULL, topic TEXT NOT NULL, state BLOB NOT NULL,
        recorded_us INTEGER NOT NULL, leaf BLOB NOT NULL,
        UNIQUE (originator_id, originator_version)) STRICT""",
    """CREATE TABLE IF NOT EXISTS log_head (
        id INTEGER PRIMARY KEY CHECK (id = 1), seq INTEGER NOT NULL,
        recorded_us INTEGER NOT NULL, peaks BLOB NOT NULL) STRICT""",
    "INSERT OR IGNORE INTO log_head VALUES (1, 0, 0, x'')",
    """CREATE TABLE IF NOT EXISTS receipts (
        command TEXT PRIMARY KEY, digest TEXT NOT NULL, first_seq INTEGER NOT NULL,
        seq INTEGER NOT NULL, root TEXT NOT NULL, recorded_us INTEGER NOT NULL)
        STRICT, WITHOUT ROWID""",
    """CREATE TABLE IF NOT EXISTS log_meta (
        name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID""",
)
VERSIONS_MAX = 200_000

LogBusy = Refusal.of(
    "log.busy",
    "{path} 正由另一进程写入",
    "another process writes {path}",
    "请改由正在运行的服务办理，或先停止它",
    "ask the running service, or stop it first",
)


class SQLiteRecorder(SQLiteReader, SQLiteApplicationRecorder):
    """The library's recorder with gapless seq, leaf, head and receipts in one commit.

    :raises LogBusy: if another process holds the writer's lock
    """

    def __init__(self, path: Path, *, events_table_name: str = "stored_events") -> None:
        """Open for writing; the lock is held until ``close``."""
        SQLiteReader.__init__(self, path, events_table_name)
        self._lock_file: IO[Any] = path.with_suffix(".lock").open("a")
        try:
            fcntl.flock(self._lock_file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            self._lock_file.close()
            raise LogBusy(path=str(path)) from error
        datastore = SQLiteDatastore(str(path), originator_id_type="text")
        SQLiteApplicationRecorder.__init__(self, datastore, events_table_name)
        self._writing = threading.Lock()
        self._known: dict[str, int] = {}
        self.known = 0
        self._writer = _connect(path)
        self.create_table()
        self._file = _identity(path)

    def construct_create_table_statements(self) -> list[str]:
        """Return our own tables; the library's has no place for leaf and time."""
        return [s.format(table=self.events_table_name) for s in CREATE]

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        """Give the writer's connection for one durable transaction, or for none."""
        with self._writing:
            c = self._writer
            self.check_there()
            # IMMEDIATE: a deferred read-then-write fails at once under contention.
            c.execute("BEGIN IMMEDIATE")
            try:
                yield c
                c.execute("COMMIT")
                self.check_there()  # into a file that has no name, nothing is stored
            except BaseException:
                self._known.clear()
                if c.in_transaction:  # a failed COMMIT may have rolled back already
                    c.execute("ROLLBACK")
                raise

    def check_there(self) -> None:
        """Return if the file that is written is the one that lies at its path.

        :raises LogGone: if it was taken away or another was put there
        """
        if _identity(self.path) != self._file:
            raise LogGone

    def commit(self, appends: Sequence[Append], clock: Clock) -> list[Outcome]:
        """Settle and store a batch in one durable transaction.

        :raises LogBeyond: if somebody else has put a row where its rows belong
        :raises LogBehind: if it ends before what was acknowledged
        :raises LogGone: if its file was taken away
        """
        streams, commands = wanted(appends)
        try:
            with self._transaction() as c:
                versions = self._current(streams)
                head = check_reached(head_of(c), self.known)
                batch = Batch(head, clock, versions, receipts_of(c, commands))
                outcomes = batch.settle(appends)
                self._write(c, batch)
                self._known.update(batch.versions)
        except sqlite3.IntegrityError:
            raise LogBeyond from None
        return outcomes

    def _current(self, streams: Sequence[str]) -> dict[str, int]:
        """Return the streams' versions; nobody else writes, so known ones stand."""
        known = self._known
        if len(known) > VERSIONS_MAX:
            known.clear()
        missing = [stream for stream in streams if stream not in known]
        if missing:
            known.update(versions_of(self._writer, self.events_table_name, missing))
        return {stream: known[stream] for stream in streams}

    def _write(self, c: sqlite3.Connection, batch: Batch) -> None:
        """Write what the batch settled."""
        if not batch.rows:
            return
        c.executemany(
            f"INSERT INTO {self.events_table_name} VALUES (?,?,?,?,?,?,?)",  # noqa: S608 - our own name
            batch.rows,
        )
        c.executemany("INSERT INTO receipts VALUES (?,?,?,?,?,?)", batch.new_receipts)
        c.execute("UPDATE log_head SET seq=?, recorded_us=?, peaks=?", batch.head)

    def insert_events(
        self, stored_events: Sequence[StoredEvent], **_: Any
    ) -> Sequence[int]:
        """Store events with versions of the caller's (the library's contract).

        :raises IntegrityError: if a version of a stream is taken
        """
        try:
            with self._transaction() as c:
                self._known.clear()
                batch = placed(head_of(c), map(given, stored_events))
                self._write(c, batch)
        except sqlite3.IntegrityError as error:
            raise IntegrityError(error) from error
        return [row.seq for row in batch.rows]

    def meta(self, name: str, fresh: str) -> str:
        """Return a lasting value of this log, stored as ``fresh`` the first time."""
        with self._writing:
            c = self._writer
            c.execute("INSERT OR IGNORE INTO log_meta VALUES (?, ?)", (name, fresh))
            found = c.execute("SELECT value FROM log_meta WHERE name=?", (name,))
            return str(found.fetchone()[0])

    def renew(self, name: str, value: str) -> None:
        """Store a value of this log in place of the one that ``meta`` returns."""
        with self._writing:
            self._writer.execute(
                "INSERT OR REPLACE INTO log_meta VALUES (?, ?)", (name, value)
            )

    def close(self) -> None:
        """Close every connection and give the lock back."""
        super().close()
        with self._writing:
            self._writer.close()
        self.datastore.close()
        self._lock_file.close()


def _identity(path: Path) -> tuple[int, int]:
    """Return which file lies at a path."""
    try:
        found = path.stat()
    except OSError:
        return 0, 0
    return found.st_dev, found.st_ino


def _connect(path: Path) -> sqlite3.Connection:
    """Return the writer's connection, durable or not at all."""
    c = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=5)
    c.execute("PRAGMA journal_mode=WAL")
    c.execute("PRAGMA synchronous=FULL")
    mode = c.execute("PRAGMA journal_mode").fetchone()[0]
    full = c.execute("PRAGMA synchronous").fetchone()[0]
    assert (mode, full) == ("wal", 2), "the log must be durable: WAL, synchronous=FULL"
    return c
