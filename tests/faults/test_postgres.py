"""PostgreSQL goes away, falls silent, fails over, loses the views; signals then."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import httpx
import psycopg
import pytest

from api.world.rebuilding import check_views
from api.world.settings import Settings
from api.world.setup import init_world
from api.world.verify import verify
from api.world.wiring import open_world
from coordination import catalogue
from coordination.log import open_recorder
from tests.api.forking import Fork
from tests.api.served import (
    API,
    AREAS,
    DISTRICT,
    Process,
    declaration,
    environment,
    server,
)
from tests.counting import count
from tests.faults.test_kill import Order, orders_of, send
from tests.faults.wire import Wire
from tests.given import LONG, PATIENCE_SECONDS
from tests.pgcluster import Cluster, free_port

AT_ONCE = 8
DOWN_SECONDS = 20.0 if LONG else 1.0
FAIL_OVER_SECONDS = 15.0 if LONG else 30.0
"""From the last answer of the old host to the first write on the new one."""
END_SECONDS = 10.0
BOARD = f"{API}/areas/{DISTRICT}/board"
LOG_LINES_MAX = 40
"""Of a whole outage: a line for each part at its beginning, and one at its end."""


@pytest.fixture
def cluster() -> Iterator[Cluster]:
    """A durable server of this test's own: it is to be stopped."""
    with Cluster() as cluster:
        yield cluster


@pytest.fixture
def folder(tmp_path: Path, cluster: Cluster) -> Path:
    """A data directory whose log stands on that server, set up."""
    with closing(open_world(settings(tmp_path, cluster.dsn()))) as world:
        asyncio.run(init_world(world, AREAS.encode(), 1, demonstration=True))
    return tmp_path


@pytest.fixture
def wires(cluster: Cluster) -> Iterator[list[Wire]]:
    """Two ways to the server, as to an old host and a new one."""
    both = [Wire(cluster.port), Wire(cluster.port)]
    yield both
    for wire in both:
        wire.close()


def settings(folder: Path, address: str) -> Settings:
    return Settings(data=folder, log_url=address)


def address(*ports: int) -> str:
    """Return an address with a host for each port."""
    hosts = ",".join(f"127.0.0.1:{port}" for port in ports)
    return f"postgresql://postgres@{hosts}/postgres"


async def until_taken(
    http: httpx.AsyncClient,
    order: Order,
    met: Counter[int],
    refused: asyncio.Event | None = None,
) -> dict:
    """Send an order again until it is carried out; every no says when to try again.

    ``refused``: is set by the first no.
    """
    give_up_at = time.monotonic() + DOWN_SECONDS + PATIENCE_SECONDS
    while True:
        answer = await send(http, order)
        assert answer is not None
        met[answer.status_code] += 1
        if answer.status_code in (200, 201):
            return answer.json()
        if refused is not None:
            refused.set()
        assert answer.status_code == 503, answer.text
        assert answer.json()["code"] == "store.unavailable"
        assert answer.headers["Retry-After"] == "2"
        assert time.monotonic() < give_up_at
        await asyncio.sleep(float(answer.headers["Retry-After"]))  # as it was told


def quiet(process: Process) -> None:
    """Nothing was logged for each request, and nothing as a surprise."""
    assert [line[-900:] for line in process.said if "Traceback" in line] == []
    assert len(process.said) < LOG_LINES_MAX, process.said


def stands_once(where: str, receipts: dict[str, dict]) -> None:
    """Everything acknowledged stands, once, where its receipt says; all is sound."""
    with closing(open_recorder(where)) as log:
        assert verify(log)["ok"]
        rows = log.rows(0, 1_000_000)
    commands = [catalogue.open_envelope(row.stored).command for row in rows]
    for command, receipt in receipts.items():
        assert commands.count(command) == 1
        assert commands[receipt["seq"] - 1] == command


def test_a_server_that_is_away_for_a_while_under_load(folder: Path, cluster: Cluster):
    """503 with Retry-After meanwhile, then on; nothing is lost, nothing done twice."""
    met: Counter[int] = Counter()
    receipts: dict[str, dict] = {}
    dsn = cluster.dsn()

    async def load(process: Process, orders: list[Order]) -> None:
        left = iter(orders)
        begun, refused = asyncio.Event(), asyncio.Event()

        async def worker(http: httpx.AsyncClient) -> None:
            for order in left:
                receipts[order.command] = await until_taken(http, order, met, refused)
                if len(receipts) > len(orders) // 4:
                    begun.set()

        async def outage() -> None:
            await begun.wait()
            await asyncio.to_thread(cluster.stop)
            await refused.wait()
            await asyncio.sleep(DOWN_SECONDS)  # the outage itself
            cluster.start()  # here: it ends with the thread that starts it

        async with process.http() as http:
            await asyncio.gather(outage(), *(worker(http) for _ in range(AT_ONCE)))

    with server(folder, PINGZHAN_LOG_URL=dsn) as process:
        known = asyncio.run(orders_of(process, "away"))[1:]
        # Of one kind: who waits is overtaken, and what is complete is not acknowledged.
        orders = [order for order in known if order.path.endswith("/complete")]
        asyncio.run(load(process, orders))
        process.popen.terminate()
        assert process.end() == 0
    assert met[503]
    assert len(receipts) == len(orders)
    quiet(process)
    stands_once(dsn, receipts)
    assert check_views(settings(folder, dsn))["equal"]
    count("PostgreSQL stopped under load, gone on from")
    kept = "decisions acknowledged before a fault, each there once after it"
    count(kept, len(receipts))


HOSTS = pytest.mark.parametrize("hosts", [1, 2], ids=["one host", "two"])


@HOSTS
def test_connections_that_fall_silent(folder: Path, wires: list[Wire], hosts: int):
    """New ones are made where somebody is; meanwhile it does not say it is ready."""
    old, new = wires
    met: Counter[int] = Counter()

    async def fail_over(process: Process) -> tuple[list[int], float, dict[str, dict]]:
        async with process.http() as http:
            first = Order("before-it", "/emergencies", declaration(seen_seq=1))
            receipts = {first.command: await until_taken(http, first, met)}
            await http.get(BOARD, params={"min_seq": receipts["before-it"]["seq"]})
            old.silence()
            if hosts == 1:
                old.mend()
            began = time.monotonic()
            ready = asyncio.create_task(http.get("/health/ready"))
            other = declaration(seen_seq=1, hazard="flood", playbook="flood-typhoon")
            later = Order("after-it", "/emergencies", other)
            receipts["after-it"] = await until_taken(http, later, met)
            took = time.monotonic() - began
            said = [(await ready).status_code]
            while said[-1] != 200:
                said.append((await http.get("/health/ready")).status_code)
                assert time.monotonic() - began < PATIENCE_SECONDS
            await http.get(BOARD, params={"min_seq": receipts["after-it"]["seq"]})
        return said, took, receipts

    dsn = address(*(wire.port for wire in wires[:hosts]))
    with server(folder, apart=True, PINGZHAN_LOG_URL=dsn) as process:
        said, took, receipts = asyncio.run(fail_over(process))
        process.popen.terminate()
        assert process.end() == 0
    print(f"first write after {took:.1f} s, answers {dict(met)}")  # noqa: T201
    assert said[0] == 503
    assert took < FAIL_OVER_SECONDS
    count("connections to PostgreSQL silent for ever, the next write within 15 s")
    quiet(process)
    stands_once(address(new.port), receipts)


def test_views_that_were_dropped_are_made_again(folder: Path, cluster: Cluster):
    """While it runs, from the log; pages answer 503 meanwhile, never less than was."""
    dsn = cluster.dsn()

    async def watch(process: Process) -> tuple[Counter[int], dict, dict]:
        answers: Counter[int] = Counter()
        async with process.http() as http:
            declare = Order("to-be-kept", "/emergencies", declaration(seen_seq=1))
            receipt = await until_taken(http, declare, Counter())
            query = {"min_seq": receipt["seq"]}
            before = (await http.get(BOARD, params=query)).json()
            with psycopg.connect(dsn) as c:
                c.execute("DROP SCHEMA views CASCADE")
            give_up_at = time.monotonic() + PATIENCE_SECONDS
            while True:
                answer = await http.get(BOARD)
                answers[answer.status_code] += 1
                if answer.status_code == 200:
                    return answers, before, answer.json()
                assert answer.status_code == 503, answer.text
                assert answer.headers["Retry-After"] == "2"
                assert time.monotonic() < give_up_at

    with server(folder, "--no-timers", PINGZHAN_LOG_URL=dsn) as process:
        answers, before, after = asyncio.run(watch(process))
        process.popen.terminate()
        assert process.end() == 0
    assert set(answers) == {200, 503}
    count("the views dropped while in use, made again")
    assert (after["seq"], after["counts"]) == (before["seq"], before["counts"])
    quiet(process)
    assert check_views(settings(folder, dsn))["equal"]


@pytest.mark.parametrize("hosts", [1, 2] if LONG else [1])
def test_a_signal_while_nobody_answers(folder: Path, wires: list[Wire], hosts: int):
    """The process has ended ten seconds later, with a write still under way."""
    dsn = address(*(wire.port for wire in wires[:hosts]))

    async def last_words(process: Process) -> None:
        async with process.http() as http:
            for wire in wires:
                wire.silence()
            order = Order("never-said", "/emergencies", declaration(seen_seq=1))
            sending = asyncio.create_task(send(http, order))
            await asyncio.sleep(0)
            process.popen.terminate()
            answer = await sending
            assert answer is None or answer.status_code == 503

    with server(folder, apart=True, PINGZHAN_LOG_URL=dsn) as process:
        began = time.monotonic()
        asyncio.run(last_words(process))
        process.end()
    assert time.monotonic() - began < END_SECONDS
    count("a signal while no database answers, ended within ten seconds")


def run(folder: Path, where: str, *words: str) -> tuple[int, str]:
    """Run the command line with this address; return how it ended and what it said."""
    around = environment(PINGZHAN_LOG_URL=where, PINGZHAN_STATE=str(folder))
    return Fork([*words, "--data", str(folder)], around).end()


def test_an_address_of_several_hosts(folder: Path, cluster: Cluster):
    """The one that is there is found; if there is none, that is said in a sentence."""
    nobody = free_port("127.0.0.1")
    several = address(nobody, cluster.port)
    assert run(folder, several, "status", "--area", DISTRICT) == (0, "")
    assert run(folder, several, "log", "verify") == (0, "")
    assert run(folder, several, "rebuild", "--check")[0] == 0
    with server(folder, "--no-timers", PINGZHAN_LOG_URL=several) as process:
        orders = asyncio.run(orders_of(process, "several"))
        process.popen.terminate()
        assert process.end() == 0
    assert len(orders) > 1
    for words in (("status", "--area", DISTRICT), ("serve", "--port", "0")):
        code, said = run(folder, address(nobody, nobody), *words)
        assert (code, "store.unavailable" in said) == (2, True)
        assert "Traceback" not in said
    code, said = run(
        folder, "postgresql://a:1,b:2/x?nonsense=1", "status", "--area", DISTRICT
    )
    assert (code, "Traceback" in said) == (2, False)
    assert "log.bad-address" in said
