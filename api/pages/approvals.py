"""Proposals as people read them (审批): what, who, how grave, still fresh or not."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import msgspec
from fastapi import Request

from api.exchange.tables import BOTH, FILTER, SORT, Column, Row, worded
from api.http.deps import previews_of, world_of
from api.http.lists import Listing
from api.http.look import Look
from api.http.plain import Who
from api.http.reading import Reads
from api.pages.fields import meet, named, pair, taken
from coordination.approvals.decide import ProposalId
from coordination.approvals.state import OPEN, UnknownProposal
from coordination.authority.state import AUTHORITY
from coordination.mode.sites import playbook_stream
from coordination.mode.state import EMERGENCIES
from coordination.permit import ROLES
from coordination.playbook import LEVEL_NAMES
from coordination.refusals import Refusal
from coordination.states import GLASS_STATES, PROPOSAL_STATES
from coordination.vocabulary import HAZARDS, SWITCHES
from projections.approvals import GLASS, PROPOSAL, WAITING, GlassRow, ProposalRow
from projections.names import ROMAN_SIGNS, Names

PROPOSALS = Listing.of(
    Column("id", "编号", "Id"),
    Column("action", "事项", "Action", words=SWITCHES, can=FILTER),
    Column("zh", "内容", "What"),
    Column("level", "级别", "Level", can=BOTH),
    Column("state", "状态", "State", words=PROPOSAL_STATES, can=BOTH),
    Column("proposer_name", "提议人", "Proposer", can=SORT),
    Column("proposed_at", "提议时间", "Proposed", "time", can=SORT),
    Column("expires_at", "有效至", "Expires", "time", can=SORT),
    Column("decided_by_name", "处理人", "Decided by", can=SORT),
    Column("decided_at", "处理时间", "Decided", "time", can=SORT),
    Column("decided_reason", "理由", "Reason"),
    Column("basis", "依据", "Basis"),
    Column("seq", "日志位置", "Seq", "int", can=SORT),
    also_filterable=("emergency",),
)
GLASSES = Listing.of(
    Column("id", "编号", "Id"),
    Column("action", "事项", "Action", words=SWITCHES),
    Column("level", "级别", "Level", can=BOTH),
    Column("state", "状态", "State", words=GLASS_STATES, can=BOTH),
    Column("account_name", "处置人", "By", can=SORT),
    Column("reason", "理由", "Reason"),
    Column("broken_at", "处置时间", "When", "time", can=SORT),
    Column("review_due_at", "复核时限", "Review by", "time", can=SORT),
    Column("reviewer_name", "复核人", "Reviewer", can=SORT),
    Column("reviewed_at", "复核时间", "Reviewed", "time"),
    Column("review_reason", "复核意见", "Review"),
    Column("seq", "日志位置", "Seq", "int", can=SORT),
    also_filterable=("emergency",),
    sort="-broken_at",
)


def sees(look: Look, places: Iterable[str]) -> bool:
    """Tell whether what acts on these places is the reader's to see."""
    by = look.who.by
    return all(look.world.sees(by, "view.approvals", path) for path in places)


def signs(look: Look, action: str, level: int, places: tuple[str, ...]) -> bool:
    """Tell whether a role of the reader's allows the action and signs the level."""
    try:
        role = look.world.entitle(look.who.by, action, places).actor.role
    except Refusal:
        return False
    return role in look.state(AUTHORITY).signers(level, places, look.now)


def action_of(kind: str, command: dict[str, Any]) -> str:
    """Return what a carried command does: an id of the vocabulary of switches."""
    if kind != "level":
        return kind
    return "raise" if command.get("raising") else "lower"


def paths_of(row: ProposalRow | GlassRow) -> tuple[str, ...]:
    """Return the paths that a decision acts on."""
    return msgspec.json.decode(row.places, type=tuple[str, ...])


def waiting_at(path: str, names: Names) -> int:
    """Return how many proposals wait that act on an area, or in it."""
    rows = PROPOSAL.where(names.c, WAITING, at=names.at)
    return sum(any(meet(place, path) for place in paths_of(row)) for row in rows)


def _command(row: ProposalRow) -> dict[str, Any]:
    """Return the carried command; a change acts on the scope there was, and adds."""
    command: dict[str, Any] = msgspec.json.decode(row.command)
    paths = paths_of(row)
    before = paths[: len(paths) - len(command.get("added", ()))]
    scope = [{"code": path.ljust(12, "0")} for path in before]
    return dict(sorted({"scope": scope, **command}.items()))


def _carried(row: ProposalRow, names: Names) -> dict[str, Any]:
    """Return the carried command with names for its places."""
    command = _command(row)
    for field in ("scope", "excluded", "added", "removed"):
        if field in command:
            codes = [place["code"] for place in command[field]]
            command[field] = [named(code, names.area(code)) for code in codes]
    if isinstance(command.get("level"), int):
        command["level"] = LEVEL_NAMES[command["level"]]
    return command


def said(row: ProposalRow, names: Names) -> tuple[str, str]:
    """Return what is proposed as a sentence."""
    command = _command(row)
    action = action_of(row.kind, command)
    zh, en = SWITCHES[action]
    order = names.order(row.emergency)
    known, known_en = names.matter(row.emergency) if order else ("", "")
    matter = command.get("matter") or known
    matter_en = command.get("matter") or known_en
    hazard = HAZARDS.get(
        command.get("hazard") or (order.hazard if order else ""), ("", "")
    )
    level = command.get("level", row.level)
    codes = [p["code"] for p in (command.get("added") or command.get("removed") or ())]
    codes = codes or [p["code"] for p in command["scope"]]
    sites = [names.site(site) for site in command.get("sites", ())]
    where = "、".join(sites or [names.area(code) for code in codes])
    to = f"至{ROMAN_SIGNS[level]}级" if action in {"raise", "lower"} else ""
    to_en = f" to {ROMAN_SIGNS[level]}" if action in {"raise", "lower"} else ""
    sign = ROMAN_SIGNS[row.level]
    return (
        f"{zh}{to}：{where}{hazard[0]}{sign}级（{matter}）",
        f"{en}{to_en}: {where}, {hazard[1]}, level {sign} ({matter_en})",
    )


def proposal_row(look: Look, row: ProposalRow) -> dict[str, Any]:
    """Return a proposal as people read it, and whether this reader may decide it."""
    names, places = look.names, paths_of(row)
    zh, en = said(row, names)
    mine = row.proposer == look.who.account
    may = row.state == OPEN and not mine
    codes = [path.ljust(12, "0") for path in places]
    return {
        "id": row.proposal,
        "action": action_of(row.kind, msgspec.json.decode(row.command)),
        "zh": zh,
        "en": en,
        **taken(row, "emergency proposer basis reason state digest preview"),
        **taken(row, "decided_by decided_reason reauthenticated"),
        **taken(row, at="proposed decided"),
        "expires_at": look.until(row.proposed_us, row.expires_us),
        "level": LEVEL_NAMES[row.level],
        "places": [named(code, names.area(code)) for code in codes],
        "proposer_name": names.person(row.proposer),
        **pair("role", ROLES, row.role),
        "decided_by_name": names.person(row.decided_by),
        "mine": mine,
        "may_decide": may and signs(look, "proposal.approve", row.level, places),
        "seq": row.seq_from,
    }


def glass_row(look: Look, row: GlassRow) -> dict[str, Any]:
    """Return what one person decided alone, and whether this reader may review it."""
    names = look.names
    may = row.state == OPEN and row.account != look.who.account
    return {
        "id": row.glass,
        "action": row.kind,
        "level": LEVEL_NAMES[row.level],
        **taken(row, "emergency account reason state review_reason"),
        **taken(row, at="broken reviewed"),
        "review_due_at": look.until(row.broken_us, row.review_due_us),
        "account_name": names.person(row.account),
        **pair("role", ROLES, row.role),
        "overdue": bool(row.overdue),
        "reviewer_name": names.person(row.reviewer),
        "may_review": may and signs(look, "glass.review", row.level, paths_of(row)),
        "seq": row.seq_from,
    }


READS = Reads("approvals")


@READS.listed("/approvals", PROPOSALS, "view.approvals", "审批")
def proposals(look: Look) -> Iterator[Row]:
    """Return proposals: what waits first, then the newest (审批)."""
    rows = [r for r in PROPOSAL.select(look.c, at=look.at) if sees(look, paths_of(r))]
    rows.sort(key=lambda r: (r.state != OPEN, -r.proposed_us))
    look.names.know_areas(p.ljust(12, "0") for row in rows for p in paths_of(row))
    return (proposal_row(look, row) for row in rows)


async def _where(request: Request, who: Who, given: dict[str, Any]) -> None:
    """Return if the reader may see proposals where this one acts."""
    world = world_of(request)
    places = world.proposal(given["proposal"]).made.places
    world.entitle(who.by, "view.approvals", places)


@READS.shown("/approvals/{proposal}", "view.approvals", before=_where)
def one_proposal(look: Look, proposal: ProposalId) -> dict[str, Any]:
    """Return one proposal with what it carries and what its proposer was shown.

    ``stale``: the situation has changed since, so that it cannot be approved.
    """
    row = look.known(PROPOSAL, proposal, UnknownProposal(proposal=proposal))
    made, state = look.world.proposal(proposal).made, look.state
    plan = msgspec.json.decode(made.command).get("playbook", "")
    newest = state(playbook_stream(plan)).newest if plan else ""
    moved = state(EMERGENCIES).revision(made.places) != made.expected_version
    shown = previews_of(look.request).get(row.preview) if row.preview else None
    (body,) = worded([proposal_row(look, row)], PROPOSALS.columns)
    return {
        **body,
        "command": _carried(row, look.names),
        "stale": row.state == OPEN and (moved or newest != made.playbook_digest),
        "shown": shown,
        "shown_seq": look.seq,
    }


@READS.listed("/glasses", GLASSES, "view.approvals", "单人处置")
def glasses(look: Look) -> Iterator[Row]:
    """Return what one person decided alone (紧急单人处置)."""
    for row in GLASS.select(look.c, at=look.at):
        if sees(look, paths_of(row)):
            yield glass_row(look, row)
