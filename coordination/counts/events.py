"""Facts about stock counts (盘点). Vocabulary kept for ever."""

from __future__ import annotations

import msgspec

from coordination.stock.events import Slip

SAME, DIFFERS, DISTURBED, CONFIRMED = (
    "same",
    "differs",
    "disturbed",
    "confirmed",
)
"""What a count of a lot says: as in the books; not so, another person counts again;
somebody moved it meanwhile, count again; the second count differs too."""


class Lot(msgspec.Struct, frozen=True):
    """A lot to count."""

    item: str
    lot: str


class CountOpened(Slip, frozen=True, kw_only=True):
    """盘点开始: of these lots, blind: nobody is told what the books say (盲盘)."""

    NAME = "counts.opened.1"
    ANEW = ("CloseCount",)
    sheet: tuple[Lot, ...]


class LotCounted(Slip, frozen=True, kw_only=True):
    """盘点结果: ``counted`` found, ``book`` in the books then. ``by``: who counted.

    ``moved``: movements of the item since the counter took the sheet. ``first``:
    whoever counted before, empty: nobody.
    """

    NAME = "counts.lot-counted.1"
    ANEW = ("RecordCounts",)
    item: str
    lot: str
    counted: int
    book: int
    by: str
    result: str
    moved: int = 0
    first: str = ""


class VarianceSettled(Slip, frozen=True, kw_only=True):
    """盘盈盘亏处理: the books follow what was counted twice; ``change`` base units."""

    NAME = "counts.variance-settled.1"
    ANEW = ("Adjust",)
    item: str
    lot: str
    change: int
    cause: str


class CountClosed(Slip, frozen=True, kw_only=True):
    """盘点结束: every lot of the sheet counted and every variance settled."""

    NAME = "counts.closed.1"
    ANEW = ("OpenCount",)
    lots: int
    variances: int
