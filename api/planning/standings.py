"""Who wants and who may give (供需) of an item: levels, bands, what a unit costs.

The more a station gives the dearer: bands are left one by one (``BANDS``), what would
expire goes first. What is asked of these, and why, stands in ``solver``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

from coordination.tree import DIGITS

DAY_US = 86_400_000_000
SOON_DAYS = 3
"""What expires within so many days is not sent any more."""
EXPIRING_DAYS = 30
"""What expires within so many days before it is used goes first."""
EXPIRING = 5
"""What that takes off the cost of a unit: as much as lies within a district."""


class Distance(NamedTuple):
    """What two stations share (调拨距离): ``digits`` of their paths; what it costs."""

    zh: str
    en: str
    digits: int
    cost: int


DISTANCES: dict[str, Distance] = {
    "country": Distance("跨省", "another province", 0, 25),
    "province": Distance("同省", "same province", DIGITS["province"], 16),
    "city": Distance("同市", "same city", DIGITS["city"], 9),
    "district": Distance("同区", "same district", DIGITS["district"], 4),
    "street": Distance("同街镇", "same street", DIGITS["street"], 1),
    "community": Distance("同社区", "same community", DIGITS["community"], 0),
}
"""From far to near."""
DISTANCE_WORDS = {name: (one.zh, one.en) for name, one in DISTANCES.items()}
COST = {d.digits: d.cost for d in DISTANCES.values()}


class Band(NamedTuple):
    """What lies below a level (库存档位).

    ``zh``, ``en``: a taker that stands there. ``gone_*``: why it stays there.
    """

    zh: str
    en: str
    gone_zh: str
    gone_en: str


_KEEP_MINIMUM = (
    "没有站点能再调出而不低于自身最低库存",
    "no station can give more and keep its own minimum",
)
BANDS: dict[str, Band] = {
    "half": Band("不足最低库存一半", "below half its minimum", *_KEEP_MINIMUM),
    "minimum": Band("低于最低库存", "below its minimum", *_KEEP_MINIMUM),
    "reorder": Band(
        "低于补货线",
        "below its reorder point",
        "没有站点能再调出而不低于自身补货线",
        "no station can give more and keep its own reorder point",
    ),
    "target": Band(
        "低于目标库存",
        "below its target",
        "没有站点能再调出而不低于自身目标库存",
        "no station can give more and keep its own target",
    ),
}
"""From the gravest on. Half a minimum is a band, so that two in need share."""
LEVELS = tuple(BANDS)
STEP = 100  # what a band is worth more than the next: no way is so long
_LEAVING = 50  # what leaving a band costs more than filling it brings, likewise
KEPT = {  # what a giver still has: by the band it gives from
    0: ("调出方留足目标库存", "the giver keeps its target"),
    1: ("调出方留足补货线", "the giver keeps its reorder point"),
    2: ("调出方留足最低库存", "the giver keeps its minimum"),
}


class Shelf(NamedTuple):
    """A usable lot with what is free of it (可用批次). ``expires_us``: 0 never."""

    station: str
    item: str
    lot: str
    quantity: int
    expires_us: int


class Station(NamedTuple):
    """A station and the path of its area (物资站); below a community is the same."""

    station: str
    path: str


class Standing(NamedTuple):
    """An item at a station (库存状况), in base units.

    ``minimum``, ``reorder``, ``target``: of the mode in force there, 0: not set;
    without them nothing is wanted and all may be given. ``coming``: on its way there.
    """

    station: str
    item: str
    available: int
    minimum: int
    reorder: int
    target: int
    coming: int
    burn_per_day: int


class Leg(NamedTuple):
    """A shipment proposed (建议调拨). ``lots``: the first to expire first.

    ``distance``: of ``DISTANCES``; ``level``: of ``BANDS``, where the taker stands.
    """

    source: str
    to: str
    item: str
    quantity: int
    lots: tuple[tuple[str, int], ...]
    distance: str
    level: str
    why_zh: str
    why_en: str


class Unmet(NamedTuple):
    """What a station still wants then (仍缺). ``level``: gravest band not filled."""

    station: str
    item: str
    quantity: int
    level: str
    why_zh: str
    why_en: str


class Proposal(NamedTuple):
    """What to send, by item, source and taker; what stays missing, by item, station."""

    legs: list[Leg]
    unmet: list[Unmet]


class Taker(NamedTuple):
    """``bands``: units wanted in each of ``BANDS``."""

    station: str
    standing: Standing
    bands: tuple[int, ...]


class Giver(NamedTuple):
    """``costs``: (cost, units), cheapest first. ``lots``: that can be sent."""

    station: str
    standing: Standing
    held: int
    costs: tuple[tuple[int, int], ...]
    lots: tuple[Shelf, ...]


def areas_of(path: str) -> tuple[str, ...]:
    """Return the areas a station stands in, the smallest first, the country last."""
    cut = path[: DIGITS["community"]]
    return (*(cut[:n] for n in sorted(COST, reverse=True) if 0 < n <= len(cut)), "")


def levels_of(s: Standing) -> tuple[int, int, int]:
    """Return minimum, reorder and target, none below the one before."""
    reorder = max(s.minimum, s.reorder)
    return s.minimum, reorder, max(reorder, s.target)


def short(s: Standing) -> bool:
    """Tell whether a station wants: a minimum above the reorder point counts as one."""
    return s.available + s.coming < max(s.minimum, s.reorder)


def wanted(s: Standing) -> tuple[int, ...]:
    """Return what it takes to fill each band."""
    minimum, reorder, target = levels_of(s)
    has = s.available + s.coming
    levels = (has, (minimum + 1) // 2, minimum, reorder, target)
    return tuple(max(0, high - max(low, has)) for low, high in pairwise(levels))


def givers_of(
    shelves: Iterable[Shelf],
    standings: Iterable[Standing],
    takers: Mapping[str, Sequence[Taker]],
    now_us: int,
) -> dict[str, list[Giver]]:
    """Return who can be needed to give something of what is wanted, by item."""
    able: dict[str, dict[str, Standing]] = {item: {} for item in takers}
    for s in standings:
        if s.item in able and s.available > s.minimum and not short(s):
            able[s.item][s.station] = s
    lots: dict[tuple[str, str], list[Shelf]] = {}
    for shelf in shelves:
        if shelf.item in able and shelf.station in able[shelf.item]:
            lots.setdefault((shelf.item, shelf.station), []).append(shelf)
    found = {}
    for item, here in able.items():
        graver = [sum(t.bands[n] for t in takers[item]) for n in range(len(BANDS))]
        giving: list[Giver] = []
        over = list(here.values())
        for band in range(len(KEPT)):
            graver.pop()
            rest = []
            for s in over:
                if s.available > levels_of(s)[-1 - band]:
                    giving.append(_giver(s, lots.get((item, s.station), []), now_us))
                else:
                    rest.append(s)
            over = rest
            # The next band only serves what is graver: with enough for that, no way is
            # so long that it would be touched (docs/decisions/0016).
            easy = [_down_to(giver, band) for giver in giving]
            if sum(units for g in easy for _, units in g.costs) >= sum(graver):
                break
        found[item] = [g for g in easy if g.costs]
    return found


def _down_to(giver: Giver, band: int) -> Giver:
    """Return a giver that leaves no lower band."""
    dearest = band * STEP + _LEAVING
    return giver._replace(costs=tuple(c for c in giver.costs if c[0] <= dearest))


def _giver(s: Standing, lots: list[Shelf], now_us: int) -> Giver:
    """Return what a station can give at what cost; the first to expire is used first.

    The more it gives the dearer: bands are left one by one, what would expire goes
    first. So cheapest first is a plan it can follow.
    """
    lots.sort(key=lambda lot: (lot.expires_us == 0, lot.expires_us, lot.lot))
    used = soon = doomed = 0
    sendable = []
    for lot in lots:
        if lot.expires_us:
            left_us = max(0, lot.expires_us - now_us)
            use = min(lot.quantity, max(0, s.burn_per_day * left_us // DAY_US - used))
            used += use
            if left_us <= SOON_DAYS * DAY_US:
                soon += lot.quantity
                continue
            if left_us <= EXPIRING_DAYS * DAY_US:
                doomed += lot.quantity - use
        sendable.append(lot)
    held = s.available - soon
    can = sum(lot.quantity for lot in sendable)
    costs = []
    low = 0
    for band, level in enumerate(reversed(levels_of(s))):
        high = max(low, min(can, held - level))
        ends = max(low, min(doomed, high))
        cost = band * STEP + _LEAVING if band else 0
        costs += [(cost - EXPIRING, ends - low), (cost, high - ends)]
        low = high
    some = tuple((cost, units) for cost, units in costs if units)
    return Giver(s.station, s, held, some, tuple(sendable))


def worth(band: int) -> int:
    """Return what a unit in this band of ``BANDS`` is worth to its taker."""
    return (len(BANDS) - band) * STEP
