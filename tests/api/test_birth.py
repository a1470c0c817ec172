"""A world is a demonstration from its birth, or never (G1)."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from api.demo.accounts import DEMO_ACCOUNTS, PASSWORD, seed_accounts
from api.http.plain import AS
from api.world.birth import BIRTH, MARK, BornReal
from api.world.setup import init_world
from tests.api.served import (
    API,
    AREAS,
    LOCAL_TOKEN,
    Service,
    accounts_at,
    is_error,
    open_at,
    service,
)
from tests.given import Clock

CHIEF = "zongzhihui"


def born(
    folder: Path, *, demonstration: bool = False, old: bool = False, demo: bool = False
) -> None:
    """Make a world; ``old``: before births were settled; ``demo``: with accounts."""
    world = open_at(folder, Clock())
    accounts = accounts_at(folder, world.clock)
    try:
        text = AREAS.encode()
        asyncio.run(init_world(world, text, 1, demonstration=demonstration))
        world.runner.catch_up()
        if demo:
            asyncio.run(seed_accounts(world, accounts))
        if old:
            recorder = world.log.recorder
            recorder._writer.execute("DELETE FROM log_meta WHERE name=?", (BIRTH,))
    finally:
        accounts.close()
        world.close()


async def acts(s: Service) -> str:
    """Return how the command line's --as is answered: a code, empty if it acts."""
    headers = {"Authorization": f"Bearer {LOCAL_TOKEN}", AS: CHIEF}
    async with s.http() as http:
        answer = await http.get(f"{API}/grants/mine", headers=headers)
    return "" if answer.status_code == 200 else answer.json()["code"]


async def signs_in(s: Service) -> str:
    """Return how signing in with the public password is answered."""
    async with s.http() as http:
        given = {"account": CHIEF, "password": PASSWORD}
        answer = await http.post(f"{API}/session", json=given)
        if answer.status_code != 200:
            return answer.json()["code"]
        return "" if (await http.get(f"{API}/grants/mine")).is_success else "out"


NO = "auth.not-a-demonstration"


@pytest.mark.parametrize(
    ("how", "mark", "as_", "signed"),
    [
        ({"demonstration": True}, False, "", ""),
        ({}, False, NO, "auth.wrong-credentials"),
        ({}, True, NO, "auth.wrong-credentials"),  # a file says nothing of it
        ({"demo": True}, False, NO, NO),
        ({"old": True}, False, NO, "auth.wrong-credentials"),
        ({"old": True, "demo": True}, False, NO, NO),  # made by --as, long ago
        ({"old": True}, True, NO, "auth.wrong-credentials"),
        ({"old": True, "demo": True}, True, "", ""),  # made by pingzhan demo
    ],
)
def test_only_a_demonstration_has_made_up_people(
    tmp_path: Path, how: dict[str, bool], mark: bool, as_: str, signed: str
):
    """Whatever its accounts hold; once settled it stays so."""
    born(tmp_path, **how)
    if mark:
        (tmp_path / MARK).touch()

    async def look() -> None:
        async with service(tmp_path) as s:
            assert await acts(s) == as_
            assert await signs_in(s) == signed
            made = {a.account for a in s.accounts.all()} & DEMO_ACCOUNTS
            assert bool(made) == (not as_ or how.get("demo", False))

    asyncio.run(look())
    (tmp_path / MARK).touch()
    asyncio.run(look())


def test_a_real_world_is_never_made_a_demonstration(tmp_path: Path):
    """The words of ``world init --demonstration`` come too late for it."""
    born(tmp_path)
    with pytest.raises(BornReal):
        born(tmp_path, demonstration=True)


def test_a_session_of_a_demo_account_is_over_in_a_real_world(tmp_path: Path):
    """One that was opened before the world was asked what it is."""
    born(tmp_path, demo=True)

    async def look() -> None:
        async with service(tmp_path) as s:
            s.accounts.demonstration = True
            async with s.http() as http:
                given = {"account": CHIEF, "password": PASSWORD}
                assert (await http.post(f"{API}/session", json=given)).is_success
                s.accounts.demonstration = False
                answer = await http.get(f"{API}/grants/mine")
                assert answer.status_code == 401
                is_error(answer, "auth.not-signed-in")

    asyncio.run(look())
