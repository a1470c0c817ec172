"""Settling made-up people (演示人员): on the roster, on posts, with packages."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Sequence
from typing import TypeVar

from api.demo.people import Roster
from api.world.setup import install
from api.world.vault import Secret
from api.world.world import World
from coordination.filled import filled
from coordination.handle import CommandIdReused
from coordination.kernel import Command
from coordination.packages.decide import AssignPackages, PackageRow, PackagesRefused
from coordination.packages.events import PERSON, Party
from coordination.people.decide import PersonRow, RegisterPeople, RosterUnchanged
from coordination.posts.decide import DefinePosts, PostPlan, PostsRefused
from coordination.tree import Place

BASIS = "演示人员（虚构）"
PEOPLE_CHUNK, POSTS_CHUNK, PACKAGES_CHUNK = 15_000, 1_000, 5_000
SETTLED = (RosterUnchanged, PostsRefused, PackagesRefused, CommandIdReused)
"""It was settled before, by an earlier version in other words too."""
T = TypeVar("T")


async def settle(world: World, roster: Roster, area: Place, name: str) -> None:
    """Put a made-up roster into a World; running it again changes nothing."""
    ids = {p.number: world.vault.person_of(p.number) for p in roster.persons}
    secrets = {ids[p.number]: Secret(p.name, p.phone, p.number) for p in roster.persons}
    await asyncio.to_thread(world.vault.put, secrets)
    seals = await asyncio.to_thread(world.vault.seals, secrets)
    for number, command in enumerate(_commands(roster, area, ids, seals)):
        await install(world, f"settle:{name}:{number}", command, *SETTLED)


def _commands(
    roster: Roster, area: Place, ids: dict[str, str], seals: dict[str, str]
) -> Iterator[Command]:
    """Yield what to do, in order."""
    rows = [
        filled(
            PersonRow, p, row=number, person=ids[p.number], sealed=seals[ids[p.number]]
        )
        for number, p in enumerate(roster.persons, start=1)
    ]
    for chunk in _chunks(rows, PEOPLE_CHUNK):
        yield RegisterPeople(area=area, units=roster.units, people=chunk, basis=BASIS)
    posts = [
        filled(
            PostPlan,
            p,
            area=p.place.code,
            chain=tuple(ids[n] for n in p.chain),
            site=p.site or None,
            reach=p.reach.code,
        )
        for p in roster.posts
    ]
    for plans in _chunks(posts, POSTS_CHUNK):
        yield DefinePosts(posts=plans, basis=BASIS)
    packages = [
        PackageRow(
            p.kind, p.target, _party(p.party, ids), tuple(ids[n] for n in p.backups)
        )
        for p in roster.packages
    ]
    for given in _chunks(packages, PACKAGES_CHUNK):
        yield AssignPackages(rows=given, basis=BASIS)


def _party(party: Party, ids: dict[str, str]) -> Party:
    return Party(party.kind, ids[party.id]) if party.kind == PERSON else party


def _chunks(rows: Iterable[T], size: int) -> Iterator[tuple[T, ...]]:
    listed: Sequence[T] = tuple(rows)
    for first in range(0, len(listed), size):
        yield tuple(listed[first : first + size])
