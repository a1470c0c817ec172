"""PostgreSQL goes away, falls silent, fails over, loses the views; signals then."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import httpx
import psycopg
import pytest

from api.world.rebuilding import check_views
from tests.api.forking import Fork
from tests.api.served import (
    API,
    DISTRICT,
    Process,
    declaration,
    environment,
    server,
)
from tests.counting import count
from tests.faults.outage import (
    AT_ONCE,
    DOWN_SECONDS,
    END_SECONDS,
    FAIL_OVER_SECONDS,
    address,
    completions_of,
    quiet,
    settings,
    stands_once,
    until_taken,
)
from tests.faults.test_kill import Order, orders_of, send
from tests.faults.wire import Wire
from tests.given import LONG, PATIENCE_SECONDS
from tests.pgcluster import Cluster, free_port

BOARD = f"{API}/areas/{DISTRICT}/board"


@pytest.fixture
def wires(cluster: Cluster) -> Iterator[list[Wire]]:
    """Two ways to the server, as to an old host and a new one."""
    both = [Wire(cluster.port), Wire(cluster.port)]
    yield both
    for wire in both:
        wire.close()


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
        orders = asyncio.run(completions_of(process, "away"))
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


@pytest.mark.parametrize("hosts", [1, 2] if LONG else [2])
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
