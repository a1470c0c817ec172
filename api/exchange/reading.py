"""What all files of rows have in common (读表): encodings, headers, cells.

A file says of itself everything that is wrong with it, by row and column. What comes in
is anybody's: nothing here raises for it, or takes more memory or time than is set.
"""

from __future__ import annotations

import codecs
import csv
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import NamedTuple

from coordination.refusals import RowFault

FAULTS_MAX = 2_000
DELIMITERS = ",\t;|\uff0c\uff1b"
CELL_LINES_MAX = 100
_SEPARATOR = re.compile('"?sep=."?')
_BOM_GB18030 = b"\x84\x31\x95\x33"
UNREADABLE = "\ufffd"
"""What a program writes for a sign it could not read."""
# Control, format (bidi, zero width), surrogate, line and paragraph separators: none of
# them is seen on a screen, all of them can make one name look like another.
UNSEEN = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})

_BREAKS = "\r\n"
_AROUND = " \t\r\n\u3000"
"""What may stand around a text, and means nothing."""

# --- files ---------------------------------------------------------------------------


def of_file(zh: str, en: str) -> RowFault:
    """Return what is wrong with a file as a whole."""
    return RowFault(1, "file", zh, en)


EMPTY = of_file("文件为空", "the file is empty")


def too_large(data: bytes, most: int) -> RowFault | None:
    """Return that a file has more than ``most`` bytes, if so."""
    if len(data) <= most:
        return None
    return of_file(f"文件超过 {most} 字节", f"the file is larger than {most} bytes")


class Lines(NamedTuple):
    """The lines of a text (行): each as it reads, or the place of its first wrong byte.

    ``encoding``: as it is called to people.
    """

    lines: list[str | int]
    encoding: str


def lines_of(data: bytes) -> Lines:
    """Return the lines without byte order mark and without blank ones at the end.

    UTF-8, or GB18030 as Chinese Excel writes CSV, or UTF-16 as it writes text. By most
    of the lines, not all: one wrong byte is a fault of its row.
    """
    encoding = "utf-8"
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        # Its line ends are no single bytes; what cannot be read shows as a mark.
        data = data.decode("utf-16", "replace").encode("utf-8", "replace")
        encoding = "utf-16"
    for mark in (codecs.BOM_UTF8, _BOM_GB18030):
        data = data.removeprefix(mark)
    if b"\n" not in data:
        data = data.replace(b"\r", b"\n")  # as an old Macintosh ends lines
    raw = data.split(b"\n")
    while raw and not raw[-1].strip():
        raw.pop()
    if encoding == "utf-8":
        encoding = _encoding_of(raw)
    reads = "utf-8" if encoding == "utf-16" else encoding
    lines = [_decoded(line.removesuffix(b"\r"), reads) for line in raw]
    return Lines(lines, encoding.upper())


def _encoding_of(lines: Iterable[bytes]) -> str:
    telling = [line for line in lines if not line.isascii()]
    right = sum(isinstance(_decoded(line, "utf-8"), str) for line in telling)
    return "utf-8" if right * 2 >= len(telling) else "gb18030"


def records(
    text: Lines, known: Callable[[str], bool]
) -> Iterator[tuple[int, list[str] | RowFault]]:
    """Yield each row, counted from 1, as its fields, or why it has none.

    The delimiter is the one that makes the most names of columns of the first row:
    ``known`` tells them. A field in quotes may have line breaks; a quote left open is a
    fault of its row alone. A row of a spreadsheet is one row, on however many lines.
    """
    lines, at = text.lines, 0
    if lines and isinstance(lines[0], str) and _SEPARATOR.fullmatch(lines[0]):
        at = 1  # for the spreadsheet only, which does not show it
    delimiter = _delimiter(text, at, known)
    number = 0
    while at < len(lines):
        number += 1
        cells, used = _record(text, at, number, delimiter)
        yield number, cells
        at += used


def _delimiter(text: Lines, at: int, known: Callable[[str], bool]) -> str:
    def names(delimiter: str) -> int:
        if at >= len(text.lines):
            return 0
        cells, _ = _record(text, at, 1, delimiter)
        return 0 if isinstance(cells, RowFault) else sum(map(known, cells))

    return max(DELIMITERS, key=names)  # of equals the first


def _record(
    text: Lines, at: int, number: int, delimiter: str
) -> tuple[list[str] | RowFault, int]:
    """Return the fields of the row that begins at a line, and how many lines it has."""
    first = text.lines[at]
    if isinstance(first, int):
        name = text.encoding
        zh = f"第 {first} 个字节不是 {name} 编码，请另存为 CSV UTF-8"
        en = f"byte {first} is not {name}; save the file as CSV UTF-8"
        return RowFault(number, "row", zh, en), 1
    if (cells := _fields(first, delimiter)) is not None:
        return cells, 1
    parts, quotes = [first], first.count('"')
    for line in text.lines[at + 1 : at + CELL_LINES_MAX]:
        if isinstance(line, int):
            break
        parts.append(line)
        quotes += line.count('"')
        if quotes % 2 == 0:
            cells = _fields("\n".join(parts), delimiter)
            break
    if cells is not None:
        return cells, len(parts)
    zh = "引号没有成对，请检查本行的引号"
    return RowFault(number, "row", zh, "a quote is left open in this row"), 1


def _fields(text: str, delimiter: str) -> list[str] | None:
    """Return the fields of one row; None if its quotes are wrong."""
    try:
        lines = [f"{line}\n" for line in text.split("\n")]
        made = list(csv.reader(lines, strict=True, delimiter=delimiter))
    except csv.Error:
        return None
    return made[0] if len(made) == 1 else [] if not made else None


def wrong_width(number: int, width: int, found: int) -> RowFault:
    """Return that a row has more fields than the header."""
    return RowFault(
        number,
        "row",
        f"表头有 {width} 列，本行有 {found} 列：文字中有分隔符时须加引号",
        f"the header has {width} columns, this row {found}: quote a text that has "
        "the delimiter in it",
    )


def wrong_size(count: int, most: int) -> Iterator[RowFault]:
    """Yield that the file has no row, or more than ``most``."""
    if count == 0:
        yield of_file("只有表头，没有数据", "a header, but no rows")
    if count > most:
        yield RowFault(
            most + 2,
            "file",
            f"超过 {most} 行，其后未检查",
            f"more than {most} rows; the rest was not checked",
        )


def listed(faults: Iterable[RowFault]) -> list[RowFault]:
    """Return the faults by row, at most ``FAULTS_MAX``: the last says how many more."""
    found = sorted(faults, key=lambda fault: fault.row)
    if len(found) <= FAULTS_MAX:
        return found
    shown, left = found[: FAULTS_MAX - 1], len(found) - FAULTS_MAX + 1
    zh, en = f"另有 {left} 处错误未列出", f"{left} more faults are not listed"
    return [*shown, RowFault(found[-1].row, "file", zh, en)]


def _decoded(line: bytes, encoding: str) -> str | int:
    """Return the text of a line, or the place of the first wrong byte, from 1."""
    try:
        return line.decode(encoding)
    except UnicodeDecodeError as error:
        return error.start + 1


# --- headers and cells ---------------------------------------------------------------


def header_faults(
    cells: Sequence[str],
    needed: Sequence[str],
    others: Sequence[str] = (),
    titles: Mapping[str, str] | None = None,
) -> Iterator[RowFault]:
    """Yield each column that is missing or given twice, and all unknown ones as one.

    ``others``: columns that may be missing; ``titles``: how columns are called in
    Chinese, where they are not called by their own names.
    """
    for name in (*needed, *others):
        title = (titles or {}).get(name, name)
        if name not in cells and name in needed:
            yield RowFault(1, name, f"缺少列 {title}", f"column {name} is missing")
        elif cells.count(name) > 1:
            yield RowFault(1, name, f"列 {title} 重复", f"column {name} twice")
    unknown = [name for name in cells if name not in needed and name not in others]
    if unknown:
        # A header may hold millions of them: name a few.
        named = ", ".join(name[:20] or "?" for name in unknown[:5])
        zh = f"多余的列（{len(unknown)} 个）：{named}"
        en = f"unknown columns ({len(unknown)}): {named}"
        yield RowFault(1, "header", zh, en)


def folded(text: str) -> str:
    """Return a text in the form in which two names are the same."""
    return unicodedata.normalize("NFKC", text).strip().casefold()


def unseen(text: str) -> bool:
    """Tell whether there is something in a text that no screen shows."""
    # What is printable has none of it, and most is: that is much the quicker question.
    return not text.isprintable() and any(
        unicodedata.category(char) in UNSEEN for char in text
    )


def text_faults(
    number: int,
    field: str,
    cell: str,
    most: int,
    title: tuple[str, str],
    *,
    many: bool = False,
) -> Iterator[RowFault]:
    """Yield what is wrong with a text that must be there: empty, too long, unseen.

    ``cell``: as the file has it; ``title``: of the field, Chinese and English;
    ``many``: it is a list, which a line break divides.
    """
    (zh, en), wrong = title, partial(RowFault, number, field)
    cell = cell[: most * 4].strip(_AROUND)  # a cell may hold millions of characters
    text = unicodedata.normalize("NFC", cell).strip()
    if "\n" in cell or "\r" in cell:
        if not many:
            yield wrong(
                f"{zh}中有换行，请写在一行内", f"the {en} has a line break in it"
            )
        for sign in _BREAKS:
            cell = cell.replace(sign, " ")
    if not text:
        yield wrong(f"{zh}为空", f"the {en} is empty")
    if len(text) > most:
        yield wrong(f"{zh}超过 {most} 字", f"the {en} has more than {most} characters")
    if UNREADABLE in cell:
        why = f"{zh}中有无法识别的字符，请按原样重填"
        yield wrong(why, f"the {en} has a sign that was not readable")
    if unseen(cell):
        why = f"{zh}含有不可见的控制字符"
        yield wrong(why, f"the {en} contains invisible control characters")
