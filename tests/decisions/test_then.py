"""A shelf as it was: what is entered late is judged by the moment it is about."""

from __future__ import annotations

from collections import Counter, defaultdict

from hypothesis import given
from hypothesis import strategies as st

from coordination.fields import lot_id
from coordination.kernel import Told
from coordination.late import CLOCKS_US
from coordination.stock.events import BatchStatusSet
from coordination.stock.ledger import APPROVED, SHELF
from coordination.stock.state import Held, Lot, batch_stream, lot_stream, stock_stream
from coordination.stock.then import Then
from tests.decisions.goods import S1, lot, moved, status
from tests.given import MINUTE, NOW, Folded, by, fold

LOTS = ("one", "two")
STATUSES = (APPROVED, "on-hold", "damaged")
BATCH = lot_id("B-1")
STEPS = st.tuples(
    st.sampled_from(LOTS),
    st.sampled_from(["come", "go", "all", "here", "everywhere", "batch"]),
    st.sampled_from(STATUSES),
    st.integers(0, 12),  # minutes after it happened it was entered
)


class Writing:
    """A log of one shelf while it is written."""

    def __init__(self):
        self.told, self.minute = [], 0
        self.held, self.here = Counter(), defaultdict(lambda: APPROVED)
        self.own, self.batch = defaultdict(lambda: APPROVED), APPROVED

    def step(self, name, what, to, late):
        """Do one thing, if it can be."""
        self.minute += 2
        facts = {
            "come": self.come,
            "go": self.go,
            "all": self.go,
            "here": self.set_here,
            "everywhere": self.set_everywhere,
            "batch": self.set_batch,
        }[what](name, to if what in {"here", "everywhere", "batch"} else what)
        recorded = NOW + self.minute * MINUTE
        occurred = recorded - late * MINUTE
        self.told += [Told(fact, "li", occurred, recorded) for fact in facts]

    def come(self, name, _what):
        """Five of a lot come; a new one is registered."""
        known = any(t.event.stream == lot_stream("mask", name).id for t in self.told)
        self.held[name] += 5
        new = [] if known else [lot(name, batch=BATCH)]
        return [*new, moved(name, 5)]

    def go(self, name, what):
        """Some of a lot go, or all."""
        gone = self.held[name] if what == "all" else min(self.held[name], 2)
        self.held[name] -= gone
        return [moved(name, gone, SHELF, "used")] if gone else []

    def set_here(self, name, to):
        """A lot is set to something at this station."""
        before, self.here[name] = self.here[name], to
        if before == to or (not self.held[name] and before == APPROVED):
            self.here[name] = before
            return []
        return [status(name, to, before)]

    def set_everywhere(self, name, to):
        """A lot is set to something everywhere."""
        before, self.own[name] = self.own[name], to
        return [status(name, to, before, station="")] if before != to else []

    def set_batch(self, _name, to):
        """All lots of the maker are set to something."""
        before, self.batch = self.batch, to
        if before == to:
            return []
        return [BatchStatusSet(item="mask", batch=BATCH, status=to, before=before)]


def came(told, name, at_us):
    """Return when a lot first came if that was later, by every fact there is."""
    arrivals = [
        t.occurred_us
        for t in told
        if getattr(t.event, "destination", "") == SHELF and t.event.lot == name
    ]
    first_us = min(arrivals, default=0)
    return first_us if first_us > at_us + CLOCKS_US else 0


def was(told, stream, name, at_us):
    """Return what was last set by a stream of what happened by then."""
    found = APPROVED
    for t in told:
        ours = getattr(t.event, "lot", name) == name and hasattr(t.event, "status")
        if t.event.stream == stream and ours and t.occurred_us <= at_us:
            found = t.event.status
    return found


@given(st.lists(STEPS, max_size=20), st.integers(-5, 50))
def test_a_shelf_taken_back_is_what_every_fact_in_turn_says(steps, minute):
    """When each lot came and what it was, whatever was entered in which order."""
    log, at_us = Writing(), NOW + minute * MINUTE
    for step in steps:
        log.step(*step)
    read = fold(*log.told)
    for name in LOTS:
        then = Then(read, S1, "mask", at_us)
        known: Lot = read(lot_stream("mask", name))
        assert then.came_us(name) == came(log.told, name, at_us)
        batch = was(log.told, batch_stream("mask", BATCH).id, name, at_us)
        own = was(log.told, lot_stream("mask", name).id, name, at_us)
        here = was(log.told, stock_stream(S1, "mask").id, name, at_us)
        if known.registered:
            expected = Lot(known.registered, own).status_at(Held(0, 0, here), 0, batch)
            assert then.status(name, known) == expected


class Asked(Folded):
    """A read that counts the facts it tells."""

    count = 0

    def told(self, stream, /):
        """Tell them one by one."""
        for told in super().told(stream):
            self.count += 1
            yield told


def test_what_went_over_the_shelf_before_is_not_read():
    """An item moved two thousand times is asked for what came since, and one more."""
    facts = [lot("one", batch=BATCH), moved("one", 5_000)]
    facts += [moved("one", 1, SHELF, "used") for _ in range(2_000)]
    early = [Told(fact, "li", NOW, NOW) for fact in facts]
    later = NOW + 60 * MINUTE
    facts = [moved("one", 3), status("one", "on-hold")]
    late = [Told(fact, "li", later, later) for fact in facts]
    read = Asked([*early, *late], by())
    then = Then(read, S1, "mask", NOW + 30 * MINUTE)
    assert then.came_us("one") == 0
    assert then.status("one", read(lot_stream("mask", "one"))) == APPROVED
    assert read.count < 10
