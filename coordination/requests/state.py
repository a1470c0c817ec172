"""What the facts of a request fold to (申领状态)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Annotated

from coordination.fields import named, pattern
from coordination.kernel import Command, Event, Read, Streams
from coordination.late import not_before
from coordination.refusals import NotFound, Refusal
from coordination.requests.events import (
    DeliveryConfirmed,
    DeliveryTakenBack,
    RequestDelivered,
    RequestDispatched,
    RequestMade,
    RequestRefused,
    RequestReturned,
    RequestTriaged,
    RequestWithdrawn,
)
from coordination.stock.slips import quantities

ASKED, TRIAGED, REFUSED, WITHDRAWN = "ASKED", "TRIAGED", "REFUSED", "WITHDRAWN"
Quantities = Mapping[str, int]
RequestId = Annotated[
    str,
    pattern(r"[1-9][0-9a-z]{1,24}-q-[0-9a-f]{10}"),
    named("申领单号", "Request", "such as 310117001001-q-0123456789"),
]


@dataclass(frozen=True, slots=True)
class Request:
    """物资申领. ``brought``: who brought a slip, empty: nobody; ``gave``: it out."""

    made: RequestMade | None = None
    state: str = ASKED
    station: str = ""
    priority: int = 0
    wanted: Quantities = field(default_factory=dict)
    dispatched: Quantities = field(default_factory=dict)
    brought: Mapping[str, str] = field(default_factory=dict)
    gave: Mapping[str, str] = field(default_factory=dict)
    confirmed: frozenset[str] = frozenset()


def evolve_request(request: Request, event: Event) -> Request:
    """Fold one fact of a request's stream."""
    match event:
        case RequestMade():
            return Request(event, wanted=quantities(event.lines))
        case RequestTriaged():
            return replace(
                request,
                state=TRIAGED,
                station=event.station,
                priority=event.priority,
                wanted=quantities(event.lines),
            )
        case RequestRefused():
            return replace(request, state=REFUSED)
        case RequestWithdrawn():
            return replace(request, state=WITHDRAWN)
        case RequestDispatched():
            sent = quantities(event.lines)
            both = {*request.dispatched, *sent}
            total = {i: request.dispatched.get(i, 0) + sent.get(i, 0) for i in both}
            brought = {**request.brought, event.slip: ""}
            gave = {**request.gave, event.slip: event.by}
            return replace(request, dispatched=total, brought=brought, gave=gave)
        case RequestReturned():
            back = quantities(event.lines)
            left = {i: q - back.get(i, 0) for i, q in request.dispatched.items()}
            return replace(request, dispatched=left)
        case RequestDelivered():
            brought = {**request.brought, event.slip: event.by}
            return replace(request, brought=brought)
        case DeliveryConfirmed():
            return replace(request, confirmed=request.confirmed | {event.slip})
        case DeliveryTakenBack() if event.confirmed:
            return replace(request, confirmed=request.confirmed - {event.slip})
        case DeliveryTakenBack():
            return replace(request, brought={**request.brought, event.slip: ""})
        case _:
            return request


request_stream = Streams("request", Request(), evolve_request)


def request_path(request: str) -> str:
    """Return the path of the area that asks: the id begins with it."""
    return request.partition("-")[0]


class OfRequest(Command, frozen=True, kw_only=True):
    """What is decided about one request, where it was asked."""

    STREAM = "request/{0.request}"  # the request's stream
    ACTION = "request.triage"
    request: RequestId

    def places(self, _read: Read, /) -> tuple[str, ...]:
        """Who asks."""
        return (request_path(self.request),)


UnknownRequest = NotFound.of(
    "requests.unknown",
    "没有申领单 {request}",
    "there is no request {request}",
    field="request",
)
WrongState = Refusal.of(
    "requests.wrong-state",
    "申领单 {request} 当前状态不能这样办理",
    "request {request} is not in a state for this",
    "请刷新后查看它办到了哪一步",
    "reload and see how far it is",
)


def open_request(read: Read, request: str, *states: str) -> Request:
    """Return a request in one of some states.

    :raises UnknownRequest: if there is none
    :raises WrongState: if it is in another
    :raises TooEarly: if it is said to have happened before it was made
    """
    about = request_stream(request)
    found = read(about)
    UnknownRequest.unless(found.made, request=request)
    not_before(read, about.id, "提出申领", "the request was made")
    if found.state not in states:
        raise WrongState(request=request)
    return found
