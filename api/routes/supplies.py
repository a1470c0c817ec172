"""Supplies (物资保障): reallocation approved; requisitions given back or paid for."""

from __future__ import annotations

import msgspec

from api.http.declared import Decision, Done, Said
from coordination.reallocation.decide import ApproveReallocation
from coordination.requisitions.decide import Compensate, GiveBack
from coordination.transfers.events import TransferOrdered


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


DECISIONS = (
    Decision(
        path="/stock/reallocate",
        command=ApproveReallocation,
        made={"reallocation": "w"},
        answers=approved,
        status=201,
    ),
    Decision(
        path="/requisitions/{slip}/give-back",
        command=GiveBack,
        answers=Said("id=slip"),
    ),
    Decision(
        path="/requisitions/{slip}/compensate",
        command=Compensate,
        answers=Said("id=slip"),
    ),
)
