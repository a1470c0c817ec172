"""The log in one SQLite file: one writer process, any number of readers."""

from __future__ import annotations

import fcntl
import json
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
    Head,
    LogBeyond,
    Outcome,
    Receipt,
    Row,
    given,
    placed,
    wanted,
)
from coordination.refusals import Refusal

COLUMNS = "rowid, originator_id, originator_version, topic, state, recorded_us, leaf"
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


UPTO = "+rowid<=(SELECT seq FROM log_head)"
"""Up to the head; the sign keeps the index by stream in use."""
RECEIPT = "command, digest, first_seq, seq, root, recorded_us"
VERSIONS_MAX = 200_000


LogBusy = Refusal.of(
    "log.busy",
    "{path} 正由另一进程写入",
    "another process writes {path}",
    "请改由正在运行的服务办理，或先停止它",
    "ask the running service, or stop it first",
)


class SQLiteReader:
    """Reads a log that this or another process writes, beside the writer's pool."""

    def __init__(
        self,
        path: Path,
        events_table_name: str = "stored_events",
        *,
        still: bool = False,
    ) -> None:
        """Open nothing yet: each thread gets its own connection.

        ``still``: nobody writes it, so nothing is written beside it, and it may lie on
        a medium that takes no writing.
        """
        self.path = path
        self._how = "immutable=1" if still else "mode=ro"
        self._table = events_table_name
        self._local = threading.local()
        self._opened: list[sqlite3.Connection] = []

    def _c(self) -> sqlite3.Connection:
        """Return this thread's read-only connection."""
        c: sqlite3.Connection | None = getattr(self._local, "c", None)
        if c is None:
            c = sqlite3.connect(
                f"{self.path.resolve().as_uri()}?{self._how}",
                uri=True,
                isolation_level=None,
                check_same_thread=False,
            )
            self._local.c = c
            self._opened.append(c)
        return c

    def _rows(self, which: str, *values: str | int) -> list[Row]:
        """Return the rows that a condition chooses, in its order, up to the head.

        A row beyond it nobody has hashed: it is not of the log.
        """
        asked = f"SELECT {COLUMNS} FROM {self._table} WHERE {UPTO} AND {which}"  # noqa: S608 - ours
        return [Row._make(r) for r in self._c().execute(asked, values)]

    def stream(self, stream: str, after: int = 0) -> list[Row]:
        """Return a stream's rows with versions above ``after``."""
        which = "originator_id=? AND originator_version>? ORDER BY originator_version"
        return self._rows(which, stream, after)

    def newest(self, stream: str, before: int, upto: int, limit: int) -> list[Row]:
        """Return a stream's newest rows below a version and up to a seq."""
        which = (
            "originator_id=? AND originator_version<? AND rowid<=?"
            " ORDER BY originator_version DESC LIMIT ?"
        )
        return self._rows(which, stream, before, upto, limit)

    def streams(self, prefix: str) -> list[str]:
        """Return the streams whose name begins so."""
        found = self._c().execute(
            f"SELECT DISTINCT originator_id FROM {self._table}"  # noqa: S608
            f" WHERE {UPTO} AND originator_id>=? AND originator_id<?"
            " ORDER BY originator_id",
            (prefix, prefix + "\uffff"),
        )
        return [r[0] for r in found]

    def rows(self, after: int, limit: int) -> list[Row]:
        """Return up to ``limit`` rows with seq above ``after``, in order."""
        return self._rows("rowid>? ORDER BY rowid LIMIT ?", after, limit)

    def versions(self, streams: Sequence[str]) -> dict[str, int]:
        """Return the current version of each stream, 0 for an unknown one."""
        return _versions(self._c(), self._table, streams)

    def head(self) -> Head:
        """Return the end of the log."""
        return _head(self._c())

    def receipt(self, command: str) -> Receipt | None:
        """Return the receipt of a command id, if it was carried out."""
        return _receipts(self._c(), [command]).get(command)

    def last(self) -> int:
        """Return the position of the last row, the head's if all is well."""
        found = self._c().execute(f"SELECT max(rowid) FROM {self._table}")  # noqa: S608 - ours
        return found.fetchone()[0] or 0

    def receipts(self) -> Iterator[Receipt]:
        """Yield every receipt, in the order of the log."""
        found = self._c().execute(f"SELECT {RECEIPT} FROM receipts ORDER BY seq")  # noqa: S608 - ours
        return map(Receipt._make, found)

    def close(self) -> None:
        """Close every thread's connection."""
        while self._opened:
            self._opened.pop().close()


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
        self._writer = _connect(path)
        self.create_table()

    def construct_create_table_statements(self) -> list[str]:
        """Return our own tables; the library's has no place for leaf and time."""
        return [s.format(table=self.events_table_name) for s in CREATE]

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        """Give the writer's connection for one durable transaction, or for none."""
        with self._writing:
            c = self._writer
            # IMMEDIATE: a deferred read-then-write fails at once under contention.
            c.execute("BEGIN IMMEDIATE")
            try:
                yield c
                c.execute("COMMIT")
            except BaseException:
                self._known.clear()
                if c.in_transaction:  # a failed COMMIT may have rolled back already
                    c.execute("ROLLBACK")
                raise

    def commit(self, appends: Sequence[Append], clock: Clock) -> list[Outcome]:
        """Settle and store a batch in one durable transaction.

        :raises LogBeyond: if somebody else has put a row where its rows belong
        """
        streams, commands = wanted(appends)
        try:
            with self._transaction() as c:
                versions = self._current(streams)
                batch = Batch(_head(c), clock, versions, _receipts(c, commands))
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
            known.update(_versions(self._writer, self.events_table_name, missing))
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
                batch = placed(_head(c), map(given, stored_events))
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


def _connect(path: Path) -> sqlite3.Connection:
    """Return the writer's connection, durable or not at all."""
    c = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=5)
    c.execute("PRAGMA journal_mode=WAL")
    c.execute("PRAGMA synchronous=FULL")
    mode = c.execute("PRAGMA journal_mode").fetchone()[0]
    full = c.execute("PRAGMA synchronous").fetchone()[0]
    assert (mode, full) == ("wal", 2), "the log must be durable: WAL, synchronous=FULL"
    return c


def _head(c: sqlite3.Connection) -> Head:
    return Head._make(
        c.execute("SELECT seq, recorded_us, peaks FROM log_head").fetchone()
    )


def _versions(
    c: sqlite3.Connection, table: str, streams: Sequence[str]
) -> dict[str, int]:
    found = c.execute(
        f"SELECT value, coalesce((SELECT originator_version FROM {table}"  # noqa: S608 - ours
        f" WHERE originator_id = value AND {UPTO}"
        " ORDER BY originator_version DESC LIMIT 1), 0) FROM json_each(?)",
        (json.dumps(streams),),
    )
    return dict(found.fetchall())


def _receipts(c: sqlite3.Connection, commands: Sequence[str]) -> dict[str, Receipt]:
    found = c.execute(
        f"SELECT {RECEIPT} FROM receipts"  # noqa: S608 - ours
        " WHERE command IN (SELECT value FROM json_each(?))",
        (json.dumps(commands),),
    )
    return {r[0]: Receipt._make(r) for r in found}
