"""Proposals as people read them (审批): what, who, how grave, still fresh or not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import msgspec
import sqlalchemy as sa

from api.exchange.tables import Column
from api.http.lists import Listing
from api.http.plain import Who, moment
from api.pages.facts import NameOf
from api.world.world import World
from coordination.approvals.state import OPEN
from coordination.authority.state import AUTHORITY
from coordination.kernel import Provenance, Refusal
from coordination.mode.state import EMERGENCIES, playbook_stream
from coordination.permit import ROLES
from coordination.playbook import LEVEL_NAMES
from coordination.vocabulary import HAZARDS
from projections.approvals import GLASS, PROPOSAL, GlassRow, ProposalRow
from projections.names import ROMAN_SIGNS, Names

PROPOSALS = Listing(
    columns=(
        Column("id", "编号", "Id"),
        Column("action_zh", "事项", "Action"),
        Column("zh", "内容", "What"),
        Column("level", "级别", "Level"),
        Column("state", "状态", "State"),
        Column("proposer_name", "提议人", "Proposer"),
        Column("proposed_at", "提议时间", "Proposed", "time"),
        Column("expires_at", "有效至", "Expires", "time"),
        Column("decided_by_name", "处理人", "Decided by"),
        Column("decided_at", "处理时间", "Decided", "time"),
        Column("decided_reason", "理由", "Reason"),
        Column("basis", "依据", "Basis"),
        Column("seq", "日志位置", "Seq", "int"),
    ),
    sortable=(
        "proposed_at",
        "expires_at",
        "decided_at",
        "level",
        "state",
        "proposer_name",
        "decided_by_name",
        "seq",
    ),
    filterable=("state", "level", "action", "emergency"),
)
GLASSES = Listing(
    columns=(
        Column("id", "编号", "Id"),
        Column("action_zh", "事项", "Action"),
        Column("level", "级别", "Level"),
        Column("state", "状态", "State"),
        Column("account_name", "处置人", "By"),
        Column("reason", "理由", "Reason"),
        Column("broken_at", "处置时间", "When", "time"),
        Column("review_due_at", "复核时限", "Review by", "time"),
        Column("reviewer_name", "复核人", "Reviewer"),
        Column("reviewed_at", "复核时间", "Reviewed", "time"),
        Column("review_reason", "复核意见", "Review"),
        Column("seq", "日志位置", "Seq", "int"),
    ),
    sortable=(
        "broken_at",
        "review_due_at",
        "state",
        "level",
        "account_name",
        "reviewer_name",
        "seq",
    ),
    filterable=("state", "level", "emergency"),
    sort="-broken_at",
)
ACTIONS: dict[str, tuple[str, str]] = {
    "declare": ("宣布应急响应", "Declare"),
    "raise": ("提级", "Raise the level"),
    "lower": ("降级", "Lower the level"),
    "widen": ("扩大范围", "Widen the scope"),
    "narrow": ("缩小范围", "Narrow the scope"),
    "end": ("解除应急响应", "End the emergency"),
}


@dataclass(frozen=True)
class Deciding:
    """Who looks: what they may decide depends on their roles now."""

    world: World
    who: Who
    name_of: NameOf

    def sees(self, places: str) -> bool:
        """Tell whether a proposal for these places (JSON) is theirs to see."""
        by = Provenance(command_id="", actor=self.who.actor)
        paths = msgspec.json.decode(places, type=list[str])
        return all(self.world.sees(by, "view.approvals", path) for path in paths)

    def signs(self, action: str, level: int, places: tuple[str, ...]) -> bool:
        """Tell whether one of their roles allows the action and signs the level."""
        by = Provenance(command_id="", actor=self.who.actor)
        try:
            role = self.world.entitle(by, action, places).actor.role
        except Refusal:
            return False
        authority, now = self.world.state(AUTHORITY), self.world.clock()
        return role in authority.signers(level, places, now)


def action_of(kind: str, command: dict[str, Any]) -> str:
    """Return what a carried command does, in the words of the interface."""
    if kind != "level":
        return kind
    return "raise" if command.get("raising") else "lower"


def proposal_rows(c: sa.Connection, deciding: Deciding) -> list[dict[str, Any]]:
    """Return proposals: what waits first, then the newest."""
    names = Names(c, None, deciding.name_of)
    rows = [r for r in PROPOSAL.select(c, at=None) if deciding.sees(r.places)]
    rows.sort(key=lambda r: (r.state != OPEN, -r.proposed_us))
    return [_row(row, names, deciding) for row in rows]


def proposal_body(
    c: sa.Connection, row: ProposalRow, deciding: Deciding
) -> dict[str, Any]:
    """Return one proposal with the command it carries, and whether it is stale."""
    names = Names(c, None, deciding.name_of)
    made = deciding.world.proposal(row.proposal).made
    moved = deciding.world.state(EMERGENCIES).revision(made.places)
    plan = msgspec.json.decode(made.command).get("playbook", "")
    newest = deciding.world.state(playbook_stream(plan)).newest if plan else ""
    newer = newest != made.playbook_digest
    return {
        **_row(row, names, deciding),
        "command": _carried(row, names),
        "stale": row.state == OPEN and (moved != made.expected_version or newer),
    }


def _command(row: ProposalRow) -> dict[str, Any]:
    """Return the carried command; a change acts on the scope there was, and adds."""
    command: dict[str, Any] = msgspec.json.decode(row.command)
    paths = msgspec.json.decode(row.places, type=list[str])
    before = paths[: len(paths) - len(command.get("added", ()))]
    scope = [{"code": path.ljust(12, "0")} for path in before]
    return dict(sorted({"scope": scope, **command}.items()))


def _carried(row: ProposalRow, names: Names) -> dict[str, Any]:
    """Return the carried command with names for its places."""
    command = _command(row)
    for field in ("scope", "excluded", "added", "removed"):
        if field in command:
            command[field] = [
                {"code": place["code"], "name": names.area(place["code"])}
                for place in command[field]
            ]
    if isinstance(command.get("level"), int):
        command["level"] = LEVEL_NAMES[command["level"]]
    return command


def said(row: ProposalRow, names: Names) -> tuple[str, str]:
    """Return what is proposed as a sentence."""
    command = _command(row)
    action = action_of(row.kind, command)
    zh, en = ACTIONS[action]
    order = names.order(row.emergency)
    matter = command.get("matter") or (order.matter if order else "")
    hazard = HAZARDS.get(
        command.get("hazard") or (order.hazard if order else ""), ("", "")
    )
    level = command.get("level", row.level)
    codes = [p["code"] for p in (command.get("added") or command.get("removed") or ())]
    codes = codes or [p["code"] for p in command["scope"]]
    where = "、".join(names.area(code) for code in codes)
    to = f"至{ROMAN_SIGNS[level]}级" if action in {"raise", "lower"} else ""
    to_en = f" to {ROMAN_SIGNS[level]}" if action in {"raise", "lower"} else ""
    sign = ROMAN_SIGNS[row.level]
    return (
        f"{zh}{to}：{where}{hazard[0]}{sign}级（{matter}）",
        f"{en}{to_en}: {where}, {hazard[1]}, level {sign} ({matter})",
    )


def _row(row: ProposalRow, names: Names, deciding: Deciding) -> dict[str, Any]:
    zh, en = said(row, names)
    action = action_of(row.kind, msgspec.json.decode(row.command))
    places = tuple(msgspec.json.decode(row.places, type=list[str]))
    mine = row.proposer == deciding.who.account
    may = row.state == OPEN and not mine
    role = ROLES.get(row.role, (row.role, row.role))
    return {
        "id": row.proposal,
        "action": action,
        "action_zh": ACTIONS[action][0],
        "action_en": ACTIONS[action][1],
        "zh": zh,
        "en": en,
        "emergency": row.emergency,
        "level": LEVEL_NAMES[row.level],
        "places": [
            {"code": code, "name": names.area(code)}
            for code in (path.ljust(12, "0") for path in places)
        ],
        "proposer": row.proposer,
        "proposer_name": names.person(row.proposer),
        "role_zh": role[0],
        "role_en": role[1],
        "basis": row.basis,
        "reason": row.reason,
        "proposed_at": moment(row.proposed_us),
        "expires_at": moment(row.expires_us),
        "state": row.state,
        "decided_by": row.decided_by,
        "decided_by_name": names.person(row.decided_by) if row.decided_by else "",
        "decided_at": moment(row.decided_us or None),
        "decided_reason": row.decided_reason,
        "reauthenticated": row.reauthenticated,
        "digest": row.digest,
        "preview": row.preview,
        "mine": mine,
        "may_decide": may and deciding.signs("proposal.approve", row.level, places),
        "seq": row.seq_from,
    }


def glass_rows(c: sa.Connection, deciding: Deciding) -> list[dict[str, Any]]:
    """Return what one person decided alone, the newest first."""
    names = Names(c, None, deciding.name_of)
    rows = [r for r in GLASS.select(c, at=None) if deciding.sees(r.places)]
    return [_glass(row, names, deciding) for row in rows]


def alone(row: GlassRow) -> tuple[str, str]:
    """Return what somebody did alone."""
    return ACTIONS.get(row.kind, ("调整响应级别", "Change the level"))


def _glass(row: GlassRow, names: Names, deciding: Deciding) -> dict[str, Any]:
    places = tuple(msgspec.json.decode(row.places, type=list[str]))
    zh, en = alone(row)
    may = row.state == OPEN and row.account != deciding.who.account
    role = ROLES.get(row.role, (row.role, row.role))
    return {
        "id": row.glass,
        "action_zh": zh,
        "action_en": en,
        "level": LEVEL_NAMES[row.level],
        "emergency": row.emergency,
        "account": row.account,
        "account_name": names.person(row.account),
        "role_zh": role[0],
        "role_en": role[1],
        "reason": row.reason,
        "broken_at": moment(row.broken_us),
        "review_due_at": moment(row.review_due_us),
        "overdue": bool(row.overdue),
        "state": row.state,
        "reviewer_name": names.person(row.reviewer) if row.reviewer else "",
        "reviewed_at": moment(row.reviewed_us or None),
        "review_reason": row.review_reason,
        "may_review": may and deciding.signs("glass.review", row.level, places),
        "seq": row.seq_from,
    }
