"""Roll-ups of a whole Shanghai, recounted by walking up from parent to parent."""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from random import Random  # noqa: TID251 - seeded

import msgspec
import pytest
import yaml

import playbooks
from api.world.ground import ground
from coordination.areas.decide import AreaRow, ImportAreas
from coordination.mode.plans import PublishPlaybook
from coordination.mode.steps import AcknowledgeStep, CompleteStep
from coordination.tree import Place
from projections.progress import PROGRESS
from projections.rollup import rollup
from projections.runner import Runner
from projections.store import open_views
from tests.given import (
    ADMINISTRATOR,
    COMMUNITY_12,
    FLOOD_TEXT,
    SONGJIANG,
    STREET_1,
    by,
    door,
)
from tests.views.city import VIEWS, City, declare, plan
from tests.views.city import ground as register

SEED = 7
DISTRICTS, STREETS, COMMUNITIES = 16, 230, 6_500
PROVINCE, CITY = "310000000000", "310100000000"
RANK = ["PEACETIME", "RECOVERING", "CONVERTING", "EMERGENCY"]


def shanghai():
    """Return the rows of an area file of Shanghai's size and shape, all made up.

    Streets numbered 100 and 110 are among them: their codes without the zeros at the
    end would hold their siblings. Some communities stand directly in a district.
    """
    rng = Random(SEED)  # noqa: S311 - no secret
    rows = [AreaRow(0, PROVINCE, "上海市", "province", ""),
            AreaRow(0, CITY, "市辖区", "city", PROVINCE)]  # fmt: skip
    streets = []
    for district in range(1, DISTRICTS + 1):
        code = f"3101{district:02}000000"
        rows.append(AreaRow(0, code, f"第{district}区", "district", CITY))
        numbers = [1, 2, 10, 11, 100, 101, 110, 111, 120, 200]
        count = STREETS // DISTRICTS + (district <= STREETS % DISTRICTS)
        numbers += rng.sample(range(300, 999), count - len(numbers))
        for number in numbers:
            street = f"3101{district:02}{number:03}000"
            rows.append(AreaRow(0, street, f"{number}街道", "street", code))
            streets.append(street)
    inside = Counter()
    for number in range(COMMUNITIES):
        street = streets[number] if number < len(streets) else rng.choice(streets)
        inside[street] += 1
        code = f"{street[:9]}{inside[street]:03}"
        rows.append(AreaRow(0, code, f"第{number}居委会", "community", street))
    for district in (3, 9):
        code = f"3101{district:02}000000"
        rows.append(
            AreaRow(0, f"3101{district:02}999001", "直属居委会", "community", code)
        )
    return [msgspec.structs.replace(row, row=n) for n, row in enumerate(rows, 2)]


class Shanghai:
    """The city with its sites, an order for all of it but one street, and steps."""

    def __init__(self, handler):
        self.rows = shanghai()
        self.city = City(handler)
        self.engine = open_views(":memory:")
        self.runner = Runner(self.city.log, self.engine, VIEWS)
        self.parent = {row.code: row.parent for row in self.rows}
        self.stands_in = {}
        self.left_out = next(r.code for r in self.rows if r.code[6:] == "100000")

    async def begin(self):
        """Register areas and sites, publish the plan that comes with the service."""
        await self.city.give(ImportAreas(rows=tuple(self.rows)), ADMINISTRATOR)
        for command in ground(self.rows, SEED):
            # What stands below a community is not rolled up.
            await self.city.give(
                msgspec.structs.replace(command, local=()), ADMINISTRATOR
            )
            self.stands_in |= {plan.site: plan.area for plan in command.sites}
        text = playbooks.texts()["epidemic-control"]
        publish = PublishPlaybook(playbook="epidemic-control", text=text)
        await self.city.give(publish, ADMINISTRATOR)

    async def switch(self):
        """Order the whole city, but for one street, to convert."""
        command = msgspec.structs.replace(
            declare("e", Place(CITY, "city"), without=[Place(self.left_out, "street")]),
            hazard="epidemic",
            playbook="epidemic-control",
        )
        return await self.city.give(command)

    async def take_steps(self, rng, count):
        """Acknowledge or complete steps of random sites; some sites are done."""
        with self.engine.connect() as c:
            moved = [p for p in PROGRESS.select(c, at=None) if p.emergency]
        moved.sort()
        steps = {
            entry["function"]: [
                s["id"] for s in entry["convert"] if s.get("from_level") != "II"
            ]
            for entry in yaml.safe_load(playbooks.texts()["epidemic-control"])[
                "conversions"
            ]
        }
        taken = []
        for site in rng.sample(moved, count):
            listed = steps[site.function]
            listed = listed if rng.random() < 0.3 else rng.sample(listed, 2)
            kind = rng.choice([CompleteStep, CompleteStep, AcknowledgeStep])
            taken += [kind(site=site.site, step=step) for step in listed]
        await asyncio.gather(
            *(
                self.city.handler.handle(command, by(f"s{n}"), self.city.now)
                for n, command in enumerate(taken)
            )
        )

    def up(self, code):
        """Yield an area and everything above it."""
        while code:
            yield code
            code = self.parent[code]

    def recount(self, c, at=None):
        """Return the counts of every area, site by site, parent by parent."""
        counted = defaultdict(Counter)
        # One emergency only: each site has one row.
        for site in PROGRESS.select(c, at=at):
            for code in self.up(self.stands_in[site.site]):
                counted[code].update({
                    site.mode: 1, "total": site.total, "done": site.done,
                    "acknowledged": site.acknowledged, "late": site.late,
                })  # fmt: skip
                counted[code]["seq"] = max(counted[code]["seq"], site.seq_from)
        return counted

    def ordered(self, code, at):
        """Return the mode in force, walking up to what the order names."""
        named = next((c for c in self.up(code) if c in {CITY, self.left_out}), "")
        return "EMERGENCY" if at is None and named == CITY else "PEACETIME"

    def check(self, code, counted, at=None):
        """Assert that the roll-up of an area is the recount of all that is in it."""
        with self.engine.connect() as c:
            tree = rollup(c, code, at)
        inside = {r.code for r in self.rows if code in self.up(r.code)}
        assert set(tree.areas) == inside
        modes = {"street": Counter(), "community": Counter()}
        for area in tree.areas.values():
            count, known = tree.counts[area.code], counted[area.code]
            assert count.sites == {mode: known[mode] for mode in RANK}
            for name in ("total", "done", "acknowledged", "late", "seq"):
                assert getattr(count, name) == known[name], (area.code, name)
            far = max((m for m in RANK if known[m]), key=RANK.index)
            assert tree.converted(area) == far
            mode = self.ordered(area.code, at)
            assert tree.mode(area) == mode
            if area.level in modes:
                modes[area.level][mode] += 1
        assert tree.areas_by_mode() == {
            level: {mode: found[mode] for mode in RANK}
            for level, found in modes.items()
        }
        children = [r.code for r in self.rows if r.parent == code]
        assert sorted(a.code for a in tree.children(code)) == sorted(children)


def test_every_count_of_all_shanghai_is_what_walking_up_counts(tmp_path):
    """At every level, before and after the switch, steps and deadlines."""
    rng = Random(SEED)  # noqa: S311 - no secret
    with door(tmp_path / "log.sqlite") as handler:
        world = Shanghai(handler)
        city = world.city
        asyncio.run(world.begin())
        before = world.runner.catch_up()
        receipt = asyncio.run(world.switch())
        assert receipt.first_seq == receipt.seq == before + 1 == city.log.head().seq
        world.runner.catch_up()
        asyncio.run(world.take_steps(rng, 250))
        asyncio.run(city.tick(50))
        world.runner.catch_up()
        with world.engine.connect() as c:
            now, then = world.recount(c), world.recount(c, before)
        assert len(world.rows) > 6_500
        assert now[CITY]["CONVERTING"] > 5_000
        assert now[CITY]["EMERGENCY"] > 20
        assert now[CITY]["late"] > 5_000
        assert then[CITY]["PEACETIME"] == len(world.stands_in)
        street = world.left_out
        assert now[street]["PEACETIME"] == sum(now[street][mode] for mode in RANK) > 0
        sample = [PROVINCE, CITY, "310103000000", world.left_out, f"{street[:9]}001"]
        sample += [row.code for row in rng.sample(world.rows, 6)]
        for code in sample:
            world.check(code, now)
        world.check(PROVINCE, then, before)
        world.check(street, then, before)
        with world.engine.connect() as c:
            assert rollup(c, "999999000000") is None
            assert rollup(c, CITY, at=1) is None
        world.engine.dispose()


def test_sites_in_a_street_s_own_centre_and_in_a_grid_are_counted_once(small_city):
    """What stands in the street itself, or below a community, is in each area above."""
    with door(small_city()) as handler:
        engine = open_views(":memory:")
        Runner(handler.log.recorder, engine, VIEWS).catch_up()
        with engine.connect() as c:
            tree = rollup(c, SONGJIANG.code)
            counts = {k: sum(n.sites.values()) for k, n in tree.counts.items()}
        engine.dispose()
    assert counts == {
        "310117000000": 9,
        "310117001000": 5,
        "310117002000": 4,
        "310117001001": 3,
        "310117001002": 1,
        "310117002001": 2,
        "310117002002": 1,
    }


def test_an_area_shows_the_gravest_mode_below_it_also_where_no_site_stands(tmp_path):
    """A community without a site shows the order; its street shows no less."""
    rows = (
        AreaRow(2, SONGJIANG.code, "松江区", "district", ""),
        AreaRow(3, STREET_1.code, "一街道", "street", SONGJIANG.code),
        AreaRow(4, "310117001001", "一居", "community", STREET_1.code),
        AreaRow(5, COMMUNITY_12.code, "二居", "community", STREET_1.code),
    )

    async def follow(city):
        for command, actor in beginning(rows):
            await city.give(command, actor)
        await city.give(declare("e", SONGJIANG))

    with door(tmp_path / "log.sqlite") as handler:
        asyncio.run(follow(City(handler)))
        engine = open_views(":memory:")
        Runner(handler.log.recorder, engine, VIEWS).catch_up()
        with engine.connect() as c:
            tree = rollup(c, SONGJIANG.code)
        engine.dispose()
    shown = {area.code: tree.mode(area) for area in tree.areas.values()}
    for area in tree.areas.values():
        below = [shown[child.code] for child in tree.children(area.code)]
        gravest = max(below, key=RANK.index, default=shown[area.code])
        assert RANK.index(shown[area.code]) >= RANK.index(gravest), shown


def test_the_ground_of_a_community_that_is_in_no_street_can_be_registered(tmp_path):
    """A district may run a community itself; what is laid out for it is accepted."""
    rows = (
        AreaRow(2, SONGJIANG.code, "松江区", "district", ""),
        AreaRow(3, "310117999001", "直属居委会", "community", SONGJIANG.code),
    )

    async def follow(city):
        await city.give(ImportAreas(rows=rows), ADMINISTRATOR)
        for command in ground(rows, SEED):
            await city.give(command, ADMINISTRATOR)

    with door(tmp_path / "log.sqlite") as handler:
        asyncio.run(follow(City(handler)))


def beginning(rows):
    """Return what makes a district with one site in one of two communities."""
    return [
        (ImportAreas(rows=rows), ADMINISTRATOR),
        (PublishPlaybook(playbook="flood-plan", text=FLOOD_TEXT), ADMINISTRATOR),
        (register(plan("310117001001-s1")), ADMINISTRATOR),
    ]


def test_children_come_by_code_whatever_their_level(tmp_path):
    """A community that a district runs itself stands among the streets."""
    rows = (
        AreaRow(2, SONGJIANG.code, "松江区", "district", ""),
        AreaRow(3, "310117001000", "一街道", "street", SONGJIANG.code),
        AreaRow(4, "310117500001", "直属居委会", "community", SONGJIANG.code),
        AreaRow(5, "310117900000", "二街道", "street", SONGJIANG.code),
    )
    with door(tmp_path / "log.sqlite") as handler:
        city = City(handler)
        asyncio.run(city.give(ImportAreas(rows=rows), ADMINISTRATOR))
        engine = open_views(":memory:")
        Runner(city.log, engine, VIEWS).catch_up()
        with engine.connect() as c:
            found = rollup(c, SONGJIANG.code).children(SONGJIANG.code)
        engine.dispose()
    assert [area.code for area in found] == [row.code for row in rows[1:]]


@pytest.mark.parametrize("level", ["district", "street", "community"])
def test_a_place_that_is_left_out_has_no_level_in_force(small_city, level):
    """The level shown comes from orders that cover the place itself."""
    codes = {
        "district": SONGJIANG.code, "street": STREET_1.code,
        "community": COMMUNITY_12.code,
    }  # fmt: skip
    with door(small_city()) as handler:
        city = City(handler)
        asyncio.run(city.give(declare("e", SONGJIANG, without=(STREET_1,))))
        engine = open_views(":memory:")
        Runner(city.log, engine, VIEWS).catch_up()
        with engine.connect() as c:
            tree = rollup(c, codes[level])
            assert tree.level(tree.root.path) == (3 if level == "district" else None)
        engine.dispose()
