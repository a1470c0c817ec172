"""The outbox: which facts are to be told outside, once, in the order of the log."""

from __future__ import annotations

import pytest

from coordination.catalogue import EVENTS
from coordination.vocabulary import NEWS
from projections.outbox import OUTBOX, OUTGOING, outgoing
from projections.runner import Runner
from projections.store import open_views
from tests.given import STREET_1, all_rows, door
from tests.views.ledger import PLANS, begun, level, over, saw, watching

TOLD = {
    *("mode.emergency-declared.3", "mode.emergency-ended.1", "mode.level-raised.2"),
    *("mode.level-lowered.1", "mode.scope-widened.2", "mode.scope-narrowed.1"),
    *("mode.emergency-voided.1", "mode.sites-taken-up.1", "mode.sites-freed.1"),
    *("mode.expectation-passed.1", "approvals.proposal-made.1"),
    *("approvals.glass-broken.1", "approvals.review-overdue.1"),
    *("authority.absence-recorded.1", "orders.order-issued.1"),
    *("orders.order-withdrawn.1", "orders.order-reminded.1"),
    *("orders.order-overdue.1", "approvals.proposal-expired.1"),
    *("mode.deadline-passed.1", "people.absence-passed.1", "posts.post-vacated.1"),
    *("posts.substitution-made.1", "posts.holder-silent.1", "stock.lot-expired.1"),
    *("stock.lot-expiring.1", "transfers.late.1"),
}
SOME = {
    *("posts.wait-overdue.1", "packages.package-handed-over.1"),
    *("stations.shortages-noted.1", "transfers.arrived.1"),
    "grants.account-acted.1",
}
"""Told if there is something to do: a shortage, not that it is over."""


@pytest.fixture
def told(morning):
    """The morning's log and its outbox."""
    with door(morning()) as handler:
        engine = open_views(":memory:")
        Runner(handler.log.recorder, engine, [OUTBOX]).catch_up()
        with engine.connect() as c:
            yield all_rows(handler.log), c
        engine.dispose()


@pytest.mark.parametrize("name", EVENTS)
def test_a_fact_is_told_or_not(told, name):
    """Each of its facts once, or none at all."""
    rows, c = told
    seqs = [row.seq for row in rows if row.name == name]
    found = [o.seq for o in outgoing(c, 0, 1_000) if o.seq in seqs]
    if name in SOME:
        assert 0 < len(found) <= len(seqs)
    else:
        assert found == (seqs if name in TOLD else [])
    assert seqs


def test_every_kind_of_alarm_and_news_can_be_told(told):
    """What a rule can be set for is told, and nothing is that none can be."""
    _, c = told
    whole = outgoing(c, 0, 1_000)
    assert {o.kind for o in whole} == NEWS.keys()
    assert all(o.paths for o in whole if o.kind != "reset")  # that is of no place


def test_what_is_to_be_told_comes_oldest_first_from_a_position(told):
    """However many at once, nothing comes twice and nothing is left out."""
    _, c = told
    whole = outgoing(c, 0, 1_000)
    assert [o.seq for o in whole] == sorted(o.seq for o in whole)
    found, after = [], 0
    while more := outgoing(c, after, 2):
        found += more
        after = more[-1].seq
    assert found == whole


def test_a_fact_that_is_told_has_its_row_from_then_on():
    """A restart tells it no second time."""
    base = PLANS["flood"], begun("e1", STREET_1)
    with watching(*base, views=(OUTBOX,)) as watched:
        watched.add(saw("310117001001-s1", "e1", "fl-open"), level("e1", 4, 3))
        watched.restart()
        watched.add(over("e1"))
        with watched.engine.connect() as c:
            found = outgoing(c, 0, 10)
            assert [o.seq for o in found] == [2, 4, 5]
            assert outgoing(c, 4, 10) == found[2:]
            assert outgoing(c, 5, 10) == []
            assert OUTGOING.get(c, 3, at=None) is None
