"""What a decision asks of the past is read backwards, and no further than it asks."""

from __future__ import annotations

import pytest

from coordination.areas.events import AreaRegistered
from coordination.folding import AT_ONCE, Past, States
from coordination.kernel import VERSION_HELD, Held
from coordination.log import Log
from coordination.mode.events import EmergencyEnded
from tests.given import Clock
from tests.log.test_contract import append


class Counting:
    """A recorder that counts the rows it gives."""

    def __init__(self, recorder):
        self.recorder, self.rows = recorder, 0

    def __getattr__(self, name):
        """Do what the other does."""
        return getattr(self.recorder, name)

    def stream(self, stream, after=0):
        """Give a stream's rows, and count them."""
        found = self.recorder.stream(stream, after)
        self.rows += len(found)
        return found

    def newest(self, *asked):
        """Give a stream's newest rows, and count them."""
        found = self.recorder.newest(*asked)
        self.rows += len(found)
        return found


@pytest.fixture
def log(recorder):
    """A log with a long stream, which counts what is read of it."""
    clock = Clock()
    recorder.commit([append(f"c{n}", "s") for n in range(5 * AT_ONCE)], clock)
    log = Log(Counting(recorder), clock)
    yield log
    log.recorder = recorder


def held(*facts):
    """Return what these facts in the stream make so."""
    return Held("x", ("s",), facts, VERSION_HELD, "某项", "something")


def test_the_last_fact_of_a_long_stream_is_found_without_reading_it(log):
    """A page at the most, however long the stream is."""
    last = States(log).last(held(EmergencyEnded, AreaRegistered))
    assert last.seq == 5 * AT_ONCE
    assert log.recorder.rows <= AT_ONCE
    past = Past(log, 2 * AT_ONCE + 7).last(held(AreaRegistered))
    assert past.seq == 2 * AT_ONCE + 7
    assert log.recorder.rows <= 2 * AT_ONCE


def test_facts_are_told_newest_first_as_far_as_somebody_asks(log):
    """All of them where all are asked for; of a position, none that came later."""
    told = States(log).told("s")
    newest = next(told)
    assert log.recorder.rows <= AT_ONCE
    times = [newest.recorded_us, *(t.recorded_us for t in told)]
    assert len(times) == 5 * AT_ONCE
    assert times == sorted(times, reverse=True)
    assert len([*Past(log, 3).told("s")]) == 3
    assert States(log).last(held(EmergencyEnded)) is None
    assert [*States(log).told("nothing")] == []
