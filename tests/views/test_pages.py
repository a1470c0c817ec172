"""The command screen's picture and what is sent to bring it up to date."""

from __future__ import annotations

import asyncio
import copy

import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st

from api.pages.board import Looking, drawn, gathered, picture
from api.pages.board_delta import delta
from coordination.areas.state import UnknownArea
from coordination.mode.decide import VoidEmergency
from coordination.mode.steps import AcknowledgeStep, CompleteStep
from projections.board_view import BOARD
from projections.names import Names
from projections.runner import Runner
from projections.store import open_views
from projections.timeline import TIMELINE
from tests.api.test_stream import late_after
from tests.given import (
    ADMINISTRATOR,
    COMMUNITY_11,
    COMMUNITY_12,
    GRID,
    SHANGHAI,
    SONGJIANG,
    STREET_1,
    STREET_2,
    door,
)
from tests.views.city import (
    ALL_VIEWS,
    SITES,
    SWITCHING,
    City,
    declare,
    ground,
    plan,
    rename,
    runs,
)

WATCHED = [SHANGHAI, SONGJIANG, STREET_1, COMMUNITY_11, COMMUNITY_12]
LIVE = ["seq", "recorded_at", "mode", "ordered", "converted", "reach",
        "level_below", "level", "excluded", "counts", "emergencies", "late",
        "late_total", "vacancies", "vacancies_total", "gaps_total", "supplies",
        "alarms", "approvals", "orders", "conflicts", "conflicts_total", "children",
        "tiles", "sites", "facts"]  # fmt: skip
"""What the contract sends to a live screen."""
MERGED = {"children": "code", "tiles": "code", "sites": "id"}
FACTS_SHOWN = 30


class Screens:
    """A city and its screens: what each area's looked like at each position."""

    def __init__(self, handler):
        self.city = City(handler)
        self.engine = open_views(":memory:")
        self.runner = Runner(self.city.log, self.engine, ALL_VIEWS)
        self.drawn = {}

    def looking(self, c):
        """Return what pictures are made from."""
        return Looking(c, self.city.log, self.runner.seq, lambda account: account)

    def draw(self, place, at=None):
        """Return a picture of an area."""
        with self.engine.connect() as c:
            return picture(self.looking(c), place.code, at)

    def show(self):
        """Draw what is watched, as it is now."""
        seq = self.runner.catch_up()
        for place in WATCHED:
            self.drawn[place, seq] = self.draw(place)

    def delta(self, before, after):
        """Return what brings one picture to the other."""
        with self.engine.connect() as c:
            return delta(self.looking(c), before, after)


@pytest.fixture
def screens(small_city):
    """The small city's screens."""
    with door(small_city()) as handler:
        screens = Screens(handler)
        yield screens
        screens.engine.dispose()


def merge(before, message):
    """Do what a screen does with a message: merge by key, replace, prepend."""
    after = copy.deepcopy(before)
    if message is None:
        return after
    for name, value in message.items():
        if name in MERGED:
            key = MERGED[name]
            known = {entry[key]: entry for entry in after[name]}
            known |= {entry[key]: entry for entry in value}
            after[name] = [known[k] for k in sorted(known)]
        elif name == "facts":
            told = {fact["seq"]: fact for fact in after[name] + value}
            after[name] = [told[seq] for seq in sorted(told, reverse=True)][
                :FACTS_SHOWN
            ]
        elif name == "late":
            after[name] = late_after(after[name], value)
        else:
            after[name] = value
    return after


def assert_merged(screens, before, after, *, ignore=()):
    """Assert that a screen that showed one picture shows the other after a delta."""
    message = screens.delta(before, after)
    if message is not None:
        assert set(message) <= set(LIVE)
        whole = set(message) - {"seq", "recorded_at", "facts", *MERGED}
        assert all(before[name] != after[name] for name in whole)
    merged = merge(before, message)
    for name in LIVE:
        if name in ignore or (message is None and name in ("seq", "recorded_at")):
            continue
        key = MERGED.get(name)
        one, other = (
            [sorted(p[name], key=lambda e: e[key]) if key else p[name]
             for p in (merged, after)]
        )  # fmt: skip
        assert one == other, name


def changed_by(seed, known):
    """Return which two of the known positions to compare."""
    seqs = sorted(known)
    return seqs[seed[0] % len(seqs)], seqs[seed[1] % len(seqs)]


pairs = st.lists(st.tuples(st.integers(0, 99), st.integers(0, 99)), min_size=4,
                 max_size=4)  # fmt: skip


@given(orders=runs(*SWITCHING, size=8), pairs=pairs)
@settings(max_examples=3, deadline=None)
def test_the_past_stays_as_it_was_drawn_and_deltas_lead_from_any_to_any(
    small_city, orders, pairs
):
    """picture(at=s) is what was live at s; a delta from s to t makes it that of t."""
    with door(small_city()) as handler:
        screens = Screens(handler)

        async def follow():
            screens.show()
            for order in orders:
                await screens.city.follow(order)
                screens.show()

        asyncio.run(follow())
        head = screens.runner.seq
        for (place, seq), live in screens.drawn.items():
            then = screens.draw(place, seq)
            assert then["head"] == head
            assert then["at"] == seq
            assert {**then, "head": seq, "at": None} == live
        for pair in pairs:
            for place in WATCHED:
                known = [seq for area, seq in screens.drawn if area == place]
                one, other = sorted(changed_by(pair, known))
                before, after = screens.draw(place, one), screens.draw(place, other)
                assert_merged(screens, before, after)
        screens.engine.dispose()


def test_a_voided_declaration_is_marked_on_a_screen_that_shows_it(small_city):
    """Its sentence, and those of what was done under it, are told anew by the delta."""
    with door(small_city()) as handler:
        screens = Screens(handler)
        asyncio.run(screens.city.give(declare("v", STREET_1, level=4)))
        screens.show()
        asyncio.run(screens.city.give(VoidEmergency(emergency="v", reason="误发")))
        screens.show()
        drawn = [screens.drawn[key] for key in screens.drawn if key[0] == STREET_1]
        before, after = drawn[-2:]
        assert any("已作废" in fact["zh"] for fact in after["facts"])
        assert not any("已作废" in fact["zh"] for fact in before["facts"])
        assert_merged(screens, before, after)
        screens.engine.dispose()


def test_what_is_drawn_of_areas_was_gathered_and_asks_for_nothing(morning):
    """However many areas there are: no area, and no child of it, costs a query."""
    with door(morning()) as handler:
        screens = Screens(handler)
        screens.runner.catch_up()
        asked = []
        sa.event.listen(
            screens.engine, "before_cursor_execute", lambda *how: asked.append(how[2])
        )
        with screens.engine.connect() as c:
            found = gathered(screens.looking(c), SONGJIANG.code, Names(c), 0)
            queries = len(asked)
            body = drawn(found)
        assert queries > 0
        assert len(asked) == queries
        assert body["children"]
        assert body["emergencies"]
        screens.engine.dispose()


def test_a_whole_morning_stays_as_it_was_drawn(morning):
    """Alarms, approvals, orders and conflicts too are shown as they were then."""
    with door(morning()) as handler:
        screens = Screens(handler)
        head = screens.city.log.head().seq
        for seq in range(35, head, 9):
            screens.runner.catch_up(upto=seq)
            for place in (SONGJIANG, STREET_1):
                screens.drawn[place, seq] = screens.draw(place)
        screens.runner.catch_up()
        shown = {"alarms": 0, "approvals": 0, "orders": 0, "vacancies": 0,
                 "vacancies_total": 0, "gaps_total": 0}  # fmt: skip
        for (place, seq), live in screens.drawn.items():
            then = screens.draw(place, seq)
            assert {**then, "head": seq, "at": None} == live, (place, seq)
            for name in shown:
                shown[name] += bool(live[name])
        assert all(shown.values()), shown
        screens.engine.dispose()


def test_every_position_in_between_can_be_drawn(screens):
    """Also the middle of what one command recorded is a moment of its own."""

    async def follow():
        await screens.city.give(declare("e", SONGJIANG))
        await screens.city.tick(100)

    began = screens.runner.catch_up()
    asyncio.run(follow())
    head = screens.runner.catch_up()
    previous = screens.draw(SONGJIANG, began)
    for seq in range(began, head + 1):
        shown = screens.draw(SONGJIANG, seq)
        assert shown["seq"] == seq
        assert_merged(screens, previous, shown)
        previous = shown
    assert previous == {**screens.draw(SONGJIANG), "at": head}


def after_a_rename(screens, place, renamed, name):
    """Return the live picture before a rename, and that moment drawn after it."""
    asyncio.run(screens.city.give(declare("e", SONGJIANG, without=(COMMUNITY_12,))))
    asyncio.run(screens.city.tick(35))
    seq = screens.runner.catch_up()
    before = screens.draw(place)
    if renamed in SITES:
        asyncio.run(screens.city.give(ground(plan(renamed, name=name)), ADMINISTRATOR))
    else:
        asyncio.run(screens.city.give(rename(renamed, name), ADMINISTRATOR))
    screens.runner.catch_up()
    return before, {**screens.draw(place, seq), "at": None, "head": seq}


RENAMED = [
    (SONGJIANG, SONGJIANG),
    (STREET_1, SONGJIANG),
    (COMMUNITY_11, COMMUNITY_11),
    (SONGJIANG, COMMUNITY_12),
    (SONGJIANG, "310117001001-s1"),
]


@pytest.mark.parametrize(("place", "renamed"), RENAMED)
def test_the_past_does_not_know_a_later_name(screens, place, renamed):
    """What was on the screen then is shown, also after something got another name."""
    before, then = after_a_rename(screens, place, renamed, "新名")
    for key in ("ancestors", "area", "emergencies", "late", "sites", "children",
                "facts"):  # fmt: skip
        assert then[key] == before[key], key


def test_a_screen_learns_of_a_new_name_below_it(screens):
    """A renamed street reaches the district's screen."""
    before = (screens.runner.catch_up(), screens.draw(SONGJIANG))[1]
    asyncio.run(screens.city.give(rename(STREET_2, "新街道"), ADMINISTRATOR))
    screens.runner.catch_up()
    assert_merged(screens, before, screens.draw(SONGJIANG), ignore=("facts",))


def test_nothing_new_is_no_message(screens):
    """A screen of an area where nothing happened hears nothing."""
    screens.runner.catch_up()
    before = screens.draw(COMMUNITY_12)
    asyncio.run(screens.city.give(declare("e", STREET_2)))
    asyncio.run(
        screens.city.give(CompleteStep(site="310117002001-s1", step="open-doors"))
    )
    screens.runner.catch_up()
    assert screens.delta(before, screens.draw(COMMUNITY_12)) is None


def test_an_area_that_is_not_there_yet_cannot_be_drawn(screens):
    """Neither an unknown one nor a known one before it was registered."""
    screens.runner.catch_up()
    for place, at in ((SHANGHAI, 0), (STREET_2, 1), (GRID, 1)):
        with pytest.raises(UnknownArea):
            screens.draw(place, at)


def test_a_grid_has_a_screen_of_its_own(screens):
    """What lies below a community can be ordered, so it can be looked at."""
    screens.runner.catch_up()
    shown = screens.draw(GRID)
    assert shown["area"]["level"] == "grid"
    above = [area["code"] for area in shown["ancestors"]]
    assert above[-2:] == [GRID.code[:9] + "000", GRID.code[:12]]
    assert all(site["area"] == GRID.code for site in shown["sites"])


def test_a_position_beyond_the_head_shows_the_head(screens):
    """Asked for the future, a screen shows now and says so."""
    head = screens.runner.catch_up()
    assert screens.draw(STREET_1, head + 100)["seq"] == head


def test_a_board_that_is_ahead_of_the_timeline_can_be_drawn(screens):
    """Views advance one after the other: a screen drawn in between must not fail."""

    async def follow():
        await screens.city.give(declare("e", SONGJIANG))
        await screens.city.give(
            AcknowledgeStep(site="310117001001-s1", step="open-doors")
        )
        await screens.city.give(CompleteStep(site="310117001001-s1", step="set-beds"))

    screens.runner.catch_up()
    asyncio.run(follow())
    Runner(screens.city.log, screens.engine, [BOARD]).catch_up()
    shown = screens.draw(COMMUNITY_11)
    assert shown["seq"] == screens.runner.seq
    assert shown["sites"]
    Runner(screens.city.log, screens.engine, [TIMELINE]).catch_up()
    screens.runner.catch_up()
    states = {
        step["id"]: step["state"]
        for site in screens.draw(COMMUNITY_11)["sites"]
        for step in site["steps"]
        if site["id"] == "310117001001-s1"
    }
    assert states["open-doors"] == "ACKNOWLEDGED"
    assert states["set-beds"] == "DONE"


def test_a_screen_drawn_while_views_advance_shows_one_moment(screens):
    """What is drawn and called seq s is what s looks like when asked for later."""
    screens.runner.catch_up()
    asyncio.run(screens.city.give(declare("e", SONGJIANG)))
    Runner(screens.city.log, screens.engine, [BOARD]).catch_up()
    shown = screens.draw(SONGJIANG)
    screens.runner.catch_up()
    then = screens.draw(SONGJIANG, shown["seq"])
    assert shown["mode"] == then["mode"]
    assert shown["counts"] == then["counts"]
