"""Workbooks (工作簿): what people see in the first sheet of an ``.xlsx``, as text.

What comes in is anybody's: nothing here raises for it, or takes more memory or time
than is set.
"""

from __future__ import annotations

import io
import re
import zipfile
from datetime import date
from typing import NamedTuple
from xml.parsers import expat

import python_calamine as calamine

from api.exchange.reading import wrong_size
from coordination.kernel import RowFault

UNZIPPED_BYTES_MAX = 100_000_000
PARTS_MAX = 1_000
ELEMENTS_MAX = 3_000_000
SHARED_CHARS_MAX = 100_000_000
"""Characters of all cells together, if each had the longest of the shared texts."""
EXACT_MAX = 10**15
"""A spreadsheet keeps 15 digits of a number."""

_CHUNK_BYTES = 1 << 20
_COMPRESSIONS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
_PART = re.compile(r"\[Content_Types\]\.xml|(_rels/|xl/).*\.(xml|rels)")
_CELL = re.compile(r"([A-Z]{1,3})([1-9][0-9]{0,6})")
_OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ZIP = b"PK\x03\x04"
_LOCKED = RowFault(
    1, "file", "文件有密码，请去掉密码后再上传", "the file has a password; remove it"
)
_OLD = RowFault(
    1, "file", "旧版 Excel 文件，请另存为 .xlsx", "an old Excel file; save it as .xlsx"
)
_DAMAGED = RowFault(
    1,
    "file",
    "不是完整的 .xlsx 文件，请用表格软件打开后另存",
    "no whole .xlsx file; open it in a spreadsheet and save it again",
)
_TOO_MUCH = RowFault(
    1,
    "file",
    "文件解压后过大，请只保留名册工作表",
    "too large when unpacked; keep only the sheet that is needed",
)


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
        locked = "EncryptedPackage".encode("utf-16-le") in data
        return _LOCKED if locked else _OLD
    try:
        safe = _Safe(data, rows_max, columns_max)
    except _Refused as refused:
        return refused.fault
    # The archive may be damaged in any way, and the library raises as many errors.
    except Exception:  # noqa: BLE001
        return _DAMAGED
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
        return safe.left_out or _DAMAGED
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
            raise _Refused(_TOO_MUCH)
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
            raise _Refused(_DAMAGED) from error

    def _doctype(self, *_: object) -> None:
        raise _Refused(_DAMAGED)

    def _characters(self, text: str) -> None:
        self._chars += len(text)
        self._chars_max = max(self._chars_max, self._chars)

    def _element(self, tag: str, attributes: dict[str, str]) -> None:
        self._left -= 1
        if self._left < 0:
            raise _Refused(_TOO_MUCH)
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
                    most = self._columns_max
                    zh, en = f"超过 {most} 列", f"more than {most} columns"
                    raise _Refused(RowFault(row, "row", zh, en))

    def _begin_row(self, place: str | None) -> None:
        if place is not None and not re.fullmatch("[0-9]{1,7}", place):
            raise _Refused(_DAMAGED)
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
            raise _Refused(_DAMAGED)
        self._next = self._cell[1] + 1


def _parts(given: zipfile.ZipFile) -> dict[str, zipfile.ZipInfo]:
    """Return the parts that cells are made of.

    :raises _Refused: if the archive is too large, locked or no workbook
    """
    every = given.infolist()
    size = sum(part.file_size for part in every)
    if len(every) > PARTS_MAX or size > UNZIPPED_BYTES_MAX:
        raise _Refused(_TOO_MUCH)
    parts = {p.filename: p for p in every if _PART.fullmatch(p.filename)}
    if "xl/workbook.xml" not in parts:
        raise _Refused(_DAMAGED)
    for part in parts.values():
        if part.flag_bits & 1 or part.compress_type not in _COMPRESSIONS:
            raise _Refused(_DAMAGED)
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
