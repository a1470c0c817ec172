"""Workbooks (工作簿): what people see in the first sheet of an ``.xlsx``, as text.

What comes in is anybody's: nothing here raises for it, or takes more memory or time
than is set.
"""

from __future__ import annotations

import io
import zipfile
from typing import NamedTuple

from api.exchange.parts import (
    DAMAGED,
    TOO_MUCH,
    Book,
    NotRead,
    Relations,
    Shared,
    Styles,
)
from api.exchange.reading import of_file
from api.exchange.worksheet import Bounds, Cells, Merged
from coordination.refusals import RowFault

UNZIPPED_BYTES_MAX = 100_000_000
PARTS_MAX = 1_000
ELEMENTS_MAX = 3_000_000
CHARS_MAX = 100_000_000
"""Characters of all cells together: many may have one long text."""

_CHUNK_BYTES = 1 << 20
_COMPRESSIONS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
_BOOK, _RELATIONS = "xl/workbook.xml", "xl/_rels/workbook.xml.rels"
_OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ZIP = b"PK\x03\x04"
_LOCKED = of_file(
    "文件有密码，请去掉密码后再上传", "the file has a password; remove it"
)
_OLD = of_file("旧版 Excel 文件，请另存为 .xlsx", "an old Excel file; save it as .xlsx")


class Sheet(NamedTuple):
    """What people see in the first sheet (工作表): cells as text, from row 1 on.

    ``typed``: numbers that are shown otherwise, as they are, by row from 1 and column
    from 0. ``uncalculated``: formulas that nobody has computed yet.
    """

    rows: list[list[str]]
    merged: list[Merged]
    typed: dict[tuple[int, int], str]
    uncalculated: set[tuple[int, int]]


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
    bounds = Bounds(rows_max, columns_max, CHARS_MAX, ELEMENTS_MAX)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as given:
            found = _first_sheet(given, bounds)
    except NotRead as why:
        return why.fault
    # The archive may be damaged in any way, and the library raises as many errors.
    except Exception:  # noqa: BLE001
        return DAMAGED
    rows: list[list[str]] = []
    for number in range(1, max(found.rows, default=0) + 1):
        cells = found.rows.get(number, {})
        width = max(cells, default=-1) + 1
        rows.append([cells.get(column, "") for column in range(width)])
    return Sheet(rows, found.merged, found.typed, found.uncalculated)


def _first_sheet(given: zipfile.ZipFile, bounds: Bounds) -> Cells:
    """Return the cells of the first sheet that is not hidden.

    :raises NotRead: if there is none, or it is beyond the bounds
    """
    parts = _parts(given)
    book, placed = Book(bounds.elements), Relations(bounds.elements)
    book.read(_unzipped(given, parts[_BOOK]))
    placed.read(_unzipped(given, parts[_RELATIONS]))
    shared, styles = Shared(bounds.elements), Styles(bounds.elements)
    for kind, part in (("sharedStrings", shared), ("styles", styles)):
        name = placed.by_kind.get(kind, "")
        if name in parts:
            part.read(_unzipped(given, parts[name]))
    names = (placed.by_id.get(shown, "") for shown in book.shown)
    sheet = next(name for name in names if name in placed.sheets)
    cells = Cells(bounds, shared.texts, styles.formats, from_1904=book.from_1904)
    cells.read(_unzipped(given, parts[sheet]))
    return cells


def _parts(given: zipfile.ZipFile) -> dict[str, zipfile.ZipInfo]:
    """Return the parts of an archive by name.

    :raises NotRead: if it is too large, locked or no workbook
    """
    every = given.infolist()
    size = sum(part.file_size for part in every)
    if len(every) > PARTS_MAX or size > UNZIPPED_BYTES_MAX:
        raise NotRead(TOO_MUCH)
    return {part.filename: part for part in every}


def _unzipped(given: zipfile.ZipFile, part: zipfile.ZipInfo) -> bytes:
    """Return a part, never more than it says it has; one that has more is damaged.

    :raises NotRead: if it is locked, or packed in a way that cannot be measured
    """
    if part.flag_bits & 1 or part.compress_type not in _COMPRESSIONS:
        raise NotRead(DAMAGED)
    # By pieces: in one piece all of a lie would be unpacked before it is cut.
    with given.open(part) as stream:
        return b"".join(iter(lambda: stream.read(_CHUNK_BYTES), b""))
