"""Alarms: which facts raise them, who has seen them, what makes them over."""

from __future__ import annotations

import pytest

from coordination.alarms.events import AlarmAcknowledged
from coordination.alarms.state import places_of
from coordination.approvals.events import (
    GlassBroken,
    GlassReviewed,
    ProposalExpired,
    ProposalMade,
    ReviewOverdue,
)
from coordination.authority.events import AbsenceEnded, AbsenceRecorded
from coordination.mode.events import (
    DeadlinePassed,
    ExpectationExtended,
    ExpectationPassed,
)
from coordination.orders.events import OrderIssued, OrderOverdue, OrderWithdrawn
from projections.alarms import ALARM, ALARMS, GRAVE, WARNING
from tests.given import MINUTE, NOW, STREET_1, STREET_2, fold
from tests.views.ledger import PLANS, begun, narrowed, over, watching, widened

LATER = NOW + 30 * MINUTE
DECLARED = begun("e1", STREET_1, level=3)
DEADLINE = DeadlinePassed(
    emergency="e1", phase="convert", step="fl-open", due_us=LATER, noticed_us=LATER
)
EXPECTED = ExpectationPassed(emergency="e1", due_us=LATER, noticed_us=LATER)
EXTENDED = ExpectationExtended(
    emergency="e1", changed_us=LATER, expected_until_us=LATER + MINUTE
)
OF_ONE = {
    "kind": "declare", "emergency": "e9", "digest": "d", "level": 1,
    "places": (STREET_1.path, STREET_2.path),
}  # fmt: skip
BROKEN = GlassBroken(
    glass="b1", account="wang", broken_us=NOW, review_due_us=LATER, **OF_ONE
)
OVERDUE = ReviewOverdue(glass="b1", due_us=LATER, noticed_us=LATER)
REVIEWED = GlassReviewed(glass="b1", confirmed=False, reviewed_us=LATER)
MADE = ProposalMade(
    proposal="p1", command="{}", expected_version=0, playbook_digest="",
    proposer="wang", session="", proposed_us=NOW, expires_us=LATER, **OF_ONE,
)  # fmt: skip
EXPIRED = ProposalExpired(proposal="p1", due_us=LATER, noticed_us=LATER)


def issued(order="o1", corrects=""):
    """Return an order with both limits."""
    return OrderIssued(
        order=order, emergency="e1", scope=(STREET_2,), excluded=(), title="查",
        text="查", roles=("street-staff",), issued_us=NOW, ack_due_us=LATER,
        done_due_us=LATER + 1, corrects=corrects,
    )  # fmt: skip


def late(what, due_us):
    """Return that a limit of the order has passed."""
    return OrderOverdue(order="o1", what=what, due_us=due_us, noticed_us=LATER)


ISSUED, ACK, DONE = issued(), late("ack", LATER), late("done", LATER + 1)
WITHDRAWN = OrderWithdrawn(order="o1", withdrawn_us=LATER)
ABSENT = AbsenceRecorded(
    absence="w1", role="commander", area=STREET_1, from_us=NOW, until_us=LATER
)
BACK = AbsenceEnded(absence="w1", ended_us=NOW)
BASE = (PLANS["flood"],)

RAISED = [
    # id, facts, alarm, gravity, subject, emergency, due, paths
    ("a deadline", [DECLARED, DEADLINE], f"deadline:e1:convert:fl-open:{LATER}",
     WARNING, "fl-open", "e1", LATER, (STREET_1,)),
    ("an expectation", [DECLARED, EXPECTED], f"expectation:e1:{LATER}",
     GRAVE, "e1", "e1", LATER, (STREET_1,)),
    ("a decision of one", [BROKEN], "glass:b1",
     GRAVE, "wang", "e9", LATER, (STREET_1, STREET_2)),
    ("a review not done", [BROKEN, OVERDUE], "review:b1",
     GRAVE, "b1", "e9", LATER, (STREET_1, STREET_2)),
    ("a proposal nobody decided", [MADE, EXPIRED], "proposal:p1",
     GRAVE, "p1", "e9", LATER, (STREET_1, STREET_2)),
    ("an order not acknowledged", [DECLARED, ISSUED, ACK], "order:o1:ack",
     WARNING, "o1", "e1", LATER, (STREET_2,)),
    ("an order not carried out", [DECLARED, ISSUED, DONE], "order:o1:done",
     WARNING, "o1", "e1", LATER + 1, (STREET_2,)),
    ("an office that is absent", [ABSENT], "absence:w1",
     WARNING, "commander", "", LATER, (STREET_1,)),
]  # fmt: skip


@pytest.mark.parametrize(
    ("facts", "alarm", "gravity", "subject", "emergency", "due", "places"),
    [pytest.param(*cells, id=sentence) for sentence, *cells in RAISED],
)
def test_a_fact_raises_an_alarm(facts, alarm, gravity, subject, emergency, due, places):
    """With what it is about and where; before the fact there was none."""
    with watching(*BASE, *facts[:-1], views=(ALARMS,)) as watched:
        before = watched.catch_up()
        seq = watched.add(facts[-1], now=LATER)
        row = watched.get(ALARM, alarm)
        assert (row.kind, row.gravity, row.subject, row.emergency, row.due_us) == (
            alarm.partition(":")[0], gravity, subject, emergency, due,
        )  # fmt: skip
        assert row.paths == ",".join(p.path for p in places)
        assert row.path == places[0].path
        assert (row.raised_seq, row.raised_us, row.state) == (seq, LATER, "RAISED")
        assert (row.acknowledged_by, row.acknowledged_us) == ("", 0)
        assert watched.get(ALARM, alarm, at=before) is None


@pytest.mark.parametrize(("facts", "alarm"), [
    pytest.param(cells[0], cells[1], id=sentence) for sentence, *cells in RAISED
])  # fmt: skip
def test_what_a_view_raises_the_rules_know(facts, alarm):
    """Somebody can take note of it: rules find it, about the same places."""
    with watching(*BASE, *facts, views=(ALARMS,)) as watched:
        row = watched.get(ALARM, alarm)
        assert places_of(fold(*watched.ledger.events), alarm) == tuple(
            row.paths.split(",")
        )


OVER = [
    # id, facts, what ends it, alarms that are over, alarms that are not
    ("ended", [DECLARED, DEADLINE, EXPECTED], over("e1"),
     {"deadline", "expectation"}, set()),
    ("extended", [DECLARED, DEADLINE, EXPECTED], EXTENDED,
     {"expectation"}, {"deadline"}),
    ("reviewed", [BROKEN, OVERDUE], REVIEWED, {"glass", "review"}, set()),
    ("withdrawn", [ISSUED, ACK, DONE], WITHDRAWN, {"order"}, set()),
    ("corrected", [ISSUED, ACK, DONE], issued("o2", "o1"), {"order"}, set()),
    ("back", [ABSENT], BACK, {"absence"}, set()),
    ("another emergency ended", [DECLARED, begun("e2", STREET_2), DEADLINE],
     over("e2"), set(), {"deadline"}),
    ("scope changed", [DECLARED, DEADLINE], widened("e1", STREET_1, STREET_2),
     set(), {"deadline"}),
]  # fmt: skip


@pytest.mark.parametrize(("facts", "then", "gone", "left"), [
    pytest.param(*cells, id=sentence) for sentence, *cells in OVER
])  # fmt: skip
def test_what_makes_an_alarm_over(facts, then, gone, left):
    """It stays to be seen, as over; as of before, it is raised still."""
    with watching(*BASE, *facts, views=(ALARMS,)) as watched:
        before = watched.catch_up()
        watched.add(then)
        states = {(row.kind, row.state) for row in watched.select(ALARM)}
        assert states == {(k, "OVER") for k in gone} | {(k, "RAISED") for k in left}
        assert {row.state for row in watched.select(ALARM, before)} == {"RAISED"}


def test_taking_note_ends_nothing():
    """Who and when; the alarm is raised until it is over."""
    key = f"deadline:e1:convert:fl-open:{LATER}"
    with watching(*BASE, DECLARED, DEADLINE, views=(ALARMS,)) as watched:
        before = watched.catch_up()
        watched.add(AlarmAcknowledged(alarm=key), now=LATER, actor="li")
        row = watched.get(ALARM, key)
        assert (row.state, row.acknowledged_by, row.acknowledged_us) == (
            "RAISED", "li", LATER,
        )  # fmt: skip
        assert watched.get(ALARM, key, at=before).acknowledged_by == ""
        watched.add(over("e1"))
        assert watched.get(ALARM, key).acknowledged_by == "li"


def test_an_alarm_is_where_its_emergency_was_when_it_was_raised():
    """A later scope is a later alarm's."""
    second = DeadlinePassed(
        emergency="e1", phase="convert", step="fl-banner", due_us=LATER,
        noticed_us=LATER,
    )  # fmt: skip
    narrow = narrowed("e1", STREET_2)
    with watching(*BASE, DECLARED, DEADLINE, narrow, second, views=(ALARMS,)) as w:
        found = {row.subject: row.paths for row in w.select(ALARM)}
        assert found == {"fl-open": STREET_1.path, "fl-banner": STREET_2.path}
