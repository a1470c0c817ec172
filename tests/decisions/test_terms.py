"""Duration and grading of an emergency that goes on."""

import pytest

from coordination.authority.state import NoAuthority
from coordination.checks import BasisMissing
from coordination.mode.events import ExpectationExtended, Regraded
from coordination.mode.state import EMERGENCIES, AlreadyEnded, UnknownEmergency
from coordination.mode.terms import (
    BadGrading,
    ExtendExpectation,
    NotExtended,
    Regrade,
    extend_expectation,
    regrade,
)
from coordination.provenance import Actor
from tests.given import (
    AREAS,
    EPIDEMIC_PLAN,
    FLOOD_PLAN,
    HOUR,
    NOW,
    STREET_1,
    STREET_2,
    by,
    check,
    declared,
    ended,
    fold,
    table,
    widened,
)

READY = [*AREAS, FLOOD_PLAN, EPIDEMIC_PLAN]
FOUR = [*READY, declared(level=4)]


def extend(hours, **more):
    """Return the command to extend e1's expected duration."""
    return ExtendExpectation(
        **{
            "emergency": "e1",
            "basis": "令",
            "expected_hours": hours,
            **more,
        }
    )


def extended(hours, now=NOW):
    """Return the fact that e1 is expected to last so many hours from ``now``."""
    until_us = now + hours * HOUR
    return ExpectationExtended(
        emergency="e1", changed_us=now, expected_until_us=until_us
    )


@table(
    ("by an hour", FOUR, extend(25), [extended(25)]),
    ("at I, by whoever signs it", [*READY, declared(level=1)], extend(48), [
        extended(48)]),
    ("not at all", FOUR, extend(24), NotExtended),
    ("less", FOUR, extend(23), NotExtended),
    ("again the same", [*FOUR, extended(48)], extend(48), NotExtended),
    ("once more", [*FOUR, extended(48)], extend(49), [extended(49)]),
    ("without basis", FOUR, extend(25, basis=""), BasisMissing),
    ("over", [*FOUR, ended()], extend(25), AlreadyEnded),
)  # fmt: skip
def test_an_expected_duration_is_extended_from_now_on(given, when, then):
    """The new end counts from the decision and lies beyond the old one."""
    check(extend_expectation, given, when, then)


def test_time_passes_before_an_extension():
    """After a day, a day more is later than the first end."""
    now = NOW + 24 * HOUR
    check(extend_expectation, FOUR, extend(24), [extended(24, now)], now)


def grade(severity, warning, **more):
    """Return the command to grade e1 anew."""
    return Regrade(
        **{
            "emergency": "e1",
            "basis": "令",
            "severity": severity,
            "warning": warning,
            **more,
        }
    )


def graded(severity, warning):
    """Return the fact that e1 is graded anew."""
    return Regraded(emergency="e1", changed_us=NOW, severity=severity, warning=warning)


LARGE = [*FOUR, graded("large", "blue")]


@table(
    ("both", FOUR, grade("large", "blue"), [graded("large", "blue")]),
    ("one", FOUR, grade("", "red"), [graded("", "red")]),
    ("one taken back", LARGE, grade("large", ""), [graded("large", "")]),
    ("nothing new", LARGE, grade("large", "blue"), BadGrading),
    ("nothing stated, as before", FOUR, grade("", ""), BadGrading),
    ("no such severity", FOUR, grade("III", ""), BadGrading),
    ("no such colour", FOUR, grade("", "pink"), BadGrading),
    ("without basis", FOUR, grade("large", "", basis=""), BasisMissing),
    ("over", [*FOUR, ended()], grade("large", ""), AlreadyEnded),
)
def test_severity_and_colour_are_graded_beside_the_level(given, when, then):
    """Three scales that are never merged: the level stays what it is."""
    check(regrade, given, when, then)
    facts = then if isinstance(then, list) else []
    [e1] = fold(*given, *facts)(EMERGENCIES).all.values()
    assert e1.level == 4
    if facts:
        assert e1.grading == (when.severity, when.warning)


BOTH = [
    pytest.param(extend_expectation, extend(48), id="extend"),
    pytest.param(regrade, grade("large", "blue"), id="regrade"),
]


def test_who_does_not_sign_the_level_extends_nothing():
    """Whoever may come to the door must also sign the level."""
    sun = by("c", Actor("sun", "duty-officer"))
    check(extend_expectation, FOUR, extend(48), NoAuthority, who=sun)


@pytest.mark.parametrize(("decide", "when"), BOTH)
def test_a_term_is_decided_on_the_index_and_acts_on_the_scope(decide, when):
    """Its scope is the one that stands when it is decided."""
    assert when.stream == "emergencies" == graded("", "").stream
    assert when.places(fold(*FOUR)) == (STREET_1.path,)
    wide = fold(*FOUR, widened("e1", STREET_1, STREET_2))
    assert when.places(wide) == (STREET_1.path, STREET_2.path)
    with pytest.raises(UnknownEmergency):
        when.places(fold(*READY))
    assert decide(fold(*FOUR), when, NOW)
