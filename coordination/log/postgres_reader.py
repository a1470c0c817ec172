"""Reading the log in PostgreSQL (只读): through a pool, beside the one that writes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from psycopg.sql import SQL, Composed, Identifier

from coordination.log.asking import Asking
from coordination.log.patient import Patient
from coordination.log.records import Head, Receipt, Row

COLUMNS = (
    "notification_id, originator_id, originator_version, topic, state,"
    " recorded_us, leaf"
)
UPTO = "notification_id <= (SELECT seq FROM {schema}.log_head)"
"""Up to the head: a row beyond it nobody has hashed, and it is not of the log."""
VERSIONS = f"""SELECT u.id, coalesce((SELECT originator_version
    FROM {{schema}}.{{table}} WHERE originator_id = u.id AND {UPTO}
    ORDER BY originator_version DESC LIMIT 1), 0)
    FROM unnest(%s::text[]) AS u(id)"""  # noqa: S608 - ours
RECEIPT = "command, digest, first_seq, seq, root, recorded_us"
RECEIPTS = f"""SELECT {RECEIPT}
    FROM {{schema}}.receipts WHERE command = ANY(%s::text[])"""  # noqa: S608 - ours


class PostgresReader:
    """Reads a log that any number of processes write."""

    def __init__(self, dsn: str, schema: str, events_table_name: str) -> None:
        """Connect to nothing yet: ``_asking`` is to be opened."""
        self._names = {
            "schema": Identifier(schema),
            "table": Identifier(events_table_name),
        }
        self._asking = Asking(dsn)

    def _sql(self, text: str) -> Composed:
        return SQL(text).format(**self._names)

    def _read(self, text: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
        def ask(c: Patient[Any]) -> list[tuple[Any, ...]]:
            return c.cursor(binary=True).execute(self._sql(text), values).fetchall()

        return self._asking.ask(ask)

    def _rows(self, which: str, *values: str | int) -> list[Row]:
        """Return the rows that a condition chooses, in its order, up to the head."""
        asked = f"SELECT {COLUMNS} FROM {{schema}}.{{table}} WHERE {UPTO} AND {which}"  # noqa: S608 - ours
        return [Row._make(r) for r in self._read(asked, values)]

    def stream(self, stream: str, after: int = 0) -> list[Row]:
        """Return a stream's rows with versions above ``after``."""
        which = "originator_id=%s AND originator_version>%s ORDER BY originator_version"
        return self._rows(which, stream, after)

    def newest(self, stream: str, before: int, upto: int, limit: int) -> list[Row]:
        """Return a stream's newest rows below a version and up to a seq."""
        which = (
            "originator_id=%s AND originator_version<%s AND notification_id<=%s"
            " ORDER BY originator_version DESC LIMIT %s"
        )
        return self._rows(which, stream, before, upto, limit)

    def streams(self, prefix: str) -> list[str]:
        """Return the streams whose name begins so."""
        found = self._read(
            "SELECT DISTINCT originator_id FROM {schema}.{table}"  # noqa: S608 - ours
            f" WHERE {UPTO} AND starts_with(originator_id, %s) ORDER BY originator_id",
            (prefix,),
        )
        return [r[0] for r in found]

    def rows(self, after: int, limit: int) -> list[Row]:
        """Return up to ``limit`` rows with seq above ``after``, in order."""
        which = "notification_id>%s ORDER BY notification_id LIMIT %s"
        return self._rows(which, after, limit)

    def versions(self, streams: Sequence[str]) -> dict[str, int]:
        """Return the current version of each stream, 0 for an unknown one."""
        return dict(self._read(VERSIONS, (list(streams),)))

    def head(self) -> Head:
        """Return the end of the log."""
        found = self._read("SELECT seq, recorded_us, peaks FROM {schema}.log_head", ())
        return Head._make(found[0])

    def receipt(self, command: str) -> Receipt | None:
        """Return the receipt of a command id, if it was carried out."""
        found = self._read(RECEIPTS, ([command],))
        return Receipt._make(found[0]) if found else None

    def last(self) -> int:
        """Return the position of the last row, the head's if all is well."""
        found = self._read("SELECT max(notification_id) FROM {schema}.{table}", ())
        return found[0][0] or 0

    def any_of(self, names: Sequence[str]) -> bool:
        """Tell whether an event of one of these names is stored; reads all of it."""
        asked = "SELECT 1 FROM {schema}.{table} WHERE topic = ANY(%s::text[]) LIMIT 1"
        return bool(self._read(asked, (list(names),)))

    def receipts(self) -> Iterator[Receipt]:
        """Yield every receipt, in the order of the log."""
        asked = f"SELECT {RECEIPT} FROM {{schema}}.receipts ORDER BY seq"  # noqa: S608 - ours
        with self._asking.connection() as c, c.transaction(), c.cursor("all") as cursor:
            for row in cursor.execute(self._sql(asked)):
                yield Receipt._make(row)
