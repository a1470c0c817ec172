"""The catalogue of goods (物资目录) as people read it, with what is in stock."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from api.exchange.finding import find, keys_of
from api.exchange.items import COLUMNS as FILE_COLUMNS
from api.exchange.items import to_rows
from api.exchange.tables import BOTH, FILTER, SORT, Column, Row, worded
from api.http.lists import Filed, Listing
from api.http.look import Look
from api.http.reading import Reads
from api.pages.goods import entry
from coordination.fields import Code
from coordination.items.events import Item as Entry
from coordination.vocabulary import CATEGORIES, ITEM_STATES
from projections.supplies import ITEM, STOCK, Item

FOUND_MAX = 30


def ranked(rows: Sequence[Row], q: str) -> Sequence[Row]:
    """Return the entries that fit, best first: by pinyin and barcode too."""
    by_code = {row["code"]: row for row in rows}
    found = find((listed_as(row) for row in rows), q, len(rows))
    return [by_code[item.code] for item in found]


def filed(rows: Sequence[Row], lang: str) -> Filed:
    """Return the catalogue as it is imported."""
    listed = (listed_as(row) for row in rows if row["listed"])
    return FILE_COLUMNS, to_rows(listed, lang)


def listed_as(row: Row) -> Entry:
    """Return the entry of the catalogue that a row shows."""
    return msgspec.convert({k: row[k] for k in Entry.__struct_fields__}, Entry)


LISTING = Listing.of(
    Column("code", "编码", "Code", can=SORT),
    Column("name", "名称", "Name", can=SORT),
    Column("en", "英文名", "English name"),
    Column("category", "类别", "Category", words=CATEGORIES, can=BOTH),
    Column("unit", "单位", "Unit"),
    Column("packagings_said", "包装", "Packagings"),
    Column("place", "库位", "Place"),
    Column("shelf_days", "保质期（天）", "Shelf life (days)", "int"),
    Column("alert_days", "预警（天）", "Alert (days)", "int"),
    Column("on_hand", "在库", "On hand", "int", can=SORT),
    Column("available", "可用", "Available", "int", can=SORT),
    Column("stations", "站点数", "Stations", "int", can=SORT),
    Column("state", "状态", "State", words=ITEM_STATES, can=FILTER),
    finds=ranked,
    filed=filed,
)


def item_row(row: Item) -> dict[str, Any]:
    """Return an entry of the catalogue, without what is in stock of it."""
    item = entry(row)
    return {
        **msgspec.to_builtins(item),
        "packagings_said": "；".join(
            f"{p.unit}={p.factor}{item.unit}" for p in item.packagings
        ),
        "listed": bool(row.listed),
        "state": "LISTED" if row.listed else "WITHDRAWN",
    }


def item_rows(look: Look, path: str) -> Iterable[Row]:
    """Yield the catalogue with what is in stock in an area.

    ``keys``: a phone finds by pinyin without a network.
    """
    held: dict[str, list[int]] = {}
    for stock in STOCK.select(look.c, at=look.at, path=path):
        found = held.setdefault(stock.item, [0, 0, 0])
        found[0] += stock.on_hand
        found[1] += stock.available
        found[2] += 1
    for row in sorted(ITEM.select(look.c, at=look.at)):
        on_hand, available, stations = held.get(row.item, (0, 0, 0))
        more = {"on_hand": on_hand, "available": available, "stations": stations}
        yield {**item_row(row), "keys": keys_of(entry(row)), **more}


READS = Reads("goods")


@READS.listed("/items", LISTING, "view.situation", "物资储备目录")
def items(look: Look, area: Code | None = None) -> Iterable[Row]:
    """Return the catalogue with what is in stock; ``q`` finds by pinyin too (物资目录).

    A file holds the catalogue as it is imported.
    """
    return item_rows(look, look.path(area))


@READS.shown("/items/find", "view.situation")
def found_items(
    look: Look, q: Annotated[str, Meta(max_length=100)] = ""
) -> dict[str, Any]:
    """Return what fits best, by name, pinyin initials, code or barcode (快速查找)."""
    rows = {row.item: row for row in ITEM.select(look.c, at=look.at)}
    found = find((entry(row) for row in rows.values() if row.listed), q, FOUND_MAX)
    drawn = (item_row(rows[item.code]) for item in found)
    return {"items": list(worded(drawn, LISTING.columns)), "seq": look.seq}
