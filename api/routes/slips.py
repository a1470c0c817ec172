"""Slips (单据) on paper, and labels to stick on things."""

from __future__ import annotations

from typing import Annotated, Any
from zoneinfo import ZoneInfo

from fastapi import Request, Response
from msgspec import Meta

from api.exchange.papers.labels import LABELS_MAX, labels
from api.http.deps import record_read, world_of
from api.http.downloads import PDF, as_file
from api.http.look import Look
from api.http.plain import Who
from api.http.reading import Reads
from api.pages.goods import goods_of
from api.pages.papers import NoPaper, SlipPaper, label_rows
from api.pages.slips import know_slips, known_slip
from coordination.fields import Id, SiteId, SlipId
from coordination.stock.lines import AskedLot

READS = Reads("slips")
COPIES_MAX = 24


def _paper(look: Look, slip: str) -> SlipPaper:
    goods = goods_of(look)
    row = known_slip(look, slip)
    know_slips([row], goods)
    return SlipPaper(look.world, goods, row)


@READS.shown("/slips/{slip}/paper.pdf", "view.situation", media=PDF)
def paper(look: Look, slip: SlipId) -> Response:
    """Return a slip on paper: 入库单, 出库单, 调拨单, 盘点表."""
    return as_file(_paper(look, slip).note(), f"{slip}.pdf", inline=True)


async def _record(request: Request, who: Who, given: dict[str, Any]) -> None:
    await record_read(world_of(request), who, "donor", given["slip"])


@READS.shown("/slips/{slip}/receipt.pdf", "view.people", before=_record, media=PDF)
def receipt(look: Look, slip: SlipId) -> Response:
    """Return the receipt for a donor, with the code to follow the gift (捐赠收据)."""
    found = _paper(look, slip)
    look.world.entitle(look.who.by, "view.people", (found.row.path,))
    path = f"{look.world.base}/donation"
    where = look.request.url.replace(path=path, query="")
    return as_file(found.receipt(str(where)), f"receipt-{slip}.pdf", inline=True)


@READS.shown("/stock/labels.pdf", "view.situation", media=PDF)
def print_labels(
    look: Look,
    station: SiteId = "",
    item: Id = "",
    lot: AskedLot = "",
    copies: Annotated[int, Meta(ge=1, le=COPIES_MAX)] = 1,
) -> Response:
    """Return labels with codes to scan: of lots on a shelf, or of an item (标签)."""
    zone, lot = ZoneInfo(look.world.settings.zone), look.world.lot_named(item, lot)
    sheet = list(label_rows(goods_of(look), zone, station, item, lot))
    if not 0 < len(sheet) * copies <= LABELS_MAX:
        raise NoPaper(most=LABELS_MAX)
    wanted = [label for label in sheet for _ in range(copies)]
    return as_file(labels(wanted, drill=look.world.drill), "labels.pdf", inline=True)
