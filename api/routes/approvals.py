"""Two people deciding (双人审批): proposals, and what one decided alone."""

from __future__ import annotations

import asyncio

import msgspec

from api.http.declared import Decision, Said, Writing
from api.http.signed import Proved, ordered
from coordination.approvals.decide import (
    ApproveProposal,
    RejectProposal,
    WithdrawProposal,
)
from coordination.approvals.glass import ReviewGlass
from coordination.log import Receipt


async def approve(write: Writing, command: ApproveProposal, said: Proved) -> Receipt:
    """Approve a proposal, by who has proved anew who they are."""
    proof = await write.proof(said.password)
    return await write.world.approve(command, write.said(said, reauthenticated=proof))


async def with_known(write: Writing, command: ReviewGlass) -> ReviewGlass:
    """Return a review, with whether people are known in this world."""
    known = await asyncio.to_thread(write.world.people_known)
    return msgspec.structs.replace(command, known=known)


DECISIONS = (
    Decision(
        path="/approvals/{proposal}/approve",
        command=ApproveProposal,
        words="emergency approve",
        as_shown=("approvals/{proposal}", "digest"),
        more=Proved,
        carry=approve,
        answers=ordered,
    ),
    Decision(
        path="/approvals/{proposal}/reject",
        command=RejectProposal,
        words="emergency reject",
        answers=Said("proposal", state="REJECTED"),
    ),
    Decision(
        path="/approvals/{proposal}/withdraw",
        command=WithdrawProposal,
        words="emergency withdraw",
        answers=Said("proposal", state="WITHDRAWN"),
    ),
    Decision(
        path="/glasses/{glass}/review",
        command=ReviewGlass,
        words="emergency review",
        defaults={"confirmed": True},
        look=with_known,
        answers=Said("glass", "state"),
    ),
)
