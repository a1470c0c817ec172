"""Made-up posts (演示岗位): who holds one, who stands behind them, and who is lent."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from random import Random  # noqa: TID251 - seeded, so the outcome is handed in
from typing import NamedTuple

from api.world.ground import generator
from coordination.areas.decide import AreaRow, RegisterGround, SitePlan
from coordination.tree import Place, local_level
from coordination.vocabulary import POST_KINDS

COMMUNITY_POSTS, STREET_POSTS = ("second-secretary", "station-keeper"), ("street-duty",)
BACKUPS = {"second-secretary": 2, "street-duty": 2}
"""Ordered backups (B角) of a post; one where the kind is not named."""
_SINGLE = 0.04  # posts with nobody behind the holder
_SHARED = 0.05  # communities where one person is B1 of two posts
_LENT = 0.2  # communities where B1 of the second secretary heads a grid


class PostPlan(NamedTuple):
    """A post (岗位) to define. ``chain``: numbers of A, B1, B2 …; may be empty."""

    post: str
    place: Place
    site: str
    kind: str
    name: str
    chain: tuple[str, ...]
    reach: Place


class _Draft(NamedTuple):
    """A post whose chain is being filled."""

    plan: PostPlan
    backups: int
    chain: list[str]


class _Pool:
    """People who are in no chain yet, in an order drawn by lot."""

    def __init__(
        self, rng: Random, homes: Mapping[str, str], people: Iterable[str]
    ) -> None:
        self.homes = homes
        self.free = list(people)
        rng.shuffle(self.free)

    def take(self, inside: str) -> list[str]:
        """Return somebody, of ``inside`` if possible; nobody is left: an empty list."""
        if not self.free:
            return []
        near = (p for p in self.free if self.homes[p].startswith(inside))
        person = next(near, self.free[0])
        self.free.remove(person)
        return [person]


def _draft(
    rng: Random, kind: str, name: str, place: Place, reach: Place, site: str = ""
) -> _Draft:
    post = f"{site or place.path}-p-{kind}"
    plan = PostPlan(post, place, site, kind, name, (), reach)
    backups = 0 if rng.random() < _SINGLE else BACKUPS.get(kind, 1)
    return _Draft(plan, backups, [])


def _posts_at(
    rng: Random,
    row: AreaRow,
    kinds: Sequence[str],
    sites: Iterable[SitePlan],
    grids: Mapping[str, str],
) -> Iterator[_Draft]:
    """Yield the posts of a street or community, gravest first.

    Each site that becomes something in an epidemic has a 点位长, each grid its head.
    """
    place = Place(row.code, row.level)
    for kind in kinds:
        name = f"{row.name}{POST_KINDS[kind].zh}"
        yield _draft(rng, kind, name, place, place)
    for site in sites:
        hazards = {p.hazard for p in site.planned}
        if site.area == place.code and "epidemic" in hazards:
            name = f"{site.name}点位长"
            yield _draft(rng, "site-lead", name, place, place, site.site)
    for code, name in grids.items():
        grid = Place(code, "grid")
        yield _draft(rng, "grid-head", f"{row.name}{name}长", grid, place)


def _fill(drafts: Sequence[_Draft], pool: _Pool) -> None:
    """Give every post its A, then every post its B1, and so on."""
    most = max(BACKUPS.values())
    for turn in range(most + 1):
        for draft in drafts:
            if len(draft.chain) == turn <= draft.backups:
                draft.chain.extend(pool.take(draft.plan.place.path))


def _entangle(rng: Random, drafts: Sequence[_Draft]) -> None:
    """Let some communities rely on one person twice, as they do."""
    kinds = {d.plan.kind: d for d in reversed(drafts)}
    secretary, keeper = kinds["second-secretary"], kinds["station-keeper"]
    head = kinds.get("grid-head")
    shared, lent = rng.random() < _SHARED, rng.random() < _LENT
    if head is None or not head.chain:
        return
    if shared and len(keeper.chain) > 1 and len(head.chain) > 1:
        keeper.chain[1] = head.chain[1]
    if lent and len(secretary.chain) > 1:
        secretary.chain[1] = head.chain[0]


def posts_of(
    rows: Mapping[str, AreaRow],
    grounds: Iterable[RegisterGround],
    living: Mapping[str, list[str]],
    homes: Mapping[str, str],
    seed: int,
) -> Iterator[PostPlan]:
    """Yield all posts: the communities' of a street, then its own from who is left."""
    for ground in grounds:
        drafts: list[_Draft] = []
        left: list[str] = []
        for plan in sorted(ground.local, key=lambda plan: plan.community):
            rng = generator(seed, f"people:posts:{plan.community}")
            pool = _Pool(rng, homes, living[plan.community])
            grids = {
                n.code: n.name for n in plan.nodes if local_level(n.code) == "grid"
            }
            row = rows[plan.community]
            own = list(_posts_at(rng, row, COMMUNITY_POSTS, ground.sites, grids))
            _fill(own, pool)
            _entangle(rng, own)
            drafts.extend(own)
            left.extend(pool.free)
        street = rows.get(ground.street)
        if street is not None and street.level == "street":
            rng = generator(seed, f"people:posts:{street.code}")
            own = list(_posts_at(rng, street, STREET_POSTS, ground.sites, {}))
            _fill(own, _Pool(rng, homes, left))
            drafts.extend(own)
        yield from (d.plan._replace(chain=tuple(d.chain)) for d in drafts)
