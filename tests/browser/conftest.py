"""Servers on small prepared worlds, and people who look at them."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import pytest

from api.demo.accounts import PASSWORD, Person, grant_all, seed_accounts
from api.http.accounts_file import Account
from api.world.settings import Settings
from api.world.setup import init_world
from api.world.wiring import open_world, wall_clock
from api.world.world import World
from coordination.authority.decide import RecordAbsence
from coordination.kernel import Command
from coordination.mode.changes import ChangeLevel
from coordination.mode.decide import DeclareEmergency
from coordination.mode.steps import AcknowledgeStep, CompleteStep
from coordination.orders.decide import IssueOrder
from coordination.provenance import Actor, Provenance
from coordination.tree import Place
from tests.api.served import Process, accounts_at, start
from tests.browser.screen import (
    AREAS,
    CENTRE,
    COMMANDER,
    DISTRICT,
    DUTY,
    OTHER_STAFF,
    OTHER_STREET,
    Served,
    Visitors,
)
from tests.given import LOOKED, MINUTE

if TYPE_CHECKING:
    from playwright.sync_api import Browser

SEED = 4  # a street with facilities, a supply station, sampling points
AGO = 51 * MINUTE
"""How long ago the district was switched in the converting world."""
LATER = 45 * MINUTE
"""How long ago more came on top of it in the busy world."""
WHOLE, PART = Place(DISTRICT, "district"), Place(OTHER_STREET, "street")


def _by(number: int, account: str) -> Provenance:
    """Return who gives a prepared command: known anew, in a session of their own."""
    return Provenance(
        command_id=f"prepared-{number:04}",
        actor=Actor(account),
        session=f"prepared-{account}",
        reauthenticated="local",
        seen_seq=LOOKED,
    )


EPIDEMIC = DeclareEmergency(
    emergency="e-0000000001",
    hazard="epidemic",
    level=3,
    scope=(WHOLE,),
    matter="松江区散发病例处置",
    measures="启用采样点、接种点和物资中转站，街镇指挥部到岗",
    expected_hours=72,
    playbook="epidemic-control",
    basis="沪松应急〔2026〕3 号",
)
FLOOD = DeclareEmergency(
    emergency="e-0000000002",
    hazard="flood",
    level=3,
    severity="general",
    warning="yellow",
    scope=(PART,),
    matter="暴雨黄色预警，低洼地区转移",
    measures="启用安置点，抢险队伍集结",
    expected_hours=24,
    playbook="flood-typhoon",
    basis="沪松防汛〔2026〕7 号",
)
CALL = IssueOrder(
    order="o-0000000001",
    emergency=EPIDEMIC.emergency,
    scope=(WHOLE,),
    roles=("street-staff", "community-secretary"),
    title="立即核对独居老人名册",
    text="各居村在一小时内核对独居、孕产、透析人员名册。",
    ack_minutes=20,
    done_minutes=120,
)
ABSENCE = RecordAbsence(
    absence="a-0000000001",
    role="secretary-general",
    area=WHOLE,
    hours=8,
    reason="外出开会",
)


def _raise(emergency: DeclareEmergency, reason: str) -> ChangeLevel:
    return ChangeLevel(
        emergency=emergency.emergency,
        level=2,
        raising=True,
        basis="沪松应急〔2026〕5 号",
        reason=reason,
    )


async def _switch(world: World) -> None:
    """Order the switch; two sites have answered in part, one whole station."""
    await world.do(EPIDEMIC, _by(1, COMMANDER))
    world.runner.catch_up()
    answers: list[Command] = [
        AcknowledgeStep(site=CENTRE, step="cp-man-seats"),
        CompleteStep(site=CENTRE, step="cp-notify-staff"),
    ]
    for number, command in enumerate(answers, 2):
        await world.do(command, _by(number, COMMANDER))


async def _crowd(world: World) -> None:
    """A flood over one street, an order to everybody, a proposal nobody decided."""
    await world.order(FLOOD, _by(11, COMMANDER))
    world.runner.catch_up()
    await world.do(CALL, _by(12, DUTY))
    await world.order(_raise(EPIDEMIC, "先行研判"), _by(13, DUTY), minutes=5)


async def _decide(world: World) -> None:
    """What passed meanwhile is recorded; one decides alone, one waits, one is away."""
    await world.tick()
    await world.order(_raise(FLOOD, "堤防出险"), _by(21, COMMANDER), alone=True)
    await world.order(_raise(EPIDEMIC, "出现社区传播"), _by(22, DUTY))
    await world.do(ABSENCE, _by(23, COMMANDER))


async def _pass(world: World) -> None:
    """Record what passed meanwhile, so that a server begins with nothing to do."""
    await world.tick()


def _then(
    folder: Path, ago: int, work: Callable[[World], Coroutine[Any, Any, None]]
) -> None:
    """Let something happen in a world, so long ago."""
    world = open_world(Settings(data=folder, clock_start_us=wall_clock() - ago))
    try:
        asyncio.run(work(world))
        world.runner.catch_up()
    finally:
        world.close()


async def _found(world: World, folder: Path) -> None:
    """Make the areas and everybody who looks at them."""
    await init_world(world, AREAS.encode(), SEED, demonstration=True)
    world.runner.catch_up()
    accounts = accounts_at(folder, wall_clock)
    other = Person(
        OTHER_STAFF,
        "吴（永丰街道）",
        "street-staff",
        Place(OTHER_STREET, "street"),
    )
    try:
        await seed_accounts(world, accounts)
        accounts.add(Account(other.account, other.name), PASSWORD)
    finally:
        accounts.close()
    await grant_all(world, [other], "test-accounts")


def _prepare(folder: Path) -> dict[str, Path]:
    """Make the worlds: at peace, switched a while ago, and full of decisions."""
    peace, converting, busy = (folder / n for n in ("peace", "converting", "busy"))
    _then(peace, 2 * AGO, lambda world: _found(world, peace))
    shutil.copytree(peace, converting)
    _then(converting, AGO, _switch)
    shutil.copytree(converting, busy)
    _then(busy, LATER, _crowd)
    _then(busy, 0, _decide)
    _then(converting, 0, _pass)
    return {"peace": peace, "converting": converting, "busy": busy}


@pytest.fixture(scope="session")
def worlds(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Data directories made once; look at them, never serve them."""
    folder = tmp_path_factory.mktemp("worlds")
    # In a thread: beside a browser this one has an event loop running already.
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(_prepare, folder).result()


def _serve(folder: Path) -> Iterator[Served]:
    def again(port: int) -> Process:
        return start(folder, "--port", str(port))

    served = Served(start(folder), again)
    yield served
    if served.process.popen.poll() is None:
        served.process.kill()


def _server(
    kind: str, scope: Literal["session", "module"]
) -> Callable[..., Iterator[Served]]:
    @pytest.fixture(scope=scope)
    def fixture(
        worlds: dict[str, Path], tmp_path_factory: pytest.TempPathFactory
    ) -> Iterator[Served]:
        folder = shutil.copytree(worlds[kind], tmp_path_factory.mktemp("served") / kind)
        yield from _serve(folder)

    return fixture


# For those who only look; and a module's own, for those who decide there.
peace = _server("peace", "session")
converting = _server("converting", "session")
own_peace = _server("peace", "module")
own_converting = _server("converting", "module")
own_busy = _server("busy", "module")


@pytest.fixture(scope="module")
def _visitors(browser: Browser) -> Visitors:
    return Visitors(browser)


@pytest.fixture
def visitors(_visitors: Visitors) -> Iterator[Visitors]:
    """Opens pages for this test."""
    yield _visitors
    _visitors.leave()
