"""Servers on small prepared worlds, and people who look at them."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import pytest

from api.auth import Account, Accounts
from api.demo.accounts import PASSWORD, seed_accounts
from api.settings import Settings
from api.setup import init_world
from api.wiring import open_world, wall_clock
from api.world import World
from coordination.kernel import Actor, Provenance
from coordination.mode.decide import DeclareEmergency
from coordination.steps.decide import AcknowledgeStep, CompleteStep
from coordination.tree import Place
from projections.board import AREA
from tests.api.served import Process, start
from tests.browser.screen import (
    AREAS,
    CENTRE,
    COMMANDER,
    DISTRICT,
    OTHER_STAFF,
    Served,
    Visitors,
)
from tests.given import MINUTE

if TYPE_CHECKING:
    from playwright.sync_api import Browser

SEED = 4  # a street with facilities, a supply station, sampling points
AGO = 50 * MINUTE
"""How long ago the district was switched in the converting world."""


def _by(number: int, actor: Actor) -> Provenance:
    return Provenance(command_id=f"prepared-{number:04}", actor=actor)


async def _switch(world: World) -> None:
    """Order the switch; two sites have answered in part, one whole station."""
    commander = Actor(COMMANDER, "commander", "310117")
    order = DeclareEmergency(
        emergency="e-0000000001",
        hazard="epidemic",
        level=3,
        scope=(Place(DISTRICT, "district"),),
        matter="松江区散发病例处置",
        measures="启用采样点、接种点和物资中转站，街镇指挥部到岗",
        expected_hours=72,
        playbook="epidemic-control",
        basis="沪松应急〔2026〕3 号",
    )
    await world.do(order, _by(1, commander))
    world.runner.catch_up()
    await world.do(AcknowledgeStep(site=CENTRE, step="cp-man-seats"), _by(2, commander))
    await world.do(CompleteStep(site=CENTRE, step="cp-notify-staff"), _by(3, commander))


def _prepare(folder: Path) -> dict[str, Path]:
    """Make the worlds: one at peace, one switched a while ago."""
    peace, converting = folder / "peace", folder / "converting"
    began = wall_clock() - 2 * AGO
    world = open_world(Settings(data=peace, clock_start_us=began))
    accounts = Accounts(peace / "accounts.sqlite", wall_clock)
    try:
        asyncio.run(init_world(world, AREAS.encode(), SEED))
        world.runner.catch_up()
        with world.reading() as c:
            home = world.home(c)
            assert home is not None
            seed_accounts(accounts, sorted(AREA.select(c, at=None)), home)
        other = Account(OTHER_STAFF, "吴（永丰街道）", "street-staff", "310117002")
        accounts.add(other, PASSWORD)
    finally:
        accounts.close()
        world.close()
    shutil.copytree(peace, converting)
    world = open_world(Settings(data=converting, clock_start_us=wall_clock() - AGO))
    try:
        asyncio.run(_switch(world))
        world.runner.catch_up()
    finally:
        world.close()
    return {"peace": peace, "converting": converting}


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


@pytest.fixture(scope="module")
def _visitors(browser: Browser) -> Visitors:
    return Visitors(browser)


@pytest.fixture
def visitors(_visitors: Visitors) -> Iterator[Visitors]:
    """Opens pages for this test."""
    yield _visitors
    _visitors.leave()
