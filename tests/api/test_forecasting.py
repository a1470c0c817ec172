"""Stock at each hour ahead, exact to the unit, and what a playbook needs."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from api.planning.forecasting import (
    HOUR_US,
    Needed,
    ahead,
    burn,
    cover_hours,
    needs,
    runs_out,
)
from coordination.playbook import MaterialDemand

NOW = 500_000 * HOUR_US + 7


def after(hours):
    """A moment so many hours from now."""
    return NOW + int(hours * HOUR_US)


COURSES = [
    # id, usable, expiries, arrivals, burn, need, units at hours 0, 1, 2, …
    ("nothing used, nothing changes", 5, [], [], 0, 0, [5, 5, 5]),
    ("one an hour", 2, [], [], 1_000, 0, [2, 1, 0, 0]),
    ("the larger of burn and need", 6, [], [], 1_000, 2_000, [6, 4, 2]),
    ("thousandths of a unit add up", 1, [], [], 333, 0, [1, 0, 0, 0, 0]),
    ("41 milli-units are a day for one", 2, [], [], 41, 0, [2, 1, 1]),
    ("an expiry", 9, [(2, 4)], [], 0, 0, [9, 9, 5]),
    ("between two hours", 9, [(1.5, 4)], [], 0, 0, [9, 9, 5]),
    ("expired already", 9, [(0, 4)], [], 0, 0, [5, 5]),
    ("used before it expires", 9, [(2, 2)], [], 1_000, 0, [9, 8, 7, 6]),
    ("the rest of it expires", 9, [(2, 4)], [], 1_000, 0, [9, 8, 5, 4]),
    ("the first to expire first", 9, [(3, 3), (2, 2)], [], 1_000, 0, [9, 8, 7, 4, 3]),
    ("an arrival", 1, [], [(2, 5)], 1_000, 0, [1, 0, 5, 4]),
    ("between two hours it lasts till the end", 1, [], [(1.5, 5)], 2_000, 0, [1, 0, 4]),
    ("two at once", 0, [], [(1, 2), (1, 3)], 0, 0, [0, 5]),
    ("what should be here already is not counted", 0, [], [(-1, 5)], 0, 0, [0, 0]),
    ("what comes later neither", 0, [], [(9, 5)], 0, 0, [0, 0]),
    ("no debts", 0, [], [(3, 5)], 1_000, 0, [0, 0, 0, 5]),
]


def moments(pairs):
    return [(after(hours), units) for hours, units in pairs]


@pytest.mark.parametrize(
    ("usable", "expiries", "arrivals", "burned", "needed", "units"),
    [row[1:] for row in COURSES],
    ids=[row[0] for row in COURSES],
)
def test_hours_ahead(usable, expiries, arrivals, burned, needed, units):
    hours = len(units) - 1
    found = ahead(
        usable, moments(expiries), moments(arrivals), burned, needed, NOW, hours
    )
    assert found == list(enumerate(units))


quarters = st.integers(-4, 24).map(lambda n: Fraction(n, 4))


@given(
    st.integers(0, 12),
    st.lists(st.tuples(quarters, st.integers(1, 9)), max_size=4),
    st.lists(st.tuples(quarters, st.integers(1, 9)), max_size=4),
    st.integers(0, 12),
)
@settings(max_examples=150, deadline=None)
def test_hours_ahead_are_what_a_step_by_step_walk_finds(lasting, lots, arrivals, rate):
    # Rates of whole units a quarter of an hour: a walk by quarters is exact.
    usable = lasting + sum(units for _, units in lots)
    found = ahead(usable, moments(lots), moments(arrivals), rate * 4_000, 0, NOW, 5)
    left = [[at, units] for at, units in sorted(lots) if at > 0]
    expected = [(0, lasting + sum(units for _, units in left))]
    for step in range(1, 21):
        at, used = Fraction(step, 4), rate
        for lot in left:
            part = min(lot[1], used)
            lot[1] -= part
            used -= part
        lasting = max(0, lasting - used)
        left = [lot for lot in left if lot[0] > at]
        lasting += sum(units for when, units in arrivals if when == at)
        if step % 4 == 0:
            expected.append((step // 4, lasting + sum(units for _, units in left)))
    assert found == expected


def test_it_runs_out_in_the_first_hour_below_the_minimum():
    course = [(0, 5), (1, 3), (2, 1), (3, 0), (4, 9)]
    assert [runs_out(course, at) for at in (0, 1, 2, 4, 6)] == [3, 3, 2, 1, 0]
    assert runs_out(course[:3]) is None


def test_hours_of_cover():
    assert cover_hours(10, 3_000) == 3
    assert cover_hours(0, 41) == 0
    assert cover_hours(10, 0) is None
    assert cover_hours(1, 41) == 24


def test_burn_looks_back_a_day():
    this = NOW // HOUR_US
    assert burn({}, NOW) == 0
    assert burn({this: 12, this - 23: 12, this - 24: 999, this + 1: 999}, NOW) == 1_000
    assert burn({this - 3: 1}, NOW) == 41


def asks(item, per_thousand=None, days=0, function=None, per_site=0, **more):
    """What a playbook asks for of an item."""
    return MaterialDemand(
        item=item,
        per_thousand=per_thousand,
        days=days,
        function=function,
        per_site=per_site,
        **more,
    )


NEEDS = [
    # id, demand, stock, daily
    ("of everybody, for days", asks("rice", 400_000, 3), 37_200, 12_400),
    ("each rounded up", asks("mask", 1, 3), 1, 1),
    ("as the catalogue says", asks("mask", None, 2), 62, 31),
    ("… which knows nothing of it", asks("rope", None, 2), 0, 0),
    ("for each site with the function", asks("bed", 0, 0, "shelter", 50), 150, 0),
    ("where there is no such site", asks("bed", 0, 0, "isolation", 50), 0, 0),
    ("both", asks("mask", 1_000, 1, "shelter", 5), 46, 31),
]


def needed(*demands, level=2):
    return needs(
        demands,
        population=31,
        sites={"shelter": 3},
        level=level,
        hazard="epidemic",
        catalogue={("mask", "epidemic"): 1_000, ("rope", "flood"): 7},
    )


@pytest.mark.parametrize(
    ("demand", "stock", "daily"), [r[1:] for r in NEEDS], ids=[r[0] for r in NEEDS]
)
def test_what_a_playbook_needs(demand, stock, daily):
    assert needed(demand) == {demand.item: Needed(stock, daily)}


def test_demands_of_an_item_add_up():
    both = needed(asks("mask", 1_000, 1), asks("mask", 0, 0, "shelter", 5))
    assert both == {"mask": Needed(46, 31)}


def test_a_demand_holds_from_its_level_on():
    demand = asks("mask", 1_000, 1, from_level="II")
    assert [bool(needed(demand, level=n)) for n in (1, 2, 3, 4)] == [True, True, 0, 0]
