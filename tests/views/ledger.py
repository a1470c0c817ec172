"""A log in memory that takes facts as they are, and the views it makes."""

from __future__ import annotations

import contextlib

import msgspec
from hypothesis import strategies as st

from coordination import catalogue
from coordination.areas.events import PlannedFunction, SiteRegistered
from coordination.kernel import INDEX
from coordination.log import Row
from coordination.mode.events import StepAcknowledged, StepCompleted, StepTakenBack
from coordination.mode.standing import whole_standing_of
from coordination.mode.steps import CompleteStep, complete, take_back_step
from coordination.playbook import from_canonical
from coordination.refusals import Refusal
from projections.board_view import BOARD
from projections.progress import PROGRESS, duty_of
from projections.rollup import by_site
from projections.runner import Runner
from projections.store import open_views
from tests import given
from tests.given import (
    AREAS,
    COMMUNITY_11,
    COMMUNITY_12,
    COMMUNITY_21,
    MINUTE,
    NOW,
    SONGJIANG,
    STREET_1,
    STREET_2,
    by,
    declared,
    ended,
    fold,
    lowered,
    published,
    raised,
)

PLAN_TEXT = """\
id: {hazard}-plan
version: "2024.1"
hazard: {hazard}
zh: 预案
en: Plan
on_conflict: pass-over
conversions:
  - function: shelter
    zh: 安置点
    en: Shelter
    convert:
      - {{id: {mark}-open, zh: 开, en: Open, owner: k, due_minutes: 30}}
      - {{id: {mark}-banner, zh: 幅, en: Banner, owner: k, due_minutes: 40,
          mandatory: false}}
      - {{id: {mark}-doctor, zh: 医, en: Doctor, owner: k, due_minutes: 20,
          from_level: II}}
    recover:
      - {{id: {mark}-clean, zh: 扫, en: Clean, owner: k, due_minutes: 60}}
      - {{id: {mark}-thank, zh: 谢, en: Thank, owner: k, due_minutes: 90,
          mandatory: false}}
  - function: command-post
    zh: 指挥部
    en: Command post
    from_level: III
    convert:
      - {{id: {mark}-wire, zh: 通, en: Wire up, owner: k, due_minutes: 30}}
    recover:
      - {{id: {mark}-unwire, zh: 断, en: Wire down, owner: k, due_minutes: 30}}
  - function: sampling-point
    zh: 采样点
    en: Sampling point
    convert:
      - {{id: {mark}-mark, zh: 划, en: Mark lanes, owner: k, due_minutes: 30}}
    recover:
      - {{id: {mark}-unmark, zh: 擦, en: Wipe lanes, owner: k, due_minutes: 30}}
  - function: rest-station
    zh: 休整点
    en: Rest station
    convert:
      - {{id: {mark}-stock, zh: 备, en: Stock, owner: k, due_minutes: 30}}
    recover:
      - {{id: {mark}-count, zh: 点, en: Count, owner: k, due_minutes: 30}}
""".replace("owner: k", "owner: keeper")
HAZARDS = ("flood", "epidemic", "fire")
PLANS = {
    hazard: published(PLAN_TEXT.format(hazard=hazard, mark=hazard[:2]))
    for hazard in HAZARDS
}
"""Hazard -> its plan; all convert the same functions, with steps of their own."""
GIVEN = {"actor": "wang", "role": "commander", "basis": "b", "reason": "r"}


class Ledger:
    """Facts in their order, as the runner reads them."""

    def __init__(self, *events, **who):
        self.facts = []
        self.events = []
        self.stored = []
        self.kept = Kept(self.events)
        self.add(*events, **who)

    def add(self, *events, now=NOW, **who):
        """Append facts; return the newest seq."""
        for told in events:
            event = self._seen(told)
            seq = len(self.stored) + 1
            # Only what the catalogue can read back may be in a log.
            raw = catalogue.encode(event)
            said = {"command": f"c{seq}", "digest": "", "salt": "", **GIVEN, **who}
            envelope = catalogue.Envelope(**said, occurred_us=now, event=raw)
            self.events.append(event)
            version = sum(e.stream == event.stream for e in self.events)
            stored = catalogue.seal(envelope)
            row = Row(seq, event.stream, version, event.NAME, stored, now, b"")
            self.stored.append(row)
        return len(self.stored)

    def _seen(self, event):
        """Return a step with how far the index had come, as the rule records it."""
        if not isinstance(event, StepCompleted):
            return event
        seen = sum(e.stream == INDEX for e in self.events)
        return msgspec.structs.replace(event, index_seen=seen)

    def rows(self, after, limit):
        """Return up to ``limit`` rows after a position."""
        return self.stored[after : after + limit]

    def duties(self, site):
        """Return what the rules say that a site has to do, replayed."""
        return whole_standing_of(fold(*self.events), site).duties


class Kept:
    """The ``read`` of a process that goes on: folded states are continued."""

    def __init__(self, events):
        self.by, self.now = by(), NOW
        self._events = events
        self._states = {}

    def __call__(self, stream):
        """Return a stream's state, from what was folded before."""
        key = stream.id, stream.evolve
        done, state = self._states.get(key, (0, stream.initial))
        for event in self._events[done:]:
            if event.stream == stream.id:
                state = stream.evolve(state, event)
        self._states[key] = len(self._events), state
        return state


def duties_in(rows):
    """Return the duties that a site's rows hold, by emergency."""
    found = [duty for duty in map(duty_of, rows) if duty is not None]
    assert len({duty.emergency for duty in found}) == len(found)
    return {duty.emergency: duty for duty in found}


class Watched:
    """A ledger and one view's tables in a file, brought up after each fact."""

    def __init__(self, *events, views=(BOARD,)):
        self.ledger = Ledger(*events)
        self.engine = open_views(":memory:")
        self.views = views
        self.runner = Runner(self.ledger, self.engine, views)
        self.catch_up()

    def catch_up(self):
        """Bring the views to the head; return it."""
        head = self.runner.catch_up()
        assert self.runner.quarantined == []
        return head

    def add(self, *events, **who):
        """Append facts and show them; return the newest seq."""
        self.ledger.add(*events, **who)
        return self.catch_up()

    def restart(self):
        """Go on in another process: all that was in memory is read anew."""
        self.runner = Runner(self.ledger, self.engine, self.views)

    def select(self, table, at=None, **kwargs):
        """Return a table's rows as of a position."""
        with self.engine.connect() as c:
            return table.select(c, at=at, **kwargs)

    def get(self, table, key, at=None):
        """Return one row as of a position."""
        with self.engine.connect() as c:
            return table.get(c, key, at=at)

    def slots(self, site, at=None):
        """Return a site's rows, its first slot first."""
        return by_site(self.select(PROGRESS, at)).get(site, [])

    def row(self, site, emergency, at=None):
        """Return the row in which a site answers an emergency, None if none."""
        found = (r for r in self.slots(site, at) if r.emergency == emergency)
        return next(found, None)

    def close(self):
        """Let the database go."""
        self.runner.stop()


@contextlib.contextmanager
def watching(*events, views=(BOARD,)):
    """Give a ledger with its views; closed at the end."""
    watched = Watched(*events, views=views)
    try:
        yield watched
    finally:
        watched.close()


# --- short words for facts -----------------------------------------------------------


def site_at(area, number=1, seen=0, **planned):
    """Return the registration of a site; ``planned``: hazard=function."""
    return SiteRegistered(
        site=f"{area.path}-s{number}",
        area=area.code,
        name="阵地",
        kind="party-centre",
        planned=tuple(PlannedFunction(h, f) for h, f in planned.items()),
        spaces=(),
        facilities=(),
        index_seen=seen,
    )


def begun(emergency, *scope, hazard="flood", minute=0, **more):
    """Return a declaration under the plan of its hazard."""
    at = NOW + minute * MINUTE
    return declared(emergency, *scope, at=at, plan=PLANS[hazard], **more)


def level(emergency, before, after, minute=0):
    """Return a change of level."""
    kind = raised if after < before else lowered
    return kind(emergency, before, after, NOW + minute * MINUTE)


def widened(emergency, *places, minute=0, without=()):
    """Return a wider scope."""
    at = NOW + minute * MINUTE
    return given.widened(emergency, *places, without=without, at=at)


def narrowed(emergency, *places, minute=0, without=()):
    """Return a narrower scope."""
    at = NOW + minute * MINUTE
    return given.narrowed(emergency, *places, without=without, at=at)


def over(emergency, minute=0):
    """Return the end of an emergency."""
    return ended(emergency, NOW + minute * MINUTE)


def did(site, emergency, step, phase="convert", number=1):
    """Return a step that is done."""
    return StepCompleted(
        site=site, emergency=emergency, phase=phase, step=step, round=number
    )


def saw(site, emergency, step, phase="convert", number=1):
    """Return a step that is acknowledged."""
    return StepAcknowledged(
        site=site, emergency=emergency, phase=phase, step=step, round=number
    )


# --- a city, and random orders for it ------------------------------------------------

BASE = (*AREAS, *PLANS.values())
ALIKE = site_at(COMMUNITY_11, 1, flood="shelter", epidemic="shelter", fire="shelter")
APART = site_at(
    COMMUNITY_11, 2, flood="shelter", epidemic="rest-station", fire="command-post"
)
TORN = site_at(COMMUNITY_12, 3, flood="shelter", epidemic="sampling-point")
POST = site_at(COMMUNITY_21, 4, flood="command-post")
SITES = (ALIKE, APART, TORN, POST)

PLACES = (SONGJIANG, STREET_1, STREET_2, COMMUNITY_11, COMMUNITY_12, COMMUNITY_21)
places = st.lists(st.sampled_from(PLACES), unique=True, min_size=1, max_size=2)
leftover = st.lists(st.sampled_from(PLACES), unique=True, max_size=1)
orders = st.one_of(
    st.tuples(st.just("declare"), st.sampled_from(HAZARDS), st.integers(1, 4),
              places, leftover),
    st.tuples(st.just("level"), st.integers(0, 9), st.integers(1, 4)),
    st.tuples(st.just("scope"), st.integers(0, 9), st.booleans(), places, leftover),
    st.tuples(st.just("end"), st.integers(0, 9), st.booleans()),
    st.tuples(st.just("paper"), st.integers(0, 99)),
    st.tuples(st.just("take_back"), st.integers(0, 99)),
    st.tuples(st.just("take_up"), st.integers(0, 9), st.sampled_from(SITES)),
    st.tuples(st.just("step"), st.integers(0, 99)),
    st.tuples(st.just("step"), st.integers(0, 99)),
    st.tuples(st.just("register"), st.sampled_from(SITES),
              st.sampled_from([{}, {"flood": "rest-station"},
                               {"epidemic": "command-post", "fire": "shelter"}])),
    st.tuples(st.just("restart")),
)  # fmt: skip


def answer(read, command):
    """Return what the rules say of a step: the fact, or the kind of the refusal."""
    try:
        return complete(read, command, NOW)[0]
    except Refusal as refusal:
        return type(refusal)


class Events:
    """Makes of random orders facts that could stand in a log."""

    def __init__(self, ledger):
        self.ledger = ledger
        self.minute = 0
        self.active = {}

    def of(self, order):
        """Return the fact of an order, None if there is nothing to do."""
        self.minute += 5
        kind, *what = order
        return getattr(self, f"_{kind}")(*what)

    def _declare(self, hazard, grave, scope, without):
        emergency = f"e{self.minute}"
        self.active[emergency] = grave
        return begun(emergency, *scope, hazard=hazard, level=grave,
                     minute=self.minute, without=without)  # fmt: skip

    def _one(self, number):
        return sorted(self.active)[number % len(self.active)] if self.active else None

    def _level(self, number, now):
        emergency = self._one(number)
        if emergency is None or self.active[emergency] == now:
            return None
        before, self.active[emergency] = self.active[emergency], now
        return level(emergency, before, now, self.minute)

    def _scope(self, number, wider, scope, without):
        emergency = self._one(number)
        change = widened if wider else narrowed
        if emergency is None:
            return None
        return change(emergency, *scope, minute=self.minute, without=without)

    def _end(self, number, in_error):
        emergency = self._one(number)
        if emergency is None:
            return None
        del self.active[emergency]
        if in_error:
            return given.voided(emergency, NOW + self.minute * MINUTE)
        return over(emergency, self.minute)

    def _take_up(self, number, event):
        """Take up a site, passed over or not: nothing is done to who was not."""
        emergency = self._one(number)
        if emergency is None:
            return None
        at = NOW + self.minute * MINUTE
        return given.taken_up(emergency, event.site, at=at)

    def _paper(self, number):
        """Enter a step of a conversion that is over, as the rules take it."""
        steps = sorted({s for d in PLANS.values() for s in step_ids(d)})
        for event in SITES:
            left = whole_standing_of(
                fold(*self.ledger.events), event.site
            ).left.values()
            for out, step in [(out, step) for out in left for step in steps]:
                who = by(occurred_us=out.since[0][0] - number)
                read = fold(*self.ledger.events, who=who)
                told = {"site": event.site, "emergency": out.emergency}
                with contextlib.suppress(Refusal):
                    return complete(read, CompleteStep(step=step, **told), NOW)[0]
        return None

    def _take_back(self, number):
        """Take back a step that was done, as the rules take it: nothing twice."""
        facts = list(enumerate(self.ledger.events, 1))
        back = {e.corrects for _, e in facts if isinstance(e, StepTakenBack)}
        done = [n for n, e in facts if isinstance(e, StepCompleted) and n not in back]
        read = fold(*self.ledger.events)
        for seq in done[number % len(done) :] if done else ():
            with contextlib.suppress(Refusal):
                return take_back_step(read, read.fact(seq), {}, NOW)[0]
        return None

    def _step(self, number):
        """Take a step that the rules accept: the board must be able to show it."""
        read = fold(*self.ledger.events)
        steps = sorted({s for d in PLANS.values() for s in step_ids(d)})
        known = [(e.site, step) for e in SITES for step in steps]
        for site, step in known[number % len(known) :] + known:
            command = CompleteStep(site=site, step=step)
            told = answer(read, command)
            assert answer(self.ledger.kept, command) == told
            if isinstance(told, StepCompleted):
                return told
        return None

    def _register(self, event, planned):
        index = sum(e.stream == "emergencies" for e in self.ledger.events)
        area, number = event.area, int(event.site.rpartition("s")[2])
        place = next(p for p in PLACES if p.code == area)
        return site_at(place, number, index, **planned)


def step_ids(plan):
    """Return the ids of all steps of a plan."""
    compiled = from_canonical(plan.compiled)
    return [s.id for c in compiled.conversions for s in (*c.convert, *c.recover)]
