import msgspec
import pytest

from coordination.approvals.events import (
    GlassBroken,
    GlassReviewed,
    ProposalApproved,
    ProposalExpired,
    ProposalMade,
    ProposalWithdrawn,
    ReviewOverdue,
)
from coordination.deadlines.decide import (
    AlreadyRecorded,
    NotDue,
    RecordDeadline,
    RecordExpectation,
    RecordExpiry,
    RecordOrderOverdue,
    record_deadline,
    record_expectation,
    record_expiry,
    record_order_overdue,
)
from coordination.deadlines.due import due
from coordination.mode.events import ExpectationExtended, ExpectationPassed
from coordination.mode.state import UnknownEmergency
from coordination.orders.events import OrderIssued, OrderOverdue, OrderWithdrawn
from tests.given import (
    COMMUNITY_11,
    EPIDEMIC_PLAN,
    FLOOD_PLAN,
    HOUR,
    MINUTE,
    NOW,
    SONGJIANG,
    STREET_1,
    STREET_2,
    check,
    declared,
    ended,
    fold,
    lowered,
    narrowed,
    passed,
    published,
    raised,
    table,
    together,
    widened,
)

BEGUN = [FLOOD_PLAN, declared(level=4)]
GRAVER = [FLOOD_PLAN, declared(level=3)]
OVER = [*BEGUN, ended(at=NOW + HOUR)]


def record(step, minutes, phase="convert", emergency="e1"):
    """Return the command for a deadline so many minutes after NOW."""
    return RecordDeadline(
        emergency=emergency, phase=phase, step=step, due_us=NOW + minutes * MINUTE
    )


def steps_due(given, minutes):
    """Return what is due so many minutes after NOW, as (emergency, phase, step)."""
    found = due(fold(*given), NOW + minutes * MINUTE)
    steps = [c for _, c in found if isinstance(c, RecordDeadline)]
    return [(c.emergency, c.phase, c.step) for c in steps]


DUE = [
    ("no emergency", [FLOOD_PLAN], 600, []),
    ("nothing yet", BEGUN, 29, []),
    ("on the minute", BEGUN, 30, ["open-doors"]),
    ("both mandatory ones", BEGUN, 60, ["open-doors", "set-beds"]),
    ("optional ones too", BEGUN, 90, ["open-doors", "set-beds", "hang-banner"]),
    (
        "a graver level has more",
        GRAVER,
        45,
        ["open-doors", "call-doctor", "wire-up"],
    ),
    ("recorded ones no more", [*BEGUN, passed("open-doors", 30)], 60, ["set-beds"]),
    (
        "what had passed by the end is a fact",
        OVER,
        60 + 119,
        ["open-doors", "set-beds"],
    ),
    (
        "what was not due by the end never is; recovery counts from it",
        [*OVER, passed("open-doors", 30), passed("set-beds", 60)],
        60 + 120,
        ["clean-up"],
    ),
    (
        "the same step id in another phase is another deadline",
        [*OVER, passed("clean-up", 120)],
        60 + 120,
        ["open-doors", "set-beds", "clean-up"],
    ),
]


@pytest.mark.parametrize(
    ("given", "minutes", "steps"),
    [pytest.param(*cells, id=sentence) for sentence, *cells in DUE],
)
def test_what_is_due_follows_from_the_log(given, minutes, steps):
    """Due are deadlines that came before their phase ended and are not recorded."""
    assert [step for _, _, step in steps_due(given, minutes)] == steps


def test_each_emergency_has_deadlines_of_its_own():
    """Two emergencies under one or two playbooks are told apart."""
    given = [*BEGUN, EPIDEMIC_PLAN, declared("e2", STREET_2, plan=EPIDEMIC_PLAN)]
    assert steps_due(given, 30) == [
        ("e1", "convert", "open-doors"),
        ("e2", "convert", "mark-lanes"),
    ]


def test_a_declaration_keeps_the_version_it_was_made_on():
    """A playbook published later moves no deadline of an earlier order."""
    newer = published(FLOOD_PLAN.text.replace("due_minutes: 30", "due_minutes: 5"))
    assert steps_due([*BEGUN, newer], 29) == []
    newest = declared("e2", STREET_2, plan=newer)
    assert steps_due([*BEGUN, newer, newest], 29) == [("e2", "convert", "open-doors")]


def test_ids_derive_from_what_is_due_and_not_from_when_it_was_seen():
    """Every ticker makes the same command id for the same deadline."""
    early = dict(due(fold(*BEGUN), NOW + 30 * MINUTE))
    late = dict(due(fold(*BEGUN), NOW + 7 * 24 * HOUR))
    assert early.items() <= late.items()
    assert list(early) == [f"deadline:e1:convert:open-doors:{NOW + 30 * MINUTE}"]


@pytest.mark.parametrize("given", [BEGUN, GRAVER, OVER, "everything"])
def test_what_is_due_is_accepted_and_then_due_no_more(given):
    """Each command of ``due`` is carried out, once."""
    given = EVERYTHING if given == "everything" else given
    now, facts = NOW + 48 * HOUR, []
    for _, command in due(fold(*given), now):
        facts += together(fold(*given, *facts), command, now)
        with pytest.raises(AlreadyRecorded):
            together(fold(*given, *facts), command, now)
    assert facts
    assert all(fact.due_us <= fact.noticed_us == now for fact in facts)
    assert list(due(fold(*given, *facts), now)) == []


@table(
    ("on the minute", BEGUN, record("open-doors", 30), [passed("open-doors", 30)]),
    (
        "of the recovery",
        [*BEGUN, ended()],
        record("clean-up", 120, "recover"),
        [passed("clean-up", 120, "recover")],
    ),
    ("no such emergency", [FLOOD_PLAN], record("open-doors", 30), UnknownEmergency),
    (
        "recorded already",
        [*BEGUN, passed("open-doors", 30)],
        record("open-doors", 30),
        AlreadyRecorded(step="open-doors"),
    ),
    ("too early", BEGUN, record("set-beds", 121), NotDue(step="set-beds")),
    ("another time than the playbook's", BEGUN, record("open-doors", 29), NotDue),
    ("no such step", BEGUN, record("dance", 30), NotDue),
    ("a step of a graver level", BEGUN, record("wire-up", 30), NotDue),
    ("not begun: recovery", BEGUN, record("clean-up", 120, "recover"), NotDue),
    ("over: conversion", [*BEGUN, ended()], record("open-doors", 30), NotDue),
    ("no such phase", BEGUN, record("open-doors", 30, "dance"), NotDue),
)
def test_a_deadline_is_recorded_once_it_has_passed(given, when, then):
    """Only a deadline that is one, has passed and is not recorded is recorded."""
    check(
        record_deadline, given, when, then, max(NOW, min(when.due_us, NOW + 2 * HOUR))
    )


def test_before_its_time_it_is_not_due():
    """One microsecond early is early."""
    when = record("open-doors", 30)
    check(record_deadline, BEGUN, when, NotDue, when.due_us - 1)


def test_noticed_late_says_so():
    """A service that was down records both times."""
    when = record("open-doors", 30)
    [fact] = record_deadline(fold(*BEGUN), when, NOW + 9 * HOUR)
    assert (fact.due_us, fact.noticed_us) == (NOW + 30 * MINUTE, NOW + 9 * HOUR)


# --- orders change what is due --------------------------------------------------------


def at(minutes):
    """Return a moment so many minutes after NOW."""
    return NOW + minutes * MINUTE


RAISED = [*BEGUN, raised(at=at(20))]
LOWERED = [*GRAVER, lowered(at=at(31)), passed("wire-up", 30)]
NARROWED = [
    FLOOD_PLAN,
    declared("e1", STREET_1, STREET_2),
    narrowed("e1", STREET_2, at=at(1)),
]
CONVERTED = ["open-doors", "set-beds", "hang-banner"]
CONVERTED_TWICE, ALL_AND_BACK = [*CONVERTED, *CONVERTED], [*CONVERTED, "clean-up"]
SUB_ORDERS = [
    ("raised: the delta counts from the raise", RAISED, 50, ["open-doors", "wire-up"]),
    (
        "raised: what was asked for before keeps its time",
        RAISED,
        65,
        ["open-doors", "set-beds", "call-doctor", "wire-up"],
    ),
    ("lowered: what is no more asked for is not late", LOWERED, 45, ["open-doors"]),
    (
        "lowered: what is out of service goes back",
        LOWERED,
        61,
        ["open-doors", "set-beds", "wire-down"],
    ),
    (
        "lowered: what is taken out of service before its deadline is not late",
        [*GRAVER, lowered(at=at(20))],
        50,
        ["open-doors", "wire-down"],
    ),
    (
        "lowered after the deadline: it was late",
        [*GRAVER, lowered(at=at(46))],
        46,
        ["open-doors", "call-doctor", "wire-up"],
    ),
    (
        "widened: all steps count anew",
        [*BEGUN, widened("e1", STREET_1, STREET_2, at=at(40))],
        70,
        ["open-doors", "set-beds", "open-doors"],
    ),
    (
        "narrowed: what is left out goes back",
        [*BEGUN, narrowed("e1", STREET_1, at=at(1))],
        121,
        ["open-doors", "set-beds", "hang-banner", "clean-up"],
    ),
    ("narrowed and widened again: nobody recovers any more", [*NARROWED,
     widened("e1", STREET_2, STREET_1, at=at(10))], 125, CONVERTED_TWICE),
    ("narrowed and widened again after the deadline: it was late", [*NARROWED,
     widened("e1", STREET_2, STREET_1, at=at(122))], 125, ALL_AND_BACK),
    ("narrowed and widened elsewhere: it is late", [*NARROWED,
     widened("e1", STREET_2, SONGJIANG, without=[STREET_1], at=at(122))], 125,
     ALL_AND_BACK),
    ("narrowed by an exclusion and widened again", [*BEGUN,
     narrowed("e1", STREET_1, without=[COMMUNITY_11]), widened("e1", STREET_1,
     at=at(10))], 125, CONVERTED_TWICE),
    ("narrowed to nothing new: nobody recovers, and it is told", [*BEGUN,
     narrowed("e1", STREET_1)], 125, ALL_AND_BACK),
    ("narrowed twice, widened between: it is late once", [*NARROWED,
     widened("e1", STREET_2, STREET_1, at=at(2)), narrowed("e1", STREET_2, at=at(3))],
     125, [*CONVERTED_TWICE, "clean-up"]),
    ("widened again in part: the rest is late", [*NARROWED, widened("e1", STREET_2,
     STREET_1, without=[COMMUNITY_11], at=at(10))], 125, [*ALL_AND_BACK, *CONVERTED]),
    ("lowered and raised again: nobody is out of service, and the delta counts anew",
     [*GRAVER, lowered(at=at(1)), raised(at=at(2))], 31, ["open-doors"]),
    ("lowered and ended: it still recovers", [*GRAVER, lowered(at=at(1)),
     ended(at=at(2))], 32, ["wire-down"]),
]  # fmt: skip


@pytest.mark.parametrize(
    ("given", "minutes", "steps"),
    [pytest.param(*cells, id=sentence) for sentence, *cells in SUB_ORDERS],
)
def test_every_order_has_deadlines_of_its_own(given, minutes, steps):
    """An order's deadlines count from it, for what it newly asks for."""
    assert [step for _, _, step in steps_due(given, minutes)] == steps


def test_due_at_the_very_end_is_due():
    """Ended in the very microsecond of a deadline, it has passed all the same."""
    given = [*BEGUN, ended(at=at(30))]
    assert [step for _, _, step in steps_due(given, 30)] == ["open-doors"]


# --- the expected duration ------------------------------------------------------------

END = NOW + 24 * HOUR
EXPECTED = RecordExpectation(emergency="e1", due_us=END)
OVERDUE = ExpectationPassed(emergency="e1", due_us=END, noticed_us=END)


def extended(when=NOW, until=END + HOUR):
    """Return an extension of the expected duration."""
    return ExpectationExtended(emergency="e1", changed_us=when, expected_until_us=until)


LATER = extended()


@table(
    ("it has passed", BEGUN, EXPECTED, [OVERDUE]),
    ("no such emergency", [], EXPECTED, UnknownEmergency(emergency="e1")),
    ("recorded", [*BEGUN, OVERDUE], EXPECTED, AlreadyRecorded(step="e1")),
    ("over", [*BEGUN, ended()], EXPECTED, NotDue(step="e1")),
    ("extended", [*BEGUN, LATER], EXPECTED, NotDue),
    ("extended in that very moment", [*BEGUN, extended(END)], EXPECTED, [OVERDUE]),
    ("over in that very moment", [*BEGUN, ended(at=END)], EXPECTED, [OVERDUE]),
    ("over just before", [*BEGUN, ended(at=END - 1)], EXPECTED, NotDue),
    (
        "extended after it had passed",
        [*BEGUN, OVERDUE, LATER],
        EXPECTED,
        AlreadyRecorded,
    ),
    (
        "another time",
        BEGUN,
        RecordExpectation(emergency="e1", due_us=END - 1),
        NotDue,
    ),
)
def test_an_expected_end_is_recorded_once_it_has_passed(given, when, then):
    """Passing asks for a decision; extended or over, there is none to ask for."""
    check(record_expectation, given, when, then, END)


def test_an_expected_end_is_not_due_before_its_time():
    """One microsecond early is early, for the rule and for the timer."""
    check(record_expectation, BEGUN, EXPECTED, NotDue, END - 1)
    assert dict(due(fold(*BEGUN), END))[f"expectation:e1:{END}"] == EXPECTED
    assert f"expectation:e1:{END}" not in dict(due(fold(*BEGUN), END - 1))


def test_an_extended_end_passes_on_its_own():
    """Each expected end that passes is one fact."""
    found = dict(due(fold(*BEGUN, OVERDUE, LATER), END + HOUR))
    assert RecordExpectation(emergency="e1", due_us=END + HOUR) in found.values()
    assert EXPECTED not in found.values()


BETWEEN_TICKS = [
    ("extended", [extended(END + MINUTE, END + 9 * HOUR)], [END]),
    ("extended twice", [extended(END + MINUTE), extended(END + 2 * HOUR, END + 9 *
     HOUR)], [END, END + HOUR]),
    ("extended in time, then too late", [extended(), extended(END + 2 * HOUR, END + 9
     * HOUR)], [END + HOUR]),
    ("ended", [ended(at=END + MINUTE)], [END]),
    ("extended, then ended in time", [extended(END + MINUTE), ended(at=END + 2 *
     MINUTE)], [END]),
    ("extended in time, then ended in time", [extended(), ended(at=END + MINUTE)], []),
]  # fmt: skip


@pytest.mark.parametrize(
    ("then", "moments"),
    [pytest.param(*cells, id=sentence) for sentence, *cells in BETWEEN_TICKS],
)
def test_an_end_that_passed_between_two_ticks_is_told_all_the_same(then, moments):
    """Whatever was decided after the moment and before anybody looked; once."""
    given, now = [*BEGUN, *then], END + 3 * HOUR
    wanted = [f"expectation:e1:{until_us}" for until_us in moments]
    for key in wanted:
        found = dict(due(fold(*given), now))
        assert [k for k in found if k.startswith("expectation")] == wanted
        wanted = wanted[1:]
        given += record_expectation(fold(*given), found[key], now)
    assert "expectation" not in str(list(dict(due(fold(*given), now))))


# --- proposals and reviews ------------------------------------------------------------

MADE = ProposalMade(
    proposal="p-1",
    kind="declare",
    command="{}",
    digest="00",
    emergency="e2",
    level=2,
    places=(STREET_1.path,),
    expected_version=0,
    playbook_digest="",
    proposer="wang",
    session="s1",
    proposed_us=NOW,
    expires_us=at(30),
)
APPROVED = ProposalApproved(
    proposal="p-1", digest="00", reauthenticated="local", session="s2", approved_us=NOW
)
WITHDRAWN = ProposalWithdrawn(proposal="p-1", withdrawn_us=NOW)
EXPIRED = ProposalExpired(proposal="p-1", due_us=at(30), noticed_us=at(30))
BROKEN = GlassBroken(
    glass="b-1",
    kind="end",
    digest="00",
    emergency="e1",
    level=1,
    places=(STREET_1.path,),
    account="wang",
    broken_us=NOW,
    review_due_us=at(30),
)


def reviewed(minutes=0):
    """Return the fact of a review so many minutes after NOW."""
    return GlassReviewed(glass="b-1", confirmed=False, reviewed_us=at(minutes))


REVIEWED = reviewed()
UNREVIEWED = ReviewOverdue(glass="b-1", due_us=at(30), noticed_us=at(30))
EXPIRY = RecordExpiry(proposal="p-1", due_us=at(30))
REVIEW = RecordExpiry(glass="b-1", due_us=at(30))


@table(
    ("nobody decided", [MADE], EXPIRY, [EXPIRED]),
    ("approved", [MADE, APPROVED], EXPIRY, AlreadyRecorded(step="p-1")),
    ("withdrawn", [MADE, WITHDRAWN], EXPIRY, AlreadyRecorded),
    ("recorded", [MADE, EXPIRED], EXPIRY, AlreadyRecorded),
    ("no such proposal", [], EXPIRY, NotDue(step="p-1")),
    (
        "another time",
        [MADE],
        RecordExpiry(proposal="p-1", due_us=at(29)),
        NotDue,
    ),
    ("nobody reviewed", [BROKEN], REVIEW, [UNREVIEWED]),
    ("reviewed", [BROKEN, REVIEWED], REVIEW, NotDue(step="b-1")),
    ("reviewed after it was due", [BROKEN, reviewed(31)], REVIEW, [UNREVIEWED]),
    ("reviewed after it was due, recorded", [BROKEN, UNREVIEWED, reviewed(31)],
     REVIEW, AlreadyRecorded(step="b-1")),
    ("overdue is recorded", [BROKEN, UNREVIEWED], REVIEW, AlreadyRecorded),
    ("no such decision", [MADE], REVIEW, NotDue(step="b-1")),
    ("another time of review", [BROKEN], RecordExpiry(glass="b-1", due_us=1), NotDue),
)  # fmt: skip
def test_an_expiry_is_recorded_once_it_has_come(given, when, then):
    """A proposal nobody decided expires; a review nobody made is overdue."""
    check(record_expiry, given, when, then, at(30))


@pytest.mark.parametrize("when", [EXPIRY, REVIEW])
def test_an_expiry_is_not_due_before_its_time(when):
    """One microsecond early is early."""
    check(record_expiry, [MADE, BROKEN], when, NotDue, at(30) - 1)


APPROVALS = [
    ("both wait", [MADE, BROKEN], 30, ["expiry:p-1", "review:b-1"]),
    ("not yet", [MADE, BROKEN], 29, []),
    ("decided and reviewed", [MADE, BROKEN, APPROVED, REVIEWED], 30, []),
    ("recorded", [MADE, BROKEN, EXPIRED, UNREVIEWED], 30, []),
    ("reviewed after it was due", [BROKEN, reviewed(31)], 40, ["review:b-1"]),
    ("reviewed in that very moment", [BROKEN, reviewed(30)], 40, ["review:b-1"]),
    ("reviewed late, and recorded", [BROKEN, reviewed(31), UNREVIEWED], 40, []),
]


@pytest.mark.parametrize(
    ("given", "minutes", "ids"),
    [pytest.param(*cells, id=sentence) for sentence, *cells in APPROVALS],
)
def test_what_waits_for_a_person_falls_due(given, minutes, ids):
    """A wait is stored state: the timer finds it in the log alone."""
    assert list(dict(due(fold(*given), at(minutes)))) == ids


# --- orders ---------------------------------------------------------------------------

ISSUED = OrderIssued(
    order="o1",
    emergency="",
    scope=(STREET_1,),
    excluded=(),
    roles=("street-staff",),
    title="t",
    text="t",
    issued_us=NOW,
    ack_due_us=at(30),
    done_due_us=at(60),
)
UNLIMITED = OrderIssued(
    order="o2",
    emergency="",
    scope=(STREET_1,),
    excluded=(),
    roles=("street-staff",),
    title="t",
    text="t",
    issued_us=NOW,
    ack_due_us=0,
    done_due_us=0,
    corrects="o1",
)


def cancelled(minutes=0):
    """Return the fact that o1 is withdrawn so many minutes after NOW."""
    return OrderWithdrawn(order="o1", withdrawn_us=at(minutes))


CANCELLED = cancelled()
CORRECTED_LATE = msgspec.structs.replace(UNLIMITED, issued_us=at(31))


def late(what, minutes):
    """Return an order's limit noticed after an hour."""
    return OrderOverdue(order="o1", what=what, due_us=at(minutes), noticed_us=at(60))


def limit(what="ack", minutes=30, order="o1"):
    """Return the command for a limit of an order."""
    return RecordOrderOverdue(order=order, what=what, due_us=at(minutes))


@table(
    ("acknowledging", [ISSUED], limit(), [late("ack", 30)]),
    ("carrying out", [ISSUED, late("ack", 30)], limit("done", 60), [late("done", 60)]),
    ("recorded", [ISSUED, late("ack", 30)], limit(), AlreadyRecorded(step="o1")),
    ("withdrawn", [ISSUED, CANCELLED], limit(), NotDue),
    ("withdrawn after it had passed", [ISSUED, cancelled(31)], limit(), [
        late("ack", 30)]),
    ("withdrawn after it was recorded", [ISSUED, late("ack", 30), cancelled(31)],
     limit(), AlreadyRecorded),
    ("withdrawn between two limits", [ISSUED, cancelled(31)], limit("done", 60),
     NotDue),
    ("corrected", [ISSUED, UNLIMITED], limit(), NotDue),
    ("no limit", [ISSUED, UNLIMITED], limit("ack", 0, "o2"), NotDue(step="o2")),
    ("no such order", [], limit(), NotDue(step="o1")),
    ("another time", [ISSUED], limit("ack", 29), NotDue),
    ("another limit's time", [ISSUED], limit("ack", 60), NotDue),
    ("not passed", [ISSUED], limit("done", 61), NotDue),
)  # fmt: skip
def test_an_order_s_limit_is_recorded_once_it_has_passed(given, when, then):
    """Each limit of a standing order is one fact; views tell who is late."""
    check(record_order_overdue, given, when, then, at(60))


ORDERS = [
    ("not yet", [ISSUED], 29, []),
    ("the first limit", [ISSUED], 30, ["order:o1:ack"]),
    ("both", [ISSUED], 60, ["order:o1:ack", "order:o1:done"]),
    ("one recorded", [ISSUED, late("ack", 30)], 60, ["order:o1:done"]),
    ("withdrawn", [ISSUED, CANCELLED], 60, []),
    ("corrected by one without limits", [ISSUED, UNLIMITED], 60, []),
    ("withdrawn after a limit", [ISSUED, cancelled(31)], 60, ["order:o1:ack"]),
    ("corrected after a limit", [ISSUED, CORRECTED_LATE], 60, ["order:o1:ack"]),
    (
        "withdrawn after a limit, recorded",
        [ISSUED, cancelled(31), late("ack", 30)],
        60,
        [],
    ),
]


@pytest.mark.parametrize(
    ("given", "minutes", "ids"),
    [pytest.param(*cells, id=sentence) for sentence, *cells in ORDERS],
)
def test_limits_of_standing_orders_fall_due(given, minutes, ids):
    """What is withdrawn or corrected asks for nothing."""
    assert list(dict(due(fold(*given), at(minutes)))) == ids


EVERYTHING = [*RAISED, MADE, BROKEN, ISSUED, declared("e2", STREET_2), ended("e2")]


def test_the_timer_s_commands_wait_where_they_are_decided():
    """Each is decided on the stream that it is a fact of."""
    assert {EXPECTED.stream, record("s", 1).stream} == {"emergencies"}
    assert EXPIRY.stream == REVIEW.stream == "approvals" == EXPIRED.stream
    assert limit().stream == "orders" == late("ack", 30).stream
