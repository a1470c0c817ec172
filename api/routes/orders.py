"""Orders to the base (指令): issue, answer, remind, withdraw; who has not answered."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter, Request, Response
from pydantic import Field

from api.http.body import Code, Id, Moment, Needed, Seq, Strict, Text
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
from api.http.lists import AskedFor, page_of, respond
from api.http.plain import receipt_fields
from api.pages.board import path_shown
from api.pages.orders import (
    LISTING,
    RECIPIENTS,
    STANDING,
    order_body,
    order_row,
    recipient_rows,
    touches,
)
from api.world.world import World, id_of
from coordination.grants.state import held_by
from coordination.kernel import Refusal
from coordination.orders.decide import (
    LIMIT_MINUTES_MAX,
    AnswerOrder,
    IssueOrder,
    RemindOrder,
    UnknownOrder,
    WithdrawOrder,
)
from coordination.orders.state import LEVEL_OF, ORDERS, Issued
from coordination.tree import Place
from projections.directives import ANSWER, ISSUED
from projections.names import Names
from projections.store import seen

router = APIRouter(tags=["orders"], responses=ERRORS)
OrderId = Annotated[str, Field(pattern=r"^o-[0-9a-f]{10}$")]
Minutes = Annotated[int, Field(ge=0, le=LIMIT_MINUTES_MAX)]
AREAS_MAX = 500


class OrderBody(Strict):
    """What is ordered, to which roles where, by when. Minutes 0: no limit."""

    title: Annotated[Needed, Field(max_length=100)]
    text: Annotated[Needed, Field(max_length=500)]
    scope: Annotated[list[Code], Field(min_length=1, max_length=AREAS_MAX)]
    excluded: Annotated[list[Code], Field(max_length=AREAS_MAX)] = Field(
        default_factory=list
    )
    roles: Annotated[list[Id], Field(min_length=1, max_length=len(LEVEL_OF))]
    ack_minutes: Minutes
    done_minutes: Minutes = 0
    emergency: Annotated[str, Field(pattern=r"^(e-[0-9a-f]{10})?$")] = ""
    corrects: Annotated[str, Field(pattern=r"^(o-[0-9a-f]{10})?$")] = ""
    basis: Text = ""
    reason: Text = ""
    seen_seq: Seq = 0
    occurred_at: Moment | None = None


class Why(Strict):
    """A reason, where one is needed."""

    reason: Text = ""
    seen_seq: Seq = 0


class AnswerBody(Strict):
    """For whom is answered; absent: for the caller's own role."""

    area: Code | None = None
    role: Id | None = None
    note: Text = ""
    seen_seq: Seq = 0
    occurred_at: Moment | None = None


class NotARecipient(Refusal):
    """None of the caller's roles is addressed (非接收人)."""

    code = "orders.not-a-recipient"
    zh = "您的角色不是指令 {order} 的接收人，请写明区域和角色"
    en = "none of your roles is addressed by order {order}; name area and role"
    field = "area"


def _issued(world: World, order: str) -> Issued:
    known = world.state(ORDERS).get(order)
    if known is None:
        raise UnknownOrder(order=order)
    return known


@router.get("/orders", **reads("view.orders"))
async def orders(
    request: Request,
    world: TheWorld,
    asked: AskedFor,
    area: Code | None = None,
) -> Response:
    """Return orders and how many have answered (指令)."""
    name_of = accounts_of(request).name_of

    def ask() -> Response:
        with world.reading() as c:
            names = Names(c, None, name_of)
            path = path_shown(c, area) if area else ""
            rows = [
                order_row(c, row, names, name_of)
                for row in ISSUED.select(c, at=None)
                if touches(row, path)
            ]
            page = page_of(rows, asked, LISTING)
            page["seq"] = seen(c)
        return respond(page, LISTING.columns, asked, "指令", world.settings.zone)

    return await asyncio.to_thread(ask)


@router.get("/orders/mine", **reads("self"))
async def my_orders(request: Request, world: TheWorld, caller: Caller) -> Response:
    """Return the orders addressed to the caller's roles, open ones first."""
    name_of = accounts_of(request).name_of
    held = list(held_by(world.read(), caller.account, world.clock()))

    def ask() -> dict[str, Any]:
        found = []
        with world.reading() as c:
            names = Names(c, None, name_of)
            known = world.state(ORDERS)
            for row in ISSUED.select(c, at=None):
                for grant in held:
                    area, role = grant.given.area, grant.given.role
                    if area is None or not known[row.directive].addresses(
                        area.path, area.level, role
                    ):
                        continue
                    reply = ANSWER.get(c, f"{row.directive} {area.path} {role}")
                    found.append(
                        {
                            **order_row(c, row, names, name_of),
                            "as_area": area.code,
                            "as_area_name": names.area(area.code),
                            "as_role": role,
                            "my_state": reply.state if reply else "OPEN",
                        }
                    )
            shown = seen(c)
        found.sort(key=lambda o: -o["seq"])
        done = ("DONE",)
        found.sort(key=lambda o: o["state"] != STANDING or o["my_state"] in done)
        return {"rows": found, "seq": shown}

    return answer(await asyncio.to_thread(ask))


@router.get("/orders/{order}", **reads("view.orders"))
async def order(request: Request, order: OrderId, world: TheWorld) -> Response:
    """Return an order with who has not acknowledged, by street."""
    name_of = accounts_of(request).name_of

    def ask() -> dict[str, Any]:
        with world.reading() as c:
            row = ISSUED.get(c, order)
            if row is None:
                raise UnknownOrder(order=order)
            names = Names(c, None, name_of)
            return {**order_body(c, row, names, name_of), "shown_seq": seen(c)}

    return answer(await asyncio.to_thread(ask))


@router.get("/orders/{order}/recipients", **reads("view.orders"))
async def order_recipients(
    request: Request, order: OrderId, world: TheWorld, asked: AskedFor
) -> Response:
    """Return everybody an order is addressed to, with their answers and times."""
    name_of = accounts_of(request).name_of

    def ask() -> Response:
        with world.reading() as c:
            row = ISSUED.get(c, order)
            if row is None:
                raise UnknownOrder(order=order)
            names = Names(c, None, name_of)
            rows = recipient_rows(c, row, names, name_of)
            page = page_of(rows, asked, RECIPIENTS)
            page["seq"] = seen(c)
        zone = world.settings.zone
        return respond(page, RECIPIENTS.columns, asked, f"指令签收 {row.title}", zone)

    return await asyncio.to_thread(ask)


@router.post("/orders", status_code=201, **acts("order.issue"))
async def issue(body: OrderBody, write: Write) -> Response:
    """Issue an order straight to the base (下达指令)."""
    made = id_of("o", write.command_id)
    command = IssueOrder(
        order=made,
        emergency=body.emergency,
        scope=write.world.places(tuple(body.scope)),
        excluded=write.world.places(tuple(body.excluded)),
        roles=tuple(dict.fromkeys(body.roles)),
        title=body.title,
        text=body.text,
        ack_minutes=body.ack_minutes,
        done_minutes=body.done_minutes,
        corrects=body.corrects,
        basis=body.basis,
        reason=body.reason,
    )
    by = write.by(body.seen_seq, body.occurred_at)
    receipt = await write.world.do(command, by)
    return answer({**receipt_fields(receipt), "order": made, "state": "STANDING"}, 201)


@router.post("/orders/{order}/withdraw", **acts("order.withdraw"))
async def withdraw(order: OrderId, body: Why, write: Write) -> Response:
    """Withdraw an order; it stays to be seen (撤销指令)."""
    command = WithdrawOrder(order=order, reason=body.reason)
    receipt = await write.world.do(command, write.by(body.seen_seq))
    return answer({**receipt_fields(receipt), "order": order, "state": "WITHDRAWN"})


@router.post("/orders/{order}/remind", **acts("order.remind"))
async def remind(order: OrderId, body: Why, write: Write) -> Response:
    """Remind whoever has not acknowledged (催办)."""
    command = RemindOrder(order=order, reason=body.reason)
    receipt = await write.world.do(command, write.by(body.seen_seq))
    return answer({**receipt_fields(receipt), "order": order, "state": "STANDING"})


def recipient_for(
    world: World, issued: Issued, account: str, area: str | None, role: str | None
) -> tuple[Place, str]:
    """Return for whom an account answers: as named, else by its own grants.

    :raises NotARecipient: if nothing is named and no grant is addressed
    """
    if area is not None and role is not None:
        return world.places((area,))[0], role
    for grant in held_by(world.read(), account, world.clock()):
        mine = grant.given.area
        if mine is None or (area is not None and mine.code != area):
            continue
        if issued.addresses(mine.path, mine.level, grant.given.role):
            return mine, grant.given.role
    if area is not None:  # its level says who is meant
        place = world.places((area,))[0]
        for known in issued.fact.roles:
            if issued.addresses(place.path, place.level, known):
                return place, known
    raise NotARecipient(order=issued.fact.order)


async def _reply(order: str, body: AnswerBody, write: Write, *, done: bool) -> Response:
    world, issued = write.world, _issued(write.world, order)
    area, role = recipient_for(
        world, issued, write.caller.account, body.area, body.role
    )
    command = AnswerOrder(
        order=order, area=area, role=role, done=done, note=body.note if done else ""
    )
    by = write.by(body.seen_seq, body.occurred_at)
    receipt = await world.do(command, by)
    state = "DONE" if done else "ACKNOWLEDGED"
    return answer(
        {
            **receipt_fields(receipt),
            "order": order,
            "area": area.code,
            "role": role,
            "state": state,
        }
    )


@router.post("/orders/{order}/acknowledge", **acts("order.answer"))
async def acknowledge(order: OrderId, body: AnswerBody, write: Write) -> Response:
    """Acknowledge an order (签收指令)."""
    return await _reply(order, body, write, done=False)


@router.post("/orders/{order}/done", **acts("order.answer"))
async def done(order: OrderId, body: AnswerBody, write: Write) -> Response:
    """Record that an order is carried out (办结指令)."""
    return await _reply(order, body, write, done=True)
