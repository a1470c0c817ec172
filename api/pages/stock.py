"""Stock (库存) on shelves, lot by lot, and the ledger of what moved, as lists."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa

from api.exchange.tables import FILTER, SORT, Column, Row
from api.http.lists import Listing
from api.http.look import Look
from api.http.plain import moment
from api.http.reading import Reads
from api.pages.fields import taken
from api.pages.goods import LOTS, STOCKS, Goods, goods_of
from coordination.fields import Code, StationId
from coordination.stock.lines import AskedLot, ItemId
from coordination.vocabulary import STOCK_ACCOUNTS
from projections.slips import MOVEMENT, Movement, movements
from projections.supplies import LOT, STOCK, LotRow

MOVEMENTS_SHOWN = 5_000
MOVEMENTS = Listing.of(
    Column("at", "时间", "Time", "time", can=SORT),
    Column("station_name", "物资站", "Station"),
    Column("name", "物资", "Item"),
    Column("lot", "批次", "Lot", "key", can=FILTER),
    Column("source", "从", "From", words=STOCK_ACCOUNTS, can=FILTER),
    Column("destination", "到", "To", words=STOCK_ACCOUNTS, can=FILTER),
    Column("quantity", "数量", "Quantity", "int", can=SORT),
    Column("unit", "单位", "Unit"),
    Column("slip", "单号", "Slip", can=FILTER),
    Column("seq", "日志位置", "Seq", "int", can=SORT),
    also_filterable=("item",),
    sort="-seq",
)


def movement_row(row: Movement, goods: Goods) -> dict[str, Any]:
    """Return a movement of the ledger."""
    return {
        "id": row.seq,
        "at": moment(row.occurred_us),
        **goods.where(row.station, row.path),
        **goods.named(row.item),
        **taken(row, "lot quantity source destination slip seq"),
        "said": goods.said(row.item, row.quantity),
    }


def lot_rows(rows: Iterable[LotRow], goods: Goods) -> list[dict[str, Any]]:
    """Return lots on shelves, with where they came from."""
    rows = list(rows)
    goods.know(rows)
    batches = goods.batches(rows)
    return [goods.lot(row, batches[f"{row.item}/{row.lot}"]) for row in rows]


READS = Reads("stock")


def _path(look: Look, area: str | None, station: str | None) -> str:
    """Return the path to look in: of the area, else of the station's."""
    return look.path(area) if area else (station or "").partition("-")[0]


@READS.listed("/stock", STOCKS, "view.situation", "库存")
def stock(
    look: Look, area: Code | None = None, station: StationId | None = None
) -> Iterable[Row]:
    """Return every item at every station of an area (库存)."""
    goods = goods_of(look)
    found = STOCK.select(look.c, at=look.at, path=_path(look, area, station))
    rows = [r for r in found if not station or r.station == station]
    goods.know(rows)
    return (goods.stock(row) for row in rows)


@READS.listed("/stock/lots", LOTS, "view.situation", "批次")
def lots(
    look: Look,
    area: Code | None = None,
    station: StationId | None = None,
    item: ItemId | None = None,
) -> Iterable[Row]:
    """Return the lots on the shelves of an area (批次)."""
    t, path = LOT.table.c, _path(look, area, station)
    where = [t.on_hand > 0, *([LOT.inside(path)] if path else ())]
    where += _of(t, station=station, item=item)
    return lot_rows(LOT.where(look.c, *where, at=look.at), goods_of(look))


@READS.listed("/stock/movements", MOVEMENTS, "view.situation", "库存账")
def ledger(
    look: Look,
    area: Code | None = None,
    station: StationId | None = None,
    item: ItemId | None = None,
    lot: AskedLot = "",
) -> Iterable[Row]:
    """Return the newest movements of the ledger (库存账)."""
    goods, path = goods_of(look), _path(look, area, station)
    where = [MOVEMENT.inside(path)] if path else []
    lot = look.world.lot_named(item or "", lot)
    where += _of(MOVEMENT.table.c, station=station, item=item, lot=lot)
    found = movements(look.c, *where, at=look.at, limit=MOVEMENTS_SHOWN)
    goods.know(found)
    return (movement_row(row, goods) for row in found)


def _of(columns: Any, **wanted: str | None) -> list[sa.ColumnElement[bool]]:
    """Return what a row must be, of what is asked for."""
    return [columns[name] == value for name, value in wanted.items() if value]
