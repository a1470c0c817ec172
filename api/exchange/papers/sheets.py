"""The sheet of a count (盘点表), to write on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from api.exchange.papers.drawing import Head, Paper, PaperColumn, Words, draw
from api.exchange.papers.notes import CHECKED, named
from coordination.items.events import Packaging


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
            *named(*line[:5]),
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
