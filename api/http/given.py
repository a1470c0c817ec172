"""What a decision gave out (出库结果): lots taken, and those passed over, and why."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from coordination.kernel import Event
from coordination.stock.events import GoodsIssued, Passed
from coordination.vocabulary import PASSED_OVER


class LotPassed(msgspec.Struct):
    """A lot that was passed over, and why."""

    lot: str
    quantity: int
    why: str
    why_zh: str
    why_en: str


class ItemPassed(LotPassed, kw_only=True):
    """A lot of an item that was passed over, and why."""

    item: str


class LineTaken(msgspec.Struct):
    """So much of a lot, in base units."""

    item: str
    lot: str
    quantity: int


class GivenOut(msgspec.Struct):
    """A slip with what was taken, and what was passed over."""

    id: str
    lines: list[LineTaken]
    passed: list[ItemPassed]


def passed_over(passed: Passed) -> LotPassed:
    """Return a lot that was passed over, in words."""
    return LotPassed(passed.lot, passed.quantity, passed.why, *PASSED_OVER[passed.why])


def given_out(facts: Iterable[Event]) -> GivenOut:
    """Return what facts gave out: a decision that issues has one such slip."""
    slip = next(fact for fact in facts if isinstance(fact, GoodsIssued))
    return GivenOut(
        slip.slip,
        [LineTaken(line.item, line.lot, line.quantity) for line in slip.lines],
        [
            ItemPassed(p.lot, p.quantity, p.why, *PASSED_OVER[p.why], item=item)
            for item, p in slip.passed
        ],
    )
