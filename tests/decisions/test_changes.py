"""Level and scope of an emergency that goes on."""

import msgspec
import pytest
from hypothesis import given as given_any
from hypothesis import settings
from hypothesis import strategies as st

from coordination.areas.state import UnknownArea
from coordination.authority.state import LevelNeedsApproval, NoAuthority
from coordination.checks import BasisMissing
from coordination.mode.changes import (
    AlreadyCovered,
    ChangeLevel,
    NarrowScope,
    NotCovered,
    NotLowered,
    NotRaised,
    WidenScope,
    change_level,
    level_changed,
    narrow_scope,
    scope_narrowed,
    scope_widened,
    widen_scope,
)
from coordination.mode.conflicts import SiteConflict
from coordination.mode.state import (
    EMERGENCIES,
    AlreadyEnded,
    NothingCovered,
    UnknownEmergency,
)
from coordination.provenance import Actor
from coordination.refusals import Refusal
from coordination.tree import Place
from tests.given import (
    AREAS,
    BUILDING,
    COMMUNITY_11,
    COMMUNITY_12,
    COMMUNITY_21,
    EPIDEMIC_PLAN,
    FLOOD_PLAN,
    FLOOD_TEXT,
    GRID,
    NOW,
    PARENTS,
    SONGJIANG,
    STREET_1,
    STREET_2,
    by,
    check,
    declared,
    ended,
    fold,
    lowered,
    narrowed,
    published,
    raised,
    site,
    table,
    widened,
)

READY = [*AREAS, FLOOD_PLAN, EPIDEMIC_PLAN]
FOUR = [*READY, declared(level=4)]
THREE = [*READY, declared(level=3)]
TWO = [*READY, declared(level=2)]
DUTY_OFFICER = by("c", Actor("sun", "duty-officer"))
WIDER = widened("e1", STREET_1, STREET_2)


def level(to, *, up=True, **more):
    """Return the command to change e1's level."""
    return ChangeLevel(
        **{
            "emergency": "e1",
            "basis": "令",
            "level": to,
            "raising": up,
            **more,
        }
    )


@table(
    ("IV to III", FOUR, level(3), [raised()]),
    ("III to IV", THREE, level(4, up=False), [lowered()]),
    ("raised to the same", THREE, level(3), NotRaised(now="III", level="III")),
    ("raised to a lighter", THREE, level(4), NotRaised(now="III", level="IV")),
    ("lowered to the same", FOUR, level(4, up=False), NotLowered(now="IV", level="IV")),
    ("lowered to a graver", FOUR, level(3, up=False), NotLowered),
    ("to II", THREE, level(2), LevelNeedsApproval(level="II")),
    ("to I", THREE, level(1), LevelNeedsApproval(level="I")),
    ("down from II", TWO, level(3, up=False), LevelNeedsApproval(level="II")),
    ("without basis", FOUR, level(3, basis=" "), BasisMissing),
    ("no such emergency", FOUR, level(3, emergency="e9"), UnknownEmergency),
    ("over", [*FOUR, ended()], level(3), AlreadyEnded(emergency="e1")),
    ("wherever it is by now", [*FOUR, WIDER], level(3), [raised()]),
    ("back again", [*FOUR, raised()], level(4, up=False), [lowered()]),
)
def test_a_level_is_raised_or_lowered_by_one_fact(given, when, then):
    """Whoever signs the graver of both levels does it alone, between III and IV."""
    check(change_level, given, when, then)


@table(
    ("IV to I", FOUR, level(1), [raised(level=1)]),
    ("I to IV", [*READY, declared(level=1)], level(4, up=False), [lowered(before=1)]),
    ("not raised", TWO, level(2), NotRaised(now="II", level="II")),
    ("not lowered", TWO, level(1, up=False), NotLowered(now="II", level="I")),
)
def test_two_people_change_any_level(given, when, then):
    """The rule behind an approval asks for no authority of its own."""
    check(level_changed, given, when, then, who=DUTY_OFFICER)


def widen(*added, without=(), **more):
    """Return the command to widen e1."""
    return WidenScope(
        **{
            "emergency": "e1",
            "basis": "令",
            "added": added,
            "excluded": without,
            **more,
        }
    )


def narrow(*removed, **more):
    """Return the command to narrow e1."""
    return NarrowScope(
        **{
            "emergency": "e1",
            "basis": "令",
            "removed": removed,
            **more,
        }
    )


WITHOUT_11 = [*READY, declared(without=[COMMUNITY_11])]
NESTED = [*READY, declared("e1", STREET_1, BUILDING, without=[COMMUNITY_11])]
SISTER = Place("310117009000", "street")


@table(
    (
        "another street",
        FOUR,
        widen(STREET_2),
        [widened("e1", STREET_1, STREET_2)],
    ),
    (
        "another street but for a community",
        FOUR,
        widen(STREET_2, without=(COMMUNITY_21,)),
        [widened("e1", STREET_1, STREET_2, without=[COMMUNITY_21])],
    ),
    ("all around it", FOUR, widen(SONGJIANG), [widened("e1", SONGJIANG)]),
    (
        "what was left out",
        WITHOUT_11,
        widen(COMMUNITY_11),
        [widened("e1", STREET_1)],
    ),
    (
        "a part of what was left out",
        WITHOUT_11,
        widen(GRID),
        [widened("e1", STREET_1, GRID, without=[COMMUNITY_11])],
    ),
    (
        "the whole, with what was left out",
        WITHOUT_11,
        widen(STREET_1),
        [widened("e1", STREET_1)],
    ),
    (
        "all around it, still leaving out the same",
        WITHOUT_11,
        widen(SONGJIANG, without=(COMMUNITY_11,)),
        [widened("e1", SONGJIANG, without=[COMMUNITY_11])],
    ),
    (
        "leaving out what lies elsewhere",
        FOUR,
        widen(STREET_2, without=(COMMUNITY_11,)),
        NotCovered(area=COMMUNITY_11.code),
    ),
    (
        "leaving out what is left out elsewhere",
        WITHOUT_11,
        widen(STREET_2, without=(COMMUNITY_11,)),
        NotCovered,
    ),
    (
        "all around it, leaving out a part of it",
        FOUR,
        widen(SONGJIANG, without=(COMMUNITY_11,)),
        AlreadyCovered(area=COMMUNITY_11.code),
    ),
    (
        "leaving out what was taken in again",
        NESTED,
        widen(SONGJIANG, without=(COMMUNITY_11,)),
        AlreadyCovered,
    ),
    (
        "leaving out more than is added",
        FOUR,
        widen(COMMUNITY_21, without=(STREET_2,)),
        NotCovered,
    ),
    ("the same", FOUR, widen(STREET_1), AlreadyCovered(area=STREET_1.code)),
    ("a part of it", FOUR, widen(GRID), AlreadyCovered(area=GRID.code)),
    (
        "one new, one not",
        FOUR,
        widen(STREET_2, COMMUNITY_11),
        AlreadyCovered(area=COMMUNITY_11.code),
    ),
    (
        "added and left out at once",
        FOUR,
        widen(STREET_2, without=(STREET_2,)),
        NothingCovered,
    ),
    ("an unknown area", FOUR, widen(SISTER), UnknownArea(area=SISTER.code)),
    (
        "an unknown area left out",
        FOUR,
        widen(STREET_2, without=(SISTER,)),
        UnknownArea,
    ),
    (
        "an area under another level",
        FOUR,
        widen(Place(STREET_2.code, "district")),
        UnknownArea,
    ),
    ("at II", TWO, widen(STREET_2), LevelNeedsApproval(level="II")),
    ("without basis", FOUR, widen(STREET_2, basis=""), BasisMissing),
    ("over", [*FOUR, ended()], widen(STREET_2), AlreadyEnded),
    ("no such emergency", READY, widen(STREET_2), UnknownEmergency),
    ("widened meanwhile", [*FOUR, WIDER], widen(STREET_2), AlreadyCovered),
)
def test_a_scope_is_widened_by_one_fact(given, when, then):
    """The fact has the whole scope from then on; what is inside is not added again."""
    check(widen_scope, given, when, then)


BOTH = [*READY, declared("e1", STREET_1, STREET_2)]


@table(
    (
        "one of two",
        BOTH,
        narrow(STREET_2),
        [narrowed("e1", STREET_1)],
    ),
    (
        "a part",
        FOUR,
        narrow(COMMUNITY_11),
        [narrowed("e1", STREET_1, without=[COMMUNITY_11])],
    ),
    (
        "around what was left out before",
        [*READY, declared("e1", SONGJIANG, without=[COMMUNITY_11])],
        narrow(STREET_1),
        [narrowed("e1", SONGJIANG, without=[STREET_1])],
    ),
    (
        "what was taken in again",
        NESTED,
        narrow(BUILDING),
        [narrowed("e1", STREET_1, without=[COMMUNITY_11])],
    ),
    (
        "around what was taken in again",
        NESTED,
        narrow(COMMUNITY_11),
        [narrowed("e1", STREET_1, without=[COMMUNITY_11])],
    ),
    (
        "around a part of the scope",
        BOTH,
        narrow(SONGJIANG),
        NothingCovered,
    ),
    ("all of it", FOUR, narrow(STREET_1), NothingCovered),
    ("elsewhere", FOUR, narrow(STREET_2), NotCovered(area=STREET_2.code)),
    ("left out before", WITHOUT_11, narrow(COMMUNITY_11), NotCovered),
    ("an unknown area", FOUR, narrow(SISTER), UnknownArea(area=SISTER.code)),
    ("at II", TWO, narrow(COMMUNITY_11), LevelNeedsApproval(level="II")),
    ("without basis", FOUR, narrow(COMMUNITY_11, basis=" "), BasisMissing),
    ("over", [*FOUR, ended()], narrow(COMMUNITY_11), AlreadyEnded),
    ("no such emergency", READY, narrow(COMMUNITY_11), UnknownEmergency),
    (
        "of the scope it has by now",
        [*FOUR, WIDER],
        narrow(STREET_1),
        [narrowed("e1", STREET_2)],
    ),
)
def test_a_scope_is_narrowed_by_one_fact(given, when, then):
    """Nothing is taken out that is not in, and something is always left."""
    check(narrow_scope, given, when, then)


def test_two_people_change_the_scope_at_any_level():
    """The rules behind an approval ask for no authority of their own."""
    wide, small = widened("e1", STREET_1, STREET_2), [COMMUNITY_11]
    check(scope_widened, TWO, widen(STREET_2), [wide], who=DUTY_OFFICER)
    fact = narrowed("e1", STREET_1, without=small)
    check(scope_narrowed, TWO, narrow(*small), [fact], who=DUTY_OFFICER)


PLACES = st.lists(st.sampled_from(list(PARENTS)), unique=True, max_size=4)
SCOPES = st.tuples(PLACES.filter(bool), PLACES)


def inside(scope, place):
    """Walk up from a place to the nearest area the scope names."""
    included, excluded = scope
    while place is not None:
        if place in included or place in excluded:
            return place not in excluded
        place = PARENTS[place]
    return False


def within(place, areas):
    """Tell whether a place lies in one of some areas."""
    return any(place.path.startswith(area.path) for area in areas)


def covered_after(start, when, decide):
    """Return the places covered before and after a change, or None if refused."""
    facts = [*READY, declared("e1", *start[0], without=start[1])]
    before = fold(*facts)(EMERGENCIES).all["e1"]
    try:
        facts += decide(fold(*facts), when, NOW)
    except Refusal:
        return None
    now = fold(*facts)(EMERGENCIES).all["e1"]
    return ({p for p in PARENTS if before.covers(p.path)},
            {p for p in PARENTS if now.covers(p.path)})  # fmt: skip


@given_any(start=SCOPES, added=PLACES.filter(bool), without=PLACES)
@settings(max_examples=25, deadline=None)
def test_widened_it_covers_what_it_did_and_what_was_added(start, added, without):
    """The new scope is the union, whatever was nested in whatever."""
    when = widen(*added, without=tuple(without))
    found = covered_after(start, when, widen_scope)
    if found is not None:
        before, now = found
        plus = {p for p in PARENTS if within(p, added)}
        less = {p for p in PARENTS if within(p, without)}
        assert before | (plus - less) <= now <= before | plus


@given_any(start=SCOPES, removed=PLACES.filter(bool))
@settings(max_examples=25, deadline=None)
def test_narrowed_it_covers_what_it_did_less_what_was_removed(start, removed):
    """The new scope is the difference, whatever was nested in whatever."""
    when = narrow(*removed)
    found = covered_after(start, when, narrow_scope)
    if found is not None:
        before, now = found
        assert now == before - {p for p in PARENTS if within(p, removed)}


# --- conflicts ------------------------------------------------------------------------

REST_PLAN = published(FLOOD_TEXT.replace("shelter", "rest-station"))
POST = site(1, flood="command-post", epidemic="isolation")
REST = site(2, COMMUNITY_21, flood="rest-station", epidemic="sampling-point")
SICK_TEXT = EPIDEMIC_PLAN.text.replace("sampling-point", "isolation-facility")
SICK_PLAN = published(SICK_TEXT)
SICK_POST = site(1, flood="command-post", epidemic="isolation-facility")
HELD_POST = [
    *AREAS,
    FLOOD_PLAN,
    SICK_PLAN,
    SICK_POST,
    declared("e0", plan=SICK_PLAN),
    declared("e1"),
]
HELD_REST = [
    *AREAS,
    REST_PLAN,
    EPIDEMIC_PLAN,
    REST,
    declared("e0", STREET_2, plan=EPIDEMIC_PLAN),
    declared("e1", plan=REST_PLAN),
]


def test_a_raise_that_puts_the_sick_beside_the_well_is_refused():
    """A function the graver level adds is held against what the site does."""
    when = level(3, conflicts=(SICK_POST.site,))
    check(change_level, HELD_POST, when, SiteConflict(count=1, sites=SICK_POST.site))
    check(change_level, [*HELD_POST, ended("e0")], when, [raised()])


def test_a_widening_that_puts_the_sick_beside_the_well_is_refused():
    """A site newly covered is held against what it does."""
    when = widen(STREET_2, conflicts=(REST.site,))
    check(widen_scope, HELD_REST, when, SiteConflict(count=1, sites=REST.site))
    fact = widened("e1", STREET_1, STREET_2)
    check(widen_scope, [*HELD_REST, ended("e0")], when, [fact])


ALONE = [
    pytest.param(change_level, level(3), id="level"),
    pytest.param(widen_scope, widen(STREET_2), id="widen"),
    pytest.param(narrow_scope, narrow(COMMUNITY_12), id="narrow"),
]


@pytest.mark.parametrize(("decide", "when"), ALONE)
def test_who_does_not_sign_the_level_changes_nothing(decide, when):
    """Whoever may come to the door must also sign the level."""
    check(decide, FOUR, when, NoAuthority, who=DUTY_OFFICER)


@pytest.mark.parametrize(("decide", "when"), ALONE)
def test_a_change_is_decided_on_the_index_and_acts_on_its_places(decide, when):
    """Its scope is the one that stands; a widening also acts on what it adds."""
    assert when.stream == "emergencies" == raised().stream
    added = tuple(p.path for p in getattr(when, "added", ()))
    assert when.places(fold(*FOUR)) == (STREET_1.path, *added)
    both = (STREET_1.path, STREET_2.path)
    assert when.places(fold(*FOUR, WIDER)) == (*both, *added)
    with pytest.raises(UnknownEmergency):
        when.places(fold(*READY))
    viewed = dict.fromkeys(when.VIEWED, ())
    assert when.asked == msgspec.structs.replace(when, **viewed)
    assert decide(fold(*FOUR), when, NOW)
