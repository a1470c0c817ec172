"""A whole World on PostgreSQL: set up, worked in, checked, rebuilt, shared by two."""

from __future__ import annotations

import asyncio
import threading

import pytest

from api.pages.sites import steps_in_force
from api.world.rebuilding import check_views, rebuild_views
from api.world.settings import Settings
from api.world.setup import INSTALLER, init_world
from api.world.wiring import open_world
from coordination.areas.decide import AreaRow, ImportAreas
from coordination.areas.state import UnknownArea
from coordination.grants.decide import GrantRoles, GrantRow
from coordination.kernel import id_of
from coordination.mode.decide import DeclareEmergency, EndEmergency
from coordination.mode.state import AlreadyEnded
from coordination.mode.steps import AcknowledgeStep, AlreadyDone, CompleteStep
from projections.board import AREA, ORDER
from projections.names import Names
from projections.progress import PROGRESS
from projections.rollup import rollup
from tests.given import ADMINISTRATOR, COMMANDER, by

FILE = """\
code,name,level,parent_code
310000000000,上海市,province,
310100000000,市辖区,city,310000000000
310117000000,松江区,district,310100000000
310117001000,岳阳街道,street,310117000000
310117001001,醉白池社区居委会,community,310117001000
310117001002,龙潭社区居委会,community,310117001000
310117100000,泗泾镇,street,310117000000
310117100001,江川居委会,community,310117100000
310117100002,新南居委会,community,310117100000
""".encode()
SEED = 1
DISTRICT, STREET = "310117000000", "310117001000"


@pytest.fixture
def settings(tmp_path, pg_dsn):
    """Settings of a World whose log and views are in a database of their own."""
    return Settings(data=tmp_path, log_url=pg_dsn)


ROLES = tuple(
    GrantRow(grant=f"g-{actor.account}", account=actor.account, role=actor.role,
             area=None)
    for actor in (COMMANDER, ADMINISTRATOR)
)  # fmt: skip


async def set_up(world):
    """Lay out the ground and give those who act here their roles."""
    await init_world(world, FILE, SEED)
    await world.do(GrantRoles(rows=ROLES, basis="令"), by("grant", INSTALLER))
    world.runner.catch_up()


@pytest.fixture
def world(settings):
    """The World, set up."""
    world = open_world(settings)
    asyncio.run(set_up(world))
    yield world
    world.close()


def order(world, command_id, scope, excluded=()):
    """Return the declaration of an epidemic."""
    return DeclareEmergency(
        emergency=id_of("e", command_id),
        hazard="epidemic",
        level=3,
        scope=world.places(scope),
        excluded=world.places(excluded),
        matter="散发病例",
        measures="采样",
        expected_hours=72,
        playbook="epidemic-control",
        basis="区防指〔2024〕7号",
    )


async def switch(world, command_id, *scope, excluded=()):
    """Declare an emergency for a scope."""
    command = order(world, command_id, scope, excluded)
    return await world.do(command, by(command_id, COMMANDER))


async def end(world, command_id):
    """End the emergency that a command declared."""
    command = EndEmergency(emergency=id_of("e", command_id), basis="通知")
    await world.do(command, by(f"end-{command_id}-{id(world)}"))


def modes(world):
    """Return the mode of each site that an order moved."""
    with world.reading() as c:
        return {p.site: p.mode for p in PROGRESS.select(c, at=None) if p.emergency}


async def do_steps(world, site):
    """Complete every step that a site's order lists."""
    with world.reading() as c:
        row = PROGRESS.get(c, site, at=None)
        steps = [step.id for step in steps_in_force(row, Names(c))]
    for step in steps:
        await world.do(
            CompleteStep(site=site, step=step), by(f"{row.phase}-{site}-{step}")
        )


async def work(world):
    """Declare, take steps at a site, end, recover it."""
    await switch(world, "declare-1", DISTRICT, excluded=("310117100002",))
    world.runner.catch_up()
    site = min(modes(world))
    await do_steps(world, site)
    world.runner.catch_up()
    seen = [modes(world)[site]]
    await end(world, "declare-1")
    world.runner.catch_up()
    seen.append(modes(world)[site])
    await do_steps(world, site)
    world.runner.catch_up()
    return [*seen, modes(world)[site]]


def test_a_world_on_postgresql_goes_round_and_its_views_are_a_rebuild(world, settings):
    """Set up, switched, worked in and ended: check_views finds no difference."""
    assert asyncio.run(work(world)) == ["EMERGENCY", "RECOVERING", "PEACETIME"]
    checked = check_views(settings)
    assert checked["equal"], checked
    assert checked["seq"] == world.log.recorder.head().seq


def test_setting_up_twice_changes_nothing(world):
    """The same file and seed again add no event."""
    head = world.log.recorder.head().seq
    asyncio.run(init_world(world, FILE, SEED))
    assert world.log.recorder.head().seq == head


def test_check_finds_what_somebody_changed_by_hand(world, settings):
    """A row written past the log is named, with both of what it is and should be."""
    with world.runner.engine.begin() as c:
        area = AREA.table
        c.execute(area.update().where(area.c.code == STREET).values(name="改"))
    checked = check_views(settings)
    assert not checked["equal"]
    (difference,) = checked["differences"]
    assert difference["table"] == "board_area"
    assert "改" in difference["live"]
    assert "岳阳街道" in difference["rebuilt"]


def test_rebuilt_views_are_swapped_in_and_the_world_goes_on(settings):
    """After a rebuild and a restart everything is there, indexes too, and works."""
    world = open_world(settings)
    asyncio.run(set_up(world))
    asyncio.run(switch(world, "declare-1", STREET))
    world.runner.catch_up()
    before = modes(world)
    with world.runner.engine.begin() as c:
        c.execute(PROGRESS.table.delete())
        indexes = index_names(c)
    world.close()
    assert rebuild_views(settings)["equal"]
    world = open_world(settings)
    try:
        assert world.runner.seq == world.log.recorder.head().seq
        assert modes(world) == before
        with world.runner.engine.connect() as c:
            assert index_names(c) == indexes
        asyncio.run(do_steps(world, min(before)))
        world.runner.catch_up()
        assert "EMERGENCY" in modes(world).values()
        assert check_views(settings)["equal"]
    finally:
        world.close()


def index_names(c):
    """Return the indexes of the views."""
    found = c.exec_driver_sql(
        "SELECT indexname FROM pg_indexes WHERE schemaname = 'views' ORDER BY 1"
    )
    return found.scalars().all()


@pytest.fixture
def other(world, settings):
    """A second World on the same database, as a second process would have it."""
    assert world.settings == settings
    other = open_world(settings)
    yield other
    other.close()


def test_two_worlds_on_one_log_see_one_another(world, other, settings):
    """What one decides the other shows, and neither decides against the other."""

    async def both():
        await asyncio.gather(
            switch(world, "declare-1", STREET),
            switch(other, "declare-2", "310117100000"),
        )
        world.runner.catch_up()
        at_work = modes(world)
        await do_steps(world, min(s for s in at_work if at_work[s] == "CONVERTING"))
        await end(other, "declare-1")
        with pytest.raises(AlreadyEnded):
            await end(world, "declare-1")

    asyncio.run(both())
    for each in (world, other):
        each.runner.catch_up()
        with each.reading() as c:
            declared = {row.emergency for row in ORDER.select(c, at=None)}
            tree = rollup(c, DISTRICT)
        assert declared == {id_of("e", "declare-1"), id_of("e", "declare-2")}
        found = list(modes(each).values())
        for mode in ("CONVERTING", "RECOVERING"):
            assert tree.counts[DISTRICT].sites[mode] == found.count(mode) > 0
        assert each.emergency(id_of("e", "declare-1")).ended_us
    assert modes(world) == modes(other)
    assert check_views(settings)["equal"]


def test_two_worlds_with_threads_of_their_own_reach_what_either_wrote(world, other):
    """A reader of one waits for what the other has written."""

    async def both():
        loop = asyncio.get_running_loop()
        world.start(loop)
        other.start(loop)
        await switch(world, "declare-1", DISTRICT)
        sites = await asyncio.to_thread(reach, other)
        jobs = []
        for number, site in enumerate(sites):
            one, another = (world, other)[:: 1 if number % 2 else -1]
            step = steps_of(world, site)[0]
            jobs += [
                one.do(AcknowledgeStep(site=site, step=step), by(f"a-{site}")),
                another.do(CompleteStep(site=site, step=step), by(f"c-{site}")),
            ]
        answers = await asyncio.gather(*jobs, return_exceptions=True)
        faults = [a for a in answers if isinstance(a, Exception)]
        assert all(isinstance(fault, AlreadyDone) for fault in faults), faults
        head = world.log.recorder.head().seq
        await world.reached(head)
        await other.reached(head)
        return sites

    def reach(each):
        each.runner.catch_up()
        return sorted(modes(each))

    sites = asyncio.run(both())
    assert sites
    for each in (world, other):
        with each.reading() as c:
            done = {p.site: p.done for p in PROGRESS.select(c, at=None) if p.emergency}
        assert done == dict.fromkeys(sites, 1)


def steps_of(world, site):
    """Return the steps in force at a site."""
    with world.reading() as c:
        row = PROGRESS.get(c, site, at=None)
        return [step.id for step in steps_in_force(row, Names(c))]


def test_what_one_world_registers_the_other_can_name(world, other):
    """An area asked for too early is found once the other process has registered it."""
    new = "310117101000"
    with pytest.raises(UnknownArea):
        other.places((new,))
    row = AreaRow(2, new, "新街道", "street", DISTRICT)
    asyncio.run(world.do(ImportAreas(rows=(row,)), by("import-1", ADMINISTRATOR)))
    assert [place.code for place in other.places((new,))] == [new]


def test_a_deadline_is_recorded_once_by_two_tickers(settings):
    """Two processes that tick at the same moment record each deadline once."""
    fast = Settings(data=settings.data, log_url=settings.log_url,
                    clock_start_us=10**15, clock_factor=10**9)  # fmt: skip
    one, other = open_world(fast), open_world(fast)
    try:
        asyncio.run(set_up(one))

        async def tick():
            await switch(one, "declare-1", DISTRICT)
            return await asyncio.gather(one.tick(), other.tick())

        asyncio.run(tick())
        names = [
            row.name for row in one.log.recorder.rows(0, 10_000)
            if row.name == "mode.deadline-passed.1"
        ]  # fmt: skip
        recorded = one.log.recorder.stream("emergencies")
        assert names
        assert len({row.stored for row in recorded}) == len(recorded)
        steps = [row.stored.partition(b'"step":"')[2][:40] for row in recorded[1:]]
        assert len(set(steps)) == len(steps)
    finally:
        one.close()
        other.close()


@pytest.mark.parametrize("_number", range(2))
def test_worlds_that_open_at_once_on_an_empty_database_all_open(settings, _number):
    """A service that starts with several processes needs no set-up before it."""
    opened, faults, ready = [], [], threading.Barrier(3)

    def start():
        ready.wait()
        try:
            opened.append(open_world(settings))
        except Exception as error:  # noqa: BLE001 - shown below
            faults.append(repr(error))

    threads = [threading.Thread(target=start) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for world in opened:
        world.close()
    assert faults == []
