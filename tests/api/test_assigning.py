"""Bulk proposals: near, little burdened, as many as possible, always the same."""

from __future__ import annotations

from collections import Counter
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from api.planning.assigning import (
    DISTANCES,
    Candidate,
    Proposed,
    Target,
    _assigned,
    _seats,
    propose,
)

COMMUNITY = "310117001001"
SKILL = "medical"


def someone(person, residence, *skills, load=0):
    return Candidate(person, residence, frozenset(skills), load)


# --- tables --------------------------------------------------------------------------

BUILDING = f"{COMMUNITY}g01c01b001"
NEAR = [
    # id, home of the only candidate, what is said, score
    ("same building", BUILDING, "building", 0),
    ("same compound", f"{COMMUNITY}g01c01b002", "compound", 1),
    ("same grid", f"{COMMUNITY}g01c02b001", "grid", 2),
    ("same community", f"{COMMUNITY}g02c01b001", "community", 4),
    ("compound of that number in no grid", f"{COMMUNITY}c01b001", "community", 4),
    ("lives in the community, no building known", COMMUNITY, "community", 4),
    ("same street", "310117001002g01c01b001", "street", 9),
]


@pytest.mark.parametrize(
    ("home", "distance", "score"), [row[1:] for row in NEAR], ids=[r[0] for r in NEAR]
)
def test_distance_is_the_smallest_place_shared(home, distance, score):
    found = propose([Target("t", BUILDING)], [someone("h-1", home)], limit=1)
    assert found == [Proposed("t", "h-1", distance, 0, True, score)]


TARGETS = [
    # target's code, distance of somebody in BUILDING
    (f"{COMMUNITY}g01c01", "compound"),
    (f"{COMMUNITY}g01", "grid"),
    (COMMUNITY, "community"),
    ("310117001000", "street"),
    ("310117001", "street"),
]


@pytest.mark.parametrize(("code", "distance"), TARGETS)
def test_targets_of_every_level(code, distance):
    (found,) = propose([Target("t", code)], [someone("h-1", BUILDING)], limit=1)
    assert found.distance == distance


NOBODY = [
    ("another street", [someone("h-1", "310117002001")]),
    ("no residence", [someone("h-1", "")]),
    ("as much as anybody may have", [someone("h-1", BUILDING, load=2)]),
    ("nobody at all", []),
]


@pytest.mark.parametrize(
    "candidates", [row[1] for row in NOBODY], ids=[row[0] for row in NOBODY]
)
def test_a_target_nobody_can_have_is_named_without_a_person(candidates):
    assert propose([Target("t", BUILDING)], candidates, limit=2) == [Proposed("t")]


def test_no_targets_no_proposals():
    assert propose([], [someone("h-1", BUILDING)], limit=2) == []


def test_load_spreads():
    targets = [Target(f"t{n}", BUILDING) for n in range(4)]
    pair = [someone("h-1", BUILDING), someone("h-2", BUILDING)]
    found = propose(targets, pair, limit=4)
    assert Counter(p.person for p in found) == {"h-1": 2, "h-2": 2}
    assert sorted(p.load for p in found) == [0, 0, 1, 1]


def test_whoever_carries_much_is_passed_over_for_a_neighbour():
    tired = someone("h-1", BUILDING, load=3)
    fresh = someone("h-2", f"{COMMUNITY}g01c02b001")
    (found,) = propose([Target("t", BUILDING)], [tired, fresh], limit=8)
    assert found == Proposed("t", "h-2", "grid", 0, True, 2)


def test_the_wanted_skill_weighs_three():
    unskilled = someone("h-1", BUILDING)
    skilled = someone("h-2", f"{COMMUNITY}g01c02b001", SKILL)
    targets = [Target("t", BUILDING)]
    (found,) = propose(targets, [unskilled, skilled], limit=1, skill=SKILL)
    assert found == Proposed("t", "h-2", "grid", 0, True, 2)
    (found,) = propose(targets, [unskilled], limit=1, skill=SKILL)
    assert found == Proposed("t", "h-1", "building", 0, False, 3)


def test_at_equal_cost_the_smaller_id_is_taken():
    three = [someone(f"h-{n}", BUILDING) for n in (3, 1, 2)]
    found = propose([Target("t1", BUILDING), Target("t2", BUILDING)], three, limit=1)
    assert {p.person for p in found} == {"h-1", "h-2"}


# --- properties ----------------------------------------------------------------------

codes = st.builds(
    "".join,
    st.tuples(
        st.sampled_from(["310117001001", "310117001002", "310117002001"]),
        st.sampled_from(["", "g01", "g02"]),
        st.sampled_from(["", "c01", "c02"]),
        st.sampled_from(["", "b001", "b002"]),
    ),
)
skills = st.sampled_from([frozenset(), frozenset({SKILL}), frozenset({"it"})])


def cases(targets, candidates):
    """Lists of targets and candidates, at most so many of each."""
    return st.tuples(
        st.lists(codes, max_size=targets).map(
            lambda found: [Target(f"t{n:02}", code) for n, code in enumerate(found)]
        ),
        st.lists(st.tuples(codes, skills, st.integers(0, 3)), max_size=candidates).map(
            lambda found: [Candidate(f"h{n:02}", *it) for n, it in enumerate(found)]
        ),
        st.integers(1, 4),
        st.sampled_from(["", SKILL]),
    )


def chopped(code):
    """The places a code stands in: street, community, and what is named below."""
    marks = [code[:9], code[:12]]
    marks += [code[: n + len(part)] for n, part in parts_of(code)]
    return marks


def parts_of(code):
    at = 12
    while at < len(code):
        size = 4 if code[at] == "b" else 3
        yield at, code[at : at + size]
        at += size


def apart(one, other):
    """The distance as the brief has it, None: too far."""
    shared = [place for place in chopped(one) if place in chopped(other)]
    if not shared:
        return None
    costs = {"b": 0, "c": 1, "g": 2}
    last = shared[-1]
    if len(last) > 12:
        return costs[[mark for mark in last if mark.isalpha()][-1]]
    return 4 if len(last) == 12 else 9


def price(targets, people, limit, skill):
    """What this choice costs, None if it is not allowed; a person "" is nobody."""
    total, carried = 0, Counter()
    for target, who in zip(targets, people, strict=True):
        if who is None:
            continue
        distance = apart(target.code, who.residence)
        load = who.load + carried[who.person]
        if distance is None or load >= limit:
            return None
        carried[who.person] += 1
        total += distance + load + (3 if skill and skill not in who.skills else 0)
    return total


def best(targets, candidates, limit, skill):
    """Most targets covered, then least cost: by trying everything."""
    found = []
    for people in product([*candidates, None], repeat=len(targets)):
        cost = price(targets, people, limit, skill)
        if cost is not None:
            found.append((people.count(None), cost))
    return min(found)


@given(cases(4, 4))
@settings(max_examples=300, deadline=None)
def test_nothing_cheaper_can_be_found_by_trying_everything(case):
    targets, candidates, limit, skill = case
    found = propose(targets, candidates, limit=limit, skill=skill)
    assert [p.key for p in found] == [t.key for t in targets]
    who = {c.person: c for c in candidates}
    people = [who.get(p.person) for p in found]
    total = sum(p.score for p in found)
    assert price(targets, people, limit, skill) == total
    assert (people.count(None), total) == best(targets, candidates, limit, skill)


@given(cases(12, 30))
@settings(max_examples=200, deadline=None)
def test_leaving_seats_out_costs_nothing(case):
    targets, candidates, limit, skill = case
    found = propose(targets, candidates, limit=limit, skill=skill)
    covered = total = 0
    for street in sorted({t.code[:9] for t in targets}):
        here = [t for t in targets if t.code[:9] == street]
        living = [c for c in candidates if c.residence[:9] == street]
        pairs = dict(_assigned(here, _seats(living, limit, skill)))
        covered += len(pairs)
        total += price(here, [pairs.get(t) for t in here], limit, skill)
    assert covered == sum(bool(p.person) for p in found)
    assert total == sum(p.score for p in found)


@given(cases(12, 30), st.randoms(use_true_random=False))
@settings(max_examples=200, deadline=None)
def test_every_proposal_is_allowed_and_the_order_of_input_is_nothing(case, random):
    targets, candidates, limit, skill = case
    found = propose(targets, candidates, limit=limit, skill=skill)
    who = {c.person: c for c in candidates}
    code = {t.key: t.code for t in targets}
    carried = Counter(p.person for p in found if p.person)
    assert all(who[p].load + n <= limit for p, n in carried.items())
    for p in found:
        if p.person:
            home = who[p.person].residence
            assert home[:9] == code[p.key][:9]
            assert DISTANCES[p.distance].cost == apart(code[p.key], home)
            assert p.skilled == (not skill or skill in who[p.person].skills)
    random.shuffle(targets)
    random.shuffle(candidates)
    assert propose(targets, candidates, limit=limit, skill=skill) == found


def test_two_thousand_buildings_of_one_street_are_a_matter_of_seconds():
    buildings = [
        f"310117001{community:03}c{compound:02}b{building:03}"
        for community in range(1, 41)
        for compound in range(1, 6)
        for building in range(1, 11)
    ]
    candidates = [
        someone(f"h-{n:05}", buildings[n * 7 % 2000 // 2], load=n % 3)
        for n in range(15_100)
    ]
    found = propose([Target(b, b) for b in buildings], candidates, limit=3)
    assert all(p.person for p in found)
