"""Transfers (调拨): sent off, arrived, written off, called off."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from api.http.declared import Decision, Said
from coordination.transfers.decide import Arrive, CancelTransfer, Ship
from coordination.transfers.events import ShipmentArrived
from coordination.transfers.shortfalls import CloseShortfall


def arrived_told(found: dict[str, Any]) -> Iterator[str]:
    """Yield what is missing, and whether it is to come still."""
    rest = "差异，须查明销账" if found.get("complete", True) else "在途"
    said = f"还差 {found['left']}（{rest}）" if found["left"] else "全部到货"
    yield f"{found['id']} {said}"


DECISIONS = (
    Decision(
        path="/transfers/ship",
        command=Ship,
        alike=("station", "to", "order", "lines"),
        words="stock ship",
        arguments=("station", "lines"),
        made={"slip": "s"},
        answers=Said("id=number"),
        tells="已发运 {id}，到货时用此单号",
    ),
    Decision(
        path="/transfers/{slip}/arrive",
        command=Arrive,
        words="stock arrive",
        all_of="slips/{slip}",
        records="arrive",
        instead={"lines": "nothing 空车: none of it"},
        answers=Said("id=slip", "left", of=ShipmentArrived),
        tells=arrived_told,
    ),
    Decision(
        path="/transfers/{slip}/close",
        command=CloseShortfall,
        words="stock close",
        all_of="slips/{slip}",
        records="close",
        tells=lambda found: [f"已销账 {found['id']} {len(found['lines'])} 行"],
    ),
    Decision(
        path="/transfers/{slip}/cancel",
        command=CancelTransfer,
        words="stock cancel",
        tells="已取消调拨 {id}",
    ),
)
