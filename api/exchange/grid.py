"""The table in a file (表格): its rows of cells, from CSV or a workbook.

What comes in is anybody's: nothing here raises for it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from api.exchange.layout import Layout, key_of
from api.exchange.reading import lines_of, records, too_large, wrong_size, wrong_width
from api.exchange.workbooks import is_workbook, read_sheet
from api.exchange.worksheet import Merged
from coordination.refusals import RowFault

COLUMNS_MAX = 40
UNCOMPUTED_ZH = "公式还没有算出结果，请在表格软件中打开后保存，或只粘贴数值"
UNCOMPUTED_EN = (
    "the formula is not calculated; open and save it in a spreadsheet, or paste values"
)


class Table(NamedTuple):
    """Cells of a file by row, the header first; what is wrong with how it is made."""

    rows: list[tuple[int, list[str]]]
    faults: list[RowFault]
    merged: Sequence[Merged] = ()
    typed: Mapping[tuple[int, int], str] = {}
    uncalculated: frozenset[tuple[int, int]] = frozenset()


def table_of(data: bytes, layout: Layout) -> Table:
    """Return the rows of a file, or why there are none."""
    if large := too_large(data, layout.bytes_max):
        return Table([], [large])
    if not is_workbook(data):
        return _lines(data, layout)
    sheet = read_sheet(data, layout.rows_max, COLUMNS_MAX)
    if isinstance(sheet, RowFault):
        return Table([], [sheet])
    rows = list(enumerate(sheet.rows, start=1))
    unread = frozenset(sheet.uncalculated)
    return Table(rows, [], sheet.merged, sheet.typed, unread)


def _lines(data: bytes, layout: Layout) -> Table:
    """Return the rows of a CSV file that can be split into fields."""
    keys, made = layout.keys, Table([], [])
    read = records(lines_of(data), lambda cell: key_of(cell, keys) in keys)
    for number, cells in read:
        if number > layout.rows_max + 1:
            made.faults.extend(wrong_size(number, layout.rows_max))
            break
        if isinstance(cells, RowFault):
            made.faults.append(cells)
            if number == 1:  # nothing can be said of rows without their header
                break
        else:
            made.rows.append((number, cells))
    return made


def no_header(layout: Layout) -> RowFault:
    """Return that the first row names no column."""
    needed = [column for column in layout.columns if column.key in layout.needed]
    wanted = "、".join(column.zh for column in needed)
    named = ", ".join(column.en for column in needed)
    return RowFault(
        1,
        "header",
        f"第一行应为表头，至少含 {wanted}",
        f"the first row must name the columns, at least {named}",
    )


def merged(
    cells: Iterable[Merged], header: Sequence[str], titles: Iterable[str], rows: int
) -> Iterator[RowFault]:
    """Yield every merged cell: whom its content is for is anybody's guess."""
    for cell in cells:
        if cell.row > rows or cell.column >= len(header):
            continue
        key = header[cell.column]
        yield RowFault(
            cell.row,
            key if key in titles else "row",
            f"第 {cell.row}–{cell.last} 行有合并单元格，请取消合并后逐行填写",
            f"merged cells in rows {cell.row} to {cell.last}; fill in each row",
        )


def misplaced(
    number: int, cells: Sequence[str], header: Sequence[str], keys: Mapping[str, str]
) -> Iterator[RowFault]:
    """Yield why the cells of a row are not those of its columns."""
    if len(cells) > len(header):
        yield wrong_width(number, len(header), len(cells))
        return
    pairs = zip(cells, header, strict=True)
    if all(key_of(cell, keys) == name for cell, name in pairs):
        yield RowFault(number, "row", "表头重复", "the header once more")
        return
    for index, cell in enumerate(cells):
        if cell.strip() and not header[index]:
            zh = f"第 {index + 1} 列没有表头却有内容"
            en = f"column {index + 1} has content but no name"
            yield RowFault(number, "row", zh, en)


def uncomputed(
    number: int, columns: Mapping[str, int], table: Table
) -> Iterator[RowFault]:
    """Yield each formula of a row that nobody has computed."""
    for key, at in columns.items():
        if (number, at) in table.uncalculated:
            yield RowFault(number, key, UNCOMPUTED_ZH, UNCOMPUTED_EN)
