"""Checking the log from its stored bytes (校验): leaves, order, versions, root."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from coordination import catalogue
from coordination.log import Receipt, Recorder, Row, SQLiteReader
from coordination.merkle import Frontier, leaf_hash

Log = Recorder | SQLiteReader
BATCH = 5_000
FAULTS_MAX = 20


def all_rows(log: Log, after: int = 0, upto: int | None = None) -> Iterator[Row]:
    """Yield every row in order."""
    while rows := log.rows(after, BATCH):
        for row in rows:
            if upto is not None and row.seq > upto:
                return
            yield row
        after = rows[-1].seq


def verify(log: Log) -> dict[str, Any]:
    """Recompute every leaf and the root; return what was found.

    ``ok``: nothing is wrong. ``faults``: the first ones, with their seq.
    """
    head = log.head()
    frontier, before = Frontier(), 0
    faults: list[dict[str, Any]] = []
    versions: dict[str, int] = defaultdict(int)
    answered = Receipts(log.receipts())
    for row in all_rows(log, upto=head.seq):
        wrong = _wrong(row, frontier.size + 1, versions[row.stream] + 1, before)
        wrong += answered.before(row, frontier)
        faults.extend({"seq": row.seq, "fault": w} for w in wrong)
        frontier.append(leaf_of(row))
        versions[row.stream], before = row.version, row.recorded_us
        if len(faults) >= FAULTS_MAX:
            break
    if not faults:
        ended = answered.ended(frontier)
        faults.extend({"seq": head.seq, "fault": fault} for fault in ended)
    if (last := log.last()) > head.seq:
        faults.append({"seq": last, "fault": "beyond the head: nobody recorded it"})
    if not faults and (frontier.size, frontier.pack()) != (head.seq, head.peaks):
        faults.append({"seq": head.seq, "fault": "the head is not that of the rows"})
    return {
        "ok": not faults,
        "seq": frontier.size,
        "root": frontier.root().hex(),
        "faults": faults,
    }


class Receipts:
    """Holds the receipts of a log against its decisions, in the order of both."""

    def __init__(self, receipts: Iterator[Receipt]) -> None:
        self._receipts = receipts
        self._command, self._first, self._last = "", 0, Row(0, "", 0, "", b"", 0, b"")

    def before(self, row: Row, frontier: Frontier) -> list[str]:
        """Return what is wrong with the receipt of what ended before this row."""
        try:
            command = catalogue.open_envelope(row.stored).command
        except catalogue.Unreadable:
            return []  # told of the row itself
        wrong = []
        if command != self._command:
            wrong = self._settled(frontier)
            self._command, self._first = command, row.seq
        self._last = row
        return wrong

    def ended(self, frontier: Frontier) -> list[str]:
        """Return what is wrong at the end: of the last decision, or left over."""
        wrong = self._settled(frontier)
        left = next(self._receipts, None)
        return [*wrong, f"a receipt of nothing: {left.command}"] if left else wrong

    def _settled(self, frontier: Frontier) -> list[str]:
        if not self._first:
            return []
        found = next(self._receipts, None)
        if found is None:
            return [f"no receipt of {self._command}"]
        stands = (found.command, found.first_seq, found.seq, found.recorded_us)
        last = self._last
        if stands != (self._command, self._first, last.seq, last.recorded_us):
            return [f"the receipt of {self._command} is missing or another"]
        if found.root != frontier.root().hex():
            return [f"the receipt of {self._command} has another root"]
        return []


def leaf_of(row: Row) -> bytes:
    """Return the leaf that a row's stored bytes make."""
    return leaf_hash(
        row.seq, row.recorded_us, row.stream, row.version, row.name, row.stored
    )


def _wrong(row: Row, seq: int, version: int, before_us: int) -> list[str]:
    """Return everything wrong with one row."""
    found = []
    if row.seq != seq:
        found.append(f"expected seq {seq}")
    if row.version != version:
        found.append(f"expected version {version} of {row.stream}")
    if row.recorded_us <= before_us:
        found.append("recorded before the row above it")
    if leaf_of(row) != row.leaf:
        found.append("the stored bytes do not match the leaf")
    try:
        envelope = catalogue.open_envelope(row.stored)
        catalogue.decode_event(row.name, envelope.event)
    except catalogue.Unreadable as error:
        found.append(f"unreadable: {error}")
    return found
