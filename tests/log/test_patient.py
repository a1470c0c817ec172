"""Calls to PostgreSQL have a bound; what one connection meets, the others know."""

from __future__ import annotations

import threading
import time
from contextlib import closing
from urllib.parse import urlsplit

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict

from coordination.log import Append, Proposed, open_recorder
from coordination.log.patient import BadAddress, connect, reachable
from tests.faults.wire import Wire
from tests.given import PATIENCE_SECONDS, Clock, table

SHORT_SECONDS = 0.2
CLOCK = Clock()


def write(log, command):
    """Store an event by itself."""
    event = Proposed("s", "test.event.1", b"{}")
    return log.commit([Append(command, "d", {}, [event])], CLOCK)


@pytest.fixture
def wire(pg_dsn):
    """A way to the server that can fall silent."""
    wire = Wire(urlsplit(pg_dsn).port)
    yield wire
    wire.close()


@pytest.fixture
def through(pg_dsn, wire):
    """The address of the database by that way."""
    return pg_dsn.replace(f":{urlsplit(pg_dsn).port}/", f":{wire.port}/")


def test_a_call_that_nobody_answers_is_broken_off(wire, through):
    """And the connection closed: what comes of it later is no answer to the next."""
    with connect(through, patience=SHORT_SECONDS) as c:
        wire.silence()
        with pytest.raises(psycopg.OperationalError):
            c.execute("SELECT 1")
        assert c.closed


def test_the_others_to_a_silent_host_are_not_used(wire, through, pg_dsn):
    """At once: each would wait as long by itself. Those to another host are."""
    elsewhere = connect(pg_dsn)
    with closing(connect(through)) as other:
        with connect(through, patience=SHORT_SECONDS) as c:
            wire.silence()
            with pytest.raises(psycopg.OperationalError):
                c.execute("SELECT pg_sleep(0.3)")
        assert other.doubtful
        with pytest.raises(psycopg.OperationalError, match="not answered"):
            other.execute("SELECT 1")
    with closing(elsewhere):
        assert not elsewhere.doubtful
        assert elsewhere.execute("SELECT 1").fetchone() == (1,)


def test_who_listens_is_not_broken_off(pg_dsn):
    """Silence says nothing there."""
    with connect(pg_dsn, patience=SHORT_SECONDS, autocommit=True) as c:
        c.execute("LISTEN nothing")
        assert list(c.notifies(timeout=3 * SHORT_SECONDS)) == []
        assert c.execute("SELECT 1").fetchone() == (1,)


def test_without_a_bound_it_takes_as_long_as_it_takes(pg_dsn):
    """As the index of a large table does."""
    with connect(pg_dsn, patience=0) as c:
        assert c.execute("SELECT 1, pg_sleep(0.3)").fetchone()[0] == 1


def test_a_connection_the_server_has_ended_is_known_for_it(pg_dsn):
    """Before it is used."""
    with closing(connect(pg_dsn)) as c:
        with psycopg.connect(pg_dsn, autocommit=True) as by:
            by.execute("SELECT pg_terminate_backend(%s)", (c.info.backend_pid,))
        c._heard -= 60
        until = time.monotonic() + PATIENCE_SECONDS
        while not c.doubtful:
            assert time.monotonic() < until


@table(
    ("one host", "postgresql://u@h/d", "h", None),
    ("two", "postgresql://u@h,i:2/d", "h,i", "read-write"),
    ("two, and more said", "postgresql://u@h,i/d?target_session_attrs=any",
     "h,i", "any"),
)  # fmt: skip
def test_of_several_hosts_one_that_takes_writes_is_meant(given, when, then):
    """Unless the address says otherwise; each has its bounds."""
    found = conninfo_to_dict(reachable(given))
    assert found["host"] == when
    assert found.get("target_session_attrs") == then
    assert found["connect_timeout"] == "3"


def test_the_host_that_was_met_last_is_asked_first(pg_dsn, wire, through):
    """A silent one costs seconds, for each connection."""
    old, new = urlsplit(through), urlsplit(pg_dsn)
    both = f"postgresql://{old.netloc},{new.hostname}:{new.port}{new.path}"
    for where in (through, pg_dsn):
        connect(where).close()
    assert conninfo_to_dict(reachable(both))["port"] == f"{new.port},{wire.port}"


@pytest.mark.parametrize(
    "bad", ["postgresql://h/d?nonsense=1", "postgresql://h:1,i:2,j/d?port=1,2"]
)
def test_what_is_no_address(bad):
    """Is said so, without the words that hold the password."""
    with pytest.raises(BadAddress):
        reachable(bad)


def test_who_holds_the_log_does_not_hold_others_for_ever(pg_dsn):
    """A writer that died elsewhere with the lock is let go; then it goes on."""
    with closing(open_recorder(pg_dsn)) as log:
        write(log, "c1")
        with closing(psycopg.connect(pg_dsn)) as gone:
            gone.execute("SET idle_in_transaction_session_timeout = '1s'")
            gone.execute("SELECT * FROM log_head FOR UPDATE")
            taken = threading.Event()

            def wait_for_it():
                write(log, "c2")
                taken.set()

            threading.Thread(target=wait_for_it).start()
            assert taken.wait(PATIENCE_SECONDS)


def test_whoever_asks_while_it_is_away_hears_at_once(wire, through):
    """One waits to find out, the next do not; when it is back they are answered."""
    with closing(open_recorder(through)) as log:
        head = log.head()
        wire.close()
        with pytest.raises(psycopg.OperationalError):
            log.head()
        with pytest.raises(psycopg.OperationalError, match="is away"):
            log.head()
        back = Wire(wire.leads_to, at=wire.port)
        until = time.monotonic() + PATIENCE_SECONDS
        while True:
            try:
                assert log.head() == head
                break
            except psycopg.OperationalError:
                assert time.monotonic() < until
        back.close()
