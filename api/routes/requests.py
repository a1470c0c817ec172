"""Requests for goods (物资申领): asked, triaged, kept, sent, brought, confirmed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from api.http.declared import Decision, Done, Said
from api.http.given import GivenOut, given_out
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

if TYPE_CHECKING:
    from api.http.deps import Writing


class Allocated(msgspec.Struct):
    """What is kept for a request, and what is on back-order."""

    id: str
    lines: tuple[Wanted, ...]
    short: tuple[Wanted, ...]


class Sent(GivenOut):
    """What was given out for a request, and the lots that were passed over."""

    request: str


def allocated(done: Done) -> Allocated:
    """Return what is kept, as the log has it."""
    fact = next(f for f in done.facts if isinstance(f, GoodsAllocated))
    return Allocated(fact.request, fact.lines, fact.short)


def sent(done: Done) -> Sent:
    """Return what left, as the log has it."""
    found = given_out(done.facts)
    return Sent(found.id, found.lines, found.passed, done.command.request)


async def numbered(_write: Writing, command: MakeRequest) -> MakeRequest:
    """Return the command with its whole id, which begins with who asks."""
    request = f"{command.area.path}-{command.request}"
    return msgspec.structs.replace(command, request=request)


def _kept(found: dict[str, Any]) -> list[str]:
    told = [f"已配 {x['item']} {x['quantity']}" for x in found["lines"]]
    return told + [f"欠货 {x['item']} {x['quantity']}" for x in found["short"]]


def _left(found: dict[str, Any]) -> list[str]:
    lines = found["lines"]
    told = [f"  {x['item']} 批次 {x['lot']} {x['quantity']}" for x in lines]
    return [f"已出库 {found['id']}", *told]


DECISIONS = (
    Decision(
        path="/requests",
        command=MakeRequest,
        words="request make",
        arguments=("area", "lines"),
        made={"request": "q"},
        look=numbered,
        answers=Said("id=request"),
        status=201,
        tells=lambda found: [f"已申领 {found['id']}"],
    ),
    Decision(
        path="/requests/{request}/triage",
        command=TriageRequest,
        answers=Said("id=request"),
    ),
    Decision(
        path="/requests/{request}/refuse",
        command=RefuseRequest,
        words="request refuse",
        answers=Said("id=request"),
        tells=lambda found: [f"已退回 {found['id']}"],
    ),
    Decision(
        path="/requests/{request}/withdraw",
        command=WithdrawRequest,
        words="request withdraw",
        answers=Said("id=request"),
        tells=lambda found: [f"已撤回 {found['id']}"],
    ),
    Decision(
        path="/requests/{request}/allocate",
        command=AllocateRequest,
        words="request allocate",
        answers=allocated,
        tells=_kept,
    ),
    Decision(
        path="/requests/{request}/dispatch",
        command=DispatchRequest,
        words="request dispatch",
        made={"slip": "i"},
        answers=sent,
        tells=_left,
    ),
    Decision(
        path="/requests/{request}/deliver",
        command=Deliver,
        words="request deliver",
        answers=Said("id=request"),
        tells=lambda found: [f"已送达 {found['slip']}"],
    ),
    Decision(
        path="/requests/{request}/confirm",
        command=ConfirmDelivery,
        words="request confirm",
        answers=Said("id=request"),
        tells=lambda found: [f"已签收 {found['slip']}"],
    ),
)
