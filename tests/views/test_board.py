"""The board against a slow model of the rules, whatever is ordered."""

from __future__ import annotations

import asyncio
import json

import pytest
from hypothesis import given, settings

from coordination.mode.sites import site_stream
from coordination.mode.state import EMERGENCIES
from coordination.mode.steps import (
    AcknowledgeStep,
    CompleteStep,
    acknowledge,
    complete,
)
from coordination.refusals import Refusal
from projections.board import AREA, GROUND, LOCAL, ORDER, PLAN
from projections.progress import PROGRESS, touches
from projections.rollup import by_site
from projections.runner import Runner
from projections.store import open_views
from tests.given import (
    ADMINISTRATOR,
    BUILDING,
    COMMUNITY_11,
    COMMUNITY_12,
    COMPOUND,
    GRID,
    LONG,
    OFFICIAL,
    PARENTS,
    SONGJIANG,
    STREET_1,
    door,
)
from tests.given import (
    LOCAL as LOCAL_PLACES,
)
from tests.views.city import (
    CHANGING,
    SITES,
    STEPS,
    SWITCHING,
    VIEWS,
    City,
    Standing,
    check_rebuilt,
    content,
    declare,
    ground,
    model,
    plan,
    runs,
    tables_of,
)

BOARD_TABLES = (AREA, LOCAL, GROUND, PROGRESS, ORDER, PLAN)


class Watched:
    """A city with its views, followed command by command."""

    def __init__(self, handler, home=":memory:"):
        self.city = City(handler)
        self.engine = open_views(home)
        self.runner = Runner(self.city.log, self.engine, VIEWS)
        self.pictures = {}

    def catch_up(self):
        """Bring the views to the head; return it."""
        head = self.runner.catch_up()
        assert self.runner.quarantined == []
        assert head == self.city.log.head().seq
        return head

    def check(self):
        """Assert everything that must hold after any command."""
        head, facts = self.catch_up(), self.city.facts()
        check_rebuilt(self.city.log, self.engine, VIEWS, head)
        with self.engine.connect() as c:
            rows = by_site(PROGRESS.select(c, at=None))
            orders = {row.emergency: row for row in ORDER.select(c, at=None)}
            self.pictures[head] = {
                table: set(table.select(c, at=None)) for table in BOARD_TABLES
            }
        expected = shown_of(model(facts), rows)
        assert {site: standings(found) for site, found in rows.items()} == {
            site: {key: without_list(known) for key, known in duties.items()}
            for site, duties in expected.items()
        }
        check_counts(rows, expected)
        check_state(self.city, rows, orders)
        check_decisions(self.city, expected)

    def check_past(self):
        """Assert that each position shows what was there when it was the head."""
        with self.engine.connect() as c:
            for seq, tables in self.pictures.items():
                for table, rows in tables.items():
                    assert set(table.select(c, at=seq)) == rows


def shown_of(expected, rows):
    """Return the model's duties less those the board no longer has to show.

    A finished recovery of an emergency that is over may give up its slot.
    """
    return {
        site: {
            key: duty
            for key, duty in duties.items()
            if (duty.phase, duty.mode, duty.over) != ("recover", "PEACETIME", True)
            or any(row.emergency == key for row in rows[site])
        }
        for site, duties in expected.items()
    }


def standings(rows):
    """Return the duties in a site's rows as the model says them."""
    return {row.emergency: standing(row) for row in rows if row.emergency}


def standing(row):
    """Return a row of the board as the model says it."""
    left = {"D": set(), "A": set()}
    for what, step, _ in touches(row.steps):
        if what in left:
            left[what].add(step)
        else:  # taken back
            left[{"T": "D", "U": "A"}[what]].remove(step)
    done, seen = left["D"], left["A"]
    since = [tuple(map(int, pair.split(":"))) for pair in row.since.split(";")]
    return Standing(
        mode=row.mode,
        function=row.function,
        level=row.level,
        phase=row.phase,
        round=row.round,
        since=since,
        done=done,
        acknowledged=seen - done,
        late=set(filter(None, row.late_steps.split(","))),
    )


def without_list(known):
    """Return the model's duty without its checklist, which a row does not hold."""
    return Standing(**{**vars(known), "listed": [], "over": False})


def check_counts(rows, expected):
    """Assert that each row's counts are those of the model's sets."""
    for site, duties in expected.items():
        for row in rows[site]:
            if row.emergency is None:
                assert (row.total, row.mode) == (0, "PEACETIME")
                continue
            known = duties[row.emergency]
            counted = row.total, row.done, row.acknowledged, row.late
            listed = set(known.listed)
            sets = listed, known.done & listed, known.acknowledged & listed, known.late
            assert counted == tuple(map(len, sets)), row


def check_state(city, rows, orders):
    """Assert that what decisions fold says the same as the board."""
    read = city.read
    emergencies = read(EMERGENCIES).all
    assert set(emergencies) == set(orders)
    for key, known in emergencies.items():
        row = orders[key]
        assert (row.ended_us, row.level) == (known.ended_us, known.level)
        places = [[p.code, p.level] for p in known.newest.scope]
        assert [[p["code"], p["level"]] for p in json.loads(row.scope)] == places
    for site, found in rows.items():
        folded = read(site_stream(site))
        assert folded.registered
        for row in found:
            if row.emergency is None:
                continue
            listed = folded.checklist(row.emergency, row.phase, row.round)
            shown = standing(row)
            assert listed.done == shown.done
            assert listed.acknowledged - listed.done == shown.acknowledged


def check_decisions(city, expected):
    """Assert that a step can be taken exactly where the rules call it open."""
    read = city.read
    for site, duties in expected.items():
        for step in STEPS:
            for emergency in duties or [""]:
                known = duties.get(emergency, NOTHING)
                still = step in known.listed and step not in known.done
                unseen = still and step not in known.acknowledged
                said = {"site": site, "step": step, "emergency": emergency}
                done = accepts(complete, read, CompleteStep(**said), city.now)
                assert done == still, said
                seen = accepts(acknowledge, read, AcknowledgeStep(**said), city.now)
                assert seen == unseen, said


NOTHING = Standing("PEACETIME", "", 0, "", 0, [])


def accepts(decide, read, command, now):
    """Tell whether a decision gives facts."""
    try:
        return bool(decide(read, command, now))
    except Refusal:
        return False


@given(orders=runs(*SWITCHING, *CHANGING))
@settings(max_examples=25 if LONG else 12, deadline=None)
def test_live_rebuilt_model_past_and_decisions_agree(small_city, orders):
    """After each command all five say the same of every site."""
    with door(small_city()) as handler:
        watched = Watched(handler)

        async def follow():
            watched.check()
            for order in orders:
                await watched.city.follow(order)
                watched.check()

        asyncio.run(follow())
        watched.check_past()
        watched.runner.stop()


@pytest.fixture
def watched(small_city):
    """The small city with views."""
    with door(small_city()) as handler:
        watched = Watched(handler)
        yield watched
        watched.runner.stop()


def row_of(watched, site):
    """Return a site's row now."""
    watched.catch_up()
    with watched.engine.connect() as c:
        return PROGRESS.get(c, site, at=None)


SITE = "310117001001-s1"  # a shelter in a flood, in the first community


def test_a_site_goes_round_the_four_modes(watched):
    """平时 → 转换中 → 战时 → 恢复中 → 平时, each with the last mandatory step."""

    async def follow():
        city, seen = watched.city, [row_of(watched, SITE).mode]
        await city.give(declare("e", SONGJIANG, level=4))
        seen.append(row_of(watched, SITE).mode)
        await city.give(CompleteStep(site=SITE, step="open-doors"))
        await city.give(CompleteStep(site=SITE, step="hang-banner"))
        seen.append(row_of(watched, SITE).mode)
        await city.give(CompleteStep(site=SITE, step="set-beds"))
        seen.append(row_of(watched, SITE).mode)
        await city.end("e")
        seen.append(row_of(watched, SITE).mode)
        await city.give(CompleteStep(site=SITE, step="clean-up"))
        seen.append(row_of(watched, SITE).mode)
        return seen

    assert asyncio.run(follow()) == [
        "PEACETIME",
        "CONVERTING",
        "CONVERTING",
        "EMERGENCY",
        "RECOVERING",
        "PEACETIME",
    ]


def test_a_late_step_that_is_done_is_late_no_more(watched):
    """Late is open and past its deadline; the past still shows that it was late."""

    async def follow():
        await watched.city.give(declare("e", SONGJIANG))
        await watched.city.tick(35)
        before = watched.catch_up()
        late = row_of(watched, SITE)
        await watched.city.give(CompleteStep(site=SITE, step="open-doors"))
        return before, late, row_of(watched, SITE)

    before, late, now = asyncio.run(follow())
    assert (late.late, late.late_steps) == (1, "open-doors")
    assert (now.late, now.late_steps) == (0, "")
    with watched.engine.connect() as c:
        assert PROGRESS.get(c, SITE, at=before) == late


# --- sites that are registered while an emergency is on -------------------------------

LATER = "310117001002-s7"  # stands from the test on
SITES_BEFORE_AND_AFTER = [
    # what is registered anew, what it becomes, the step somebody then takes
    ("a new site", LATER, {"flood": "shelter"}, "open-doors"),
    ("a site that was planned for nothing", "310117001001-s2", {"flood": "shelter"},
     "open-doors"),
    ("a site that was planned for another hazard", "310117001002-s1",
     {"flood": "shelter"}, "open-doors"),
    ("a site that becomes something else", SITE, {"flood": "command-post"}, "wire-up"),
    ("a site that keeps its old list", SITE, {"flood": "command-post"}, "open-doors"),
    ("a site planned for nothing any more", SITE, {}, "open-doors"),
]  # fmt: skip


def registration(site, planned):
    """Return the registration of a site that may be no site of the city yet."""
    if site in SITES:
        return ground(plan(site, planned))
    of = plan("310117001002-s1", planned)
    return ground(type(of)(**{f: getattr(of, f) for f in of.__struct_fields__}
                           | {"site": site}))  # fmt: skip


@pytest.mark.parametrize("ended", [False, True], ids=["active", "ended"])
@pytest.mark.parametrize(("site", "planned", "step"), [
    pytest.param(*cells, id=sentence) for sentence, *cells in SITES_BEFORE_AND_AFTER
])  # fmt: skip
def test_what_is_registered_after_an_order_is_the_same_to_rules_and_board(
    watched, site, planned, step, ended
):
    """A step that the rules accept stands open on the board, and no other does."""

    async def follow():
        city = watched.city
        await city.give(declare("e", SONGJIANG))
        if ended:
            await city.give(CompleteStep(site=SITE, step="set-beds"))
            await city.end("e")
        await city.give(registration(site, planned), ADMINISTRATOR)
        watched.catch_up()
        row = row_of(watched, site)
        plans = {"shelter": 3, "command-post": 1}
        accepted = []
        for taken in {step, "clean-up", "wire-down"}:
            command = CompleteStep(site=site, step=taken)
            read = city.read
            if accepts(complete, read, command, city.now):
                await city.give(command)
                accepted.append(taken)
        watched.catch_up()  # a poison event shows here
        return row, plans.get(row.function), accepted

    row, _, accepted = asyncio.run(follow())
    if row.phase is None:
        assert accepted == []
    in_force = {
        ("shelter", "convert"): {"open-doors"},
        ("shelter", "recover"): {"clean-up"},
        ("command-post", "convert"): {"wire-up"},
        ("command-post", "recover"): {"wire-down"},
    }.get((row.function, row.phase), set())
    assert set(accepted) == in_force & {step, "clean-up", "wire-down"}


def test_no_step_that_the_door_accepts_can_stop_the_board(watched):
    """A site registered after an emergency ended takes a step of it: no poison."""

    async def follow():
        await watched.city.give(declare("e", SONGJIANG))
        await watched.city.end("e")
        planned = {"flood": "shelter"}
        await watched.city.give(registration(LATER, planned), ADMINISTRATOR)
        read = watched.city.read
        for kind, decide in ((AcknowledgeStep, acknowledge), (CompleteStep, complete)):
            command = kind(site=LATER, step="clean-up")
            if accepts(decide, read, command, watched.city.now):
                await watched.city.give(command)

    asyncio.run(follow())
    watched.runner.catch_up()
    assert watched.runner.quarantined == []


# --- the ground ----------------------------------------------------------------------


def test_areas_stand_under_their_parents(watched):
    """Official and local areas each name the area they lie in."""
    watched.catch_up()
    with watched.engine.connect() as c:
        areas = {row.code: row for row in AREA.select(c, at=None)}
        local = {row.code: row for row in LOCAL.select(c, at=None)}
    assert set(areas) == {place.code for place in OFFICIAL}
    assert set(local) == {place.code for place in LOCAL_PLACES}
    for place, parent in PARENTS.items():
        row = {**areas, **local}[place.code]
        assert (row.level, row.path) == (place.level, place.path)
        if place in OFFICIAL:
            assert row.parent == (parent.code if parent else "")


@pytest.mark.parametrize(("place", "parent"), [
    (GRID, COMMUNITY_11), (COMPOUND, GRID), (BUILDING, COMPOUND),
], ids=["grid", "compound", "building"])  # fmt: skip
def test_a_local_area_stands_under_the_one_it_lies_in(watched, place, parent):
    """A building lies in its compound, a compound in its grid."""
    watched.catch_up()
    with watched.engine.connect() as c:
        assert LOCAL.get(c, place.code, at=None).parent == parent.code


def test_a_renamed_area_keeps_its_past_name_in_the_past(watched):
    """As of a position an area is called what it was called then."""
    before = watched.catch_up()

    async def follow():
        await watched.city.follow(("rename", STREET_1, "岳阳街道"))

    asyncio.run(follow())
    after = watched.catch_up()
    with watched.engine.connect() as c:
        assert AREA.get(c, STREET_1.code, at=before).name == "street"
        assert AREA.get(c, STREET_1.code, at=after).name == "岳阳街道"
        assert len(AREA.history(c, COMMUNITY_12.code)) == 1


def test_the_views_of_a_city_on_a_server_are_those_in_a_file(small_city, pg_dsn):
    """The same morning gives the same rows on either database."""
    with door(small_city()) as handler:
        one, other = Watched(handler), Watched(handler, pg_dsn)

        async def follow():
            await one.city.give(declare("e", SONGJIANG, without=(COMMUNITY_12,)))
            one.catch_up()
            other.catch_up()
            await one.city.tick(50)
            await one.city.give(CompleteStep(site=SITE, step="open-doors"))
            await one.city.end("e")

        asyncio.run(follow())
        one.catch_up()
        other.catch_up()
        with one.engine.connect() as c, other.engine.connect() as d:
            tables = tables_of(VIEWS)
            assert content(c, tables) == content(d, tables)
        one.runner.stop()
        other.runner.stop()
