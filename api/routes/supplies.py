"""Supplies (物资保障): the board, needs, hours ahead, reallocation, tracing, gifts."""

from __future__ import annotations

import asyncio
import hmac
from collections import Counter
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from pydantic import Field

from api.http.body import Code, EmergencyId, Id, Seq, SiteId, SlipId, Strict, Text
from api.http.deps import (
    ERRORS,
    TheWorld,
    Write,
    accounts_of,
    acts,
    answer,
    reads,
    world_of,
)
from api.http.lists import AskedFor, page_of, respond
from api.http.plain import receipt_fields
from api.pages.goods import Goods, levels_of
from api.pages.needs import HORIZON_HOURS, Covers, course, need_rows, needed_in
from api.pages.places import path_shown
from api.pages.slips import SLIPS, know_slips, slip_row
from api.pages.supplies import supply_board
from api.pages.tracing import NothingToTrace, gift, trace_lot, trace_slip
from api.planning.reallocation import proposal_body, proposed
from api.routes.handing import receipt_code
from api.routes.session import ANYBODY
from api.routes.stock import LineBody, LotId, Quantity
from api.world.world import World, id_of
from coordination.kernel import Refusal
from coordination.mode.decide import UnknownPlaybook
from coordination.mode.state import playbook_stream
from coordination.playbook import LEVEL_NAMES, ROMAN, Playbook
from coordination.reallocation.decide import (
    LEGS_MAX,
    ApproveReallocation,
    Ordered,
)
from coordination.reallocation.events import Leg
from coordination.requisitions.decide import Compensate, GiveBack
from coordination.requisitions.state import requisition_stream
from coordination.stock.lines import LINES_MAX, NotOut
from projections.board import AREA, ORDER, Area
from projections.names import Names
from projections.rollup import scopes
from projections.slips import SLIP
from projections.store import seen, shown_at
from projections.supplies import STOCK

router = APIRouter(tags=["supplies"], responses=ERRORS)
HOURS_MAX = 336
InForce = tuple[Playbook, int, Covers, str]
"""Playbook, level, scope test, emergency."""


class Proposing(Strict):
    """Where, and of which items, stock is to be shared out; no items: of all."""

    area: Code
    items: Annotated[list[Id], Field(max_length=500)] = Field(default_factory=list)
    seen_seq: Seq = 0


class LegBody(Strict):
    """So many base units of an item, from one station to another."""

    source: SiteId
    to: SiteId
    item: Id
    quantity: Quantity


class Approving(Strict):
    """The legs that are approved, and the proposal that was on the screen."""

    area: Code
    digest: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    legs: Annotated[list[LegBody], Field(min_length=1, max_length=LEGS_MAX)]
    reason: Text = ""
    basis: Text = ""
    seen_seq: Seq = 0


class Back(Strict):
    """What goes back to its owner; ``station``: where it is now."""

    station: SiteId | None = None
    lines: Annotated[list[LineBody], Field(min_length=1, max_length=200)]
    reason: Text = ""
    basis: Text = ""
    seen_seq: Seq = 0


class Paying(Strict):
    """What is paid for; ``fen``: hundredths of a yuan."""

    lines: Annotated[list[LineBody], Field(min_length=1, max_length=200)]
    fen: Annotated[int, Field(ge=0, le=10**13)]
    document: Annotated[Text, Field(max_length=80)]
    reason: Text = ""
    basis: Text = ""
    seen_seq: Seq = 0


def _goods(request: Request, world: World, c: Any) -> Goods:
    at = shown_at(c, None)
    return Goods(c, Names(c, at, accounts_of(request).name_of), world.clock())


def _area(c: Any, code: str) -> Area:
    """Return a registered area, the world's whole if it holds several at its top.

    :raises UnknownArea: if there is none
    """
    path = path_shown(c, code)
    return AREA.get(c, code) or Area(code, path, code, "", "", 0, 0)


@router.get("/stock/board", **reads("view.situation"))
async def board(request: Request, world: TheWorld, area: Code) -> Response:
    """Return the supply board of an area (物资保障看板)."""

    def ask() -> dict[str, Any]:
        with world.reading() as c:
            found = supply_board(c, _area(c, area), _goods(request, world, c))
            return {**found, "seq": seen(c)}

    return answer(await asyncio.to_thread(ask))


def _in_force(c: Any, path: str, emergency: str) -> InForce | None:
    """Return playbook, level, scope test and id of what is in force at a place.

    Of the emergency named, else of the gravest that touches the place.
    """
    names = Names(c, None)
    found = [
        scope
        for scope in scopes(ORDER.select(c, at=None))
        if (scope.order.emergency == emergency if emergency else True)
        and any(p.startswith(path) or path.startswith(p) for p in scope.included)
    ]
    if not found:
        return None
    scope = min(found, key=lambda s: (s.order.level, s.order.declared_us))
    playbook = names.playbook(scope.order.playbook_digest)
    if playbook is None:
        return None
    return playbook, scope.order.level, scope.covers, scope.order.emergency


def _anywhere(_path: str) -> bool:
    return True


def _published(world: World, playbook: str) -> Playbook:
    """Return the newest version of a playbook.

    :raises UnknownPlaybook: if none is published
    """
    published = world.state(playbook_stream(playbook))
    if not published.newest:
        raise UnknownPlaybook(playbook=playbook)
    return published.by_digest[published.newest]


@router.get("/stock/needs", **reads("view.situation"))
async def needs(
    request: Request,
    world: TheWorld,
    area: Code,
    emergency: EmergencyId | None = None,
    playbook: Id | None = None,
    level: Annotated[str, Query(pattern=r"^(I|II|III|IV)$")] = "III",
) -> Response:
    """Return what a playbook needs in an area against what is there (预案物资需求).

    Of the emergency in force there, or of ``playbook`` at ``level`` as if it were.
    """

    def ask() -> dict[str, Any]:
        with world.reading() as c:
            goods, path = _goods(request, world, c), path_shown(c, area)
            as_if: InForce | None = None
            if playbook:
                as_if = _published(world, playbook), ROMAN[level], _anywhere, ""
            found = as_if if playbook else _in_force(c, path, emergency or "")
            if found is None:
                return {"assessed": False, "rows": [], "seq": seen(c)}
            plan, at_level, covers, of = found

            def here(where: str) -> bool:
                return where.startswith(path) and covers(where)

            needed = needed_in(c, plan, at_level, here, goods)
            return {
                "assessed": True,
                "emergency": of,
                "playbook": plan.id,
                "playbook_zh": plan.zh,
                "playbook_en": plan.en,
                "level": LEVEL_NAMES[at_level],
                "rows": need_rows(c, needed, here, goods, path),
                "seq": seen(c),
            }

    return answer(await asyncio.to_thread(ask))


@router.get("/stock/ahead", **reads("view.situation"))
async def hours_ahead(
    request: Request,
    world: TheWorld,
    area: Code,
    item: Id,
    hours: Annotated[int, Query(ge=1, le=HOURS_MAX)] = HORIZON_HOURS,
) -> Response:
    """Return how much of an item is left at each hour ahead (按小时预测)."""

    def ask() -> dict[str, Any]:
        with world.reading() as c:
            goods, path = _goods(request, world, c), path_shown(c, area)
            in_force, daily = _in_force(c, path, ""), 0
            if in_force is not None:
                plan, level, covers, _ = in_force

                def here(where: str) -> bool:
                    return where.startswith(path) and covers(where)

                needed = needed_in(c, plan, level, here, goods).get(item)
                daily = needed.daily if needed else 0
            t = STOCK.table.c
            rows = STOCK.where(c, STOCK.inside(path), t.item == item, at=goods.names.at)
            minimum = sum(levels_of(r, goods.modes.at(r.path))[0] for r in rows)
            found = course(
                c, item, path, goods, hours=hours, daily=daily, minimum=minimum
            )
            return {**found, "seq": seen(c)}

    return answer(await asyncio.to_thread(ask))


@router.post("/stock/propose", **acts("stock.reallocate"))
async def proposing(body: Proposing, write: Write) -> Response:
    """Propose what stations should send one another; nothing is stored (调配建议)."""
    world = write.world
    path = world.places((body.area,))[0].path
    world.entitle(write.by(body.seen_seq), ApproveReallocation.ACTION, (path,))

    def ask() -> dict[str, Any]:
        with world.reading() as c:
            goods = _goods(write.request, world, c)
            found = proposed(c, path, body.items, goods)
            return {**proposal_body(found, goods), "seq": seen(c)}

    return answer(await asyncio.to_thread(ask))


@router.post("/stock/reallocate", status_code=201, **acts("stock.reallocate"))
async def reallocate(body: Approving, write: Write) -> Response:
    """Approve a reallocation: it becomes transfer orders (批准调配)."""
    world = write.world
    legs = tuple(Leg(x.source, x.to, x.item, x.quantity) for x in body.legs)
    pairs = Counter((leg.source, leg.to) for leg in legs)
    command = ApproveReallocation(
        reallocation=id_of("w", write.command_id),
        area=world.places((body.area,))[0],
        digest=body.digest,
        legs=legs,
        slips=tuple(
            Ordered(source, to, id_of("t", f"{write.command_id}:{source}>{to}:{n}"))
            for (source, to), count in pairs.items()
            for n in range(-(-count // LINES_MAX))
        ),
        reason=body.reason,
        basis=body.basis,
    )
    receipt = await world.do(command, write.by(body.seen_seq))
    found = {
        "id": command.reallocation,
        "transfers": [
            {"slip": o.slip, "source": o.source, "to": o.to} for o in command.slips
        ],
    }
    return answer({**receipt_fields(receipt), **found}, 201)


@router.get("/stock/trace", **reads("view.situation"))
async def trace(
    request: Request,
    world: TheWorld,
    item: Id | None = None,
    lot: LotId | None = None,
    slip: SlipId | None = None,
) -> Response:
    """Return the way of a lot, or of all lots on a slip, both ways (追溯)."""

    def ask() -> dict[str, Any]:
        with world.reading() as c:
            goods = _goods(request, world, c)
            if slip:
                found = trace_slip(c, slip, goods)
            elif item and lot:
                found = trace_lot(c, item, lot, goods)
            else:
                raise NothingToTrace
            return {**found, "seq": seen(c)}

    return answer(await asyncio.to_thread(ask))


# --- requisitions --------------------------------------------------------------------


@router.get("/requisitions", **reads("view.situation"))
async def requisitions(
    request: Request,
    world: TheWorld,
    asked: AskedFor,
    area: Code | None = None,
    emergency: EmergencyId | None = None,
) -> Response:
    """Return what was requisitioned, and what of it is still out (征用清单)."""

    def ask() -> Response:
        with world.reading() as c:
            goods = _goods(request, world, c)
            path = path_shown(c, area) if area else ""
            t = SLIP.table.c
            where = [t.kind == "receipt", t.emergency != ""]
            where += [t.emergency == emergency] if emergency else []
            rows = [
                row
                for row in SLIP.where(c, *where, at=goods.names.at)
                if row.path.startswith(path)
            ]
            know_slips(rows, goods)
            page = page_of((slip_row(row, goods) for row in rows), asked, SLIPS)
            page["seq"] = seen(c)
        return respond(page, SLIPS.columns, asked, "征用清单", world.settings.zone)

    return await asyncio.to_thread(ask)


def _requisitioned(world: World, slip: str) -> str:
    """Return the station that took something.

    :raises NotOut: if it is no requisition
    """
    received = world.state(requisition_stream(slip)).received
    if received is None:
        raise NotOut(slip=slip)
    return received.station


@router.post("/requisitions/{slip}/give-back", **acts("requisition.settle"))
async def give_back(slip: SlipId, body: Back, write: Write) -> Response:
    """Give requisitioned goods back to their owner (归还)."""
    command = GiveBack(
        station=body.station or _requisitioned(write.world, slip),
        slip=slip,
        lines=tuple(line.line for line in body.lines),
        reason=body.reason,
        basis=body.basis,
    )
    receipt = await write.world.do(command, write.by(body.seen_seq))
    return answer({**receipt_fields(receipt), "id": slip})


@router.post("/requisitions/{slip}/compensate", **acts("requisition.settle"))
async def compensate(slip: SlipId, body: Paying, write: Write) -> Response:
    """Pay for requisitioned goods (补偿)."""
    command = Compensate(
        station=_requisitioned(write.world, slip),
        slip=slip,
        lines=tuple(line.line for line in body.lines),
        fen=body.fen,
        document=body.document,
        reason=body.reason,
        basis=body.basis,
    )
    receipt = await write.world.do(command, write.by(body.seen_seq))
    return answer({**receipt_fields(receipt), "id": slip})


# --- gifts ---------------------------------------------------------------------------


class UnknownGift(Refusal):
    """No such receipt, or not its code: nobody learns which (收据或查询码有误)."""

    code = "donations.unknown"
    zh = "收据编号或查询码有误"
    en = "no such receipt, or not its code"


@router.get("/donations", **ANYBODY)
async def donation(
    request: Request,
    number: Annotated[
        str, Query(pattern=r"^[1-9][0-9a-z]{1,24}-s[0-9]{1,3}-[0-9]{1,9}$")
    ],
    code: Annotated[str, Query(pattern=r"^[0-9a-f]{10}$")],
) -> Response:
    """Return what became of a gift; whoever has the receipt may ask (捐赠去向)."""
    world = world_of(request)
    station, _, counted = number.rpartition("-")

    def ask() -> dict[str, Any]:
        with world.reading() as c:
            t = SLIP.table.c
            rows = SLIP.where(
                c,
                t.kind == "receipt",
                t.station == station,
                t.number == int(counted),
                at=None,
            )
            for row in rows:
                if hmac.compare_digest(receipt_code(world, row.slip), code):
                    found = gift(c, row, _goods(request, world, c))
                    return {"number": number, **found}
        raise UnknownGift

    return answer(await asyncio.to_thread(ask))
