"""The catalogue of goods (物资目录) as a file: a template, and its import."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Any, Literal

from fastapi import APIRouter, Response

from api.exchange.items import read_items, write_template
from api.exchange.reading import listed
from api.http.asking import lang_of
from api.http.deps import ERRORS, Write, answer
from api.http.files import File, FileSent, imports
from api.http.lists import MEDIA, as_file
from api.http.plain import receipt_fields
from api.http.reading import Look, Reads
from api.world.world import World
from coordination.items.decide import (
    ImportItems,
    ItemsRefused,
    ItemsUnchanged,
)
from coordination.items.events import ItemListed
from coordination.items.state import item_stream
from coordination.kernel import Event, Provenance

router = APIRouter(tags=["goods"], responses=ERRORS)
READS = Reads("goods")


@READS.shown(
    "/items/template.xlsx", "view.situation", media=MEDIA["xlsx"], timeless=True
)
def template(look: Look, lang: Literal["zh", "en", ""] = "") -> Response:
    """Return a workbook to fill in (目录模板)."""
    data = write_template(lang_of(look.request, lang))
    return as_file(data, "物资目录模板.xlsx")


@router.post("/items/import", **imports("items.import"))
async def import_file(write: Write, file: File) -> Response:
    """Import the catalogue, all or nothing; or say what that would do (导入目录)."""
    write.world.entitle(file.by, ImportItems.ACTION)  # before it is looked into
    return answer(await import_catalogue(write.world, file))


async def import_catalogue(world: World, sent: FileSent) -> dict[str, Any]:
    """Import a catalogue file, all or nothing, or say what that would do.

    :raises ItemsRefused: with a fault for each wrong row, of the file or against what
        is listed: both in one answer
    """
    rows, faults = await asyncio.to_thread(read_items, sent.data)
    basis = sent.basis or "物资目录"
    command = ImportItems(rows=tuple(rows), basis=basis, reason=sent.reason)
    if rows and all(fault.row > 1 for fault in faults):
        try:
            found = await asyncio.to_thread(_outlook, world, command, sent.by)
        except ItemsRefused as refused:
            faults = listed([*faults, *refused.facts["rows"]])
    if faults:
        raise ItemsRefused(count=len(faults), rows=faults)
    if sent.dry or not found["new"] + found["changed"]:
        return {"dry_run": sent.dry, **found}
    receipt = await world.do(command, sent.by)
    return {"dry_run": False, **found, **receipt_fields(receipt)}


def _outlook(world: World, command: ImportItems, by: Provenance) -> dict[str, int]:
    """Return what an import would do; nothing is stored.

    :raises ItemsRefused: naming every wrong row
    """
    events: list[Event] = []
    with suppress(ItemsUnchanged):
        events = [e for e, _ in world.handler.preview(command, by, world.clock())]
    codes = [e.item.code for e in events if isinstance(e, ItemListed)]
    read = world.read()
    known = sum(read(item_stream(code)).item is not None for code in codes)
    return {
        "rows": len(command.rows),
        "new": len(codes) - known,
        "changed": known,
        "unchanged": len(command.rows) - len(codes),
    }
