"""Notes (出入库单、调拨单、盘点表): goods that moved or are counted, to sign."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from api.exchange.packs import packed
from api.exchange.papers.drawing import Field, Head, Paper, PaperColumn, Words, draw
from coordination.items.events import Packaging

HANDLED = Words("经办", "Handled by")
CHECKED = Words("复核", "Checked by")
DONOR = Words("捐赠方", "Donor")
PLACE = PaperColumn("库位", "Place", 24)


class PaperLine(NamedTuple):
    """A lot on a note (单据行): ``quantity`` base units, good until ``expires``."""

    item: str
    name: str
    en: str
    lot: str
    expires: str
    quantity: int
    unit: str
    packagings: Sequence[Packaging] = ()
    place: str = ""
    note: str = ""


class CountLine(NamedTuple):
    """A lot to count (盘点行): without any quantity, so that nobody can copy it."""

    item: str
    name: str
    en: str
    lot: str
    expires: str
    unit: str
    packagings: Sequence[Packaging] = ()
    place: str = ""


class Note(NamedTuple):
    """A kind of note (单据): its fields, who signs, and the last column to write in.

    Where the last column is none of its own, it says where the goods stand.
    """

    title: Words
    fields: tuple[Words, ...]
    signers: tuple[Words, ...]
    last: PaperColumn = PLACE


NOTES = {
    "receipt": Note(
        Words("入库单", "Goods received note"),
        (Words("来源", "From"), Words("凭证", "Document")),
        (HANDLED, CHECKED, Words("送交", "Delivered by")),
    ),
    "issue": Note(
        Words("出库单", "Goods issued note"),
        (Words("去向", "To"), Words("预留", "Reservation")),
        (HANDLED, CHECKED, Words("领用", "Received by")),
    ),
    "shipment": Note(
        Words("调拨单", "Transfer note"),
        (
            Words("调入站点", "To station"),
            Words("承运", "Carrier"),
            Words("预计到达", "Expected"),
        ),
        (
            Words("发出", "Sent by"),
            Words("承运", "Carried by"),
            Words("接收", "Received by"),
            CHECKED,
        ),
        PaperColumn("实收数量", "Arrived", 24),
    ),
    "gift": Note(
        Words("捐赠收据", "Donation receipt"),
        (
            DONOR,
            Words("收据编号", "Receipt number"),
            Words("查询码", "Code to follow it"),
        ),
        (HANDLED, CHECKED, DONOR),
        PaperColumn("备注", "Remarks", 24),
    ),
}


def note(
    kind: str, head: Head, lines: Sequence[PaperLine], *values: str, lookup: str = ""
) -> bytes:
    """Return a note of goods that move; ``values``: of its fields, in their order.

    Number and code of a donor's receipt answer where the goods are now; ``lookup``: the
    address that does so, printed as a QR code.
    """
    title, named, signers, last = NOTES[kind]
    fields = [Field(*name, value) for name, value in zip(named, values, strict=True)]
    rows, total = moves(lines, placed=last is PLACE), total_of(lines)
    return draw(Paper(title, head, fields, moved(last), rows, total, signers, lookup))


def count_sheet(head: Head, lines: Sequence[CountLine]) -> bytes:
    """Return the sheet of a blind count (盘点表): nothing says what the books say."""
    columns = (
        PaperColumn("序号", "No.", 10),
        PaperColumn("物资", "Item", 52),
        PaperColumn("批次 / 有效期至", "Lot / good until", 31),
        PaperColumn("库位", "Place", 22),
        PaperColumn("单位", "Unit", 22),
        PaperColumn("实盘数量", "Counted", 25),
        PaperColumn("备注", "Remarks", 18),
    )
    rows = [
        (
            (str(number), ""),
            *lot_cells(*line[:5]),
            (line.place, ""),
            (line.unit, " ".join(f"{p.unit}={p.factor:,}" for p in line.packagings)),
            ("", ""),
            ("", ""),
        )
        for number, line in enumerate(lines, start=1)
    ]
    return draw(
        Paper(
            Words("盘点表", "Count sheet"),
            head,
            (),
            columns,
            rows,
            f"共 {len(lines):,} 行 lines",
            (Words("盘点", "Counted by"), Words("监盘", "Witness"), CHECKED),
        )
    )


def moved(last: PaperColumn) -> tuple[PaperColumn, ...]:
    """Return the columns of goods that move."""
    return (
        PaperColumn("序号", "No.", 10),
        PaperColumn("物资", "Item", 56),
        PaperColumn("批次 / 有效期至", "Lot / good until", 33),
        PaperColumn("数量", "Quantity", 28, right=True),
        PaperColumn("折合 / 说明", "In packs / note", 29),
        last,
    )


def moves(
    lines: Sequence[PaperLine], *, placed: bool
) -> list[Sequence[tuple[str, str]]]:
    """Return the cells of goods that move."""
    return [
        (
            (str(number), ""),
            *lot_cells(*line[:5]),
            (f"{line.quantity:,} {line.unit}", ""),
            (packed(line.quantity, line.unit, line.packagings), line.note),
            (line.place if placed else "", ""),
        )
        for number, line in enumerate(lines, start=1)
    ]


def lot_cells(
    item: str, name: str, en: str, lot: str, expires: str
) -> tuple[tuple[str, str], tuple[str, str]]:
    """Return the cells that say which item and which lot."""
    small = " · ".join(filter(None, (en, item)))
    return (name, small), (lot, expires)


def total_of(lines: Sequence[PaperLine]) -> str:
    """Return the sums (合计): each unit by itself, boxes are not bottles."""
    sums: dict[str, int] = {}
    for line in lines:
        sums[line.unit] = sums.get(line.unit, 0) + line.quantity
    parts = [f"{total:,} {unit}" for unit, total in sums.items()]
    return " · ".join([f"合计 Total: {len(lines):,} 行 lines", *parts])
