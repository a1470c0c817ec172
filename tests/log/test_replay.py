"""Whatever is ordered in whatever order: what is known is what the log says."""

import asyncio
import itertools
import shutil
import sys
from collections import Counter
from functools import reduce

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coordination.areas.decide import LocalPlan, RegisterGround, SitePlan
from coordination.areas.events import PlannedFunction
from coordination.areas.state import area_stream
from coordination.deadlines.due import due
from coordination.folding import Reader
from coordination.kernel import CommandRefused, Stream, Streams
from coordination.mode.decide import DeclareEmergency, EndEmergency
from coordination.mode.events import (
    DeadlinePassed,
    EmergencyDeclared,
    EmergencyEnded,
    StepAcknowledged,
    StepCompleted,
)
from coordination.mode.plans import PublishPlaybook
from coordination.mode.state import EMERGENCIES
from coordination.mode.steps import AcknowledgeStep, CompleteStep
from coordination.refusals import Refusal
from coordination.stock.state import batch_stream, lot_stream, stock_stream
from coordination.tree import Place, community_of
from tests.given import (
    ADMINISTRATOR,
    COMMANDER,
    COMMUNITY_11,
    COMMUNITY_12,
    COMMUNITY_21,
    COMMUNITY_22,
    EPIDEMIC_PLAN,
    EPIDEMIC_TEXT,
    FLOOD_PLAN,
    FLOOD_TEXT,
    GRID,
    IMPORT,
    LONG,
    MINUTE,
    NODES,
    NOW,
    SERVICE,
    SONGJIANG,
    STREET_1,
    STREET_2,
    all_rows,
    by,
    door,
    envelope_of,
    event_of,
    receipts_of,
    root_of,
)

PLANS = {"flood": FLOOD_PLAN.playbook, "epidemic": EPIDEMIC_PLAN.playbook}
STEPS = [
    *("open-doors", "set-beds", "call-doctor", "hang-banner", "clean-up"),
    *("wire-up", "mark-lanes", "disinfect"),
]
STANDS_IN = [COMMUNITY_11, COMMUNITY_12, COMMUNITY_21, COMMUNITY_22, GRID]
MADE = (area_stream("1"), stock_stream("1", "1"), lot_stream("1", "1"),
        batch_stream("1", "1"))  # fmt: skip
BEGUN = {
    one.evolve: one.initial
    for module in [m for name, m in sys.modules.items() if "coordination." in name]
    for one in [*vars(module).values(), *MADE]
    if isinstance(one, Stream | Streams)
}
"""What the states of each stream begin as."""
SITES = [f"{place.path}-s1" for place in STANDS_IN]
NAMED = [SONGJIANG, STREET_1, STREET_2, *STANDS_IN]

places = st.lists(st.sampled_from(NAMED), unique=True, max_size=3).map(tuple)
emergencies = st.sampled_from(["e1", "e2", "e3", "e4"])
sites = st.sampled_from(SITES)
steps = st.sampled_from(STEPS)


def area_of(site: str) -> Place:
    """Return the area a site of the small city stands in."""
    return STANDS_IN[SITES.index(site)]


def ground(site: str, function: str) -> RegisterGround:
    """Return the registration of a site, with the grids of the first community."""
    area = area_of(site)
    planned = (
        PlannedFunction("flood", function),
        PlannedFunction("epidemic", "sampling-point"),
    )
    return RegisterGround(
        street=f"{area.path[:9]}000",
        local=(LocalPlan(COMMUNITY_11.code, NODES),) if area == GRID else (),
        sites=(SitePlan(site, area.code, "站", "centre", planned),),
    )


def declare(emergency, hazard, level, scope, excluded):
    """Return the declaration of an emergency by its plan."""
    return DeclareEmergency(
        emergency=emergency,
        hazard=hazard,
        level=level,
        scope=scope,
        excluded=excluded,
        matter="m",
        measures="m",
        expected_hours=24,
        playbook=PLANS[hazard],
        basis="b",
    )


BEGINNING = [
    (IMPORT, ADMINISTRATOR),
    (PublishPlaybook(playbook="flood-plan", text=FLOOD_TEXT), ADMINISTRATOR),
    (PublishPlaybook(playbook="epidemic-plan", text=EPIDEMIC_TEXT), ADMINISTRATOR),
    *((ground(site, "shelter"), ADMINISTRATOR) for site in SITES),
]
ORDERS = st.one_of(
    st.builds(
        declare,
        emergencies,
        st.sampled_from(list(PLANS)),
        st.sampled_from([3, 3, 4, 4, 2]),
        places,
        places,
    ),
    emergencies,  # ends that emergency
    st.builds(AcknowledgeStep, site=sites, step=steps),
    st.builds(CompleteStep, site=sites, step=steps),
    st.integers(1, 90),  # so many minutes pass, and the timer ticks
    st.builds(ground, sites, st.sampled_from(["shelter", "command-post"])),
)


class Run:
    """Gives commands one after the other and keeps the time."""

    def __init__(self, handler):
        self.handler = handler
        self.now = NOW
        self.given = 0

    async def give(self, command, actor, command_id=None):
        """Give a command; a refusal is as good an answer as a receipt."""
        self.given += 1
        who = by(command_id or f"c{self.given}", actor)
        try:
            return await self.handler.handle(command, who, self.now)
        except Refusal:
            return None

    async def tick(self):
        """Record what is due, as the timer does."""
        read = Reader(self.handler.states)
        for command_id, command in list(due(read, self.now)):
            assert await self.give(command, SERVICE, command_id)
        assert list(due(Reader(self.handler.states), self.now)) == []

    async def order(self, order):
        """Carry out one order that is no passing of time."""
        if isinstance(order, str):
            order = EndEmergency(emergency=order, basis="b")
        registers = isinstance(order, RegisterGround)
        await self.give(order, ADMINISTRATOR if registers else COMMANDER)

    async def follow(self, bursts):
        """Carry out bursts of orders, those of one burst at the same time."""
        for burst in bursts:
            for minutes in burst:
                if isinstance(minutes, int):
                    self.now += minutes * MINUTE
                    await self.tick()
            others = [order for order in burst if not isinstance(order, int)]
            await asyncio.gather(*(self.order(order) for order in others))


async def begin(handler):
    """Register the city, its plans and its sites."""
    for number, (command, actor) in enumerate(BEGINNING):
        await handler.handle(command, by(f"begin{number}", actor), NOW)


@pytest.fixture(scope="module")
def city(tmp_path_factory):
    """A function that gives the address of a log with the city in it."""
    folder = tmp_path_factory.mktemp("replay")
    with door(folder / "city.db") as handler:
        asyncio.run(begin(handler))
    numbers = itertools.count()

    def copy():
        path = folder / f"{next(numbers)}.db"
        shutil.copy(folder / "city.db", path)
        return path

    return copy


def check_states(handler, rows):
    """Assert that each state kept is what its stream folds to.

    It may be an older one, known to be so by its version, where another fold of the
    same stream wrote: then it costs a retry. What decides on the index is current.
    """
    for (stream_id, evolve), (version, state) in handler.states._known.items():
        own = [event_of(row) for row in rows if row.stream == stream_id]
        assert version == len(own) or evolve is not EMERGENCIES.evolve
        begun = BEGUN[evolve]
        assert reduce(evolve, own[:version], begun) == state


def key_of(fact):
    """Return what a step of a site is known by."""
    return fact.site, fact.emergency, fact.phase, fact.step, fact.round


def check_log(rows):
    """Assert the rules of DOMAIN §3 that show in the log."""
    active, declared, done, seen, passed = {}, [], Counter(), Counter(), Counter()
    for row in rows:
        fact, said = event_of(row), envelope_of(row)
        assert said.actor
        assert said.role
        assert said.command
        assert said.occurred_us >= NOW
        assert fact.stream == row.stream
        assert row.name == fact.NAME
        match fact:
            case EmergencyDeclared():
                active[fact.emergency] = fact
                declared.append(fact.emergency)
                assert fact.level >= 3
            case EmergencyEnded():
                del active[fact.emergency]
            case StepCompleted():
                done[key_of(fact)] += 1
                assert fact.phase == "recover" or fact.emergency in active
            case StepAcknowledged():
                key = key_of(fact)
                seen[key] += 1
                assert key not in done
            case DeadlinePassed():
                passed[fact.emergency, fact.phase, fact.step, fact.due_us] += 1
                assert fact.due_us <= fact.noticed_us
            case CommandRefused():
                assert said.command.startswith("refused:")
    for counted in (done, seen, passed, Counter(declared)):
        assert set(counted.values()) <= {1}, counted


def check_table(handler, rows):
    """Assert that receipts, seq, versions and the root follow from the rows."""
    assert [row.seq for row in rows] == list(range(1, len(rows) + 1))
    versions = Counter()
    for row in rows:
        versions[row.stream] += 1
        assert row.version == versions[row.stream]
    for command, receipt in receipts_of(rows).items():
        assert handler.log.recorder.receipt(command) == receipt
    root = handler.log.recorder.head().frontier().root()
    assert root == root_of([row.leaf for row in rows])


BURSTS = st.lists(st.lists(ORDERS, min_size=1, max_size=4), max_size=15)


@given(bursts=BURSTS)
@settings(max_examples=25 if LONG else 12, deadline=None)
def test_live_states_are_the_states_of_the_log_and_the_rules_hold(city, bursts):
    """After any commands, the kept states equal those folded from the first event."""
    with door(city()) as handler:
        asyncio.run(Run(handler).follow(bursts))
        rows = all_rows(handler.log)
        check_log(rows)
        check_table(handler, rows)
        check_states(handler, rows)


SWITCHES = st.one_of(
    st.builds(declare, emergencies, st.just("flood"), st.just(3), places, places),
    emergencies,
    st.integers(30, 200),
)


@given(bursts=st.lists(st.lists(SWITCHES, min_size=1, max_size=2), max_size=8))
@settings(max_examples=10, deadline=None)
def test_a_log_opened_again_folds_the_same_states(city, bursts):
    """A second process knows what the first knew, and what is due."""
    path = city()
    with door(path) as handler:
        run = Run(handler)
        asyncio.run(run.follow(bursts))
        before = Reader(handler.states)(EMERGENCIES)
        waiting = list(due(Reader(handler.states), run.now + 60 * MINUTE))
    with door(path) as handler:
        read = Reader(handler.states)
        assert read(EMERGENCIES) == before
        assert list(due(read, run.now + 60 * MINUTE)) == waiting


def test_the_sites_of_these_tests_stand_where_they_say():
    """Each site's id begins with its community's code."""
    assert {community_of(site)[:9] for site in SITES} == {STREET_1.path, STREET_2.path}
