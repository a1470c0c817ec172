"""What would become of the board, beside what then becomes of it."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from projections import writer
from projections.board_view import BOARD
from projections.foresight import Change, foresee
from projections.progress import PROGRESS
from tests.given import COMMUNITY_11, NOW, STREET_1
from tests.views.ledger import (
    ALIKE,
    APART,
    BASE,
    SITES,
    TORN,
    Events,
    begun,
    level,
    orders,
    over,
    site_at,
    watching,
)


def rows_of(watched):
    """Return every slot's row, without when it began."""
    return {row.slot: row[:-2] for row in watched.select(PROGRESS)}


def frozen(tables):
    """Return a copy of all current rows of a view."""
    return {w.table.name: {r[0]: r for r in w.every()} for w in tables.writers}


def foreseen(watched, *events):
    """Return what these events would change; assert that nothing else moves."""
    with watched.runner.holding(BOARD) as (live, seq):
        before, memo = frozen(live), repr(live.memo.get("slots"))
        changes = foresee(BOARD, live, events, seq, NOW)
        assert frozen(live) == before
        assert repr(live.memo.get("slots")) == memo
        assert not any(w._dirty or w._closed or w._fresh for w in live.writers)
    return changes


def check(watched, *events):
    """Assert that what is foreseen comes true, slot by slot, and nothing besides."""
    changes, before = foreseen(watched, *events), rows_of(watched)
    watched.add(*events)
    after = rows_of(watched)
    assert {c.after.slot: c.after[:-2] for c in changes} == {
        slot: row for slot, row in after.items() if before.get(slot) != row
    }
    for change in changes:
        old = before.get(change.after.slot)
        assert (change.before and change.before[:-2]) == old
    return changes


@pytest.mark.parametrize("kept", [writer.KEPT_MAX, 1])
@given(orders=st.lists(orders, min_size=2, max_size=14))
@settings(max_examples=20, deadline=None)
def test_what_is_foreseen_comes_true(kept, orders):
    """Whatever stands, the next fact does to the board just what was foreseen.

    Also if it stands in the database alone.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(writer, "KEPT_MAX", kept)
        foresee_each(orders)


def foresee_each(orders):
    """Foresee each fact, then let it be."""
    with watching(*BASE, *SITES) as watched:
        events = Events(watched.ledger)
        for order in orders:
            if order == ("restart",):
                watched.restart()
                continue
            event = events.of(order)
            if event is not None:
                check(watched, event)


def test_a_change_tells_what_was_and_what_would_be():
    """A slot there is has both sides; one that would be new has one."""
    with watching(*BASE, *SITES) as watched:
        changes = check(watched, begun("e1", COMMUNITY_11))
        assert {c.after.site for c in changes} == {ALIKE.site, APART.site}
        assert all(c.before and c.before.emergency is None for c in changes)
        changes = check(watched, begun("e2", STREET_1, hazard="epidemic"))
        new = {c.after.site for c in changes if c.before is None}
        assert new == {ALIKE.site, APART.site}
        assert {c.after.phase for c in changes if c.after.site == TORN.site} == {
            "convert"
        }


def test_several_facts_are_foreseen_one_after_the_other():
    """What an approval carries comes with it in one append."""
    with watching(*BASE, *SITES) as watched:
        check(watched, begun("e1", STREET_1), level("e1", 4, 2, 1), over("e1", 2))


def test_a_conflict_is_foreseen():
    """Who would be passed over is among the changes, with whose function it holds."""
    with watching(*BASE, *SITES, begun("e1", STREET_1)) as watched:
        changes = foreseen(watched, begun("e2", STREET_1, hazard="epidemic"))
        conflicts = [c.after for c in changes if c.after.phase == "passed-over"]
        assert [(r.site, r.against) for r in conflicts] == [(TORN.site, "e1")]


def test_what_changes_no_site_is_no_change():
    """An order where no site is planned for it leaves everything as it is."""
    with watching(*BASE, site_at(COMMUNITY_11, 1)) as watched:
        assert foreseen(watched, begun("e1", STREET_1)) == []


def test_foreseeing_twice_says_the_same():
    """Nothing of the first time is left."""
    with watching(*BASE, *SITES) as watched:
        first = foreseen(watched, begun("e1", STREET_1))
        assert first
        assert all(isinstance(change, Change) for change in first)
        assert foreseen(watched, begun("e1", STREET_1)) == first
