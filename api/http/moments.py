"""A moment of the record (时点): a position, a time or a decision, as a position.

What stands between two facts of one decision is no moment: its position is where the
decision ends.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from typing import Annotated

from msgspec import Meta

from api.http.faults import Unreadable
from api.http.wire import RFC3339, micros
from coordination.catalogue import open_envelope
from coordination.fields import WHEN
from coordination.log import Receipt, Recorder, SQLiteReader
from coordination.refusals import NotFound

Stored = Recorder | SQLiteReader
At = Annotated[
    str,
    Meta(
        max_length=64,
        description=f"as of 截至: a log position, a time {WHEN}, or a command id",
    ),
]
_TIME = re.compile(RFC3339)
_POSITION = re.compile("[0-9]{1,16}")


UnknownMoment = NotFound.of(
    "request.unknown-moment",
    "没有这个时点：{at}",
    "no such moment: {at}",
    "请写日志位置、已过去的时间或命令编号",
    "write a log position, a time that is past or a command id",
    field="at",
)


def position_of(log: Stored, at: str, now: int) -> int:
    """Return the position at which all decisions of a moment were recorded.

    :raises UnknownMoment: if it has not come yet, or there is no such decision
    """
    said = at.replace(" ", "+")  # as a query says what was not encoded
    if _POSITION.fullmatch(said):
        seq = int(said)
        found = receipt_of(log, seq) if seq else None
        return found.seq if found else seq
    if _TIME.fullmatch(said):
        return _position_then(log, said, now)
    return UnknownMoment.unless(log.receipt(said), at=at).seq


def recorded_at(log: Stored, seq: int) -> int:
    """Return when a position was recorded, 0 before the first.

    :raises UnknownMoment: if the log does not reach so far
    """
    if not seq:
        return 0
    if rows := log.rows(seq - 1, 1):
        return rows[0].recorded_us
    raise UnknownMoment(at=seq)


def receipt_of(log: Stored, seq: int) -> Receipt | None:
    """Return the receipt of the decision a fact belongs to.

    :raises UnknownMoment: if the log does not reach so far
    """
    if rows := log.rows(seq - 1, 1):
        return log.receipt(open_envelope(rows[0].stored).command)
    raise UnknownMoment(at=seq)


def _position_then(log: Stored, text: str, now: int) -> int:
    """Return the position of the last decision that was recorded by a time."""
    try:
        then = micros(text)
    except Unreadable:
        raise UnknownMoment(at=text) from None
    if then > now:
        raise UnknownMoment(at=text)
    seqs = range(1, log.head().seq + 1)
    last = bisect_right(seqs, then, key=lambda seq: recorded_at(log, seq))
    found = receipt_of(log, last) if last else None
    if found is None:
        return last
    return found.seq if found.recorded_us <= then else found.first_seq - 1
