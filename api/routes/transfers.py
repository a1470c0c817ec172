"""Transfers (调拨) and counts (盘点): sent, arrived, missing, found, settled."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter, Request, Response
from pydantic import Field

from api.http.body import Id, Moment, Seq, SiteId, SlipId, Strict, Text
from api.http.deps import (
    ERRORS,
    Caller,
    TheWorld,
    Write,
    accounts_of,
    acts,
    answer,
    reads,
)
from api.http.plain import receipt_fields
from api.pages.goods import Goods
from api.pages.slips import counted_row, slip_row
from api.routes.handing import micros
from api.routes.stock import LineBody, LotId, WishBody, facts_of, wishes_of
from api.routes.stock import Lines as LinesBody
from api.world.world import World, id_of
from coordination.counts.decide import (
    CloseCount,
    Counted,
    OpenCount,
    RecordCounts,
    SettleVariance,
    UnknownCount,
)
from coordination.counts.events import CountOpened, Lot, LotCounted
from coordination.counts.state import count_stream
from coordination.kernel import Provenance
from coordination.stock.lines import Wish
from coordination.transfers.decide import Arrive, CancelTransfer, NotOrdered, Ship
from coordination.transfers.events import ShipmentArrived
from coordination.transfers.shortfalls import NOT_LOADED, CloseShortfall
from coordination.transfers.state import (
    Shipment,
    UnknownShipment,
    shipment_stream,
)
from projections.names import Names
from projections.slips import COUNT, SLIP, sheet
from projections.store import seen, shown_at
from projections.supplies import BATCH, LOT, STOCK

router = APIRouter(tags=["transfers"], responses=ERRORS)
Cause = Annotated[str, Field(pattern=r"^[a-z-]{2,20}$")]
OrderId = Annotated[str, Field(pattern=r"^(t-[0-9a-f]{10})?$")]
COUNTED_MAX = 1_000_000_000


class _At(Strict):
    """What every slip says."""

    reason: Text = ""
    basis: Text = ""
    seen_seq: Seq = 0
    occurred_at: Moment | None = None


class Shipping(_At):
    """What is sent off: as ordered, or the keeper's own."""

    station: SiteId
    to: Annotated[str, Field(pattern=r"^([1-9][0-9a-z]{1,24}-s[0-9]{1,3})?$")] = ""
    lines: Annotated[list[WishBody], Field(max_length=200)] = Field(
        default_factory=list
    )
    order: OrderId = ""
    expected_at: Moment | None = None
    carrier: Annotated[Text, Field(max_length=80)] = ""


class Arriving(_At):
    """What was unloaded; ``complete``: that is all there was."""

    lines: Annotated[list[LineBody], Field(max_length=200)]
    complete: bool = True


class Closing(_At):
    """What became of what did not arrive, and who answers for it."""

    cause: Cause
    owner: Annotated[Text, Field(max_length=80)]
    lines: LinesBody


class Cancelling(_At):
    """Why a transfer is called off."""


def shipment(world: World, slip: str) -> Shipment:
    """Return a transfer as its stream says.

    :raises UnknownShipment: if there is none
    """
    found = world.state(shipment_stream(slip))
    if found.ordered is None and found.sent is None:
        raise UnknownShipment(slip=slip)
    return found


@router.post("/transfers/ship", status_code=201, **acts("stock.keep"))
async def ship(body: Shipping, write: Write) -> Response:
    """Send goods to another station (发运)."""
    world = write.world
    slip, to = body.order or id_of("s", write.command_id), body.to
    lines = wishes_of(world, body.lines)
    if body.order:
        ordered = shipment(world, body.order).ordered
        if ordered is None:
            raise NotOrdered(slip=body.order)
        to = to or ordered.to
        lines = lines or tuple(Wish(x.item, x.quantity) for x in ordered.lines)
    command = Ship(
        station=body.station,
        slip=slip,
        to=to,
        lines=lines,
        expected_us=micros(body.expected_at),
        carrier=body.carrier,
        reason=body.reason,
        basis=body.basis,
    )
    receipt = await world.do(command, write.by(body.seen_seq, body.occurred_at))
    return answer({**receipt_fields(receipt), "id": slip}, 201)


@router.post("/transfers/{slip}/arrive", **acts("stock.keep"))
async def arrive(slip: SlipId, body: Arriving, write: Write) -> Response:
    """Unload a shipment; what is missing is somebody's (到货)."""
    world = write.world
    sent = shipment(world, slip).sent
    if sent is None:
        raise UnknownShipment(slip=slip)
    command = Arrive(
        station=sent.to,
        slip=slip,
        lines=tuple(line.line for line in body.lines),
        complete=body.complete,
        reason=body.reason,
        basis=body.basis,
    )
    receipt = await world.do(command, write.by(body.seen_seq, body.occurred_at))
    left = [f.left for f in facts_of(world, receipt) if isinstance(f, ShipmentArrived)]
    return answer({**receipt_fields(receipt), "id": slip, "left": left[0]})


@router.post("/transfers/{slip}/close", **acts("stock.settle"))
async def close(slip: SlipId, body: Closing, write: Write) -> Response:
    """Account for what did not arrive (差异销账)."""
    sent = shipment(write.world, slip).sent
    if sent is None:
        raise UnknownShipment(slip=slip)
    command = CloseShortfall(
        station=sent.to,
        slip=slip,
        cause=body.cause,
        owner=body.owner,
        lines=tuple(line.line for line in body.lines),
        back=sent.station if body.cause == NOT_LOADED else "",
        reason=body.reason,
        basis=body.basis,
    )
    receipt = await write.world.do(command, write.by(body.seen_seq, body.occurred_at))
    return answer({**receipt_fields(receipt), "id": slip})


@router.post("/transfers/{slip}/cancel", **acts("stock.keep"))
async def cancel(slip: SlipId, body: Cancelling, write: Write) -> Response:
    """Call a transfer off that was not sent (取消调拨)."""
    ordered = shipment(write.world, slip).ordered
    if ordered is None:
        raise NotOrdered(slip=slip)
    command = CancelTransfer(
        station=ordered.station, slip=slip, reason=body.reason, basis=body.basis
    )
    receipt = await write.world.do(command, write.by(body.seen_seq, body.occurred_at))
    return answer({**receipt_fields(receipt), "id": slip})


# --- counts --------------------------------------------------------------------------


class Counting(_At):
    """What is to be counted: some items, or everything on the shelf."""

    station: SiteId
    items: Annotated[list[Id], Field(max_length=500)] = Field(default_factory=list)


class CountedBody(Strict):
    """What somebody counted; ``moves``: as the sheet said."""

    item: Id
    lot: LotId
    counted: Annotated[int, Field(ge=0, le=COUNTED_MAX)]
    moves: Annotated[int, Field(ge=0)]


class Counts(_At):
    """Lines of a sheet."""

    lines: Annotated[list[CountedBody], Field(min_length=1, max_length=200)]


class Settling(_At):
    """Why the books were wrong."""

    item: Id
    lot: LotId
    cause: Cause


class Ending(_At):
    """The end of a count."""


@router.post("/counts", status_code=201, **acts("stock.keep"))
async def open_count(body: Counting, write: Write) -> Response:
    """Give out a sheet to count by (开始盘点)."""
    world, wanted = write.world, set(body.items)

    def look() -> tuple[Lot, ...]:
        with world.reading() as c:
            t = LOT.table.c
            rows = LOT.where(c, t.station == body.station, t.on_hand > 0, at=None)
        rows.sort(key=lambda row: (row.item, row.lot))
        return tuple(
            Lot(row.item, row.lot) for row in rows if not wanted or row.item in wanted
        )

    command = OpenCount(
        station=body.station,
        slip=id_of("c", write.command_id),
        items=tuple(sorted(wanted)),
        sheet=await asyncio.to_thread(look),
        reason=body.reason,
        basis=body.basis,
    )
    receipt = await world.do(command, write.by(body.seen_seq, body.occurred_at))
    # From the log: a retry looked at the shelf again.
    opened = [f for f in facts_of(world, receipt) if isinstance(f, CountOpened)]
    found = {"id": command.slip, "lots": sum(len(f.sheet) for f in opened)}
    return answer({**receipt_fields(receipt), **found}, 201)


@router.get("/counts/{slip}", **reads("view.situation"))
async def count(
    slip: SlipId, request: Request, world: TheWorld, caller: Caller
) -> Response:
    """Return the sheet of a count: blind, but for who settles it (盘点表)."""
    name_of = accounts_of(request).name_of

    def ask() -> dict[str, Any]:
        with world.reading() as c:
            at = shown_at(c, None)
            row = SLIP.get(c, slip, at=at)
            if row is None or row.kind != COUNT:
                raise UnknownCount(slip=slip)
            goods = Goods(c, Names(c, at, name_of), world.clock())
            by = Provenance(command_id="", actor=caller.actor)
            settles = world.sees(by, "stock.settle", row.path)
            lines = sheet(c, slip, at=at)
            t = STOCK.table.c
            moves = {
                s.item: s.moves for s in STOCK.where(c, t.station == row.station, at=at)
            }
            keys = sorted({f"{x.item}/{x.lot}" for x in lines})
            expires = {b.key: b.expires_us for b in BATCH.some(c, keys, at=at)}
            rows = [
                counted_row(
                    line,
                    goods,
                    moves.get(line.item, 0),
                    expires.get(f"{line.item}/{line.lot}", 0),
                    settles=settles and caller.account not in {line.by, line.first},
                )
                for line in lines
            ]
            return {
                "count": slip_row(row, goods),
                "lines": rows,
                "done": sum(r["done"] for r in rows),
                "settles": settles,
                "seq": seen(c),
            }

    return answer(await asyncio.to_thread(ask))


def _counted_at(world: World, slip: str) -> str:
    """Return the station of a count.

    :raises UnknownCount: if there is none
    """
    station = world.state(count_stream(slip)).station
    if not station:
        raise UnknownCount(slip=slip)
    return station


@router.post("/counts/{slip}/lines", **acts("stock.keep"))
async def record(slip: SlipId, body: Counts, write: Write) -> Response:
    """Record what was counted; a difference is counted again by another (盘点登记)."""
    world = write.world
    command = RecordCounts(
        station=_counted_at(world, slip),
        slip=slip,
        lines=tuple(Counted(x.item, x.lot, x.counted, x.moves) for x in body.lines),
        reason=body.reason,
        basis=body.basis,
    )
    receipt = await world.do(command, write.by(body.seen_seq, body.occurred_at))
    lines = [
        {"item": f.item, "lot": f.lot, "result": f.result, "moved": f.moved}
        for f in facts_of(world, receipt)
        if isinstance(f, LotCounted)
    ]
    return answer({**receipt_fields(receipt), "id": slip, "lines": lines})


@router.post("/counts/{slip}/settle", **acts("stock.settle"))
async def settle(slip: SlipId, body: Settling, write: Write) -> Response:
    """Let the books follow what two people counted (处理盘点差异)."""
    command = SettleVariance(
        station=_counted_at(write.world, slip),
        slip=slip,
        item=body.item,
        lot=body.lot,
        cause=body.cause,
        reason=body.reason,
        basis=body.basis,
    )
    receipt = await write.world.do(command, write.by(body.seen_seq, body.occurred_at))
    return answer({**receipt_fields(receipt), "id": slip})


@router.post("/counts/{slip}/close", **acts("stock.keep"))
async def end_count(slip: SlipId, body: Ending, write: Write) -> Response:
    """End a count (结束盘点)."""
    command = CloseCount(
        station=_counted_at(write.world, slip),
        slip=slip,
        reason=body.reason,
        basis=body.basis,
    )
    receipt = await write.world.do(command, write.by(body.seen_seq, body.occurred_at))
    return answer({**receipt_fields(receipt), "id": slip})
