"""A file's way in (导入): read, held against what is known, carried out or only told.

A file wrong in itself and against what is known says both in one answer.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import msgspec

from api.exchange.layout import Layout
from api.exchange.reading import listed
from api.http.files import FileSent
from api.http.plain import receipt_fields
from api.http.pools import FILES
from api.world.world import World
from coordination.kernel import Command, Event, Read
from coordination.refusals import NothingChanges, RowFault, RowsRefused

R = TypeVar("R")
ROWS_NAMED_MAX = 20
"""Rows that are named where one thing is said of many."""


@dataclass(frozen=True)
class Import(Generic[R]):
    """How a kind of file comes in."""

    read: Callable[[bytes], tuple[list[R], list[RowFault]]]
    command: Callable[[list[R]], Command]
    counted: Callable[[list[R], Sequence[Event], Read], dict[str, Any]]
    """What the rows are and would do, as the answer says it."""
    refused: type[RowsRefused]
    unchanged: type[NothingChanges]
    tried: Callable[[list[R]], Command] | None = None
    """The command that is only tried, if that must tell less than the other."""


async def bring_in(
    world: World,
    sent: FileSent,
    how: Import[R],
    *,
    before: Callable[[list[R]], None] = lambda _rows: None,
    after: Callable[[list[R]], None] = lambda _rows: None,
) -> dict[str, Any]:
    """Import a file, all or nothing, or say what that would do.

    ``before``, ``after``: what is kept of the rows beside the log, before they are
    decided and once they are.

    :raises RowsRefused: with a fault for each wrong row, of the file or against what
        is known: both in one answer
    """
    seq = world.log.recorder.head().seq  # what it is held against is no older
    rows, faults = await FILES.run(sent.by.actor.account, how.read, sent.data)
    found: dict[str, Any] = {}
    events: list[Event] = []

    def look() -> None:
        with suppress(how.unchanged):
            command = (how.tried or how.command)(rows)
            previewed = world.handler.preview(command, sent.by, world.clock())
            events.extend(event for event, _ in previewed)
        found.update(how.counted(rows, events, world.read()))

    # Of a file wrong as a whole (row 0) or in its header (1) no row can be judged.
    if rows and all(fault.row > 1 for fault in faults):
        try:
            await asyncio.to_thread(look)
        except how.refused as refused:
            faults = listed([*faults, *refused.facts["rows"]])
    if faults:
        raise how.refused(count=len(faults), rows=faults)
    if sent.dry:
        return {"dry_run": True, **found, "shown_seq": seq}
    if not events:  # it heals what was decided and cut short before it was kept
        await asyncio.to_thread(after, rows)
        return {"dry_run": False, **found, "shown_seq": seq}
    await asyncio.to_thread(before, rows)
    command = await asyncio.to_thread(how.command, rows)
    basis = sent.basis or command.basis
    command = msgspec.structs.replace(command, basis=basis, reason=sent.reason)
    receipt = await world.do(command, sent.by)
    await asyncio.to_thread(after, rows)
    return {"dry_run": False, **found, **receipt_fields(receipt)}


def counts(rows: Sequence[Any], named: int, known: int) -> dict[str, Any]:
    """Return how many rows there are; ``named``: by facts, ``known``: before them."""
    return {
        "rows": len(rows),
        "new": named - known,
        "changed": known,
        "unchanged": len(rows) - named,
    }


def cleared(
    layout: Layout,
    changes: Iterable[tuple[int, Mapping[str, Any], Mapping[str, Any]]],
) -> list[dict[str, Any]]:
    """Return what a file empties, by column: in how many rows, and in which first.

    ``changes``: the line of a row, what is known by the names of the layout's values,
    and what will be.
    """
    rows: dict[str, list[int]] = {}
    for line, before, after in changes:
        for field in layout.fields:
            name = field.says
            if before.get(name) and name in after and not after[name]:
                rows.setdefault(field.column.key, []).append(line)
    return [
        {
            "column": column.key,
            "zh": column.zh,
            "en": column.en,
            "count": len(rows[column.key]),
            "rows": sorted(rows[column.key])[:ROWS_NAMED_MAX],
        }
        for column in layout.columns
        if column.key in rows
    ]
