"""Stock (库存): received, reserved, issued, returned, scrapped, corrected; lists."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Request, Response
from pydantic import Field

from api.http.body import (
    Code,
    EmergencyId,
    Id,
    Moment,
    Needed,
    Seq,
    SiteId,
    SlipId,
    Strict,
    Text,
)
from api.http.deps import (
    ERRORS,
    TheWorld,
    Write,
    accounts_of,
    acts,
    answer,
    reads,
)
from api.http.lists import AskedFor, page_of, respond
from api.http.plain import receipt_fields
from api.pages.goods import LOTS, STOCKS, Goods
from api.pages.places import path_shown
from api.pages.slips import MOVEMENTS, movement_row, passed_body
from api.routes.handing import (
    Donor,
    begins_us,
    donor_id,
    expires_us,
    made_lots,
    quantities,
    receipt_code,
    receipt_number,
)
from api.world.world import World, id_of
from coordination.catalogue import decode_event, open_envelope
from coordination.kernel import Event
from coordination.log import Receipt
from coordination.stock.decide import Issue, Release, Reserve, ReturnGoods
from coordination.stock.events import (
    DONATION,
    GoodsIssued,
    GoodsReceived,
    Line,
    Party,
    StockReserved,
)
from coordination.stock.lines import Wish
from coordination.stock.lots import RecallLot, SetLotStatus
from coordination.stock.receipts import Delivered, Receive, UnknownSource
from coordination.stock.state import slip_stream
from coordination.stock.writeoffs import Adjust, Scrap
from projections.names import Names
from projections.slips import MOVEMENT, movements
from projections.store import seen, shown_at
from projections.supplies import BATCH, LOT, RESERVATION, STOCK

router = APIRouter(prefix="/stock", tags=["stock"], responses=ERRORS)
LotId = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9-]{0,29}$")]
AnyLot = Annotated[str, Field(pattern=r"^([A-Za-z0-9][A-Za-z0-9-]{0,29})?$")]
Quantity = Annotated[int, Field(ge=1, le=1_000_000_000)]
Unit = Annotated[Text, Field(max_length=10)]
Day = Annotated[str, Field(pattern=r"^([0-9]{4}-[0-9]{2}-[0-9]{2})?$")]
Reservation = Annotated[str, Field(pattern=r"^[0-9a-z][0-9a-z-]{3,40}$")]
LINES = 200
MOVEMENTS_SHOWN = 5_000


class PartyBody(Strict):
    """Who goods come from or are for; ``id`` never a person's name."""

    kind: Annotated[str, Field(pattern=r"^[a-z]{3,20}$")]
    id: Annotated[Needed, Field(max_length=80)]

    @property
    def party(self) -> Party:
        """The same for the decision."""
        return Party(self.kind, self.id)


class SourceBody(Strict):
    """Where goods come from; of a donation the donor says who."""

    kind: Literal["purchase", "donation", "requisition", "opening"]
    id: Annotated[Text, Field(max_length=80)] = ""


class DonorBody(Strict):
    """Who gives; a person's name is kept apart from the log."""

    name: Annotated[Needed, Field(max_length=60)]
    phone: Annotated[Text, Field(max_length=40)] = ""
    organisation: bool = False


class WishBody(Strict):
    """So much of an item, in its base unit or a packaging of it."""

    item: Id
    quantity: Quantity
    unit: Unit = ""
    lot: AnyLot = ""


class LineBody(Strict):
    """So many base units of a lot."""

    item: Id
    lot: LotId
    quantity: Quantity

    @property
    def line(self) -> Line:
        """The same for the decision."""
        return Line(self.item, self.lot, self.quantity)


class DeliveredBody(Strict):
    """A line of what came in; ``expires``: the last good day."""

    item: Id
    quantity: Quantity
    unit: Unit = ""
    lot: AnyLot = ""
    batch: Annotated[Text, Field(max_length=40)] = ""
    expires: Day = ""
    made: Day = ""


Wishes = Annotated[list[WishBody], Field(min_length=1, max_length=LINES)]
Lines = Annotated[list[LineBody], Field(min_length=1, max_length=LINES)]


class _At(Strict):
    """What every slip says."""

    reason: Text = ""
    basis: Text = ""
    seen_seq: Seq = 0
    occurred_at: Moment | None = None


class Receiving(_At):
    """What came in."""

    station: SiteId
    source: SourceBody
    donor: DonorBody | None = None
    document: Annotated[Text, Field(max_length=80)] = ""
    emergency: EmergencyId | None = None
    lines: Annotated[list[DeliveredBody], Field(min_length=1, max_length=LINES)]


class Reserving(_At):
    """What is to be kept, for whom."""

    station: SiteId
    purpose: PartyBody
    lines: Wishes
    whole: bool = False


class Releasing(_At):
    """What is kept no longer; no items: all of it."""

    station: SiteId
    reservation: Reservation
    items: Annotated[list[Id], Field(max_length=LINES)] = Field(default_factory=list)


class Issuing(_At):
    """What goes out, to whom."""

    station: SiteId
    to: PartyBody
    lines: Wishes
    reservation: Annotated[str, Field(pattern=r"^([0-9a-z][0-9a-z-]{3,40})?$")] = ""
    whole: bool = True


class Returning(_At):
    """What came back of an issue."""

    issue: SlipId
    lines: Lines
    good: bool = True


class Scrapping(_At):
    """What is no good."""

    station: SiteId
    cause: Annotated[str, Field(pattern=r"^[a-z-]{2,20}$")]
    lines: Lines


class Adjusting(_At):
    """A correction, and the slip it corrects."""

    station: SiteId
    item: Id
    lot: LotId
    change: Annotated[int, Field(ge=-1_000_000_000, le=1_000_000_000)]
    corrects: SlipId


class StatusBody(_At):
    """What a lot is; ``station`` empty: wherever it is."""

    station: Annotated[str, Field(pattern=r"^([1-9][0-9a-z]{1,24}-s[0-9]{1,3})?$")] = ""
    item: Id
    lot: LotId
    status: Annotated[str, Field(pattern=r"^[a-z-]{2,20}$")]


def facts_of(world: World, receipt: Receipt) -> list[Event]:
    """Return the facts of a decision, from the log: a retry answers as the first."""
    count = receipt.seq - receipt.first_seq + 1
    rows = world.log.recorder.rows(receipt.first_seq - 1, count)
    return [decode_event(r.name, open_envelope(r.stored).event) for r in rows]


def wishes_of(world: World, lines: list[WishBody]) -> tuple[Wish, ...]:
    """Return lines in base units.

    :raises StockRefused: naming a unit the item does not have
    """
    amounts = quantities(world, lines)
    return tuple(
        Wish(line.item, quantity, line.lot)
        for line, quantity in zip(lines, amounts, strict=True)
    )


@router.post("/receive", status_code=201, **acts("stock.keep"))
async def receive(body: Receiving, write: Write) -> Response:
    """Put what came in on the shelf; a gift gets a numbered receipt (入库)."""
    world, zone = write.world, write.world.settings.zone
    by = write.by(body.seen_seq, body.occurred_at)
    lots = made_lots(write.command_id, (line.lot for line in body.lines))
    amounts = quantities(world, body.lines)
    lines = tuple(
        Delivered(
            item=line.item,
            quantity=quantity,
            lot=lot,
            batch=line.batch,
            made_us=begins_us(line.made, zone),
            expires_us=expires_us(world, line.item, line.made, line.expires),
        )
        for line, lot, quantity in zip(body.lines, lots, amounts, strict=True)
    )
    named = body.source.id or body.document or "—"
    secret = None
    if body.source.kind == DONATION and body.donor is not None:
        donor = Donor(**body.donor.model_dump())
        named = donor.name
        if not donor.organisation:
            named, secret = donor_id(world, donor)
    if secret is None and world.vault.get(named) is not None:
        # Whoever could name a mark would read on the receipt whose it is.
        raise UnknownSource
    command = Receive(
        station=body.station,
        slip=id_of("r", write.command_id),
        source=Party(body.source.kind, named),
        document=body.document,
        emergency=body.emergency or "",
        lines=lines,
        reason=body.reason,
        basis=body.basis,
    )
    if secret is not None and not world.state(slip_stream(command.slip)).station:
        # Of what would be refused no name is kept; sent again, nothing comes back.
        world.entitle(by, Receive.ACTION, command.places(world.read()))
        await asyncio.to_thread(world.handler.preview, command, by, world.clock())
        await asyncio.to_thread(world.vault.put, {named: secret})
    receipt = await world.do(command, by)
    found: dict[str, Any] = {"id": command.slip, "lots": lots}
    for fact in facts_of(world, receipt):
        if isinstance(fact, GoodsReceived) and fact.number:
            found["receipt_number"] = receipt_number(fact.station, fact.number)
            found["receipt_code"] = receipt_code(world, fact.slip)
    return answer({**receipt_fields(receipt), **found}, 201)


@router.post("/reserve", status_code=201, **acts("stock.keep"))
async def reserve(body: Reserving, write: Write) -> Response:
    """Keep stock for somebody: what there is, and why not more (预留)."""
    world = write.world
    command = Reserve(
        station=body.station,
        reservation=id_of("v", write.command_id),
        purpose=body.purpose.party,
        lines=wishes_of(world, body.lines),
        whole=body.whole,
        reason=body.reason,
        basis=body.basis,
    )
    receipt = await world.do(command, write.by(body.seen_seq, body.occurred_at))
    kept = {
        fact.item: fact
        for fact in facts_of(world, receipt)
        if isinstance(fact, StockReserved)
    }
    lines = [_reserved(wish, kept.get(wish.item)) for wish in command.lines]
    found = {"id": command.reservation, "lines": lines}
    return answer({**receipt_fields(receipt), **found}, 201)


def _reserved(wish: Wish, fact: StockReserved | None) -> dict[str, Any]:
    """Return what became of a line of a reservation."""
    picks = fact.picks if fact else ()
    total = sum(pick.quantity for pick in picks)
    return {
        "item": wish.item,
        "asked": wish.quantity,
        "reserved": total,
        "short": wish.quantity - total,
        "picks": [{"lot": p.lot, "quantity": p.quantity} for p in picks],
        "passed": [passed_body(p) for p in (fact.passed if fact else ())],
    }


@router.post("/release", **acts("stock.keep"))
async def release(body: Releasing, write: Write) -> Response:
    """Free what is kept (释放预留)."""
    found: tuple[str, ...] = ()
    if not body.items:
        with write.world.reading() as c:
            t = RESERVATION.table.c
            here = t.station == body.station, t.reservation == body.reservation
            rows = RESERVATION.where(c, *here, t.quantity > 0, at=None)
        found = tuple(sorted(row.item for row in rows))
    command = Release(
        station=body.station,
        reservation=body.reservation,
        items=tuple(body.items),
        found=found,
        reason=body.reason,
        basis=body.basis,
    )
    receipt = await write.world.do(command, write.by(body.seen_seq, body.occurred_at))
    return answer({**receipt_fields(receipt), "id": body.reservation})


@router.post("/issue", status_code=201, **acts("stock.keep"))
async def issue(body: Issuing, write: Write) -> Response:
    """Give stock out, first to expire first, and say what was passed over (出库)."""
    world = write.world
    command = Issue(
        station=body.station,
        slip=id_of("i", write.command_id),
        to=body.to.party,
        lines=wishes_of(world, body.lines),
        reservation=body.reservation,
        whole=body.whole,
        reason=body.reason,
        basis=body.basis,
    )
    receipt = await world.do(command, write.by(body.seen_seq, body.occurred_at))
    return answer({**receipt_fields(receipt), **issued(world, receipt)}, 201)


def issued(world: World, receipt: Receipt) -> dict[str, Any]:
    """Return what a decision gave out, from which lots, and what was passed over."""
    for fact in facts_of(world, receipt):
        if isinstance(fact, GoodsIssued):
            return {
                "id": fact.slip,
                "lines": [
                    {"item": x.item, "lot": x.lot, "quantity": x.quantity}
                    for x in fact.lines
                ],
                "passed": [{"item": i, **passed_body(p)} for i, p in fact.passed],
            }
    return {}


@router.post("/return", **acts("stock.keep"))
async def return_goods(body: Returning, write: Write) -> Response:
    """Take back what an issue gave out (退回)."""
    station = write.world.state(slip_stream(body.issue)).station
    command = ReturnGoods(
        station=station,
        issue=body.issue,
        lines=tuple(line.line for line in body.lines),
        good=body.good,
        reason=body.reason,
        basis=body.basis,
    )
    receipt = await write.world.do(command, write.by(body.seen_seq, body.occurred_at))
    return answer({**receipt_fields(receipt), "id": body.issue})


@router.post("/scrap", status_code=201, **acts("stock.settle"))
async def scrap(body: Scrapping, write: Write) -> Response:
    """Take what is no good off the shelf (报废)."""
    command = Scrap(
        station=body.station,
        slip=id_of("x", write.command_id),
        cause=body.cause,
        lines=tuple(line.line for line in body.lines),
        reason=body.reason,
        basis=body.basis,
    )
    receipt = await write.world.do(command, write.by(body.seen_seq, body.occurred_at))
    return answer({**receipt_fields(receipt), "id": command.slip}, 201)


@router.post("/adjust", status_code=201, **acts("stock.settle"))
async def adjust(body: Adjusting, write: Write) -> Response:
    """Correct the books; the slip that was wrong stays visible (更正)."""
    command = Adjust(
        station=body.station,
        slip=id_of("a", write.command_id),
        item=body.item,
        lot=body.lot,
        change=body.change,
        corrects=body.corrects,
        reason=body.reason,
        basis=body.basis,
    )
    receipt = await write.world.do(command, write.by(body.seen_seq, body.occurred_at))
    return answer({**receipt_fields(receipt), "id": command.slip}, 201)


@router.post("/status", **acts("stock.keep"))
async def status(body: StatusBody, write: Write) -> Response:
    """Hold, quarantine or clear a lot here; recall it wherever it is (批次状态)."""
    what = {
        "item": body.item,
        "lot": body.lot,
        "status": body.status,
        "reason": body.reason,
        "basis": body.basis,
    }
    command = (
        SetLotStatus(station=body.station, **what)
        if body.station
        else RecallLot(**what)
    )
    receipt = await write.world.do(command, write.by(body.seen_seq, body.occurred_at))
    return answer({**receipt_fields(receipt), "id": f"{body.item}/{body.lot}"})


# --- lists ---------------------------------------------------------------------------


@router.get("", **reads("view.situation"))
async def stock(
    request: Request,
    world: TheWorld,
    asked: AskedFor,
    area: Code | None = None,
    station: SiteId | None = None,
) -> Response:
    """Return every item at every station of an area (库存)."""
    name_of = accounts_of(request).name_of

    def ask() -> Response:
        with world.reading() as c:
            at = shown_at(c, None)
            goods = Goods(c, Names(c, at, name_of), world.clock())
            path = path_shown(c, area) if area else ""
            found = STOCK.select(c, at=at, path=path or _path(station))
            rows = [r for r in found if not station or r.station == station]
            goods.know(rows)
            page = page_of((goods.stock(row) for row in rows), asked, STOCKS)
            page["seq"] = seen(c)
        return respond(page, STOCKS.columns, asked, "库存", world.settings.zone)

    return await asyncio.to_thread(ask)


def _path(station: str | None) -> str:
    return (station or "").partition("-")[0]


@router.get("/lots", **reads("view.situation"))
async def lots(
    request: Request,
    world: TheWorld,
    asked: AskedFor,
    area: Code | None = None,
    station: SiteId | None = None,
    item: Id | None = None,
) -> Response:
    """Return the lots on the shelves of an area (批次)."""
    name_of = accounts_of(request).name_of

    def ask() -> Response:
        with world.reading() as c:
            at = shown_at(c, None)
            goods = Goods(c, Names(c, at, name_of), world.clock())
            t = LOT.table.c
            path = path_shown(c, area) if area else _path(station)
            where = [LOT.inside(path)] if path else []
            where += [t.station == station] if station else []
            where += [t.item == item] if item else []
            found = LOT.where(c, *where, t.on_hand > 0, at=at)
            goods.know(found)
            keys = sorted({f"{row.item}/{row.lot}" for row in found})
            origins = {
                b.key: (b.origin_kind, b.origin_id, b.slip, b.batch)
                for b in BATCH.some(c, keys, at=at)
            }
            none = ("", "", "", "")
            page = page_of(
                (
                    goods.lot(row, origins.get(f"{row.item}/{row.lot}", none))
                    for row in found
                ),
                asked,
                LOTS,
            )
            page["seq"] = seen(c)
        return respond(page, LOTS.columns, asked, "批次", world.settings.zone)

    return await asyncio.to_thread(ask)


@router.get("/movements", **reads("view.situation"))
async def ledger(
    request: Request,
    world: TheWorld,
    asked: AskedFor,
    area: Code | None = None,
    station: SiteId | None = None,
    item: Id | None = None,
    lot: LotId | None = None,
) -> Response:
    """Return the newest movements of the ledger (库存账)."""
    name_of = accounts_of(request).name_of

    def ask() -> Response:
        with world.reading() as c:
            at = shown_at(c, None)
            goods = Goods(c, Names(c, at, name_of), world.clock())
            t = MOVEMENT.table.c
            path = path_shown(c, area) if area else _path(station)
            where = [MOVEMENT.inside(path)] if path else []
            where += [t.station == station] if station else []
            where += [t.item == item] if item else []
            where += [t.lot == lot] if lot else []
            found = movements(c, *where, at=at, limit=MOVEMENTS_SHOWN)
            goods.know(found)
            page = page_of((movement_row(m, goods) for m in found), asked, MOVEMENTS)
            page["seq"] = seen(c)
        return respond(page, MOVEMENTS.columns, asked, "库存账", world.settings.zone)

    return await asyncio.to_thread(ask)
