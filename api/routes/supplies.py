"""Supplies (物资保障): reallocation approved; requisitions given back or paid for."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

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


def paid_told(found: dict[str, Any]) -> Iterator[str]:
    """Yield what was paid, and the document that shows it."""
    sum_ = f"{Decimal(found['fen']) / 100} 元，凭证 {found['document']}"
    yield f"已补偿 {found['id']} {len(found['lines'])} 行，{sum_}"


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
        words="stock give-back",
        arguments=("lines",),
        defaults={"lines": ()},
        all_of="slips/{slip}",
        answers=Said("id=slip"),
        tells=lambda found: [f"已归还 {found['id']} {len(found['lines'])} 行"],
    ),
    Decision(
        path="/requisitions/{slip}/compensate",
        command=Compensate,
        words="stock compensate",
        arguments=("lines",),
        defaults={"lines": ()},
        all_of="slips/{slip}",
        answers=Said("id=slip"),
        tells=paid_told,
    ),
)
