"""Made-up ground (演示数据) for real areas: local nodes and sites, from a seed.

The areas are facts; everything below and upon them is invented, but looks like what
stands there. No person appears. The same areas and seed give the same ground, whatever
the order of the rows: each area draws from a generator of its own.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from random import Random  # noqa: TID251 - seeded, so the outcome is handed in

from api.world.names import compound_names, stem_of
from coordination.areas.decide import AreaRow, LocalPlan, RegisterGround, SitePlan
from coordination.areas.events import LocalNode, PlannedFunction, Space
from coordination.tree import DIGITS, path_of
from coordination.vocabulary import FACILITIES

BASIS = "演示数据（虚构）"

_STREET_TAIL = re.compile(r"(?:街道|地区|镇|乡)$")

# --- below a community ---------------------------------------------------------------

_GRIDS_MAX = 3
_COMPOUNDS_MAX = 4
_BUILDINGS_MIN, _BUILDINGS_MAX = 2, 6
_COMPOUND_IN_GRID = 0.7


def _local(rng: Random, community: str, stem: str) -> LocalPlan:
    """Return the grids, compounds and buildings of one community."""
    count = rng.randint(1, _GRIDS_MAX)
    grids = [f"{community}g{n:02}" for n in range(1, count + 1)]
    nodes = [
        LocalNode(code, f"第{number}网格")
        for code, number in zip(grids, "一二三", strict=False)
    ]
    names = compound_names(rng, stem, rng.randint(1, _COMPOUNDS_MAX))
    for number, name in enumerate(names, start=1):
        inside = rng.random() < _COMPOUND_IN_GRID
        compound = f"{rng.choice(grids) if inside else community}c{number:02}"
        nodes.append(LocalNode(compound, name))
        nodes.extend(
            LocalNode(f"{compound}b{building:03}", f"{building}号楼")
            for building in range(1, rng.randint(_BUILDINGS_MIN, _BUILDINGS_MAX) + 1)
        )
    return LocalPlan(community, tuple(nodes))


# --- sites ---------------------------------------------------------------------------

# Space kind -> its name, how likely a station has it, people it holds.
_STATION_SPACES: dict[str, tuple[str, float, tuple[int, int]]] = {
    "hall": ("多功能厅", 0.80, (30, 120)),
    "meeting-room": ("党员活动室", 1.0, (10, 40)),
    "yard": ("门前院场", 0.60, (40, 200)),
    "medical-room": ("健康小屋", 0.35, (3, 8)),
    "warehouse": ("储物间", 0.30, (3, 10)),
    "dormitory": ("值班宿舍", 0.08, (4, 12)),
}
_CENTRE_SPACES: dict[str, tuple[str, float, tuple[int, int]]] = {
    "hall": ("一楼服务大厅", 1.0, (100, 400)),
    "meeting-room": ("二楼会议室", 1.0, (30, 80)),
    "yard": ("前广场", 0.70, (100, 500)),
    "medical-room": ("医务室", 0.50, (4, 12)),
    "warehouse": ("地下仓库", 0.60, (5, 20)),
    "dormitory": ("值班宿舍", 0.30, (8, 30)),
}
_STATION_FACILITIES = {
    "water": 0.98, "power-backup": 0.15, "shower": 0.08, "catering": 0.20,
    "medical": 0.20, "toilets": 0.95, "parking": 0.40, "broadcast": 0.70,
}  # fmt: skip
_CENTRE_FACILITIES = {
    "water": 1.0, "power-backup": 0.75, "shower": 0.35, "catering": 0.70,
    "medical": 0.40, "toilets": 1.0, "parking": 0.80, "broadcast": 0.95,
}  # fmt: skip

# A function -> what each of a station's spaces adds to its weight in an epidemic.
_EPIDEMIC_WEIGHTS: dict[str, dict[str, int]] = {
    "sampling-point": {"yard": 60, "hall": 40},
    "vaccination-point": {"medical-room": 20, "hall": 6},
    "supply-station": {"warehouse": 30, "yard": 3},
    "rest-station": {"dormitory": 40, "hall": 4},
}

# Facility (体育馆 …): its spaces as name, kind, people; likelihood of each plan.
_PUBLIC: dict[str, tuple[tuple[tuple[str, str, tuple[int, int]], ...], float, float]]
_PUBLIC = {
    "体育馆": (
        (
            ("主馆", "hall", (300, 1500)),
            ("器材库", "warehouse", (5, 20)),
            ("停车场", "yard", (300, 1000)),
        ),
        0.6,
        0.8,
    ),
    "实验学校": (
        (
            ("礼堂", "hall", (200, 600)),
            ("操场", "yard", (500, 2000)),
            ("卫生室", "medical-room", (4, 10)),
            ("学生宿舍", "dormitory", (60, 400)),
        ),
        0.4,
        0.9,
    ),
    "文化中心": (
        (
            ("剧场", "hall", (150, 500)),
            ("培训教室", "meeting-room", (30, 60)),
        ),
        0.2,
        0.8,
    ),
    "会展馆": (
        (
            ("一号展厅", "hall", (500, 3000)),
            ("二号展厅", "hall", (300, 2000)),
            ("货运仓库", "warehouse", (10, 40)),
            ("卸货场", "yard", (200, 800)),
        ),
        0.8,
        0.5,
    ),
}
_FACILITY_COUNTS, _FACILITY_WEIGHTS = (0, 1, 2), (45, 40, 15)


def _spaces(
    rng: Random, table: Mapping[str, tuple[str, float, tuple[int, int]]]
) -> tuple[Space, ...]:
    """Return the spaces a centre or station happens to have, in the table's order."""
    return tuple(
        Space(name, kind, rng.randint(*people))
        for kind, (name, likely, people) in table.items()
        if rng.random() < likely
    )


def _facilities(rng: Random, table: Mapping[str, float]) -> tuple[str, ...]:
    """Return the facilities a site happens to have, in the vocabulary's order."""
    return tuple(name for name in FACILITIES if rng.random() < table[name])


def _plans(**functions: str | None) -> tuple[PlannedFunction, ...]:
    """Return the plans of a site: hazard -> function, or None for no plan."""
    return tuple(
        PlannedFunction(hazard, function)
        for hazard, function in functions.items()
        if function
    )


def _epidemic_function(rng: Random, spaces: Sequence[Space]) -> str | None:
    """Return what a station becomes in an epidemic, None if it is too small."""
    kinds = {space.kind for space in spaces}
    weights = [
        sum(weight for kind, weight in table.items() if kind in kinds)
        for table in _EPIDEMIC_WEIGHTS.values()
    ]
    if not any(weights):
        return None
    return rng.choices(list(_EPIDEMIC_WEIGHTS), weights)[0]


def _station(rng: Random, community: str, stem: str) -> SitePlan:
    """Return a community's 党群服务站."""
    spaces = _spaces(rng, _STATION_SPACES)
    kinds = {space.kind for space in spaces}
    flood: str | None
    if "hall" in kinds:
        flood = rng.choice(("shelter", "shelter", "command-post", "rest-station"))
    else:
        flood = "supply-station" if "warehouse" in kinds else None
    planned = _plans(
        epidemic=_epidemic_function(rng, spaces),
        flood=flood,
        fire=rng.choice(("rest-station", "shelter", None, None, None)),
    )
    return SitePlan(
        site=f"{community}-s1",
        area=community,
        name=f"{stem}党群服务站",
        kind="service-station",
        planned=planned,
        spaces=spaces,
        facilities=_facilities(rng, _STATION_FACILITIES),
    )


def _street_sites(rng: Random, street: AreaRow) -> Iterator[SitePlan]:
    """Yield a street's 党群服务中心 and, in some streets, one or two facilities."""
    path = path_of(street.code, street.level)
    yield SitePlan(
        site=f"{path}-s1",
        area=street.code,
        name=f"{street.name}党群服务中心",
        kind="service-centre",
        planned=_plans(
            epidemic="command-post",
            flood=rng.choice(("command-post", "command-post", "shelter", None)),
            fire=rng.choice(("command-post", "rest-station", None)),
        ),
        spaces=_spaces(rng, _CENTRE_SPACES),
        facilities=_facilities(rng, _CENTRE_FACILITIES),
    )
    count = rng.choices(_FACILITY_COUNTS, _FACILITY_WEIGHTS)[0]
    short = _STREET_TAIL.sub("", street.name) or street.name
    for number, what in enumerate(rng.sample(list(_PUBLIC), count), start=2):
        yield _public(rng, f"{path}-s{number}", street.code, short, what)


def _public(rng: Random, site: str, area: str, short: str, what: str) -> SitePlan:
    """Return one facility (公共设施), planned for an epidemic, a flood or both."""
    spaces, isolation, shelter = _PUBLIC[what]
    isolates = rng.random() < isolation
    shelters = rng.random() < shelter or not isolates
    return SitePlan(
        site=site,
        area=area,
        name=f"{short}{what}",
        kind="facility",
        planned=_plans(
            epidemic="isolation-facility" if isolates else None,
            flood="shelter" if shelters else None,
        ),
        spaces=tuple(
            Space(name, kind, rng.randint(*people)) for name, kind, people in spaces
        ),
        facilities=_facilities(rng, _CENTRE_FACILITIES),
    )


# --- commands ------------------------------------------------------------------------


def generator(seed: int, code: str) -> Random:
    """Return an area's or matter's own generator, the same wherever its row stands."""
    digest = hashlib.sha256(f"{seed}:{code}".encode()).digest()
    return Random(int.from_bytes(digest))  # noqa: S311 - a demonstration, no secret


def ground(rows: Sequence[AreaRow], seed: int) -> Iterator[RegisterGround]:
    """Yield one command for each street, by code, with all that stands in it.

    Communities whose parent is no street of ``rows`` come in a command for their
    parent. All communities and streets of ``rows`` must be registered first.
    """
    streets = {row.code: row for row in rows if row.level == "street"}
    inside: dict[str, list[AreaRow]] = {code: [] for code in streets}
    for row in rows:
        if row.level == "community":
            parent = row.parent or row.code[: DIGITS["district"]].ljust(12, "0")
            inside.setdefault(parent, []).append(row)
    for code in sorted(inside):
        street = streets.get(code)
        sites = list(_street_sites(generator(seed, code), street)) if street else []
        local = []
        for row in sorted(inside[code], key=lambda row: row.code):
            rng = generator(seed, row.code)
            stem = stem_of(row.name)
            local.append(_local(rng, row.code, stem))
            sites.append(_station(rng, row.code, stem))
        yield RegisterGround(
            street=code, local=tuple(local), sites=tuple(sites), basis=BASIS
        )
