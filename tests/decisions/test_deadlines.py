import pytest

from coordination.deadlines.decide import (
    AlreadyRecorded,
    NotDue,
    RecordDeadline,
    record_deadline,
)
from coordination.deadlines.due import due
from coordination.mode.state import UnknownEmergency
from tests.given import (
    EPIDEMIC_PLAN,
    FLOOD_PLAN,
    HOUR,
    MINUTE,
    NOW,
    STREET_2,
    check,
    declared,
    ended,
    fold,
    passed,
    published,
    table,
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
    return [(c.emergency, c.phase, c.step) for _, c in found]


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


@pytest.mark.parametrize("given", [BEGUN, GRAVER, OVER])
def test_what_is_due_is_accepted_and_then_due_no_more(given):
    """Each command of ``due`` is carried out, once."""
    now, facts = NOW + 24 * HOUR, []
    for _, command in due(fold(*given), now):
        facts += record_deadline(fold(*given, *facts), command, now)
        with pytest.raises(AlreadyRecorded):
            record_deadline(fold(*given, *facts), command, now)
    assert facts
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
