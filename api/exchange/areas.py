"""The area file (区域文件): rows from CSV ``code,name,level,parent_code``.

UTF-8 with or without a byte order mark, lines ended by LF or CRLF, one row a line. A
file says of itself everything that is wrong with it; what is wrong against the areas
registered already is for ``coordination.areas.decide.import_areas`` to say.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator

from api.exchange.reading import (
    empty,
    header_faults,
    lines_of,
    split,
    text_faults,
    too_large,
    wrong_size,
    wrong_width,
)
from coordination.areas.decide import AREA_ROWS_MAX, AreaRow
from coordination.kernel import RowFault
from coordination.tree import DIGITS, OFFICIAL_CODE, path_of

HEADER = ("code", "name", "level", "parent_code")
FILE_BYTES_MAX = 5_000_000
NAME_CHARS_MAX = 100


def read_areas(data: bytes) -> tuple[tuple[AreaRow, ...], list[RowFault]]:
    """Return the rows without a fault, and every fault of the file by line.

    ``data``: at most ``FILE_BYTES_MAX`` bytes and ``AREA_ROWS_MAX`` rows; what lies
    beyond is not looked at. ``RowFault.field`` is a column, ``row`` for a whole line,
    ``header`` or ``file``. Names come back in NFC without spaces around them. A row
    may lack a parent only where the file names no area above it. Raises nothing.
    """
    if large := too_large(data, FILE_BYTES_MAX):
        return (), [large]
    lines = lines_of(data)
    if not lines:
        return (), [empty()]
    faults: list[RowFault] = []
    columns, width = _columns(lines[0], faults)
    rows: list[AreaRow] = []
    for number, line in enumerate(lines[1 : AREA_ROWS_MAX + 1], start=2):
        cells = split(number, line)
        if isinstance(cells, RowFault):
            faults.append(cells)
        elif len(cells) != width:
            faults.append(wrong_width(number, width, len(cells)))
        else:
            found = {name: cells[index] for name, index in columns.items()}
            rows.append(_row(number, found))
            faults.extend(_row_faults(rows[-1], found))
    faults.extend(wrong_size(len(lines) - 1, AREA_ROWS_MAX))
    faults.extend(_twice(rows))
    if "parent_code" in columns:
        faults.extend(_orphans(rows))
    faults.sort(key=lambda fault: fault.row)
    wrong = {fault.row for fault in faults}
    return tuple(row for row in rows if row.row not in wrong), faults


def _columns(line: bytes, faults: list[RowFault]) -> tuple[dict[str, int], int]:
    """Return where each known column stands and the width of a row.

    Without a header that can be read the usual order is assumed, so that the rows are
    looked at all the same.
    """
    usual = {name: index for index, name in enumerate(HEADER)}
    cells = split(1, line)
    if isinstance(cells, RowFault):
        faults.append(cells)
        return usual, len(HEADER)
    if tuple(cells) == HEADER:
        return usual, len(HEADER)
    wanted = ",".join(HEADER)
    if not set(cells) & set(HEADER):
        faults.append(
            RowFault(1, "header", f"表头应为 {wanted}", f"the header must be {wanted}")
        )
        return usual, len(HEADER)
    before = len(faults)
    faults.extend(header_faults(cells, HEADER))
    if len(faults) == before:
        faults.append(
            RowFault(
                1,
                "header",
                f"列的顺序应为 {wanted}",
                f"the columns must stand in the order {wanted}",
            )
        )
    return {name: cells.index(name) for name in HEADER if name in cells}, len(cells)


def _row(number: int, found: dict[str, str]) -> AreaRow:
    """Return the row, its name normalised; a column that is missing is empty."""
    return AreaRow(
        row=number,
        code=found.get("code", ""),
        name=unicodedata.normalize("NFC", found.get("name", "")).strip(),
        level=found.get("level", ""),
        parent=found.get("parent_code", ""),
    )


def _row_faults(row: AreaRow, found: dict[str, str]) -> Iterator[RowFault]:
    """Yield what is wrong with one row by itself, in the columns that are there."""
    coded = OFFICIAL_CODE.fullmatch(row.code)
    if "code" in found and not coded:
        yield RowFault(
            row.row,
            "code",
            "代码应为 12 位数字，首位不为 0",
            "the code must be 12 digits, the first not 0",
        )
    if "name" in found:
        title = "名称", "name"
        yield from text_faults(row.row, "name", found["name"], NAME_CHARS_MAX, title)
    if "level" in found and row.level not in DIGITS:
        levels = ", ".join(DIGITS)
        yield RowFault(
            row.row,
            "level",
            f"层级应为 {levels} 之一",
            f"the level must be one of {levels}",
        )
    elif coded and row.level and row.code[DIGITS[row.level] :].strip("0"):
        digits = DIGITS[row.level]
        yield RowFault(
            row.row,
            "code",
            f"{row.level} 的代码第 {digits} 位之后应全为 0",
            f"after digit {digits} the code of a {row.level} must be zeros",
        )
    if row.parent and not OFFICIAL_CODE.fullmatch(row.parent):
        yield RowFault(
            row.row,
            "parent_code",
            "上级代码应为 12 位数字或空",
            "the parent code must be 12 digits or empty",
        )


def _twice(rows: Iterable[AreaRow]) -> Iterator[RowFault]:
    """Yield every row whose code an earlier one has."""
    first: dict[str, int] = {}
    for row in rows:
        earlier = first.setdefault(row.code, row.row)
        if earlier != row.row and OFFICIAL_CODE.fullmatch(row.code):
            yield RowFault(
                row.row,
                "code",
                f"代码与第 {earlier} 行重复",
                f"the code stands in line {earlier} already",
            )


def _orphans(rows: Iterable[AreaRow]) -> Iterator[RowFault]:
    """Yield every row without a parent although the file names an area above it."""
    placed = [
        (row, path_of(row.code, row.level))
        for row in rows
        if row.level in DIGITS and OFFICIAL_CODE.fullmatch(row.code)
    ]
    paths = {path for _, path in placed}
    for row, path in placed:
        higher = (path[:n] for n in DIGITS.values() if n < len(path))
        if not row.parent and any(prefix in paths for prefix in higher):
            yield RowFault(
                row.row, "parent_code", "缺少上级代码", "the parent code is missing"
            )
