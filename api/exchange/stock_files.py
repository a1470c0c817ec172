"""Files about stock and residents (物资表): residents, levels, a count's sheet."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from api.exchange.cells import Once, WrongCellError, coded, narrow, upto, whole
from api.exchange.keys import as_number
from api.exchange.layout import Field, Layout
from api.exchange.reading import folded
from api.exchange.sheets import Values, read_values
from api.exchange.tables import Column
from coordination.areas.population import RESIDENTS_MAX
from coordination.areas.population import ROWS_MAX as AREAS_MAX
from coordination.refusals import RowFault
from coordination.stations.levels import ROWS_MAX as LEVELS_MAX
from coordination.stock.lines import QUANTITY_MAX
from coordination.tree import OFFICIAL_CODE

FILE_BYTES_MAX = 2_000_000
COUNTED_MAX = 6_000
MOVES_MAX = 10**9
_TRIPLE = re.compile(r"\s*[/、]\s*")
_LEVELS = 3


class Line(NamedTuple):
    """A row of a file that is sent: its line, and what it says."""

    row: int
    said: dict[str, Any]


def read_residents(data: bytes) -> tuple[list[Line], list[RowFault]]:
    """Return how many live where, and the faults of the file by row and column."""
    rows, faults = read_values(data, RESIDENTS, Once("area").faults)
    return [Line(*row) for row in rows], faults


def read_levels(data: bytes) -> tuple[list[Line], list[RowFault]]:
    """Return what is to be held of each item, and the faults of the file."""
    rows, faults = read_values(data, LEVELS, Once("item").faults)
    return [Line(*row) for row in rows], faults


def read_counted(
    data: bytes, sheet: Iterable[Mapping[str, Any]]
) -> tuple[list[Line], list[RowFault]]:
    """Return the lines of a count that were filled in, and the faults of the file.

    ``sheet``: what is to be counted; a lot is one of these, or the row is a fault.
    """
    lots: dict[str, list[str]] = {}
    for row in sheet:
        lots.setdefault(row["item"], []).append(row["lot"])
    found: dict[int, tuple[str, str]] = {}
    once = Once("lot")

    def at_odds(number: int, values: Values) -> Iterator[RowFault]:
        if values.get("counted") is None:
            return
        if "moves" in values and values["moves"] is None:
            zh, en = "变动次数为空，请保留盘点表上的数", "keep the number of the sheet"
            yield RowFault(number, "moves", zh, en)
        try:
            item, lot = found[number] = _lot_of(values, lots)
        except WrongCellError as why:
            column = "key" if values.get("key") else "lot"
            yield RowFault(number, column, why.zh, why.en)
            return
        yield from once.said(number, f"{item}/{lot}", f"{item}/{lot}")

    rows, faults = read_values(data, COUNTED, at_odds)
    lines = [
        Line(
            number,
            {
                "item": found[number][0],
                "lot": found[number][1],
                "counted": values["counted"],
                "moves": values["moves"],
            },
        )
        for number, values in rows
        if number in found
    ]
    return lines, faults


def sheet_rows(lines: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return the rows of a count's sheet: what is still to be counted."""
    return [
        {**row, "key": f"{row['item']}/{row['lot']}", "counted": None}
        for row in lines
        if not row["done"]
    ]


# --- rows ----------------------------------------------------------------------------


def _lot_of(values: Values, lots: Mapping[str, Sequence[str]]) -> tuple[str, str]:
    """Return the item and the lot of the sheet that a row is about.

    :raises WrongCellError: if it is none of them, or might be two
    """
    if key := values.get("key"):
        item, _, lot = key.partition("/")
        by_name = {folded(one): one for one in lots.get(item, ())}
        if folded(lot) not in by_name:
            raise _not_there(key)
        return item, by_name[folded(lot)]
    item, lot = values.get("item") or "", values.get("lot") or ""
    if not item or not lot:
        raise WrongCellError("请写明物资编码和批次", "say which item and which lot")
    named = {folded(one): one for one in lots.get(item, ())}
    alike = [one for one in named.values() if as_number(one) == as_number(lot)]
    exact = named.get(folded(lot))
    # A spreadsheet makes 7 of 007, never 007 of 7.
    if exact and (len(alike) == 1 or folded(lot) != as_number(lot)):
        return item, exact
    if alike:
        which = "、".join(alike)
        zh = f"批次“{lot}”可能是 {which}，已被表格软件改写，请用重新导出的盘点表填写"
        en = f"lot “{lot}” may be {', '.join(alike)}: a spreadsheet changed it; "
        raise WrongCellError(zh, en + "fill in a sheet that is written anew")
    raise _not_there(f"{item}/{lot}")


def _not_there(key: str) -> WrongCellError:
    key = key[:60]
    zh = f"盘点表上没有“{key}”，可能被表格软件改写，请用重新导出的盘点表填写"
    en = f"“{key}” is not on the sheet, perhaps a spreadsheet changed it; "
    return WrongCellError(zh, en + "fill in a sheet that is written anew")


# --- cells ---------------------------------------------------------------------------


_area = coded(OFFICIAL_CODE, "应为 12 位区域代码", "it must be an area code, 12 digits")


def _item(text: str) -> str:
    return narrow(text).lower()


def _key(text: str) -> str:
    item, slash, lot = text.strip().partition("/")
    return f"{_item(item)}{slash}{lot.strip()}"


def _triple(text: str) -> list[int]:
    parts = _TRIPLE.split(narrow(text))
    if len(parts) != _LEVELS:
        zh = "应如 100/200/400（下限/补货点/目标）"
        raise WrongCellError(zh, "it must be like 100/200/400: minimum/reorder/target")
    return [whole(part, 0, QUANTITY_MAX) for part in parts]


def _layout(rows_max: int, *fields: Field) -> Layout:
    return Layout(fields, FILE_BYTES_MAX, rows_max)


RESIDENTS = _layout(
    AREAS_MAX,
    Field(Column("area", "居村代码", "Community code"), 40, _area, needed=True),
    Field(Column("residents", "常住人口", "Residents", "int"), 20,
          upto(RESIDENTS_MAX), needed=True),
)  # fmt: skip
LEVELS = _layout(
    LEVELS_MAX,
    Field(Column("item", "物资编码", "Item"), 60, _item, needed=True),
    Field(Column("peace", "平时定额", "In peacetime"), 60, _triple, needed=True),
    Field(Column("war", "战时定额", "In an emergency"), 60, _triple, needed=True),
)
COUNTED = _layout(
    COUNTED_MAX,
    Field(Column("key", "盘点编号", "Key"), 80, _key),
    Field(Column("item", "物资编码", "Item", "key"), 60, _item),
    Field(Column("name", "名称", "Name"), 200, str),
    Field(Column("lot", "批次", "Lot", "key"), 60, str.strip),
    Field(Column("expires", "有效期", "Expires"), 60, str),
    Field(Column("place", "库位", "Place", "key"), 100, str),
    Field(Column("unit", "单位", "Unit"), 40, str),
    Field(Column("moves", "变动次数", "Moves", "int"), 20, upto(MOVES_MAX),
          cleared=None, must=True),
    Field(Column("counted", "实盘数量", "Counted", "int"), 20, upto(QUANTITY_MAX),
          cleared=None, must=True),
)  # fmt: skip
LAYOUTS = (RESIDENTS, LEVELS, COUNTED)
