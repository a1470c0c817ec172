"""Emergencies as people read them: the list, every change, the after-event record."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from api.exchange.tables import Column
from api.http.lists import Listing
from api.http.plain import moment
from api.pages.approvals import alone, said
from api.pages.board import emergency_body, late_body, late_rows
from api.pages.facts import NameOf, tell_all
from api.pages.goods import Goods
from api.pages.orders import order_row
from api.pages.sites import both, open_steps
from api.pages.slips import know_slips, slip_row
from coordination.log import Recorder
from coordination.mode.state import PEACETIME
from coordination.permit import ROLES
from projections.approvals import GLASS, PROPOSAL
from projections.board import ORDER, Order
from projections.directives import ISSUED
from projections.names import Names
from projections.progress import PROGRESS, counts
from projections.rollup import scopes
from projections.slips import SLIP, UNDER_WAY
from projections.timeline import entries

CHANGES_MAX = 500
LISTING = Listing(
    columns=(
        Column("id", "编号", "Id"),
        Column("hazard_zh", "灾种", "Hazard"),
        Column("level", "级别", "Level"),
        Column("severity_zh", "事件等级", "Severity"),
        Column("warning_zh", "预警颜色", "Warning"),
        Column("state", "状态", "State"),
        Column("matter", "事项", "Matter"),
        Column("scope_names", "范围", "Scope"),
        Column("declared_at", "宣布时间", "Declared", "time"),
        Column("expected_until", "预计至", "Expected until", "time"),
        Column("ended_at", "解除时间", "Ended", "time"),
        Column("by_name", "宣布人", "By"),
        Column("basis", "依据", "Basis"),
        Column("seq", "日志位置", "Seq", "int"),
    ),
    sortable=(
        "matter",
        "hazard",
        "level",
        "state",
        "declared_at",
        "expected_until",
        "ended_at",
        "seq",
    ),
    filterable=("hazard", "level", "state"),
    sort="-declared_at",
)

RECORD = Listing(
    columns=(
        Column("at", "时间", "When", "time"),
        Column("kind", "类别", "Kind"),
        Column("zh", "事实", "Fact"),
        Column("en", "英文", "In English"),
        Column("by_name", "人员", "By"),
        Column("basis", "依据或理由", "Basis or reason"),
        Column("seq", "日志位置", "Seq", "int"),
    ),
    sortable=("at", "seq"),
)


def record_rows(record: dict[str, Any]) -> list[dict[str, Any]]:
    """Return an after-event record as one sheet: what happened, then what is open."""
    rows = [{**change, "kind": "经过"} for change in record["changes"]]
    rows += [
        {
            "at": None,
            "kind": "未恢复阵地",
            "zh": f"{s['area_name']} {s['site_name']}：{s['open_steps']} 步未完成",
            "en": f"{s['site']}: {s['open_steps']} steps open",
            "by_name": s["owner_zh"],
            "basis": "",
            "seq": None,
        }
        for s in record["open"]["sites"]
    ]
    rows += [
        {
            "at": order["issued_at"],
            "kind": "未签收指令",
            "zh": f"{order['title']}：{order['missing']} 处未签收",
            "en": f"{order['title']}: {order['missing']} missing",
            "by_name": order["by_name"],
            "basis": order["basis"],
            "seq": order["seq"],
        }
        for order in record["open"]["orders"]
    ]
    rows += [_slip(slip, "征用未清") for slip in record["open"]["requisitions"]]
    rows += [_slip(slip, "调拨未结") for slip in record["open"]["transfers"]]
    return rows


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


def emergency_rows(c: sa.Connection, name_of: NameOf) -> list[dict[str, Any]]:
    """Return every emergency as a row of the list."""
    names = Names(c, None, name_of)
    found = []
    for row in ORDER.select(c, at=None):
        body = emergency_body(row, names, name_of)
        scope = "、".join(place["name"] for place in body["scope"])
        found.append({**body, "scope_names": scope, "by_name": body["by"]["name"]})
    return found


def changes_of(
    c: sa.Connection, recorder: Recorder, row: Order, names: Names, name_of: NameOf
) -> list[dict[str, Any]]:
    """Return an emergency's own facts, oldest first; steps and answers left out."""
    found = entries(c, emergency=row.emergency, limit=CHANGES_MAX, own=True)
    told = tell_all(recorder, reversed(found), names, name_of)
    return [
        {
            "seq": fact["seq"],
            "name": fact["name"],
            "at": fact["occurred_at"],
            "zh": fact["zh"],
            "en": fact["en"],
            "by": fact["actor"],
            "by_name": fact["actor_name"],
            "basis": fact["basis"],
        }
        for fact in told
    ]


def owed(c: sa.Connection, row: Order, goods: Goods) -> dict[str, Any]:
    """Return what is still out of an emergency: requisitioned goods, transfers.

    Transfers of its area since it was declared that are neither there nor settled.
    """
    t = SLIP.table.c
    taken = SLIP.where(c, t.emergency == row.emergency, t.left > 0, at=None)
    (scope,) = scopes([row], active=False)
    moving = [
        slip
        for slip in SLIP.where(c, UNDER_WAY, t.at_us >= row.declared_us, at=None)
        if scope.covers(slip.path) or scope.covers(slip.to_path)
    ]
    know_slips([*taken, *moving], goods)
    return {
        "requisitions": [slip_row(slip, goods) for slip in sorted(taken)],
        "transfers": [slip_row(slip, goods) for slip in sorted(moving)],
    }


def record_of(
    c: sa.Connection, recorder: Recorder, row: Order, name_of: NameOf, now: int
) -> dict[str, Any]:
    """Return the after-event record (事后记录): what happened, what is still out."""
    names = Names(c, None, name_of)
    duties = [p for p in PROGRESS.select(c, at=None) if p.emergency == row.emergency]
    standing = [p for p in duties if counts(p)]
    names.know_sites(p.site for p in duties)
    sites = []
    for progress in sorted(standing):
        left = open_steps(progress, names)
        owners = sorted({step.owner for step in left})
        area = progress.path[:12].ljust(12, "0")
        sites.append(
            {
                "site": progress.site,
                "site_name": names.site(progress.site),
                "area": area,
                "area_name": names.area(area),
                "mode": progress.mode,
                "open_steps": len(left),
                "steps": [{"id": s.id, "zh": s.zh, "en": s.en} for s in left],
                "owner_zh": "、".join(both(ROLES, o)[0] or "" for o in owners),
                "owner_en": ", ".join(both(ROLES, o)[1] or "" for o in owners),
            }
        )
    orders = [o for o in ISSUED.select(c, at=None) if o.emergency == row.emergency]
    told = [order_row(c, o, names, name_of) for o in sorted(orders)]
    late = late_rows(standing, names)
    return {
        "emergency": emergency_body(row, names, name_of),
        "changes": changes_of(c, recorder, row, names, name_of),
        "approvals": _approvals(c, row.emergency, names, name_of),
        "orders": told,
        "late": [late_body(c, entry, names) for entry in late],
        "open": {
            "sites": sites,
            "steps": sum(site["open_steps"] for site in sites),
            "orders": [o for o in told if o["state"] == "STANDING" and o["missing"]],
            **owed(c, row, Goods(c, names, now)),
        },
        "totals": {
            "sites": len(duties),
            "recovered": sum(p.mode == PEACETIME for p in duties),
            "steps": sum(p.total for p in standing),
            "done": sum(p.done for p in standing),
            "late": sum(p.late for p in standing),
        },
    }


def _approvals(
    c: sa.Connection, emergency: str, names: Names, name_of: NameOf
) -> list[dict[str, Any]]:
    """Return who proposed and who decided, oldest first."""
    proposals = sorted(PROPOSAL.select(c, at=None), key=lambda r: r.proposed_us)
    found = [
        {
            "id": row.proposal,
            "kind": row.kind,
            "state": row.state,
            "proposer_name": name_of(row.proposer),
            "proposed_at": moment(row.proposed_us),
            "decided_by_name": name_of(row.decided_by) if row.decided_by else "",
            "decided_at": moment(row.decided_us or None),
            "reason": row.decided_reason or row.reason,
            **dict(zip(("zh", "en"), said(row, names), strict=True)),
            "seq": row.seq_from,
        }
        for row in proposals
        if row.emergency == emergency
    ]
    found.extend(
        {
            "id": glass.glass,
            "kind": glass.kind,
            "state": f"ALONE-{glass.state}",
            "proposer_name": name_of(glass.account),
            "proposed_at": moment(glass.broken_us),
            "decided_by_name": name_of(glass.reviewer) if glass.reviewer else "",
            "decided_at": moment(glass.reviewed_us or None),
            "reason": glass.review_reason or glass.reason,
            **dict(zip(("zh", "en"), alone(glass), strict=True)),
            "seq": glass.seq_from,
        }
        for glass in GLASS.select(c, at=None)
        if glass.emergency == emergency
    )
    return found
