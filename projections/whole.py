"""Decisions are kept whole (决定不拆分): no view stands between two of their facts."""

from __future__ import annotations

from itertools import takewhile

from coordination import catalogue
from coordination.catalogue import Fact
from coordination.log import Row
from projections.view import Facts, Rows, Tables

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


def decision_at(facts: Facts, first: int) -> Facts:
    """Return the decision that begins there, as far as the batch has it.

    What cannot be read lies where it stands.
    """
    command, end = _command_of(facts[first]), first + 1
    for number in range(end, len(facts)):
        found = _command_of(facts[number])
        if found == command:
            end = number + 1
        elif found:
            break
    return facts[first:end]


def _command_of(fact: Fact | Exception) -> str:
    return "" if isinstance(fact, Exception) else fact.envelope.command


def poisoned(tables: Tables, first: int, decision: Facts) -> int:
    """Return which fact of a decision a view could not take; ``first``: its first seq.

    One that cannot be read, else the one at hand; else nobody knows: the first.
    """
    for seq, fact in enumerate(decision, start=first):
        if isinstance(fact, Exception):
            return seq
    seq = tables.fact.seq if hasattr(tables, "fact") else first
    return seq if first <= seq < first + len(decision) else first
