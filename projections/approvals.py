"""What waits for a second person (审批), and what one decided alone."""

from __future__ import annotations

from typing import NamedTuple

from coordination.approvals import events as approvals
from coordination.approvals.state import ENDS, OPEN
from coordination.filled import filled
from projections.temporal import Temporal, as_json, literal
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
    state: str = OPEN
    decided_by: str = ""
    decided_us: int = 0
    decided_reason: str = ""
    reauthenticated: str = ""
    occurred_us: int = 0
    seq_from: int = 0


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
    state: str = OPEN
    overdue: int = 0
    reviewer: str = ""
    reviewed_us: int = 0
    review_reason: str = ""
    occurred_us: int = 0
    seq_from: int = 0


PROPOSAL = Temporal("approvals_proposal", ProposalRow)
GLASS = Temporal("approvals_glass", GlassRow)
_p = PROPOSAL.table.c
WAITING = PROPOSAL.partial("waiting", _p.proposed_us, _p.state == literal(OPEN))
"""Proposals that nobody has decided."""


def _places(paths: tuple[str, ...]) -> tuple[str, str]:
    """Return the first path, and all of them as JSON."""
    return min(paths, key=len, default=""), as_json(paths)


APPROVALS = View(name="approvals", version=2, tables=(PROPOSAL, GLASS))


@APPROVALS.on(approvals.ProposalMade)
def on_made(t: Tables, e: approvals.ProposalMade) -> None:
    """Somebody proposes a decision."""
    who, (path, places) = t.fact.envelope, _places(e.places)
    row = filled(
        ProposalRow,
        e,
        path=path,
        places=places,
        role=who.role,
        basis=who.basis,
        reason=who.reason,
        preview=who.preview,
    )
    t.put(PROPOSAL, row)


Closed = (
    approvals.ProposalApproved
    | approvals.ProposalRejected
    | approvals.ProposalWithdrawn
    | approvals.ProposalExpired
)


@APPROVALS.on(Closed)
def on_closed(t: Tables, e: Closed) -> None:
    """A proposal is approved, rejected, withdrawn or expired."""
    who, row = t.fact.envelope, t[PROPOSAL].current[e.proposal]
    row = row._replace(
        state=ENDS[type(e)],
        decided_by="" if isinstance(e, approvals.ProposalExpired) else who.actor,
        decided_us=who.occurred_us,
        decided_reason=who.reason,
    )
    if isinstance(e, approvals.ProposalApproved):
        row = row._replace(reauthenticated=e.reauthenticated)
    t.put(PROPOSAL, row)


@APPROVALS.on(approvals.GlassBroken)
def on_broken(t: Tables, e: approvals.GlassBroken) -> None:
    """One person decides alone."""
    path, places = _places(e.places)
    row = filled(
        GlassRow,
        e,
        path=path,
        places=places,
        role=t.fact.envelope.role,
        reason=t.fact.envelope.reason,
    )
    t.put(GLASS, row)


@APPROVALS.on(approvals.GlassReviewed)
def on_reviewed(t: Tables, e: approvals.GlassReviewed) -> None:
    """A decision taken alone has been reviewed."""
    row = t[GLASS].current[e.glass]
    row = row._replace(
        state=CONFIRMED if e.confirmed else OVERTURNED,
        reviewer=t.fact.envelope.actor,
        reviewed_us=e.reviewed_us,
        review_reason=t.fact.envelope.reason,
    )
    t.put(GLASS, row)


@APPROVALS.on(approvals.ReviewOverdue)
def on_late(t: Tables, e: approvals.ReviewOverdue) -> None:
    """A review is overdue."""
    t.put(GLASS, t[GLASS].current[e.glass]._replace(overdue=1))
