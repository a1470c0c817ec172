"""Checking the log from its stored bytes (校验): leaves, order, versions, root."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from coordination import catalogue
from coordination.log import Recorder, Row, SQLiteReader
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
    for row in all_rows(log, upto=head.seq):
        wrong = _wrong(row, frontier.size + 1, versions[row.stream] + 1, before)
        faults.extend({"seq": row.seq, "fault": w} for w in wrong)
        frontier.append(_leaf(row))
        versions[row.stream], before = row.version, row.recorded_us
        if len(faults) >= FAULTS_MAX:
            break
    if not faults and (frontier.size, frontier.pack()) != (head.seq, head.peaks):
        faults.append({"seq": head.seq, "fault": "the head is not that of the rows"})
    return {
        "ok": not faults,
        "seq": frontier.size,
        "root": frontier.root().hex(),
        "faults": faults,
    }


def _leaf(row: Row) -> bytes:
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
    if _leaf(row) != row.leaf:
        found.append("the stored bytes do not match the leaf")
    try:
        envelope = catalogue.open_envelope(row.stored)
        catalogue.decode_event(row.name, envelope.event)
    except catalogue.Unreadable as error:
        found.append(f"unreadable: {error}")
    return found
