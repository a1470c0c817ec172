"""How soon a decision is seen: by a view, by two hundred screens, by five hundred."""

from __future__ import annotations

import asyncio
import json
import time
from pathlib import Path

import psutil

from api.world.settings import Settings
from api.world.setup import init_world
from api.world.wiring import open_world
from coordination.mode.steps import AcknowledgeStep
from coordination.provenance import Provenance
from tests.bench.deciding import COMMANDER, switched_world
from tests.bench.report import Result, command_id, percentile
from tests.bench.shanghai import city_file
from tests.bench.wire import Http, pingzhan, screen

SCREENS, MANY = 200, 500
CHANGES_A_SECOND, SECONDS = 20, 15


def until_visible(folder: Path, _events: int) -> list[Result]:
    """Measure from COMMIT to the row in the view, in process."""
    steps = switched_world(folder / "world")[:1_500]
    world = open_world(Settings(data=folder / "world"))
    committed: dict[int, float] = {}
    lags: list[float] = []
    world.log.on_commit.insert(
        0, lambda seq: committed.__setitem__(seq, time.perf_counter())
    )

    def advanced(seq: int) -> None:
        now = time.perf_counter()
        done = [s for s in committed if s <= seq]
        lags.extend(now - committed.pop(known) for known in done)

    world.runner.on_advance.append(advanced)

    async def run() -> None:
        world.start(asyncio.get_running_loop())
        for number, (site, step) in enumerate(steps):
            by = Provenance(command_id=command_id(number), actor=COMMANDER, seen_seq=1)
            await world.do(AcknowledgeStep(site=site, step=step), by)
            await asyncio.sleep(0.003)
        await world.reached(world.log.recorder.head().seq)

    asyncio.run(run())
    world.close()
    half, most = percentile(lags, 0.5) * 1e3, percentile(lags, 0.99) * 1e3
    return [
        Result(
            "commit → row visible, in process",
            f"p50 {half:.2f} ms, p99 {most:.2f} ms",
            "",
            "",
            "≤ 2 / 20 ms",
            half <= 2 and most <= 20,
        )
    ]


def city_switch(folder: Path, _events: int) -> list[Result]:
    """Measure the switch of a whole city until 200 screens show its roll-ups."""
    rows = city_file(folder / "areas.csv")
    data = folder / "world"
    world = open_world(Settings(data=data))
    asyncio.run(init_world(world, (folder / "areas.csv").read_bytes(), 1))
    world.runner.catch_up()
    world.close()
    root = next(code for code, level in rows if level == "city")
    areas = [root, *(code for code, level in rows if level == "district")]
    with pingzhan(data) as (port, token, _pid):
        taken, ordered = asyncio.run(_switch_seen(port, token, areas, root))
    most = percentile(taken, 0.99)
    return [
        Result(
            f"switch a city ({len(rows):,} areas) → roll-ups on {SCREENS} screens",
            f"p50 {percentile(taken, 0.5) * 1e3:.0f} ms, p99 {most * 1e3:.0f} ms",
            f"order answered after {ordered * 1e3:.0f} ms",
            "",
            "p99 ≤ 1 s",
            most <= 1,
        )
    ]


async def _switch_seen(
    port: int, token: str, areas: list[str], root: str
) -> tuple[list[float], float]:
    heard: list[list[tuple[float, int]]] = [[] for _ in range(SCREENS)]
    ready = asyncio.Semaphore(0)
    tasks = [
        asyncio.create_task(screen(port, token, areas[n % len(areas)], heard[n], ready))
        for n in range(SCREENS)
    ]
    for _ in range(SCREENS):
        await ready.acquire()
    await asyncio.sleep(1)
    client = await Http(port, token).open()
    body = {
        "hazard": "epidemic",
        "level": "III",
        "scope": [root],
        "basis": "b",
        "matter": "m",
        "measures": "m",
        "expected_hours": 24,
        "playbook": "epidemic-control",
        "seen_seq": 1,
    }
    began = time.perf_counter()
    status, answer = await client.post("/api/v1/emergencies", body, "bench-switch")
    ordered = time.perf_counter() - began
    assert status == 201, answer
    seq = json.loads(answer)["seq"]
    until = time.monotonic() + 20
    while time.monotonic() < until:
        seen = [next((at for at, s in each if s >= seq), None) for each in heard]
        if all(seen):
            break
        await asyncio.sleep(0.02)
    for task in tasks:
        task.cancel()
    return [(at or began + 20) - began for at in seen], ordered


def many_screens(folder: Path, _events: int) -> list[Result]:
    """Measure 500 screens of a district under 20 changes a second."""
    steps = switched_world(folder / "world")
    with pingzhan(folder / "world") as (port, token, pid):
        cpu, lags = asyncio.run(_watch(port, token, pid, steps))
    most = percentile(lags, 0.99) * 1e3
    return [
        Result(
            f"{MANY} screens, {CHANGES_A_SECOND} changes/s",
            f"{cpu:.0%} of a core, p50 {percentile(lags, 0.5) * 1e3:.0f} ms,"
            f" p99 {most:.0f} ms",
            "",
            "",
            "≤ 1 core, p99 ≤ 250 ms",
            cpu <= 1 and most <= 250,
        )
    ]


async def _watch(
    port: int, token: str, pid: int, steps: list[tuple[str, str]]
) -> tuple[float, list[float]]:
    heard: list[tuple[float, int]] = []
    ready = asyncio.Semaphore(0)
    tasks = []
    for number in range(MANY):
        task = screen(port, token, "310117000000", heard, ready)
        tasks.append(asyncio.create_task(task))
        if number % 20 == 0:
            await asyncio.sleep(0.05)
    for _ in range(MANY):
        await ready.acquire()
    await asyncio.sleep(1)
    server = psutil.Process(pid)
    client = await Http(port, token).open()
    sent: list[tuple[float, int]] = []
    used, began = sum(server.cpu_times()[:2]), time.perf_counter()
    body = {"basis": "", "reason": "", "seen_seq": 0}
    for number in range(CHANGES_A_SECOND * SECONDS):
        await asyncio.sleep(
            max(0, began + number / CHANGES_A_SECOND - time.perf_counter())
        )
        site, step = steps[number]
        at = time.perf_counter()
        path = f"/api/v1/sites/{site}/steps/{step}/acknowledge"
        status, answer = await client.post(path, body, command_id(number))
        assert status == 200, answer
        sent.append((at, json.loads(answer)["seq"]))
    await asyncio.sleep(1)
    passed = time.perf_counter() - began
    cpu = (sum(server.cpu_times()[:2]) - used) / passed
    for task in tasks:
        task.cancel()
    # A message brings its screen to a seq: it answers every change it newly covers.
    lags, place = [], 0
    arrivals: dict[int, list[float]] = {}
    for at, seq in heard:
        arrivals.setdefault(seq, []).append(at)
    for at, seq in sent:
        covering = min((s for s in arrivals if s >= seq), default=None)
        if covering is not None:
            lags.extend(when - at for when in arrivals[covering])
            place += 1
    assert place >= len(sent) * 0.9, "the screens missed changes"
    return cpu, lags
