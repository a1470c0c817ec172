"""Power cuts: what was acknowledged is there, what is sent again happens once."""

from __future__ import annotations

import asyncio
import signal
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from api.world.rebuilding import check_views
from api.world.settings import Settings
from api.world.verify import verify
from coordination import catalogue
from coordination.log import SQLiteReader
from tests.api.served import (
    API,
    DISTRICT,
    STREET_1,
    STREET_2,
    Process,
    declaration,
    server,
    start,
    step_path,
)
from tests.counting import count

ROUTES = "/emergencies", "/acknowledge", "/complete"
AT_ONCE = 16


@dataclass(frozen=True)
class Order:
    """A write as a client keeps it until it is answered."""

    command: str
    path: str
    body: dict[str, Any]


def verified(folder: Path) -> dict[str, Any]:
    """Return what ``pingzhan log verify`` finds."""
    reader = SQLiteReader(folder / "log.sqlite")
    try:
        return verify(reader)
    finally:
        reader.close()


async def send(http: httpx.AsyncClient, order: Order) -> httpx.Response | None:
    """Send an order; None if no answer came back."""
    try:
        return await http.post(
            API + order.path,
            json=order.body,
            headers={"Idempotency-Key": order.command},
        )
    except httpx.TransportError:
        return None


async def orders_of(process: Process, prefix: str) -> list[Order]:
    """Declare for the first street and return everything there is to do there."""
    async with process.http() as http:
        declare = Order(f"{prefix}-declare", "/emergencies", declaration(seen_seq=1))
        answer = await send(http, declare)
        assert answer is not None
        assert answer.status_code == 201, answer.text
        seq = answer.json()["seq"]
        query = {"area": DISTRICT, "min_seq": seq}
        sites = (await http.get(f"{API}/sites", params=query)).json()["sites"]
    steps = [(t["id"], p["id"]) for t in sites for p in t["steps"]]
    found = [declare]
    for verb in ("acknowledge", "complete"):
        found += [
            Order(
                f"{prefix}-{verb}-{n:04d}",
                step_path(site, step, verb),
                {"seen_seq": seq},
            )
            for n, (site, step) in enumerate(steps)
        ]
    return found


async def fire(
    process: Process, orders: Sequence[Order], stop_after: int
) -> dict[str, dict[str, Any]]:
    """Send orders many at a time; kill the server after some answers."""
    receipts: dict[str, dict[str, Any]] = {}

    async def worker(http: httpx.AsyncClient, left: Iterator[Order]) -> None:
        for order in left:
            answer = await send(http, order)
            if answer is None:
                continue
            assert answer.status_code in (200, 201), answer.text
            receipts[order.command] = answer.json()
            if len(receipts) == stop_after:
                process.popen.send_signal(signal.SIGKILL)
                count("a server killed under load")

    limits = httpx.Limits(max_connections=AT_ONCE)
    async with process.http(limits=limits) as http:
        for left in map(iter, by_kind(orders)):
            await asyncio.gather(*(worker(http, left) for _ in range(AT_ONCE)))
    return receipts


def by_kind(orders: Sequence[Order]) -> Iterator[list[Order]]:
    """Yield the orders of each kind: who waits would be overtaken by the next.

    What is complete is not acknowledged any more.
    """
    for kind in ROUTES:
        yield [order for order in orders if order.path.endswith(kind)]


async def again(process: Process, orders: Sequence[Order]) -> dict[str, dict[str, Any]]:
    """Send every order once more, kind by kind; each must be carried out."""
    receipts = {}

    async def once_more(http: httpx.AsyncClient, order: Order) -> None:
        answer = await send(http, order)
        assert answer is not None
        assert answer.status_code in (200, 201), (order, answer.text)
        receipts[order.command] = answer.json()

    limits = httpx.Limits(max_connections=AT_ONCE)
    async with process.http(limits=limits) as http:
        for alike in by_kind(orders):
            await asyncio.gather(*(once_more(http, order) for order in alike))
        board = await http.get(f"{API}/areas/{DISTRICT}/board")
        assert board.status_code == 200
    return receipts


def stored(folder: Path) -> list[tuple[int, str, str]]:
    """Return (seq, name, command id) of everything in the log."""
    with closing(sqlite3.connect(folder / "log.sqlite")) as c:
        rows = c.execute("SELECT rowid, topic, state FROM stored_events ORDER BY rowid")
        return [(s, n, catalogue.open_envelope(b).command) for s, n, b in rows]


def check(
    folder: Path,
    before: dict[str, dict[str, Any]],
    after: dict[str, dict[str, Any]],
    orders: Sequence[Order],
) -> None:
    """Everything acknowledged stands, everything sent stands once, all of it sound."""
    for command, receipt in before.items():
        assert after[command] == receipt
    log = stored(folder)
    assert [seq for seq, _, _ in log] == list(range(1, len(log) + 1))
    commands = [command for _, _, command in log]
    for order in orders:
        assert commands.count(order.command) == 1, order
        assert log[after[order.command]["seq"] - 1][2] == order.command
    found = verified(folder)
    assert found["ok"]
    assert found["seq"] == len(log)
    newest = max(after.values(), key=lambda r: r["seq"])
    if newest["seq"] == len(log):
        assert found["root"] == newest["root"]
    count(
        "decisions acknowledged before a fault, each there once after it", len(before)
    )
    rebuilt = check_views(Settings(data=folder))
    assert (rebuilt["equal"], rebuilt["seq"]) == (True, len(log))


def test_killed_in_the_middle_of_commands(data: Path):
    """Kill -9 under load: nothing acknowledged is lost, nothing is done twice."""
    process = start(data, "--no-timers")
    orders = asyncio.run(orders_of(process, "first"))
    assert len(orders) > 80
    receipts = asyncio.run(fire(process, orders[1:], len(orders) // 2))
    assert process.end() == -signal.SIGKILL
    assert len(orders) // 2 <= len(receipts) < len(orders) - 1
    with server(data, "--no-timers") as process:
        after = asyncio.run(again(process, orders))
        assert asyncio.run(again(process, orders)) == after
        process.popen.terminate()
        process.end()
    check(data, receipts, after, orders)


def test_killed_twice(data: Path):
    """Two power cuts in a row, each while the views are being written."""
    process = start(data, "--no-timers")
    orders = asyncio.run(orders_of(process, "often"))
    known: dict[str, dict[str, Any]] = {}
    for _ in range(2):
        receipts = asyncio.run(fire(process, orders, 25))
        assert process.end() == -signal.SIGKILL
        for command in known.keys() & receipts.keys():
            assert receipts[command] == known[command]
        known |= receipts
        # the next round begins with what has no receipt yet
        orders.sort(key=lambda order: order.command in known)
        process = start(data, "--no-timers")
    try:
        after = asyncio.run(again(process, orders))
    finally:
        process.kill()  # and once more, with the views perhaps behind
    check(data, known, after, orders)


def test_views_behind_a_log_that_was_cut_off(data: Path):
    """Views that lost everything since an older moment catch up at the next start."""
    older = [data / f"views.sqlite{end}" for end in ("", "-wal", "-shm")]
    kept = {path: path.read_bytes() for path in older if path.exists()}
    with server(data, "--no-timers") as process:
        orders = asyncio.run(orders_of(process, "views"))
        receipts = asyncio.run(again(process, orders))
        process.kill()
    for path in older:
        path.unlink(missing_ok=True)
    for path, content in kept.items():
        path.write_bytes(content)
    with server(data, "--no-timers") as process:

        async def look() -> dict[str, Any]:
            async with process.http() as http:
                seq = max(r["seq"] for r in receipts.values())
                url = f"{API}/areas/{DISTRICT}/board"
                answer = await http.get(url, params={"min_seq": seq})
                found: dict[str, Any] = answer.json()
                return found

        board = asyncio.run(look())
        assert board["mode"] == "EMERGENCY"
        assert {c["code"] for c in board["children"]} == {STREET_1, STREET_2}
        assert board["counts"]["steps"]["open"] == 0
        process.kill()
    check(data, receipts, receipts, orders)


def test_a_graceful_end_under_load(data: Path):
    """SIGTERM under load: exit code 0, everything acknowledged is stored."""
    process = start(data, "--no-timers", apart=True)
    orders = asyncio.run(orders_of(process, "graceful"))
    receipts: dict[str, dict[str, Any]] = {}

    async def worker(http: httpx.AsyncClient, left: Iterator[Order]) -> None:
        for order in left:
            answer = await send(http, order)
            if answer is None:
                return
            assert answer.status_code in (200, 503), answer.text
            if answer.status_code == 200:
                receipts[order.command] = answer.json()
            if len(receipts) == 30:
                process.popen.terminate()

    async def load() -> None:
        async with process.http() as http:
            for left in map(iter, by_kind(orders[1:])):
                await asyncio.gather(*(worker(http, left) for _ in range(AT_ONCE)))

    asyncio.run(load())
    code = process.end()
    assert len(receipts) >= 30
    by_command = {command: seq for seq, _, command in stored(data)}
    for command, receipt in receipts.items():
        assert by_command[command] == receipt["seq"]
    assert verified(data)["ok"]
    count("a server ended by SIGTERM under load")
    assert not (data / "server.json").exists()
    assert code == 0
