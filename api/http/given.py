"""What a decision gave out (出库结果): lots taken, and those passed over, and why."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from api.http.declared import Done
from coordination.stock.events import GoodsIssued
from coordination.stock.ledger import Line, Passed
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


class GivenOut(msgspec.Struct):
    """A slip with what was taken, and what was passed over."""

    id: str
    lines: tuple[Line, ...]
    passed: list[ItemPassed]


def passed_over(passed: Passed) -> LotPassed:
    """Return a lot that was passed over, in words."""
    return LotPassed(passed.lot, passed.quantity, passed.why, *PASSED_OVER[passed.why])


def given_out(done: Done) -> GivenOut:
    """Return what was given out: a decision that issues has one such slip."""
    slip = next(fact for fact in done.facts if isinstance(fact, GoodsIssued))
    return GivenOut(
        slip.slip,
        slip.lines,
        [
            ItemPassed(p.lot, p.quantity, p.why, *PASSED_OVER[p.why], item=item)
            for item, p in slip.passed
        ],
    )


def given_told(found: dict[str, Any]) -> Iterator[str]:
    """Yield what was given out, and what was passed over."""
    yield f"已出库 {found['id']}"
    for line in found["lines"]:
        yield f"  {line['item']} 批次 {line['lot']} {line['quantity']}"
    yield from passed_told(found["passed"])


def passed_told(passed: list[dict[str, Any]]) -> Iterator[str]:
    """Yield a line for each lot that was passed over, and why."""
    for lot in passed:
        yield f"  跳过批次 {lot['lot']} {lot['quantity']}：{lot['why_zh']}"
