"""Slips (单据) on paper, and labels to stick on things."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from fastapi import APIRouter, Query, Request, Response
from pydantic import Field

from api.exchange.papers.labels import LABELS_MAX, labels
from api.http.body import Id, SiteId
from api.http.deps import (
    ERRORS,
    Caller,
    TheWorld,
    accounts_of,
    reads,
    record_read,
)
from api.http.lists import disposition
from api.pages.goods import Goods
from api.pages.papers import NoPaper, SlipPaper, label_rows
from api.pages.slips import know_slips, known_slip
from api.world.world import World
from coordination.fields import SLIP_ID
from coordination.stock.lines import LOT_ID
from projections.names import Names
from projections.store import shown_at

router = APIRouter(tags=["slips"], responses=ERRORS)
SlipId = Annotated[str, Field(pattern=f"^{SLIP_ID}$")]
PDF = "application/pdf"
PAPER: dict[int | str, dict[str, Any]] = {
    200: {"content": {PDF: {"schema": {"type": "string", "format": "binary"}}}}
}
COPIES_MAX = 24


def _goods(request: Request, world: World, c: sa.Connection) -> Goods:
    names = Names(c, shown_at(c, None), accounts_of(request).name_of)
    return Goods(c, names, world.clock())


def _paper(request: Request, world: World, c: sa.Connection, slip: str) -> SlipPaper:
    goods = _goods(request, world, c)
    row = known_slip(c, slip, goods.names.at)
    know_slips([row], goods)
    return SlipPaper(c, world, goods, row)


@router.get("/slips/{slip}/paper.pdf", responses=PAPER, **reads("view.situation"))
async def paper(slip: SlipId, request: Request, world: TheWorld) -> Response:
    """Return a slip on paper: 入库单, 出库单, 调拨单, 盘点表."""

    def ask() -> bytes:
        with world.reading() as c:
            return _paper(request, world, c, slip).note()

    return _pdf(await asyncio.to_thread(ask), slip)


@router.get("/slips/{slip}/receipt.pdf", responses=PAPER, **reads("view.people"))
async def receipt(
    slip: SlipId, request: Request, world: TheWorld, caller: Caller
) -> Response:
    """Return the receipt for a donor, with the code to follow the gift (捐赠收据)."""
    await record_read(world, caller, "donor", slip)

    def ask() -> bytes:
        with world.reading() as c:
            found = _paper(request, world, c, slip)
            world.entitle(caller.by, "view.people", (found.row.path,))
            where = request.url.replace(path=f"{world.base}/donation", query="")
            return found.receipt(str(where))

    return _pdf(await asyncio.to_thread(ask), f"receipt-{slip}")


@router.get("/stock/labels.pdf", responses=PAPER, **reads("view.situation"))
async def print_labels(
    request: Request,
    world: TheWorld,
    station: SiteId | None = None,
    item: Id | None = None,
    lot: Annotated[str, Query(pattern=f"^({LOT_ID})?$")] = "",
    copies: Annotated[int, Query(ge=1, le=COPIES_MAX)] = 1,
) -> Response:
    """Return labels with codes to scan: of lots on a shelf, or of an item (标签)."""
    zone = ZoneInfo(world.settings.zone)

    def ask() -> bytes:
        with world.reading() as c:
            goods = _goods(request, world, c)
            sheet = list(label_rows(goods, zone, station or "", item or "", lot))
        if not 0 < len(sheet) * copies <= LABELS_MAX:
            raise NoPaper(most=LABELS_MAX)
        wanted = [label for label in sheet for _ in range(copies)]
        return labels(wanted, drill=world.drill)

    return _pdf(await asyncio.to_thread(ask), "labels")


def _pdf(data: bytes, name: str) -> Response:
    shown = disposition(f"{name}.pdf").replace("attachment", "inline", 1)
    headers = {
        "Content-Disposition": shown,
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
    }
    return Response(data, media_type=PDF, headers=headers)
