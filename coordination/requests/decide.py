"""Rules of requests for goods (物资申领): asked, triaged, kept, sent, brought."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Annotated

import msgspec

from coordination.fields import AREA_CODE, Expected, Moment, StationId, named, pattern
from coordination.filled import filled
from coordination.kernel import VERSION_HELD, Event, Held, Read, version_of
from coordination.late import happened
from coordination.refusals import Fault, Forbidden, Invalid, RowFault
from coordination.requests.events import (
    RequestMade,
    RequestRefused,
    RequestTriaged,
    RequestWithdrawn,
    Wanted,
)
from coordination.requests.state import (
    ASKED,
    TRIAGED,
    OfRequest,
    Request,
    WrongState,
    open_request,
    request_path,
    request_stream,
)
from coordination.stations.state import known_station
from coordination.stock.books import Books
from coordination.stock.lines import (
    QUANTITY_MAX,
    ItemId,
    Quantity,
    StockRefused,
    Unit,
    check_lines,
)
from coordination.stock.slips import quantities
from coordination.stock.state import stock_stream
from coordination.stock.units import in_base_units
from coordination.tree import Place
from coordination.vocabulary import PRIORITIES

WANTS_MAX = 100


class Want(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """So much of an item, in its base unit (``unit`` empty) or a packaging of it."""

    item: ItemId
    quantity: Quantity
    unit: Unit = ""


Wants = Annotated[
    tuple[Want, ...],
    named(
        "物资",
        "Goods",
        "ITEM=QUANTITY[UNIT], such as mask-n95=3箱",
        spoken="want",
        upto=WANTS_MAX,
    ),
]
Priority = Annotated[
    int, named("优先级", "Priority", "1 紧急, 2 加急, 3 一般", ge=1, le=3)
]


def wanted(read: Read, wants: Sequence[Want]) -> tuple[Wanted, ...]:
    """Return lines in base units.

    :raises StockRefused: naming a unit the item does not have, or too much of one
    """
    amounts = in_base_units(read, wants)
    why = f"1 – {QUANTITY_MAX}"
    much = [n for n, q in enumerate(amounts, start=1) if q > QUANTITY_MAX]
    StockRefused.unless_good(RowFault(n, "quantity", why, why) for n in much)
    return tuple(Wanted(w.item, n) for w, n in zip(wants, amounts, strict=True))


class MakeRequest(OfRequest, frozen=True, kw_only=True):
    """申领: ask for goods.

    ``area``: who asks; ``to``: where it is to be brought, empty: there.
    """

    ACTION = "request.make"
    area: Annotated[Place, named("区域", "Area", "code of who asks")]
    squad: Annotated[str, named("突击队", "Squad", max_length=60)] = ""
    lines: Wants
    priority: Priority = 3
    to: Annotated[
        str, pattern(f"({AREA_CODE})?"), named("送达", "To", "compound, building …")
    ] = ""
    needed_by_us: Annotated[
        Moment,
        named("需要时间", "Needed by", "2026-12-31T18:00:00+08:00", as_="needed_by"),
    ] = 0


BadRequest = Invalid.of(
    "requests.bad",
    "优先级须为 1 至 3，送达地点须在申领区域内，时间须晚于现在",
    "priority 1 to 3, to a place inside the area, by a time to come",
    "请逐项核对",
    "check each of the three",
)


def make_request(read: Read, command: MakeRequest, now: int) -> Sequence[Event]:
    """Ask for goods.

    :raises BadRequest: if priority, place or time are none
    :raises StockRefused: with a fault for each wrong line
    """
    lines = wanted(read, command.lines)
    to = command.to or command.area.code
    inside = to.startswith(request_path(command.request))
    late = 0 < command.needed_by_us <= happened(read, now)
    if command.priority not in PRIORITIES or not inside or late:
        raise BadRequest
    if read(request_stream(command.request)).made is not None:
        raise WrongState(request=command.request)
    check_lines(read, lines, _once())
    return [
        filled(
            RequestMade,
            command,
            area=command.area.code,
            lines=lines,
            to=to,
            by=read.by.actor.account,
        )
    ]


def _once() -> Callable[[Wanted], Iterator[Fault]]:
    """Return a check that each item stands in one line."""
    seen: set[str] = set()

    def twice(line: Wanted) -> Iterator[Fault]:
        if line.item in seen:
            yield "item", "重复", "stands above"
        seen.add(line.item)

    return twice


def _kept(read: Read, known: Request, request: str) -> bool:
    """Tell whether anything is kept for a request now; it may have been released."""
    return any(
        request in read(stock_stream(known.station, item)).reservations
        for item in known.wanted
        if known.station
    )


class TriageRequest(OfRequest, frozen=True, kw_only=True):
    """分诊: which station serves it, how urgent it is, what is granted."""

    station: StationId
    priority: Priority
    lines: Wants

    expected: Expected = ""

    def held(self, read: Read, /) -> Held:
        """The station and what was granted by an earlier word, by its version."""
        stream = request_stream(self.request)
        known = read(stream)
        now = ""
        if known.state == TRIAGED:
            now = version_of((known.station, known.priority, known.wanted))
        facts, zh, en = (
            (RequestTriaged,),
            "该申领单的分诊",
            "the triage of this request",
        )
        return Held(now, (stream.id,), facts, VERSION_HELD, zh, en)


def triage(read: Read, command: TriageRequest, _now: int) -> Sequence[Event]:
    """Send a request to a station; what is granted may be less than was asked.

    :raises UnknownRequest: if there is none
    :raises WrongState: if it is over, or goods are kept or sent for it
    :raises UnknownStation: if no stock is held there
    :raises BadRequest: if the priority is none
    :raises StockRefused: with a fault for each wrong line
    """
    known = open_request(read, command.request, ASKED, TRIAGED)
    lines = wanted(read, command.lines)
    if known.dispatched or _kept(read, known, command.request):
        raise WrongState(request=command.request)
    known_station(read, command.station)
    if command.priority not in PRIORITIES:
        raise BadRequest
    assert known.made is not None, "it is known"
    asked = quantities(known.made.lines)

    def granted(line: Wanted) -> Iterator[Fault]:
        if line.quantity > asked.get(line.item, 0):
            yield "quantity", "超过申领数量", "more than was asked for"

    check_lines(read, lines, granted, _once())
    return [filled(RequestTriaged, command, lines=lines)]


class RefuseRequest(OfRequest, frozen=True, kw_only=True):
    """退回申领: before anything is kept for it, with a reason."""

    NEEDS = ("reason",)


def refuse_request(read: Read, command: RefuseRequest, _now: int) -> Sequence[Event]:
    """Refuse a request before anything is kept for it.

    :raises UnknownRequest: if there is none
    :raises WrongState: if it is over, or goods are kept or sent for it
    """
    known = open_request(read, command.request, ASKED, TRIAGED)
    if known.dispatched or _kept(read, known, command.request):
        raise WrongState(request=command.request)
    return [RequestRefused(request=command.request)]


class WithdrawRequest(OfRequest, frozen=True, kw_only=True):
    """撤回申领: by the side that asked; what was kept for it is free again.

    What was sent stays sent.
    """

    ACTION = "request.make"


NotYours = Forbidden.of(
    "requests.not-yours",
    "申领单 {request} 由他人提出",
    "request {request} is somebody else's",
    "须由居村或街镇撤回",
    "its community calls it off",
    OF_ROLE=True,
)


def withdraw(read: Read, command: WithdrawRequest, now: int) -> Sequence[Event]:
    """Call a request off.

    :raises UnknownRequest: if there is none
    :raises WrongState: if it is over, or all of it was sent
    :raises NotYours: if a volunteer did not ask for it
    """
    known = open_request(read, command.request, ASKED, TRIAGED)
    assert known.made is not None, "it is known"
    by = read.by.actor
    if by.role == "member" and by.account != known.made.by:
        raise NotYours(request=command.request)
    if all(known.dispatched.get(i, 0) >= known.wanted[i] for i in known.wanted):
        raise WrongState(request=command.request)
    books = Books(read, now)
    if known.station:
        books.free(known.station, known.wanted, command.request, "cancelled")
    return [RequestWithdrawn(request=command.request), *books.facts]
