"""Supplies (物资保障): reallocation approved; requisitions given back or paid for."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from decimal import Decimal
from typing import Annotated, Any, ClassVar

import msgspec

from api.http.declared import Decision, Done, Writing
from coordination.fields import Code, Id, named
from coordination.kernel import Command
from coordination.reallocation.decide import ApproveReallocation
from coordination.requisitions.decide import Compensate, GiveBack
from coordination.transfers.events import TransferOrdered


class ProposeReallocation(Command, frozen=True, kw_only=True):
    """调配建议: what stations should send one another; no items: of all."""

    ACTION: ClassVar[str] = ApproveReallocation.ACTION
    area: Code
    items: Annotated[
        tuple[Id, ...], msgspec.Meta(max_length=500), named("物资", "Items")
    ] = ()


async def propose(write: Writing, command: ProposeReallocation) -> dict[str, Any]:
    """Show what a person reviews before they approve; nothing is stored."""
    # The command line reads the rows below and starts quicker without these.
    from api.http.look import looking  # noqa: PLC0415
    from api.pages.goods import goods_of  # noqa: PLC0415
    from api.planning.reallocation import proposal_body, proposed  # noqa: PLC0415

    path = write.world.places((command.area,))[0].path
    write.world.entitle(write.caller.by, command.ACTION, (path,))

    def ask() -> dict[str, Any]:
        with looking(write.request, write.caller) as look:
            goods = goods_of(look)
            found = proposed(look.c, path, command.items, goods)
            return {**proposal_body(found, goods), "seq": look.seq}

    return await asyncio.to_thread(ask)


class Transfer(msgspec.Struct):
    """An order: one station is to send goods to another."""

    slip: str
    source: str
    to: str


class Approved(msgspec.Struct):
    """A reallocation, and the transfers it became."""

    id: str
    transfers: list[Transfer]


def approved(done: Done) -> Approved:
    """Return the transfers that were ordered."""
    orders = [
        Transfer(fact.slip, fact.station, fact.to)
        for fact in done.facts
        if isinstance(fact, TransferOrdered)
    ]
    return Approved(done.command.reallocation, orders)


def paid_told(found: dict[str, Any]) -> Iterator[str]:
    """Yield what was paid, and the document that shows it."""
    sum_ = f"{Decimal(found['fen']) / 100} 元，凭证 {found['document']}"
    yield f"已补偿 {found['id']} {len(found['lines'])} 行，{sum_}"


DECISIONS = (
    Decision(
        path="/stock/propose", command=ProposeReallocation, shows=propose, keyed=True
    ),
    Decision(
        path="/stock/reallocate",
        command=ApproveReallocation,
        made={"reallocation": "w"},
        answers=approved,
    ),
    Decision(
        path="/requisitions/{slip}/give-back",
        command=GiveBack,
        words="stock give-back",
        all_of="slips/{slip}",
        records="settle",
        tells=lambda found: [f"已归还 {found['id']} {len(found['lines'])} 行"],
    ),
    Decision(
        path="/requisitions/{slip}/compensate",
        command=Compensate,
        words="stock compensate",
        all_of="slips/{slip}",
        records="settle",
        tells=paid_told,
    ),
)
