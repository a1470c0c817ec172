"""Who signs which level, and for whom when an office is absent."""

import pytest

from coordination.areas.state import UnknownArea
from coordination.authority.decide import (
    ABSENCE_HOURS_MAX,
    AbsenceExists,
    AuthorityUnchanged,
    BadAbsence,
    BadAuthority,
    EndAbsence,
    RecordAbsence,
    SetAuthority,
    UnknownAbsence,
    end_absence,
    record_absence,
    set_authority,
)
from coordination.authority.events import (
    AbsenceEnded,
    AbsenceRecorded,
    AuthoritySet,
    LevelAuthority,
)
from coordination.authority.state import (
    AUTHORITY,
    DEFAULT,
    LevelNeedsApproval,
    NoAuthority,
    check_alone,
    check_signs,
)
from coordination.checks import ReasonMissing
from coordination.provenance import Actor
from coordination.tree import Place
from tests.given import (
    AREAS,
    COMMUNITY_11,
    HOUR,
    NOW,
    SONGJIANG,
    STREET_1,
    STREET_2,
    by,
    check,
    ended,
    fold,
    table,
)

HERE = (STREET_1.path,)
LIGHT = (
    LevelAuthority(1, ("commander",)),
    LevelAuthority(2, ("commander",), ("deputy",)),
    LevelAuthority(3, ("deputy",)),
    LevelAuthority(4, ("duty-officer",)),
)


def levels(*entries):
    """Return the command to configure who signs."""
    return SetAuthority(levels=entries, basis="令")


def level(number, *roles, chain=()):
    """Return who signs one level."""
    return LevelAuthority(number, roles, chain)


FIRST_THREE = LIGHT[:3]


@table(
    ("all four", [], levels(*LIGHT), [AuthoritySet(levels=LIGHT)]),
    (
        "back to the usual",
        [AuthoritySet(levels=LIGHT)],
        levels(*DEFAULT),
        [AuthoritySet(levels=DEFAULT)],
    ),
    ("the usual", [], levels(*DEFAULT), AuthorityUnchanged),
    ("the same", [AuthoritySet(levels=LIGHT)], levels(*LIGHT), AuthorityUnchanged),
    ("none", [], levels(), BadAuthority(why="I, II, III, IV")),
    ("three", [], levels(*FIRST_THREE), BadAuthority(why="I, II, III, IV")),
    ("one twice", [], levels(*FIRST_THREE, LIGHT[2]), BadAuthority),
    ("in another order", [], levels(*reversed(LIGHT)), BadAuthority),
    (
        "nobody",
        [],
        levels(*FIRST_THREE, level(4)),
        BadAuthority(why="IV"),
    ),
    (
        "nobody but the next in line",
        [],
        levels(*FIRST_THREE, level(4, chain=("deputy",))),
        BadAuthority(why="IV"),
    ),
    (
        "a role that orders nothing",
        [],
        levels(*FIRST_THREE, level(4, "commander", "auditor", "mayor")),
        BadAuthority(why="auditor, mayor"),
    ),
    (
        "a next in line that orders nothing",
        [],
        levels(*FIRST_THREE, level(4, "commander", chain=("service",))),
        BadAuthority(why="service"),
    ),
)
def test_who_signs_is_configured_for_all_levels_at_once(given, when, then):
    """Each level needs roles that may order it at all."""
    check(set_authority, given, when, then)


def absence(role="commander", hours=8, **more):
    """Return the command to record an office's absence."""
    return RecordAbsence(
        **{
            "absence": "a1",
            "role": role,
            "area": SONGJIANG,
            "hours": hours,
            "reason": "出差",
            **more,
        }
    )


def absent(role="commander", area=SONGJIANG, hours=8, key="a1"):
    """Return the record of an absence from NOW on."""
    return AbsenceRecorded(
        absence=key,
        role=role,
        area=area,
        from_us=NOW,
        until_us=NOW + hours * HOUR,
    )


BACK = AbsenceEnded(absence="a1", ended_us=NOW)
WEEK = ABSENCE_HOURS_MAX


@table(
    ("the commander", AREAS, absence(), [absent()]),
    ("the deputy", AREAS, absence("deputy"), [absent("deputy")]),
    ("for a week", AREAS, absence(hours=WEEK), [absent(hours=WEEK)]),
    ("for longer", AREAS, absence(hours=WEEK + 1), BadAbsence),
    ("for no time", AREAS, absence(hours=0), BadAbsence),
    ("without a reason", AREAS, absence(reason=" "), ReasonMissing),
    ("an office that only stands in", AREAS, absence("duty-officer"), BadAbsence),
    ("no office", AREAS, absence("mayor"), BadAbsence),
    (
        "an office that signs now",
        [*AREAS, AuthoritySet(levels=LIGHT)],
        absence("duty-officer"),
        [absent("duty-officer")],
    ),
    (
        "an office that signs no more",
        [*AREAS, AuthoritySet(levels=LIGHT)],
        absence("head-of-government"),
        BadAbsence,
    ),
    ("under a standing one's id", [*AREAS, absent()], absence("deputy"),
     AbsenceExists(absence="a1")),
    ("under the id of one that was ended", [*AREAS, absent(), BACK], absence(),
     AbsenceExists),
    ("under the id of one that is over", [*AREAS, absent(hours=0)], absence(),
     AbsenceExists),
    ("under an id of its own", [*AREAS, absent(), BACK], absence(absence="a2"),
     [absent(key="a2")]),
    ("of an unknown area", [], absence(), UnknownArea(area=SONGJIANG.code)),
    (
        "of an area under another level",
        AREAS,
        absence(area=Place(SONGJIANG.code, "city")),
        UnknownArea,
    ),
)  # fmt: skip
def test_an_absence_is_recorded_for_a_time(given, when, then):
    """An office that signs is absent for a reason, and for a week at most."""
    check(record_absence, given, when, then)


def back(**more):
    """Return the command that ends the absence a1."""
    return EndAbsence(**{"absence": "a1", **more})


@table(
    ("a standing one", [absent()], back(), [BACK]),
    ("none", [], back(), UnknownAbsence(absence="a1")),
    ("ended before", [absent(), BACK], back(), UnknownAbsence),
    ("over", [absent(hours=0)], back(), UnknownAbsence),
    ("another", [absent()], back(absence="a2"), UnknownAbsence(absence="a2")),
)
def test_an_absence_is_ended_early(given, when, then):
    """The office is back, once."""
    check(end_absence, given, when, then)


def test_absences_are_kept_with_the_authority_they_change():
    """All of it is one stream; an absence acts on its office's area."""
    assert {absence().stream, back().stream, levels().stream} == {"authority"}
    assert absent().stream == BACK.stream == AuthoritySet(levels=()).stream
    assert absence().places(fold()) == back().places(fold(absent()))
    assert back().places(fold(absent(), BACK)) == (SONGJIANG.path,)
    with pytest.raises(UnknownAbsence):
        back().places(fold())
    assert levels().places(fold()) == ()
    state = fold()(AUTHORITY)
    assert AUTHORITY.evolve(state, ended()) is state


HEADS = ("commander", "head-of-government")
AWAY = [absent("commander"), absent("head-of-government", key="a2")]
GONE = [*AWAY, absent("deputy", key="a3")]
SIGNERS = [
    ("I", [], 1, HERE, HEADS),
    ("II", [], 2, HERE, (*HEADS, "deputy")),
    ("III", [], 3, HERE, (*HEADS, "deputy")),
    ("IV", [], 4, HERE, (*HEADS, "deputy", "secretary-general")),
    ("I, one head absent", AWAY[:1], 1, HERE, HEADS),
    ("I, both heads absent", AWAY, 1, HERE, ("deputy",)),
    ("II, both heads absent", AWAY, 2, HERE, (*HEADS, "deputy")),
    ("I, the deputy too", GONE, 1, HERE, ("secretary-general",)),
    ("II, the deputy too", GONE, 2, HERE, ("secretary-general",)),
    (
        "I, everybody",
        [*GONE, absent("secretary-general", key="a4")],
        1,
        HERE,
        (),
    ),
    ("absent elsewhere", [absent("commander", STREET_2), AWAY[1]], 1, HERE, HEADS),
    (
        "absent for one of two places",
        [absent("commander", STREET_1), AWAY[1]],
        1,
        (STREET_1.path, STREET_2.path),
        HEADS,
    ),
    (
        "absent for each of two places",
        [absent("commander", STREET_1), absent("commander", STREET_2, key="a3"),
         AWAY[1]],
        1,
        (STREET_1.path, COMMUNITY_11.path, STREET_2.path),
        ("deputy",),
    ),
    ("of no place: the whole world", AWAY, 1, (), HEADS),
    ("back again", [*AWAY, BACK], 1, HERE, HEADS),
    ("over", [absent(hours=0), AWAY[1]], 1, HERE, HEADS),
    ("as configured", [AuthoritySet(levels=LIGHT)], 4, HERE, ("duty-officer",)),
    (
        "as configured, without a chain",
        [AuthoritySet(levels=LIGHT), absent("deputy")],
        3,
        HERE,
        (),
    ),
]  # fmt: skip


@pytest.mark.parametrize(
    ("given", "number", "paths", "roles"),
    [pytest.param(*cells, id=sentence) for sentence, *cells in SIGNERS],
)
def test_the_next_in_line_signs_when_everybody_is_absent(given, number, paths, roles):
    """Who signs follows from configuration and standing absences."""
    assert fold(*given)(AUTHORITY).signers(number, paths, NOW) == roles


@pytest.mark.parametrize(
    ("role", "given", "number", "signs"),
    [
        ("commander", [], 1, True),
        ("deputy", [], 1, False),
        ("deputy", AWAY, 1, True),
        ("commander", AWAY, 1, False),
        ("duty-officer", [], 4, False),
        ("mayor", [], 4, False),
        ("", [], 4, False),
    ],
)
def test_a_role_signs_what_it_signs_and_nothing_else(role, given, number, signs):
    """The refusal names the role, the level and who does sign."""
    read = fold(*given, who=by("c", Actor("a", role)))
    if signs:
        check_signs(read, number, HERE, NOW)
        return
    with pytest.raises(NoAuthority) as caught:
        check_signs(read, number, HERE, NOW)
    assert caught.value.facts["level"] in {"I", "IV"}
    assert caught.value.say("zh") != caught.value.say("en")


def test_a_refusal_says_who_signs_and_when_nobody_does():
    """People read the names of the offices, not their ids."""
    read = fold(who=by("c", Actor("a", "duty-officer")))
    with pytest.raises(NoAuthority) as caught:
        check_signs(read, 1, HERE, NOW)
    assert caught.value.facts == {
        "role": "值班长",
        "role_en": "Duty officer",
        "level": "I",
        "signers": "总指挥、政府主要负责人",
        "signers_en": "Commander, Head of government",
    }
    nobody = [*GONE, absent("secretary-general", key="a4")]
    with pytest.raises(NoAuthority) as caught:
        check_signs(fold(*nobody), 1, HERE, NOW)
    assert (caught.value.facts["signers"], caught.value.facts["signers_en"]) == (
        "无人",
        "nobody",
    )


@pytest.mark.parametrize(
    ("role", "number", "refusal"),
    [
        ("commander", 1, LevelNeedsApproval),
        ("commander", 2, LevelNeedsApproval),
        ("commander", 3, None),
        ("commander", 4, None),
        ("secretary-general", 3, NoAuthority),
        ("secretary-general", 4, None),
        ("duty-officer", 2, LevelNeedsApproval),
        ("duty-officer", 4, NoAuthority),
    ],
)
def test_one_person_orders_only_the_lighter_levels(role, number, refusal):
    """Rule 4: graver than III nobody orders alone, whoever they are."""
    read = fold(who=by("c", Actor("a", role)))
    if refusal is None:
        check_alone(read, number, HERE, NOW)
        return
    with pytest.raises(refusal):
        check_alone(read, number, HERE, NOW)
