"""The area file (区域文件): rows under ``code,name,level,parent_code``.

A file says of itself everything that is wrong with it; what is wrong against the areas
registered already is for ``coordination.areas.decide.import_areas`` to say.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Mapping

from api.exchange.cells import coded, known, names
from api.exchange.layout import Field, Layout
from api.exchange.reading import listed
from api.exchange.sheets import Values, read_values
from api.exchange.tables import Column
from coordination.areas.decide import AREA_ROWS_MAX, AreaRow
from coordination.refusals import RowFault
from coordination.states import AREA_LEVELS
from coordination.tree import DIGITS, OFFICIAL_CODE, path_of

FILE_BYTES_MAX = 5_000_000
NAME_CHARS_MAX = 100
COUNTRY_BYTES_MAX, COUNTRY_ROWS_MAX = 200_000_000, 1_000_000
"""Of the official list of all of China: 665,271 rows and 45 MB in 2023."""


def read_areas(
    data: bytes, *, large: bool = False
) -> tuple[tuple[AreaRow, ...], list[RowFault]]:
    """Return the rows without a fault, and every fault of the file by row.

    ``data``: at most ``FILE_BYTES_MAX`` bytes and ``AREA_ROWS_MAX`` rows, if it is
    ``large`` the whole country; what lies beyond is not looked at. See ``read_values``.
    Names come back in NFC without spaces around them. A row may lack a parent only
    where the file names no area above it.
    """
    codes: dict[str, int] = {}

    def at_odds(number: int, values: Values) -> Iterator[RowFault]:
        yield from _level_faults(number, values)
        code = values.get("code", "")
        earlier = codes.setdefault(code, number)
        if code and earlier != number:
            zh, en = (
                f"代码与第 {earlier} 行重复",
                f"the code stands in row {earlier} too",
            )
            yield RowFault(number, "code", zh, en)

    layout = LAYOUT if not large else COUNTRY
    found, faults = read_values(data, layout, at_odds)
    rows = [AreaRow(number, **values) for number, values in found]
    orphans = list(_orphans(rows))
    wrong = {fault.row for fault in orphans}
    good = tuple(row for row in rows if row.row not in wrong)
    return good, listed([*faults, *orphans])


def _level_faults(number: int, values: Values) -> Iterator[RowFault]:
    """Yield that a code is longer than its level says."""
    level, code = values.get("level", ""), values.get("code", "")
    if level and code[DIGITS[level] :].strip("0"):
        digits = DIGITS[level]
        zh = f"{AREA_LEVELS[level][0]}的代码第 {digits} 位之后应全为 0"
        en = f"after digit {digits} the code of a {level} must be zeros"
        yield RowFault(number, "code", zh, en)


def _orphans(rows: Iterable[AreaRow]) -> Iterator[RowFault]:
    """Yield every row without a parent although the file names an area above it."""
    placed = [(row, path_of(row.code, row.level)) for row in rows]
    paths = {path for _, path in placed}
    for row, path in placed:
        higher = (path[:n] for n in DIGITS.values() if n < len(path))
        if not row.parent and any(prefix in paths for prefix in higher):
            yield RowFault(
                row.row, "parent_code", "缺少上级代码", "the parent code is missing"
            )


_code = coded(
    OFFICIAL_CODE,
    "代码应为 12 位数字，首位不为 0",
    "the code must be 12 digits, the first not 0",
)
_parent = coded(
    OFFICIAL_CODE,
    "上级代码应为 12 位数字或空",
    "the parent code must be 12 digits or empty",
)


def _name(text: str) -> str:
    return unicodedata.normalize("NFC", text).strip()


_LEVELS = {level: AREA_LEVELS[level] for level in DIGITS}
_LEVEL_NAMES = names(_LEVELS)


def _level(text: str) -> str:
    return known(text.strip(), _LEVEL_NAMES, _LEVELS)


_PARENT = Column("parent_code", "上级代码", "Parent code")
LAYOUT = Layout(
    (
        Field(Column("code", "代码", "Code"), 40, _code, needed=True),
        Field(Column("name", "名称", "Name"), NAME_CHARS_MAX, _name, needed=True),
        Field(Column("level", "层级", "Level"), 20, _level, needed=True),
        Field(_PARENT, 40, _parent, name="parent", must=True),
    ),
    FILE_BYTES_MAX,
    AREA_ROWS_MAX,
)
COUNTRY = LAYOUT._replace(bytes_max=COUNTRY_BYTES_MAX, rows_max=COUNTRY_ROWS_MAX)
HEADER = tuple(column.key for column in LAYOUT.columns)


def is_large(data: bytes) -> bool:
    """Tell whether a file is more than one decision takes."""
    return len(data) > FILE_BYTES_MAX or data.count(b"\n") > AREA_ROWS_MAX + 1


def parts_of(rows: Iterable[AreaRow]) -> Iterator[list[AreaRow]]:
    """Yield rows in parts, each a file of its own: with every area above its rows.

    By code, so whatever is above a row comes before it, or in an earlier part too.
    """
    known: dict[str, AreaRow] = {}
    part: dict[str, AreaRow] = {}
    for row in sorted(rows, key=lambda row: row.code):
        known[row.code] = row
        if len(part) + len(DIGITS) > AREA_ROWS_MAX:
            yield list(part.values())
            part = {}
        for above in _above(row, known):
            part.setdefault(above.code, above)
    if part:
        yield list(part.values())


def _above(row: AreaRow, known: Mapping[str, AreaRow]) -> list[AreaRow]:
    """Return the rows above one, the highest first, and itself."""
    found = [row]
    while len(found) < len(DIGITS) and found[0].parent in known:
        found.insert(0, known[found[0].parent])
    return found
