"""Two people deciding (双人审批): proposals, and what one decided alone."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Request, Response
from pydantic import Field

from api.http.body import Needed, Seq, Strict, Text
from api.http.deps import (
    ERRORS,
    Caller,
    TheWorld,
    Write,
    accounts_of,
    acts,
    answer,
    previews_of,
    reads,
)
from api.http.lists import AskedFor, page_of, respond
from api.http.plain import receipt_fields
from api.pages.approvals import (
    GLASSES,
    PROPOSALS,
    Deciding,
    glass_rows,
    proposal_body,
    proposal_rows,
)
from api.routes.mode import ordered_body
from coordination.approvals.decide import (
    RejectProposal,
    WithdrawProposal,
)
from coordination.approvals.glass import ReviewGlass
from coordination.approvals.state import UnknownProposal
from coordination.kernel import Provenance
from projections.approvals import PROPOSAL
from projections.store import seen

router = APIRouter(tags=["approvals"], responses=ERRORS)
ProposalId = Annotated[str, Field(pattern=r"^p-[0-9a-f]{10}$")]
GlassId = Annotated[str, Field(pattern=r"^b-[0-9a-f]{10}$")]


class Approval(Strict):
    """The digest of what was seen, and the approver's password anew."""

    digest: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    password: Annotated[str, Field(max_length=200)] = ""
    reason: Text = ""
    seen_seq: Seq = 0


class Why(Strict):
    """A reason."""

    reason: Needed
    seen_seq: Seq = 0


class MaybeWhy(Strict):
    """A reason, if there is one."""

    reason: Text = ""
    seen_seq: Seq = 0


class Review(Strict):
    """Was it right to decide alone, and why."""

    confirmed: bool
    reason: Needed
    seen_seq: Seq = 0


def _deciding(request: Request, world: TheWorld, caller: Caller) -> Deciding:
    return Deciding(world, caller, accounts_of(request).name_of)


@router.get("/approvals", **reads("view.approvals"))
async def proposals(
    request: Request, world: TheWorld, caller: Caller, asked: AskedFor
) -> Response:
    """Return proposals, what waits first (审批)."""
    deciding = _deciding(request, world, caller)

    def ask() -> Response:
        with world.reading() as c:
            page = page_of(proposal_rows(c, deciding), asked, PROPOSALS)
            page["seq"] = seen(c)
        return respond(page, PROPOSALS.columns, asked, "审批", world.settings.zone)

    return await asyncio.to_thread(ask)


@router.get("/approvals/{proposal}", **reads("view.approvals"))
async def proposal(
    request: Request, proposal: ProposalId, world: TheWorld, caller: Caller
) -> Response:
    """Return one proposal with what it carries and what its proposer was shown."""
    deciding, previews = _deciding(request, world, caller), previews_of(request)
    by = Provenance(command_id="", actor=caller.actor)
    world.entitle(by, "view.approvals", world.proposal(proposal).made.places)

    def ask() -> dict[str, Any]:
        with world.reading() as c:
            row = PROPOSAL.get(c, proposal)
            if row is None:
                raise UnknownProposal(proposal=proposal)
            body = proposal_body(c, row, deciding)
            shown = previews.get(row.preview) if row.preview else None
            return {**body, "shown": shown, "shown_seq": seen(c)}

    return answer(await asyncio.to_thread(ask))


@router.post("/approvals/{proposal}/approve", **acts("proposal.approve"))
async def approve(proposal: ProposalId, body: Approval, write: Write) -> Response:
    """Approve a proposal; what it carries is decided in the same append (批准)."""
    proof = await write.proof(body.password)
    by = write.by(body.seen_seq, reauthenticated=proof)
    world = write.world
    receipt = await world.approve(proposal, body.digest, body.reason, by)
    made = world.proposal(proposal).made
    found = await asyncio.to_thread(ordered_body, world, receipt, made.emergency)
    return answer({**found, "proposal": proposal, "state": "APPROVED"})


async def _close(
    write: Write, proposal: str, kind: Literal["reject", "withdraw"], body: Any
) -> Response:
    rule = RejectProposal if kind == "reject" else WithdrawProposal
    command = rule(proposal=proposal, reason=body.reason)
    receipt = await write.world.do(command, write.by(body.seen_seq))
    state = "REJECTED" if kind == "reject" else "WITHDRAWN"
    return answer({**receipt_fields(receipt), "proposal": proposal, "state": state})


@router.post("/approvals/{proposal}/reject", **acts("proposal.approve"))
async def reject(proposal: ProposalId, body: Why, write: Write) -> Response:
    """Reject a proposal, with the reason (驳回)."""
    return await _close(write, proposal, "reject", body)


@router.post("/approvals/{proposal}/withdraw", **acts("proposal.withdraw"))
async def withdraw(proposal: ProposalId, body: MaybeWhy, write: Write) -> Response:
    """Take one's own proposal back (撤回)."""
    return await _close(write, proposal, "withdraw", body)


@router.get("/glasses", **reads("view.approvals"))
async def glasses(
    request: Request, world: TheWorld, caller: Caller, asked: AskedFor
) -> Response:
    """Return what one person decided alone (紧急单人处置)."""
    deciding = _deciding(request, world, caller)

    def ask() -> Response:
        with world.reading() as c:
            page = page_of(glass_rows(c, deciding), asked, GLASSES)
            page["seq"] = seen(c)
        return respond(page, GLASSES.columns, asked, "单人处置", world.settings.zone)

    return await asyncio.to_thread(ask)


@router.post("/glasses/{glass}/review", **acts("glass.review"))
async def review(glass: GlassId, body: Review, write: Write) -> Response:
    """Review a decision that one person took alone (复核)."""
    command = ReviewGlass(
        glass=glass,
        confirmed=body.confirmed,
        reason=body.reason,
    )
    receipt = await write.world.do(command, write.by(body.seen_seq))
    state = "CONFIRMED" if body.confirmed else "OVERTURNED"
    return answer({**receipt_fields(receipt), "glass": glass, "state": state})
