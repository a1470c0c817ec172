"""Slips (单据), counts, requests as people read them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec

from api.exchange.tables import Column
from api.http.lists import Listing
from api.http.plain import moment
from api.pages.goods import Goods
from api.pages.sites import both
from coordination.stock.events import AREA, SITE, Line, Passed
from coordination.vocabulary import (
    PASSED_OVER,
    RECIPIENTS,
    SCRAP_CAUSES,
    SHORTFALL_CAUSES,
    SOURCES,
    VARIANCE_CAUSES,
)
from projections.names import Names
from projections.slips import (
    CANCELLED,
    ORDERED,
    Counted,
    Movement,
    SlipRow,
    lines_in,
)

KINDS: dict[str, tuple[str, str]] = {
    "receipt": ("入库单", "Receipt"),
    "issue": ("出库单", "Issue"),
    "scrap": ("报废单", "Scrapping"),
    "adjust": ("更正单", "Correction"),
    "shipment": ("调拨单", "Transfer"),
    "count": ("盘点表", "Count"),
}
STATES: dict[str, tuple[str, str]] = {
    "DONE": ("已办", "Done"),
    "OUT": ("未归还", "Still out"),
    "SETTLED": ("已清", "Settled"),
    "RETURNED": ("已退回", "Returned"),
    "ORDERED": ("待发运", "To be sent"),
    "CANCELLED": ("已取消", "Cancelled"),
    "TRANSIT": ("在途", "On the way"),
    "PART": ("部分到货", "Arrived in part"),
    "MISSING": ("有差异", "Something missing"),
    "ARRIVED": ("已到货", "Arrived"),
    "CLOSED": ("已结", "Closed"),
    "OPEN": ("进行中", "Open"),
}
ACCOUNTS: dict[str, tuple[str, str]] = {
    "shelf": ("在架", "Shelf"),
    "transit": ("在途", "On the way"),
    "variance": ("盘盈盘亏与更正", "Variance"),
    "scrap": ("报废", "Scrapped"),
    "lost": ("丢失", "Lost"),
    "used": ("已领用", "Issued"),
    "owner": ("归还物主", "Back to the owner"),
    **SOURCES,
}
RESULTS: dict[str, tuple[str, str]] = {
    "": ("未盘", "Not counted"),
    "same": ("相符", "As in the books"),
    "differs": ("不符，待另一人复盘", "Differs: another person counts again"),
    "disturbed": ("盘点期间有出入库，须重盘", "Stock moved meanwhile: count again"),
    "confirmed": ("复盘仍不符，待处理", "Differs twice: to be settled"),
}
CAUSES = {**SCRAP_CAUSES, **SHORTFALL_CAUSES, **VARIANCE_CAUSES}
SLIPS = Listing(
    columns=(
        Column("slip", "单号", "Slip"),
        Column("kind_zh", "单据", "Kind"),
        Column("state_zh", "状态", "State"),
        Column("station_name", "物资站", "Station"),
        Column("to_name", "接收站", "To"),
        Column("party_zh", "来源/去向", "From or to"),
        Column("party_name", "对象", "Who"),
        Column("lines_said", "物资", "Goods"),
        Column("quantity", "数量", "Quantity", "int"),
        Column("left", "未清", "Left", "int"),
        Column("owner_label", "责任人", "Owner"),
        Column("by_label", "经办", "By"),
        Column("at", "时间", "Time", "time"),
        Column("seq", "日志位置", "Seq", "int"),
    ),
    sortable=("slip", "kind", "state", "station_name", "quantity", "left", "at", "seq"),
    filterable=("kind", "state", "station", "to_station", "emergency", "late"),
    sort="-seq",
)
MOVEMENTS = Listing(
    columns=(
        Column("at", "时间", "Time", "time"),
        Column("station_name", "物资站", "Station"),
        Column("name", "物资", "Item"),
        Column("lot", "批次", "Lot"),
        Column("source_zh", "从", "From"),
        Column("destination_zh", "到", "To"),
        Column("quantity", "数量", "Quantity", "int"),
        Column("unit", "单位", "Unit"),
        Column("slip", "单号", "Slip"),
        Column("seq", "日志位置", "Seq", "int"),
    ),
    sortable=("seq", "quantity", "at"),
    filterable=("source", "destination", "item", "lot", "slip"),
    sort="-seq",
)


def goods_line(line: Line, goods: Goods) -> dict[str, Any]:
    """Return one line of a slip."""
    return {
        **goods.named(line.item),
        "lot": line.lot,
        "quantity": line.quantity,
        "said": goods.said(line.item, line.quantity),
    }


def slip_row(row: SlipRow, goods: Goods) -> dict[str, Any]:
    """Return a slip with its lines."""
    lines = [goods_line(line, goods) for line in lines_in(row.lines)]
    kind_zh, kind_en = both(KINDS, row.kind)
    state_zh, state_en = both(STATES, row.state)
    party_zh, party_en = both({**SOURCES, **RECIPIENTS}, row.party_kind)
    cause_zh, cause_en = both(CAUSES, row.cause)
    person = goods.names.person
    return {
        "id": row.slip,
        "slip": row.slip,
        "kind": row.kind,
        "kind_zh": kind_zh,
        "kind_en": kind_en,
        "state": row.state,
        "state_zh": state_zh,
        "state_en": state_en,
        **goods.where(row.station, row.path),
        "to_station": row.to_station,
        "to_name": goods.names.station(row.to_station) if row.to_station else "",
        "party_kind": row.party_kind,
        "party_zh": party_zh,
        "party_en": party_en,
        "party_id": row.party_id,
        "party_name": party_name(row, goods.names),
        "document": row.document,
        "number": row.number,
        "emergency": row.emergency,
        "order_id": row.order_id,
        "lines": lines,
        "lines_said": "；".join(f"{x['name']} {x['said']}" for x in lines[:5]),
        "quantity": sum(x["quantity"] for x in lines),
        "arrived": [goods_line(x, goods) for x in lines_in(row.arrived)],
        "closed": [goods_line(x, goods) for x in lines_in(row.closed)],
        "open": open_lines(row, goods),
        "left": row.left,
        "owner": row.owner,
        "owner_label": person(row.owner) if row.owner else "",
        "by": row.by,
        "by_label": person(row.by) if row.by else "",
        "cause": row.cause,
        "cause_zh": cause_zh,
        "cause_en": cause_en,
        "expected_at": moment(row.due_us or None),
        "late": bool(row.late),
        "passed": [_passed(item, p, goods) for item, p in passed_in(row.passed)],
        "at": moment(row.at_us),
        "seq": row.seq_from,
    }


def party_name(row: SlipRow, names: Names) -> str:
    """Return what a place is called; whoever else is named stays as written."""
    if row.party_kind == AREA:
        return names.target(row.party_id)
    if row.party_kind == SITE:
        return names.site(row.party_id)
    return row.party_id


_passed_lines = msgspec.json.Decoder(tuple[tuple[str, Passed], ...]).decode


def passed_in(text: str) -> tuple[tuple[str, Passed], ...]:
    """Read lots that were passed over, by item, stored as JSON."""
    return _passed_lines(text)


def _passed(item: str, passed: Passed, goods: Goods) -> dict[str, Any]:
    return {**goods.named(item), **passed_body(passed)}


def passed_body(passed: Passed) -> dict[str, Any]:
    """Return a lot that was passed over, and why."""
    zh, en = both(PASSED_OVER, passed.why)
    return {
        "lot": passed.lot,
        "quantity": passed.quantity,
        "why": passed.why,
        "why_zh": zh,
        "why_en": en,
    }


def open_lines(row: SlipRow, goods: Goods) -> list[dict[str, Any]]:
    """Return what is not accounted for of a shipment, issue or requisition."""
    sent = row.state not in {ORDERED, CANCELLED}
    out = {"shipment": sent, "issue": True, "receipt": row.emergency != ""}
    if not out.get(row.kind):
        return []
    done: dict[tuple[str, str], int] = {}
    for line in (*lines_in(row.arrived), *lines_in(row.closed)):
        key = line.item, line.lot
        done[key] = done.get(key, 0) + line.quantity
    whole: dict[tuple[str, str], int] = {}
    for line in lines_in(row.lines):
        key = line.item, line.lot
        whole[key] = whole.get(key, 0) + line.quantity
    return [
        goods_line(Line(*key, quantity - done.get(key, 0)), goods)
        for key, quantity in whole.items()
        if quantity > done.get(key, 0)
    ]


def know_slips(rows: Iterable[SlipRow], goods: Goods) -> None:
    """Look up at once where many slips are from and to."""
    rows = list(rows)
    goods.know(rows)
    goods.names.know_sites({row.to_station for row in rows if row.to_station})


def movement_row(row: Movement, goods: Goods) -> dict[str, Any]:
    """Return a movement of the ledger."""
    source_zh, source_en = both(ACCOUNTS, row.source)
    destination_zh, destination_en = both(ACCOUNTS, row.destination)
    return {
        "id": row.seq,
        "at": moment(row.occurred_us),
        **goods.where(row.station, row.path),
        **goods.named(row.item),
        "lot": row.lot,
        "quantity": row.quantity,
        "said": goods.said(row.item, row.quantity),
        "source": row.source,
        "source_zh": source_zh,
        "source_en": source_en,
        "destination": row.destination,
        "destination_zh": destination_zh,
        "destination_en": destination_en,
        "slip": row.slip,
        "seq": row.seq,
    }


def counted_row(
    row: Counted, goods: Goods, moves: int, expires_us: int, *, settles: bool
) -> dict[str, Any]:
    """Return a line of a count; what the books say only to who settles, when it is
    confirmed: a count is blind.
    """
    zh, en = both(RESULTS, row.result)
    item = goods.items.get(row.item)
    open_ = bool(row.cause) or (settles and row.result == "confirmed")
    cause_zh, cause_en = both(VARIANCE_CAUSES, row.cause)
    return {
        **goods.named(row.item),
        "lot": row.lot,
        "place": item.place if item else "",
        "packagings": msgspec.json.decode(item.packagings) if item else [],
        "expires": moment(expires_us or None),
        "moves": moves,
        "result": row.result,
        "result_zh": zh,
        "result_en": en,
        "counted": row.counted if open_ or row.result == "same" else None,
        "first_counted": row.first_counted if open_ else None,
        "book": row.book if open_ else None,
        "by": row.by,
        "by_label": goods.names.person(row.by) if row.by else "",
        "first": row.first,
        "moved": row.moved,
        "cause": row.cause,
        "cause_zh": cause_zh,
        "cause_en": cause_en,
        "change": row.change if row.cause else None,
        "done": row.result == "same" or bool(row.cause),
    }
