"""The small service with people in it: posts with backups, members who sign in."""

from __future__ import annotations

import asyncio
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from api.http.accounts_file import ALL
from tests.api.served import (
    API,
    COMMUNITY_11,
    COMMUNITY_12,
    COMMUNITY_21,
    CSV_TYPE,
    PASSWORD,
    ROSTER_HEADER,
    STREET_1,
    STREET_2,
    Client,
    Service,
    key,
    roster,
    service,
)

HEADER = f"{ROSTER_HEADER},training"
A, B, C, PLAIN, FAR = "阙静姝", "鄢怀瑾", "亓官珏", "宓听澜", "逄佑安"
"""A, B1 and B2 of a post; a member with none; somebody of another street."""
HOMES = {
    A: COMMUNITY_11,
    B: COMMUNITY_11,
    C: COMMUNITY_12,
    PLAIN: COMMUNITY_11,
    FAR: COMMUNITY_21,
}
NUMBERS = {name: f"R-{number:03}" for number, name in enumerate(HOMES, 1)}
PHONES = {name: f"1397001{number:04}" for number, name in enumerate(HOMES, 1)}
POST = f"{COMMUNITY_11}-p-second-secretary"
LIAISON = f"{COMMUNITY_12}-p-liaison"
"""A less grave post: C acts on it, with nobody behind."""
BUILDING, OTHER_BUILDING = f"{COMMUNITY_11}c01b001", f"{COMMUNITY_11}c01b002"


@dataclass
class Peopled:
    """A data directory, and by name everybody's id and what they sign in with."""

    folder: Path
    ids: dict[str, str]
    tokens: dict[str, str]


def line(name: str) -> str:
    """Return somebody's line of the roster; all of them can command."""
    return f"{NUMBERS[name]},{name},{PHONES[name]},区机关,60,{HOMES[name]},应急指挥"


def filled(*lines: str) -> bytes:
    """Return a roster with the column of trainings."""
    return roster(*lines, header=HEADER)


async def send_roster(
    s: Service,
    data: bytes,
    area: str,
    *,
    who: str = "commander",
    kind: dict[str, str] = CSV_TYPE,
    **params: Any,
) -> httpx.Response:
    """Send a roster as somebody."""
    client = await s.as_(who)
    return await client.http.post(
        f"{API}/people/import",
        params={"area": area, "seen_seq": s.head, **params},
        content=data,
        headers={"Idempotency-Key": key(), **kind},
    )


async def _fill(s: Service) -> tuple[dict[str, str], dict[str, str]]:
    """Put everybody on the roster and in their line; return ids and tokens."""
    for street, names in ((STREET_1, (A, B, C, PLAIN)), (STREET_2, (FAR,))):
        answer = await send_roster(s, filled(*map(line, names)), street)
        assert answer.status_code == 200, answer.text
    ids = {name: s.world.vault.person_of(NUMBERS[name]) for name in HOMES}
    commander = await s.as_("commander")
    posts = [
        {
            "area": COMMUNITY_11,
            "kind": "second-secretary",
            "chain": [ids[A], ids[B], ids[C]],
        },
        {"area": COMMUNITY_12, "kind": "liaison", "chain": [ids[C]]},
    ]
    made = await commander.do("/posts", {"posts": posts})
    assert made["posts"] == [POST, LIAISON]
    administrator, tokens = await s.as_("administrator"), {}
    for number, name in enumerate(HOMES):
        account = f"ren-{number}"
        given = {"account": account, "password": PASSWORD}
        await administrator.do(f"/people/{ids[name]}/account", given)
        made_token = s.accounts.new_token(account, key(), name="x", days=1, scope=ALL)
        tokens[name] = f"Bearer {made_token.secret}"
    return ids, tokens


@pytest.fixture(scope="session")
def peopled(seeded: Path, tmp_path_factory: pytest.TempPathFactory) -> Peopled:
    """A world with people, made once; look at it, never serve it."""
    folder = shutil.copytree(seeded, tmp_path_factory.mktemp("peopled") / "data")

    async def begin() -> tuple[dict[str, str], dict[str, str]]:
        async with service(folder) as s:
            return await _fill(s)

    return Peopled(folder, *asyncio.run(begin()))


def copied(peopled: Peopled, tmp_path: Path) -> Path:
    """Return a copy of that world, one test's own."""
    return shutil.copytree(peopled.folder, tmp_path / "data")


def is_(s: Service, peopled: Peopled, name: str) -> Client:
    """Return a client that is somebody on the roster."""
    if name not in s.clients:
        http = s.http(headers={"Authorization": peopled.tokens[name]})
        s.clients[name] = Client(http, lambda: s.head)
    return s.clients[name]


async def look(s: Service, client: Client, path: str, **params: Any) -> Any:
    """Return what a read answers once the views show all there is."""
    await s.world.reached(s.head)
    return await client.get(path, **params)
