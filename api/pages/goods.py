"""Goods (物资) as people read them: catalogue, stations, stock, lots."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec
import sqlalchemy as sa

from api.exchange.packs import packed
from api.exchange.tables import Column
from api.http.lists import Listing
from api.http.plain import moment
from api.http.reading import Look
from api.pages.faces import Faces
from api.pages.sites import both
from api.planning.forecasting import burn, cover_hours
from coordination.items.events import Item as Entry
from coordination.items.events import Need, Packaging
from coordination.tree import DIGITS
from coordination.vocabulary import CATEGORIES, LOT_STATUSES, SOURCES
from projections.board import ORDER
from projections.names import Names
from projections.posts import POST
from projections.rollup import scopes
from projections.supplies import (
    ITEM,
    PEACE,
    STOCK,
    WAR,
    Item,
    LotRow,
    StationRow,
    Stock,
    hours_in,
)

_packagings = msgspec.json.Decoder(tuple[Packaging, ...]).decode
_needs = msgspec.json.Decoder(tuple[Need, ...]).decode
ITEMS = Listing(
    columns=(
        Column("code", "编码", "Code"),
        Column("name", "名称", "Name"),
        Column("en", "英文名", "English name"),
        Column("category_zh", "类别", "Category"),
        Column("unit", "单位", "Unit"),
        Column("packagings_said", "包装", "Packagings"),
        Column("place", "库位", "Place"),
        Column("shelf_days", "保质期（天）", "Shelf life (days)", "int"),
        Column("alert_days", "预警（天）", "Alert (days)", "int"),
        Column("on_hand", "在库", "On hand", "int"),
        Column("available", "可用", "Available", "int"),
        Column("stations", "站点数", "Stations", "int"),
        Column("state_zh", "状态", "State"),
    ),
    sortable=("code", "name", "category", "on_hand", "available", "stations"),
    filterable=("category", "state"),
    sort="",
)
STATIONS = Listing(
    columns=(
        Column("station", "编号", "Id"),
        Column("name", "物资站", "Station"),
        Column("area_name", "居村", "Community"),
        Column("street_name", "街镇", "Street"),
        Column("mode_zh", "状态", "Mode"),
        Column("keeper_label", "专管员", "Keeper"),
        Column("items", "品种", "Items", "int"),
        Column("short", "短缺", "Short", "int"),
        Column("expiring", "临期", "Expiring", "int"),
        Column("coming", "在途", "Coming", "int"),
        Column("missing", "差异", "Discrepancy", "int"),
        Column("seq", "日志位置", "Seq", "int"),
    ),
    sortable=("name", "area_name", "street_name", "items", "short", "missing"),
    filterable=("mode",),
    sort="-short",
)
STOCKS = Listing(
    columns=(
        Column("station_name", "物资站", "Station"),
        Column("street_name", "街镇", "Street"),
        Column("item", "编码", "Code"),
        Column("name", "物资", "Item"),
        Column("category_zh", "类别", "Category"),
        Column("unit", "单位", "Unit"),
        Column("on_hand", "在库", "On hand", "int"),
        Column("reserved", "预留", "Reserved", "int"),
        Column("on_hold", "不可用", "On hold", "int"),
        Column("available", "可用", "Available", "int"),
        Column("coming", "在途", "Coming", "int"),
        Column("missing", "差异", "Discrepancy", "int"),
        Column("expiring", "临期", "Expiring", "int"),
        Column("minimum", "下限", "Minimum", "int"),
        Column("reorder", "补货点", "Reorder", "int"),
        Column("target", "目标", "Target", "int"),
        Column("cover_hours", "可用小时", "Hours of cover", "int"),
        Column("place", "库位", "Place"),
        Column("state_zh", "状态", "State"),
        Column("seq", "日志位置", "Seq", "int"),
    ),
    sortable=("station_name", "name", "on_hand", "available", "cover_hours", "state"),
    filterable=("station", "item", "category", "state"),
    sort="station_name",
)
LOTS = Listing(
    columns=(
        Column("station_name", "物资站", "Station"),
        Column("item", "编码", "Code"),
        Column("name", "物资", "Item"),
        Column("lot", "批次", "Lot"),
        Column("batch", "生产批号", "Batch"),
        Column("status_zh", "状态", "Status"),
        Column("on_hand", "在库", "On hand", "int"),
        Column("reserved", "预留", "Reserved", "int"),
        Column("expires", "失效", "Expires", "time"),
        Column("origin_zh", "来源", "Origin"),
        Column("slip", "入库单", "Receipt"),
        Column("seq", "日志位置", "Seq", "int"),
    ),
    sortable=("station_name", "name", "lot", "status", "on_hand", "expires"),
    filterable=("station", "item", "lot", "status"),
    sort="expires",
)
SHORT, LOW, ENOUGH, UNSET = "SHORT", "LOW", "ENOUGH", "UNSET"
LEVELS: dict[str, tuple[str, str]] = {
    SHORT: ("短缺", "Short"),
    LOW: ("待补货", "Reorder"),
    ENOUGH: ("充足", "Enough"),
    UNSET: ("未设定额", "No level set"),
}
MODES = {WAR: ("战时", "Emergency"), PEACE: ("平时", "Peacetime")}


class Modes:
    """Which places an active emergency covers, as of one moment."""

    def __init__(self, c: sa.Connection, at: int | None) -> None:
        """Look the orders up once."""
        self._scopes = scopes(ORDER.select(c, at=at))
        self._known: dict[str, str] = {}

    @property
    def there(self) -> tuple[str, ...]:
        """Return the modes that may be in force anywhere."""
        return (PEACE, WAR) if self._scopes else (PEACE,)

    def at(self, path: str) -> str:
        """Return whose levels hold at a place: ``war`` or ``peace``."""
        if not self._scopes:
            return PEACE
        found = self._known.get(path)
        if found is None:
            covered = any(scope.covers(path) for scope in self._scopes)
            found = self._known[path] = WAR if covered else PEACE
        return found


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
        name=row.name,
        en=row.en,
        category=row.category,
        unit=row.unit,
        packagings=_packagings(row.packagings),
        place=row.place,
        shelf_days=row.shelf_days,
        alert_days=row.alert_days,
        needs=_needs(row.needs),
        barcodes=tuple(b for b in row.barcodes.split(",") if b),
        durable=bool(row.durable),
    )


def item_row(row: Item) -> dict[str, Any]:
    """Return an entry of the catalogue, without what is in stock of it."""
    item = entry(row)
    zh, en = both(CATEGORIES, item.category)
    return {
        "code": item.code,
        "name": item.name,
        "en": item.en,
        "category": item.category,
        "category_zh": zh,
        "category_en": en,
        "unit": item.unit,
        "packagings": [msgspec.to_builtins(p) for p in item.packagings],
        "packagings_said": "；".join(
            f"{p.unit}={p.factor}{item.unit}" for p in item.packagings
        ),
        "place": item.place,
        "shelf_days": item.shelf_days,
        "alert_days": item.alert_days,
        "needs": [msgspec.to_builtins(n) for n in item.needs],
        "barcodes": list(item.barcodes),
        "durable": item.durable,
        "listed": bool(row.listed),
        "state": "LISTED" if row.listed else "WITHDRAWN",
        "state_zh": "在目录" if row.listed else "已移出",
        "state_en": "Listed" if row.listed else "Withdrawn",
    }


def item_rows(c: sa.Connection, at: int | None, path: str = "") -> list[dict[str, Any]]:
    """Return the catalogue with what is in stock in an area."""
    held: dict[str, list[int]] = {}
    for stock in STOCK.select(c, at=at, path=path):
        found = held.setdefault(stock.item, [0, 0, 0])
        found[0] += stock.on_hand
        found[1] += stock.available
        found[2] += 1
    rows = []
    for row in sorted(ITEM.select(c, at=at)):
        on_hand, available, stations = held.get(row.item, (0, 0, 0))
        more = {"on_hand": on_hand, "available": available, "stations": stations}
        rows.append({**item_row(row), **more})
    return rows


class Goods:
    """What rows of stock are shown with: names, modes, the clock."""

    def __init__(self, c: sa.Connection, names: Names, now: int) -> None:
        """Look the whole catalogue up: it is small and every row names an item."""
        self.c, self.names, self.now = c, names, now
        self.modes = Modes(c, names.at)
        self.items = {row.item: row for row in ITEM.select(c, at=names.at)}

    def said(self, item: str, quantity: int) -> str:
        """Return a quantity in packagings (3箱 5个)."""
        row = self.items.get(item)
        if row is None:
            return str(quantity)
        return packed(quantity, row.unit, _packagings(row.packagings))

    def named(self, item: str) -> dict[str, Any]:
        """Return what every row says of an item."""
        row = self.items.get(item)
        zh, en = both(CATEGORIES, row.category if row else "other")
        return {
            "item": item,
            "name": row.name if row else item,
            "name_en": (row.en if row else "") or item,
            "category": row.category if row else "other",
            "category_zh": zh,
            "category_en": en,
            "unit": row.unit if row else "",
        }

    def where(self, station: str, path: str) -> dict[str, Any]:
        """Return what every row says of a station."""
        street = path[: DIGITS["street"]].ljust(12, "0")
        return {
            "station": station,
            "station_name": self.names.station(station),
            "area": path.ljust(12, "0"),
            "area_name": self.names.area(path[:12].ljust(12, "0")),
            "street_name": self.names.area(street),
        }

    def acting(self, post: str) -> str:
        """Return who acts on a keeper's post, empty for nobody (岗位空缺)."""
        found = POST.get(self.c, post, at=self.names.at) if post else None
        return found.acting if found else ""

    def know(self, rows: Iterable[Any]) -> None:
        """Look up at once where many rows are."""
        rows = list(rows)
        self.names.know_sites({row.station for row in rows})
        codes = {row.path[:12].ljust(12, "0") for row in rows}
        codes |= {row.path[: DIGITS["street"]].ljust(12, "0") for row in rows}
        self.names.know_areas(codes)

    def stock(self, row: Stock) -> dict[str, Any]:
        """Return an item at a station."""
        mode = self.modes.at(row.path)
        minimum, reorder, target = levels_of(row, mode)
        rate = burn(hours_in(row.hours), self.now) if row.hours != "{}" else 0
        state = standing(row.available, minimum, reorder, target)
        known = self.items.get(row.item)
        return {
            "id": row.key,
            **self.where(row.station, row.path),
            **self.named(row.item),
            "on_hand": row.on_hand,
            "reserved": row.reserved,
            "on_hold": row.on_hold,
            "available": row.available,
            "available_said": self.said(row.item, row.available),
            "expiring": row.expiring,
            "coming": row.coming,
            "missing": row.missing,
            "moves": row.moves,
            "place": row.place or (known.place if known else ""),
            "mode": mode,
            "minimum": minimum,
            "reorder": reorder,
            "target": target,
            "peace": list(levels_of(row, PEACE)),
            "war": list(levels_of(row, WAR)),
            "burn_per_hour_milli": rate,
            "cover_hours": cover_hours(row.available, rate),
            "state": state,
            "state_zh": LEVELS[state][0],
            "state_en": LEVELS[state][1],
            "seq": row.seq_from,
        }

    def lot(self, row: LotRow, origin: tuple[str, str, str, str]) -> dict[str, Any]:
        """Return a lot at a station; ``origin``: kind, id, slip, maker's batch."""
        kind, named, slip, batch = origin
        status_zh, status_en = both(LOT_STATUSES, row.status)
        origin_zh, origin_en = both(SOURCES, kind)
        return {
            "id": row.key,
            **self.where(row.station, row.path),
            **self.named(row.item),
            "lot": row.lot,
            "batch": batch,
            "status": row.status,
            "status_zh": status_zh,
            "status_en": status_en,
            "own": row.own,
            "on_hand": row.on_hand,
            "reserved": row.reserved,
            "available": row.on_hand - row.reserved if row.status == "approved" else 0,
            "on_hand_said": self.said(row.item, row.on_hand),
            "expires": moment(row.expires_us or None),
            "noted": row.noted,
            "origin": kind,
            "origin_zh": origin_zh,
            "origin_en": origin_en,
            "origin_id": named,
            "slip": slip,
            "seq": row.seq_from,
        }


def goods_of(look: Look) -> Goods:
    """Return what rows of stock are shown with, in one look at the views."""
    return Goods(look.c, look.names, look.now)


def station_rows(
    rows: Iterable[StationRow],
    stocks: Iterable[Stock],
    goods: Goods,
    faces: Faces,
    mine: tuple[str, ...],
) -> list[dict[str, Any]]:
    """Return stations with what is short there. ``mine``: paths one may keep."""
    sums: dict[str, list[int]] = {}
    for stock in stocks:
        counted = sums.setdefault(stock.station, [0, 0, 0, 0])
        counted[0] += stock.on_hand > 0
        counted[1] += stock.expiring > 0
        counted[2] += stock.coming
        counted[3] += stock.missing
    listed = list(rows)
    goods.know(listed)
    acting = {row.station: goods.acting(row.post) for row in listed}
    faces.know(person for person in acting.values() if person)
    none, found = [0] * 4, list[dict[str, Any]]()
    for row in listed:
        person = acting[row.station]
        said = faces.label(person)[0] if person else ""
        at_station = sums.get(row.station, none)
        found.append(_station(row, at_station, goods, mine, said))
    return found


def _station(
    row: StationRow,
    sums: list[int],
    goods: Goods,
    mine: tuple[str, ...],
    acting: str,
) -> dict[str, Any]:
    mode = goods.modes.at(row.path)
    short = row.short_war if mode == WAR else row.short_peace
    keeper = goods.names.person(row.keeper) if row.keeper else ""
    items, expiring, coming, missing = sums
    return {
        "id": row.station,
        **goods.where(row.station, row.path),
        "name": goods.names.station(row.station),
        "mode": mode,
        "mode_zh": MODES[mode][0],
        "mode_en": MODES[mode][1],
        "post": row.post,
        "post_name": goods.names.post(row.post) if row.post else "",
        "keeper": row.keeper,
        "keeper_label": keeper or acting,
        "custody_count": row.custody_count,
        "custody_at": moment(row.custody_us or None),
        "items": items,
        "short": len(short.split(",")) if short else 0,
        "short_items": [goods.named(i) for i in short.split(",") if i],
        "expiring": expiring,
        "coming": coming,
        "missing": missing,
        "mine": any(row.path.startswith(path) for path in mine),
        "seq": row.seq_from,
    }
