"""Taking note of an alarm: which there are follows from what raised them."""

import pytest

from coordination.alarms.decide import (
    AcknowledgeAlarm,
    AlarmSeen,
    UnknownAlarm,
    acknowledge,
)
from coordination.alarms.events import AlarmAcknowledged
from coordination.alarms.state import ALARMS, places_of
from coordination.approvals.events import (
    GlassBroken,
    ProposalExpired,
    ProposalMade,
    ReviewOverdue,
)
from coordination.authority.events import AbsenceRecorded
from coordination.mode.events import ExpectationPassed, PassedOver, SitesFreed
from coordination.orders.events import OrderIssued, OrderOverdue
from tests.given import (
    COMMUNITY_11,
    FLOOD_PLAN,
    MINUTE,
    NOW,
    SONGJIANG,
    STREET_1,
    STREET_2,
    check,
    declared,
    ended,
    fold,
    passed,
    widened,
)

HERE = (STREET_1.path,)
DUE = NOW + 30 * MINUTE
GIVEN = [FLOOD_PLAN, declared()]
EXPECTED = ExpectationPassed(emergency="e1", due_us=DUE, noticed_us=DUE)
BROKEN = GlassBroken(
    glass="b-1",
    kind="declare",
    digest="00",
    emergency="e1",
    level=2,
    places=HERE,
    account="sun",
    broken_us=NOW,
    review_due_us=DUE,
)
UNREVIEWED = ReviewOverdue(glass="b-1", due_us=DUE, noticed_us=DUE)
MADE = ProposalMade(
    proposal="p-1",
    kind="declare",
    command="{}",
    digest="00",
    emergency="e1",
    level=2,
    places=HERE,
    expected_version=0,
    playbook_digest="",
    proposer="wang",
    session="s1",
    proposed_us=NOW,
    expires_us=DUE,
)
EXPIRED = ProposalExpired(proposal="p-1", due_us=DUE, noticed_us=DUE)
ISSUED = OrderIssued(
    order="o1",
    emergency="",
    scope=(STREET_1, STREET_2),
    excluded=(),
    roles=("street-staff",),
    title="t",
    text="t",
    issued_us=NOW,
    ack_due_us=DUE,
    done_due_us=DUE,
)
LATE = OrderOverdue(order="o1", what="ack", due_us=DUE, noticed_us=DUE)
ABSENT = AbsenceRecorded(
    absence="a1", role="commander", area=SONGJIANG, from_us=NOW, until_us=DUE
)
FREE = f"{COMMUNITY_11.path}-s1"
FREED = SitesFreed(emergency="e1", freed=(PassedOver(FREE, 2),), noticed_us=DUE)
DEADLINE = f"deadline:e1:convert:open-doors:{DUE}"
OVERDUE = [*GIVEN, passed("open-doors", 30)]
BOTH = (STREET_1.path, STREET_2.path)

# (sentence, given, alarm, the paths it is about; None: there is none)
ALARMS_RAISED = [
    ("a deadline", OVERDUE, DEADLINE, HERE),
    (
        "a deadline, the scope has grown",
        [*OVERDUE, widened("e1", STREET_1, STREET_2)],
        DEADLINE,
        BOTH,
    ),
    ("a deadline of the past", [*OVERDUE, ended()], DEADLINE, HERE),
    ("a deadline that has not passed", GIVEN, DEADLINE, None),
    ("of no emergency", [], DEADLINE, None),
    ("at another time", OVERDUE, f"deadline:e1:convert:open-doors:{DUE + 1}", None),
    ("at no time", OVERDUE, "deadline:e1:convert:open-doors:soon", None),
    ("too short", OVERDUE, "deadline:e1:convert", None),
    ("an expected end", [*GIVEN, EXPECTED], f"expectation:e1:{DUE}", HERE),
    ("no expected end yet", GIVEN, f"expectation:e1:{DUE}", None),
    ("an expected end of nothing", [], f"expectation:e1:{DUE}", None),
    ("an expected end at no time", [*GIVEN, EXPECTED], "expectation:e1:x", None),
    (
        "who was passed over is free",
        [*GIVEN, FREED],
        f"freed:e1:{FREE}:2",
        (COMMUNITY_11.path,),
    ),
    ("in another round", [*GIVEN, FREED], f"freed:e1:{FREE}:3", None),
    ("in no round", [*GIVEN, FREED], f"freed:e1:{FREE}:x", None),
    ("another site", [*GIVEN, FREED], f"freed:e1:{FREE}9:2", None),
    ("of no emergency, free", [], f"freed:e1:{FREE}:2", None),
    ("one person alone", [BROKEN], "glass:b-1", HERE),
    ("nobody alone", [], "glass:b-1", None),
    ("a review overdue", [BROKEN, UNREVIEWED], "review:b-1", HERE),
    ("a review not overdue", [BROKEN], "review:b-1", None),
    ("a review of nothing", [], "review:b-1", None),
    ("an expired proposal", [MADE, EXPIRED], "proposal:p-1", HERE),
    ("a waiting proposal", [MADE], "proposal:p-1", None),
    ("no proposal", [], "proposal:p-1", None),
    ("an order overdue", [ISSUED, LATE], "order:o1:ack", BOTH),
    ("an order's other limit", [ISSUED, LATE], "order:o1:done", None),
    ("no order", [], "order:o1:ack", None),
    ("an absence", [ABSENT], "absence:a1", (SONGJIANG.path,)),
    ("no absence", [], "absence:a1", None),
    ("of no kind", OVERDUE, "party:tonight", None),
    ("nothing", OVERDUE, "", None),
]


@pytest.mark.parametrize(
    ("given", "alarm", "paths"),
    [pytest.param(*cells, id=sentence) for sentence, *cells in ALARMS_RAISED],
)
def test_an_alarm_is_acknowledged_once_and_only_if_it_was_raised(given, alarm, paths):
    """Which alarms there are follows from the facts; noting one ends nothing."""
    assert places_of(fold(*given), alarm) == paths
    when = AcknowledgeAlarm(alarm=alarm)
    fact = AlarmAcknowledged(alarm=alarm)
    if paths is None:
        check(acknowledge, given, when, UnknownAlarm(alarm=alarm))
        with pytest.raises(UnknownAlarm):
            when.places(fold(*given))
        return
    assert when.places(fold(*given)) == paths
    check(acknowledge, given, when, [fact])
    check(acknowledge, [*given, fact], when, AlarmSeen(alarm=alarm))
    assert places_of(fold(*given, fact), alarm) == paths


def test_alarms_wait_for_one_another():
    """One stream for all of them."""
    when = AcknowledgeAlarm(alarm="glass:b-1")
    assert when.stream == AlarmAcknowledged(alarm="glass:b-1").stream == "alarms"
    state = fold(AlarmAcknowledged(alarm="x"))(ALARMS)
    assert state == {"x"}
    assert ALARMS.evolve(state, ended()) is state


def test_a_group_is_acknowledged_by_one_decision():
    """One command, a fact for each; what somebody has seen already is passed over."""
    late = ExpectationPassed(emergency="e1", due_us=DUE + MINUTE, noticed_us=DUE)
    given = [*GIVEN, EXPECTED, late]
    one, other = (f"expectation:e1:{due}" for due in (DUE, DUE + MINUTE))
    when = AcknowledgeAlarm(alarm=one, also=(other, one))
    facts = [AlarmAcknowledged(alarm=alarm) for alarm in (one, other)]
    assert when.places(fold(*given)) == HERE
    check(acknowledge, given, when, facts)
    check(acknowledge, [*given, facts[0]], when, [facts[1]])
    check(acknowledge, [*given, *facts], when, AlarmSeen(alarm=one))
    unknown = AcknowledgeAlarm(alarm=one, also=("glass:b-9",))
    check(acknowledge, given, unknown, UnknownAlarm(alarm="glass:b-9"))
