"""Units (计量单位): what is said in packagings, as the ledger counts it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from coordination.items.state import base_units
from coordination.kernel import Read, RowFault
from coordination.stock.lines import QUANTITY_MAX, refuse


class _InUnits(Protocol):
    """Whatever names an item and how much of it, in one of the item's units."""

    @property
    def item(self) -> str: ...
    @property
    def quantity(self) -> int: ...
    @property
    def unit(self) -> str: ...


def in_base_units(read: Read, lines: Sequence[_InUnits]) -> list[int]:
    """Return the quantities of lines in base units.

    :raises StockRefused: naming each line with a unit its item does not have
    """
    found, faults = list[int](), list[RowFault]()
    for number, line in enumerate(lines, start=1):
        quantity = base_units(read, line.item, line.quantity, line.unit)
        if quantity is None:
            zh, en = "没有这种包装", "the item is not packed so"
            faults.append(RowFault(number, "unit", zh, en))
        elif quantity > QUANTITY_MAX:
            why = f"1 – {QUANTITY_MAX}"
            faults.append(RowFault(number, "quantity", why, why))
        found.append(quantity or 0)
    refuse(faults)
    return found
