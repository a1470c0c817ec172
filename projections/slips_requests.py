"""How requests for goods are kept (物资申领): one function an event."""

from __future__ import annotations

from collections.abc import Iterable

from coordination.filled import filled
from coordination.requests import events as requests
from coordination.stock import events as stock
from coordination.stock.slips import quantities
from projections.dispatch import On
from projections.slips import (
    ALLOCATED,
    ASKED,
    CONFIRMED,
    DELIVERED,
    DISPATCHED,
    PART,
    REFUSED,
    REQUEST,
    TRIAGED,
    WITHDRAWN,
    Delivery,
    Request,
    deliveries_in,
    wanted_in,
)
from projections.supplies import quantities_in
from projections.temporal import as_json
from projections.view import Handlers, Tables

REQUESTS: Handlers = {}
on = On(REQUESTS)


def _put(t: Tables, row: Request) -> None:
    """Make this the request's row, in the state that follows."""
    over = row.state in {REFUSED, WITHDRAWN}
    t.put(REQUEST, row if over else row._replace(state=_state(row)))


def _state(row: Request) -> str:
    """Return how far a request is, from what is kept, sent, brought and confirmed."""
    kept, sent = quantities_in(row.reserved), quantities_in(row.dispatched)
    if not any(kept.values()) and not any(sent.values()):
        return TRIAGED if row.station else ASKED
    wanted = quantities(wanted_in(row.wanted))
    got = {item: kept.get(item, 0) + sent.get(item, 0) for item in wanted}
    if any(got[item] < wanted[item] for item in wanted):
        return PART
    if any(kept.values()):
        return ALLOCATED
    slips = deliveries_in(row.slips).values()
    if all(slip.confirmed for slip in slips):
        return CONFIRMED
    return DELIVERED if all(slip.delivered for slip in slips) else DISPATCHED


def _changed(text: str, change: Iterable[tuple[str, int]]) -> str:
    """Return stored quantities with these added; none goes below zero."""
    found = quantities_in(text)
    for item, quantity in change:
        found[item] = max(0, found.get(item, 0) + quantity)
    return as_json({item: quantity for item, quantity in found.items() if quantity})


@on(requests.RequestMade)
def on_made(t: Tables, e: requests.RequestMade) -> None:
    """Somebody asks for goods."""
    row = filled(
        Request,
        e,
        path=e.request.partition("-")[0],
        station="",
        state=ASKED,
        wanted=as_json(e.lines),
        reason=t.fact.envelope.reason,
        made_us=t.fact.envelope.occurred_us,
    )
    t.put(REQUEST, row)


@on(requests.RequestTriaged)
def on_triaged(t: Tables, e: requests.RequestTriaged) -> None:
    """A station is to serve it, with what is granted."""
    row = t[REQUEST].current[e.request]
    wanted = as_json(e.lines)
    _put(t, row._replace(station=e.station, priority=e.priority, wanted=wanted))


@on(requests.RequestRefused | requests.RequestWithdrawn)
def on_ended(t: Tables, e: requests.RequestRefused | requests.RequestWithdrawn) -> None:
    """It is refused, or nobody needs it any more; the reason is of that."""
    row = t[REQUEST].current[e.request]
    state = REFUSED if isinstance(e, requests.RequestRefused) else WITHDRAWN
    reason = t.fact.envelope.reason or row.reason
    _put(t, row._replace(state=state, reserved="{}", reason=reason))


@on(requests.GoodsAllocated)
def on_allocated(t: Tables, e: requests.GoodsAllocated) -> None:
    """Goods are kept for it."""
    row = t[REQUEST].current[e.request]
    kept = _changed(row.reserved, ((w.item, w.quantity) for w in e.lines))
    _put(t, row._replace(reserved=kept, station=e.station))


@on(stock.ReservationReleased)
def on_freed(t: Tables, e: stock.ReservationReleased) -> None:
    """What a request lost of its goods is on back-order again."""
    row = t[REQUEST].current.get(e.reservation)
    # What is used left with a slip, and the request says so itself.
    if row is None or e.cause == "used":
        return
    lost = sum(pick.quantity for pick in e.picks)
    _put(t, row._replace(reserved=_changed(row.reserved, [(e.item, -lost)])))


@on(requests.RequestDispatched)
def on_dispatched(t: Tables, e: requests.RequestDispatched) -> None:
    """Goods kept for it left with a slip."""
    row = t[REQUEST].current[e.request]
    row = row._replace(
        reserved=_changed("{}", ((w.item, w.quantity) for w in e.kept)),
        dispatched=_changed(row.dispatched, ((w.item, w.quantity) for w in e.lines)),
        slips=as_json({**deliveries_in(row.slips), e.slip: Delivery()}),
    )
    _put(t, row)


@on(requests.RequestReturned)
def on_came_back(t: Tables, e: requests.RequestReturned) -> None:
    """Goods sent for it came back: they are on back-order again."""
    row = t[REQUEST].current[e.request]
    back = ((w.item, -w.quantity) for w in e.lines)
    _put(t, row._replace(dispatched=_changed(row.dispatched, back)))


@on(requests.RequestDelivered | requests.DeliveryConfirmed)
def on_delivered(
    t: Tables, e: requests.RequestDelivered | requests.DeliveryConfirmed
) -> None:
    """A slip was brought, or whoever asked has it."""
    row = t[REQUEST].current[e.request]
    slips = deliveries_in(row.slips)
    known = slips.get(e.slip, Delivery())
    if isinstance(e, requests.RequestDelivered):
        known = Delivery(e.proof, e.by, known.confirmed)
    else:
        known = Delivery(known.delivered, known.by, e.by)
    _put(t, row._replace(slips=as_json({**slips, e.slip: known})))


@on(requests.DeliveryTakenBack)
def on_delivery_taken_back(t: Tables, e: requests.DeliveryTakenBack) -> None:
    """A slip was not brought after all, or whoever asked does not have it."""
    row = t[REQUEST].current[e.request]
    slips = deliveries_in(row.slips)
    known = slips[e.slip]
    known = Delivery(known.delivered, known.by) if e.confirmed else Delivery()
    _put(t, row._replace(slips=as_json({**slips, e.slip: known})))
