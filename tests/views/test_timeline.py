"""The timeline against a naive filter of the log, and a sentence for every event."""

from __future__ import annotations

import asyncio
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coordination.approvals.events import GlassBroken, ProposalMade
from coordination.areas.events import (
    AreaRegistered,
    AreaRenamed,
    LocalAreasRegistered,
    PopulationStated,
)
from coordination.authority.events import AbsenceRecorded
from coordination.catalogue import EVENTS
from coordination.checkin.events import CheckInOpened
from coordination.grants.events import RoleGranted
from coordination.kernel import INDEX
from coordination.mode.events import DeadlinePassed, EmergencyDeclared, EmergencyEnded
from coordination.mode.steps import CompleteStep
from coordination.orders.events import (
    AnswerTakenBack,
    OrderAcknowledged,
    OrderAnsweredFor,
    OrderCarriedOut,
    OrderIssued,
)
from coordination.people.events import PersonRegistered
from coordination.posts.events import PostDefined
from coordination.reallocation.events import ReallocationApproved
from coordination.stock.events import DonorCorrected, Slip
from projections.names import Names
from projections.runner import Runner
from projections.sentences import SENTENCES, sentence
from projections.store import open_views
from projections.timeline import ENTRY, entries
from projections.view import fact_of
from tests.given import (
    COMMUNITY_11,
    COMMUNITY_12,
    COMMUNITY_21,
    GRID,
    PARENTS,
    SHANGHAI,
    SONGJIANG,
    STREET_1,
    STREET_2,
    all_rows,
    door,
)
from tests.views.city import ALL_VIEWS, SITES, VIEWS, City, declare, script
from tests.views.goods import MORE_SAID
from tests.views.ledger import Ledger

CODES = {place.code: place for place in PARENTS}


def lineage(place):
    """Return a place and everything above it."""
    found = []
    while place is not None:
        found.append(place)
        place = PARENTS[place]
    return found


def shared(places):
    """Return the lowest place above all of these, None if there is none."""
    above = [lineage(place) for place in places]
    common = [p for p in above[0] if all(p in other for other in above)]
    return common[0] if common else None


KEYS = {
    ProposalMade: "proposal", GlassBroken: "glass", OrderIssued: "order",
    RoleGranted: "grant", AbsenceRecorded: "absence", CheckInOpened: "opening",
    PostDefined: "post", PersonRegistered: "person",
}  # fmt: skip
"""What begins something, and the field that names it in later facts."""


def where(fact, scopes):
    """Return the place a fact belongs to, None for what belongs to none."""
    e = fact.event
    if isinstance(e, AreaRegistered | AreaRenamed):
        return CODES[e.code]
    if isinstance(e, LocalAreasRegistered):
        return CODES[e.community]
    if isinstance(e, ANSWERS):
        return e.area
    if fact.name.startswith("packages.package-"):
        return CODES[e.target] if e.target in CODES else SITES[e.target][0]
    if site_of(e):
        return SITES[site_of(e)][0]
    if isinstance(e, PopulationStated):
        return CODES[e.area]
    if isinstance(e, ReallocationApproved):
        return shared([SITES[s][0] for leg in e.legs for s in (leg.source, leg.to)])
    if fact.name.startswith("requests."):
        return CODES[e.request.partition("-")[0]]
    return scopes.get(fact.seq)


ANSWERS = OrderAcknowledged | OrderCarriedOut | OrderAnsweredFor | AnswerTakenBack


def site_of(e):
    """Return the site that did it; a post at a site is not the site's own."""
    if isinstance(e, Slip | DonorCorrected) or e.stream.startswith(
        ("station/", "stock/", "document/")
    ):
        return e.station
    return "" if isinstance(e, PostDefined) else getattr(e, "site", "")


def scopes_of(facts):
    """Return the place of each fact that belongs to what began before: seq -> place."""
    found, known = {}, {}
    for fact in facts:
        e = fact.event
        if e.stream == INDEX:
            if hasattr(e, "scope"):
                known[e.emergency] = shared(e.scope)
            found[fact.seq] = known[e.emergency]
            continue
        key = next((getattr(e, k) for k in KEYS.values() if hasattr(e, k)), None)
        if e.stream.startswith("person/"):
            key = e.person  # what they act on is elsewhere: this is their own fact
        elif not e.stream.startswith("post/") and hasattr(e, "person"):
            key = None
        if type(e) in KEYS:
            if isinstance(e, OrderIssued):
                places = list(e.scope)
            elif isinstance(e, PostDefined):
                places = [e.place]
            elif isinstance(e, PersonRegistered):
                places = [CODES[e.residence]]
            elif hasattr(e, "places"):
                places = [p for path in e.places for p in PARENTS if p.path == path]
            else:
                places = [e.area] if e.area else []
            known[key] = shared(places) if places else None
        if key in known:
            found[fact.seq] = known[key]
    return found


def belongs(fact, place, scopes):
    """Tell whether a place's list has a fact: inside it, or an order's above it."""
    here, e = where(fact, scopes), fact.event
    if here is not None and place in lineage(here):
        return True
    order = getattr(e, "emergency", "") or fact.name.startswith("orders.")
    above = here is None or here in lineage(place)
    return bool(order) and not site_of(e) and above


def naive(facts, *, place, site, emergency, after, before, limit):
    """Return the seqs that entries() must give."""
    scopes = scopes_of(facts)
    found = []
    for fact in facts:
        e = fact.event
        wanted = [
            place is None or belongs(fact, place, scopes),
            not site or site_of(e) == site,
            not emergency or getattr(e, "emergency", "") == emergency,
            fact.seq > after,
            before is None or fact.seq < before,
        ]
        if all(wanted):
            found.append(fact.seq)
    return found[::-1][:limit]


@pytest.fixture
def views(morning):
    """The morning's facts and its views."""
    with door(morning()) as handler:
        engine = open_views(":memory:")
        Runner(handler.log.recorder, engine, VIEWS).catch_up()
        facts = [fact_of(row) for row in all_rows(handler.log)]
        with engine.connect() as c:
            yield facts, c
        engine.dispose()


asked = st.fixed_dictionaries(
    {
        "place": st.sampled_from([None, *PARENTS]),
        "site": st.sampled_from(["", "", "", *SITES]),
        "emergency": st.sampled_from(["", "", "a", "b", "d", "g", "p"]),
        "after": st.integers(0, 310),
        "before": st.none() | st.integers(0, 320),
        "limit": st.sampled_from([1, 5, 1_000]),
    }
)


def ask(c, *, place, **others):
    """Return the seqs that the timeline gives."""
    path = place.path if place else ""
    return [entry.seq for entry in entries(c, path=path, **others)]


def test_entries_are_those_of_a_naive_filter(views):
    """By area, site, emergency, after, before and limit, newest first."""
    facts, c = views

    @given(asked=asked)
    @settings(max_examples=150, deadline=None, database=None)
    def check(asked):
        assert ask(c, **asked) == naive(facts, **asked)

    check()


@pytest.mark.parametrize("place", PARENTS, ids=lambda place: place.code)
def test_every_area_lists_what_belongs_to_it(views, place):
    """Its own and lower places' facts, and those of emergencies above it."""
    facts, c = views
    everything = {"site": "", "emergency": "", "after": 0, "before": None,
                  "limit": 1_000}  # fmt: skip
    assert ask(c, place=place, **everything) == naive(facts, place=place, **everything)


@pytest.mark.parametrize("place", [SHANGHAI, SONGJIANG, STREET_1, COMMUNITY_12, GRID],
                         ids=lambda place: place.level)  # fmt: skip
def test_an_emergency_declared_above_is_in_the_list_of_an_area_below(small_city, place):
    """Declaration, deadline and end of a district's emergency reach a grid's list."""
    with door(small_city()) as handler:
        city = City(handler)

        async def follow():
            await city.give(declare("e", SONGJIANG))
            await city.tick(35)
            await city.end("e")

        asyncio.run(follow())
        engine = open_views(":memory:")
        Runner(city.log, engine, VIEWS).catch_up()
        with engine.connect() as c:
            names = {entry.name for entry in entries(c, path=place.path, limit=1_000)}
        engine.dispose()
    events = EmergencyDeclared, DeadlinePassed, EmergencyEnded
    assert {event.NAME for event in events} <= names


@pytest.mark.parametrize(("declared", "listed", "elsewhere"), [
    ((STREET_1,), COMMUNITY_11, COMMUNITY_21),
    ((COMMUNITY_11, GRID), COMMUNITY_11, COMMUNITY_12),
    ((COMMUNITY_11,), GRID, STREET_2),
], ids=["street", "community and grid", "community"])  # fmt: skip
def test_an_emergency_elsewhere_is_not_in_the_list(
    small_city, declared, listed, elsewhere
):
    """What was declared for a sibling is nobody else's."""
    with door(small_city()) as handler:
        city = City(handler)
        asyncio.run(city.give(declare("e", *declared)))
        engine = open_views(":memory:")
        Runner(city.log, engine, VIEWS).catch_up()
        with engine.connect() as c:
            seqs = [entry.seq for entry in entries(c, path=listed.path)]
            others = [entry.seq for entry in entries(c, path=elsewhere.path)]
        engine.dispose()
        head = city.log.head().seq
    assert head in seqs
    assert head not in others


def test_a_step_in_a_street_s_centre_is_not_its_communities_fact(small_city):
    """A community's list has what happened in it, not what its street's site did."""
    with door(small_city()) as handler:
        city = City(handler)

        async def follow():
            await city.give(declare("e", SONGJIANG))
            await city.give(CompleteStep(site="310117001-s1", step="wire-up"))

        asyncio.run(follow())
        engine = open_views(":memory:")
        Runner(city.log, engine, VIEWS).catch_up()
        with engine.connect() as c:
            below = [entry.site for entry in entries(c, path=COMMUNITY_12.path)]
            street = [entry.site for entry in entries(c, path=STREET_1.path)]
        engine.dispose()
    assert "310117001-s1" in street
    assert "310117001-s1" not in below


def test_each_fact_has_one_entry(views):
    """The whole log is in the timeline, once, with who and when."""
    facts, c = views
    for fact in facts:
        entry = ENTRY.get(c, fact.seq, at=None)
        said = fact.envelope
        assert (entry.name, entry.actor) == (fact.name, said.actor)
        assert (entry.recorded_us, entry.occurred_us) == (
            fact.recorded_us,
            said.occurred_us,
        )
    assert ENTRY.get(c, len(facts) + 1, at=None) is None


# --- sentences -----------------------------------------------------------------------


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    """Each event's name -> what the morning's facts of it say in zh and en."""
    folder = tmp_path_factory.mktemp("told")
    with door(folder / "log.sqlite") as handler:
        asyncio.run(script(City(handler)))
        engine = open_views(":memory:")
        Runner(handler.log.recorder, engine, ALL_VIEWS).catch_up()
        rows = [*all_rows(handler.log), *Ledger(*MORE_SAID).stored]
        found = {}
        with engine.connect() as c:
            names = Names(c, name_of=lambda account: f"“{account}”")
            for row in rows:
                fact = fact_of(row)
                found.setdefault(fact.name, []).append(sentence(fact, names))
        engine.dispose()
    return found


CODE = re.compile(
    r"[0-9]{12}|[{}]|\.[1-9]\b|\bNone\b|[a-z]+-[a-z]+|[a-z]+\.[a-z]+"
    r"|\b[A-Z][a-z]+[A-Z]\w+"
)
"""A code of an area or a site, a brace, an id, a stored name, the name of a class."""


WORDS = re.compile(
    "break-glass|secretary-general|after-event|check-in|login-[a-f]", re.IGNORECASE
)
"""Words that look like ids, and accounts, which are what they are."""


@pytest.mark.parametrize("name", EVENTS)
def test_every_event_has_a_sentence_for_people(told, name):
    """In zh and en, and nothing in it is a code; a new event needs one as well."""
    assert EVENTS[name] in SENTENCES, f"no sentence for {name}"
    assert told.get(name), f"the script of these tests has no {name}"
    for zh, en in told[name]:
        assert re.search(r"[\u4e00-\u9fff]", zh), zh
        assert re.match(r"[A-Z0-9“\u4e00-\u9fff]|street|community|grid", en), en
        for text in (zh, en):
            assert not CODE.search(WORDS.sub("", text)), text


def test_no_sentence_is_left_over():
    """Nothing is said of events that cannot be stored."""
    assert set(SENTENCES) == set(EVENTS.values())
