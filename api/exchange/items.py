"""The catalogue as a file (物资储备目录): items from CSV or Excel, and back again.

A file says of itself everything that is wrong with it; what is wrong against the items
listed already is for ``coordination.items.decide`` to say.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import partial
from importlib import resources
from typing import Any

from msgspec.structs import asdict

from api.exchange import sheets
from api.exchange.cells import (
    Once,
    WrongCellError,
    coded,
    known,
    names,
    narrow,
    once,
    plain,
    upto,
    whole,
)
from api.exchange.layout import Field, Layout
from api.exchange.reading import folded
from api.exchange.sheets import Values, read_values
from api.exchange.tables import Column
from coordination.items.decide import DAYS_MAX, FACTOR_MAX, ITEMS_MAX, ItemRow
from coordination.items.events import Item, Need, Packaging
from coordination.items.state import barcode_key
from coordination.refusals import RowFault
from coordination.vocabulary import CATEGORIES, HAZARDS

FILE_BYTES_MAX = 2_000_000
PACKAGINGS_MAX = 10
BARCODES_MAX = 20
FACTOR_MIN = 2
ALERT_DAYS_MAX = 3_650
NEED_MAX = 10_000_000
UNIT_CHARS_MAX = 10
_BARCODE = re.compile(r"[0-9A-Za-z][0-9A-Za-z._/-]{3,47}")
_BETWEEN = re.compile(r"[;；、,，|\r\n]")
_EQUALS = re.compile(r"[=＝:：]")
_SHELF = re.compile(r"([0-9]{1,5})\s*(天|日|days?|个?月|months?|年|years?)?")
_FOR_EVER = {"长期", "不限", "unlimited"}
_YES_NO = {
    **dict.fromkeys(("是", "yes", "true", "1"), True),
    **dict.fromkeys(("否", "no", "false", "0"), False),
}
_CATEGORY_NAMES, _HAZARD_NAMES = names(CATEGORIES), names(HAZARDS)


def read_items(data: bytes) -> tuple[list[ItemRow], list[RowFault]]:
    """Return the rows without a fault, and the faults of the file by row and column.

    ``data``: CSV or ``.xlsx``; at most ``FILE_BYTES_MAX`` bytes and ``ITEMS_MAX``
    rows. See ``read_values``. Raises nothing.
    """
    codes, barcodes = Once("code"), Once("barcodes")

    def at_odds(number: int, values: Values) -> Iterator[RowFault]:
        yield from _at_odds(number, values)
        yield from codes.faults(number, values)
        for code in values.get("barcodes", ()):
            yield from barcodes.said(number, barcode_key(code), code)

    rows, faults = read_values(data, LAYOUT, at_odds)
    return [_row(number, values) for number, values in rows], faults


def _row(number: int, values: Values) -> ItemRow:
    unstated = tuple(name for name in STATABLE if name not in values)
    return ItemRow(number, Item(**UNSAID | values), unstated)


def to_rows(items: Iterable[Item], lang: str = "zh") -> list[dict[str, Any]]:
    """Return what ``api.exchange.tables`` writes so that it reads back as these."""
    at = 1 if lang.startswith("en") else 0
    yes, no = (("是", "否"), ("yes", "no"))[at]
    return [
        {
            **asdict(item),
            "category": CATEGORIES[item.category][at],
            "packagings": ";".join(f"{p.unit}={p.factor}" for p in item.packagings),
            "needs": ";".join(
                f"{HAZARDS[n.hazard][at]}={n.per_thousand}" for n in item.needs
            ),
            "barcodes": ";".join(item.barcodes),
            "durable": yes if item.durable else no,
        }
        for item in items
    ]


def write_template(lang: str) -> bytes:
    """Return a workbook to fill in (模板): a header and two items as examples."""
    title = "物资储备目录", "Catalogue"
    return sheets.write_template(LAYOUT, to_rows(_EXAMPLES, lang), lang, title)


def ready() -> bytes:
    """Return the catalogue that comes with the service (现成目录), a CSV file."""
    return resources.files("playbooks").joinpath("materials.csv").read_bytes()


# --- rows ----------------------------------------------------------------------------


def _at_odds(number: int, values: Values) -> Iterator[RowFault]:
    """Yield that two cells of a row cannot both be right."""
    unit = values.get("unit")
    if unit and any(pack.unit == unit for pack in values.get("packagings", ())):
        zh, en = f"包装与单位同名“{unit}”", f"a packaging is called “{unit}” too"
        yield RowFault(number, "packagings", zh, en)
    shelf_days = values.get("shelf_days", 0)
    if 0 < shelf_days < values.get("alert_days", 0):
        zh = f"预警天数大于保质期 {shelf_days} 天"
        en = f"more than the {shelf_days} days of its shelf life"
        yield RowFault(number, "alert_days", zh, en)


# --- cells ---------------------------------------------------------------------------


_code = coded(
    re.compile(r"[a-z][a-z0-9-]{1,39}"),
    "应为 2 至 40 位字母、数字或连字符，以字母开头",
    "it must be 2 to 40 letters, digits and hyphens, a letter first",
)
_category = partial(known, of=_CATEGORY_NAMES, words=CATEGORIES)


def _unit(text: str) -> str:
    """Return a unit: a word that can stand in a list of packagings."""
    text = plain(text)
    if not text or len(text) > UNIT_CHARS_MAX or re.search(r"[;；、,，|=＝:：]", text):
        zh = f"单位应为 1 至 {UNIT_CHARS_MAX} 字，不含标点"
        en = f"a unit has 1 to {UNIT_CHARS_MAX} characters, no punctuation"
        raise WrongCellError(zh, en)
    return text


def _pairs(text: str, example: str) -> Iterator[tuple[str, str]]:
    """Yield what a list says: ``箱=40;包=10``."""
    for part in _BETWEEN.split(text):
        if not part.strip():
            continue
        halves = _EQUALS.split(part)
        if len(halves) != 2:  # noqa: PLR2004 - a name and a number
            zh = f"“{part.strip()[:20]}”应如 {example}"
            en = f"“{part.strip()[:20]}” is not like {example}"
            raise WrongCellError(zh, en)
        yield halves[0].strip(), halves[1].strip()


def _few(count: int, most: int) -> None:
    if count > most:
        raise WrongCellError(f"超过 {most} 个", f"more than {most}")


def _packagings(text: str) -> tuple[Packaging, ...]:
    found: dict[str, int] = {}
    for name, factor in _pairs(text, "箱=40;包=10"):
        unit = _unit(name)
        once(unit, found)
        found[unit] = whole(factor, FACTOR_MIN, FACTOR_MAX)
    _few(len(found), PACKAGINGS_MAX)
    return tuple(Packaging(unit, factor) for unit, factor in found.items())


def _needs(text: str) -> tuple[Need, ...]:
    found: dict[str, int] = {}
    for name, amount in _pairs(text, "疫情=500;防汛防台=50"):
        hazard = known(name, _HAZARD_NAMES, HAZARDS)
        once(name, [name] if hazard in found else [])
        found[hazard] = whole(amount, 1, NEED_MAX)
    return tuple(Need(hazard, amount) for hazard, amount in found.items())


def _barcodes(text: str) -> tuple[str, ...]:
    found: dict[str, str] = {}
    for part in filter(str.strip, _BETWEEN.split(text)):
        barcode = narrow(part)
        if not _BARCODE.fullmatch(barcode):
            zh = f"条码“{barcode[:20]}”应为 4 至 48 位数字或字母"
            en = f"“{barcode[:20]}” is no barcode: 4 to 48 digits or letters"
            raise WrongCellError(zh, en)
        once(barcode, [barcode] if barcode_key(barcode) in found else [])
        found[barcode_key(barcode)] = barcode
    _few(len(found), BARCODES_MAX)
    return tuple(found.values())


def _shelf_days(text: str) -> int:
    """Return 保质期 in days, 0 for ever: ``730``, ``24个月``, ``2年``.

    A month is a twelfth of 365 days, rounded down: rather told early than late.
    """
    text = folded(text)
    if text in _FOR_EVER:
        return 0
    found = _SHELF.fullmatch(text)
    if not found:
        zh, en = "应如 730、24个月 或 2年", "it must be like 730, 24 months or 2 years"
        raise WrongCellError(zh, en)
    days, unit = int(found[1]), found[2] or ""
    if "月" in unit or "month" in unit:
        days = days * 365 // 12
    elif "年" in unit or "year" in unit:
        days *= 365
    return whole(str(days), 0, DAYS_MAX)


def _durable(text: str) -> bool:
    found = _YES_NO.get(folded(text))
    if found is None:
        raise WrongCellError("应为 是 或 否", "it must be yes or no")
    return found


_PACKAGINGS = Column("packagings", "包装", "Packagings")
_SHELF_DAYS = Column("shelf_days", "保质期", "Shelf life", "int")
_ALERT_DAYS = Column("alert_days", "预警天数", "Alert days", "int")
_NEEDS = Column("needs", "千人日需", "Need per 1000 a day")
_BARCODES = Column("barcodes", "条码", "Barcodes", "key")
LAYOUT = Layout(
    (
        Field(Column("code", "编码", "Code", "key"), 40, _code, needed=True),
        Field(Column("name", "名称", "Name"), 50, plain, needed=True),
        Field(Column("en", "英文名", "English name"), 100, plain),
        Field(Column("category", "类别", "Category"), 30, _category, needed=True),
        Field(Column("unit", "单位", "Unit"), UNIT_CHARS_MAX, _unit, needed=True),
        Field(_PACKAGINGS, 300, _packagings, cleared=(), many=True),
        Field(Column("place", "库位", "Place", "key"), 50, plain),
        Field(_SHELF_DAYS, 20, _shelf_days, cleared=0),
        Field(_ALERT_DAYS, 20, upto(ALERT_DAYS_MAX), cleared=0),
        Field(_NEEDS, 300, _needs, cleared=(), many=True),
        Field(_BARCODES, 1_000, _barcodes, cleared=(), many=True),
        Field(Column("durable", "可回收", "Returnable"), 10, _durable, cleared=False),
    ),
    FILE_BYTES_MAX,
    ITEMS_MAX,
)
COLUMNS, NEEDED, UNSAID = LAYOUT.columns, LAYOUT.needed, LAYOUT.unsaid
STATABLE = tuple(field.says for field in LAYOUT.fields if not field.needed)
"""What a file may leave as it is known."""

_EXAMPLES = (
    Item(
        code="example-1",
        name="示例口罩",
        en="Example mask",
        category="protective",
        unit="只",
        packagings=(Packaging("箱", 2_000), Packaging("盒", 50)),
        place="A-01-1",
        shelf_days=730,
        alert_days=90,
        needs=(Need("epidemic", 1_000),),
        barcodes=("2099999999997",),
    ),
    Item(
        code="example-2",
        name="示例水泵",
        en="Example pump",
        category="flood",
        unit="台",
        durable=True,
    ),
)
