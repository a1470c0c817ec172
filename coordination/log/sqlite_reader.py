"""Reading the log in a SQLite file (只读), beside whoever writes it."""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

from coordination.log.records import Head, Receipt, Row

COLUMNS = "rowid, originator_id, originator_version, topic, state, recorded_us, leaf"
UPTO = "+rowid<=(SELECT seq FROM log_head)"
"""Up to the head; the sign keeps the index by stream in use."""
RECEIPT = "command, digest, first_seq, seq, root, recorded_us"


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
            f"SELECT DISTINCT originator_id FROM {self._table}"  # noqa: S608 - ours
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
        return versions_of(self._c(), self._table, streams)

    def head(self) -> Head:
        """Return the end of the log."""
        return head_of(self._c())

    def receipt(self, command: str) -> Receipt | None:
        """Return the receipt of a command id, if it was carried out."""
        return receipts_of(self._c(), [command]).get(command)

    def last(self) -> int:
        """Return the position of the last row, the head's if all is well."""
        found = self._c().execute(f"SELECT max(rowid) FROM {self._table}")  # noqa: S608 - ours
        return found.fetchone()[0] or 0

    def any_of(self, names: Sequence[str]) -> bool:
        """Tell whether an event of one of these names is stored; reads all of it."""
        asked = (
            f"SELECT 1 FROM {self._table} WHERE topic IN"  # noqa: S608 - ours
            " (SELECT value FROM json_each(?)) LIMIT 1"
        )
        return bool(self._c().execute(asked, (json.dumps(names),)).fetchone())

    def receipts(self) -> Iterator[Receipt]:
        """Yield every receipt, in the order of the log."""
        found = self._c().execute(f"SELECT {RECEIPT} FROM receipts ORDER BY seq")  # noqa: S608 - ours
        return map(Receipt._make, found)

    def close(self) -> None:
        """Close every thread's connection."""
        while self._opened:
            self._opened.pop().close()


def head_of(c: sqlite3.Connection) -> Head:
    """Return the end of the log."""
    return Head._make(
        c.execute("SELECT seq, recorded_us, peaks FROM log_head").fetchone()
    )


def versions_of(
    c: sqlite3.Connection, table: str, streams: Sequence[str]
) -> dict[str, int]:
    """Return the current version of each stream, 0 for an unknown one."""
    found = c.execute(
        f"SELECT value, coalesce((SELECT originator_version FROM {table}"  # noqa: S608 - ours
        f" WHERE originator_id = value AND {UPTO}"
        " ORDER BY originator_version DESC LIMIT 1), 0) FROM json_each(?)",
        (json.dumps(streams),),
    )
    return dict(found.fetchall())


def receipts_of(c: sqlite3.Connection, commands: Sequence[str]) -> dict[str, Receipt]:
    """Return the receipts of the commands that were carried out, by their ids."""
    found = c.execute(
        f"SELECT {RECEIPT} FROM receipts"  # noqa: S608 - ours
        " WHERE command IN (SELECT value FROM json_each(?))",
        (json.dumps(commands),),
    )
    return {r[0]: Receipt._make(r) for r in found}
