"""Approvals: what became of each proposal, and of what one decided alone."""

from __future__ import annotations

import json

import pytest

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
from projections.approvals import APPROVALS, GLASS, PROPOSAL
from tests.given import MINUTE, NOW, SONGJIANG, STREET_1
from tests.views.ledger import watching

LATER = NOW + 30 * MINUTE
OF_BOTH = {
    "kind": "widen", "emergency": "e1", "digest": "d1", "level": 2,
    "places": (STREET_1.path, SONGJIANG.path),
}  # fmt: skip
MADE = ProposalMade(
    proposal="p1", command='{"a":1}', expected_version=3, playbook_digest="x",
    proposer="wang", session="s1", proposed_us=NOW, expires_us=LATER, **OF_BOTH,
)  # fmt: skip
BROKEN = GlassBroken(
    glass="b1", account="wang", broken_us=NOW, review_due_us=LATER, **OF_BOTH
)
SECOND = {"now": LATER, "actor": "li", "reason": "属实"}


def test_a_proposal_waits():
    """Whole as it was proposed; nothing is decided."""
    with watching(views=(APPROVALS,)) as watched:
        seq = watched.add(MADE, preview="pv")
        row = watched.get(PROPOSAL, "p1")
    assert (row.state, row.decided_by, row.decided_us) == ("OPEN", "", 0)
    assert (row.kind, row.command, row.digest) == ("widen", '{"a":1}', "d1")
    assert (row.emergency, row.level, row.proposer) == ("e1", 2, "wang")
    assert (row.role, row.basis, row.reason, row.preview) == (
        "commander", "b", "r", "pv",
    )  # fmt: skip
    assert (row.proposed_us, row.expires_us, row.seq_from) == (NOW, LATER, seq)
    assert row.path == SONGJIANG.path
    assert json.loads(row.places) == [STREET_1.path, SONGJIANG.path]


CLOSED = [
    # id, fact, state, by whom, how they proved it
    ("approved", ProposalApproved(proposal="p1", digest="d1", session="s2",
     reauthenticated="password", approved_us=LATER), "APPROVED", "li", "password"),
    ("rejected", ProposalRejected(proposal="p1", rejected_us=LATER),
     "REJECTED", "li", ""),
    ("withdrawn", ProposalWithdrawn(proposal="p1", withdrawn_us=LATER),
     "WITHDRAWN", "li", ""),
    ("expired", ProposalExpired(proposal="p1", due_us=LATER, noticed_us=LATER),
     "EXPIRED", "", ""),
]  # fmt: skip


@pytest.mark.parametrize(("fact", "state", "who", "proof"), [
    pytest.param(*cells, id=sentence) for sentence, *cells in CLOSED
])  # fmt: skip
def test_a_proposal_is_closed(fact, state, who, proof):
    """By whom, when and why; as of before, it waits still."""
    with watching(MADE, views=(APPROVALS,)) as watched:
        before = watched.catch_up()
        watched.add(fact, **SECOND)
        row = watched.get(PROPOSAL, "p1")
        assert (row.state, row.decided_by, row.reauthenticated) == (state, who, proof)
        assert (row.decided_us, row.decided_reason) == (LATER, "属实")
        assert (row.proposer, row.reason) == ("wang", "r")
        assert watched.get(PROPOSAL, "p1", at=before).state == "OPEN"


def test_what_one_decided_alone_waits_for_a_review():
    """The state is open until somebody else has looked."""
    with watching(BROKEN, views=(APPROVALS,)) as watched:
        row = watched.get(GLASS, "b1")
    assert (row.state, row.overdue, row.reviewer) == ("OPEN", 0, "")
    assert (row.account, row.reason, row.review_due_us) == ("wang", "r", LATER)
    assert row.path == SONGJIANG.path


@pytest.mark.parametrize("late", [False, True], ids=["in time", "late"])
@pytest.mark.parametrize(("confirmed", "state"), [
    (True, "CONFIRMED"), (False, "OVERTURNED"),
])  # fmt: skip
def test_what_one_decided_alone_is_reviewed(confirmed, state, late):
    """Late is better than never, and stays late."""
    with watching(BROKEN, views=(APPROVALS,)) as watched:
        if late:
            watched.add(ReviewOverdue(glass="b1", due_us=LATER, noticed_us=LATER))
            assert watched.get(GLASS, "b1").state == "OPEN"
        before = watched.catch_up()
        fact = GlassReviewed(glass="b1", confirmed=confirmed, reviewed_us=LATER)
        watched.add(fact, **SECOND)
        row = watched.get(GLASS, "b1")
        assert (row.state, row.overdue, row.reviewer) == (state, int(late), "li")
        assert (row.reviewed_us, row.review_reason, row.reason) == (LATER, "属实", "r")
        assert watched.get(GLASS, "b1", at=before).reviewer == ""
