"""Rules of two people deciding together (双人审批)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import msgspec

from coordination.approvals.events import (
    ProposalApproved,
    ProposalMade,
    ProposalRejected,
    ProposalWithdrawn,
)
from coordination.approvals.signing import (
    Carrying,
    NotReauthenticated,
    SelfApproved,
    check_known,
    signing,
)
from coordination.approvals.state import OPEN, WAITING, Proposal, known_proposal
from coordination.authority.state import check_signs
from coordination.checks import naming
from coordination.fields import Digest, named, pattern
from coordination.filled import filled
from coordination.grants.accounts import check_rested
from coordination.grants.state import same_person
from coordination.kernel import MINUTE_US, Command, Event, Read, id_of
from coordination.mode.sites import playbook_stream
from coordination.mode.state import EMERGENCIES
from coordination.refusals import Forbidden, Refusal

EXPIRES_MINUTES_MAX = 1_440
ProposalId = Annotated[str, pattern(r"p-[0-9a-f]{10}"), named("提议", "Proposal")]


class ProposeDecision(Carrying, frozen=True, kw_only=True):
    """提议. ``minutes``: how long it waits for an approver, 1 to 1 440.

    ``known``: whether a view finds an account that is bound to a person.
    """

    ACTION = "proposal.make"
    NEEDS = ("seen",)
    VIEWED = ("known",)
    minutes: int
    known: bool = False


AlreadyProposed = Refusal.of(
    "approvals.already-proposed",
    "相同的提议 {proposal} 正在等待批准",
    "proposal {proposal} for the same is waiting already",
    "请等待批准，或先撤回原提议",
    "wait for the approval, or withdraw that one first",
)


def propose(read: Read, command: ProposeDecision, now: int) -> Sequence[Event]:
    """Propose a decision that needs two people.

    :raises NobodyBound: where people are known, by an account that is nobody's
    :raises JustReset: if somebody else has just reset the proposer's password
    :raises AlreadyProposed: if the same waits already, and could still be approved
    """
    check_known(read, read.by.actor.account, command.level, known=command.known)
    check_rested(read, read.by.actor.account, command.level, now)
    carried = naming(read, command.carried)
    text, digest = msgspec.structs.replace(command, carried=carried).command
    for waiting in read(WAITING).proposals.values():
        same = waiting.state == OPEN and waiting.made.digest == digest
        late = waiting.expired(read, now)
        if same and not late and _moved(read, waiting.made) is None:
            raise AlreadyProposed(proposal=waiting.made.proposal)
    by = read.by
    return [
        filled(
            ProposalMade,
            command,
            proposal=id_of("p", by.command_id),
            command=text,
            digest=digest,
            places=command.places(read),
            expected_version=read(EMERGENCIES).revision(command.places(read)),
            playbook_digest=_newest(read, text),
            proposer=by.actor.account,
            session=by.session,
            proposed_us=now,
            expires_us=now + command.minutes * MINUTE_US,
        )
    ]


def _newest(read: Read, text: str) -> str:
    """Return the newest digest of the playbook a carried command names, if any."""
    named = msgspec.json.decode(text).get("playbook", "")
    return read(playbook_stream(named)).newest if named else ""


def _moved(read: Read, made: ProposalMade) -> str | None:
    """Return what has moved since a proposal was made, None if nothing has."""
    if read(EMERGENCIES).revision(made.places) != made.expected_version:
        return "orders"
    if _newest(read, made.command) != made.playbook_digest:
        return "playbook"
    return None


class _Deciding(Command, frozen=True, kw_only=True):
    """What is decided about a proposal."""

    STREAM = "approvals"  # all approvals wait for one another
    GRAVE = True
    proposal: ProposalId

    def places(self, read: Read, /) -> tuple[str, ...]:
        """What the proposal acts on.

        :raises UnknownProposal: if there is no such proposal
        """
        return known_proposal(read, self.proposal).made.places


class ApproveProposal(_Deciding, frozen=True, kw_only=True):
    """批准: approve a proposal; what it carries is decided in the same append."""

    ACTION = "proposal.approve"
    NEEDS = ("seen",)
    VIEWED = ("conflicts", "looked", "known")
    digest: Annotated[Digest, named("摘要", "Digest", "of what was seen")]
    conflicts: tuple[str, ...] = ()
    looked: int = -1
    known: bool = False
    """Whether a view finds an account that is bound to a person."""


NotOpen = Refusal.of(
    "approvals.not-open",
    "提议 {proposal} 已了结（{state}）",
    "proposal {proposal} is closed ({state})",
    "无需再办，仍有需要的请重新提议",
    "nothing is left to do; if it is still wanted, propose again",
    RECORDED=True,
)
ProposalLate = Refusal.of(
    "approvals.expired",
    "提议 {proposal} 已过期",
    "proposal {proposal} has expired",
    "请重新提议",
    "propose again",
    RECORDED=True,
)
SameSession = Forbidden.of(
    "approvals.same-session",
    "提议与批准不能出自同一会话",
    "proposal and approval cannot come by the same session",
    "请由另一人用自己的账号登录后批准",
    "let another person sign in and approve",
    RECORDED=True,
)
DigestDiffers = Refusal.of(
    "approvals.digest-differs",
    "所见内容与提议不符",
    "what was seen is not what was proposed",
    "请重新打开提议，看过再批准",
    "open the proposal again and read it first",
    field="digest",
    RECORDED=True,
)
ProposalStale = Refusal.of(
    "approvals.stale",
    "提议之后情况已变（{what}）",
    "the situation has changed since ({what})",
    "请重新提议",
    "propose again",
    RECORDED=True,
)


def approve(read: Read, command: ApproveProposal, now: int) -> Sequence[Event]:
    """Approve a proposal; what it carries is decided anew in the same append.

    :raises UnknownProposal: if there is none
    :raises NotOpen: if it was decided or withdrawn
    :raises ProposalLate: if its time is over
    :raises DigestDiffers: if the approver saw something else
    :raises SelfApproved: by the proposer, or another account of theirs
    :raises NobodyBound: where people are known, if either account is nobody's
    :raises JustReset: if somebody else has just reset the password of either
    :raises SameSession: by the proposer's session
    :raises NotReauthenticated: without proof of who the approver is
    :raises NoAuthority: if the approver's role does not sign the level
    :raises ProposalStale: if orders or the playbook have moved since
    """
    made = _open(read, command, now).made
    by = read.by
    if command.digest != made.digest:
        raise DigestDiffers
    # Nor in a role that the proposer has lent them.
    if any(same_person(read, made.proposer, who) for who in signing(by)):
        raise SelfApproved
    for account in (by.actor.account, made.proposer):
        check_known(read, account, made.level, known=command.known)
        check_rested(read, account, made.level, now)
    if by.session == made.session:
        raise SameSession
    if not by.reauthenticated:
        raise NotReauthenticated
    check_signs(read, made.level, made.places, now)
    moved = _moved(read, made)
    if moved is not None:
        raise ProposalStale(what=moved)
    return [
        ProposalApproved(
            proposal=made.proposal,
            digest=made.digest,
            reauthenticated=by.reauthenticated,
            session=by.session,
            approved_us=now,
        )
    ]


def _open(read: Read, command: _Deciding, now: int) -> Proposal:
    found = known_proposal(read, command.proposal)
    if found.state != OPEN:
        raise NotOpen(proposal=command.proposal, state=found.state)
    if found.expired(read, now):
        raise ProposalLate(proposal=command.proposal)
    return found


class RejectProposal(_Deciding, frozen=True, kw_only=True):
    """驳回: reject a proposal, with the reason."""

    ACTION = "proposal.approve"
    NEEDS = ("reason", "seen")


def reject(read: Read, command: RejectProposal, now: int) -> Sequence[Event]:
    """Reject a proposal.

    :raises SelfApproved: by the proposer, who may withdraw it
    :raises NoAuthority: if the actor's role does not sign the level
    """
    made = _open(read, command, now).made
    if same_person(read, read.by.actor.account, made.proposer):
        raise SelfApproved
    check_signs(read, made.level, made.places, now)
    return [ProposalRejected(proposal=made.proposal, rejected_us=now)]


class WithdrawProposal(_Deciding, frozen=True, kw_only=True):
    """撤回: take one's own proposal back."""

    ACTION = "proposal.withdraw"


NotProposer = Forbidden.of(
    "approvals.not-proposer",
    "只有提议人可以撤回",
    "only the proposer withdraws a proposal",
    "不同意的可以驳回",
    "whoever disagrees may reject it",
)


def withdraw(read: Read, command: WithdrawProposal, now: int) -> Sequence[Event]:
    """Take a proposal back.

    :raises NotProposer: by anybody else
    """
    made = _open(read, command, now).made
    if read.by.actor.account != made.proposer:
        raise NotProposer
    return [ProposalWithdrawn(proposal=made.proposal, withdrawn_us=now)]
