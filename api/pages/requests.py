"""Requests for goods (物资申领) as people read them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from api.exchange.tables import BOTH, SORT, Column, Row
from api.http.lists import Listing
from api.http.look import Look
from api.http.reading import Reads
from api.pages.fields import taken
from api.pages.goods import Goods, goods_of
from coordination.fields import Code
from coordination.vocabulary import PRIORITIES, REQUEST_STATES
from projections.slips import REQUEST, Delivery, Request, deliveries_in, wanted_in
from projections.supplies import quantities_in

LINES_SAID = 5
LISTING = Listing.of(
    Column("request", "单号", "Request"),
    Column("priority", "优先级", "Priority", words=PRIORITIES, can=BOTH),
    Column("state", "状态", "State", words=REQUEST_STATES, can=BOTH),
    Column("area_name", "申领区域", "Area", can=SORT),
    Column("squad", "突击队", "Squad"),
    Column("lines_said", "物资", "Goods"),
    Column("short_said", "欠货", "Back-order"),
    Column("station_name", "物资站", "Station"),
    Column("to_name", "送达", "To"),
    Column("needed_by", "需要时间", "Needed by", "time", can=SORT),
    Column("made_at", "申领时间", "Asked", "time", can=SORT),
    Column("seq", "日志位置", "Seq", "int", can=SORT),
    also_filterable=("station",),
    sort="priority",
)


def request_row(row: Request, goods: Goods) -> dict[str, Any]:
    """Return a request for goods."""
    names, lines = goods.names, _lines(row, goods)
    back = [x for x in lines if x["short"] and x["reserved"] + x["dispatched"]]
    return {
        "id": row.request,
        **taken(row, "request area squad station priority to state by reason"),
        **taken(row, at="made", when="needed_by"),
        "area_name": names.target(row.area),
        "station_name": names.station(row.station),
        "to_name": names.target(row.to),
        "lines": lines,
        "lines_said": "；".join(f"{x['name']} {x['said']}" for x in lines[:LINES_SAID]),
        "short_said": "；".join(f"{x['name']} {x['short']}{x['unit']}" for x in back),
        "slips": [
            _slip(slip, found, goods)
            for slip, found in deliveries_in(row.slips).items()
        ],
        "by_label": names.person(row.by),
        "seq": row.seq_from,
    }


def _lines(row: Request, goods: Goods) -> list[dict[str, Any]]:
    """Return what is wanted, with what is kept, sent and missing of it."""
    kept, sent = quantities_in(row.reserved), quantities_in(row.dispatched)
    lines = []
    for line in wanted_in(row.wanted):
        reserved, gone = kept.get(line.item, 0), sent.get(line.item, 0)
        lines.append(
            {
                **goods.named(line.item),
                "quantity": line.quantity,
                "said": goods.said(line.item, line.quantity),
                "reserved": reserved,
                "dispatched": gone,
                "short": max(0, line.quantity - reserved - gone) if row.station else 0,
            }
        )
    return lines


def _slip(slip: str, found: Delivery, goods: Goods) -> dict[str, Any]:
    return {
        "slip": slip,
        "proof": found.delivered,
        **taken(found, "by confirmed"),
        "by_label": goods.names.person(found.by),
        "confirmed_label": goods.names.person(found.confirmed),
    }


READS = Reads("requests")


@READS.listed("/requests", LISTING, "view.situation", "物资申领")
def requests(look: Look, area: Code | None = None) -> Iterable[Row]:
    """Return the requests of an area, the most urgent first (物资申领)."""
    found = REQUEST.select(look.c, at=look.at, path=look.path(area))
    goods = goods_of(look)
    placed = (code for row in found for code in (row.station, row.area, row.to))
    look.names.know_targets(placed)
    for row in sorted(found, key=lambda row: row.made_us):
        yield request_row(row, goods)
