"""Transfers (调拨): sent off, arrived, written off, called off."""

from __future__ import annotations

import msgspec

from api.http.declared import Decision, Done, Said
from coordination.transfers.decide import Arrive, CancelTransfer, Ship
from coordination.transfers.events import ShipmentArrived
from coordination.transfers.shortfalls import CloseShortfall


class Sent(msgspec.Struct):
    """A shipment, under the order's number if it was ordered."""

    id: str


def sent(done: Done) -> Sent:
    """Return under which number goods were sent."""
    return Sent(done.command.order or done.command.slip)


class Arrived(msgspec.Struct):
    """A shipment, and how many base units of it are not accounted for."""

    id: str
    left: int


def arrived(done: Done) -> Arrived:
    """Return what is missing still."""
    fact = next(f for f in done.facts if isinstance(f, ShipmentArrived))
    return Arrived(fact.slip, fact.left)


DECISIONS = (
    Decision(
        path="/transfers/ship",
        command=Ship,
        words="stock ship",
        arguments=("station", "lines"),
        made={"slip": "s"},
        answers=sent,
        status=201,
        tells=lambda found: [f"已发运 {found['id']}，到货时用此单号"],
    ),
    Decision(path="/transfers/{slip}/arrive", command=Arrive, answers=arrived),
    Decision(
        path="/transfers/{slip}/close",
        command=CloseShortfall,
        words="stock close",
        arguments=("lines",),
        defaults={"lines": ()},
        all_of="slips/{slip}",
        answers=Said("id=slip"),
        tells=lambda found: [f"已销账 {found['id']} {len(found['lines'])} 行"],
    ),
    Decision(
        path="/transfers/{slip}/cancel",
        command=CancelTransfer,
        words="stock cancel",
        answers=Said("id=slip"),
        tells=lambda found: [f"已取消调拨 {found['id']}"],
    ),
)
