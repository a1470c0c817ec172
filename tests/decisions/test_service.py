"""The service was away: that is a fact, and nobody is held to have been silent."""

from __future__ import annotations

from collections import UserList
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coordination.service.decide import NotAway, RecordOutage, record_outage
from coordination.service.events import (
    ClockAccepted,
    OutageRecorded,
    StoreAccepted,
    StoreMended,
)
from coordination.service.state import OUTAGES, away_us, extended, passed
from coordination.service.stores import (
    AcceptClock,
    AcceptStore,
    ClockRight,
    RecordMended,
    WithoutBasis,
    accept_clock,
    accept_store,
    record_mended,
)
from tests.given import HOUR, MINUTE, NOW, SECOND, SERVICE, by, check, fold, table


def away(since, until):
    """Return that the service was away between two minutes from ``NOW``."""
    return OutageRecorded(from_us=NOW + since * MINUTE, to_us=NOW + until * MINUTE)


LAST = RecordOutage(from_us=NOW - 17 * MINUTE)


@table(
    ("17 minutes", [], LAST, [OutageRecorded(from_us=NOW - 17 * MINUTE, to_us=NOW)]),
    ("a restart", [], RecordOutage(from_us=NOW - 59 * SECOND), NotAway),
    ("recorded", [away(-17, 0)], LAST, NotAway),
    ("in part recorded by another process", [away(-17, -5)], LAST, [away(-5, 0)]),
    ("a sign from ahead of time", [], RecordOutage(from_us=NOW + HOUR), NotAway),
)
def test_an_outage_is_recorded_once(given, when, then):
    """As far as it is not known yet, and if it was longer than a restart."""
    check(record_outage, given, when, then, who=by(actor=SERVICE))


def older(**more):
    """Return that somebody goes on with an older log."""
    return AcceptStore(store="log", fault="older", known=9, found=7, **more)


@table(
    ("with a basis", [], older(basis="恢复备份"),
     [StoreAccepted(store="log", fault="older", known=9, found=7)]),
    ("without", [], older(), WithoutBasis),
    ("of nothing", [], older(basis=" "), WithoutBasis),
)  # fmt: skip
def test_a_store_is_accepted_on_a_basis(given, when, then):
    """Which is not the one there was."""
    check(accept_store, given, when, then)


@table(
    ("with a basis", [], AcceptClock(from_us=NOW, to_us=NOW + HOUR, basis="授时"),
     [ClockAccepted(from_us=NOW, to_us=NOW + HOUR)]),
    ("without", [], AcceptClock(from_us=NOW, to_us=NOW + HOUR), WithoutBasis),
    ("of one that is right", [], AcceptClock(basis="授时"), ClockRight),
)  # fmt: skip
def test_a_clock_is_accepted_on_a_basis(given, when, then):
    """Which has jumped."""
    check(accept_clock, given, when, then)


@table(
    ("of the previews", [], RecordMended(store="previews", fault="missing"),
     [StoreMended(store="previews", fault="missing")]),
)  # fmt: skip
def test_what_was_made_good_is_recorded(given, when, then):
    """Each time: no store is made good in silence."""
    check(record_mended, given, when, then, who=by(actor=SERVICE))


@pytest.mark.parametrize(
    ("outages", "now", "then"),
    [
        pytest.param([], 14, False, id="not yet"),
        pytest.param([], 15, True, id="due is due"),
        pytest.param([away(5, 22)], 31, False, id="away in the middle"),
        pytest.param([away(5, 22)], 32, True, id="as long again as was missed"),
        pytest.param([away(-9, -1)], 15, True, id="away before it began"),
        pytest.param([away(-9, 5)], 19, False, id="away when it began"),
        pytest.param([away(-9, 5)], 20, True, id="and then all of the time"),
        pytest.param([away(1, 2), away(5, 4_325)], 4_335, False, id="three days"),
        pytest.param([away(1, 2), away(5, 4_325)], 4_336, True, id="and one minute"),
        pytest.param([away(15, 99)], 99, True, id="it was over before"),
    ],
)
def test_a_wait_of_fifteen_minutes_is_judged_by_time_in_service(outages, now, then):
    """What could not be answered is not held against anybody."""
    read = fold(*outages)
    assert passed(read, NOW, NOW + 15 * MINUTE, NOW + now * MINUTE) is then


@given(
    st.lists(st.integers(-50, 200), min_size=2, max_size=12, unique=True),
    st.integers(1, 90),
    st.integers(0, 300),
)
def test_whoever_waits_has_all_of_the_time_in_service(marks, length, now):
    """As one counts minute by minute; and the moment shown is the moment it is over."""
    ends, until = sorted(marks), NOW + now * MINUTE
    outages = [away(*pair) for pair in list(pairwise(ends))[::2]]
    gone = fold(*(o for o in outages if o.from_us < until))(OUTAGES)
    minutes = range(now)
    served = sum(
        not any(o.from_us <= NOW + m * MINUTE < o.to_us for o in outages)
        for m in minutes
    )
    read, due_us = fold(*outages), NOW + length * MINUTE
    here = not any(o.from_us < until < o.to_us for o in outages)
    if here:
        assert passed(read, NOW, due_us, until) == (served >= length)
        shown_us = extended(gone, NOW, due_us)
        assert (shown_us <= until) == (served >= length)
    assert away_us(gone, NOW, until) == (now - served) * MINUTE


def walked_away(outages, since_us, until_us):
    """Return how long it was away between two moments, asking every outage."""
    overlaps = (min(o.to_us, until_us) - max(o.from_us, since_us) for o in outages)
    return sum(max(0, overlap) for overlap in overlaps)


def walked_until(outages, since_us, due_us):
    """Return when a wait is over, asking every outage."""
    until_us = due_us
    for outage in outages:
        if outage.to_us > since_us and outage.from_us < until_us:
            until_us += outage.to_us - max(outage.from_us, since_us)
    return until_us


MOMENTS = st.integers(-60, 210)


@given(
    st.lists(st.integers(-50, 200), min_size=2, max_size=30, unique=True),
    MOMENTS,
    MOMENTS,
)
def test_a_wait_is_as_long_as_every_outage_in_turn_says(marks, since, until):
    """Whatever is looked up at once is what a walk over all of them finds."""
    pairs = list(pairwise(sorted(marks)))[::2]
    outages = fold(*(away(*pair) for pair in pairs))(OUTAGES)
    span = NOW + since * MINUTE, NOW + until * MINUTE
    assert away_us(outages, *span) == walked_away(outages, *span)
    assert extended(outages, *span) == walked_until(outages, *span)


class Counted(UserList):
    """Outages that count how often one of them is looked at."""

    looked = 0

    def __getitem__(self, number):
        """Return one, and count it."""
        self.looked += 1
        return self.data[number]


def test_a_wait_does_not_ask_about_every_outage_there_ever_was():
    """Ten thousand restarts, and a wait of an hour over the last of them."""
    known = fold(*(away(n * 10, n * 10 + 2) for n in range(10_000)))(OUTAGES)
    outages = Counted(known)
    since_us = NOW + 99_975 * MINUTE
    assert away_us(outages, since_us, since_us + HOUR) == 4 * MINUTE
    assert extended(outages, since_us, since_us + HOUR) == since_us + HOUR + 4 * MINUTE
    assert away_us(outages, NOW - HOUR, since_us) == 19_996 * MINUTE
    assert outages.looked < 20 + 3 * 20
