"""The catalogue's way in (物资目录导入): file -> command, and what it would do."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

import msgspec

from api.exchange.importing import Import, bring_in, cleared, counts
from api.exchange.items import LAYOUT, read_items
from api.http.files import FileSent
from api.world.world import World
from coordination.items.decide import ImportItems, ItemRow, ItemsRefused, ItemsUnchanged
from coordination.items.events import Item, ItemListed
from coordination.items.state import barcode_key, item_stream
from coordination.kernel import Event, Read
from projections.supplies import ITEM


async def import_items(world: World, sent: FileSent) -> dict[str, Any]:
    """Import the catalogue, all or nothing, or say what that would do.

    :raises ItemsRefused: with a fault for each wrong row, of the file or against what
        is listed: both in one answer
    """
    how = Import(
        read=read_items,
        command=partial(_command, world),
        counted=_counted,
        refused=ItemsRefused,
        unchanged=ItemsUnchanged,
    )
    return await bring_in(world, sent, how)


def _command(world: World, rows: list[ItemRow]) -> ImportItems:
    printed = {barcode_key(code) for row in rows for code in row.item.barcodes}
    with world.reading() as c:
        others = tuple(
            sorted(
                row.item
                for row in ITEM.select(c, at=None)
                if printed.intersection(map(barcode_key, row.barcodes.split(",")))
            )
        )
    return ImportItems(rows=tuple(rows), others=others, basis="物资目录")


def _counted(
    rows: list[ItemRow], events: Sequence[Event], read: Read
) -> dict[str, Any]:
    """Return what a catalogue would do."""
    listed = [e.item for e in events if isinstance(e, ItemListed)]
    known = sum(read(item_stream(item.code)).item is not None for item in listed)
    return {
        **counts(rows, len(listed), known),
        "cleared": cleared(LAYOUT, _changes(rows, listed, read)),
    }


def _changes(
    rows: list[ItemRow], listed: Sequence[Item], read: Read
) -> Iterator[tuple[int, dict[str, Any], dict[str, Any]]]:
    """Yield what is known of each item that is described anew, and what will be."""
    lines = {row.item.code: row.row for row in rows}
    for item in listed:
        before = read(item_stream(item.code)).item
        if before is not None:
            told = msgspec.structs.asdict
            yield lines[item.code], told(before), told(item)
