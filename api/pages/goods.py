"""Goods (物资) as people read them: catalogue, stations, stock, lots."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Any

import msgspec

from api.exchange.packs import packed
from api.exchange.tables import BOTH, FILTER, SORT, Column
from api.http.days import last_day
from api.http.lists import Listing
from api.http.look import Look
from api.pages.fields import official, pair, street_of, taken
from api.planning.forecasting import burn, cover_hours
from coordination.items.events import Item as Entry
from coordination.items.events import Need, Packaging
from coordination.vocabulary import CATEGORIES, LOT_STATUSES, SHELF_STATES, SOURCES
from projections.names import Names
from projections.supplies import (
    BATCH,
    ITEM,
    PEACE,
    WAR,
    Batch,
    Item,
    LotRow,
    StationRow,
    Stock,
    hours_in,
)

_packagings = msgspec.json.Decoder(tuple[Packaging, ...]).decode
_needs = msgspec.json.Decoder(tuple[Need, ...]).decode
STOCKS = Listing.of(
    Column("station_name", "物资站", "Station", can=SORT),
    Column("street_name", "街镇", "Street"),
    Column("item", "编码", "Code", can=FILTER),
    Column("name", "物资", "Item", can=SORT),
    Column("category", "类别", "Category", words=CATEGORIES, can=FILTER),
    Column("unit", "单位", "Unit"),
    Column("on_hand", "在库", "On hand", "int", can=SORT),
    Column("reserved", "预留", "Reserved", "int"),
    Column("on_hold", "不可用", "On hold", "int"),
    Column("available", "可用", "Available", "int", can=SORT),
    Column("coming", "在途", "Coming", "int"),
    Column("missing", "差异", "Discrepancy", "int"),
    Column("expiring", "临期", "Expiring", "int"),
    Column("minimum", "下限", "Minimum", "int"),
    Column("reorder", "补货点", "Reorder", "int"),
    Column("target", "目标", "Target", "int"),
    Column("cover_hours", "可用小时", "Hours of cover", "int", can=SORT),
    Column("place", "库位", "Place"),
    Column("state", "状态", "State", words=SHELF_STATES, can=BOTH),
    Column("seq", "日志位置", "Seq", "int"),
    also_filterable=("station",),
    sort="station_name",
)
LOTS = Listing.of(
    Column("station_name", "物资站", "Station", can=SORT),
    Column("item", "编码", "Code", can=FILTER),
    Column("name", "物资", "Item", can=SORT),
    Column("lot", "批次", "Lot", "key", can=BOTH),
    Column("batch", "生产批号", "Batch", "key"),
    Column("status", "状态", "Status", words=LOT_STATUSES, can=BOTH),
    Column("on_hand", "在库", "On hand", "int", can=SORT),
    Column("reserved", "预留", "Reserved", "int"),
    Column("expires", "有效期至", "Good until", can=SORT),
    Column("origin", "来源", "Origin", words=SOURCES),
    Column("slip", "入库单", "Receipt"),
    Column("seq", "日志位置", "Seq", "int"),
    also_filterable=("station",),
    sort="expires",
)
ZONE = "Asia/Shanghai"
"""Where days begin unless the World says otherwise."""
UNLISTED = Item("", "", "", "other", "", "[]", "", 0, 0, "[]", "", 0)
"""What is said of an item that the catalogue does not have."""
SHORT, LOW, ENOUGH, UNSET = "SHORT", "LOW", "ENOUGH", "UNSET"


def levels_of(row: Stock, mode: str) -> tuple[int, int, int]:
    """Return minimum, reorder and target of a mode."""
    if mode == WAR:
        return row.war_min, row.war_reorder, row.war_target
    return row.peace_min, row.peace_reorder, row.peace_target


def standing(available: int, minimum: int, reorder: int, target: int) -> str:
    """Return whether there is enough of something."""
    if available < minimum:
        return SHORT
    if available < reorder:
        return LOW
    return ENOUGH if target else UNSET


def entry(row: Item) -> Entry:
    """Return an entry of the catalogue as it was listed."""
    return Entry(
        code=row.item,
        **taken(row, "name en category unit place shelf_days alert_days"),
        packagings=_packagings(row.packagings),
        needs=_needs(row.needs),
        barcodes=tuple(b for b in row.barcodes.split(",") if b),
        durable=bool(row.durable),
    )


class Goods:
    """What rows of stock are shown with: names, modes, the clock."""

    def __init__(self, names: Names, now: int, zone: str = ZONE) -> None:
        """Look the whole catalogue up: it is small and every row names an item.

        ``zone``: where days begin and end.
        """
        self.c, self.names, self.now, self.zone = names.c, names, now, zone
        self.items = {row.item: row for row in ITEM.select(self.c, at=names.at)}
        self.named = cache(self._named)

    @property
    def modes(self) -> tuple[str, ...]:
        """The modes that may be in force anywhere."""
        return (PEACE, WAR) if self.names.in_force else (PEACE,)

    def mode(self, path: str) -> str:
        """Return whose levels hold at a place: ``war`` or ``peace``."""
        return WAR if self.names.at_war(path) else PEACE

    def item(self, item: str) -> Item:
        """Return an entry of the catalogue, of what is not in it its code as name."""
        return self.items.get(item) or UNLISTED._replace(item=item, name=item)

    def said(self, item: str, quantity: int) -> str:
        """Return a quantity in packagings (3箱 5个)."""
        row = self.items.get(item)
        if row is None:
            return str(quantity)
        return packed(quantity, row.unit, _packagings(row.packagings))

    def _named(self, item: str) -> dict[str, Any]:
        """Return what every row says of an item."""
        row = self.item(item)
        return {
            **taken(row, "item name category unit"),
            "name_en": row.en or item,
            **pair("category", CATEGORIES, row.category),
        }

    def where(self, station: str, path: str) -> dict[str, Any]:
        """Return what every row says of a station."""
        return {
            "station": station,
            "station_name": self.names.station(station),
            "area": path.ljust(12, "0"),
            "area_name": self.names.area(official(path)),
            "street_name": self.names.area(street_of(path)),
        }

    def batches(self, lines: Iterable[Any]) -> dict[str, Batch]:
        """Return what is known of the lots on these lines, by item and lot."""
        asked = (Batch(f"{x.item}/{x.lot}", x.item, x.lot) for x in lines)
        found = {batch.key: batch for batch in asked}
        known = BATCH.some(self.c, sorted(found), at=self.names.at)
        return found | {batch.key: batch for batch in known}

    def short(self, row: StationRow) -> list[str]:
        """Return the items that are short at a station in the mode in force there."""
        war = self.names.at_war(row.path)
        short = row.short_war if war else row.short_peace
        return [item for item in short.split(",") if item]

    def know(self, rows: Iterable[Any]) -> None:
        """Look up at once where many rows are."""
        rows = list(rows)
        self.names.know_sites({row.station for row in rows})
        codes = {official(row.path) for row in rows}
        self.names.know_areas(codes | {street_of(row.path) for row in rows})

    def stock(self, row: Stock) -> dict[str, Any]:
        """Return an item at a station."""
        mode = self.mode(row.path)
        minimum, reorder, target = levels_of(row, mode)
        rate = burn(hours_in(row.hours), self.now) if row.hours != "{}" else 0
        return {
            "id": row.key,
            **self.where(row.station, row.path),
            **self.named(row.item),
            **taken(row, "on_hand reserved on_hold available expiring coming"),
            **taken(row, "missing moves"),
            "available_said": self.said(row.item, row.available),
            "place": row.place or self.item(row.item).place,
            "mode": mode,
            "minimum": minimum,
            "reorder": reorder,
            "target": target,
            "peace": list(levels_of(row, PEACE)),
            "war": list(levels_of(row, WAR)),
            "burn_per_hour_milli": rate,
            "cover_hours": cover_hours(row.available, rate),
            "state": standing(row.available, minimum, reorder, target),
            "seq": row.seq_from,
        }

    def lot(self, row: LotRow, batch: Batch) -> dict[str, Any]:
        """Return a lot at a station; ``batch``: where it is from."""
        return {
            "id": row.key,
            **self.where(row.station, row.path),
            **self.named(row.item),
            **taken(row, "lot status own on_hand reserved noted"),
            "expires": last_day(row.expires_us, self.zone),
            **taken(batch, "batch origin_id slip"),
            "available": row.on_hand - row.reserved if row.status == "approved" else 0,
            "on_hand_said": self.said(row.item, row.on_hand),
            "origin": batch.origin_kind,
            "seq": row.seq_from,
        }


def goods_of(look: Look) -> Goods:
    """Return what rows of stock are shown with, in one look at the views."""
    return Goods(look.names, look.now, look.world.settings.zone)
