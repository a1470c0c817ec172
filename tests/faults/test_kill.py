"""Power cuts: what was acknowledged is there, what is sent again happens once."""

from __future__ import annotations

import asyncio
import json
import signal
import sqlite3
import subprocess
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from coordination import catalogue
from tests.api.served import (
    API,
    CLI,
    DISTRICT,
    ROOT,
    STREET_1,
    STREET_2,
    Process,
    declaration,
    environment,
    server,
    start,
    step_path,
)

ROUTES = "/emergencies", "/complete", "/acknowledge"
AT_ONCE = 16


@dataclass(frozen=True)
class Order:
    """A write as a client keeps it until it is answered."""

    command: str
    path: str
    body: dict[str, Any]


def pingzhan(folder: Path, *words: str) -> dict[str, Any]:
    """Run a command that must succeed; return its JSON."""
    ran = subprocess.run(
        [*CLI, *words, "--json", "--data", str(folder)],
        capture_output=True,
        env=environment(),
        cwd=ROOT,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr.decode()
    found: dict[str, Any] = json.loads(ran.stdout)
    return found


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
    async with process.http(timeout=20) as http:
        declare = Order(f"{prefix}-declare", "/emergencies", declaration())
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
    left = iter(orders)

    async def worker(http: httpx.AsyncClient) -> None:
        for order in left:
            answer = await send(http, order)
            if answer is None:
                continue
            assert answer.status_code in (200, 201), answer.text
            receipts[order.command] = answer.json()
            if len(receipts) == stop_after:
                process.popen.send_signal(signal.SIGKILL)

    limits = httpx.Limits(max_connections=AT_ONCE)
    async with process.http(timeout=20, limits=limits) as http:
        await asyncio.gather(*(worker(http) for _ in range(AT_ONCE)))
    return receipts


async def again(process: Process, orders: Sequence[Order]) -> dict[str, dict[str, Any]]:
    """Send every order once more, in order; each must be carried out."""
    receipts = {}
    async with process.http(timeout=20) as http:
        for order in orders:
            answer = await send(http, order)
            assert answer is not None
            assert answer.status_code in (200, 201), (order, answer.text)
            receipts[order.command] = answer.json()
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
    verified = pingzhan(folder, "log", "verify")
    assert verified["ok"]
    assert verified["seq"] == len(log)
    newest = max(after.values(), key=lambda r: r["seq"])
    if newest["seq"] == len(log):
        assert verified["root"] == newest["root"]
    rebuilt = pingzhan(folder, "rebuild", "--check")
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


def test_killed_again_and_again(data: Path):
    """Three power cuts in a row, each while the views are being written."""
    process = start(data, "--no-timers")
    orders = asyncio.run(orders_of(process, "often"))
    known: dict[str, dict[str, Any]] = {}
    for _ in range(3):
        receipts = asyncio.run(fire(process, orders, 25))
        assert process.end() == -signal.SIGKILL
        for command in known.keys() & receipts.keys():
            assert receipts[command] == known[command]
        known |= receipts
        # the next round begins with what has no receipt yet
        orders.sort(key=lambda order: order.command in known)
        process = start(data, "--no-timers")
    try:
        after = asyncio.run(again(process, orders_by_verb(orders)))
    finally:
        process.kill()  # and once more, with the views perhaps behind
    check(data, known, after, orders)


def orders_by_verb(orders: Sequence[Order]) -> list[Order]:
    """Return declaration, acknowledgements, completions, as people do them."""
    return sorted(orders, key=lambda o: (ROUTES.index(verb(o)), o.command))


def verb(order: Order) -> str:
    """Return what kind of route an order goes to."""
    return next(r for r in ROUTES if order.path.endswith(r))


def test_views_behind_a_log_that_was_cut_off(data: Path):
    """Views that lost everything since an older moment catch up at the next start."""
    import shutil

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
    shutil.copytree(data, data.with_name("copy"))
    check(data, receipts, receipts, orders)


def test_a_graceful_end_under_load(data: Path):
    """SIGTERM under load: exit code 0, everything acknowledged is stored."""
    process = start(data, "--no-timers")
    orders = asyncio.run(orders_of(process, "graceful"))
    receipts: dict[str, dict[str, Any]] = {}

    async def load() -> None:
        left = iter(orders[1:])

        async def worker(http: httpx.AsyncClient) -> None:
            for order in left:
                answer = await send(http, order)
                if answer is None:
                    return
                assert answer.status_code in (200, 503), answer.text
                if answer.status_code == 200:
                    receipts[order.command] = answer.json()
                if len(receipts) == 30:
                    process.popen.terminate()

        async with process.http(timeout=20) as http:
            await asyncio.gather(*(worker(http) for _ in range(AT_ONCE)))

    asyncio.run(load())
    code = process.end()
    assert len(receipts) >= 30
    by_command = {command: seq for seq, _, command in stored(data)}
    for command, receipt in receipts.items():
        assert by_command[command] == receipt["seq"]
    assert pingzhan(data, "log", "verify")["ok"]
    assert not (data / "server.json").exists()
    assert code == 0
