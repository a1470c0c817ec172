"""Service as the roster shows it: each time, what of it counts, for whom it waits."""

from __future__ import annotations

import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st

from coordination.checkin.events import (
    HoursCertified,
    HoursRecognised,
    HoursRefused,
    MemberLeft,
    Merged,
    ServiceRecognised,
    ServiceRecorded,
)
from coordination.checkin.hours import HOME, ORGANISER
from coordination.checkin.state import attendance_stream
from coordination.people.events import PersonForgotten, PersonMerged
from projections.hours import FOR_HOME, FOR_ORGANISER, SERVED, stretch_of
from projections.roster import HUMAN, MUSTER
from projections.roster_view import ROSTER
from tests.given import (
    COMMUNITY_11,
    COMMUNITY_12,
    COMMUNITY_21,
    HOUR,
    MINUTE,
    NOW,
    UNIT,
    A,
    B,
    fold,
    person,
)
from tests.views.city import check_rebuilt
from tests.views.ledger import watching

HERE, THERE = COMMUNITY_11.code, COMMUNITY_12.code
ONE = f"{A}.1"


def left(first=0, last=4, *, claimed=True):
    """Return that somebody served at home, hours after NOW."""
    return MemberLeft(person=A, community=HERE, campaign="k1", source="staff",
                      minutes=(last - first) * 60, from_us=NOW + first * HOUR,
                      to_us=NOW + last * HOUR, claimed=claimed)  # fmt: skip


def abroad(first=0, last=4):
    """Return that another community says so."""
    return ServiceRecorded(person=A, community=THERE, campaign="k2", home=HERE,
                           from_us=NOW + first * HOUR, to_us=NOW + last * HOUR,
                           what="搬运")  # fmt: skip


def certified(number=1, first=0, last=4):
    """Return a certification."""
    return HoursCertified(person=A, community=HERE, number=number,
                          from_us=NOW + first * HOUR,
                          to_us=NOW + last * HOUR)  # fmt: skip


def refused(number=1):
    """Return a refusal."""
    return HoursRefused(person=A, community=HERE, number=number)


def recognised(number=1, first=0, last=4):
    """Return that the home recognises it."""
    return ServiceRecognised(person=A, community=HERE, number=number,
                             from_us=NOW + first * HOUR,
                             to_us=NOW + last * HOUR)  # fmt: skip


def minutes(watched, who=A):
    """Return what is certified, certified elsewhere, claimed."""
    row = watched.get(HUMAN, who)
    return row.minutes, row.elsewhere_minutes, row.claimed_minutes


def waiting(watched, condition):
    """Return the stretches that wait for somebody's word."""
    with watched.engine.connect() as c:
        return [row.stretch for row in SERVED.where(c, condition, at=None)]


def test_a_claim_waits_for_the_organiser():
    """Until it is certified or refused; each ruling is in the row with its author."""
    with watching(UNIT, person(A), left(), views=(ROSTER,)) as watched:
        watched.catch_up()
        row = watched.get(SERVED, ONE)
        assert (row.waits, row.state, row.path) == (ORGANISER, "CLAIMED", HERE)
        assert waiting(watched, FOR_ORGANISER) == [ONE]
        assert minutes(watched) == (0, 0, 240)
        watched.add(certified(1, 1, 3), actor="li")
        row = watched.get(SERVED, ONE)
        assert (row.waits, row.state, row.rulings) == ("", "CERTIFIED", 1)
        assert (row.ruled_by, row.ruled_us, row.actor) == ("li", NOW, "wang")
        assert minutes(watched) == (120, 0, 0)
        watched.add(refused())
        assert watched.get(SERVED, ONE).state == "REFUSED"
        assert minutes(watched) == (0, 0, 0)
        assert waiting(watched, FOR_ORGANISER) == []


def test_hours_of_elsewhere_wait_for_where_they_live_now():
    """Where they live changes; the organiser's campaign is not that of their home."""
    with watching(UNIT, person(A), abroad(), views=(ROSTER,)) as watched:
        watched.catch_up()
        row = watched.get(SERVED, ONE)
        assert (row.waits, row.home, row.path) == (HOME, HERE, THERE)
        assert watched.get(MUSTER, HERE).campaign == ""
        assert minutes(watched) == (0, 240, 0)
        watched.add(person(A, COMMUNITY_21))
        assert watched.get(SERVED, ONE).home == COMMUNITY_21.code
        watched.add(recognised())
        assert waiting(watched, FOR_HOME) == []
        assert minutes(watched) == (240, 0, 0)


def test_nothing_waits_of_who_is_gone():
    """Forgotten, or merged: then what they claimed waits as the other's."""
    moved = HoursRecognised(
        person=B,
        merged=A,
        minutes=0,
        untimed=0,
        times=(Merged(HERE, "k1", NOW, NOW + 90 * MINUTE, claimed=True),),
    )
    with watching(UNIT, person(A), person(B), left(), views=(ROSTER,)) as watched:
        watched.add(PersonMerged(person=A, into=B), moved)
        assert waiting(watched, FOR_ORGANISER) == [f"{B}.1"]
        assert minutes(watched, B) == (0, 0, 90)
        watched.add(PersonForgotten(person=B))
        assert waiting(watched, FOR_ORGANISER) == []
        row = watched.get(MUSTER, HERE)
        assert (row.registered, row.claimed_minutes) == (0, 0)


def test_what_waits_is_found_by_its_own_index():
    """However much is certified by now."""
    with watching(UNIT, person(A), left(), views=(ROSTER,)) as watched:
        watched.catch_up()
        for condition in (FOR_ORGANISER, FOR_HOME):
            still = SERVED.table.c.seq_to.is_(None)
            query = sa.select(SERVED.table.c.stretch).where(condition, still)
            text = str(query.compile(compile_kwargs={"literal_binds": True}))
            with watched.engine.connect() as c:
                plan = str(c.execute(sa.text(f"EXPLAIN QUERY PLAN {text}")).all())
            assert "roster_served_waits" in plan


hours = st.tuples(st.integers(0, 7), st.integers(1, 4))
acts = st.lists(
    st.tuples(st.sampled_from(["claim", "enter", "abroad", "certify", "refuse",
                               "recognise", "restart"]),
              st.integers(1, 5), hours),
    min_size=3, max_size=15,
)  # fmt: skip


def fact_of(act, count):
    """Return the fact of a random act, None if it is about nothing there is."""
    kind, number, (first, long) = act
    match kind:
        case "claim" | "enter":
            return left(first, first + long, claimed=kind == "claim")
        case "abroad":
            return abroad(first, first + long)
    if number > count:
        return None
    match kind:
        case "certify":
            return certified(number, first, first + long)
        case "refuse":
            return refused(number)
        case "recognise":
            return recognised(number, first, first + long)
    return None


@given(acts=acts)
@settings(max_examples=20, deadline=None)
def test_the_view_counts_as_the_rules_do(acts):
    """Each stretch, each sum, after each fact; rebuilt, it is the same rows."""
    told = []
    with watching(UNIT, person(A), views=(ROSTER,)) as watched:
        for act in acts:
            if act[0] == "restart":
                watched.restart()
            state = fold(*told)(attendance_stream(A))
            fact = fact_of(act, len(state.stretches))
            if fact is None:
                continue
            told.append(fact)
            watched.add(fact)
            state = fold(*told)(attendance_stream(A))
            rows = sorted(watched.select(SERVED), key=lambda row: row.number)
            assert tuple(map(stretch_of, rows)) == state.stretches
            assert minutes(watched) == tuple(state.hours)
            tally = watched.get(MUSTER, HERE)
            assert (tally.minutes, tally.elsewhere_minutes, tally.claimed_minutes) == (
                tuple(state.hours)
            )
        head = len(watched.ledger.stored)
        check_rebuilt(watched.ledger, watched.engine, (ROSTER,), head)
