"""Rules of serving a request (申领办理): kept, sent, brought, confirmed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from coordination.fields import SLIP_ID, named, pattern
from coordination.filled import filled
from coordination.kernel import Event, Read
from coordination.late import not_before
from coordination.refusals import Forbidden, Invalid
from coordination.requests.events import (
    DeliveryConfirmed,
    GoodsAllocated,
    RequestDelivered,
    RequestDispatched,
    Wanted,
)
from coordination.requests.state import (
    TRIAGED,
    OfRequest,
    Request,
    UnknownRequest,
    WrongState,
    open_request,
    request_stream,
)
from coordination.stock.books import Books
from coordination.stock.events import GoodsIssued
from coordination.stock.ledger import REQUEST, USED, Party
from coordination.stock.lines import Wish, short, take_lines
from coordination.stock.slips import quantities
from coordination.tree import site_path

IssueSlip = Annotated[
    str, pattern(SLIP_ID), named("出库单号", "Slip", "such as i-0123456789")
]


class _AtStation(OfRequest, frozen=True, kw_only=True):
    """What the station that serves a request decides."""

    ACTION = "stock.keep"

    def places(self, read: Read, /) -> tuple[str, ...]:
        """Where the station stands.

        :raises UnknownRequest: if there is none
        :raises WrongState: if no station is to serve it yet
        """
        known = read(request_stream(self.request))
        UnknownRequest.unless(known.made, request=self.request)
        if not known.station:
            raise WrongState(request=self.request)
        return (site_path(known.station),)


def _opened(read: Read, request: str, now: int) -> tuple[Request, Books]:
    """Return a request that a station serves, and shelves good until it is needed.

    :raises UnknownRequest: if there is none
    :raises WrongState: if it is not to be served
    """
    known = open_request(read, request, TRIAGED)
    needed_us = known.made.needed_by_us if known.made else 0
    return known, Books(read, now, needed_us=needed_us)


def _kept(books: Books, station: str, item: str, request: str) -> int:
    """Return how much of an item is kept for a request."""
    kept = books.shelf(station, item).stock.reservations.get(request)
    return sum(kept.picks.values()) if kept else 0


class AllocateRequest(_AtStation, frozen=True, kw_only=True):
    """配货: keep what there is for a request; the rest is on back-order (欠货)."""


def allocate(read: Read, command: AllocateRequest, now: int) -> Sequence[Event]:
    """Keep what a request still wants, as far as there is any.

    :raises UnknownRequest: if there is none
    :raises WrongState: if it is not to be served, or wants nothing more
    :raises StockShort: if there is nothing to keep
    """
    known, books = _opened(read, command.request, now)
    purpose, got, left = (
        Party(REQUEST, command.request),
        list[Wanted](),
        dict[str, int](),
    )
    refusal = None
    for item, wanted in known.wanted.items():
        kept = _kept(books, known.station, item, command.request)
        missing = wanted - known.dispatched.get(item, 0) - kept
        if missing <= 0:
            continue
        shelf = books.shelf(known.station, item)
        picked, passed = shelf.pick(missing)
        total = sum(picked.values())
        if picked:
            shelf.reserve(command.request, purpose, missing, picked, passed)
            got.append(Wanted(item, total))
        else:
            refusal = refusal or short(shelf, missing, passed)
        if total < missing:
            left[item] = missing - total
    if not got:
        raise refusal or WrongState(request=command.request)
    allocated = GoodsAllocated(
        request=command.request,
        station=known.station,
        lines=tuple(got),
        short=tuple(Wanted(item, missing) for item, missing in left.items()),
    )
    return [allocated, *books.facts]


class DispatchRequest(_AtStation, frozen=True, kw_only=True):
    """出库: send what is kept for a request; the slip goes along.

    ``slip``: of the issue.
    """

    slip: IssueSlip


def dispatch(read: Read, command: DispatchRequest, now: int) -> Sequence[Event]:
    """Send what is kept for a request; of a lot gone bad since, another is taken.

    :raises UnknownRequest: if there is none
    :raises WrongState: if nothing is kept for it
    :raises StockShort: if all that was kept has gone bad
    """
    known, books = _opened(read, command.request, now)
    wishes = [
        Wish(item, kept)
        for item in known.wanted
        if (kept := _kept(books, known.station, item, command.request))
    ]
    if not wishes:
        raise WrongState(request=command.request)
    lines, passed = take_lines(
        books,
        known.station,
        wishes,
        command.request,
        USED,
        command.slip,
        whole=False,
    )
    issued = GoodsIssued(
        slip=command.slip,
        station=known.station,
        to=Party(REQUEST, command.request),
        lines=tuple(lines),
        passed=tuple(passed),
        reservation=command.request,
    )
    sent = quantities(lines)
    still = {
        w.item: _kept(books, known.station, w.item, command.request) for w in wishes
    }
    dispatched = RequestDispatched(
        request=command.request,
        slip=command.slip,
        lines=tuple(Wanted(item, quantity) for item, quantity in sent.items()),
        by=read.by.actor.account,
        kept=tuple(Wanted(item, left) for item, left in still.items() if left),
    )
    return [issued, dispatched, *books.facts]


class Deliver(OfRequest, frozen=True, kw_only=True):
    """送达: record that a slip was brought, and what shows it."""

    ACTION = "request.deliver"
    slip: IssueSlip
    proof: Annotated[
        str, named("送达凭证", "Proof", "a code told, who signed", max_length=200)
    ]


ProofNeeded = Invalid.of(
    "requests.proof-needed",
    "没有填写送达凭证",
    "no proof of delivery is given",
    "请填写",
    "give one",
    field="proof",
)


def deliver(read: Read, command: Deliver, _now: int) -> Sequence[Event]:
    """Record that a slip of a request was brought to the place.

    :raises UnknownRequest: if there is none
    :raises WrongState: if the slip is none of it, or was brought
    :raises ProofNeeded: if nothing shows it
    """
    known = _dispatched(read, command.request, command.slip)
    if known.brought[command.slip]:
        raise WrongState(request=command.request)
    if not command.proof:
        raise ProofNeeded
    return [filled(RequestDelivered, command, by=read.by.actor.account)]


def _dispatched(read: Read, request: str, slip: str) -> Request:
    """Return a request that a slip was sent for; it may have been called off since.

    :raises UnknownRequest: if there is none
    :raises WrongState: if the slip is none of it
    :raises TooEarly: if it is said to have happened before it was sent
    """
    known = read(request_stream(request))
    UnknownRequest.unless(known.made, request=request)
    if slip not in known.brought:
        raise WrongState(request=request)

    def sends(fact: Event) -> bool:
        return isinstance(fact, RequestDispatched) and fact.slip == slip

    about = request_stream(request).id
    not_before(read, about, "出库", "it was sent", sends)
    return known


class ConfirmDelivery(OfRequest, frozen=True, kw_only=True):
    """签收: by the side that asked, not by whoever brought it."""

    ACTION = "request.make"
    slip: IssueSlip


OwnDelivery = Forbidden.of(
    "requests.own-delivery",
    "发货人和送货人不得自己签收",
    "whoever gave it out or brought it does not confirm it",
    "请由收货一方签收",
    "let the receiving side confirm it",
)


def confirm(read: Read, command: ConfirmDelivery, _now: int) -> Sequence[Event]:
    """Confirm that what was brought is there.

    :raises UnknownRequest: if there is none
    :raises WrongState: if it was not brought, or is confirmed
    :raises OwnDelivery: if they gave it out or brought it themselves
    """
    known = _dispatched(read, command.request, command.slip)
    brought = known.brought[command.slip]
    if not brought or command.slip in known.confirmed:
        raise WrongState(request=command.request)
    by = read.by.actor.account
    if by in {brought, known.gave[command.slip]}:
        raise OwnDelivery
    return [DeliveryConfirmed(request=command.request, slip=command.slip, by=by)]
