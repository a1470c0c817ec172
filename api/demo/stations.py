"""Made-up stations (演示物资站): a warehouse in each district, one in each street."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from api.world.ground import generator
from coordination.areas.decide import AreaRow, RegisterGround, SitePlan
from coordination.areas.events import PlannedFunction, Space
from coordination.tree import DIGITS

WAREHOUSE = "s9"
"""Local id of a warehouse among the sites of its community."""
STREETS_MAX = 60
"""So many streets have a station; of more, every second, third …"""
_PEOPLE, _CROWDED = (3_000, 9_000), (18_000, 31_200)
_CROWDED_SHARE = 0.01
_WAREHOUSE_SHARE = 0.3


class Station(NamedTuple):
    """A station to open. ``site``: where; ``people``: how many it is for."""

    site: SitePlan
    street: str
    people: int
    warehouse: bool


def residents(rows: Iterable[AreaRow], seed: int) -> dict[str, int]:
    """Return how many live in each community (常住人口), by code."""
    found = {}
    for code in sorted(row.code for row in rows if row.level == "community"):
        rng = generator(seed, f"stock:people:{code}")
        crowded = rng.random() < _CROWDED_SHARE
        found[code] = rng.randrange(*(_CROWDED if crowded else _PEOPLE), 10)
    return found


def stations(
    rows: Sequence[AreaRow],
    grounds: Iterable[RegisterGround],
    living: Mapping[str, int],
) -> list[Station]:
    """Return where stations stand: each district's warehouse, then its streets'."""
    found = []
    districts: dict[str, list[RegisterGround]] = {}
    for ground in sorted(grounds, key=lambda ground: ground.street):
        if ground.local:
            path = ground.street[: DIGITS["district"]]
            districts.setdefault(path, []).append(ground)
    step = -(-sum(map(len, districts.values())) // STREETS_MAX)
    names = {row.code: row.name for row in rows}
    for path, streets in districts.items():
        first = min(plan.community for plan in streets[0].local)
        name = names.get(path.ljust(12, "0"), "")
        people = sum(n for code, n in living.items() if code.startswith(path))
        share = int(people * _WAREHOUSE_SHARE)
        site = _warehouse(first, name)
        found.append(Station(site, streets[0].street, share, warehouse=True))
        for ground in streets[::step]:
            people = sum(living[plan.community] for plan in ground.local)
            own = [s for s in ground.sites if s.area in living and s.area != first]
            if own:
                best = max(own, key=_fitness)
                found.append(Station(best, ground.street, people, warehouse=False))
    return found


def _fitness(site: SitePlan) -> tuple[int, str]:
    """Return how fit a site is to hold stock; of equals the last."""
    functions = {p.hazard: p.function for p in site.planned}
    planned = "supply-station" in functions.values()
    store = any(space.kind == "warehouse" for space in site.spaces)
    first = functions.get("epidemic") == "supply-station"
    return 4 * first + 2 * planned + store, site.site


def _warehouse(community: str, district: str) -> SitePlan:
    """Return a district's warehouse (区应急物资储备库), in one of its communities."""
    return SitePlan(
        site=f"{community}-{WAREHOUSE}",
        area=community,
        name=f"{district}应急物资储备库",
        kind="facility",
        planned=(
            PlannedFunction("epidemic", "supply-station"),
            PlannedFunction("flood", "supply-station"),
        ),
        spaces=(Space("一号库房", "warehouse", 20), Space("装卸场", "yard", 60)),
        facilities=("water", "power-backup", "toilets", "parking"),
    )


def is_warehouse(station: str) -> bool:
    """Tell whether a station is a district's warehouse, by its id."""
    return station.endswith(f"-{WAREHOUSE}")
