"""Files of rows under a header (表格文件): what the roster and the catalogue share.

CSV or a workbook in, cells by the key of their column out; whatever is wrong with how a
file is made comes back by row and column. Here too nothing raises for what comes in.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from api.exchange.cells import WrongCellError, names
from api.exchange.reading import (
    empty,
    encoding_of,
    folded,
    header_faults,
    lines_of,
    listed,
    split,
    text_faults,
    too_large,
    wrong_size,
    wrong_width,
)
from api.exchange.tables import Column, Row, to_xlsx
from api.exchange.workbooks import Merged, is_workbook, read_sheet
from coordination.kernel import RowFault

COLUMNS_MAX = 40


class Field(NamedTuple):
    """A column as it is read: its heading, characters at most, and into what.

    ``needed``: it must be there and say something. ``name``: what the value is called,
    where that is not the key of the column.
    """

    column: Column
    chars_max: int
    parse: Callable[[str], Any]
    needed: bool = False
    name: str = ""


class Layout(NamedTuple):
    """How a kind of file looks (格式): its columns, and its bounds."""

    fields: tuple[Field, ...]
    bytes_max: int
    rows_max: int

    @property
    def columns(self) -> tuple[Column, ...]:
        """The columns, in the order in which they are written."""
        return tuple(field.column for field in self.fields)

    @property
    def needed(self) -> tuple[str, ...]:
        """The keys of the columns that must be there."""
        return tuple(field.column.key for field in self.fields if field.needed)


Values = dict[str, Any]
"""What the cells of a row say, by name."""


def read_values(
    data: bytes,
    layout: Layout,
    at_odds: Callable[[int, Values], Iterable[RowFault]],
) -> tuple[list[tuple[int, Values]], list[RowFault]]:
    """Return what the rows without a fault say, and the faults by row and column.

    ``at_odds``: what cells of a row, each right by itself, have wrong together or with
    an earlier row. ``RowFault.field`` is the key of a column, ``row``, ``header`` or
    ``file``; at most ``reading.FAULTS_MAX`` are listed. Raises nothing.
    """
    rows, faults = _read_rows(data, layout)
    found = []
    for number, cells in rows:
        values, wrong = _read_cells(number, cells, layout)
        faults += [*wrong, *at_odds(number, values)]
        found.append((number, values))
    bad = {fault.row for fault in faults}
    # Where a column is missing, no row says what it must.
    must = {field.name or field.column.key for field in layout.fields if field.needed}
    good = [row for row in found if row[0] not in bad and must <= row[1].keys()]
    return good, listed(faults)


def write_template(
    layout: Layout, examples: Sequence[Row], lang: str, title: tuple[str, str]
) -> bytes:
    """Return a workbook to fill in (模板): a header and some rows as examples."""
    named = title[lang.startswith("en")]
    return to_xlsx(layout.columns, examples, lang, named, "Asia/Shanghai")


def _read_rows(
    data: bytes, layout: Layout
) -> tuple[list[tuple[int, dict[str, str]]], list[RowFault]]:
    """Return the cells of each row by column key, and the faults of the file.

    A row is counted from the header's 1. One that is empty or has a fault of its own
    is not here.
    """
    table = _table(data, layout)
    if not table.rows:
        return [], table.faults or [empty()]
    titles = {column.key: column.zh for column in layout.columns}
    keys = names({column.key: (column.zh, column.en) for column in layout.columns})
    header = [_key(cell, keys) for cell in table.rows[0][1]]
    columns = {key: header.index(key) for key in titles if key in header}
    if not columns:
        return [], [_no_header(layout)]
    others = [key for key in titles if key not in layout.needed]
    named = [cell for cell in header if cell]
    faults = [*table.faults, *header_faults(named, layout.needed, others, titles)]
    faults.extend(_merged(table.merged, header, titles, len(table.rows)))
    filled = [row for row in table.rows[1:] if any(map(str.strip, row[1]))]
    rows = []
    for number, cells in filled:
        if found := list(_misplaced(number, cells, header, keys)):
            faults.extend(found)
        else:
            rows.append((number, {key: cells[at] for key, at in columns.items()}))
    if not faults:
        faults.extend(wrong_size(len(filled), layout.rows_max))
    return rows, faults


def _read_cells(
    number: int, cells: Mapping[str, str], layout: Layout
) -> tuple[Values, list[RowFault]]:
    """Return what the cells of a row say, and what is wrong with the others.

    An empty cell says nothing, in a column that is needed it is a fault.
    """
    values: Values = {}
    faults: list[RowFault] = []
    for column, chars_max, parse, needed, name in layout.fields:
        key, cell = column.key, cells.get(column.key)
        if cell is None or (not needed and not cell.strip()):
            continue
        title = column.zh, column.en.lower()
        wrong = list(text_faults(number, key, cell, chars_max, title))
        faults.extend(wrong)
        if wrong:
            continue
        try:
            values[name or key] = parse(cell)
        except WrongCellError as why:
            faults.append(RowFault(number, key, why.zh, why.en))
    return values, faults


# --- the table -----------------------------------------------------------------------


class _Table(NamedTuple):
    """Cells of a file by row, the header first; what is wrong with how it is made."""

    rows: list[tuple[int, list[str]]]
    faults: list[RowFault]
    merged: list[Merged]


def _table(data: bytes, layout: Layout) -> _Table:
    if large := too_large(data, layout.bytes_max):
        return _Table([], [large], [])
    if not is_workbook(data):
        return _lines(data, layout.rows_max)
    sheet = read_sheet(data, layout.rows_max, COLUMNS_MAX)
    if isinstance(sheet, RowFault):
        return _Table([], [sheet], [])
    return _Table(list(enumerate(sheet.rows, start=1)), [], sheet.merged)


def _lines(data: bytes, rows_max: int) -> _Table:
    """Return the lines of a CSV file that can be split into fields."""
    lines = lines_of(data)
    encoding = encoding_of(lines)
    made = _Table([], list(wrong_size(max(len(lines) - 1, 1), rows_max)), [])
    for number, line in enumerate(lines[: rows_max + 1], start=1):
        cells = split(number, line, encoding) if line.strip() else []
        if isinstance(cells, RowFault):
            made.faults.append(cells)
            if number == 1:  # nothing can be said of rows without their header
                break
        else:
            made.rows.append((number, cells))
    return made


def _key(cell: str, keys: Mapping[str, str]) -> str:
    """Return the key of the column that a cell of the header names, or its text."""
    return keys.get(folded(cell[:100]), cell.strip())


def _no_header(layout: Layout) -> RowFault:
    needed = [column for column in layout.columns if column.key in layout.needed]
    wanted = "、".join(column.zh for column in needed)
    named = ", ".join(column.en for column in needed)
    return RowFault(
        1,
        "header",
        f"第一行应为表头，至少含 {wanted}",
        f"the first row must name the columns, at least {named}",
    )


def _merged(
    merged: Iterable[Merged], header: Sequence[str], titles: Iterable[str], rows: int
) -> Iterator[RowFault]:
    """Yield every merged cell: whom its content is for is anybody's guess."""
    for cell in merged:
        if cell.row > rows or cell.column >= len(header):
            continue
        key = header[cell.column]
        yield RowFault(
            cell.row,
            key if key in titles else "row",
            f"第 {cell.row}–{cell.last} 行有合并单元格，请取消合并后逐行填写",
            f"merged cells in rows {cell.row} to {cell.last}; fill in each row",
        )


def _misplaced(
    number: int, cells: Sequence[str], header: Sequence[str], keys: Mapping[str, str]
) -> Iterator[RowFault]:
    """Yield why the cells of a row are not those of its columns."""
    if len(cells) != len(header):
        yield wrong_width(number, len(header), len(cells))
        return
    pairs = zip(cells, header, strict=True)
    if all(_key(cell, keys) == name for cell, name in pairs):
        yield RowFault(number, "row", "表头重复", "the header once more")
        return
    for index, cell in enumerate(cells):
        if cell.strip() and not header[index]:
            zh = f"第 {index + 1} 列没有表头却有内容"
            en = f"column {index + 1} has content but no name"
            yield RowFault(number, "row", zh, en)
