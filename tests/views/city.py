"""What the tests of views share: a small city whose sites convert, and its model.

The model reads the log from the first fact each time, walks up by parents where the
product compares prefixes, and knows playbooks as JSON only.
"""

from __future__ import annotations

import contextlib
import json
from dataclasses import dataclass, field

from hypothesis import strategies as st

from api.pages.facts import fact_of
from coordination.areas.decide import (
    AreaRow,
    ImportAreas,
    LocalPlan,
    RegisterGround,
    SitePlan,
)
from coordination.areas.events import PlannedFunction, SiteRegistered, Space
from coordination.deadlines.due import due
from coordination.handle import Reader
from coordination.kernel import Refusal
from coordination.mode.decide import DeclareEmergency, EndEmergency
from coordination.mode.events import (
    DeadlinePassed,
    EmergencyDeclared,
    EmergencyEnded,
    PlaybookPublished,
    StepAcknowledged,
    StepCompleted,
)
from coordination.mode.state import EMERGENCIES
from coordination.plans.decide import PublishPlaybook
from coordination.steps.decide import AcknowledgeStep, CompleteStep
from projections.board import BOARD
from projections.rebuild import rebuild
from projections.store import open_views
from projections.temporal import differences
from projections.timeline import TIMELINE
from tests.given import (
    ADMINISTRATOR,
    COMMANDER,
    COMMUNITY_11,
    COMMUNITY_12,
    COMMUNITY_21,
    COMMUNITY_22,
    EPIDEMIC_TEXT,
    FLOOD_TEXT,
    GRID,
    IMPORT,
    MINUTE,
    NODES,
    NOW,
    OFFICIAL,
    PARENTS,
    SERVICE,
    SONGJIANG,
    STREET_1,
    STREET_2,
    all_rows,
    by,
)

VIEWS = (BOARD, TIMELINE)
LEVELS = {"I": 1, "II": 2, "III": 3, "IV": 4}
PLANS = {"flood": "flood-plan", "epidemic": "epidemic-plan"}
SITES = {
    "310117001-s1": (STREET_1, {"flood": "command-post", "epidemic": "sampling-point"}),
    "310117001001-s1": (COMMUNITY_11, {"flood": "shelter"}),
    "310117001001-s2": (COMMUNITY_11, {}),
    "310117001001g01-s1": (GRID, {"flood": "shelter", "epidemic": "sampling-point"}),
    "310117001002-s1": (COMMUNITY_12, {"epidemic": "sampling-point"}),
    "310117002-s1": (STREET_2, {"flood": "command-post"}),
    "310117002001-s1": (COMMUNITY_21, {"flood": "shelter"}),
    "310117002001-s2": (COMMUNITY_21, {"flood": "command-post", "fire": "shelter"}),
    "310117002002-s1": (
        COMMUNITY_22,
        {"flood": "shelter", "epidemic": "sampling-point"},
    ),
}
"""Site -> where it stands and what it becomes."""
STEPS = (
    *("open-doors", "set-beds", "call-doctor", "hang-banner", "clean-up"),
    *("wire-up", "wire-down", "mark-lanes", "disinfect"),
)
COMMUNITIES = (COMMUNITY_11, COMMUNITY_12, COMMUNITY_21, COMMUNITY_22)
NAMED = (SONGJIANG, STREET_1, STREET_2, *COMMUNITIES, GRID)
"""Areas that an order may name."""


def plan(site, planned=None, name="阵地", capacity=10):
    """Return the registration of a site of the city."""
    area, functions = SITES[site]
    functions = functions if planned is None else planned
    return SitePlan(
        site,
        area.code,
        name,
        "service-station",
        tuple(PlannedFunction(h, f) for h, f in functions.items()),
        (Space("大厅", "hall", capacity),),
        ("water",),
    )


def ground(*plans, grids=False):
    """Return the registration of sites of one street, with grids if they are new."""
    return RegisterGround(
        street=f"{plans[0].site[:9]}000",
        local=(LocalPlan(COMMUNITY_11.code, NODES),) if grids else (),
        sites=plans,
    )


def standing_in(street):
    """Return the registrations of all sites in a street."""
    return [plan(site) for site in SITES if site.startswith(street.path)]


BEGINNING = (
    (IMPORT, ADMINISTRATOR),
    (PublishPlaybook(playbook="flood-plan", text=FLOOD_TEXT), ADMINISTRATOR),
    (PublishPlaybook(playbook="epidemic-plan", text=EPIDEMIC_TEXT), ADMINISTRATOR),
    (ground(*standing_in(STREET_1), grids=True), ADMINISTRATOR),
    (ground(*standing_in(STREET_2)), ADMINISTRATOR),
)


def declare(emergency, *scope, without=(), hazard="flood", level=3):
    """Return a declaration."""
    return DeclareEmergency(
        emergency=emergency,
        hazard=hazard,
        level=level,
        scope=scope,
        excluded=tuple(without),
        matter="暴雨",
        measures="转移",
        expected_hours=24,
        playbook=PLANS[hazard],
        basis="防指〔2024〕7号",
    )


def rename(place, name):
    """Return an area file that gives one area another name."""
    parent = PARENTS[place]
    code = parent.code if parent else ""
    return ImportAreas(rows=(AreaRow(2, place.code, name, place.level, code),))


class City:
    """Gives commands to the city's door, one after the other, and keeps the time."""

    def __init__(self, handler, now=NOW):
        self.handler = handler
        self.now = now
        self.given = 0
        self.declared = 0

    @property
    def log(self):
        """What the views read."""
        return self.handler.log.recorder

    async def begin(self):
        """Register areas, plans and sites."""
        for number, (command, actor) in enumerate(BEGINNING):
            await self.handler.handle(command, by(f"begin{number}", actor), self.now)

    async def give(self, command, actor=COMMANDER, command_id=""):
        """Give a command that must be accepted."""
        self.given += 1
        who = by(command_id or f"c{self.given}", actor)
        return await self.handler.handle(command, who, self.now)

    async def tick(self, minutes=0):
        """Let time pass, then record what is due."""
        self.now += minutes * MINUTE
        for command_id, command in list(due(Reader(self.handler.states), self.now)):
            await self.give(command, SERVICE, command_id)

    async def end(self, emergency):
        """End an emergency."""
        known = Reader(self.handler.states)(EMERGENCIES).all[emergency]
        scope = known.declared.scope
        await self.give(EndEmergency(emergency=emergency, scope=scope, basis="b"))

    def facts(self):
        """Return the whole log, decoded."""
        return [fact_of(row) for row in all_rows(self.handler.log)]

    async def follow(self, order):
        """Carry out one random order; a refusal is as good an answer as a receipt."""
        kind, *what = order
        with contextlib.suppress(Refusal):
            await getattr(self, f"_{kind}")(*what)

    async def _declare(self, hazard, level, scope, excluded):
        self.declared += 1
        await self.give(
            declare(
                f"e{self.declared}",
                *scope,
                without=excluded,
                hazard=hazard,
                level=level,
            )
        )

    async def _end(self, number):
        active = sorted(
            e.declared.emergency for e in Reader(self.handler.states)(EMERGENCIES)
            .active()
        )  # fmt: skip
        if active:
            await self.end(active[number % len(active)])

    async def _step(self, kind, number):
        """Take one of the steps that the model calls open."""
        still = [
            (site, step)
            for site, standing in model(self.facts()).items()
            for step in standing.listed
            if step not in standing.done
        ]
        if still:
            site, step = still[number % len(still)]
            await self.give(kind(site=site, step=step))

    async def _any_step(self, kind, site, step):
        await self.give(kind(site=site, step=step))

    async def _pass(self, minutes):
        await self.tick(minutes)

    async def _rename(self, place, name):
        await self.give(rename(place, name), ADMINISTRATOR)

    async def _register(self, site, capacity):
        """Register a site anew: other rooms, the same plans."""
        await self.give(ground(plan(site, capacity=capacity)), ADMINISTRATOR)


places = st.lists(st.sampled_from(NAMED), unique=True, max_size=3).map(tuple)
kinds = st.sampled_from([AcknowledgeStep, CompleteStep, CompleteStep])
numbers = st.integers(0, 60)
SWITCHING = [
    st.tuples(
        st.just("declare"),
        st.sampled_from(list(PLANS)),
        st.sampled_from([3, 3, 4]),
        places.filter(len),
        places,
    ),
    st.tuples(st.just("end"), numbers),
    st.tuples(st.just("step"), kinds, numbers),
    st.tuples(st.just("step"), kinds, numbers),
    st.tuples(st.just("any_step"), kinds, st.sampled_from(list(SITES)),
              st.sampled_from(STEPS)),
    st.tuples(st.just("pass"), st.sampled_from([10, 35, 70, 150])),
]  # fmt: skip
CHANGING = [
    st.tuples(
        st.just("rename"), st.sampled_from(OFFICIAL), st.sampled_from(["甲", "乙"])
    ),
    st.tuples(st.just("register"), st.sampled_from(list(SITES)), st.integers(1, 3)),
]


def runs(*kinds_of_order, size=12):
    """Return sequences of orders, a declaration first."""
    first = st.tuples(
        st.just("declare"),
        st.sampled_from(list(PLANS)),
        st.just(3),
        st.sampled_from([(SONGJIANG,), (STREET_1,), (STREET_1, COMMUNITY_21)]),
        st.sampled_from([(), (COMMUNITY_11,), (COMMUNITY_12,)]),
    )
    rest = st.lists(st.one_of(*kinds_of_order), max_size=size)
    return st.builds(lambda a, b: [a, *b], first, rest)


async def script(city):
    """Play a morning in which everything happens that has an event."""
    await city.begin()
    await city.give(declare("a", STREET_1, COMMUNITY_21, without=(COMMUNITY_12,)))
    await city.give(AcknowledgeStep(site="310117001-s1", step="wire-up"))
    await city.give(CompleteStep(site="310117001-s1", step="wire-up"))
    await city.tick(35)
    await city.give(declare("b", COMMUNITY_12, hazard="epidemic", level=4))
    await city.give(rename(STREET_1, "岳阳街道"), ADMINISTRATOR)
    for step in ("open-doors", "set-beds", "call-doctor"):
        await city.give(AcknowledgeStep(site="310117001001-s1", step=step))
        await city.give(CompleteStep(site="310117001001-s1", step=step))
    await city.give(ground(plan("310117001001-s1", capacity=99)), ADMINISTRATOR)
    with contextlib.suppress(Refusal):
        await city.give(declare("c", STREET_2, level=1))
    await city.tick(60)
    await city.end("a")
    await city.give(CompleteStep(site="310117001001-s1", step="clean-up"))
    await city.give(CompleteStep(site="310117001002-s1", step="mark-lanes"))
    await city.give(declare("d", STREET_1, without=(COMMUNITY_12,), level=4))
    await city.tick(200)
    await city.end("b")
    await city.end("d")
    await city.tick(500)


# --- views ---------------------------------------------------------------------------


def content(c, view_tables):
    """Return every row of every table, in order."""
    found = {}
    for table in view_tables:
        t = table.table
        order = [t.c[name] for name in (table.key, "seq_from") if name in t.c]
        rows = c.execute(t.select().order_by(*order))
        found[table.name] = [tuple(row) for row in rows]
    return found


def tables_of(views):
    """Return the tables of views."""
    return [table for view in views for table in view.tables]


@contextlib.contextmanager
def rebuilt(log, views, upto, where=":memory:"):
    """Give a connection on views rebuilt from the first event."""
    engine = open_views(where)
    try:
        rebuild(log, engine, views, upto=upto)
        with engine.connect() as c:
            yield c
    finally:
        engine.dispose()


def check_rebuilt(log, engine, views, upto):
    """Assert that the live tables are, row by row, what a rebuild makes of the log."""
    with engine.connect() as live, rebuilt(log, views, upto) as fresh:
        for table in tables_of(views):
            assert list(differences(live, fresh, table)) == []


# --- the model -----------------------------------------------------------------------


@dataclass
class Standing:
    """What the rules say of one site."""

    mode: str = "PEACETIME"
    function: str | None = None
    emergency: str | None = None
    level: int | None = None
    phase: str | None = None
    began_us: int | None = None
    listed: list[str] = field(default_factory=list)
    done: set[str] = field(default_factory=set)
    acknowledged: set[str] = field(default_factory=set)
    late: set[str] = field(default_factory=set)


def place_of_site(site):
    """Return the area a site of the city stands in."""
    return SITES[site][0]


def inside(order, place):
    """Walk up from a place to the nearest area an order names."""
    while place is not None:
        if place in order.scope or place in order.excluded:
            return place not in order.excluded
        place = PARENTS[place]
    return False


def conversion(compiled, function, level):
    """Return the entry of a playbook for a function at a level, None if there is none.

    A graver level (a smaller number) contains what lighter ones do.
    """
    for entry in json.loads(compiled)["conversions"]:
        if entry["function"] == function and level <= LEVELS[entry["from_level"]]:
            return entry
    return None


def model(facts):
    """Return how every registered site stands after these facts."""
    found = {}
    for fact in facts:
        if isinstance(fact.event, SiteRegistered):
            found.setdefault(fact.event.site, None)
    return {site: standing_of(site, facts) for site in found}


def standing_of(site, facts):
    """Return how one site stands: what the newest order that moved it left open."""
    order, entry, planned, plans = None, None, None, {}
    for fact in facts:
        e = fact.event
        if isinstance(e, PlaybookPublished):
            plans[e.digest] = e.compiled
        elif isinstance(e, SiteRegistered) and e.site == site:
            planned = {p.hazard: p.function for p in e.planned}
        elif isinstance(e, EmergencyDeclared) and planned is not None:
            function = planned.get(e.hazard)
            moved = conversion(plans[e.playbook_digest], function, e.level)
            if moved and inside(e, place_of_site(site)):
                order, entry = e, moved
    if order is None:
        return Standing()
    ended = [
        f.event for f in facts
        if isinstance(f.event, EmergencyEnded) and f.event.emergency == order.emergency
    ]  # fmt: skip
    phase = "recover" if ended else "convert"
    steps = [s for s in entry[phase] if order.level <= LEVELS[s["from_level"]]]
    listed = [s["id"] for s in steps]
    mine = [
        f.event
        for f in facts
        if isinstance(f.event, StepAcknowledged | StepCompleted)
        and (f.event.site, f.event.emergency, f.event.phase)
        == (site, order.emergency, phase)
    ]
    done = {e.step for e in mine if isinstance(e, StepCompleted)}
    seen = {e.step for e in mine if isinstance(e, StepAcknowledged)} - done
    passed = {
        f.event.step
        for f in facts
        if isinstance(f.event, DeadlinePassed)
        and (f.event.emergency, f.event.phase) == (order.emergency, phase)
    }
    finished = {s["id"] for s in steps if s["mandatory"]} <= done
    if phase == "convert":
        mode = "EMERGENCY" if finished else "CONVERTING"
    else:
        mode = "PEACETIME" if finished else "RECOVERING"
    return Standing(
        mode=mode,
        function=entry["function"],
        emergency=order.emergency,
        level=order.level,
        phase=phase,
        began_us=ended[0].ended_us if ended else order.declared_us,
        listed=listed,
        done=done,
        acknowledged=seen,
        late=(passed & set(listed)) - done,
    )
