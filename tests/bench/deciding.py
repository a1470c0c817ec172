"""Decisions a second: in process and over HTTP, beside what the disk and FastAPI do."""

from __future__ import annotations

import asyncio
import hashlib
import sqlite3
import sys
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import uvloop
from eventsourcing.persistence import StoredEvent
from eventsourcing.sqlite import SQLiteApplicationRecorder, SQLiteDatastore

from api.http.serving import SWITCH_SECONDS
from api.world.settings import Settings
from api.world.setup import init_world
from api.world.wiring import open_world
from api.world.world import World
from coordination.mode.decide import DeclareEmergency
from coordination.mode.duties import steps_of
from coordination.mode.steps import AcknowledgeStep
from coordination.provenance import Actor, Provenance
from coordination.tree import Place
from projections.names import Names
from projections.progress import PROGRESS, duty_of
from tests.bench.report import (
    Result,
    command_id,
    cpu_seconds,
    percentile,
)
from tests.bench.wire import Http, pingzhan, serving

AREAS = Path("api/demo/areas/songjiang.csv")
HOME = Place("310117000000", "district")
CLIENTS = 32
BATCH = 32
COMMANDER = Actor("local-operator", "commander")
Steps = list[tuple[str, str]]


def switched_world(data: Path, areas: Path = AREAS, home: Place = HOME) -> Steps:
    """Make a world in which every site converts; return all its (site, step)."""
    world = open_world(Settings(data=data))
    try:
        asyncio.run(_switch(world, areas.read_bytes(), home))
        world.runner.catch_up()
        return _steps(world)
    finally:
        world.close()


async def _switch(world: World, areas: bytes, home: Place) -> None:
    await init_world(world, areas, 1)
    await world.do(
        DeclareEmergency(
            emergency="e-bench",
            hazard="epidemic",
            level=3,
            scope=(home,),
            matter="m",
            measures="m",
            expected_hours=24,
            playbook="epidemic-control",
            basis="b",
        ),
        Provenance(command_id="bench-declare", actor=COMMANDER, seen_seq=1),
    )


def _steps(world: World) -> Steps:
    found: Steps = []
    with world.reading() as c:
        names = Names(c)
        order = names.order("e-bench")
        assert order is not None
        playbook = names.playbook(order.playbook_digest)
        assert playbook is not None
        for row in PROGRESS.select(c, at=None):
            duty = duty_of(row)
            if duty is not None:
                steps = steps_of(playbook, duty)
                found.extend((row.site, step.id) for step in steps)
    # Neighbouring commands go to different sites, as they would in life.
    return sorted(found, key=lambda step: step[1])


async def _share(count: int, work: Callable[[int], Awaitable[None]]) -> float:
    """Let ``CLIENTS`` clients do ``count`` pieces of work; return the seconds."""

    async def client(first: int) -> None:
        for number in range(first, count, CLIENTS):
            await work(number)

    began = time.perf_counter()
    await asyncio.gather(*(client(n) for n in range(CLIENTS)))
    return time.perf_counter() - began


def in_process(folder: Path, _events: int) -> list[Result]:
    """Measure 32 clients in process against raw transactions and the library."""
    steps = switched_world(folder / "world")
    world = open_world(Settings(data=folder / "world"))
    # The log alone: keeping views up is measured by itself.
    world.log.on_commit.clear()

    async def run() -> float:
        async def act(number: int) -> None:
            site, step = steps[number]
            by = Provenance(command_id=command_id(number), actor=COMMANDER)
            await world.do(AcknowledgeStep(site=site, step=step), by)

        return await _share(len(steps), act)

    sys.setswitchinterval(SWITCH_SECONDS)  # as the server does
    ours = len(steps) / uvloop.run(run())
    sizes = [len(r.stored) for r in world.log.recorder.rows(2_000, 500)]
    world.close()
    stored = b"x" * (sum(sizes) // len(sizes))
    raw = _raw(folder / "raw.sqlite", stored, len(steps))
    library = _library(folder / "library.sqlite", stored, len(steps))
    return [
        Result(
            "32 clients in process, decisions/s with leaf, head, receipt",
            f"{ours:,.0f}/s",
            f"raw 32-row transactions {raw:,.0f}/s",
            f"{ours / raw:.0%}",
            "≥ 50 %",
            ours / raw >= 0.5,
        ),
        Result(
            "the same beside the library's recorder",
            f"{ours:,.0f}/s",
            f"library default {library:,.0f}/s",
            f"{ours / library:.1f} ×",
            "≥ 3 ×",
            ours / library >= 3,
        ),
    ]


def _raw(path: Path, stored: bytes, count: int) -> float:
    """Return rows a second of plain transactions on the same tables."""
    c = sqlite3.connect(path, isolation_level=None)
    c.execute("PRAGMA journal_mode=WAL")
    c.execute("PRAGMA synchronous=FULL")
    from coordination.log.sqlite import CREATE  # the very tables of the log

    for statement in CREATE:
        c.execute(statement.format(table="stored_events"))
    leaf, began = hashlib.sha256(b"leaf").digest(), time.perf_counter()
    for first in range(0, count, BATCH):
        c.execute("BEGIN IMMEDIATE")
        seqs = range(first + 1, first + BATCH + 1)
        c.executemany(
            "INSERT INTO stored_events VALUES (?,?,?,?,?,?,?)",
            [(n, f"site/{n}", 1, "bench.event.1", stored, n, leaf) for n in seqs],
        )
        c.executemany(
            "INSERT INTO receipts VALUES (?,?,?,?,?,?)",
            [(command_id(n), "0" * 32, n, n, "0" * 64, n) for n in seqs],
        )
        c.execute("UPDATE log_head SET seq=?, recorded_us=?, peaks=?", (first, 1, leaf))
        c.execute("COMMIT")
    rate = count / (time.perf_counter() - began)
    c.close()
    return rate


def _library(path: Path, stored: bytes, count: int) -> float:
    """Return events a second of the library's recorder under 32 threads."""
    recorder = SQLiteApplicationRecorder(
        SQLiteDatastore(str(path), originator_id_type="text", pool_size=CLIENTS)
    )
    recorder.create_table()
    with recorder.datastore.get_connection(commit=True) as c:
        c._sqlite_conn.execute("PRAGMA synchronous=FULL")

    def insert(number: int) -> None:
        event = StoredEvent(f"site/{number}", 1, "bench.event.1", stored)
        recorder.insert_events([event])

    count = min(count, 2_000)
    began = time.perf_counter()
    with ThreadPoolExecutor(CLIENTS) as pool:
        list(pool.map(insert, range(count)))
    rate = count / (time.perf_counter() - began)
    recorder.datastore.close()
    return rate


def over_http(folder: Path, _events: int) -> list[Result]:
    """Measure one decision and 32 clients over HTTP against an empty route."""
    steps = switched_world(folder / "world")
    commit = _commit_ms(folder / "one.sqlite")
    half = len(steps) // 2
    with serving(["tests.bench.empty"]) as word:
        port, pid = int(word["url"].rpartition(":")[2]), word["pid"]
        paths = [("/empty", n) for n in range(half)]
        empty = asyncio.run(_post_all(port, "", paths, pid))
    with pingzhan(folder / "world") as (port, token, pid):
        paths = [
            (f"/api/v1/sites/{site}/steps/{step}/acknowledge", n)
            for n, (site, step) in enumerate(steps)
        ]
        ours = asyncio.run(_post_all(port, token, paths, pid))
    one_limit = commit + empty[0]
    return [
        Result(
            "one decision, HTTP → durable → receipt, p50",
            f"{ours[0]:.2f} ms",
            f"raw commit {commit:.2f} ms + empty route {empty[0]:.2f} ms",
            f"{ours[0] / one_limit:.2f} ×",
            "≤ 2 ×",
            ours[0] <= 2 * one_limit,
        ),
        Result(
            "32 clients over HTTP",
            f"{ours[1]:,.0f}/s",
            f"empty POST route {empty[1]:,.0f}/s",
            f"{ours[1] / empty[1]:.0%}",
            "≥ 50 %",
            ours[1] / empty[1] >= 0.5,
        ),
        Result(
            "processor time of a decision over HTTP, views and screens and all",
            f"{ours[2]:,.0f} µs",
            f"empty POST route {empty[2]:,.0f} µs",
            f"{ours[2] / empty[2]:.1f} ×",
            "≤ 250 µs",
            ours[2] <= 250,
        ),
    ]


def _commit_ms(path: Path) -> float:
    """Return the p50 of one INSERT and COMMIT, ms."""
    c = sqlite3.connect(path, isolation_level=None)
    c.execute("PRAGMA journal_mode=WAL")
    c.execute("PRAGMA synchronous=FULL")
    c.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, state BLOB)")
    taken = []
    for _ in range(1_000):
        began = time.perf_counter()
        c.execute("BEGIN IMMEDIATE")
        c.execute("INSERT INTO t (state) VALUES (?)", (b"x" * 500,))
        c.execute("COMMIT")
        taken.append(time.perf_counter() - began)
    c.close()
    return percentile(taken, 0.5) * 1e3


async def _post_all(
    port: int, token: str, paths: list[tuple[str, int]], pid: int
) -> tuple[float, float, float]:
    """Return p50 ms of one client alone, then of 32: a second so many requests, and
    each so many µs of the server's processor time.
    """
    body = {"basis": "", "reason": "", "seen_seq": 0}
    clients = [await Http(port, token).open() for _ in range(CLIENTS)]
    alone, taken = len(paths) // 4, []
    for path, number in paths[:alone]:
        began = time.perf_counter()
        status, answer = await clients[0].post(path, body, command_id(number))
        taken.append(time.perf_counter() - began)
        assert status == 200, answer
    rest = paths[alone:]

    async def client(first: int) -> None:
        for path, number in rest[first::CLIENTS]:
            status, answer = await clients[first].post(path, body, command_id(number))
            assert status == 200, answer

    began, had = time.perf_counter(), cpu_seconds(pid)
    await asyncio.gather(*(client(n) for n in range(CLIENTS)))
    seconds, cpu = time.perf_counter() - began, cpu_seconds(pid) - had
    return percentile(taken, 0.5) * 1e3, len(rest) / seconds, cpu / len(rest) * 1e6
