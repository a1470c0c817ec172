"""Whatever is ordered in whatever order: what is known is what the log says."""

import asyncio
from collections import Counter
from functools import reduce

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coordination.areas.decide import LocalPlan, RegisterGround, SitePlan
from coordination.areas.events import PlannedFunction
from coordination.deadlines import due
from coordination.handle import Reader
from coordination.kernel import CommandRefused, Refusal
from coordination.mode.decide import DeclareEmergency, EndEmergency, PublishPlaybook
from coordination.mode.events import (
    DeadlinePassed,
    EmergencyDeclared,
    EmergencyEnded,
    StepAcknowledged,
    StepCompleted,
)
from coordination.mode.state import EMERGENCIES
from coordination.steps.decide import AcknowledgeStep, CompleteStep
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
    MINUTE,
    NODES,
    NOW,
    PARENTS,
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
    emergencies,  # ends that emergency, whatever its scope
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

    async def follow(self, orders):
        """Begin the city and carry the orders out."""
        for command, actor in BEGINNING:
            assert await self.give(command, actor), command
        for order in orders:
            if isinstance(order, int):
                self.now += order * MINUTE
                await self.tick()
            elif isinstance(order, str):
                known = Reader(self.handler.states)(EMERGENCIES).all.get(order)
                scope = known.declared.scope if known else ()
                end = EndEmergency(emergency=order, scope=scope, basis="b")
                await self.give(end, COMMANDER)
            else:
                registers = isinstance(order, RegisterGround)
                await self.give(order, ADMINISTRATOR if registers else COMMANDER)


@pytest.fixture
def new_log(tmp_path):
    """Addresses of empty logs, another one for each example."""
    numbers = iter(range(1_000_000))
    return lambda: tmp_path / f"log-{next(numbers)}.db"


def inside(fact, place):
    """Walk up from a place to the nearest area a declaration names."""
    while place is not None:
        if place in fact.scope or place in fact.excluded:
            return place not in fact.excluded
        place = PARENTS[place]
    return False


def refold(stream_id, initial, evolve, rows):
    """Fold one stream from the first event."""
    own = [event_of(row) for row in rows if row.stream == stream_id]
    return len(own), reduce(evolve, own, initial)


def check_states(handler, rows):
    """Assert that each state kept is the state of its log, or an older, known one."""
    kept = dict(handler.states._known)
    assert kept
    for (stream_id, evolve), (version, state) in kept.items():
        handler.states._known.clear()
        initial = type(state)()
        assert refold(stream_id, initial, evolve, rows) == (version, state)


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
                for other in active.values():
                    shared = [
                        p for p in PARENTS if inside(fact, p) and inside(other, p)
                    ]
                    assert not shared, (fact, other)
                active[fact.emergency] = fact
                declared.append(fact.emergency)
                assert fact.level >= 3
            case EmergencyEnded():
                del active[fact.emergency]
            case StepCompleted():
                done[fact.site, fact.emergency, fact.phase, fact.step] += 1
                assert fact.phase == "recover" or fact.emergency in active
            case StepAcknowledged():
                key = fact.site, fact.emergency, fact.phase, fact.step
                seen[key] += 1
                assert key not in done
            case DeadlinePassed():
                passed[fact.emergency, fact.phase, fact.step] += 1
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


@given(orders=st.lists(ORDERS, max_size=25))
@settings(max_examples=40, deadline=None)
def test_live_states_are_the_states_of_the_log_and_the_rules_hold(
    tmp_path_factory, orders
):
    """After any commands, the kept states equal those folded from the first event."""
    with door(tmp_path_factory.mktemp("replay") / "log.db") as handler:
        asyncio.run(Run(handler).follow(orders))
        rows = all_rows(handler.log)
        check_log(rows)
        check_table(handler, rows)
        check_states(handler, rows)


SWITCHES = st.lists(
    st.one_of(
        st.builds(declare, emergencies, st.just("flood"), st.just(3), places, places),
        emergencies,
        st.integers(30, 200),
    ),
    max_size=12,
)


@given(orders=SWITCHES)
@settings(max_examples=15, deadline=None)
def test_a_second_door_folds_the_same_states(tmp_path_factory, orders):
    """A log opened again answers as the one that wrote it."""
    path = tmp_path_factory.mktemp("again") / "log.db"
    with door(path) as handler:
        run = Run(handler)
        asyncio.run(run.follow(orders))
        before = Reader(handler.states)(EMERGENCIES)
        waiting = [command_id for command_id, _ in due(Reader(handler.states), run.now)]
    with door(path) as handler:
        read = Reader(handler.states)
        assert read(EMERGENCIES) == before
        assert [command_id for command_id, _ in due(read, run.now)] == waiting


def test_the_sites_of_these_tests_stand_where_they_say():
    """Each site's id begins with its community's code."""
    assert {community_of(site)[:9] for site in SITES} == {STREET_1.path, STREET_2.path}
