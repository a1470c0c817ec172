"""What is ordered at a place (rule 2), beside how far its sites have converted."""

from __future__ import annotations

import asyncio

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coordination.mode.changes import ChangeLevel, NarrowScope
from coordination.mode.decide import EndEmergency
from coordination.mode.steps import CompleteStep
from coordination.tree import covers
from projections.board import Order
from projections.ordered import (
    COVERED,
    EXCLUDED,
    OUTSIDE,
    PARTLY,
    InForce,
    Scope,
)
from projections.rollup import rollup
from projections.runner import Runner
from projections.store import open_views
from tests.given import (
    BUILDING,
    COMMUNITY_11,
    COMMUNITY_12,
    COMMUNITY_21,
    COMPOUND,
    GRID,
    HOUR,
    LOCAL,
    MINUTE,
    NOW,
    OFFICIAL,
    SONGJIANG,
    STREET_1,
    STREET_2,
    door,
)
from tests.views.city import VIEWS, City, declare


def standing(handler, place, at=None):
    """Return mode, reach, level, since and converted of a place."""
    engine = open_views(":memory:")
    Runner(handler.log.recorder, engine, VIEWS).catch_up()
    with engine.connect() as c:
        tree = rollup(c, place.code, at)
        ordered = tree.force.at(tree.root.path)
        found = (
            tree.mode(tree.root),
            tree.force.reach(tree.root.path),
            ordered and ordered.level,
            ordered and ordered.since_us,
            tree.converted(tree.root),
        )
    engine.dispose()
    return found


TABLE = [
    # id, scope, left out, asked, mode, reach
    ("covered", SONGJIANG, (), COMMUNITY_12, "EMERGENCY", COVERED),
    ("left out", SONGJIANG, (STREET_1,), COMMUNITY_12, "PEACETIME", EXCLUDED),
    ("untouched", STREET_2, (), COMMUNITY_12, "PEACETIME", OUTSIDE),
    ("a part", STREET_1, (), SONGJIANG, "PEACETIME", PARTLY),
    ("compound covered", COMPOUND, (), COMPOUND, "EMERGENCY", COVERED),
    ("its building", COMPOUND, (), BUILDING, "EMERGENCY", COVERED),
    ("its community", COMPOUND, (), COMMUNITY_11, "PEACETIME", PARTLY),
    ("compound left out", COMMUNITY_11, (COMPOUND,), BUILDING, "PEACETIME", EXCLUDED),
    ("its grid", COMMUNITY_11, (COMPOUND,), GRID, "EMERGENCY", COVERED),
    ("building left out", COMPOUND, (BUILDING,), BUILDING, "PEACETIME", EXCLUDED),
]


@pytest.mark.parametrize("row", TABLE, ids=[row[0] for row in TABLE])
def test_a_place_is_in_peacetime_only_if_nothing_covers_it(small_city, row):
    """Covered, left out and untouched are three things, down to the building."""
    _, scope, without, asked, mode, reach = row
    with door(small_city()) as handler:
        city = City(handler)
        command = declare("e", scope, without=without)
        asyncio.run(city.give(msgspec.structs.replace(command, level=4)))
        assert standing(handler, asked)[:2] == (mode, reach)


def test_what_asks_nothing_of_its_sites_is_not_in_peacetime(small_city):
    """At level Ⅳ no site of the community converts: ordered, and not converted."""
    with door(small_city()) as handler:
        city = City(handler)
        command = declare("e", SONGJIANG, hazard="epidemic")
        asyncio.run(city.give(msgspec.structs.replace(command, level=4)))
        mode, _, level, since, converted = standing(handler, COMMUNITY_21)
    assert (mode, level, since, converted) == ("EMERGENCY", 4, city.now, "PEACETIME")


def test_since_is_of_the_level_and_the_end_leaves_recovery(small_city):
    """Raised, the level is newer than the order; narrowing elsewhere changes none."""
    with door(small_city()) as handler:
        city = City(handler)
        basis = "防指〔2024〕8号"
        command = declare("e", SONGJIANG)
        asyncio.run(city.give(msgspec.structs.replace(command, level=4)))
        city.now += 10 * MINUTE
        raised = city.now
        step = CompleteStep(site="310117001001-s1", step="open-doors")
        asyncio.run(city.give(step))
        change = ChangeLevel(emergency="e", level=3, raising=True, basis=basis)
        asyncio.run(city.give(change))
        city.now += HOUR
        narrow = NarrowScope(emergency="e", removed=(STREET_2,), basis=basis)
        before = asyncio.run(city.give(narrow)).seq
        assert standing(handler, STREET_1)[2:4] == (3, raised)
        assert standing(handler, STREET_2)[:2] == ("PEACETIME", EXCLUDED)
        asyncio.run(city.give(EndEmergency(emergency="e", basis=basis)))
        over = standing(handler, STREET_1)
        assert over == ("PEACETIME", OUTSIDE, None, None, "RECOVERING")
        assert standing(handler, STREET_1, before)[0] == "EMERGENCY"


PATHS = st.sampled_from([place.path for place in (*OFFICIAL, *LOCAL)])
NAMED = st.lists(PATHS, max_size=3).map(tuple)
ORDER = Order(*["e", "flood", 4, "", "", "[]", "[]", "", "", "", "", "", NOW, NOW, NOW])


@given(
    st.lists(st.tuples(st.integers(1, 4), NAMED, NAMED), max_size=4),
    PATHS,
)
def test_the_gravest_that_covers_is_in_force(orders, path):
    """Rule 2, against a count of all of them."""
    active = [
        Scope(ORDER._replace(emergency=str(n), level=level), inside, outside)
        for n, (level, inside, outside) in enumerate(orders)
    ]
    force = InForce(None, None, active)
    found = [level for level, i, o in orders if covers(i, o, path)]
    ordered = force.at(path)
    assert (ordered and ordered.level) == min(found, default=None)
    assert (force.reach(path) == COVERED) == bool(found)
    assert len(force.covering(path)) == len(found)
