"""The primary dies and its standby is promoted: two PostgreSQL servers, under load."""

from __future__ import annotations

import asyncio
import signal
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import httpx
import psycopg
import pytest

from api.world.rebuilding import check_views
from tests.api.served import Process, server
from tests.counting import count
from tests.faults.outage import (
    AT_ONCE,
    END_SECONDS,
    FAIL_OVER_SECONDS,
    address,
    completions_of,
    quiet,
    settings,
    stands_once,
    until_taken,
)
from tests.faults.test_kill import Order
from tests.given import PATIENCE_SECONDS
from tests.pgcluster import Cluster

WRITABLE = "SELECT NOT pg_is_in_recovery()"
FOLLOWED = "SELECT count(*) FROM pg_stat_replication WHERE sync_state = 'sync'"


def until(where: str, question: str) -> None:
    """Ask a server until it says yes."""
    give_up_at = time.monotonic() + PATIENCE_SECONDS
    with psycopg.connect(where, autocommit=True) as c:
        while not c.execute(question).fetchone()[0]:
            assert time.monotonic() < give_up_at, question
            time.sleep(0.01)


@pytest.fixture
def standby(cluster: Cluster) -> Iterator[Cluster]:
    """A second server that has every commit before it is acknowledged."""
    second = Cluster()
    source = f"--dbname=postgresql://postgres@{cluster.host}:{cluster.port}"
    try:
        second.run(
            *("pg_basebackup", source, "--pgdata", str(second.data), "--no-sync"),
            *("--wal-method=stream", "--checkpoint=fast", "--write-recovery-conf"),
        )
        second.start()
        with psycopg.connect(cluster.dsn(), autocommit=True) as c:
            c.execute("ALTER SYSTEM SET synchronous_standby_names = '*'")
            c.execute("SELECT pg_reload_conf()")
        until(cluster.dsn(), FOLLOWED)
        yield second
    finally:
        second.destroy()


class FailOver:
    """Clients that go on sending, and a primary that dies meanwhile."""

    def __init__(self, process: Process, primary: Cluster, standby: Cluster) -> None:
        self.process, self.primary, self.standby = process, primary, standby
        self.met: Counter[int] = Counter()
        self.ready: Counter[int] = Counter()
        self.receipts: dict[str, dict] = {}
        self.answered_at: dict[str, float] = {}
        self.begun, self.refused = asyncio.Event(), asyncio.Event()
        self.died_at = 0.0

    async def run(self, orders: list[Order]) -> None:
        left = iter(orders)
        async with self.process.http() as http:

            async def client() -> None:
                for order in left:
                    receipt = await until_taken(http, order, self.met, self.refused)
                    self.receipts[order.command] = receipt
                    self.answered_at[order.command] = time.monotonic()
                    if len(self.receipts) > len(orders) // 4:
                        self.begun.set()

            clients = [asyncio.create_task(client()) for _ in range(AT_ONCE)]
            await self.die(http)
            await asyncio.gather(*clients)
            give_up_at = time.monotonic() + PATIENCE_SECONDS
            while await self.is_ready(http) != httpx.codes.OK:
                assert time.monotonic() < give_up_at
                await asyncio.sleep(0.1)

    async def die(self, http: httpx.AsyncClient) -> None:
        """Kill the primary, and promote the standby once somebody has noticed."""
        await self.begun.wait()
        await asyncio.to_thread(self.primary.stop, signal.SIGKILL)
        self.died_at = time.monotonic()
        await self.refused.wait()
        assert await self.is_ready(http) == httpx.codes.SERVICE_UNAVAILABLE
        with psycopg.connect(self.standby.dsn(), autocommit=True) as c:
            c.execute("SELECT pg_promote(wait => false)")

    async def is_ready(self, http: httpx.AsyncClient) -> int:
        answer = await http.get("/health/ready")
        self.ready[answer.status_code] += 1
        return answer.status_code

    @property
    def first_write(self) -> float:
        """How long after the death the first write was answered, seconds."""
        return min(at for at in self.answered_at.values() if at > self.died_at) - (
            self.died_at
        )


def test_the_primary_dies_and_its_standby_is_promoted(
    folder: Path, cluster: Cluster, standby: Cluster
):
    """Ready says 503 meanwhile; all that was acknowledged is on the new primary."""
    where = address(cluster.port, standby.port)
    with server(folder, apart=True, PINGZHAN_LOG_URL=where) as process:
        orders = asyncio.run(completions_of(process, "over"))
        seen = FailOver(process, cluster, standby)
        asyncio.run(seen.run(orders))
        ended = time.monotonic()
        process.popen.terminate()
        assert process.end() == 0
        assert time.monotonic() - ended < END_SECONDS
    before = sum(at < seen.died_at for at in seen.answered_at.values())
    print(  # noqa: T201
        f"{before} acknowledged before the primary died, {len(orders)} in all;"
        f" first write after {seen.first_write:.1f} s; answers {dict(seen.met)}"
    )
    assert seen.first_write < FAIL_OVER_SECONDS
    assert 0 < before < len(seen.receipts) == len(orders)
    quiet(process)
    until(standby.dsn(), WRITABLE)
    stands_once(standby.dsn(), seen.receipts)
    assert check_views(settings(folder, where))["equal"]
    count("a PostgreSQL primary killed under load, gone on from on its standby")
    kept = "decisions acknowledged before a fault, each there once after it"
    count(kept, len(seen.receipts))
