"""The after-event record of an emergency (事后记录): what happened, what is open."""

from __future__ import annotations

from typing import Any

from fastapi import Request

from api.exchange.tables import SORT, Column, Row, in_words
from api.http.deps import record_read, world_of
from api.http.lists import Listing
from api.http.look import Look
from api.http.plain import Who, moment
from api.http.reading import Reads
from api.pages.approvals import said
from api.pages.emergencies import changes_of, emergency_body, known_emergency
from api.pages.fields import pair, picked, taken
from api.pages.goods import Goods, goods_of
from api.pages.late_steps import late_rows, late_steps
from api.pages.orders import order_rows
from api.pages.sites import know_where, open_steps, where
from api.pages.slips import slip_rows
from coordination.fields import EmergencyId
from coordination.mode.state import PEACETIME
from coordination.permit import ROLES
from coordination.vocabulary import SWITCHES
from projections.approvals import GLASS, PROPOSAL
from projections.board import Order
from projections.directives import ISSUED
from projections.ordered import scopes
from projections.progress import PROGRESS, counts
from projections.slips import SLIP, UNDER_WAY

READS = Reads("mode")
RECORD = Listing.of(
    Column("at", "时间", "When", "time", can=SORT),
    Column("kind", "类别", "Kind"),
    Column("zh", "事实", "Fact"),
    Column("en", "英文", "In English"),
    Column("by_name", "人员", "By"),
    Column("basis", "依据或理由", "Basis or reason"),
    Column("seq", "日志位置", "Seq", "int", can=SORT),
)


def _sheet(record: dict[str, Any]) -> tuple[str, list[Row]]:
    """Return an after-event record as one sheet: what happened, then what is open."""
    rows: list[Row] = [{**change, "kind": "经过"} for change in record["changes"]]
    rows += [
        {
            "kind": "未恢复阵地",
            "zh": f"{s['area_name']} {s['site_name']}：{s['open_steps']} 步未完成",
            "en": f"{s['site']}: {s['open_steps']} steps open",
            "by_name": s["owner_zh"],
        }
        for s in record["open"]["sites"]
    ]
    rows += [
        {
            **picked(order, "by_name basis seq"),
            "at": order["issued_at"],
            "kind": "未签收指令",
            "zh": f"{order['title']}：{order['missing']} 处未签收",
            "en": f"{order['title']}: {order['missing']} missing",
        }
        for order in record["open"]["orders"]
    ]
    rows += [_slip(slip, "征用未清") for slip in record["open"]["requisitions"]]
    rows += [_slip(slip, "调拨未结") for slip in record["open"]["transfers"]]
    emergency = record["emergency"]
    mark = f"（{emergency['state_zh']}）" if emergency["state"] == "VOIDED" else ""
    return f"事后记录 {emergency['matter']}{mark}", rows


def _slip(slip: dict[str, Any], kind: str) -> dict[str, Any]:
    """Return a slip that is still open as a row of the record."""
    to = slip["to_name"] or slip["party_name"]
    return {
        "at": slip["at"],
        "kind": kind,
        "zh": f"{slip['slip']} {slip['station_name']} {to}：未清 {slip['left']}",
        "en": f"{slip['slip']} {slip['station_name']} {to}: {slip['left']} left",
        "by_name": slip["owner_label"] or slip["by_label"],
        "basis": slip["document"],
        "seq": slip["seq"],
    }


def owed(row: Order, goods: Goods) -> dict[str, Any]:
    """Return what is still out of an emergency: requisitioned goods, transfers.

    Transfers of its area since it was declared that are neither there nor settled.
    """
    c, t, at = goods.c, SLIP.table.c, goods.names.at
    requisitioned = SLIP.where(c, t.emergency == row.emergency, t.left > 0, at=at)
    (scope,) = scopes([row], active=False)
    moving = [
        slip
        for slip in SLIP.where(c, UNDER_WAY, t.at_us >= row.declared_us, at=at)
        if scope.covers(slip.path) or scope.covers(slip.to_path)
    ]
    return {
        "requisitions": slip_rows(sorted(requisitioned), goods),
        "transfers": slip_rows(sorted(moving), goods),
    }


async def _where(request: Request, who: Who, given: dict[str, Any]) -> None:
    """Record the reading, by somebody who may in the emergency's whole scope."""
    world, emergency = world_of(request), given["emergency"]
    scope = world.emergency(emergency).newest.scope
    world.entitle(who.by, "view.record", tuple(place.path for place in scope))
    await record_read(world, who, "record", emergency)


@READS.listed(
    "/emergencies/{emergency}/record",
    RECORD,
    "view.record",
    before=_where,
    sheet=_sheet,
)
def record(look: Look, emergency: EmergencyId) -> dict[str, Any]:
    """Return the after-event record (事后记录); that it was read is recorded."""
    row = known_emergency(look, emergency)
    c, names = look.c, look.names
    duties = [p for p in PROGRESS.select(c, at=look.at) if p.emergency == row.emergency]
    standing = [p for p in duties if counts(p)]
    know_where(standing, names)
    sites = []
    for progress in sorted(standing):
        left = open_steps(progress, names)
        owners = sorted({step.owner for step in left})
        said = in_words("owner", ROLES, owners)
        sites.append(
            {
                **where(progress, names),
                "mode": progress.mode,
                "open_steps": len(left),
                "steps": [taken(step, "id zh en") for step in left],
                **picked(said, "owner_zh owner_en"),
            }
        )
    of_it = ISSUED.table.c.emergency == row.emergency
    orders = ISSUED.where(c, of_it, at=look.at)
    told = order_rows(sorted(orders), names, look.until)
    return {
        "emergency": emergency_body(row, names),
        "changes": changes_of(look, row),
        "approvals": _approvals(look, row.emergency),
        "orders": told,
        "late": late_rows(late_steps(standing, names), names),
        "open": {
            "sites": sites,
            "steps": sum(site["open_steps"] for site in sites),
            "orders": [o for o in told if o["state"] == "STANDING" and o["missing"]],
            **owed(row, goods_of(look)),
        },
        "totals": {
            "sites": len(duties),
            "recovered": sum(p.mode == PEACETIME for p in duties),
            "steps": sum(p.total for p in standing),
            "done": sum(p.done for p in standing),
            "late": sum(p.late for p in standing),
        },
    }


def _approvals(look: Look, emergency: str) -> list[dict[str, Any]]:
    """Return who proposed and who decided, oldest first."""
    names = look.names
    c, at = look.c, look.at
    proposals = PROPOSAL.where(c, PROPOSAL.table.c.emergency == emergency, at=at)
    glasses = GLASS.where(c, GLASS.table.c.emergency == emergency, at=at)
    found = [
        {
            "id": row.proposal,
            **taken(row, "kind state", at="proposed decided"),
            "proposer_name": names.person(row.proposer),
            "decided_by_name": names.person(row.decided_by),
            "reason": row.decided_reason or row.reason,
            **dict(zip(("zh", "en"), said(row, names), strict=True)),
            "seq": row.seq_from,
        }
        for row in sorted(proposals, key=lambda r: r.proposed_us)
    ]
    found.extend(
        {
            "id": glass.glass,
            "kind": glass.kind,
            "state": f"ALONE-{glass.state}",
            "proposer_name": names.person(glass.account),
            "proposed_at": moment(glass.broken_us),
            "decided_by_name": names.person(glass.reviewer),
            "decided_at": moment(glass.reviewed_us or None),
            "reason": glass.review_reason or glass.reason,
            **pair("", SWITCHES, glass.kind),
            "seq": glass.seq_from,
        }
        for glass in glasses
    )
    return found
