"""Units (计量单位): what is said in packagings, as the ledger counts it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, TypeVar

import msgspec

from coordination.items.state import base_units
from coordination.kernel import Read
from coordination.refusals import RowFault
from coordination.stock.ledger import Line
from coordination.stock.lines import OfLot, StockRefused


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
        found.append(quantity or 0)
    StockRefused.unless_good(faults)
    return found


S = TypeVar("S", bound=msgspec.Struct)


def counted(read: Read, lines: Sequence[S]) -> tuple[S, ...]:
    """Return the lines of a command with their quantities in base units.

    :raises StockRefused: naming each line with a unit its item does not have
    """
    amounts = in_base_units(read, lines)  # type: ignore[arg-type]
    return tuple(
        msgspec.structs.replace(line, quantity=quantity, unit="")
        for line, quantity in zip(lines, amounts, strict=True)
    )


def lines_of(read: Read, lines: Sequence[OfLot]) -> tuple[Line, ...]:
    """Return lines of lots as a slip has them, in base units.

    :raises StockRefused: naming each line with a unit its item does not have
    """
    amounts = in_base_units(read, lines)
    return tuple(
        Line(line.item, line.lot, quantity)
        for line, quantity in zip(lines, amounts, strict=True)
    )
