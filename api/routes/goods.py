"""The catalogue of goods (物资目录) and its files; how many people live where."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Query, Request, Response
from pydantic import Field

from api.exchange.finding import find, keys_of
from api.exchange.items import COLUMNS as FILE_COLUMNS
from api.exchange.items import read_items, to_rows, write_template
from api.exchange.reading import listed
from api.http.body import Code, Id, Seq, Strict, Text
from api.http.deps import ERRORS, FILE, WORKBOOK, TheWorld, Write, acts, answer, reads
from api.http.lists import MEDIA, AskedFor, disposition, page_of, respond
from api.http.plain import receipt_fields
from api.pages.goods import ITEMS, entry, item_row, item_rows
from api.pages.places import path_shown
from api.world.world import World
from coordination.areas.population import Residents, StatePopulation
from coordination.items.decide import (
    ImportItems,
    ItemRow,
    ItemsRefused,
    ItemsUnchanged,
    WithdrawItem,
)
from coordination.items.events import ItemListed
from coordination.items.state import item_stream
from coordination.kernel import Event, Provenance
from projections.store import seen, shown_at
from projections.supplies import ITEM

router = APIRouter(tags=["goods"], responses=ERRORS)
FOUND_MAX = 30
RESIDENTS_MAX = 10_000_000


class Withdraw(Strict):
    """Why an item is not received any more."""

    reason: Text = ""
    seen_seq: Seq = 0


class Living(Strict):
    """How many people live in a community."""

    area: Code
    residents: Annotated[int, Field(ge=0, le=RESIDENTS_MAX)]


class Population(Strict):
    """How many people live in communities of an area."""

    area: Code
    rows: Annotated[list[Living], Field(min_length=1, max_length=10_000)]
    reason: Text = ""
    basis: Text = ""
    seen_seq: Seq = 0


@router.get("/items", **reads("view.situation"))
async def items(world: TheWorld, asked: AskedFor, area: Code | None = None) -> Response:
    """Return the catalogue with what is in stock; ``q`` finds by pinyin too (物资目录).

    A file holds the catalogue as it is imported.
    """

    def ask() -> Response:
        with world.reading() as c:
            at = shown_at(c, None)
            path = path_shown(c, area) if area else ""
            rows = item_rows(c, at, path)
            entries = {row.item: entry(row) for row in ITEM.select(c, at=at)}
            at_seq = seen(c)
        if asked.q:
            ranked = find(entries.values(), asked.q, len(entries))
            by_code = {row["code"]: row for row in rows}
            rows = [by_code[item.code] for item in ranked]
        plain = msgspec.structs.replace(asked, q="")
        page = page_of(rows, plain, ITEMS)
        page["seq"] = at_seq
        columns = ITEMS.columns
        if asked.format == "json":
            # A phone finds by pinyin without a network.
            for row in page["rows"]:
                row["keys"] = keys_of(entries[row["code"]])
        else:
            listed_ = [entries[row["code"]] for row in page["rows"] if row["listed"]]
            page["rows"] = to_rows(listed_, asked.lang)
            columns = FILE_COLUMNS
        return respond(page, columns, asked, "物资储备目录", world.settings.zone)

    return await asyncio.to_thread(ask)


@router.get("/items/template.xlsx", responses=WORKBOOK, **reads("view.situation"))
async def template(asked: AskedFor) -> Response:
    """Return a workbook to fill in (目录模板)."""
    data = await asyncio.to_thread(write_template, asked.lang)
    headers = {"Content-Disposition": disposition("物资目录模板.xlsx")}
    return Response(data, media_type=MEDIA["xlsx"], headers=headers)


@router.get("/items/find", **reads("view.situation"))
async def finding(
    world: TheWorld, q: Annotated[Text, Query(max_length=100)] = ""
) -> Response:
    """Return what fits best, by name, pinyin initials, code or barcode (快速查找)."""

    def ask() -> dict[str, Any]:
        with world.reading() as c:
            rows = {row.item: row for row in ITEM.select(c, at=shown_at(c, None))}
            entries = [entry(row) for row in rows.values() if row.listed]
            found = find(entries, q, FOUND_MAX)
            return {"items": [item_row(rows[e.code]) for e in found], "seq": seen(c)}

    return answer(await asyncio.to_thread(ask))


IMPORT = acts("items.import")
IMPORT["openapi_extra"] = {**IMPORT["openapi_extra"], **FILE}


@router.post("/items/import", **IMPORT)
async def import_file(
    request: Request, write: Write, *, dry_run: bool = False
) -> Response:
    """Import the catalogue, all or nothing; or say what that would do (导入目录)."""
    by, data = write.by(0), await request.body()
    write.world.entitle(by, ImportItems.ACTION)  # before the file is looked into
    found = await import_catalogue(write.world, data, by, dry=dry_run)
    return answer(found)


async def import_catalogue(
    world: World, data: bytes, by: Provenance, *, dry: bool
) -> dict[str, Any]:
    """Import a catalogue file, all or nothing, or say what that would do.

    :raises ItemsRefused: with a fault for each wrong row, of the file or against what
        is listed: both in one answer
    """
    rows, faults = await asyncio.to_thread(read_items, data)
    if rows and all(fault.row > 1 for fault in faults):
        try:
            found = await asyncio.to_thread(_outlook, world, rows, by)
        except ItemsRefused as refused:
            faults = listed([*faults, *refused.facts["rows"]])
    if faults:
        raise ItemsRefused(count=len(faults), rows=faults)
    if dry or not found["new"] + found["changed"]:
        return {"dry_run": dry, **found}
    receipt = await world.do(ImportItems(rows=tuple(rows), basis="物资目录"), by)
    return {"dry_run": False, **found, **receipt_fields(receipt)}


def _outlook(world: World, rows: list[ItemRow], by: Provenance) -> dict[str, Any]:
    """Return what an import would do; nothing is stored.

    :raises ItemsRefused: naming every wrong row
    """
    command, events = ImportItems(rows=tuple(rows), basis="物资目录"), list[Event]()
    with suppress(ItemsUnchanged):
        events = [e for e, _ in world.handler.preview(command, by, world.clock())]
    codes = [e.item.code for e in events if isinstance(e, ItemListed)]
    read = world.read()
    known = sum(read(item_stream(code)).item is not None for code in codes)
    return {
        "rows": len(rows),
        "new": len(codes) - known,
        "changed": known,
        "unchanged": len(rows) - len(codes),
    }


@router.post("/items/{item}/withdraw", **acts("items.import"))
async def withdraw(item: Id, body: Withdraw, write: Write) -> Response:
    """Take an item out of the catalogue: nothing more is received (移出目录)."""
    command = WithdrawItem(code=item, reason=body.reason)
    receipt = await write.world.do(command, write.by(body.seen_seq))
    return answer({**receipt_fields(receipt), "id": item})


@router.post("/areas/population", **acts("areas.population"))
async def population(body: Population, write: Write) -> Response:
    """Record how many people live in communities (常住人口)."""
    world = write.world
    command = StatePopulation(
        area=world.places((body.area,))[0],
        rows=tuple(Residents(row.area, row.residents) for row in body.rows),
        reason=body.reason,
        basis=body.basis,
    )
    receipt = await world.do(command, write.by(body.seen_seq))
    return answer({**receipt_fields(receipt), "rows": len(body.rows)})
