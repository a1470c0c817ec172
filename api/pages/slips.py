"""Slips (单据) as people read them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec
from msgspec.structs import asdict

from api.exchange.tables import BOTH, SORT, Column, Row, worded
from api.http.given import passed_over
from api.http.lists import Listing
from api.http.look import Look
from api.http.plain import moment
from api.http.reading import Reads
from api.pages.facts import history
from api.pages.fields import late_entry, taken
from api.pages.goods import Goods, goods_of
from coordination.fields import Code, EmergencyId, SlipId
from coordination.refusals import NotFound
from coordination.stock.ledger import AREA, SITE, Line, Passed
from coordination.stock.slips import summed
from coordination.vocabulary import PARTIES, SLIP_CAUSES, SLIP_KINDS, SLIP_STATES
from projections.names import Names
from projections.slips import (
    CANCELLED,
    ORDERED,
    SLIP,
    SlipRow,
    corrections_in,
    lines_in,
)

SLIPS = Listing.of(
    Column("slip", "单号", "Slip", can=SORT),
    Column("kind", "单据", "Kind", words=SLIP_KINDS, can=BOTH),
    Column("state", "状态", "State", words=SLIP_STATES, can=BOTH),
    Column("station_name", "物资站", "Station", can=SORT),
    Column("to_name", "接收站", "To"),
    Column("party", "来源/去向", "From or to", words=PARTIES),
    Column("party_name", "对象", "Who"),
    Column("lines_said", "物资", "Goods"),
    Column("quantity", "数量", "Quantity", "int", can=SORT),
    Column("left", "未清", "Left", "int", can=SORT),
    Column("owner_label", "责任人", "Owner"),
    Column("by_label", "经办", "By"),
    Column("at", "时间", "Time", "time", can=SORT),
    Column("seq", "日志位置", "Seq", "int", can=SORT),
    also_filterable=("station", "to_station", "emergency", "late"),
    sort="-seq",
)
SAID = (*SLIPS.columns, Column("cause", "原因", "Cause", words=SLIP_CAUSES))
"""What of a slip is said in words."""
_passed_in = msgspec.json.Decoder(tuple[tuple[str, Passed], ...]).decode
"""Reads lots that were passed over, by item, stored as JSON."""


def goods_line(line: Line, goods: Goods) -> dict[str, Any]:
    """Return one line of a slip."""
    return {
        **goods.named(line.item),
        **taken(line, "lot quantity"),
        "said": goods.said(line.item, line.quantity),
    }


def slip_rows(rows: Iterable[SlipRow], goods: Goods) -> list[dict[str, Any]]:
    """Return slips with their lines, in words."""
    rows = list(rows)
    know_slips(rows, goods)
    return [slip_row(row, goods) for row in rows]


def slip_row(row: SlipRow, goods: Goods) -> dict[str, Any]:
    """Return a slip with its lines, in words."""
    (said,) = worded([_slip(row, goods)], SAID)
    return dict(said)


def _slip(row: SlipRow, goods: Goods) -> dict[str, Any]:
    lines = [goods_line(line, goods) for line in lines_in(row.lines)]
    person = goods.names.person
    return {
        "id": row.slip,
        **taken(row, "slip kind state to_station party_kind party_id party_before"),
        **taken(row, "document number"),
        **taken(row, "emergency order_id left owner by cause"),
        **goods.where(row.station, row.path),
        "to_name": goods.names.station(row.to_station),
        "party": row.party_kind,
        "party_name": party_name(row, goods.names),
        "lines": lines,
        "lines_said": "；".join(f"{x['name']} {x['said']}" for x in lines[:5]),
        "quantity": sum(x["quantity"] for x in lines),
        "arrived": [goods_line(x, goods) for x in lines_in(row.arrived)],
        "closed": [goods_line(x, goods) for x in lines_in(row.closed)],
        "open": open_lines(row, goods),
        "owner_label": person(row.owner),
        "by_label": person(row.by),
        "expected_at": moment(row.due_us or None),
        "late": bool(row.late),
        "passed": [
            {**goods.named(item), **asdict(passed_over(lot))}
            for item, lot in _passed_in(row.passed)
        ],
        "at": moment(row.at_us),
        "recorded_at": moment(row.recorded_us),
        "entered_late": late_entry(row.at_us, row.recorded_us),
        "corrections": [
            {**goods.named(item), "lot": lot, "change": change, "slip": slip}
            for item, lot, change, slip in corrections_in(row.corrected)
        ],
        "recorded": recorded_of(row),
        "seq": row.seq_from,
    }


def recorded_of(row: SlipRow) -> dict[str, int]:
    """Return how much of a slip is recorded by now, for each deed that adds to it."""
    closed = sum(line.quantity for line in lines_in(row.closed))
    return {
        "arrive": sum(line.quantity for line in lines_in(row.arrived)),
        "close": closed,
        "return": closed,
        "settle": closed,
        "adjust": len(corrections_in(row.corrected)),
    }


def party_name(row: SlipRow, names: Names) -> str:
    """Return what a place is called; whoever else is named stays as written."""
    if row.party_kind == AREA:
        return names.target(row.party_id)
    if row.party_kind == SITE:
        return names.site(row.party_id)
    return row.party_id


def open_lines(row: SlipRow, goods: Goods) -> list[dict[str, Any]]:
    """Return what is not accounted for of a shipment, issue or requisition."""
    sent = row.state not in {ORDERED, CANCELLED}
    out = {"shipment": sent, "issue": True, "receipt": row.emergency != ""}
    if not out.get(row.kind):
        return []
    left = summed(lines_in(row.lines))
    if row.kind == "receipt":
        for item, lot, change, _ in corrections_in(row.corrected):
            left[item, lot] = left.get((item, lot), 0) + change
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
    placed = {row.party_id for row in rows if row.party_kind in {SITE, AREA}}
    goods.names.know_targets(placed | {row.to_station for row in rows})


READS = Reads("slips")


@READS.listed("/slips", SLIPS, "view.situation", "物资单据")
def slips(look: Look, area: Code | None = None) -> Iterable[Row]:
    """Return the slips of an area, also those that are on their way there (单据)."""
    goods, path = goods_of(look), look.path(area)
    found = SLIP.select(look.c, at=look.at)
    return slip_rows((row for row in found if touches(row, path)), goods)


@READS.shown("/slips/{slip}", "view.situation")
def one_slip(look: Look, slip: SlipId) -> dict[str, Any]:
    """Return a slip (单据)."""
    [row] = slip_rows([known_slip(look, slip)], goods_of(look))
    return {"slip": row, "history": history(look, f"slip/{slip}"), "seq": look.seq}


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
    return slip_rows((row for row in found if row.path.startswith(path)), goods)


def known_slip(look: Look, slip: str) -> SlipRow:
    """Return a slip.

    :raises NothingToTrace: if there is no such slip
    """
    return look.known(SLIP, slip, NothingToTrace())


NothingToTrace = NotFound.of(
    "trace.unknown",
    "没有这个批次或单据",
    "there is no such lot or slip",
    "请核对编号",
    "check the number",
)


def touches(row: SlipRow, path: str) -> bool:
    """Tell whether a slip is of an area, or goes there."""
    return row.path.startswith(path) or row.to_path.startswith(path or "-")
