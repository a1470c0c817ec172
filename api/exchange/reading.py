"""What all files of rows have in common (读表): encodings, headers, cells.

A file says of itself everything that is wrong with it, by row and column. What comes in
is anybody's: nothing here raises for it, or takes more memory or time than is set.
"""

from __future__ import annotations

import codecs
import csv
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence

from coordination.kernel import RowFault

FAULTS_MAX = 2_000
# Control, format (bidi, zero width), surrogate, line and paragraph separators: none of
# them is seen on a screen, all of them can make one name look like another.
UNSEEN = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})

# --- files ---------------------------------------------------------------------------


def too_large(data: bytes, most: int) -> RowFault | None:
    """Return that a file has more than ``most`` bytes, if so."""
    if len(data) <= most:
        return None
    zh, en = f"文件超过 {most} 字节", f"the file is larger than {most} bytes"
    return RowFault(1, "file", zh, en)


def empty() -> RowFault:
    """Return that there is nothing in a file."""
    return RowFault(1, "file", "文件为空", "the file is empty")


def lines_of(data: bytes) -> list[bytes]:
    """Return the lines without byte order mark and without blank ones at the end."""
    lines = data.removeprefix(codecs.BOM_UTF8).split(b"\n")
    while lines and not lines[-1].strip():
        lines.pop()
    return lines


def encoding_of(lines: Iterable[bytes]) -> str:
    """Return ``utf-8``, or ``gb18030`` as Chinese Excel writes CSV.

    By most of the lines, not all: one wrong byte is a fault of its row.
    """
    telling = [line for line in lines if not line.isascii()]
    right = sum(isinstance(_decoded(line, "utf-8"), str) for line in telling)
    return "utf-8" if right * 2 >= len(telling) else "gb18030"


def split(number: int, line: bytes, encoding: str = "utf-8") -> list[str] | RowFault:
    """Return the fields of one line, or why it has none."""
    text = _decoded(line.removesuffix(b"\r"), encoding)
    if isinstance(text, int):
        name = encoding.upper()
        return RowFault(
            number,
            "row",
            f"第 {text} 个字节不是 {name} 编码，请另存为 CSV UTF-8",
            f"byte {text} is not {name}; save the file as CSV UTF-8",
        )
    try:
        return next(csv.reader([text], strict=True))
    except csv.Error:
        return RowFault(
            number,
            "row",
            "引号或换行有误，每行应为一条记录",
            "wrong quotes or line ends: each line is one row",
        )


def wrong_width(number: int, width: int, found: int) -> RowFault:
    """Return that a line has another number of fields than the header."""
    return RowFault(
        number,
        "row",
        f"应有 {width} 列，现有 {found} 列",
        f"{width} fields expected, {found} found",
    )


def wrong_size(count: int, most: int) -> Iterator[RowFault]:
    """Yield that the file has no row, or more than ``most``."""
    if count == 0:
        yield RowFault(1, "file", "只有表头，没有数据", "a header, but no rows")
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
        count = len(unknown)
        yield RowFault(
            1,
            "header",
            f"多余的列（{count} 个）：{named}",
            f"unknown columns ({count}): {named}",
        )


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
    number: int, field: str, cell: str, most: int, title: tuple[str, str]
) -> Iterator[RowFault]:
    """Yield what is wrong with a text that must be there: empty, too long, unseen.

    ``cell``: as the file has it; ``title``: of the field, Chinese and English.
    """
    zh, en = title
    cell = cell[: most * 4]  # a cell may hold millions of characters
    text = unicodedata.normalize("NFC", cell).strip()
    if not text:
        yield RowFault(number, field, f"{zh}为空", f"the {en} is empty")
    if len(text) > most:
        yield RowFault(
            number,
            field,
            f"{zh}超过 {most} 字",
            f"the {en} has more than {most} characters",
        )
    if unseen(cell):
        yield RowFault(
            number,
            field,
            f"{zh}含有不可见的控制字符",
            f"the {en} contains invisible control characters",
        )
