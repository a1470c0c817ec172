"""One contract for both databases: what the log promises about what it stores."""

import asyncio
import itertools
import sqlite3
import struct
from contextlib import closing

import psycopg
import pytest
from eventsourcing.persistence import IntegrityError, PersistenceError, StoredEvent
from eventsourcing.postgres import PostgresApplicationRecorder, PostgresDatastore
from eventsourcing.sqlite import SQLiteApplicationRecorder, SQLiteDatastore
from psycopg.conninfo import conninfo_to_dict

from api.world.verify import verify
from coordination import catalogue
from coordination.areas.events import AreaRegistered
from coordination.log import (
    Append,
    Log,
    LogBeyond,
    LogBusy,
    Proposed,
    Receipt,
    Repeated,
    Reused,
    SQLiteReader,
    SQLiteRecorder,
    Stale,
    open_recorder,
)
from coordination.merkle import EMPTY_ROOT, leaf_hash
from tests.given import NOW, Clock, Entropy, all_rows, receipts_of, root_of

CLOCK = Clock()
SALT = Entropy()


def proposed(command, stream="s", digest="d"):
    """Return an event of a command's, sealed as in production."""
    event = AreaRegistered(code=stream, name="区", level="street")
    envelope = catalogue.Envelope(
        command=command,
        digest=digest,
        actor="wang",
        role="commander",
        occurred_us=NOW,
        salt=SALT(16).hex(),
        event=catalogue.encode(event),
    )
    return Proposed(stream, event.NAME, catalogue.seal(envelope))


def append(command, *streams, reads=None, digest="d"):
    """Return the append of a command, one event for each stream named."""
    events = [proposed(command, stream, digest) for stream in streams]
    return Append(command, digest, reads or {}, events)


def everything(recorder):
    """Return all that is stored: rows, head, receipts of c0 to c29."""
    receipts = [recorder.receipt(f"c{n}") for n in range(30)]
    return recorder.rows(0, 1_000), recorder.head(), receipts


def test_an_empty_log_says_so(recorder):
    """Nothing is stored, and its root is that of no leaves."""
    assert recorder.rows(0, 10) == []
    assert recorder.stream("s") == []
    assert recorder.versions(["s", "t"]) == {"s": 0, "t": 0}
    assert recorder.receipt("c0") is None
    head = recorder.head()
    assert (head.seq, head.recorded_us, head.peaks) == (0, 0, b"")
    assert head.frontier().root() == EMPTY_ROOT


def test_seq_is_gapless_from_one_and_versions_count_in_each_stream(recorder):
    """Refused appends leave no gap."""
    recorder.commit([append("c0", "s", "t", "s")], CLOCK)
    recorder.commit([append("c1", "s", reads={"t": 0})], CLOCK)
    recorder.commit([append("c2", "t"), append("c3", "s")], CLOCK)
    rows = recorder.rows(0, 10)
    assert [(r.seq, r.stream, r.version) for r in rows] == [
        (1, "s", 1),
        (2, "t", 1),
        (3, "s", 2),
        (4, "t", 2),
        (5, "s", 3),
    ]
    assert recorder.versions(["s", "t", "u"]) == {"s": 3, "t": 2, "u": 0}
    assert recorder.head().seq == 5


def test_rows_are_read_by_seq_and_by_stream(recorder):
    """Both ways of reading give the same rows, in order, from where one asks."""
    recorder.commit([append(f"c{n}", "s", "t") for n in range(5)], CLOCK)
    rows = recorder.rows(0, 100)
    assert recorder.rows(3, 4) == rows[3:7]
    assert recorder.rows(10, 4) == []
    assert recorder.stream("t") == [r for r in rows if r.stream == "t"]
    assert recorder.stream("t", after=3) == [
        r for r in rows if r.stream == "t" and r.version > 3
    ]


def test_a_stream_is_read_backwards_in_pages(recorder):
    """Newest first, below a version, and nothing after a position."""
    recorder.commit([append(f"c{n}", "s", "t") for n in range(5)], CLOCK)
    back = [row for row in recorder.rows(0, 100) if row.stream == "t"][::-1]
    assert recorder.newest("t", 2**62, 2**62, 100) == back
    assert recorder.newest("t", 2**62, 2**62, 2) == back[:2]
    assert recorder.newest("t", back[1].version, 2**62, 2) == back[2:4]
    assert recorder.newest("t", 2**62, back[3].seq, 100) == back[3:]
    assert recorder.newest("t", 1, 2**62, 100) == recorder.newest("u", 9, 9, 9) == []


TIMES = [NOW, NOW - 3_600_000_000, NOW, NOW, NOW + 1, NOW + 50, -5]


def test_recorded_time_only_ever_grows(recorder):
    """Also when the clock stands still, is stepped back, or one command says much."""
    for number, now in enumerate(TIMES):
        recorder.commit(
            [append(f"c{number}", "s", "s", "t"), append(f"d{number}", "t")], Clock(now)
        )
    times = [row.recorded_us for row in recorder.rows(0, 1_000)]
    assert all(a < b for a, b in itertools.pairwise(times))
    assert times[0] == NOW
    assert NOW + 50 in times
    assert recorder.head().recorded_us == times[-1]


def test_leaves_roots_and_receipts_are_those_of_the_stored_rows(recorder):
    """Every leaf, the head's root and each receipt's root follow from the rows."""
    outcomes = []
    for first in range(0, 24, 4):
        outcomes += recorder.commit(
            [
                append(f"c{n}", *("stu" * (n + 1))[: n % 4 + 1])
                for n in range(first, first + 4)
            ],
            CLOCK,
        )
    rows = recorder.rows(0, 1_000)
    for row in rows:
        assert row.leaf == leaf_hash(
            row.seq, row.recorded_us, row.stream, row.version, row.name, row.stored
        )
    leaves = [row.leaf for row in rows]
    assert recorder.head().frontier().root() == root_of(leaves)
    assert recorder.head().seq == len(rows)
    for receipt in outcomes:
        assert receipt.root == root_of(leaves[: receipt.seq]).hex()
        assert receipt.recorded_us == rows[receipt.seq - 1].recorded_us
        assert recorder.receipt(receipt.command) == receipt


def test_receipts_can_be_rebuilt_from_the_log(recorder):
    """The table of receipts holds nothing that the log does not say."""
    log = [
        append(f"c{n}", *("st" * (n + 1))[: n % 3 + 1], digest=f"d{n}")
        for n in range(20)
    ]
    recorder.commit(log[:7], CLOCK)
    recorder.commit(log[7:], CLOCK)
    rebuilt = receipts_of(recorder.rows(0, 1_000))
    assert rebuilt == {a.command: recorder.receipt(a.command) for a in log}


def test_a_decision_that_only_read_a_stream_is_stale_when_it_moves(recorder):
    """Every stream a decision rests on is checked, written or not."""
    recorder.commit([append("c0", "s")], CLOCK)
    before = everything(recorder)
    for reads, stale in [
        ({"s": 0}, ("s",)),
        ({"s": 2}, ("s",)),
        ({"s": 1, "t": 1}, ("t",)),
        ({"s": 0, "t": 1}, ("s", "t")),
    ]:
        assert recorder.commit([append("c1", "u", reads=reads)], CLOCK) == [
            Stale(stale)
        ]
    assert everything(recorder) == before
    [done] = recorder.commit([append("c1", "u", reads={"s": 1, "t": 0})], CLOCK)
    assert (done.first_seq, done.seq) == (2, 2)


def test_a_batch_drops_the_losers_and_only_them(recorder):
    """Within a batch the first wins, as if they had come one by one."""
    recorder.commit([append("c0", "s")], CLOCK)
    outcomes = recorder.commit(
        [
            append("c1", "s", reads={"s": 1}),
            append("c2", "s", reads={"s": 1}),
            append("c3", "t", reads={"s": 1}),
            append("c4", "t", "u", reads={"t": 0}),
            append("c5", "v"),
            append("c4", "t", "u", reads={"t": 0}),
            append("c4", "t", digest="other"),
            append("c0", "s", digest="other"),
            append("c0", "s"),
        ],
        CLOCK,
    )
    c0, c4 = recorder.receipt("c0"), recorder.receipt("c4")
    assert outcomes == [
        recorder.receipt("c1"),
        Stale(("s",)),
        Stale(("s",)),
        c4,
        recorder.receipt("c5"),
        Repeated(c4),
        Reused(c4),
        Reused(c0),
        Repeated(c0),
    ]
    assert [row.stream for row in recorder.rows(0, 100)] == ["s", "s", "t", "u", "v"]
    assert recorder.receipt("c2") is None


def test_a_command_is_stored_once_however_stale_its_repetition(recorder):
    """The receipt is found before any version is looked at."""
    [first] = recorder.commit([append("c0", "s", reads={"s": 0})], CLOCK)
    assert isinstance(first, Receipt)
    assert recorder.commit([append("c0", "s", reads={"s": 0})], CLOCK) == [
        Repeated(first)
    ]
    assert recorder.commit([append("c0", "s", digest="x")], CLOCK) == [Reused(first)]
    assert len(recorder.rows(0, 10)) == 1


BROKEN = [
    ("a receipt without digest", Append("c9", None, {}, [proposed("c9")])),
    ("a name too long for a leaf", append("c9", "s" * 70_000)),
    ("half a character", Append("c9", "d", {}, [Proposed("\ud800", "n", b"x")])),
    ("not bytes", Append("c9", "d", {}, [Proposed("s", "n", "text")])),
    ("no name", Append("c9", "d", {}, [Proposed("s", None, b"x")])),
    ("no id", Append(None, "d", {}, [proposed("c9")])),
]


@pytest.mark.parametrize(
    "bad", [pytest.param(bad, id=sentence) for sentence, bad in BROKEN]
)
def test_an_error_inside_a_commit_stores_nothing(recorder, bad):
    """Neither rows nor head nor receipts, and the next commit is as good as any."""
    recorder.commit([append("c0", "s")], CLOCK)
    before = everything(recorder)
    with pytest.raises(Exception):  # noqa: B017, PT011 - each database its own
        recorder.commit([append("c1", "s"), bad], CLOCK)
    assert everything(recorder) == before
    [receipt] = recorder.commit([append("c1", "s")], CLOCK)
    assert (receipt.first_seq, receipt.seq) == (2, 2)


@pytest.mark.parametrize(
    "bad", [pytest.param(bad, id=sentence) for sentence, bad in BROKEN]
)
def test_one_bad_command_does_not_spoil_its_neighbours(recorder, bad):
    """Commands that happen to share a batch with a broken one are carried out."""

    async def together():
        good = [append(f"c{n}", "s") for n in range(6)]
        return await asyncio.gather(
            *(log.append(one) for one in [*good[:3], bad, *good[3:]]),
            return_exceptions=True,
        )

    log = Log(recorder, CLOCK)
    outcomes = asyncio.run(together())
    failed = [number for number, o in enumerate(outcomes) if isinstance(o, Exception)]
    assert failed == [3]
    assert [row.seq for row in all_rows(log)] == [1, 2, 3, 4, 5, 6]


def test_a_client_that_goes_away_takes_nothing_with_it(recorder):
    """What was submitted is stored, whether or not anybody waits for the answer."""

    async def leave():
        task = asyncio.ensure_future(log.append(append("c0", "s")))
        await asyncio.sleep(0)
        task.cancel()
        return await log.append(append("c1", "s"))

    log = Log(recorder, CLOCK)
    receipt = asyncio.run(leave())
    assert receipt.seq == 2
    assert recorder.receipt("c0") is not None


def test_listeners_hear_of_the_newest_seq(recorder):
    """A listener is told after COMMIT, and of nothing that was not stored."""
    heard = []
    log = Log(recorder, CLOCK)
    log.on_commit.append(lambda seq: heard.append((seq, recorder.head().seq)))

    async def some():
        first = await log.append(append("c0", "s", "s"))
        await log.append(append("c1", "s", reads={"s": 0}))
        return first

    first = asyncio.run(some())
    log.close()
    assert heard == [(first.seq, 2)]


def slipped_in(where, stream, version):
    """Put a row behind the end of a log, as somebody with the database may."""
    values = (stream, version, "areas.area-renamed.1", b"{}", 1, b"0" * 32)
    if isinstance(where, str):
        with psycopg.connect(where, autocommit=True) as c:
            c.execute(
                "INSERT INTO stored_events (originator_id, originator_version, topic,"
                " state, recorded_us, leaf, notification_id) SELECT %s, %s, %s, %s, %s,"
                " %s, seq + 1 FROM log_head",
                values,
            )
        return
    with closing(sqlite3.connect(where)) as c, c:
        c.execute(
            "INSERT INTO stored_events (originator_id, originator_version, topic,"
            " state, recorded_us, leaf, rowid) SELECT ?, ?, ?, ?, ?, ?, seq + 1"
            " FROM log_head",
            values,
        )


def test_a_row_behind_the_end_is_not_of_the_log(where):
    """Nobody reads it, nothing is written over it, and verifying names it."""
    recorder = open_recorder(where)
    recorder.commit([append("c0", "s", "t")], CLOCK)
    before = everything(recorder)
    slipped_in(where, "s", 2)
    assert everything(recorder) == before
    assert recorder.stream("s") == before[0][:1]
    assert recorder.newest("s", 99, 99, 9) == before[0][:1]
    assert recorder.versions(["s"]) == {"s": 1}
    assert recorder.streams("") == ["s", "t"]
    with pytest.raises(LogBeyond):
        recorder.commit([append("c1", "u")], CLOCK)
    assert everything(recorder) == before
    assert (recorder.last(), recorder.head().seq) == (3, 2)
    found = verify(recorder)
    assert (found["ok"], found["faults"][0]["seq"]) == (False, 3)
    recorder.close()


def test_closing_commits_what_is_queued(where):
    """Nothing submitted before the end is lost; more than one batch is no matter."""
    log = Log(open_recorder(where), CLOCK)

    async def many():
        tasks = [
            asyncio.ensure_future(log.append(append(f"c{n}", f"s{n % 7}")))
            for n in range(1_200)
        ]
        await asyncio.sleep(0)
        await asyncio.to_thread(log.close)
        return await asyncio.gather(*tasks)

    receipts = asyncio.run(many())
    assert sorted(r.seq for r in receipts) == list(range(1, 1_201))
    recorder = open_recorder(where)
    assert recorder.head().seq == 1_200
    recorder.close()


def test_a_log_opened_again_goes_on_where_it_ended(where):
    """Head, receipts, lasting values and rows outlive the process."""
    recorder = open_recorder(where)
    recorder.commit([append("c0", "s", "t")], CLOCK)
    assert recorder.meta("origin", "first") == "first"
    before = everything(recorder)
    recorder.close()
    recorder = open_recorder(where)
    assert everything(recorder) == before
    assert recorder.meta("origin", "second") == "first"
    [receipt] = recorder.commit([append("c1", "s", reads={"s": 1})], CLOCK)
    assert receipt.first_seq == 3
    leaves = [row.leaf for row in recorder.rows(0, 10)]
    assert receipt.root == root_of(leaves).hex()
    recorder.close()


def test_the_library_s_own_way_of_writing_keeps_leaf_and_head(recorder):
    """Events with versions of the caller's get seq, time and leaf as all others do."""
    recorder.commit([append("c0", "s")], CLOCK)
    events = [StoredEvent("s", 2, "n", b"x"), StoredEvent("t", 1, "n", b"y")]
    assert list(recorder.insert_events(events)) == [2, 3]
    before = everything(recorder)
    with pytest.raises(IntegrityError):
        recorder.insert_events([StoredEvent("u", 1, "n", b"z"), events[0]])
    with pytest.raises(struct.error):
        recorder.insert_events([StoredEvent("u" * 70_000, 1, "n", b"z")])
    assert everything(recorder) == before
    [receipt] = recorder.commit([append("c1", "s", reads={"s": 2})], CLOCK)
    rows = recorder.rows(0, 10)
    assert [row.seq for row in rows] == [1, 2, 3, 4]
    assert all(a.recorded_us < b.recorded_us for a, b in itertools.pairwise(rows))
    assert receipt.root == root_of([row.leaf for row in rows]).hex()


# --- durability and strangers -------------------------------------------------------


def test_sqlite_writes_are_synced_to_disk(tmp_path):
    """WAL with synchronous=FULL: an answer is given after fsync, never before."""
    recorder = SQLiteRecorder(tmp_path / "log.db")
    writer = recorder._writer
    assert writer.execute("PRAGMA synchronous").fetchone() == (2,)
    assert writer.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    recorder.close()


def test_postgres_commits_are_synchronous_whatever_the_server_s_default(pg_dsn):
    """A database set to lose commits does not make the log lose any."""
    with psycopg.connect(pg_dsn, autocommit=True) as connection:
        name = connection.info.dbname
        connection.execute(f'ALTER DATABASE "{name}" SET synchronous_commit = off')
    recorder = open_recorder(pg_dsn)
    setting = recorder._connection().execute("SHOW synchronous_commit").fetchone()
    assert setting == ("on",)
    recorder.close()


def test_postgres_writes_again_after_its_connection_is_lost(pg_dsn):
    """A connection that died is made anew; what it had stored is not stored twice."""
    recorder = open_recorder(pg_dsn)
    recorder.commit([append("c0", "s")], CLOCK)
    pid = recorder._connection().info.backend_pid
    with psycopg.connect(pg_dsn, autocommit=True) as connection:
        connection.execute("SELECT pg_terminate_backend(%s, 5000)", (pid,))
    outcomes = recorder.commit([append("c0", "s"), append("c1", "s")], CLOCK)
    assert outcomes == [Repeated(recorder.receipt("c0")), recorder.receipt("c1")]
    assert recorder.head().seq == 2
    recorder.close()


def stock(where):
    """Return the library's own recorder on our table."""
    if not isinstance(where, str):
        return SQLiteApplicationRecorder(
            SQLiteDatastore(str(where), originator_id_type="text")
        )
    parts = conninfo_to_dict(where)
    return PostgresApplicationRecorder(
        PostgresDatastore(
            dbname=parts["dbname"],
            host=parts["host"],
            port=parts["port"],
            user=parts["user"],
            password="",
            originator_id_type="text",
        )
    )


def test_a_stock_recorder_fails_loudly(where, recorder):
    """Nobody can write events without leaf, head and order by mistake."""
    recorder.commit([append("c0", "s")], CLOCK)
    before = everything(recorder)
    stranger = stock(where)
    with pytest.raises(PersistenceError):
        stranger.insert_events([StoredEvent("s", 2, "n", b"x")])
    assert everything(recorder) == before
    stranger.datastore.close()


def test_one_sqlite_file_has_one_writer_and_any_readers(tmp_path):
    """The second writer is told, readers are not held up, the lock is given back."""
    path = tmp_path / "log.db"
    recorder = SQLiteRecorder(path)
    with pytest.raises(LogBusy, match=r"log\.db"):
        open_recorder(path)
    recorder.commit([append("c0", "s")], CLOCK)
    reader = SQLiteReader(path)
    assert reader.rows(0, 10) == recorder.rows(0, 10)
    assert reader.head() == recorder.head()
    assert reader.receipt("c0") == recorder.receipt("c0")
    assert reader.versions(["s"]) == {"s": 1}
    assert reader.stream("s") == reader.rows(0, 10)
    reader.close()
    recorder.close()
    SQLiteRecorder(path).close()


def test_a_sqlite_reader_cannot_write(tmp_path):
    """A reader's connection is read-only."""
    recorder = SQLiteRecorder(tmp_path / "log.db")
    reader = SQLiteReader(tmp_path / "log.db")
    with pytest.raises(Exception, match="readonly"):
        reader._c().execute("DELETE FROM stored_events")
    reader.close()
    recorder.close()


def test_readers_of_one_postgres_log_see_what_another_writes(pg_dsn):
    """Writers of several processes share head, receipts and versions."""
    one, other = open_recorder(pg_dsn), open_recorder(pg_dsn)
    one.commit([append("c0", "s")], CLOCK)
    assert everything(other) == everything(one)
    assert other.commit([append("c0", "s")], CLOCK) == [Repeated(one.receipt("c0"))]
    assert other.commit([append("c1", "t", reads={"s": 0})], CLOCK) == [Stale(("s",))]
    [receipt] = other.commit([append("c1", "t", reads={"s": 1})], CLOCK)
    assert one.receipt("c1") == receipt
    one.close()
    other.close()
