"""Mass attrition and bulk packages: 15,100 members on Huadu's 274 areas."""

from __future__ import annotations

import asyncio
import random  # noqa: TID251 - seeded: every run loses the same people
import time
from collections.abc import Callable
from pathlib import Path

from api.demo.people import people
from api.demo.settling import settle
from api.exchange.areas import read_areas
from api.http.plain import LOCAL
from api.pages.faces import Faces
from api.planning.proposing import proposed
from api.world.ground import ground
from api.world.settings import Settings
from api.world.setup import init_world
from api.world.wiring import open_world
from api.world.world import World
from coordination.kernel import Command
from coordination.log import Receipt
from coordination.packages.decide import AssignPackages, PackageRow
from coordination.packages.events import PERSON, Party
from coordination.packages.state import DEFAULT_KINDS
from coordination.people.availability import MarkUnavailable
from coordination.provenance import Actor, Provenance
from coordination.tree import Place
from projections.names import Names
from tests.bench.report import Result

AREAS = Path("api/demo/areas/huadu.csv")
SEED, SHARE, BUILDINGS = 7, 0.3, 2_000
BY = Actor("local-operator", "commander")


def _timed(work: Callable[[], object]) -> tuple[float, object]:
    began = time.perf_counter()
    found = work()
    return time.perf_counter() - began, found


def attrition(folder: Path, _events: int) -> list[Result]:
    """Measure 30 % falling away, and packages for 2,000 buildings, cold."""
    data = AREAS.read_bytes()
    rows, _ = read_areas(data)
    root = next(row for row in rows if row.level == "district")
    area = Place(root.code, root.level)
    roster = None
    world = open_world(Settings(data=folder / "world"))
    try:
        roster = people(rows, list(ground(rows, SEED)), SEED, now_us=world.clock())
        bare = roster._replace(packages=tuple(
            p for p in roster.packages if p.kind != "building"
        ))  # fmt: skip
        asyncio.run(_laid(world, data, bare, area))
        ids = [world.vault.person_of(p.number) for p in roster.persons]
    finally:
        world.close()
    world = open_world(Settings(data=folder / "world"))  # nothing folded: cold
    try:
        return [*_packages(world, area), *_lost(world, ids)]
    finally:
        world.close()


async def _laid(world: World, data: bytes, roster: object, area: Place) -> None:
    await init_world(world, data, SEED)
    await settle(world, roster, area, "bench")  # type: ignore[arg-type]


def _do(world: World, command: Command) -> Receipt:
    by = Provenance(command_id=f"bench-{command.ACTION}", actor=BY, seen_seq=1)
    return asyncio.run(world.do(command, by))


def _packages(world: World, area: Place) -> list[Result]:
    world.runner.catch_up()
    kind = next(k for k in DEFAULT_KINDS if k.id == "building")

    def work() -> int:
        with world.reading() as c:
            faces = Faces(world, LOCAL, c)
            found = proposed(c, Names(c), faces, area.path, kind, "")
        given = tuple(
            PackageRow(kind.id, row["target"], Party(PERSON, row["person"]["id"]))
            for row in found["rows"]
            if row["person"]
        )[:BUILDINGS]
        _do(world, AssignPackages(rows=given))
        return len(given)

    seconds, count = _timed(work)
    return [
        Result(
            "packages of 2,000 buildings proposed, and committed in one decision",
            f"{seconds:.2f} s, {count:,} packages",
            "",
            "",
            "≤ 10 s",
            seconds <= 10 and count == BUILDINGS,
        )
    ]


def _lost(world: World, ids: list[str]) -> list[Result]:
    chance = random.Random(SEED)  # noqa: S311 - no secret
    lost = chance.sample(ids, int(len(ids) * SHARE))

    def work() -> Receipt:
        command = MarkUnavailable(people=tuple(lost), cause="ill")
        return _do(world, command)

    seconds, receipt = _timed(work)
    assert isinstance(receipt, Receipt)
    facts = receipt.seq - receipt.first_seq + 1
    return [
        Result(
            "30 % of 15,100 members fall away: replanned and committed, cold",
            f"{seconds:.2f} s, {facts:,} facts in one decision",
            "",
            "",
            "≤ 5 s",
            seconds <= 5,
        )
    ]
