"""Files of rows under a header (表格文件): one reader for every file that comes in.

CSV of any usual encoding and delimiter or a workbook in, cells by the key of their
column out; whatever is wrong with how a file is made comes back by row and column. Here
too nothing raises for what comes in.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from api.exchange.cells import WrongCellError
from api.exchange.grid import merged, misplaced, no_header, table_of, uncomputed
from api.exchange.keys import unkept
from api.exchange.layout import Field, Layout, key_of
from api.exchange.reading import EMPTY, header_faults, listed, text_faults, wrong_size
from api.exchange.tables import Row, to_xlsx
from coordination.refusals import RowFault

_WRONG_CHARS_MAX = 40
Values = dict[str, Any]
"""What the cells of a row say, by name. A column that the file does not have says
nothing: it is not here. An empty cell of one that is there clears: it is.
"""
_WRONG = re.compile(
    r"#(N/A|NAME\?|REF!|VALUE!|DIV/0!|NUM!|NULL!|SPILL!|CALC!|GETTING_DATA|FIELD!"
    r"|BLOCKED!|CONNECT!|UNKNOWN!|BUSY!)|Err:[0-9]{3}|#{3,}",
    re.IGNORECASE,
)
"""What a spreadsheet writes where it could not compute or show something."""


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
    must = {field.says for field in layout.fields if field.needed or field.must}
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
    table = table_of(data, layout)
    if not table.rows:
        return [], table.faults or [EMPTY]
    titles = {column.key: column.zh for column in layout.columns}
    keys = layout.keys
    header = [key_of(cell, keys) for cell in table.rows[0][1]]
    while header and not header[-1]:
        header.pop()
    columns = {key: header.index(key) for key in titles if key in header}
    if not columns:
        return [], [no_header(layout)]
    others = [key for key in titles if key not in layout.needed]
    named = [cell for cell in header if cell]
    faults = [*table.faults, *header_faults(named, layout.needed, others, titles)]
    faults.extend(merged(table.merged, header, titles, len(table.rows)))
    filled = [row for row in table.rows[1:] if any(map(str.strip, row[1]))]
    rows = []
    for number, given in filled:
        # Fields that are missing at the end are empty; so is what hangs over.
        cells = [*given, *[""] * (len(header) - len(given))]
        while len(cells) > len(header) and not cells[-1].strip():
            cells.pop()
        found = [
            *misplaced(number, cells, header, keys),
            *uncomputed(number, columns, table),
        ]
        if found:
            faults.extend(found)
            continue
        read = {key: cells[at] for key, at in columns.items()}
        for key in layout.whole & columns.keys():
            read[key] = table.typed.get((number, columns[key]), read[key])
        rows.append((number, read))
    if not faults:
        faults.extend(wrong_size(len(filled), layout.rows_max))
    return rows, faults


def _read_cells(
    number: int, cells: Mapping[str, str], layout: Layout
) -> tuple[Values, list[RowFault]]:
    """Return what the cells of a row say, and what is wrong with the others."""
    values: Values = {}
    faults: list[RowFault] = []
    for field in layout.fields:
        key, cell = field.column.key, cells.get(field.column.key)
        if cell is None:
            continue
        if not field.needed and not cell.strip():
            values[field.says] = field.cleared
            continue
        wrong = list(_cell_faults(number, field, cell))
        faults.extend(wrong)
        if wrong:
            continue
        try:
            values[field.says] = field.parse(unkept(cell))
        except WrongCellError as why:
            faults.append(RowFault(number, key, why.zh, why.en))
    return values, faults


def _cell_faults(number: int, field: Field, cell: str) -> Iterator[RowFault]:
    """Yield what is wrong with a cell, whatever it should say."""
    column = field.column
    shown = cell[:_WRONG_CHARS_MAX].strip()
    if shown.startswith(("#", "E", "e")) and _WRONG.fullmatch(shown):
        zh, en = f"单元格是错误值 {shown}，请更正", f"the cell holds the error {shown}"
        yield RowFault(number, column.key, zh, en)
        return
    title = column.zh, column.en.lower()
    many = field.many
    yield from text_faults(number, column.key, cell, field.chars_max, title, many=many)
