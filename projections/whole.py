"""Decisions are kept whole (决定不拆分): no view stands between two of their facts."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import takewhile

from coordination import catalogue
from coordination.log import Row
from projections.view import Facts, Rows

MORE = 500
"""Rows read at once when a decision is longer than a batch."""


def whole(log: Rows, after: int, limit: int) -> list[Row]:
    """Return about so many rows above ``after``, never only some of a decision's.

    A decision is stored in one transaction: where fewer than ``limit`` were found, the
    last of them is its end.
    """
    rows = log.rows(after, limit)
    if len(rows) < limit:
        return rows
    command = _command(rows[-1])
    while more := log.rows(rows[-1].seq, MORE):
        rest = list(takewhile(lambda row: _command(row) == command, more))
        rows += rest
        if len(rest) < len(more):
            break
    return rows


def _command(row: Row) -> str:
    """Return the id of the command a fact belongs to, empty if it cannot be read."""
    try:
        return catalogue.open_envelope(row.stored).command
    except catalogue.Unreadable:
        return ""


def decisions(facts: Facts) -> Iterator[Facts]:
    """Yield a batch decision by decision; what cannot be read lies where it stands."""
    known = ["" if isinstance(f, Exception) else f.envelope.command for f in facts]
    first = 0
    while first < len(facts):
        last = first
        for number in range(first + 1, len(facts)):
            if known[number] == known[first]:
                last = number
            elif known[number]:
                break
        yield facts[first : last + 1]
        first = last + 1
