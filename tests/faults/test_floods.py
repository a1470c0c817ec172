"""Floods: what one caller does holds nobody else up, and is over when it is over."""

from __future__ import annotations

import asyncio
import itertools
import json
import socket
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from contextlib import aclosing, suppress
from pathlib import Path
from threading import Event
from typing import Any

import httpx
import psutil
import pytest

from api.http import connections, guard, pace, pools
from tests.api.served import (
    ACCOUNTS,
    API,
    DISTRICT,
    PASSWORD,
    Process,
    declaration,
    key,
    server,
)
from tests.counting import count
from tests.given import LONG, PATIENCE_SECONDS

BOARD = f"{API}/areas/{DISTRICT}/board"
MORE = 1.2
"""What memory may be afterwards, beside what it was before."""
SOON_SECONDS = 1.0 if LONG else 5.0
"""How long a look at the board may take; only the long form runs alone."""
Flood = Callable[[httpx.AsyncClient], Awaitable[Counter[int]]]


@pytest.fixture
def process(data: Path) -> Iterator[Process]:
    """A service of this test's own, a program from its first line on."""
    with server(data, "--no-timers", apart=True) as running:
        yield running


def rss(data: Path) -> int:
    """Return the bytes of memory the service has."""
    pid = json.loads((data / "server.json").read_text())["pid"]
    return int(psutil.Process(pid).memory_info().rss)


async def commander(process: Process) -> httpx.AsyncClient:
    """Return a commander who is signed in."""
    http = httpx.AsyncClient(
        base_url=process.url, timeout=PATIENCE_SECONDS, trust_env=False
    )
    given = {"account": ACCOUNTS["commander"].account, "password": PASSWORD}
    answer = await http.post(f"{API}/session", json=given)
    assert answer.status_code == 200, answer.text
    return http


async def looked_on(process: Process, flood: Awaitable[Any]) -> tuple[float, Any]:
    """Look at the board as long as a flood lasts; return the slowest look."""
    async with aclosing(await commander(process)) as http:
        doing, slowest = asyncio.ensure_future(flood), 0.0
        while not doing.done() or not slowest:
            began = time.monotonic()
            answer = await http.get(BOARD)
            assert answer.status_code == 200, answer.text
            slowest = max(slowest, time.monotonic() - began)
        order = declaration(seen_seq=1)
        headers = {"Idempotency-Key": key()}
        done = await http.post(f"{API}/emergencies", json=order, headers=headers)
        assert done.status_code in (201, 409), done.text
    return slowest, await doing


async def many(number: int, one: Callable[[], Awaitable[int]]) -> Counter[int]:
    """Return the statuses of so many at once; 0: no answer."""

    async def sent() -> int:
        try:
            return await one()
        except httpx.TransportError:  # a connection that was kept, ended meanwhile
            return 0

    return Counter(await asyncio.gather(*(sent() for _ in range(number))))


def withstood(process: Process, data: Path, flood: Flood, kind: str) -> Counter[int]:
    """Flood twice: nobody is held up, and the second time takes no more memory."""

    async def play() -> tuple[float, Counter[int]]:
        limits = httpx.Limits(max_connections=200)
        async with httpx.AsyncClient(
            base_url=process.url,
            timeout=PATIENCE_SECONDS,
            trust_env=False,
            limits=limits,
        ) as stranger:
            return await looked_on(process, flood(stranger))

    asyncio.run(play())
    before = rss(data)
    slowest, met = asyncio.run(play())
    assert slowest < SOON_SECONDS, f"{kind}: a look took {slowest:.1f} s"
    assert rss(data) < before * MORE, kind
    print(f"{kind}: {dict(met)}, slowest look {slowest * 1000:.0f} ms")  # noqa: T201
    count(kind, met.total())
    return met


def test_bodies_of_strangers_are_not_read(process: Process, data: Path):
    """Before it is known who sends them (H9)."""
    body = b"[" + b"1," * 2_450_000 + b"1]"

    async def flood(http: httpx.AsyncClient) -> Counter[int]:
        async def one() -> int:
            path = f"{API}/people/import"
            kind = {"Content-Type": "text/csv"}
            return (await http.post(path, content=body, headers=kind)).status_code

        return await many(100 if LONG else 20, one)

    met = withstood(process, data, flood, "bodies of 4.9 MB of strangers")
    assert set(met) <= {401, 0}  # cut off while it still sends, it may not hear why


def test_sign_ins_are_bounded_and_hold_nobody_up(process: Process, data: Path):
    """Whoever is too much is told to come again (H10)."""
    given = {"account": ACCOUNTS["auditor"].account, "password": PASSWORD}

    async def flood(http: httpx.AsyncClient) -> Counter[int]:
        async def one() -> int:
            answer = await http.post(f"{API}/session", json=given)
            return answer.status_code

        return await many(400 if LONG else 120, one)

    met = withstood(process, data, flood, "sign-ins at once")
    assert met[200]
    assert met[429]
    assert met[200] + met[429] > 0.9 * met.total()


@pytest.mark.parametrize("signed_in", [False, True])
def test_refusals_without_end_are_answered_at_their_pace(
    process: Process, signed_in: bool
):
    """Whoever only asks again waits, and asks no more meanwhile (H4, H10)."""
    met: Counter[int] = Counter()

    async def asks(http: httpx.AsyncClient, until: float) -> None:
        while time.monotonic() < until:
            path, body = f"{API}/session", {"account": "zong", "password": "not it"}
            if signed_in:
                path, body = f"{API}/emergencies", {"seen_seq": 1}
            more = {"Idempotency-Key": key()}
            met[(await http.post(path, json=body, headers=more)).status_code] += 1

    async def play() -> float:
        async with aclosing(await commander(process)) as http:
            if not signed_in:
                http.cookies.clear()
            began = time.monotonic()
            until = began + (20.0 if LONG else 2.0)
            await asyncio.gather(*(asks(http, until) for _ in range(16)))
            return time.monotonic() - began

    took = asyncio.run(play())
    assert set(met) <= ({422} if signed_in else {401, 429}), met
    assert met.total() <= pace.BURST + took * pace.PER_SECOND + 1
    count("refusals without end, answered at their pace", met.total())


def test_downloads_of_one_account_are_bounded(process: Process, data: Path):
    """Two at a time; the rest is told to come again (H10)."""

    async def flood(_: httpx.AsyncClient) -> Counter[int]:
        async with aclosing(await commander(process)) as http:

            async def roster() -> int:
                path = f"{API}/people?format=xlsx"
                return (await http.get(path)).status_code

            return await many(12, roster)

    met = withstood(process, data, flood, "downloads of one account at once")
    assert set(met) == {200, 429}


# --- connections ----------------------------------------------------------------------


def talking(process: Process) -> socket.socket:
    """Return a connection that has asked nothing yet."""
    found = socket.create_connection(
        process.url.removeprefix("http://").split(":"), timeout=PATIENCE_SECONDS
    )
    found.settimeout(PATIENCE_SECONDS)
    return found


def test_a_head_without_end_is_cut_off(process: Process, data: Path):
    """At 32 KB, and not at what the memory holds (H9)."""
    before = rss(data)
    with talking(process) as one:
        one.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\nX: ")
        sent = 0
        try:
            while sent < 50_000_000:
                sent += one.send(b"x" * 65_536)
        except OSError:
            pass
        assert sent < 10_000_000
    with talking(process) as one:
        lines = b"".join(b"X-%d: %s\r\n" % (n, b"y" * 100) for n in range(1_000))
        one.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n" + lines + b"\r\n")
        assert one.recv(100).startswith(b"HTTP/1.1 431")
    assert rss(data) < before * MORE
    assert httpx.get(f"{process.url}/health/live").status_code == 200
    count("heads without end, cut off", 2)


def test_half_a_head_is_not_waited_for(process: Process):
    """Nor is whoever connects and never asks: ten seconds later they are out (H9)."""
    number = 300 if LONG else 30
    silent = [talking(process) for _ in range(number)]
    for one in silent[: number // 2]:
        one.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Half: ")
    began = time.monotonic()
    for one in silent:
        assert one.recv(1) == b""
        one.close()
    assert time.monotonic() - began < connections.HEAD_SECONDS + PATIENCE_SECONDS
    count("silent and half-sent requests, ended", number)


class One:
    """A connection that ends when its turn comes, as those of the loop do."""

    def __init__(self) -> None:
        self.left = False

    def leave(self) -> None:
        self.left = True


def test_the_longest_silent_goes_for_whoever_comes():
    """And never one that is at work; each only once, however many come at once."""
    opened: Any = connections.Open(3)
    ones = [One() for _ in range(3)]
    assert all(opened.enter(one) for one in ones)
    opened.works(ones[0])
    new = [One(), One()]
    assert all(opened.enter(one) for one in new)
    assert [one.left for one in ones] == [False, True, True]
    for one in ones[1:]:
        opened.gone(one)
    for one in new:
        opened.works(one)
    late = One()
    assert not opened.enter(late)
    assert late.left
    opened.gone(late)
    assert opened.count == 3


def test_a_large_body_of_a_stranger_is_not_waited_for(process: Process):
    """It is enough that it says how large it is (H9)."""
    with talking(process) as one:
        one.sendall(
            b"POST /api/v1/session HTTP/1.1\r\nHost: localhost\r\n"
            b"Content-Type: application/json\r\nContent-Length: 90000\r\n\r\n{"
        )
        assert one.recv(100).startswith(b"HTTP/1.1 401")


def test_work_counts_until_it_is_done():
    """Whoever asked may have gone: its thread is taken all the same (H10)."""
    pool, begun, go_on = pools.Pool("test", most=1, each=1), Event(), Event()

    def work() -> None:
        begun.set()
        assert go_on.wait(PATIENCE_SECONDS)

    async def play() -> None:
        first = asyncio.ensure_future(pool.run("shen", work))
        await asyncio.to_thread(begun.wait, PATIENCE_SECONDS)
        first.cancel()
        with pytest.raises(asyncio.CancelledError):
            await first
        with pytest.raises(pools.Busy):
            await pool.run("wang", time.monotonic)
        go_on.set()
        async with asyncio.timeout(PATIENCE_SECONDS):
            while True:
                with suppress(pools.Busy):
                    assert await pool.run("wang", time.monotonic)
                    return
                await asyncio.sleep(0.01)

    asyncio.run(play())


def test_what_is_refused_counts_as_nothing():
    """Else whoever is refused often would be allowed more and more (H9)."""
    bodies = guard.Bodies()
    bodies.add("shen", guard.OWN_BYTES_MAX)
    asked = guard.Guard(lambda *_: None, known=known)  # type: ignore[arg-type, return-value]
    asked.bodies = bodies
    part = {"type": "http.request", "body": b"x" * 20_000, "more_body": True}

    async def receive() -> Any:
        return part

    for _ in range(3):
        with pytest.raises(pools.Busy):
            asyncio.run(asked._read(receive, 1_000_000, {}))
        with pytest.raises(pools.Busy):
            bodies.add("shen", 1)


async def known(_headers: object) -> str:
    """Say that it is always the same person's."""
    return "shen"


def test_a_pool_that_rests_leaves_room_between_two_pieces_of_work():
    """For longer than one worked, or failed; the first does not wait."""
    pool = pools.Pool("resting", most=9, each=9, rests=True)
    times: list[tuple[float, float]] = []

    def work(fails: bool) -> None:
        began, until = time.monotonic(), time.thread_time() + 0.02
        while time.thread_time() < until:
            pass
        times.append((began, time.monotonic()))
        if fails:
            raise ValueError

    async def play() -> list[BaseException | None]:
        doing = [pool.run("one", work, fails) for fails in (True, False, False)]
        return await asyncio.gather(*doing, return_exceptions=True)

    asked = time.monotonic()
    assert [found is None for found in asyncio.run(play())] == [False, True, True]
    assert len(times) == 3
    for (_, ended), (after, _) in itertools.pairwise(times):
        assert after - ended >= 0.02 * pools.RESTS * 0.99
    assert times[0][0] >= asked
