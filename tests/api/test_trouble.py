"""A store that cannot be used: 503 and when to try again, said once in the log."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from contextlib import closing

import httpx
import psycopg
import sqlalchemy as sa
from structlog.testing import capture_logs

from api.http.trouble import Trouble
from projections.approvals import APPROVALS
from projections.store import away
from tests.api.served import API, DISTRICT, Service, declaration, is_error, key, served
from tests.given import PATIENCE_SECONDS, table

BOARD = f"{API}/areas/{DISTRICT}/board"
OWN = "who: a name that is nobody's business"


def told(kind, cause):
    """Return an error of a database as SQLAlchemy hands it on."""
    return kind("SELECT 1", (OWN,), cause)


@table(
    ("a server that is not there", psycopg.OperationalError(), None, True),
    ("no free connection", sa.exc.TimeoutError(), None, True),
    ("as SQLAlchemy has it",
     told(sa.exc.OperationalError, psycopg.OperationalError()), None, True),
    ("a closed connection", psycopg.InterfaceError(), None, True),
    ("a server that may only be read",
     psycopg.errors.ReadOnlySqlTransaction(), None, True),
    ("tables that were dropped",
     told(sa.exc.ProgrammingError, psycopg.errors.UndefinedTable()), None, True),
    ("a full disk", sqlite3.OperationalError("disk is full"), None, True),
    ("a damaged file", sqlite3.DatabaseError("malformed"), None, True),
    ("a row twice", sqlite3.IntegrityError(), None, False),
    ("a row twice on a server",
     told(sa.exc.IntegrityError, psycopg.errors.UniqueViolation()), None, False),
    ("words that are no statement", psycopg.errors.SyntaxError(), None, False),
    ("another mistake of ours", ValueError(), None, False),
)  # fmt: skip
def test_what_passes_by_itself(given, when, then):
    """Of what databases raise, our own mistakes do not: they are a 500."""
    assert when is None
    assert away(given) is then


def drop_the_views(s):
    """Drop every table of the views, as somebody might beside the service."""
    with closing(sqlite3.connect(s.world.settings.views_path)) as c:
        found = c.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        for (name,) in found.fetchall():
            c.execute(f"DROP TABLE {name}")


async def until_answered(http: httpx.AsyncClient) -> tuple[set[int], httpx.Response]:
    """Return the statuses that came before the board was there again, and the board."""
    give_up_at, met = time.monotonic() + PATIENCE_SECONDS, set()
    while True:
        board = await http.get(BOARD)
        if board.status_code == 200:
            return met, board
        met.add(board.status_code)
        assert board.headers["Retry-After"] == "2"
        assert time.monotonic() < give_up_at


@served
async def test_views_without_tables_are_made_again(s):
    """Meanwhile every answer is a 503 that says so, to programs and on pages."""
    commander = await s.as_("commander")
    declared = await commander.declare()
    before = await commander.board(min_seq=declared["seq"])
    with s.world.runner.holding(APPROVALS):  # nobody makes them again yet
        drop_the_views(s)
        answer = await commander.http.get(BOARD)
        assert answer.status_code == 503
        said = answer.json()
        assert said["code"] == "store.unavailable"
        assert answer.headers["Retry-After"] == "2"
        assert said["zh"].endswith("；请稍后用原编号重试，已办的不会重办")
        page = await commander.http.get("/", headers={"Accept": "text/html"})
        assert (page.status_code, page.headers["Retry-After"]) == (503, "2")
        assert "数据库或磁盘暂时不可用" in page.text
    met, board = await until_answered(commander.http)
    assert met <= {503}
    after = board.json()
    assert (after["seq"], after["counts"]) == (before["seq"], before["counts"])
    assert s.world.runner.quarantined == []


@served
async def test_what_is_a_mistake_of_ours_stays_a_500(s):
    """A row that is there twice is no store that is away."""
    async with s.http() as http:

        @s.app.get("/mistake")
        def mistake() -> None:
            raise sqlite3.IntegrityError

        assert (await http.get("/mistake")).status_code == 500


@served
async def test_a_write_that_the_log_cannot_take(s):
    """Has no receipt; the same id is taken as soon as it can."""
    commander, id_ = await s.as_("commander"), key()
    with closing(sqlite3.connect(s.world.settings.log_path)) as full:
        full.execute("CREATE TRIGGER full BEFORE INSERT ON receipts BEGIN"
                     " SELECT RAISE(ROLLBACK, 'full') FROM nowhere; END")  # fmt: skip
        answer = await commander.send("/emergencies", declaration(), id_)
        assert answer.status_code == 503, answer.text
        assert answer.json()["code"] == "store.unavailable"
        full.execute("DROP TRIGGER full")
    head = s.head
    assert (await commander.send("/emergencies", declaration(), id_)).status_code == 201
    assert s.head > head


def test_it_is_logged_when_it_begins_and_when_it_is_over():
    """Not for each request; and no statement, for that holds what is stored."""
    gone = [True]

    def probe():
        if gone[0]:
            raise psycopg.OperationalError

    async def outage() -> None:
        trouble = Trouble(probe, quiet_seconds=0)
        error = told(sa.exc.OperationalError, psycopg.OperationalError("no route"))
        for _ in range(100):
            trouble.met(error)
        watch = trouble._watch
        await asyncio.sleep(0)
        gone[0] = False
        async with asyncio.timeout(PATIENCE_SECONDS):
            await watch
        trouble.met(error)
        await trouble.close()

    with capture_logs() as said:
        asyncio.run(outage())
    unavailable, available = "store unavailable", "store available"
    assert [one["event"] for one in said] == [unavailable, available, unavailable]
    assert said[0]["error"] == "OperationalError: no route"


@served
async def test_a_store_that_fails_before_any_route_is_no_fault_of_ours(s: Service):
    """Whose a large body is cannot be found out: 503, as everywhere."""
    client = await s.as_("commander")
    with closing(sqlite3.connect(s.world.settings.accounts_path)) as c, c:
        c.execute("DROP TABLE session")
    answer = await client.send("/emergencies", {"reason": "x" * 20_000})
    assert answer.status_code == 503
    is_error(answer, "store.unavailable")
    assert answer.headers["Retry-After"]
