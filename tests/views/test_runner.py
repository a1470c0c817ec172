"""The runner: in any batches, after any death, beside others, each event once."""

from __future__ import annotations

import contextlib
import sqlite3
import threading
from collections import UserList
from dataclasses import replace
from itertools import pairwise
from typing import NamedTuple

import psycopg
import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st
from psycopg import sql
from structlog.testing import capture_logs

from coordination.catalogue import Unreadable, open_envelope
from coordination.log import Append, Proposed, SQLiteReader, open_recorder
from projections import following, writer
from projections.rebuild import rebuild
from projections.runner import Runner
from projections.store import open_views, positions, strays
from projections.temporal import Temporal
from projections.view import View, read_row
from projections.whole import decision_at
from tests.given import LONG, PATIENCE_SECONDS, Clock
from tests.views.city import ALL_VIEWS as EVERY
from tests.views.city import check_rebuilt, content, rebuilt, tables_of


class Counted(NamedTuple):
    """How many events of one name there were, and the last of them."""

    name: str
    number: int
    last: int
    occurred_us: int
    seq_from: int


class Seen(NamedTuple):
    """One event."""

    seq: int
    name: str
    occurred_us: int


COUNTED = Temporal("test_counted", Counted)
SEEN = Temporal("test_seen", Seen, append_only=True)
OTHER = Temporal("test_other", Counted)


def count(t, fact):
    """Count an event: applied twice, it shows."""
    known = t[COUNTED].current.get(fact.name)
    number = known.number + 1 if known else 1
    when = fact.envelope.occurred_us, fact.seq
    t[COUNTED].put(Counted(fact.name, number, fact.seq, *when))
    t[SEEN].put(Seen(fact.seq, fact.name, when[0]))


TALLY = View(name="test_tally", version=1, tables=(COUNTED, SEEN), handlers={},
             every=count)  # fmt: skip
VIEWS = EVERY[:6]
"""Enough of them where it matters only that they are several."""
ALL = (*VIEWS, TALLY)


class Broken(Exception):  # noqa: N818 - what a handler raises
    """A handler's fault."""


def tally(handler):
    """Return the tally with another handler."""
    return replace(TALLY, every=handler)


@pytest.fixture
def log(morning):
    """The log of a morning in which everything happened."""
    reader = SQLiteReader(morning())
    yield reader
    reader.close()


@contextlib.contextmanager
def opened(home):
    """Give an engine on a views database."""
    engine = open_views(home)
    HOMES[engine] = home
    yield engine
    stop_all()  # who uses an engine ends before it
    del HOMES[engine]
    engine.dispose()


@pytest.fixture
def engine(home):
    """An empty views database."""
    with opened(home) as engine:
        yield engine


HOMES = {}
STARTED = []


def start(log, engine, views=ALL, *, own=True):
    """Return a runner, by default with an engine of its own; stopped at the end."""
    if own:
        return start_at(HOMES[engine], log, views)
    STARTED.append(Runner(log, engine, views))
    return STARTED[-1]


def start_at(home, log, views=ALL):
    """Return a runner on a views database, stopped when the test ends."""
    STARTED.append(Runner(log, open_views(home), views))
    return STARTED[-1]


@pytest.fixture(autouse=True)
def _stopped():
    """Stop whatever was started."""
    yield
    stop_all()


def stop_all():
    """End every process there is, as far as this test goes."""
    while STARTED:
        STARTED.pop().stop()


def forget(engine):
    """Stop everything and drop what views there are."""
    stop_all()
    with engine.begin() as c:
        c.execute(sa.text("DELETE FROM view_position"))


def check_whole(log, engine, views=ALL, upto=None):
    """Assert that the views are those of a rebuild, at their position."""
    upto = log.head().seq if upto is None else upto
    with engine.connect() as c:
        found = positions(c)
        assert {view.name: found[view.name] for view in views} == dict.fromkeys(
            (view.name for view in views), upto
        )
    check_rebuilt(log, engine, views, upto)


def at(seq):
    """Return the positions of the real views, all at the same."""
    return {view.name: seq for view in VIEWS}


def test_the_morning_has_an_event_of_every_kind_that_views_know(log):
    """What these tests rest on: no handler is left out of the log they replay."""
    names = {row.name for row in log.rows(0, 10_000)}
    handled = {event.NAME for view in EVERY for event in view.handlers}
    assert handled <= names


parts = st.lists(
    st.tuples(st.integers(1, 60), st.integers(1, 20), st.booleans()), max_size=6
)
"""How far to go, in batches of how many, and whether a new process goes on."""


def test_any_batches_and_restarts_are_one_rebuild(log, engine, home):
    """However the log is cut, every table of every view is byte for byte the same."""
    head = log.head().seq

    @given(parts=parts)
    @settings(
        max_examples=2 if isinstance(home, str) else 5, deadline=None, database=None
    )
    def check(parts):
        forget(engine)
        runner, reached = start(log, engine, ALL), 0
        for further, batch, restart in parts:
            reached = min(head, reached + further)
            assert runner.catch_up(upto=reached, batch=batch) == reached
            if restart:
                runner.stop()
                runner = start(log, engine)
                assert runner.seq == reached
        check_rebuilt(log, engine, ALL, reached)
        assert runner.catch_up(batch=7) == head
        check_whole(log, engine)

    check()


@pytest.mark.parametrize(("kept", "batch"), [(0, 1), (0, 7), (3, 2), (20, 50)])
def test_rows_that_are_not_in_memory_are_read(log, engine, kept, batch, monkeypatch):
    """However few of a table's rows are kept, the views are what a rebuild makes."""
    monkeypatch.setattr(writer, "KEPT_MAX", kept)
    runner = start(log, engine, ALL)
    runner.catch_up(batch=batch)
    writers = [w for one in runner._running for w in one.tables.writers]
    assert max(len(w.current) for w in writers) <= kept
    assert kept == 20 or not all(w.whole for w in writers)
    check_whole(log, engine)


def test_upto_stops_at_every_position(log, engine):
    """A catch-up to a position shows the views of that position."""
    runner = start(log, engine)
    for upto in range(0, log.head().seq, 31):
        assert runner.catch_up(upto=upto) == upto == runner.seq
        check_whole(log, engine, upto=upto)


def test_a_rebuild_on_either_database_writes_the_same_rows(log, home, tmp_path):
    """A file's rows are a server's rows."""
    head = log.head().seq
    with (
        rebuilt(log, EVERY, head, home) as one,
        rebuilt(log, EVERY, head, tmp_path / "other.sqlite") as other,
    ):
        assert content(one, tables_of(EVERY)) == content(other, tables_of(EVERY))


def test_a_rebuild_ends_at_the_position_asked_for(log, engine):
    """What comes later is not in it, and positions are written."""
    rebuild(log, engine, ALL, upto=20)
    check_whole(log, engine, upto=20)


@pytest.mark.parametrize("batch", [1, 10, 1_000])
def test_a_handler_that_fails_once_costs_nothing(log, engine, batch):
    """A transaction that breaks in its middle leaves nothing behind and is redone."""
    failed = []

    def once(t, fact):
        count(t, fact)
        if fact.seq == 17 and not failed:
            failed.append(fact.seq)
            raise Broken

    runner = start(log, engine, (*VIEWS, tally(once)))
    runner.catch_up(batch=batch)
    assert failed == [17]
    assert runner.quarantined == []
    check_whole(log, engine)


def test_a_handler_that_raises_stops_its_view_alone(log, engine):
    """The poison event's seq is told; the others go on; a restart stops there again."""

    def poison(t, fact):
        count(t, fact)
        if fact.seq == 23:
            raise Broken

    head = log.head().seq
    runner = start(log, engine, (*VIEWS, tally(poison)))
    for batch in (5, 1_000, 1):
        assert runner.catch_up(batch=batch) == 22 == runner.seq
        (stuck,) = runner.quarantined
        assert (stuck.view, stuck.seq) == ("test_tally", 23)
        assert "Broken" in stuck.error
        with engine.connect() as c:
            assert positions(c) == {**at(head), "test_tally": 22}
        check_rebuilt(log, engine, VIEWS, head)
        check_rebuilt(log, engine, [TALLY], 22)
        runner = start(log, engine, (*VIEWS, tally(poison)))
    healed = start(log, engine)
    assert healed.catch_up() == head
    assert healed.quarantined == []
    check_whole(log, engine)


def watching(home, seen):
    """Return the tally, which notes the positions others see as it counts."""
    engine = open_views(home)

    def look(t, fact):
        count(t, fact)
        seen[fact.seq] = set(positions_of(engine).values())

    return tally(look), engine


def ends_of(log):
    """Return where decisions end: 0, and every fact before another command's."""
    commands = [open_envelope(row.stored).command for row in log.rows(0, 100_000)]
    return {0, len(commands)} | {
        seq for seq, (one, next_) in enumerate(pairwise(commands), 1) if one != next_
    }


@pytest.mark.parametrize("batch", [1, 3, 10])
def test_level_views_move_in_one_transaction(log, engine, home, batch):
    """Nobody ever sees one of them ahead of another, or a part of a decision."""
    seen = {}
    view, looking = watching(home, seen)
    start(log, engine, (*VIEWS, view)).catch_up(batch=batch)
    looking.dispose()
    assert len(seen) == log.head().seq
    assert all(len(positions) == 1 for positions in seen.values())
    stood, ends = (
        {seq for positions in seen.values() for seq in positions},
        ends_of(log),
    )
    assert stood <= ends
    assert len(ends) < log.head().seq, "some decisions have several facts"
    assert batch > 1 or stood | {log.head().seq} == ends
    check_whole(log, engine)


def test_one_poison_among_many_views_stops_itself_and_the_others_go_on(
    log, engine, home
):
    """Before and after it in the row of views; then the others are level again."""

    def poison(t, fact):
        if fact.seq == 23:
            raise Broken
        t[OTHER].put(Counted(fact.name, 0, 0, 0, fact.seq))

    stuck = View(name="test_other", version=1, tables=(OTHER,), handlers={},
                 every=poison)  # fmt: skip
    seen, head = {}, log.head().seq
    view, looking = watching(home, seen)
    runner = start(log, engine, (*VIEWS[:3], stuck, *VIEWS[3:], view))
    assert runner.catch_up(batch=10) == 22
    looking.dispose()
    assert [(q.view, q.seq) for q in runner.quarantined] == [("test_other", 23)]
    with engine.connect() as c:
        assert positions(c) == {**at(head), "test_tally": head, "test_other": 22}
    (before,) = seen[head] - {22}
    assert head - 20 < before < head
    assert seen[head] == {22, before}
    assert set().union(*seen.values()) <= ends_of(log)
    check_rebuilt(log, engine, ALL, head)


def test_a_poison_inside_a_decision_stops_its_view_before_all_of_it(log, engine):
    """The fact is told; what stands there is the decision before, whole."""
    ends = ends_of(log)
    inside = next(n for n in range(2, log.head().seq) if not {n, n - 1} & ends)

    def poison(t, fact):
        count(t, fact)
        if fact.seq == inside:
            raise Broken

    runner = start(log, engine, (*VIEWS, tally(poison)))
    runner.catch_up(batch=7)
    (stuck,) = runner.quarantined
    assert stuck.seq == inside
    assert positions_of(engine)["test_tally"] == max(e for e in ends if e < inside)
    check_rebuilt(log, engine, [TALLY], positions_of(engine)["test_tally"])


class Looked(UserList):
    """Facts that count how often one of them is looked at."""

    looked = 0

    def __getitem__(self, at):
        """Return one or several, and count them."""
        self.looked += len(self.data[at]) if isinstance(at, slice) else 1
        return self.data[at]


def test_a_batch_is_taken_apart_without_reading_the_rest_again(log):
    """Decision by decision, each fact is looked at a few times, whatever follows it."""
    rows = log.rows(0, 100_000)
    facts = Looked(read_row(row) for row in rows)
    ends, first = {0}, 0
    while first < len(facts):
        first += len(decision_at(facts, first))
        ends.add(first)
    assert ends == ends_of(log)
    assert facts.looked <= 4 * len(rows)


def test_what_cannot_be_read_lies_where_it_stands(log):
    """Between two facts of a decision it is of that decision; elsewhere it is alone."""
    one, two, *_ = (read_row(row) for row in log.rows(0, 2))
    assert one.envelope.command == two.envelope.command
    poison, other = Unreadable("x"), read_row(log.rows(log.head().seq - 1, 1)[0])
    facts = [one, poison, two, poison, poison, other]
    found, first = [], 0
    while first < len(facts):
        found.append(decision_at(facts, first))
        first += len(found[-1])
    assert found == [[one, poison, two], [poison, poison], [other]]


def older(log, folder, seq):
    """Return a copy of a log as it was at a position: what an old backup holds."""
    path = folder / "older.sqlite"
    with contextlib.closing(sqlite3.connect(path)) as copy:
        with contextlib.closing(sqlite3.connect(log.path)) as source:
            source.backup(copy)
        copy.execute("DELETE FROM stored_events WHERE rowid > ?", (seq,))
        copy.commit()
    return SQLiteReader(path)


def test_views_of_a_log_that_was_put_back_are_made_again(log, engine, tmp_path):
    """What the log does not have any more is shown nowhere."""
    start(log, engine).catch_up()
    backup = older(log, tmp_path, 60)
    with engine.connect() as c:
        assert set(strays(c, backup)) == {view.name for view in ALL}
    assert start(backup, engine).catch_up() == 60
    with engine.connect() as c:
        assert strays(c, backup) == {}
    check_rebuilt(backup, engine, ALL, 60)


def test_views_of_an_older_program_are_made_again(log, home):
    """Their table of positions knew no leaf."""
    with opened(home) as engine:
        with engine.begin() as c:
            c.execute(sa.text("DROP TABLE view_position"))
            c.execute(sa.text("CREATE TABLE view_position (view TEXT, seq BIGINT)"))
        with opened(home) as again:
            start(log, again).catch_up()
            check_whole(log, again)


def test_two_poisons_at_one_event_stop_two_views(log, engine):
    """Each is told with its own fault."""

    def poison(t, fact):
        if fact.seq == 23:
            raise Broken(t)

    views = [
        View(name=name, version=1, tables=(table,), handlers={}, every=poison)
        for name, table in (("test_tally", COUNTED), ("test_other", OTHER))
    ]
    runner = start(log, engine, (*VIEWS, *views))
    runner.catch_up()
    assert {(q.view, q.seq) for q in runner.quarantined} == {
        ("test_tally", 23),
        ("test_other", 23),
    }
    check_rebuilt(log, engine, VIEWS, log.head().seq)


def test_an_event_nobody_knows_stops_every_view_that_would_need_it(morning, engine):
    """What cannot be read is never passed over, and the seq is told."""
    recorder = open_recorder(morning())
    try:
        seq = recorder.head().seq
        unknown = Append("c", "d", {}, [Proposed("x/1", "no.such-event.1", b"{}")])
        recorder.commit([unknown], Clock(2 * 10**15))
        runner = start(recorder, engine)
        assert runner.catch_up() == seq
        assert {(q.view, q.seq) for q in runner.quarantined} == {
            (view.name, seq + 1) for view in ALL
        }
        assert all(Unreadable.__name__ in q.error for q in runner.quarantined)
        check_whole(recorder, engine, upto=seq)
        again = start(recorder, engine)
        assert again.catch_up() == seq
        assert {q.seq for q in again.quarantined} == {seq + 1}
    finally:
        recorder.close()


def test_a_view_of_another_version_is_built_anew_and_no_other(log, engine):
    """Raising a view's version empties it and nothing else."""
    head = log.head().seq
    start(log, engine, ALL).catch_up()

    def twice(t, fact):
        count(t, fact)
        t[COUNTED].put(Counted("sum", fact.seq, fact.seq, 0, fact.seq))

    newer = (*VIEWS, replace(TALLY, version=2, every=twice))
    runner = start(log, engine, newer)
    assert runner.seq == 0
    with engine.connect() as c:
        assert positions(c) == {**at(head), "test_tally": 0}
        assert not any(content(c, TALLY.tables).values())
    assert runner.catch_up(batch=9) == head
    check_whole(log, engine, newer)


def test_an_older_process_does_not_take_a_newer_view_back(log, engine):
    """While processes are replaced one by one, the newer view's rows stay."""
    newer = replace(TALLY, version=2)
    old = start(log, engine, [TALLY])
    old.catch_up(upto=10)
    new = start(log, engine, [newer])
    new.catch_up(upto=30)
    with contextlib.suppress(Exception):
        old.catch_up(upto=20)
    assert positions_of(engine) == {"test_tally": 30}
    new.catch_up()
    check_whole(log, engine, [newer])


def test_an_older_process_leaves_a_newer_view_that_stands_where_it_stood(log, engine):
    """The others of the older process go on, whoever of both is first."""
    newer = (*VIEWS, replace(TALLY, version=2))
    old = start(log, engine)
    old.catch_up(upto=10)
    new = start(log, engine, newer)
    new.catch_up(upto=10)
    old.catch_up(upto=20)
    assert positions_of(engine) == {**at(20), "test_tally": 10}
    assert [q.error for q in old.quarantined] == ["another version took over"]
    new.catch_up(upto=30)
    old.catch_up()
    assert positions_of(engine) == {**at(log.head().seq), "test_tally": 30}
    new.catch_up()
    check_whole(log, engine, newer)


def positions_of(engine):
    """Return each view's position."""
    with engine.connect() as c:
        return positions(c)


turns = st.lists(
    st.tuples(st.integers(0, 1), st.integers(0, 12), st.integers(1, 9)), max_size=12
)
"""Whose turn it is, how much further it goes, in batches of how many."""


def test_two_processes_that_take_turns_apply_each_event_once(log, engine, home):
    """Whoever is first takes the batch; the other one goes on from there."""
    head = log.head().seq

    @given(turns=turns)
    @settings(
        max_examples=2 if isinstance(home, str) else 5, deadline=None, database=None
    )
    def check(turns):
        forget(engine)
        runners = [start(log, engine), start(log, engine)]
        for which, further, batch in turns:
            runner = runners[which]
            upto = min(head, runner.seq + further)
            assert runner.catch_up(upto=upto, batch=batch) >= upto
        for runner in runners:
            assert runner.catch_up() == head
            assert runner.quarantined == []
        check_whole(log, engine)

    check()


@pytest.mark.parametrize(("taken", "upto"), [
    (ALL, 15), (ALL, 20), (ALL, 30), (VIEWS[2:5], 15), (VIEWS[2:5], 30), ([TALLY], 20),
], ids=["all 15", "all 20", "all 30", "some 15", "some 30", "one 20"])  # fmt: skip
def test_another_process_took_the_batch(log, engine, taken, upto):
    """Half of it, the batch and no more, or more than it: nothing is done twice."""
    one = start(log, engine)
    one.catch_up(upto=10)
    start(log, engine, taken).catch_up(upto=upto)
    assert one.catch_up(upto=20) >= 20
    assert one.quarantined == []
    ahead = {view.name: max(20, upto) for view in taken}
    assert positions_of(engine) == {**at(20), "test_tally": 20, **ahead}
    assert one.catch_up(batch=7) == log.head().seq
    check_whole(log, engine)


@pytest.mark.parametrize("order", [1, -1], ids=["same order", "other order"])
def test_two_processes_at_the_same_time_apply_each_event_once(log, engine, order):
    """Two threads with an engine each race through the log in small batches."""
    runners = [start(log, engine), start(log, engine, ALL[::order])]
    reached, faults = [], []
    ready = threading.Barrier(len(runners))

    def run(runner):
        ready.wait()
        try:
            reached.append(runner.catch_up(batch=2))
        except Exception as error:  # noqa: BLE001 - shown below
            faults.append(error)

    threads = [threading.Thread(target=run, args=(r,)) for r in runners]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    assert reached == [log.head().seq] * 2
    check_whole(log, engine)


def test_two_processes_that_meet_a_poison_event_apply_each_event_once(log, engine):
    """One goes event by event to the poison while the other has been there."""
    poison, failed = 12, []

    def poisoned(t, fact):
        count(t, fact)
        if fact.seq == poison:
            failed.append(fact.seq)
            raise Broken

    view = tally(poisoned)
    one, other = start(log, engine, [view], own=False), start(log, engine, [view])
    met = []

    @sa.event.listens_for(engine, "begin")
    def _other_goes_on(_):
        # The first batch of one has failed: it reads anew where its view is.
        if failed and not met:
            met.append(0)
            met.append(other.catch_up(upto=poison - 3))

    one.catch_up()
    other.catch_up()
    assert met == [0, poison - 3]
    assert {q.seq for q in (*one.quarantined, *other.quarantined)} == {poison}
    assert positions_of(engine) == {"test_tally": poison - 1}
    check_rebuilt(log, engine, [TALLY], poison - 1)


def test_on_advance_tells_each_position_once_in_order(log, engine):
    """Listeners hear where the slowest view is, growing, the head at last."""
    runner, heard = start(log, engine, ALL), []
    runner.on_advance.append(heard.append)
    runner.catch_up(upto=20, batch=6)
    runner.catch_up(upto=20)
    assert heard[-1] == 20
    assert set(heard[:-1]) <= ends_of(log)
    runner.catch_up()
    assert heard[-1] == log.head().seq
    assert heard == sorted(set(heard))


def test_the_thread_follows_the_log_when_woken(log, engine):
    """Started and woken it catches up by itself; stopped it is at the head."""
    runner, reached = start(log, engine, ALL), threading.Event()

    def advanced(seq):
        if seq == log.head().seq:
            reached.set()

    runner.on_advance.append(advanced)
    runner.start()
    runner.wake()
    assert reached.wait(PATIENCE_SECONDS)
    runner.stop()
    check_whole(log, engine)


# --- a database that goes away (only a server does) ----------------------------------


def end_all_connections(dsn):
    """End every other connection to a database, as a restart of the server does."""
    with psycopg.connect(dsn, autocommit=True) as c:
        c.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


def until_done(runner, head, tries=5):
    """Catch up as the thread does: an error of the database is tried again."""
    for _ in range(tries):
        with contextlib.suppress(sa.exc.DBAPIError, psycopg.Error):
            if runner.catch_up(batch=10) == head:
                return


MANY = pytest.mark.parametrize("others", [(), VIEWS], ids=["one view", "many"])


@MANY
@pytest.mark.parametrize("times", [1, 2, 4])
def test_a_lost_connection_is_no_poison(log, pg_dsn, times, others):
    """However often it is lost in the middle of a batch, nothing is quarantined."""
    lost = []

    def losing(t, fact):
        count(t, fact)
        if fact.seq == 17 and len(lost) < times:
            lost.append(fact.seq)
            end_all_connections(pg_dsn)

    runner = start_at(pg_dsn, log, [*others, tally(losing)])
    until_done(runner, log.head().seq, tries=8)
    assert lost == [17] * times
    assert runner.quarantined == []
    check_whole(log, runner.engine, [*others, TALLY])


DIE_AT_COMMIT = """
    CREATE FUNCTION die() RETURNS trigger LANGUAGE plpgsql AS
        'BEGIN PERFORM pg_terminate_backend(pg_backend_pid());
          PERFORM pg_sleep(9); RETURN NULL; END';
    CREATE CONSTRAINT TRIGGER die AFTER INSERT ON views.test_seen
        DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.seq = 17)
        EXECUTE FUNCTION die();"""


@MANY
@pytest.mark.parametrize("moment", ["fold", "commit"])
@pytest.mark.parametrize("batch", [1, 10])
def test_a_server_that_is_down_for_a_while_costs_nothing(
    log, pg_cluster, pg_dsn, moment, batch, others
):
    """When it comes back, no event is applied twice and none is missing."""
    name = sql.Identifier(pg_dsn.rpartition("/")[2])
    down = []

    def allow(yes):
        with psycopg.connect(pg_cluster, autocommit=True) as c:
            c.execute(
                sql.SQL("ALTER DATABASE {} WITH ALLOW_CONNECTIONS {}").format(
                    name, sql.SQL("true" if yes else "false")
                )
            )

    def counting(t, fact):
        count(t, fact)
        if fact.seq == 17 and not down:
            down.append(fact.seq)
            if moment == "fold":
                end_all_connections(pg_dsn)
            allow(False)

    runner = start_at(pg_dsn, log, [*others, tally(counting)])
    with psycopg.connect(pg_dsn) as c:
        if moment == "commit":
            c.execute(DIE_AT_COMMIT)
    with pytest.raises((sa.exc.DBAPIError, psycopg.Error)):
        runner.catch_up(batch=batch)
    allow(True)
    with psycopg.connect(pg_dsn) as c:
        c.execute("DROP FUNCTION IF EXISTS die CASCADE")
    until_done(runner, log.head().seq)
    assert down
    assert runner.quarantined == []
    check_whole(log, runner.engine, [*others, TALLY])


def test_a_full_disk_is_no_poison(log, tmp_path):
    """A view that could not be written goes on as soon as there is room."""
    engine = open_views(tmp_path / "views.sqlite")
    engine.dispose()
    opened, limit = [], [2**30]

    def room(pages):
        limit[0] = pages
        for raw in opened:
            with contextlib.suppress(sqlite3.ProgrammingError):  # closed
                raw.execute(f"PRAGMA max_page_count={pages}")

    def connected(raw, _):
        opened.append(raw)
        room(limit[0])

    sa.event.listen(engine, "connect", connected)

    runner = start(log, engine, own=False)
    runner.catch_up(upto=10)
    room(1)  # no less than there is
    with contextlib.suppress(sa.exc.DBAPIError, sqlite3.Error):
        runner.catch_up()
    assert runner.seq < log.head().seq
    assert runner.quarantined == []
    room(2**30)
    until_done(runner, log.head().seq)
    assert runner.quarantined == []
    check_whole(log, engine)


@pytest.mark.parametrize("_number", range(3 if LONG else 1))
def test_processes_that_start_at_once_on_an_empty_server_all_start(
    pg_dsn, log, _number
):
    """Each creates what is missing; none fails because another one was quicker."""
    count_of, faults, runners = 4, [], []
    ready = threading.Barrier(count_of)

    def begin():
        ready.wait()
        try:
            runners.append(start_at(pg_dsn, log))
        except Exception as error:  # noqa: BLE001 - shown below
            faults.append(type(error).__name__)

    threads = [threading.Thread(target=begin) for _ in range(count_of)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    assert len(runners) == count_of


def test_a_batch_that_takes_long_keeps_its_connection(log, engine, monkeypatch):
    """The service ends meanwhile: nothing is closed under it."""
    monkeypatch.setattr(following, "STOP_SECONDS", 0.05)
    applying, go_on = threading.Event(), threading.Event()

    def slow(t, fact):
        count(t, fact)
        applying.set()
        assert go_on.wait(PATIENCE_SECONDS)

    runner = start(log, engine, (*VIEWS, tally(slow)))
    runner.start()
    runner.wake()
    assert applying.wait(PATIENCE_SECONDS)
    with capture_logs() as said:
        runner.stop()
        go_on.set()
        runner._thread.join(PATIENCE_SECONDS)
    assert runner.seq == log.head().seq
    assert said == []
    runner.stop()
