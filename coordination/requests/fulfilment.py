"""Rules of serving a request (申领办理): kept, sent, brought, confirmed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from coordination.kernel import Event, Read, Refusal
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
    quantities,
    request_stream,
)
from coordination.stations.state import OfStation
from coordination.stock.events import REQUEST, USED, GoodsIssued, Party
from coordination.stock.lines import Wish, short, take_lines
from coordination.stock.shelf import Books


class _AtStation(OfStation, frozen=True, kw_only=True):
    """What the station that serves a request decides."""

    request: str

    @property
    def stream(self) -> str:
        """The request's stream."""
        return f"request/{self.request}"


def _served(read: Read, command: _AtStation) -> Request:
    """Return a request that this station serves.

    :raises UnknownRequest: if there is none
    :raises WrongState: if it is not to be served, or by another station
    """
    known = open_request(read, command.request, TRIAGED)
    if known.station != command.station:
        raise WrongState(request=command.request)
    return known


def _kept(books: Books, station: str, item: str, request: str) -> int:
    """Return how much of an item is kept for a request."""
    kept = books.shelf(station, item).stock.reservations.get(request)
    return sum(kept.picks.values()) if kept else 0


class AllocateRequest(_AtStation, frozen=True, kw_only=True):
    """申领配货: keep what there is; the rest stays on back-order (欠货)."""


def allocate(read: Read, command: AllocateRequest, now: int) -> Sequence[Event]:
    """Keep what a request still wants, as far as there is any.

    :raises UnknownRequest: if there is none
    :raises WrongState: if it is not to be served here, or wants nothing more
    :raises StockShort: if there is nothing to keep
    """
    known, books = _served(read, command), Books(read, now)
    purpose, got, left = (
        Party(REQUEST, command.request),
        list[Wanted](),
        dict[str, int](),
    )
    refusal = None
    for item, wanted in known.wanted.items():
        kept = _kept(books, command.station, item, command.request)
        missing = wanted - known.dispatched.get(item, 0) - kept
        if missing <= 0:
            continue
        shelf = books.shelf(command.station, item)
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
        station=command.station,
        lines=tuple(got),
        short=tuple(Wanted(item, missing) for item, missing in left.items()),
    )
    return [allocated, *books.facts]


class DispatchRequest(_AtStation, frozen=True, kw_only=True):
    """申领出库: ``slip``: of the issue."""

    slip: str


def dispatch(read: Read, command: DispatchRequest, now: int) -> Sequence[Event]:
    """Send what is kept for a request; of a lot gone bad since, another is taken.

    :raises UnknownRequest: if there is none
    :raises WrongState: if nothing is kept for it at this station
    :raises StockShort: if all that was kept has gone bad
    """
    known, books = _served(read, command), Books(read, now)
    wishes = [
        Wish(item, kept)
        for item in known.wanted
        if (kept := _kept(books, command.station, item, command.request))
    ]
    if not wishes:
        raise WrongState(request=command.request)
    lines, passed = take_lines(
        books,
        command.station,
        wishes,
        command.request,
        USED,
        command.slip,
        whole=False,
    )
    issued = GoodsIssued(
        slip=command.slip,
        station=command.station,
        to=Party(REQUEST, command.request),
        lines=tuple(lines),
        passed=tuple(passed),
        reservation=command.request,
    )
    sent = quantities(Wanted(line.item, line.quantity) for line in lines)
    still = {
        w.item: _kept(books, command.station, w.item, command.request) for w in wishes
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
    """送达: ``proof``: a code told by whoever took it, or a note."""

    ACTION: ClassVar[str] = "request.deliver"
    slip: str
    proof: str


class ProofNeeded(Refusal):
    """Nothing shows that it was brought (须有送达凭证)."""

    code = "requests.proof-needed"
    zh = "须填写送达凭证"
    en = "a proof of delivery is needed"
    field = "proof"


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
    return [
        RequestDelivered(
            request=command.request,
            slip=command.slip,
            proof=command.proof,
            by=read.by.actor.account,
        )
    ]


def _dispatched(read: Read, request: str, slip: str) -> Request:
    """Return a request that a slip was sent for; it may have been called off since.

    :raises UnknownRequest: if there is none
    :raises WrongState: if the slip is none of it
    """
    known = read(request_stream(request))
    if known.made is None:
        raise UnknownRequest(request=request)
    if slip not in known.brought:
        raise WrongState(request=request)
    return known


class ConfirmDelivery(OfRequest, frozen=True, kw_only=True):
    """签收确认: by the side that asked, not by whoever brought it."""

    ACTION: ClassVar[str] = "request.make"
    slip: str


class OwnDelivery(Refusal):
    """Whoever gave it out or brought it does not confirm it (经手人不得代签)."""

    code = "requests.own-delivery"
    zh = "发货人和送货人不得自己签收"
    en = "whoever gave it out or brought it does not confirm it"


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
