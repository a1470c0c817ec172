"""Fixtures every test may ask for: a database, a browser."""

from __future__ import annotations

import itertools
import os
import shutil
import time
from collections import Counter
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import psycopg
import pytest
from hypothesis import HealthCheck, settings
from psycopg import sql

from tests import counting
from tests.given import PATIENCE_SECONDS
from tests.pgcluster import Cluster

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or "/usr/bin/chromium"
CHROMIUM_FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-sync",
    "--no-first-run",
    # Nothing outside this machine has an address, not even for a service worker.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
)
LOCAL_HOSTS = {"127.0.0.1", "localhost"}
NETWORK_SCHEMES = {"http", "https", "ws", "wss"}

# How long an example takes is the machine's affair.
settings.register_profile(
    "pingzhan", deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("pingzhan")


took: Counter[str] = Counter()


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Add up the seconds of a test: its set-up, itself, its end."""
    if type(report) is pytest.TestReport:  # a subtest's are in those of its test
        took[report.nodeid] += report.duration


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Keep what each test took, the longest first, in ``.pytest_cache/v/durations``."""
    cache = getattr(session.config, "cache", None)  # -p no:cacheprovider has none
    if cache is None or hasattr(session.config, "workerinput"):
        return
    known = cache.get("durations", {}) | {t: round(s, 2) for t, s in took.items()}
    cache.set("durations", dict(Counter(known).most_common()))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say what the tests of faults did; `make test-faults` keeps it in ``docs``."""
    if counting.COUNTS:
        terminalreporter.section("faults")
        for line in counting.lines():
            terminalreporter.write_line(line)
    if os.environ.get("PINGZHAN_COUNTS") and not terminalreporter.stats.get("failed"):
        counting.written()


@pytest.fixture(scope="session")
def pg_cluster() -> Iterator[str]:
    """The address of a durable server, one for each pytest worker.

    ``PINGZHAN_TEST_PG=postgresql://user@host:port/postgres`` names a running one.
    """
    if chosen := os.environ.get("PINGZHAN_TEST_PG"):
        yield chosen
        return
    with Cluster() as cluster:
        yield cluster.dsn()


numbers = itertools.count(1)
END_SESSIONS = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s"
)
SCHEMAS = (
    "SELECT nspname FROM pg_namespace"
    " WHERE nspname !~ '^pg_' AND nspname <> 'information_schema'"
)


class Databases:
    """Empty databases of a server: one that was left is emptied and named anew.

    To drop one writes all there is to disk.
    """

    def __init__(self, where: str, connection: psycopg.Connection) -> None:
        self.where, self.connection = where, connection
        self.free: list[str] = []

    def dsn(self, name: str) -> str:
        return urlsplit(self.where)._replace(path=f"/{name}").geturl()

    def take(self) -> str:
        name = f"pingzhan_test_{os.getpid()}_{next(numbers)}"
        if self.free:  # who still asks for the old name finds nothing
            self._do("ALTER DATABASE {} RENAME TO {}", self.free.pop(), name)
        else:
            self._do("CREATE DATABASE {}", name)
        return name

    def leave(self, name: str) -> None:
        """End whoever is in a database still, and empty it."""
        self._do("ALTER DATABASE {} WITH ALLOW_CONNECTIONS true", name)
        self._do("ALTER DATABASE {} RESET ALL", name)
        self.end_sessions(name)
        with psycopg.connect(self.dsn(name)) as inside:
            schemas = [sql.Identifier(name) for (name,) in inside.execute(SCHEMAS)]
            all_of_them = sql.SQL(", ").join(schemas)
            inside.execute(sql.SQL("DROP SCHEMA {} CASCADE").format(all_of_them))
            inside.execute("CREATE SCHEMA public")
        self.end_sessions(name)
        self.free.append(name)

    def end_sessions(self, name: str) -> None:
        give_up_at = time.monotonic() + PATIENCE_SECONDS
        while self.connection.execute(END_SESSIONS, [name]).fetchall():
            assert time.monotonic() < give_up_at, f"{name} is still in use"
            time.sleep(0.001)

    def drop(self) -> None:
        for name in self.free:
            self._do("DROP DATABASE {} WITH (FORCE)", name)

    def _do(self, statement: str, *names: str) -> None:
        parts = map(sql.Identifier, names)
        self.connection.execute(sql.SQL(statement).format(*parts))


@pytest.fixture(scope="session")
def databases(pg_cluster: str) -> Iterator[Databases]:
    with psycopg.connect(pg_cluster, autocommit=True) as connection:
        databases = Databases(pg_cluster, connection)
        yield databases
        databases.drop()


@pytest.fixture
def pg_dsn(databases: Databases) -> Iterator[str]:
    """The address of an empty database of this test's own."""
    name = databases.take()
    yield databases.dsn(name)
    databases.leave(name)


# For a module, not the session: while it lives, an event loop runs in this thread and
# asyncio.run() in other tests would fail.
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Debian's Chromium."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM,
            args=CHROMIUM_FLAGS,
            timeout=PATIENCE_SECONDS * 1_000,
        )
        yield browser
        browser.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page in Shanghai, in Chinese; an error in it, or a way out, fails the test."""
    context = browser.new_context(locale="zh-CN", timezone_id="Asia/Shanghai")
    context.set_default_timeout(PATIENCE_SECONDS * 1_000)
    faults: list[str] = []

    def watch(url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme in NETWORK_SCHEMES and parts.hostname not in LOCAL_HOSTS:
            faults.append(f"asked for {url}")

    context.on("request", lambda request: watch(request.url))
    context.on("weberror", lambda error: faults.append(str(error.error)))
    page = context.new_page()
    page.on("websocket", lambda websocket: watch(websocket.url))
    yield page
    context.close()
    assert not faults, faults
