"""What waits for a second person (审批), and what one decided alone."""

from __future__ import annotations

from typing import Any, NamedTuple

import msgspec

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
from coordination.approvals.state import APPROVED, EXPIRED, OPEN, REJECTED, WITHDRAWN
from coordination.catalogue import Fact
from coordination.kernel import Event
from projections.temporal import Temporal
from projections.view import Tables, View

CONFIRMED, OVERTURNED = "CONFIRMED", "OVERTURNED"


class ProposalRow(NamedTuple):
    """提议. ``command``, ``places``: JSON; ``preview``: digest of what was shown."""

    proposal: str
    path: str
    kind: str
    command: str
    digest: str
    emergency: str
    level: int
    places: str
    proposer: str
    role: str
    basis: str
    reason: str
    preview: str
    proposed_us: int
    expires_us: int
    state: str
    decided_by: str
    decided_us: int
    decided_reason: str
    reauthenticated: str
    occurred_us: int
    seq_from: int


class GlassRow(NamedTuple):
    """紧急单人处置. ``state``: OPEN until reviewed; ``overdue`` 1: not in time."""

    glass: str
    path: str
    kind: str
    emergency: str
    level: int
    places: str
    account: str
    role: str
    reason: str
    broken_us: int
    review_due_us: int
    state: str
    overdue: int
    reviewer: str
    reviewed_us: int
    review_reason: str
    occurred_us: int
    seq_from: int


PROPOSAL = Temporal("approvals_proposal", ProposalRow)
GLASS = Temporal("approvals_glass", GlassRow)


def _places(paths: tuple[str, ...]) -> tuple[str, str]:
    """Return the first path, and all of them as JSON."""
    return min(paths, key=len, default=""), msgspec.json.encode(paths).decode()


def on_made(t: Tables, fact: Fact) -> None:
    """Somebody proposes a decision."""
    e: ProposalMade = fact.event  # type: ignore[assignment]
    who = fact.envelope
    path, places = _places(e.places)
    t[PROPOSAL].put(
        ProposalRow(
            e.proposal, path, e.kind, e.command, e.digest, e.emergency, e.level,
            places, e.proposer, who.role, who.basis, who.reason, who.preview,
            e.proposed_us, e.expires_us, OPEN, "", 0, "", "", who.occurred_us, fact.seq,
        )
    )  # fmt: skip


_STATE: dict[type[Event], str] = {
    ProposalApproved: APPROVED,
    ProposalRejected: REJECTED,
    ProposalWithdrawn: WITHDRAWN,
    ProposalExpired: EXPIRED,
}


def on_closed(t: Tables, fact: Fact) -> None:
    """A proposal is approved, rejected, withdrawn or expired."""
    e: Any = fact.event
    who = fact.envelope
    old = t[PROPOSAL].current[e.proposal]
    t[PROPOSAL].put(
        old._replace(
            state=_STATE[type(fact.event)],
            decided_by="" if isinstance(e, ProposalExpired) else who.actor,
            decided_us=who.occurred_us,
            decided_reason=who.reason,
            reauthenticated=getattr(e, "reauthenticated", ""),
            occurred_us=who.occurred_us,
            seq_from=fact.seq,
        )
    )


def on_broken(t: Tables, fact: Fact) -> None:
    """One person decides alone."""
    e: GlassBroken = fact.event  # type: ignore[assignment]
    who = fact.envelope
    path, places = _places(e.places)
    t[GLASS].put(
        GlassRow(
            e.glass, path, e.kind, e.emergency, e.level, places, e.account, who.role,
            who.reason, e.broken_us, e.review_due_us, OPEN, 0, "", 0, "",
            who.occurred_us, fact.seq,
        )
    )  # fmt: skip


def on_reviewed(t: Tables, fact: Fact) -> None:
    """A decision taken alone has been reviewed."""
    e: GlassReviewed = fact.event  # type: ignore[assignment]
    who = fact.envelope
    old = t[GLASS].current[e.glass]
    t[GLASS].put(
        old._replace(
            state=CONFIRMED if e.confirmed else OVERTURNED,
            reviewer=who.actor,
            reviewed_us=e.reviewed_us,
            review_reason=who.reason,
            occurred_us=who.occurred_us,
            seq_from=fact.seq,
        )
    )


def on_late(t: Tables, fact: Fact) -> None:
    """A review is overdue."""
    e: ReviewOverdue = fact.event  # type: ignore[assignment]
    when = fact.envelope.occurred_us
    old = t[GLASS].current[e.glass]
    t[GLASS].put(old._replace(overdue=1, occurred_us=when, seq_from=fact.seq))


APPROVALS = View(
    name="approvals",
    version=1,
    tables=(PROPOSAL, GLASS),
    handlers={
        ProposalMade: on_made,
        ProposalApproved: on_closed,
        ProposalRejected: on_closed,
        ProposalWithdrawn: on_closed,
        ProposalExpired: on_closed,
        GlassBroken: on_broken,
        GlassReviewed: on_reviewed,
        ReviewOverdue: on_late,
    },
)
