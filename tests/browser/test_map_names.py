"""The map of a whole district: no name lies on what is beside it, on any screen."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from api.demo.accounts import seed_accounts
from api.demo.run import _songjiang
from api.world.settings import Settings
from api.world.setup import init_world
from api.world.wiring import open_world, wall_clock
from tests.api.served import accounts_at
from tests.browser.conftest import EPIDEMIC, SEED, _by, _serve
from tests.browser.screen import COMMANDER, LAPTOP, WIDE, Served, Visitors

OVERLAPS = Path(__file__).with_name("overlaps.js").read_text("utf-8").strip()
FRAMES = (
    "() => new Promise((done) =>"
    " requestAnimationFrame(() => requestAnimationFrame(done)))"
)


@pytest.fixture(scope="module")
def district(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Songjiang as the demonstration has it, switched a moment ago."""
    folder = tmp_path_factory.mktemp("songjiang") / "data"

    async def found() -> None:
        world = open_world(Settings(data=folder, clock_start_us=wall_clock() - 10**10))
        accounts = accounts_at(folder, wall_clock)
        try:
            await init_world(world, _songjiang(), SEED, demonstration=True)
            world.runner.catch_up()
            await seed_accounts(world, accounts)
            await world.do(EPIDEMIC, _by(1, COMMANDER))
            world.runner.catch_up()
        finally:
            accounts.close()
            world.close()

    with ThreadPoolExecutor(1) as pool:
        pool.submit(lambda: asyncio.run(found())).result()
    yield from _serve(Path(folder))


@pytest.mark.parametrize("locale", ["zh-CN", "en-US"])
@pytest.mark.parametrize("size", [LAPTOP, WIDE])
def test_nothing_lies_on_anything(
    district: Served, visitors: Visitors, size: tuple[int, int], locale: str
):
    """Names of streets and of tiles, and the way between the pages above."""
    page = visitors(district, COMMANDER, size=size, locale=locale)
    assert page.locator("#map .block").count() == 20
    for layer in ("", "vacancies", "packages"):
        page.locator(f'#layers [data-layer="{layer}"]').click()
        page.evaluate(FRAMES)
        assert page.evaluate(OVERLAPS) == []
    # What has no room for its name still says it to whoever points at it.
    assert page.locator('#map .cell:not([title]), #map .cell[title=""]').count() == 0
