"""Slips (单据) as lists, one by one, and on paper; labels to stick on things."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Query, Request, Response

from api.exchange.papers import (
    LABELS_MAX,
    CountLine,
    Head,
    Label,
    PaperLine,
    count_sheet,
    donor_receipt,
    issue_note,
    labels,
    receipt_note,
    transfer_note,
)
from api.http.body import Code, Id, SiteId, SlipId
from api.http.deps import (
    ERRORS,
    Caller,
    TheWorld,
    accounts_of,
    answer,
    reads,
    record_read,
)
from api.http.lists import AskedFor, disposition, page_of, respond
from api.pages.goods import Goods, entry
from api.pages.places import path_shown
from api.pages.slips import SLIPS, know_slips, slip_row
from api.pages.supplies import touches
from api.pages.tracing import NothingToTrace
from api.routes.handing import receipt_code, receipt_number
from api.routes.stock import AnyLot
from api.world.world import World
from coordination.catalogue import open_envelope
from coordination.kernel import Provenance, Refusal
from coordination.log import Receipt
from projections.names import Names
from projections.slips import SLIP, SlipRow, lines_in
from projections.store import seen, shown_at
from projections.supplies import BATCH, LOT

router = APIRouter(tags=["slips"], responses=ERRORS)
PDF = "application/pdf"
PAPER: dict[int | str, dict[str, Any]] = {
    200: {"content": {PDF: {"schema": {"type": "string", "format": "binary"}}}}
}
COPIES_MAX = 24


@router.get("/slips", **reads("view.situation"))
async def slips(
    request: Request, world: TheWorld, asked: AskedFor, area: Code | None = None
) -> Response:
    """Return the slips of an area, also those that are on their way there (单据)."""
    name_of = accounts_of(request).name_of

    def ask() -> Response:
        with world.reading() as c:
            at = shown_at(c, None)
            goods = Goods(c, Names(c, at, name_of), world.clock())
            path = path_shown(c, area) if area else ""
            found = [r for r in SLIP.select(c, at=at) if touches(r, path)]
            know_slips(found, goods)
            page = page_of((slip_row(row, goods) for row in found), asked, SLIPS)
            page["seq"] = seen(c)
        return respond(page, SLIPS.columns, asked, "物资单据", world.settings.zone)

    return await asyncio.to_thread(ask)


@router.get("/slips/{slip}", **reads("view.situation"))
async def one(slip: SlipId, request: Request, world: TheWorld) -> Response:
    """Return a slip (单据)."""
    name_of = accounts_of(request).name_of

    def ask() -> dict[str, Any]:
        with world.reading() as c:
            row = _slip(c, slip)
            at = shown_at(c, None)
            goods = Goods(c, Names(c, at, name_of), world.clock())
            know_slips([row], goods)
            return {"slip": slip_row(row, goods), "seq": seen(c)}

    return answer(await asyncio.to_thread(ask))


def _slip(c: Any, slip: str) -> SlipRow:
    """Return a slip.

    :raises NothingToTrace: if there is none
    """
    row = SLIP.get(c, slip, at=shown_at(c, None))
    if row is None:
        raise NothingToTrace
    return row


class NoPaper(Refusal):
    """Of that there is no paper (没有可打印的单据)."""

    code = "slips.no-paper"
    zh = "没有可打印的内容，或超过 {most} 张"
    en = "there is nothing to print, or more than {most}"


@router.get("/slips/{slip}/paper.pdf", responses=PAPER, **reads("view.situation"))
async def paper(slip: SlipId, request: Request, world: TheWorld) -> Response:
    """Return a slip on paper: 入库单, 出库单, 调拨单, 盘点表."""
    name_of = accounts_of(request).name_of

    def ask() -> bytes:
        with world.reading() as c:
            row = _slip(c, slip)
            at = shown_at(c, None)
            goods = Goods(c, Names(c, at, name_of), world.clock())
            know_slips([row], goods)
            return _paper(row, Papers(c, world, goods, row))

    return _pdf(await asyncio.to_thread(ask), slip)


def _receipt_of(world: World, seq: int) -> Receipt:
    """Return the receipt of the decision that a fact belongs to."""
    stored = world.log.recorder.rows(seq - 1, 1)[0].stored
    found = world.log.recorder.receipt(open_envelope(stored).command)
    assert found is not None, "every fact has a receipt"
    return found


class Papers:
    """What every paper of a slip is made from."""

    def __init__(self, c: Any, world: World, goods: Goods, row: SlipRow) -> None:
        """Look up the expiries of what is on it, and where the log stands."""
        self.goods, self.row, self.zone = goods, row, ZoneInfo(world.settings.zone)
        keys = sorted({f"{x.item}/{x.lot}" for x in lines_in(row.lines)})
        self.expires = {b.key: b.expires_us for b in BATCH.some(c, keys)}
        receipt = _receipt_of(world, row.seq_from)
        self.head = Head(
            row.slip,
            goods.names.station(row.station),
            self.day(row.at_us, "%Y-%m-%d %H:%M"),
            goods.names.person(row.by),
            receipt.seq,
            receipt.root,
            drill=world.drill,
        )

    def day(self, at_us: int, how: str = "%Y-%m-%d") -> str:
        """Return a moment as it is printed, empty for none."""
        if not at_us:
            return ""
        return datetime.fromtimestamp(at_us / 1_000_000, self.zone).strftime(how)

    def last_day(self, item: str, lot: str) -> str:
        """Return the last good day of a lot, empty if it does not expire."""
        return self.day(max(0, self.expires.get(f"{item}/{lot}", 0) - 1))

    def lines(self) -> list[PaperLine]:
        """Return what is on the slip."""
        found = []
        for line in lines_in(self.row.lines):
            known = self.goods.items.get(line.item)
            item = entry(known) if known else None
            found.append(
                PaperLine(
                    line.item,
                    item.name if item else line.item,
                    item.en if item else "",
                    line.lot,
                    self.last_day(line.item, line.lot),
                    line.quantity,
                    item.unit if item else "",
                    item.packagings if item else (),
                    item.place if item else "",
                )
            )
        return found


def _paper(row: SlipRow, papers: Papers) -> bytes:
    """Return the paper of a slip.

    :raises NoPaper: of a kind that has none
    """
    said = slip_row(row, papers.goods)
    lines = papers.lines()
    party = f"{said['party_zh'] or ''} {row.party_id}".strip()
    match row.kind:
        case "receipt":
            return receipt_note(papers.head, lines, source=party, document=row.document)
        case "issue":
            return issue_note(papers.head, lines, to=party, reservation=row.order_id)
        case "shipment":
            expected = papers.day(row.due_us, "%Y-%m-%d %H:%M")
            to = papers.goods.names.station(row.to_station)
            return transfer_note(
                papers.head, lines, to=to, carrier=row.document, expected=expected
            )
        case "count":
            sheet = [CountLine(*x[:5], x.unit, x.packagings, x.place) for x in lines]
            return count_sheet(papers.head, sheet)
    raise NoPaper(most=LABELS_MAX)


@router.get("/slips/{slip}/receipt.pdf", responses=PAPER, **reads("view.people"))
async def receipt(
    slip: SlipId, request: Request, world: TheWorld, caller: Caller
) -> Response:
    """Return the receipt for a donor, with the code to follow the gift (捐赠收据)."""
    name_of = accounts_of(request).name_of
    await record_read(world, caller, "donor", slip)

    def ask() -> bytes:
        with world.reading() as c:
            row = _slip(c, slip)
            by = Provenance(command_id="", actor=caller.actor)
            world.entitle(by, "view.people", (row.path,))
            if not row.number:
                raise NoPaper(most=LABELS_MAX)
            at = shown_at(c, None)
            goods = Goods(c, Names(c, at, name_of), world.clock())
            papers = Papers(c, world, goods, row)
            secret = world.vault.get(row.party_id)
            number, code = (
                receipt_number(row.station, row.number),
                receipt_code(world, row.slip),
            )
            where = request.url.replace(path=f"{world.base}/donation", query="")
            look = where.include_query_params(number=number, code=code)
            return donor_receipt(
                papers.head,
                papers.lines(),
                donor=secret.name if secret else row.party_id,
                number=number,
                code=code,
                lookup=str(look),
            )

    return _pdf(await asyncio.to_thread(ask), f"receipt-{slip}")


@router.get("/stock/labels.pdf", responses=PAPER, **reads("view.situation"))
async def print_labels(
    request: Request,
    world: TheWorld,
    station: SiteId | None = None,
    item: Id | None = None,
    lot: AnyLot = "",
    copies: Annotated[int, Query(ge=1, le=COPIES_MAX)] = 1,
) -> Response:
    """Return labels with codes to scan: of lots on a shelf, or of an item (标签)."""
    name_of = accounts_of(request).name_of

    def ask() -> bytes:
        with world.reading() as c:
            at = shown_at(c, None)
            goods = Goods(c, Names(c, at, name_of), world.clock())
            sheet = list(_labels(c, goods, world, station or "", item or "", lot))
        if not 0 < len(sheet) * copies <= LABELS_MAX:
            raise NoPaper(most=LABELS_MAX)
        wanted = [label for label in sheet for _ in range(copies)]
        return labels(wanted, drill=world.drill)

    return _pdf(await asyncio.to_thread(ask), "labels")


def _labels(
    c: Any, goods: Goods, world: World, station: str, item: str, lot: str
) -> Any:
    """Yield a label for each lot of an item on a shelf, or for the item itself."""
    zone = ZoneInfo(world.settings.zone)
    if not station:
        known = goods.items.get(item)
        if known is not None:
            yield Label(item, known.name, lot, place=known.place)
        return
    t = LOT.table.c
    where = [t.station == station, t.on_hand > 0]
    where += [t.item == item] if item else []
    where += [t.lot == lot] if lot else []
    for row in sorted(LOT.where(c, *where, at=goods.names.at)):
        known = goods.items.get(row.item)
        expires = ""
        if row.expires_us:
            last = datetime.fromtimestamp((row.expires_us - 1) / 1_000_000, zone)
            expires = last.strftime("%Y-%m-%d")
        yield Label(
            row.item,
            known.name if known else row.item,
            row.lot,
            expires,
            goods.names.station(station),
            known.place if known else "",
        )


def _pdf(data: bytes, name: str) -> Response:
    headers = {
        "Content-Disposition": disposition(f"{name}.pdf").replace(
            "attachment", "inline", 1
        ),
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
    }
    return Response(data, media_type=PDF, headers=headers)
