"""Slips (单据) and requests as people read them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec
import sqlalchemy as sa
from msgspec.structs import asdict

from api.exchange.tables import Column, Row, worded
from api.http.given import passed_over
from api.http.lists import Listing
from api.http.plain import moment
from api.http.reading import Look, Reads
from api.pages.goods import Goods, goods_of
from api.pages.sites import both
from coordination.fields import Code, EmergencyId, SlipId
from coordination.kernel import Refusal
from coordination.stock.events import AREA, SITE, Line, Passed
from coordination.stock.state import summed
from coordination.vocabulary import (
    PARTIES,
    PRIORITIES,
    SLIP_CAUSES,
    SLIP_KINDS,
    SLIP_STATES,
)
from projections.names import Names
from projections.slips import (
    CANCELLED,
    ORDERED,
    SLIP,
    Request,
    SlipRow,
    deliveries_in,
    lines_in,
    wanted_in,
)
from projections.supplies import quantities_in

REQUEST_STATES: dict[str, tuple[str, str]] = {
    "ASKED": ("待分诊", "Asked"),
    "TRIAGED": ("待配货", "Triaged"),
    "PART": ("部分配货，欠货", "In part, back-order"),
    "ALLOCATED": ("已配货", "Allocated"),
    "DISPATCHED": ("已出库", "Sent"),
    "DELIVERED": ("已送达", "Delivered"),
    "CONFIRMED": ("已签收", "Confirmed"),
    "REFUSED": ("已退回", "Refused"),
    "WITHDRAWN": ("已撤回", "Withdrawn"),
}
SLIPS = Listing(
    columns=(
        Column("slip", "单号", "Slip"),
        Column("kind", "单据", "Kind", words=SLIP_KINDS),
        Column("state", "状态", "State", words=SLIP_STATES),
        Column("station_name", "物资站", "Station"),
        Column("to_name", "接收站", "To"),
        Column("party", "来源/去向", "From or to", words=PARTIES),
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
SAID = (*SLIPS.columns, Column("cause", "原因", "Cause", words=SLIP_CAUSES))
"""What of a slip is said in words."""
REQUESTS = Listing(
    columns=(
        Column("request", "单号", "Request"),
        Column("priority_zh", "优先级", "Priority"),
        Column("state_zh", "状态", "State"),
        Column("area_name", "申领区域", "Area"),
        Column("squad", "突击队", "Squad"),
        Column("lines_said", "物资", "Goods"),
        Column("short_said", "欠货", "Back-order"),
        Column("station_name", "物资站", "Station"),
        Column("to_name", "送达", "To"),
        Column("needed_by", "需要时间", "Needed by", "time"),
        Column("made_at", "申领时间", "Asked", "time"),
        Column("seq", "日志位置", "Seq", "int"),
    ),
    sortable=("priority", "state", "area_name", "needed_by", "made_at", "seq"),
    filterable=("state", "priority", "station"),
    sort="priority",
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
    """Return a slip with its lines, in words."""
    (said,) = worded([_slip(row, goods)], SAID)
    return dict(said)


def _slip(row: SlipRow, goods: Goods) -> dict[str, Any]:
    lines = [goods_line(line, goods) for line in lines_in(row.lines)]
    person = goods.names.person
    return {
        "id": row.slip,
        "slip": row.slip,
        "kind": row.kind,
        "state": row.state,
        **goods.where(row.station, row.path),
        "to_station": row.to_station,
        "to_name": goods.names.station(row.to_station) if row.to_station else "",
        "party_kind": row.party_kind,
        "party": row.party_kind,
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
        "expected_at": moment(row.due_us or None),
        "late": bool(row.late),
        "passed": [
            {**goods.named(item), **asdict(passed_over(lot))}
            for item, lot in passed_in(row.passed)
        ],
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


def open_lines(row: SlipRow, goods: Goods) -> list[dict[str, Any]]:
    """Return what is not accounted for of a shipment, issue or requisition."""
    sent = row.state not in {ORDERED, CANCELLED}
    out = {"shipment": sent, "issue": True, "receipt": row.emergency != ""}
    if not out.get(row.kind):
        return []
    left = summed(lines_in(row.lines))
    for key, quantity in summed(
        (*lines_in(row.arrived), *lines_in(row.closed))
    ).items():
        left[key] = left.get(key, 0) - quantity
    return [
        goods_line(Line(*key, quantity), goods)
        for key, quantity in left.items()
        if quantity > 0
    ]


def know_slips(rows: Iterable[SlipRow], goods: Goods) -> None:
    """Look up at once where many slips are from and to."""
    rows = list(rows)
    goods.know(rows)
    names = goods.names
    names.know_sites({row.to_station for row in rows if row.to_station})
    names.know_sites({row.party_id for row in rows if row.party_kind == SITE})
    areas = {row.party_id for row in rows if row.party_kind == AREA}
    names.know_areas(areas)
    names.know_local(areas)


def request_row(row: Request, goods: Goods) -> dict[str, Any]:
    """Return a request for goods."""
    kept, sent = quantities_in(row.reserved), quantities_in(row.dispatched)
    lines = []
    for line in wanted_in(row.wanted):
        reserved, gone = kept.get(line.item, 0), sent.get(line.item, 0)
        missing = max(0, line.quantity - reserved - gone) if row.station else 0
        lines.append(
            {
                **goods.named(line.item),
                "quantity": line.quantity,
                "said": goods.said(line.item, line.quantity),
                "reserved": reserved,
                "dispatched": gone,
                "short": missing,
            }
        )
    zh, en = both(REQUEST_STATES, row.state)
    priority_zh, priority_en = PRIORITIES[row.priority]
    person = goods.names.person
    slips = [
        {
            "slip": slip,
            "proof": found.delivered,
            "by": found.by,
            "by_label": person(found.by) if found.by else "",
            "confirmed": found.confirmed,
            "confirmed_label": person(found.confirmed) if found.confirmed else "",
        }
        for slip, found in deliveries_in(row.slips).items()
    ]
    back = [x for x in lines if x["short"] and sum((x["reserved"], x["dispatched"]))]
    return {
        "id": row.request,
        "request": row.request,
        "area": row.area,
        "area_name": goods.names.target(row.area),
        "squad": row.squad,
        "station": row.station,
        "station_name": goods.names.station(row.station) if row.station else "",
        "priority": row.priority,
        "priority_zh": priority_zh,
        "priority_en": priority_en,
        "to": row.to,
        "to_name": goods.names.target(row.to),
        "needed_by": moment(row.needed_by_us or None),
        "state": row.state,
        "state_zh": zh,
        "state_en": en,
        "lines": lines,
        "lines_said": "；".join(f"{x['name']} {x['said']}" for x in lines[:5]),
        "short_said": "；".join(f"{x['name']} {x['short']}{x['unit']}" for x in back),
        "slips": slips,
        "by": row.by,
        "by_label": person(row.by),
        "reason": row.reason,
        "made_at": moment(row.made_us),
        "seq": row.seq_from,
    }


# --- reads ---------------------------------------------------------------------------

READS = Reads("slips")


@READS.listed("/slips", SLIPS, "view.situation", "物资单据")
def slips(look: Look, area: Code | None = None) -> Iterable[Row]:
    """Return the slips of an area, also those that are on their way there (单据)."""
    goods, path = goods_of(look), look.path(area)
    found = [r for r in SLIP.select(look.c, at=look.at) if touches(r, path)]
    know_slips(found, goods)
    return [slip_row(row, goods) for row in found]


@READS.shown("/slips/{slip}", "view.situation")
def one_slip(look: Look, slip: SlipId) -> dict[str, Any]:
    """Return a slip (单据)."""
    row, goods = known_slip(look.c, slip, look.at), goods_of(look)
    know_slips([row], goods)
    return {"slip": slip_row(row, goods), "seq": look.seq}


@READS.listed("/requisitions", SLIPS, "view.situation", "征用清单")
def requisitions(
    look: Look, area: Code | None = None, emergency: EmergencyId | None = None
) -> Iterable[Row]:
    """Return what was requisitioned, and what of it is still out (征用清单)."""
    goods, path = goods_of(look), look.path(area)
    t = SLIP.table.c
    where = [t.kind == "receipt", t.emergency != ""]
    where += [t.emergency == emergency] if emergency else []
    found = SLIP.where(look.c, *where, at=look.at)
    rows = [row for row in found if row.path.startswith(path)]
    know_slips(rows, goods)
    return [slip_row(row, goods) for row in rows]


def known_slip(c: sa.Connection, slip: str, at: int | None = None) -> SlipRow:
    """Return a slip.

    :raises NothingToTrace: if there is no such slip
    """
    row = SLIP.get(c, slip, at=at)
    if row is None:
        raise NothingToTrace
    return row


class NothingToTrace(Refusal):
    """No such lot or slip (无可追溯)."""

    code = "trace.unknown"
    zh = "没有这个批次或单据"
    en = "there is no such lot or slip"


def touches(row: SlipRow, path: str) -> bool:
    """Tell whether a slip is of an area, or goes there."""
    return row.path.startswith(path) or row.to_path.startswith(path or "-")
