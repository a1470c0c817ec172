"""A moment of the record: a position, a time or a decision; never inside of one."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.http.moments import UnknownMoment, position_of
from coordination.catalogue import open_envelope
from coordination.log import SQLiteReader

LATER = 2**60


@pytest.fixture(scope="module")
def log(morning):
    """The log of a morning in which everything happened."""
    reader = SQLiteReader(morning())
    yield reader
    reader.close()


@pytest.fixture(scope="module")
def ends(log):
    """Where each decision ends, by its facts; of the first position too."""
    rows = log.rows(0, 100_000)
    last = {open_envelope(row.stored).command: row.seq for row in rows}
    found = {row.seq: last[open_envelope(row.stored).command] for row in rows}
    assert any(seq != end for seq, end in found.items()), "decisions of several facts"
    return {0: 0, **found}


def rfc3339(us):
    """Return a time as people write it."""
    moment = dt.datetime.fromtimestamp(us // 1_000_000, dt.UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{us % 1_000_000:06}+00:00"


@given(data=st.data())
def test_no_position_is_inside_of_a_decision(log, ends, data):
    """Whatever is asked for, all of a decision is shown or nothing of it."""
    seq = data.draw(st.integers(0, len(ends) - 1))
    assert position_of(log, str(seq), LATER) == ends[seq]


@given(data=st.data())
def test_at_a_time_it_is_what_was_recorded_whole_by_then(log, ends, data):
    """Of a decision that was being recorded just then, nothing yet."""
    rows = log.rows(0, 100_000)
    row = data.draw(st.sampled_from(rows))
    then = row.recorded_us + data.draw(st.integers(-2, 2))
    whole = [
        end for end in set(ends.values()) if end and rows[end - 1].recorded_us <= then
    ]
    found = position_of(log, rfc3339(then), LATER)
    assert found == max(whole, default=0)


def test_a_decision_is_called_by_its_command(log, ends):
    """And ends where its receipt says."""
    rows = log.rows(0, 100_000)
    for row in rows[:: len(rows) // 20]:
        command = open_envelope(row.stored).command
        assert position_of(log, command, LATER) == ends[row.seq]


@pytest.mark.parametrize(
    "at",
    ["999999", "2023-13-01T00:00:00Z", "2099-01-01T00:00:00Z", "nobody-said", "-1"],
)
def test_what_is_no_moment_is_refused(log, at):
    """Beyond the end, not a time, still to come, nobody's decision."""
    with pytest.raises(UnknownMoment) as refused:
        position_of(log, at, 1_800_000_000_000_000)
    assert at in refused.value.say("zh")


def test_a_plus_that_was_not_encoded_is_one(log):
    """``+08:00`` arrives as a blank."""
    us = log.rows(9, 1)[0].recorded_us
    said = rfc3339(us)
    assert position_of(log, said.replace("+", " "), LATER) == position_of(
        log, said, LATER
    )
