"""What all files of rows have in common (读表): encodings, headers, cells, workbooks.

A file says of itself everything that is wrong with it, by row and column. What comes in
is anybody's: nothing here raises for it, or takes more memory or time than is set.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
import unicodedata
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import NamedTuple
from xml.parsers import expat

import python_calamine as calamine

from coordination.kernel import RowFault

FAULTS_MAX = 2_000
UNZIPPED_BYTES_MAX = 100_000_000
PARTS_MAX = 1_000
ELEMENTS_MAX = 3_000_000
SHARED_CHARS_MAX = 100_000_000
"""Characters of all cells together, if each had the longest of the shared texts."""
EXACT_MAX = 10**15
"""A spreadsheet keeps 15 digits of a number."""

# Control, format (bidi, zero width), surrogate, line and paragraph separators: none of
# them is seen on a screen, all of them can make one name look like another.
UNSEEN = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})

_CHUNK_BYTES = 1 << 20
_COMPRESSIONS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
_PART = re.compile(r"\[Content_Types\]\.xml|(_rels/|xl/).*\.(xml|rels)")
_CELL = re.compile(r"([A-Z]{1,3})([1-9][0-9]{0,6})")
_OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ZIP = b"PK\x03\x04"

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


# --- workbooks -----------------------------------------------------------------------


class Merged(NamedTuple):
    """Merged cells (合并单元格): first and last row, from 1; first column, from 0."""

    row: int
    last: int
    column: int


class Sheet(NamedTuple):
    """What people see in the first sheet (工作表): cells as text, from row 1 on."""

    rows: list[list[str]]
    merged: list[Merged]


def is_workbook(data: bytes) -> bool:
    """Tell whether these bytes mean to be a workbook, whole or not."""
    return data.startswith((_ZIP, _OLD_OFFICE))


def read_sheet(data: bytes, rows_max: int, columns_max: int) -> Sheet | RowFault:
    """Return the first visible sheet of an ``.xlsx``, or why there is none.

    ``rows_max``: under the header. A formula is read as it was last shown.
    """
    if data.startswith(_OLD_OFFICE):
        return _locked(data)
    try:
        safe = _Safe(data, rows_max, columns_max)
    except _Refused as refused:
        return refused.fault
    # The archive may be damaged in any way, and the library raises as many errors.
    except Exception:  # noqa: BLE001
        return _damaged()
    try:
        with calamine.load_workbook(io.BytesIO(safe.data)) as book:
            shown = (
                sheet.name
                for sheet in book.sheets_metadata
                if sheet.typ == calamine.SheetTypeEnum.WorkSheet
                and sheet.visible == calamine.SheetVisibleEnum.Visible
            )
            sheet = book.get_sheet_by_name(next(shown))
            rows = sheet.to_python(skip_empty_area=False)
            merged = sheet.merged_cell_ranges or []
    # A panic in Rust is no Exception; let what ends the process pass.
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException:  # noqa: BLE001
        return safe.left_out or _damaged()
    return Sheet(
        [[_text(value) for value in row] for row in rows],
        [Merged(first[0] + 1, last[0] + 1, first[1]) for first, last in merged],
    )


class _Refused(Exception):  # noqa: N818 - as the refusals are called
    """This part of a workbook, or all of it, is not read."""

    def __init__(self, fault: RowFault) -> None:
        super().__init__(fault.en)
        self.fault = fault


class _Safe:
    """A workbook made anew of the parts that were read whole and stay in the limits.

    The library makes room for every cell up to the farthest one: a file of 5 kB with
    something in its last cell would end the process. And what an archive says of its
    own size may be a lie. So it gets to see only what was counted.
    """

    def __init__(self, data: bytes, rows_max: int, columns_max: int) -> None:
        self.left_out: RowFault | None = None
        scan = _Scan(rows_max, columns_max)
        made = io.BytesIO()
        with (
            zipfile.ZipFile(io.BytesIO(data)) as given,
            zipfile.ZipFile(made, "w", zipfile.ZIP_STORED) as kept,
        ):
            for name, part in _parts(given).items():
                content = _unzipped(given, part)
                try:
                    scan.check(content)
                except _Refused as refused:
                    # Perhaps a sheet that nobody asks for.
                    self.left_out = self.left_out or refused.fault
                    continue
                kept.writestr(zipfile.ZipInfo(name), content)
        if scan.shared_chars > SHARED_CHARS_MAX:
            raise _Refused(_too_much())
        self.data = made.getvalue()


class _Scan:
    """Where the cells of a sheet stand, as the library will count them."""

    def __init__(self, rows_max: int, columns_max: int) -> None:
        self._rows_max, self._columns_max = rows_max, columns_max
        self._left = ELEMENTS_MAX
        self._row, self._next = 0, 1
        self._cell = 0, 0
        self._sharing = self._sharing_max = 0
        self._chars = self._chars_max = 0

    @property
    def shared_chars(self) -> int:
        """Characters the library may write out: it copies a shared text each time."""
        return self._sharing_max * self._chars_max

    def check(self, content: bytes) -> None:
        """Return if a part is XML in the limits.

        :raises _Refused: if it is not
        """
        self._row, self._next, self._cell = 0, 1, (0, 0)
        self._sharing = self._chars = 0
        parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.CharacterDataHandler = self._characters
        parser.StartElementHandler = self._element
        parser.StartDoctypeDeclHandler = self._doctype
        try:
            parser.Parse(content, True)  # noqa: FBT003 - the library's last argument
        except expat.ExpatError as error:
            raise _Refused(_damaged()) from error

    def _doctype(self, *_: object) -> None:
        raise _Refused(_damaged())

    def _characters(self, text: str) -> None:
        self._chars += len(text)
        self._chars_max = max(self._chars_max, self._chars)

    def _element(self, tag: str, attributes: dict[str, str]) -> None:
        self._left -= 1
        if self._left < 0:
            raise _Refused(_too_much())
        match tag.rpartition(":")[2]:
            case "row":
                self._begin_row(attributes.get("r"))
            case "c":
                self._begin_cell(attributes.get("r"))
                self._chars = 0
                self._sharing += attributes.get("t") == "s"
                self._sharing_max = max(self._sharing_max, self._sharing)
            case "si":
                self._chars = 0
            case "v" | "is" | "f":  # a cell with nothing in it takes no room
                row, column = self._cell
                if row > self._rows_max + 1:
                    raise _Refused(next(wrong_size(row, self._rows_max)))
                if column > self._columns_max:
                    raise _Refused(_too_wide(row, self._columns_max))

    def _begin_row(self, place: str | None) -> None:
        if place is not None and not re.fullmatch("[0-9]{1,7}", place):
            raise _Refused(_damaged())
        self._row = self._row + 1 if place is None else int(place)
        self._next = 1

    def _begin_cell(self, place: str | None) -> None:
        if place is None:
            self._cell = self._row, self._next
        elif found := _CELL.fullmatch(place.upper()):
            column = 0
            for letter in found[1]:
                column = column * 26 + ord(letter) - 64
            self._cell = int(found[2]), column
        else:
            raise _Refused(_damaged())
        self._next = self._cell[1] + 1


def _parts(given: zipfile.ZipFile) -> dict[str, zipfile.ZipInfo]:
    """Return the parts that cells are made of.

    :raises _Refused: if the archive is too large, locked or no workbook
    """
    every = given.infolist()
    size = sum(part.file_size for part in every)
    if len(every) > PARTS_MAX or size > UNZIPPED_BYTES_MAX:
        raise _Refused(_too_much())
    parts = {p.filename: p for p in every if _PART.fullmatch(p.filename)}
    if "xl/workbook.xml" not in parts:
        raise _Refused(_damaged())
    for part in parts.values():
        if part.flag_bits & 1 or part.compress_type not in _COMPRESSIONS:
            raise _Refused(_damaged())
    return parts


def _unzipped(given: zipfile.ZipFile, part: zipfile.ZipInfo) -> bytes:
    """Return a part, never more than it says it has; one that has more is damaged."""
    # By pieces: in one piece all of a lie would be unpacked before it is cut.
    with given.open(part) as stream:
        return b"".join(iter(lambda: stream.read(_CHUNK_BYTES), b""))


def _text(value: object) -> str:
    """Return a cell as it reads; a number of too many digits as Excel shows it."""
    match value:
        case bool():
            return str(value).upper()
        case float() if value.is_integer() and abs(value) < EXACT_MAX:
            return str(int(value))
        case float() if abs(value) >= EXACT_MAX:
            return f"{value:.14E}"
        case date():  # or datetime
            return value.isoformat()
    return str(value)


def _locked(data: bytes) -> RowFault:
    if "EncryptedPackage".encode("utf-16-le") in data:
        zh, en = "文件有密码，请去掉密码后再上传", "the file has a password; remove it"
    else:
        zh, en = (
            "旧版 Excel 文件，请另存为 .xlsx",
            "an old Excel file; save it as .xlsx",
        )
    return RowFault(1, "file", zh, en)


def _damaged() -> RowFault:
    zh = "不是完整的 .xlsx 文件，请用表格软件打开后另存"
    en = "no whole .xlsx file; open it in a spreadsheet and save it again"
    return RowFault(1, "file", zh, en)


def _too_much() -> RowFault:
    zh = "文件解压后过大，请只保留名册工作表"
    en = "too large when unpacked; keep only the sheet that is needed"
    return RowFault(1, "file", zh, en)


def _too_wide(row: int, most: int) -> RowFault:
    return RowFault(row, "row", f"超过 {most} 列", f"more than {most} columns")
