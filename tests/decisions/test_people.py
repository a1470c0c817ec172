from collections import Counter

import msgspec
import pytest

from coordination.kernel import CommandRefused
from coordination.people.availability import (
    AbsenceNotDue,
    MarkAvailable,
    MarkUnavailable,
    NobodyChanges,
    RecordAbsencePassed,
    UnknownCause,
    UntilPassed,
    mark_available,
    mark_unavailable,
    record_absence_passed,
)
from coordination.people.decide import (
    PEOPLE_ROWS_MAX,
    UNITS_MAX,
    PersonRow,
    RegisterPeople,
    RosterRefused,
    RosterUnchanged,
    UnitRow,
    register_people,
)
from coordination.people.events import (
    AbsencePassed,
    PersonAvailable,
    PersonForgotten,
    PersonMerged,
    PersonUnavailable,
    Training,
    UnitRegistered,
)
from coordination.people.state import (
    Person,
    UnknownPerson,
    evolve_person,
    person_stream,
    unit_stream,
)
from tests.given import (
    AREAS,
    BUILDING,
    COMMUNITY_11,
    COMMUNITY_12,
    COMMUNITY_21,
    DESK,
    FOLK,
    NOW,
    STREET_1,
    UNIT,
    A,
    B,
    C,
    back,
    bound,
    check,
    duty,
    fold,
    lost,
    person,
    table,
)

UNIT_ROW = UnitRow(UNIT.unit, UNIT.name, UNIT.headcount)


def line(who=A, row=2, **more):
    """Return a roster's row that says of somebody what ``person`` does."""
    said = msgspec.structs.asdict(person(who))
    del said["provisional"]
    return PersonRow(**{"row": row, **said, **more})


def roster(*people, units=(UNIT_ROW,), area=STREET_1):
    """Return the command to import a roster."""
    return RegisterPeople(area=area, units=units, people=people)


KNOWN = [*AREAS, UNIT, person(A)]
MOVED = line(residence=BUILDING.code)


@table(
    ("somebody of a new unit", AREAS, roster(line()), [UNIT, person(A)]),
    ("somebody of a unit known before", [*AREAS, UNIT], roster(line(), units=()),
     [person(A)]),
    ("two of the unit", AREAS, roster(line(), line(B, 3)),
     [UNIT, person(A), person(B)]),
    ("the same file again", KNOWN, roster(line()), RosterUnchanged),
    ("one of two is new", KNOWN, roster(line(), line(B, 3)), [person(B)]),
    ("somebody moved", KNOWN, roster(MOVED), [person(A, BUILDING)]),
    ("a phone changed", KNOWN, roster(line(sealed="77")), [person(A, sealed="77")]),
    ("a training ran out", KNOWN, roster(line(trainings=())),
     [person(A, trainings=())]),
    ("a training with its end", KNOWN,
     roster(line(trainings=(Training("stores", NOW),))),
     [person(A, trainings=(Training("stores", NOW),))]),
    ("a unit says how many it has", KNOWN,
     roster(line(), units=(UnitRow(UNIT.unit, UNIT.name, 9),)),
     [UnitRegistered(unit=UNIT.unit, name=UNIT.name, headcount=9)]),
    ("a unit alone", AREAS, roster(), [UNIT]),
    ("nothing at all", AREAS, roster(units=()), RosterUnchanged),
    ("ill, and on the roster as before", [*KNOWN, lost(A)], roster(line()),
     RosterUnchanged),
    ("what the file has no column for stays", KNOWN,
     roster(line(skills=(), trainings=(), sealed="77",
                 unstated=("skills", "trainings", "unit_size")),
            units=(UnitRow(UNIT.unit, UNIT.name, 0, ("headcount",)),)),
     [person(A, sealed="77")]),
    ("of somebody new it is empty", AREAS,
     roster(line(skills=(), trainings=(), unstated=("skills", "trainings")),
            units=(UnitRow(UNIT.unit, UNIT.name, 0, ("headcount",)),)),
     [UnitRegistered(unit=UNIT.unit, name=UNIT.name, headcount=0),
      person(A, skills=(), trainings=())]),
    ("an empty cell clears", KNOWN, roster(line(skills=(), trainings=())),
     [person(A, skills=(), trainings=())]),
    ("where somebody lives is never unsaid", KNOWN,
     roster(line(residence=BUILDING.code, unstated=("residence", "unit"))),
     [person(A, BUILDING)]),
    ("the community as the file calls it", KNOWN, roster(
        line(B, 3, community_name="community")), [person(B)]),
)  # fmt: skip
def test_a_roster_registers_what_is_new_or_otherwise(given, when, then):
    """Who is on it as stated changes nothing."""
    check(register_people, given, when, then)


# (sentence, what is given beside, rows, [(row, field)])
FAULTS = [
    ("the number twice", [], [line(row=2), line(row=3)], [(3, "number")]),
    ("three times", [], [line(row=2), line(row=3), line(row=4)],
     [(3, "number"), (4, "number")]),
    ("forgotten", [person(A), PersonForgotten(person=A)], [line()], [(2, "number")]),
    ("merged", [person(A), PersonMerged(person=A, into=B)], [line()],
     [(2, "number")]),
    ("no such unit", [], [line(unit="u-none")], [(2, "unit")]),
    ("no such community", [], [line(residence="310117001009")], [(2, "community")]),
    ("no such building", [], [line(residence=f"{COMMUNITY_11.code}g07")],
     [(2, "community")]),
    ("a street is no community", [], [line(residence=STREET_1.code)],
     [(2, "community")]),
    ("lives nowhere", [], [line(residence="")], [(2, "community")]),
    ("outside the area", [], [line(residence=COMMUNITY_21.code)],
     [(2, "community")]),
    ("the community is called otherwise", [], [line(community_name="另一社区")],
     [(2, "community_name")]),
    ("no such skill", [], [line(skills=("driving", "magic"))], [(2, "skills")]),
    ("no such training", [], [line(trainings=(Training("magic"),))],
     [(2, "training")]),
    ("in the order of the file", [], [
        line(B, 9, skills=("magic",)), line(C, 4, unit="u-none", skills=("x",))],
     [(4, "unit"), (4, "skills"), (9, "skills")]),
]  # fmt: skip


@pytest.mark.parametrize(
    ("given", "rows", "then"),
    [pytest.param(*cells, id=sentence) for sentence, *cells in FAULTS],
)
def test_one_wrong_row_refuses_the_whole_roster(given, rows, then):
    """Each fault names its row and its column, in both languages."""
    with pytest.raises(RosterRefused) as caught:
        register_people(fold(*AREAS, *given), roster(*rows), NOW)
    faults = caught.value.facts["rows"]
    assert [(fault.row, fault.field) for fault in faults] == then
    assert caught.value.facts["count"] == len(then)
    assert all(fault.zh and fault.en for fault in faults)


def test_two_hundred_rows_with_twelve_duplicates_and_five_elsewhere():
    """The report is exact, and the corrected file goes in; again it says nothing."""
    people = [f"h-{n:012x}" for n in range(200)]
    rows = [line(who, n) for n, who in enumerate(people, start=2)]
    wrong = list(rows)
    for n in range(12):
        wrong[50 + n] = msgspec.structs.replace(wrong[n], row=52 + n)
    for n in range(5):
        home = COMMUNITY_21.code if n % 2 else "310117001009"
        wrong[100 + n] = msgspec.structs.replace(wrong[100 + n], residence=home)
    with pytest.raises(RosterRefused) as caught:
        register_people(fold(*AREAS), roster(*wrong), NOW)
    faults = caught.value.facts["rows"]
    assert Counter(f.field for f in faults) == {"number": 12, "community": 5}
    assert [f.row for f in faults] == [*range(52, 64), *range(102, 107)]
    facts = register_people(fold(*AREAS), roster(*rows), NOW)
    assert len(facts) == 1 + 200
    check(register_people, [*AREAS, *facts], roster(*rows), RosterUnchanged)


@pytest.mark.parametrize(
    "command",
    [
        roster(*[line()] * (PEOPLE_ROWS_MAX + 1)),
        roster(units=(UNIT_ROW,) * (UNITS_MAX + 1)),
    ],
    ids=["people", "units"],
)
def test_a_roster_has_a_limit(command):
    """No more than one decision can hold, told once."""
    with pytest.raises(RosterRefused) as caught:
        register_people(fold(*AREAS), command, NOW)
    [fault] = caught.value.facts["rows"]
    assert (fault.row, fault.field) == (0, "file")


# --- available or not -----------------------------------------------------------------

HOME = (COMMUNITY_11.path,)


def away(*people, cause="ill", until=0):
    """Return the command that people are not available."""
    return MarkUnavailable(people=people, cause=cause, until_us=until)


def here(*people):
    """Return the command that they are again."""
    return MarkAvailable(people=people)


THERE = [*AREAS, *FOLK]


@table(
    ("one", THERE, away(A), [lost(A)]),
    ("two", THERE, away(B, A, cause="quarantined"),
     [lost(B, "quarantined"), lost(A, "quarantined")]),
    ("one named twice", THERE, away(A, A), [lost(A)]),
    ("one of two is so already", [*THERE, lost(A)], away(A, B), [lost(B)]),
    ("for another cause", [*THERE, lost(A)], away(A, cause="leave"),
     [lost(A, "leave")]),
    ("expected back", THERE, away(A, until=NOW + 9),
     [PersonUnavailable(person=A, cause="ill", until_us=NOW + 9)]),
    ("ill again", [*THERE, lost(A), back(A)], away(A), [lost(A)]),
    ("so already", [*THERE, lost(A)], away(A), NobodyChanges),
    ("nobody", THERE, away(), NobodyChanges),
    ("no cause", THERE, away(A, cause=""), UnknownCause),
    ("no such cause", THERE, away(A, cause="lazy"),
     UnknownCause(causes="leave, ill, quarantined, unreachable, other")),
    ("a stranger", AREAS, away(A), UnknownPerson(person=A)),
    ("one of two is a stranger", [*AREAS, person(A)], away(A, B), UnknownPerson),
    ("forgotten", [*THERE, PersonForgotten(person=A)], away(A), UnknownPerson),
    ("merged", [*THERE, PersonMerged(person=A, into=B)], away(A), UnknownPerson),
    ("wherever they live by now", [*THERE, person(A, COMMUNITY_21)], away(A),
     [lost(A)]),
)  # fmt: skip
def test_people_are_not_available_for_a_cause(given, when, then):
    """Each once, and only who is there."""
    check(mark_unavailable, given, when, then)


@table(
    ("one", [*THERE, lost(A)], here(A), [back(A)]),
    ("one of two was away", [*THERE, lost(A)], here(A, B), [back(A)]),
    ("nobody was away", THERE, here(A), NobodyChanges),
    ("back already", [*THERE, lost(A), back(A)], here(A), NobodyChanges),
    ("a stranger", AREAS, here(A), UnknownPerson(person=A)),
    ("wherever they live by now", [*THERE, lost(A), person(A, COMMUNITY_21)], here(A),
     [back(A)]),
)  # fmt: skip
def test_people_are_available_again(given, when, then):
    """That is all it says: they take nothing back by it."""
    check(mark_available, given, when, then)


# --- what it folds to -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("valid", "now", "then"),
    [(0, NOW, True), (NOW + 1, NOW, True), (NOW, NOW, False), (NOW, NOW + 1, False)],
)
def test_a_training_is_valid_until_it_ends(valid, now, then):
    """0: for ever; else before its end."""
    some = Person(person(A, trainings=(Training("stores", valid),)))
    assert some.trained("stores", now) is then
    assert not some.trained("command", now)
    assert not Person().trained("stores", now)


def test_a_person_folds_to_what_rules_ask():
    """What is not theirs changes nothing; a unit is as it was last stated."""
    facts = [person(A), bound(A), lost(A), duty(DESK, A)]
    found = fold(*facts)(person_stream(A))
    assert (found.known, found.residence, found.account) == (
        True, COMMUNITY_11.code, "login-a")  # fmt: skip
    assert (found.cause, list(found.acting)) == ("ill", [DESK.post])
    other = CommandRefused(command_name="x", place="", code="x", facts={})
    assert evolve_person(found, other) is found
    assert Person().residence == ""
    stream = unit_stream(UNIT.unit)
    assert fold(UNIT)(stream) == UNIT
    assert stream.evolve(UNIT, other) is UNIT


def test_a_command_about_people_names_their_streams_and_places():
    """Those about people wait for one another; their place is where they live."""
    assert roster().stream == away().stream == here().stream == "person"
    assert roster().places(fold()) == (STREET_1.path,)
    assert lost(A).stream == f"person/{A}"
    assert UNIT.stream == f"unit/{UNIT.unit}"


@pytest.mark.parametrize("say", [away, here])
def test_what_is_said_of_people_acts_where_each_of_them_lives(say):
    """Their communities as they stand, each once; nobody is left out unnoticed."""
    town = [*THERE, person(B, BUILDING), person(C, COMMUNITY_21)]
    both = (COMMUNITY_11.path, COMMUNITY_21.path)
    assert say(A).places(fold(*town)) == say(B, A).places(fold(*town)) == HOME
    assert say(C, A).places(fold(*town)) == both
    assert say(A).places(fold(*town, person(A, COMMUNITY_12))) == (COMMUNITY_12.path,)
    with pytest.raises(UnknownPerson) as caught:
        say(A, C).places(fold(*AREAS))
    assert caught.value.facts == {"person": A}
    # Whoever may not decide about them is told so first: where they lived is known.
    for gone in (PersonForgotten(person=A), PersonMerged(person=A, into=B)):
        assert say(A, C).places(fold(*town, gone)) == both


# --- the end of an absence -----------------------------------------------------------

DUE = NOW - 1
AWAY = [*AREAS, *FOLK, PersonUnavailable(person=A, cause="leave", until_us=DUE)]


def expected(due_us=DUE):
    """Return the command to record that somebody was expected back."""
    return RecordAbsencePassed(person=A, due_us=due_us)


def noticed(due_us=DUE):
    """Return the fact of it."""
    place = COMMUNITY_11.path
    return AbsencePassed(person=A, community=place, due_us=due_us, noticed_us=NOW)


@table(
    ("it has passed", AWAY, expected(), [noticed()]),
    ("recorded before", [*AWAY, noticed()], expected(), AbsenceNotDue),
    ("back by now", [*AWAY, PersonAvailable(person=A)], expected(), AbsenceNotDue),
    ("away for longer", [*AWAY, PersonUnavailable(
        person=A, cause="leave", until_us=NOW + 1)], expected(), AbsenceNotDue),
    ("for as long as it takes", [*AREAS, *FOLK, PersonUnavailable(
        person=A, cause="leave")], expected(0), AbsenceNotDue),
    ("away again", [*AWAY, noticed(), PersonAvailable(person=A), PersonUnavailable(
        person=A, cause="ill", until_us=NOW)], expected(NOW), [noticed(NOW)]),
)  # fmt: skip
def test_who_was_expected_back_is_asked_for_once(given, when, then):
    """Nobody is available by that alone."""
    check(record_absence_passed, given, when, then)


@pytest.mark.parametrize("until_us", [1, NOW - 1, NOW])
def test_nobody_is_away_until_a_time_that_has_passed(until_us):
    """It would say that they are away and back at once."""
    when = MarkUnavailable(people=(A,), cause="ill", until_us=until_us)
    check(mark_unavailable, [*AREAS, *FOLK], when, UntilPassed)
