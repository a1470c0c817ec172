"""Facts about two people deciding (双人审批), and one. Vocabulary kept for ever."""

from __future__ import annotations

from coordination.kernel import Event


class _Approval(Event, frozen=True, kw_only=True):
    STREAM = "approvals"  # one stream for all of them: they are few


class ProposalMade(_Approval, frozen=True, kw_only=True):
    """提议: one person asks another to decide with them.

    ``command``: JSON of the command proposed, of the kind ``kind``; ``digest``: its
    SHA-256, hex: what the approver must have seen. ``expected_version``: orders over
    these places so far, and ``playbook_digest``: the newest version then; if either has
    moved, the proposal is stale. Times: microseconds since 1970.
    """

    NAME = "approvals.proposal-made.1"
    ANEW = ("WithdrawProposal",)
    proposal: str
    kind: str
    command: str
    digest: str
    emergency: str
    level: int
    places: tuple[str, ...]
    expected_version: int
    playbook_digest: str
    proposer: str
    session: str
    proposed_us: int
    expires_us: int


class ProposalApproved(_Approval, frozen=True, kw_only=True):
    """批准: a second person has decided; what was proposed follows in the same append.

    ``reauthenticated``: how the approver proved who they are just then.
    """

    NAME = "approvals.proposal-approved.1"
    proposal: str
    digest: str
    reauthenticated: str
    session: str
    approved_us: int


class ProposalRejected(_Approval, frozen=True, kw_only=True):
    """驳回: a second person has said no."""

    NAME = "approvals.proposal-rejected.1"
    ANEW = ("ProposeDecision",)
    proposal: str
    rejected_us: int


class ProposalWithdrawn(_Approval, frozen=True, kw_only=True):
    """撤回: the proposer takes it back."""

    NAME = "approvals.proposal-withdrawn.1"
    ANEW = ("ProposeDecision",)
    proposal: str
    withdrawn_us: int


class ProposalExpired(_Approval, frozen=True, kw_only=True):
    """提议过期: nobody decided in time."""

    NAME = "approvals.proposal-expired.1"
    proposal: str
    due_us: int
    noticed_us: int


class GlassBroken(_Approval, frozen=True, kw_only=True):
    """紧急单人处置: one person decided what needs two; what they ordered follows.

    A different person must review it by ``review_due_us``.
    """

    NAME = "approvals.glass-broken.1"
    glass: str
    kind: str
    digest: str
    emergency: str
    level: int
    places: tuple[str, ...]
    account: str
    broken_us: int
    review_due_us: int


class GlassReviewed(_Approval, frozen=True, kw_only=True):
    """复核: was it right to decide alone? ``confirmed``: yes. It undoes nothing."""

    NAME = "approvals.glass-reviewed.1"
    glass: str
    confirmed: bool
    reviewed_us: int


class ReviewOverdue(_Approval, frozen=True, kw_only=True):
    """复核逾期: the mandatory review has not been done in time."""

    NAME = "approvals.review-overdue.1"
    glass: str
    due_us: int
    noticed_us: int
