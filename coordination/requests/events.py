"""Facts about requests for goods (物资申领). Vocabulary kept for ever."""

from __future__ import annotations

import msgspec

from coordination.corrects import Correcting
from coordination.kernel import Event


class Wanted(msgspec.Struct, frozen=True):
    """A line of a request: base units of an item."""

    item: str
    quantity: int


class _OfRequest(Event, frozen=True, kw_only=True):
    """A fact in a request's own stream; its id begins with the area's code."""

    STREAM = "request/{0.request}"  # one stream for each request
    request: str


class RequestMade(_OfRequest, frozen=True, kw_only=True):
    """物资申领: a community or squad asks. ``priority``: 1 life 急 to 3 routine.

    ``to``: where it is to be brought: an area code, local codes too. ``needed_by_us``
    0: not stated.
    """

    NAME = "requests.made.1"
    ANEW = ("WithdrawRequest",)
    area: str
    squad: str
    lines: tuple[Wanted, ...]
    priority: int
    to: str
    needed_by_us: int
    by: str


class RequestTriaged(_OfRequest, frozen=True, kw_only=True):
    """申领分诊: which station serves it, how urgent it is, what is granted."""

    NAME = "requests.triaged.1"
    ANEW = ("TriageRequest",)
    station: str
    priority: int
    lines: tuple[Wanted, ...]


class RequestRefused(_OfRequest, frozen=True, kw_only=True):
    """申领退回: with the reason in the envelope."""

    NAME = "requests.refused.1"
    ANEW = ("MakeRequest",)


class RequestWithdrawn(_OfRequest, frozen=True, kw_only=True):
    """申领撤回: nobody needs it any more; what was reserved is free again."""

    NAME = "requests.withdrawn.1"
    ANEW = ("MakeRequest",)


class GoodsAllocated(_OfRequest, frozen=True, kw_only=True):
    """申领配货: reserved now; what ``short`` says stays on back-order (欠货)."""

    NAME = "requests.allocated.1"
    ANEW = ("Release",)
    station: str
    lines: tuple[Wanted, ...]
    short: tuple[Wanted, ...]


class RequestDispatched(_OfRequest, frozen=True, kw_only=True):
    """申领出库: the reserved goods left with a slip; ``kept``: what still is for it.

    ``by``: the account that gave them out.
    """

    NAME = "requests.dispatched.1"
    ANEW = ("ReturnGoods",)
    slip: str
    lines: tuple[Wanted, ...]
    by: str
    kept: tuple[Wanted, ...] = ()


class RequestReturned(_OfRequest, frozen=True, kw_only=True):
    """申领退回: goods sent for it came back with their slip; they are wanted still."""

    NAME = "requests.returned.1"
    slip: str
    lines: tuple[Wanted, ...]


class RequestDelivered(_OfRequest, frozen=True, kw_only=True):
    """送达: ``proof``: what shows it: a code told by whoever took it, a note.

    ``by``: the account that brought it.
    """

    NAME = "requests.delivered.1"
    slip: str
    proof: str
    by: str


class DeliveryConfirmed(_OfRequest, frozen=True, kw_only=True):
    """签收确认: the side that asked says it is there. ``by``: the account."""

    NAME = "requests.confirmed.1"
    slip: str
    by: str


class DeliveryTakenBack(Correcting, frozen=True, kw_only=True):
    """送达更正: a slip was not brought, or not ``confirmed`` by whoever asked."""

    STREAM = "request/{0.request}"  # the request's own stream
    NAME = "requests.delivery-taken-back.1"
    ANEW = ("Deliver", "ConfirmDelivery")
    request: str
    slip: str
    confirmed: bool
