"""Made-up packages (演示四包): who answers for which compound, building and grid."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from random import Random  # noqa: TID251 - seeded, so the outcome is handed in

from api.demo.posts import PostPlan
from api.world.ground import generator
from coordination.areas.decide import RegisterGround
from coordination.packages.decide import PackageRow
from coordination.packages.events import ORGANISATION, PERSON, POST, Party
from coordination.people.decide import UnitRow
from coordination.tree import local_level

_ASSIGNED = {"compound": 0.92, "building": 0.85, "grid": 0.70}
_PERSONAL = {"building": ("building", 3), "grid": ("neighbours", 2)}
"""Level of a target -> kind of package, and how many of it one person may have."""
_BACKED = 0.8


def _community_packages(
    rng: Random, nodes: Iterable[str], people: Mapping[str, str], secretary: str
) -> Iterator[PackageRow]:
    """Yield the packages of a community.

    ``people``: number -> residence, those preferred first. ``secretary``: id of the
    second secretary's post, empty if nobody is on it.
    """
    load: Counter[tuple[str, str]] = Counter()
    for code in nodes:
        level = local_level(code) or ""
        assigned, backed = rng.random() < _ASSIGNED[level], rng.random() < _BACKED
        if level == "compound":
            if assigned and secretary:
                yield PackageRow("compound", code, Party(POST, secretary), ())
            continue
        kind, most = _PERSONAL[level]
        # Whoever lives there first, among them whoever has least.
        able = sorted(
            (p for p in people if load[kind, p] < most),
            key=lambda p: (not people[p].startswith(code), load[kind, p]),
        )
        if assigned and able:
            load[kind, able[0]] += 1
            backups = tuple(able[1:2]) if backed else ()
            yield PackageRow(kind, code, Party(PERSON, able[0]), backups)


def packages_of(
    grounds: Iterable[RegisterGround],
    living: Mapping[str, list[str]],
    homes: Mapping[str, str],
    roster: tuple[Sequence[UnitRow], Sequence[PostPlan]],
    seed: int,
) -> Iterator[PackageRow]:
    """Yield all packages; an isolation facility (隔离点) falls to a unit."""
    units, posts = roster
    busy = {number for post in posts for number in post.chain}
    secretaries = {
        post.place.code: post.post
        for post in posts
        if post.kind == "second-secretary" and post.chain
    }
    for ground in grounds:
        for plan in sorted(ground.local, key=lambda plan: plan.community):
            own = sorted(living[plan.community], key=lambda p: p in busy)
            yield from _community_packages(
                generator(seed, f"people:packages:{plan.community}"),
                [node.code for node in plan.nodes],
                {number: homes[number] for number in own},
                secretaries.get(plan.community, ""),
            )
        for site in ground.sites:
            if units and any(p.function == "isolation-facility" for p in site.planned):
                unit = (
                    generator(seed, f"people:packages:{site.site}").choice(units).unit
                )
                party = Party(ORGANISATION, unit)
                yield PackageRow("facility", site.site, party, ())
