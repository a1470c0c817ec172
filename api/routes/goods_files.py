"""The catalogue of goods (物资目录) as a file: a template, and its import."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from fastapi import APIRouter, Response

from api.exchange.importing import Import, bring_in, counts
from api.exchange.items import read_items, write_template
from api.http.asking import lang_of
from api.http.deps import ERRORS, Write, answer
from api.http.files import File, imports
from api.http.lists import MEDIA, as_file
from api.http.reading import Look, Reads
from coordination.items.decide import (
    ImportItems,
    ItemRow,
    ItemsRefused,
    ItemsUnchanged,
)
from coordination.items.events import ItemListed
from coordination.items.state import item_stream
from coordination.kernel import Event, Read

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
    return answer(await bring_in(write.world, file, CATALOGUE))


def _command(rows: list[ItemRow]) -> ImportItems:
    return ImportItems(rows=tuple(rows), basis="物资目录")


def _counted(
    rows: list[ItemRow], events: Sequence[Event], read: Read
) -> dict[str, Any]:
    """Return what a catalogue would do."""
    codes = [e.item.code for e in events if isinstance(e, ItemListed)]
    known = sum(read(item_stream(code)).item is not None for code in codes)
    return counts(rows, len(codes), known)


CATALOGUE = Import(read_items, _command, _counted, ItemsRefused, ItemsUnchanged)
