"""Two people deciding (双人审批): proposals, and what one decided alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from api.http.declared import Decision, Done, Said
from api.http.signed import Proved, ordered
from coordination.approvals.decide import (
    ApproveProposal,
    RejectProposal,
    WithdrawProposal,
)
from coordination.approvals.glass import ReviewGlass
from coordination.log import Receipt

if TYPE_CHECKING:
    from api.http.deps import Writing


async def approve(write: Writing, command: ApproveProposal, said: Proved) -> Receipt:
    """Approve a proposal, by who has proved anew who they are."""
    from api.http.deciding import by_of  # noqa: PLC0415 - the command line needs none

    proof = await write.proof(said.password)
    return await write.world.approve(command, by_of(write, said, reauthenticated=proof))


class Reviewed(msgspec.Struct):
    """What became of a decision that one person took alone."""

    glass: str
    state: str


def reviewed(done: Done) -> Reviewed:
    """Return whether it was found right."""
    state = "CONFIRMED" if done.command.confirmed else "OVERTURNED"
    return Reviewed(done.command.glass, state)


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
        answers=reviewed,
    ),
)
