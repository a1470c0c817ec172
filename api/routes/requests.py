"""Requests for goods (物资申领): asked, triaged, kept, sent, brought, confirmed."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter, Request, Response
from pydantic import Field

from api.http.body import Code, Id, Moment, Seq, SiteId, Strict, Text
from api.http.deps import ERRORS, TheWorld, Write, accounts_of, acts, answer, reads
from api.http.lists import AskedFor, page_of, respond
from api.http.plain import receipt_fields
from api.pages.goods import Goods
from api.pages.places import path_shown
from api.pages.slips import REQUESTS, request_row
from api.routes.handing import micros, quantities
from api.routes.stations import SlipId
from api.routes.stock import Quantity, Unit, facts_of, issued
from api.world.world import World, id_of
from coordination.kernel import Command
from coordination.requests.decide import (
    MakeRequest,
    RefuseRequest,
    TriageRequest,
    WithdrawRequest,
)
from coordination.requests.events import GoodsAllocated, Wanted
from coordination.requests.fulfilment import (
    AllocateRequest,
    ConfirmDelivery,
    Deliver,
    DispatchRequest,
)
from coordination.requests.state import UnknownRequest, request_stream
from projections.names import Names
from projections.slips import REQUEST
from projections.store import seen, shown_at

router = APIRouter(prefix="/requests", tags=["requests"], responses=ERRORS)
RequestId = Annotated[str, Field(pattern=r"^[1-9][0-9a-z]{1,24}-q-[0-9a-f]{10}$")]
Priority = Annotated[int, Field(ge=1, le=3)]


class WantedBody(Strict):
    """So much of an item, in its base unit or a packaging of it."""

    item: Id
    quantity: Quantity
    unit: Unit = ""


Wants = Annotated[list[WantedBody], Field(min_length=1, max_length=100)]


class _At(Strict):
    """What every step says."""

    reason: Text = ""
    basis: Text = ""
    seen_seq: Seq = 0
    occurred_at: Moment | None = None


class Asking(_At):
    """What a community or squad asks for."""

    area: Code
    squad: Annotated[Text, Field(max_length=60)] = ""
    lines: Wants
    priority: Priority = 3
    to: Annotated[
        str,
        Field(pattern=r"^([1-9][0-9]{11}(g[0-9]{2})?(c[0-9]{2})?(b[0-9]{3})?)?$"),
    ] = ""
    needed_by: Moment | None = None


class Triage(_At):
    """Which station serves it, how urgent it is, what is granted."""

    station: SiteId
    priority: Priority
    lines: Wants


class Step(_At):
    """A step that says no more."""


class Proof(_At):
    """What shows that a slip was brought."""

    slip: SlipId
    proof: Annotated[Text, Field(max_length=200)]


class Confirming(_At):
    """The slip that is there."""

    slip: SlipId


@router.get("", **reads("view.situation"))
async def requests(
    request: Request, world: TheWorld, asked: AskedFor, area: Code | None = None
) -> Response:
    """Return the requests of an area, the most urgent first (物资申领)."""
    name_of = accounts_of(request).name_of

    def ask() -> Response:
        with world.reading() as c:
            at = shown_at(c, None)
            goods = Goods(c, Names(c, at, name_of), world.clock())
            path = path_shown(c, area) if area else ""
            found = sorted(REQUEST.select(c, at=at, path=path), key=lambda r: r.made_us)
            goods.names.know_sites({r.station for r in found if r.station})
            goods.names.know_areas({r.area for r in found} | {r.to for r in found})
            page = page_of((request_row(r, goods) for r in found), asked, REQUESTS)
            page["seq"] = seen(c)
        return respond(page, REQUESTS.columns, asked, "物资申领", world.settings.zone)

    return await asyncio.to_thread(ask)


def wanted(world: World, lines: list[WantedBody]) -> tuple[Wanted, ...]:
    """Return lines in base units.

    :raises StockRefused: naming a unit the item does not have
    """
    amounts = quantities(world, lines)
    return tuple(
        Wanted(line.item, quantity)
        for line, quantity in zip(lines, amounts, strict=True)
    )


@router.post("", status_code=201, **acts("request.make"))
async def make(body: Asking, write: Write) -> Response:
    """Ask for goods (申领)."""
    world = write.world
    path = world.places((body.area,))[0].path
    command = MakeRequest(
        request=id_of(f"{path}-q", write.command_id),
        area=body.area,
        squad=body.squad,
        lines=wanted(world, body.lines),
        priority=body.priority,
        to=body.to or body.area,
        needed_by_us=micros(body.needed_by),
        reason=body.reason,
        basis=body.basis,
    )
    receipt = await world.do(command, write.by(body.seen_seq, body.occurred_at))
    return answer({**receipt_fields(receipt), "id": command.request}, 201)


async def _step(command: Command, request: str, body: _At, write: Write) -> Response:
    receipt = await write.world.do(command, write.by(body.seen_seq, body.occurred_at))
    found: dict[str, Any] = {"id": request}
    for fact in facts_of(write.world, receipt):
        if isinstance(fact, GoodsAllocated):
            found["lines"] = [_body(line) for line in fact.lines]
            found["short"] = [_body(line) for line in fact.short]
    return answer({**receipt_fields(receipt), **found})


def _body(line: Wanted) -> dict[str, Any]:
    return {"item": line.item, "quantity": line.quantity}


@router.post("/{request}/triage", **acts("request.triage"))
async def triage(request: RequestId, body: Triage, write: Write) -> Response:
    """Send a request to a station (分诊)."""
    command = TriageRequest(
        request=request,
        station=body.station,
        priority=body.priority,
        lines=wanted(write.world, body.lines),
        reason=body.reason,
        basis=body.basis,
    )
    return await _step(command, request, body, write)


@router.post("/{request}/refuse", **acts("request.triage"))
async def refuse(request: RequestId, body: Step, write: Write) -> Response:
    """Refuse a request, with a reason (退回)."""
    command = RefuseRequest(request=request, reason=body.reason, basis=body.basis)
    return await _step(command, request, body, write)


@router.post("/{request}/withdraw", **acts("request.make"))
async def withdraw(request: RequestId, body: Step, write: Write) -> Response:
    """Call a request off (撤回)."""
    command = WithdrawRequest(request=request, reason=body.reason, basis=body.basis)
    return await _step(command, request, body, write)


def _station(world: World, request: str) -> str:
    """Return the station that serves a request, empty before it is triaged.

    :raises UnknownRequest: if there is none
    """
    found = world.state(request_stream(request))
    if not found.station:
        raise UnknownRequest(request=request)
    return found.station


@router.post("/{request}/allocate", **acts("stock.keep"))
async def allocate(request: RequestId, body: Step, write: Write) -> Response:
    """Keep what there is for a request; the rest is on back-order (配货)."""
    command = AllocateRequest(
        station=_station(write.world, request),
        request=request,
        reason=body.reason,
        basis=body.basis,
    )
    return await _step(command, request, body, write)


@router.post("/{request}/dispatch", **acts("stock.keep"))
async def dispatch(request: RequestId, body: Step, write: Write) -> Response:
    """Send what is kept for a request (出库)."""
    world = write.world
    command = DispatchRequest(
        station=_station(world, request),
        request=request,
        slip=id_of("i", write.command_id),
        reason=body.reason,
        basis=body.basis,
    )
    receipt = await world.do(command, write.by(body.seen_seq, body.occurred_at))
    found = issued(world, receipt)
    return answer({**receipt_fields(receipt), **found, "request": request})


@router.post("/{request}/deliver", **acts("request.deliver"))
async def deliver(request: RequestId, body: Proof, write: Write) -> Response:
    """Record that a slip was brought, and what shows it (送达)."""
    command = Deliver(
        request=request,
        slip=body.slip,
        proof=body.proof,
        reason=body.reason,
        basis=body.basis,
    )
    return await _step(command, request, body, write)


@router.post("/{request}/confirm", **acts("request.make"))
async def confirm(request: RequestId, body: Confirming, write: Write) -> Response:
    """Confirm what was brought; not by whoever brought it (签收)."""
    command = ConfirmDelivery(
        request=request, slip=body.slip, reason=body.reason, basis=body.basis
    )
    return await _step(command, request, body, write)
