"""Requests for goods (物资申领): asked, triaged, kept, sent, brought, confirmed."""

from __future__ import annotations

from typing import Any

import msgspec

from api.http.declared import Decision, Done, Said, Tells, Writing
from api.http.given import GivenOut, given_out, given_told
from coordination.kernel import Command
from coordination.requests.decide import (
    MakeRequest,
    RefuseRequest,
    TriageRequest,
    WithdrawRequest,
)
from coordination.requests.events import GoodsAllocated
from coordination.requests.fulfilment import (
    AllocateRequest,
    ConfirmDelivery,
    Deliver,
    DispatchRequest,
)


class Sent(GivenOut):
    """What was given out for a request, and the lots that were passed over."""

    request: str


def sent(done: Done) -> Sent:
    """Return what left, as the log has it."""
    found = given_out(done)
    return Sent(found.id, found.lines, found.passed, done.command.request)


async def numbered(_write: Writing, command: MakeRequest) -> MakeRequest:
    """Return the command with its whole id, which begins with who asks."""
    request = f"{command.area.path}-{command.request}"
    return msgspec.structs.replace(command, request=request)


def _kept(found: dict[str, Any]) -> list[str]:
    told = [f"已配 {x['item']} {x['quantity']}" for x in found["lines"]]
    return told + [f"欠货 {x['item']} {x['quantity']}" for x in found["short"]]


def _about(act: str, command: type[Command], tells: Tells, **more: Any) -> Decision:
    """Return the row of what is done about one request."""
    return Decision(
        path=f"/requests/{{request}}/{act}",
        command=command,
        words=f"request {act}",
        tells=tells,
        **more,
    )


DECISIONS = (
    Decision(
        path="/requests",
        command=MakeRequest,
        alike=("area", "squad", "lines"),
        words="request make",
        arguments=("area", "lines"),
        made={"request": "q"},
        look=numbered,
        tells="已申领 {id}",
    ),
    _about(
        "triage",
        TriageRequest,
        "已分诊 {id} → {station}",
        arguments=("lines",),
        as_shown=("requests?q={request}", "lines", "priority"),
    ),
    _about("refuse", RefuseRequest, "已退回 {id}"),
    _about("withdraw", WithdrawRequest, "已撤回 {id}"),
    _about(
        "allocate",
        AllocateRequest,
        _kept,
        answers=Said("id=request", "lines", "short", of=GoodsAllocated),
    ),
    _about(
        "dispatch",
        DispatchRequest,
        given_told,
        answers=sent,
        made={"slip": "i"},
        status=200,
    ),
    _about("deliver", Deliver, "已送达 {slip}"),
    _about("confirm", ConfirmDelivery, "已签收 {slip}"),
)
