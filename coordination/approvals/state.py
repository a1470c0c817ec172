"""What the facts of approvals fold to (审批状态)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from coordination.approvals.events import (
    GlassBroken,
    GlassReviewed,
    ProposalApproved,
    ProposalExpired,
    ProposalMade,
    ProposalRejected,
    ProposalWithdrawn,
    ReviewOverdue,
)
from coordination.folds import beside
from coordination.kernel import Event, Read, Stream
from coordination.refusals import NotFound
from coordination.service.state import passed

OPEN, APPROVED, REJECTED, WITHDRAWN, EXPIRED = (
    "OPEN",
    "APPROVED",
    "REJECTED",
    "WITHDRAWN",
    "EXPIRED",
)


@dataclass(frozen=True, slots=True)
class Proposal:
    """提议, and what became of it."""

    made: ProposalMade
    state: str = OPEN

    def expired(self, read: Read, now: int) -> bool:
        """Tell whether it is too late to approve it."""
        return passed(read, self.made.proposed_us, self.made.expires_us, now)


@dataclass(frozen=True, slots=True)
class Glass:
    """单人处置, and whether it was reviewed."""

    broken: GlassBroken
    reviewed_us: int | None = None
    overdue: bool = False

    @property
    def waits(self) -> bool:
        """Tell whether its review may still be recorded as overdue."""
        in_time = self.reviewed_us is not None and (
            self.reviewed_us < self.broken.review_due_us
        )
        return not self.overdue and not in_time

    def late(self, read: Read, now: int) -> bool:
        """Tell whether its review was or is not done in time."""
        done_us = now if self.reviewed_us is None else self.reviewed_us
        since_us, due_us = self.broken.broken_us, self.broken.review_due_us
        return passed(read, since_us, due_us, min(now, done_us))


@dataclass(frozen=True, slots=True)
class Approvals:
    """All proposals and all decisions one person took alone."""

    proposals: Mapping[str, Proposal] = field(default_factory=dict)
    glasses: Mapping[str, Glass] = field(default_factory=dict)


ENDS: dict[type[Event], str] = {
    ProposalApproved: APPROVED,
    ProposalRejected: REJECTED,
    ProposalWithdrawn: WITHDRAWN,
    ProposalExpired: EXPIRED,
}
"""How a proposal stands after each of these."""


def evolve_approvals(state: Approvals, event: Event) -> Approvals:
    """Fold one fact about approvals."""
    match event:
        case ProposalMade():
            made = {**state.proposals, event.proposal: Proposal(event)}
            return replace(state, proposals=made)
        case (
            ProposalApproved()
            | ProposalRejected()
            | ProposalWithdrawn()
            | ProposalExpired()
        ):
            known = replace(state.proposals[event.proposal], state=ENDS[type(event)])
            return replace(state, proposals={**state.proposals, event.proposal: known})
        case GlassBroken():
            return replace(state, glasses={**state.glasses, event.glass: Glass(event)})
        case GlassReviewed() if glass := state.glasses.get(event.glass):
            seen = replace(glass, reviewed_us=event.reviewed_us)
            return replace(state, glasses={**state.glasses, event.glass: seen})
        case ReviewOverdue() if glass := state.glasses.get(event.glass):
            late = replace(glass, overdue=True)
            return replace(state, glasses={**state.glasses, event.glass: late})
        case _:
            return state


def evolve_waiting(state: Approvals, event: Event) -> Approvals:
    """Fold the same of what waits alone: for a decision, or for a review."""
    after = evolve_approvals(state, event)
    if after is state:
        return state
    return Approvals(
        {key: one for key, one in after.proposals.items() if one.state == OPEN},
        {key: one for key, one in after.glasses.items() if one.waits},
    )


APPROVALS = Stream("approvals", Approvals(), evolve_approvals)
WAITING = beside(APPROVALS, evolve_waiting)
"""What stands open, however much has been decided."""


UnknownProposal = NotFound.of(
    "approvals.unknown", "提议 {proposal} 不存在", "there is no proposal {proposal}"
)


def known_proposal(read: Read, proposal: str) -> Proposal:
    """Return a proposal, decided or not.

    :raises UnknownProposal: if there is none
    """
    return UnknownProposal.unless(
        read(APPROVALS).proposals.get(proposal), proposal=proposal
    )
