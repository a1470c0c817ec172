"""Stock: clerks at one station, an item moved very often, a district's supplies."""

from __future__ import annotations

import asyncio
import random  # noqa: TID251 - seeded: every run asks the same
import statistics
import time
from collections.abc import Callable, Iterable
from pathlib import Path

import uvloop

from api.pages.goods import Goods
from api.pages.supplies import supply_board
from api.planning.reallocation import proposal_body, proposed
from api.world.settings import Settings
from api.world.setup import init_world
from api.world.wiring import open_world
from api.world.world import World
from coordination.items.decide import ImportItems, ItemRow
from coordination.items.events import Item
from coordination.provenance import Actor, Provenance
from coordination.stations.decide import OpenStation
from coordination.stations.levels import LevelRow, SetLevels
from coordination.stock.decide import Issue
from coordination.stock.ledger import Party
from coordination.stock.lines import Wish
from coordination.stock.receipts import Delivered, Receive
from projections.board import AREA, GROUND
from projections.names import Names
from tests.bench.deciding import AREAS, HOME, _raw, _share
from tests.bench.report import Result, command_id, percentile

MOVEMENTS, SHELVES = 5_000, 8
MOST, FEW, DECISIONS = 50_000, 50, 300
STATIONS, ITEMS = 300, 500
LINES = 200
LOOKS = 10
BY = Actor("local-operator", "commander")
OFFICE = Actor("installer", "administrator")
SQUAD = Party("squad", "bench")
SHOP = Party("purchase", "bench")


class _Bench:
    """A world with a catalogue, and commands with ids of their own."""

    def __init__(self, folder: Path, items: int) -> None:
        self.world = open_world(Settings(data=folder))
        self._number = 0
        self.items = [f"item-{n:03d}" for n in range(items)]

    def by(self, actor: Actor = BY) -> Provenance:
        self._number += 1
        return Provenance(command_id=command_id(self._number), actor=actor)

    async def lay(self, stations: int) -> list[str]:
        """Make the areas, the catalogue and the stations."""
        world = self.world
        await init_world(world, AREAS.read_bytes(), 1)
        rows = tuple(ItemRow(n + 2, _item(code)) for n, code in enumerate(self.items))
        await world.do(ImportItems(rows=rows), self.by(OFFICE))
        await asyncio.to_thread(world.runner.catch_up)
        with world.reading() as c:
            sites = sorted(row.site for row in GROUND.select(c, at=None))[:stations]
        for site in sites:
            await world.do(OpenStation(station=site), self.by())
        return sites

    async def receive(self, station: str, lines: Iterable[Delivered]) -> None:
        """Put lines on the shelves, as many in one decision as one takes."""
        given = list(lines)
        for first in range(0, len(given), LINES):
            some = tuple(given[first : first + LINES])
            by = self.by()
            command = Receive(
                station=station, slip=f"r-{by.command_id}", source=SHOP, lines=some
            )
            await self.world.do(command, by)

    async def issue(self, station: str, item: str, quantity: int, times: int) -> None:
        """Give so much out, ``times`` times in one decision."""
        by = self.by()
        command = Issue(
            station=station,
            slip=f"i-{by.command_id}",
            to=SQUAD,
            lines=(Wish(item, quantity),) * times,
        )
        await self.world.do(command, by)


def _item(code: str) -> Item:
    return Item(code=code, name=code, en=code, category="other", unit="个")


def _lot(item: str, quantity: int, lot: str = "") -> Delivered:
    return Delivered(item=item, quantity=quantity, lot=lot or f"{item}-1")


def clerks(folder: Path, _events: int) -> list[Result]:
    """Measure 32 clerks at one station beside raw transactions of as many rows."""
    bench = _Bench(folder / "world", SHELVES)
    world = bench.world

    async def run() -> tuple[float, int]:
        (station,) = await bench.lay(1)
        await bench.receive(station, [_lot(i, MOVEMENTS) for i in bench.items])
        world.log.on_commit.clear()
        before = world.log.recorder.head().seq

        async def act(number: int) -> None:
            await bench.issue(station, bench.items[number % SHELVES], 1, 1)

        seconds = await _share(MOVEMENTS, act)
        return seconds, world.log.recorder.head().seq - before

    seconds, facts = uvloop.run(run())
    stored = b"x" * len(world.log.recorder.rows(facts, 1)[0].stored)
    world.close()
    ours = MOVEMENTS / seconds
    raw = _raw(folder / "raw.sqlite", stored, facts) * MOVEMENTS / facts
    return [
        Result(
            "32 clerks, 5,000 issues at one station of 8 items, issues/s",
            f"{ours:,.0f}/s, {facts / MOVEMENTS:.0f} facts each",
            f"raw 32-row transactions of as many rows {raw:,.0f}/s",
            f"{ours / raw:.0%}",
            "",
            facts == 2 * MOVEMENTS,
        )
    ]


def hot_item(folder: Path, _events: int) -> list[Result]:
    """Measure an item moved 50,000 times beside one moved 50 times, warm and cold."""
    bench = _Bench(folder / "world", 2)
    hot, cool = bench.items

    async def lay() -> str:
        (station,) = await bench.lay(1)
        await bench.receive(station, [_lot(hot, 10**8), _lot(cool, 10**8)])
        for _ in range(MOST // LINES):
            await bench.issue(station, hot, 1, LINES)
        await bench.issue(station, cool, 1, FEW)
        return station

    station = asyncio.run(lay())
    bench.world.close()
    again = _Bench(folder / "world", 2)
    again._number = 10**6
    again.world.log.on_commit.clear()

    async def decide(item: str) -> float:
        began = time.perf_counter()
        await again.issue(station, item, 1, 1)
        return time.perf_counter() - began

    async def run() -> tuple[float, float, float, float]:
        cold = [await decide(cool), await decide(hot)]
        warm: dict[str, list[float]] = {hot: [], cool: []}
        for _ in range(DECISIONS):
            for item, taken in warm.items():
                taken.append(await decide(item))
        return (*cold, *(statistics.median(taken) for taken in warm.values()))

    cold_cool, cold_hot, warm_hot, warm_cool = asyncio.run(run())
    again.world.close()
    ratio = warm_hot / warm_cool
    return [
        Result(
            "a decision on an item with 50,000 movements beside one with 50, warm",
            f"{warm_hot * 1e3:.2f} ms",
            f"with 50: {warm_cool * 1e3:.2f} ms",
            f"{ratio:.2f} ×",
            "≤ 1.5 ×",
            ratio <= 1.5,
        ),
        Result(
            "the same cold, the first after a start",
            f"{cold_hot * 1e3:.0f} ms",
            f"with 50: {cold_cool * 1e3:.0f} ms",
            "",
            "reported",
            True,
        ),
    ]


def district(folder: Path, _events: int) -> list[Result]:
    """Measure a district of 300 stations with 500 items: its board, a proposal."""
    bench = _Bench(folder / "world", ITEMS)
    world, chance = bench.world, random.Random(5)  # noqa: S311 - no secret
    levels = (100, 200, 400)
    rows = tuple(LevelRow(item, levels, levels) for item in bench.items)

    async def lay() -> None:
        for station in await bench.lay(STATIONS):
            await world.do(SetLevels(station=station, rows=rows), bench.by())
            held = [_held(chance) for _ in bench.items]
            await bench.receive(
                station,
                [
                    _lot(item, quantity, f"{station}-{item}"[-30:])
                    for item, quantity in zip(bench.items, held, strict=True)
                ],
            )
            item = chance.choice(bench.items[:50])
            await bench.issue(station, item, 1, 5)

    world.log.on_commit.clear()
    asyncio.run(lay())
    world.runner.catch_up()
    try:
        return [*_boards(world), *_proposals(world)]
    finally:
        world.close()


def _held(chance: random.Random) -> int:
    """Return what a station has: a tenth are short, three tenths could give."""
    where = chance.random()
    if where < 0.1:
        return chance.randint(6, 99)
    return chance.randint(401, 900) if where < 0.4 else chance.randint(200, 400)


def _timed(work: Callable[[], object], times: int) -> list[float]:
    taken = []
    for _ in range(times):
        began = time.perf_counter()
        work()
        taken.append(time.perf_counter() - began)
    return taken


def _boards(world: World) -> list[Result]:
    def work() -> None:
        with world.reading() as c:
            area = AREA.get(c, HOME.code, at=None)
            assert area is not None
            goods = Goods(Names(c, None), world.clock())
            supply_board(area, goods)

    slowest = percentile(_timed(work, LOOKS), 0.95) * 1e3
    return [
        Result(
            "supply board of a district, 300 stations of 500 items, p95",
            f"{slowest:.0f} ms",
            "",
            "",
            "≤ 200 ms",
            slowest <= 200,
        )
    ]


def _proposals(world: World) -> list[Result]:
    found: list[int] = []

    def work() -> None:
        with world.reading() as c:
            goods = Goods(Names(c, None), world.clock())
            body = proposal_body(proposed(c, HOME.path, (), goods), goods)
        found.append(body["total"])

    seconds = max(_timed(work, 2))
    return [
        Result(
            "reallocation proposed for all of them, from the views",
            f"{seconds:.1f} s, {found[0]:,} legs",
            "",
            "",
            "≤ 10 s",
            seconds <= 10,
        )
    ]
