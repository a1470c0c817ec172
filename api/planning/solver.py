"""Reallocation proposal (动态调配建议): from who has much to who has too little.

Nothing is decided here: somebody reviews the proposal and approves transfers.

A station whose stock, with what is on its way, is below its reorder point wants all up
to its target; it gives nothing of that item. Everybody else may give. What a unit is
worth follows from the band (档) it fills or leaves, see ``BANDS``: it moves only from a
higher band to a lower one. So a target is filled from what others have above their
target, a reorder point from above reorder points, a minimum from above minimums, and
nobody goes below a minimum to help. The bands lie far apart: what is missing below a
minimum comes before anything else, and distance counts between equals.

Within a band near ones come first (``DISTANCES``). What expires at the giver within
``EXPIRING_DAYS``, before it is used there, costs ``EXPIRING`` less. What expires within
``SOON_DAYS`` is not sent, nor counted for its owner's levels.

The cost of a way depends on the smallest area both ends share alone. So goods flow up
and down the tree of areas, and stations of an area with equal costs are one to the
solver: a linear program with some dozen columns for an item, whose corners are whole
numbers (docs/decisions/0016-reallocation-by-scipy.md). Who of equals sends to whom is
decided here, with few shipments.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import accumulate, groupby, pairwise
from operator import attrgetter
from typing import NamedTuple

from coordination.tree import DIGITS

DAY_US = 86_400_000_000
SOON_DAYS = 3
"""What expires within so many days is not sent any more."""
EXPIRING_DAYS = 30
"""What expires within so many days before it is used goes first."""
EXPIRING = 5
"""What that takes off the cost of a unit: as much as lies within a district."""
SMALL = 10
"""A shipment below this part (one in …) of what its taker wants is not worth it."""


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
_COST = {d.digits: d.cost for d in DISTANCES.values()}


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
_LEVELS = tuple(BANDS)
_BLOCK = 50  # items solved together: one by one is slow, and so are 500 at once
_ROUNDING = 0.01  # far more than a corner can be off by
_STEP = 100  # what a band is worth more than the next: no way is so long
_LEAVING = 50  # what leaving a band costs more than filling it brings, likewise
_KEPT = {  # what a giver still has: by the band it gives from
    0: ("调出方留足目标库存", "the giver keeps its target"),
    1: ("调出方留足补货线", "the giver keeps its reorder point"),
    2: ("调出方留足最低库存", "the giver keeps its minimum"),
}
_NO_LEVELS = ("调出方未设定额", "the giver has no levels")
_TOO_SMALL = ("余下数量太少，不值得运送", "what could still be sent is too little")


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


class _Taker(NamedTuple):
    """``bands``: units wanted in each of ``BANDS``."""

    station: str
    standing: Standing
    bands: tuple[int, ...]


class _Giver(NamedTuple):
    """``costs``: (cost, units), cheapest first. ``lots``: that can be sent."""

    station: str
    standing: Standing
    held: int
    costs: tuple[tuple[int, int], ...]
    lots: tuple[Shelf, ...]


class _Market(NamedTuple):
    """An item that somebody wants and somebody has.

    ``shared``: areas with both inside. ``supply``, ``demand``: who stands where the
    goods enter and leave the tree, by area and cost or value: (units, station).
    """

    item: str
    givers: dict[str, _Giver]
    takers: dict[str, _Taker]
    shared: list[str]
    supply: dict[tuple[str, int], list[tuple[int, str]]]
    demand: dict[tuple[str, int], list[tuple[int, str]]]


_Flow = dict[tuple[str, str], int]


def propose(
    shelves: Iterable[Shelf],
    stations: Iterable[Station],
    standings: Sequence[Standing],
    *,
    now_us: int,
) -> Proposal:
    """Return what to send; the order of input is nothing to it.

    A station has one standing for an item. One without gives nothing, whatever stands
    on its shelves. Stations of standings are all among ``stations``.
    """
    areas = {s.station: _areas(s.path) for s in stations}
    takers: dict[str, list[_Taker]] = {}
    for standing in standings:
        if _short(standing):
            found = _Taker(standing.station, standing, _wanted(standing))
            takers.setdefault(standing.item, []).append(found)
    givers = _givers(shelves, standings, takers, now_us)
    markets = []
    flows: dict[str, _Flow] = {item: {} for item in takers}
    for item, wanting in sorted(takers.items()):
        if givers.get(item):
            markets.append(_market(item, givers[item], wanting, areas))
    for start in range(0, len(markets), _BLOCK):
        block = markets[start : start + _BLOCK]
        for market, amounts in zip(block, _solved(block), strict=True):
            flows[market.item] = _paired(market, amounts)
    proposal = Proposal([], [])
    for item, wanting in sorted(takers.items()):
        giving = {g.station: g for g in givers.get(item, ())}
        flow = flows[item]
        small = _without_small(flow, wanting)
        proposal.legs.extend(_legs(flow, giving, wanting, areas, now_us))
        proposal.unmet.extend(_unmet(flow, wanting, small))
    return proposal


# --- who wants, who gives ------------------------------------------------------------


def _areas(path: str) -> tuple[str, ...]:
    """Return the areas a station stands in, the smallest first, the country last."""
    cut = path[: DIGITS["community"]]
    return (*(cut[:n] for n in sorted(_COST, reverse=True) if 0 < n <= len(cut)), "")


def _levels(s: Standing) -> tuple[int, int, int]:
    """Return minimum, reorder and target, none below the one before."""
    reorder = max(s.minimum, s.reorder)
    return s.minimum, reorder, max(reorder, s.target)


def _short(s: Standing) -> bool:
    """Tell whether a station wants: a minimum above the reorder point counts as one."""
    return s.available + s.coming < max(s.minimum, s.reorder)


def _wanted(s: Standing) -> tuple[int, ...]:
    """Return what it takes to fill each band."""
    minimum, reorder, target = _levels(s)
    has = s.available + s.coming
    levels = (has, (minimum + 1) // 2, minimum, reorder, target)
    return tuple(max(0, high - max(low, has)) for low, high in pairwise(levels))


def _givers(
    shelves: Iterable[Shelf],
    standings: Iterable[Standing],
    takers: Mapping[str, Sequence[_Taker]],
    now_us: int,
) -> dict[str, list[_Giver]]:
    """Return who can be needed to give something of what is wanted, by item."""
    able: dict[str, dict[str, Standing]] = {item: {} for item in takers}
    for s in standings:
        if s.item in able and s.available > s.minimum and not _short(s):
            able[s.item][s.station] = s
    lots: dict[tuple[str, str], list[Shelf]] = {}
    for shelf in shelves:
        if shelf.item in able and shelf.station in able[shelf.item]:
            lots.setdefault((shelf.item, shelf.station), []).append(shelf)
    found = {}
    for item, here in able.items():
        graver = [sum(t.bands[n] for t in takers[item]) for n in range(len(BANDS))]
        giving: list[_Giver] = []
        over = list(here.values())
        for band in range(len(_KEPT)):
            graver.pop()
            rest = []
            for s in over:
                if s.available > _levels(s)[-1 - band]:
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


def _down_to(giver: _Giver, band: int) -> _Giver:
    """Return a giver that leaves no lower band."""
    dearest = band * _STEP + _LEAVING
    return giver._replace(costs=tuple(c for c in giver.costs if c[0] <= dearest))


def _giver(s: Standing, lots: list[Shelf], now_us: int) -> _Giver:
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
    for band, level in enumerate(reversed(_levels(s))):
        high = max(low, min(can, held - level))
        ends = max(low, min(doomed, high))
        cost = band * _STEP + _LEAVING if band else 0
        costs += [(cost - EXPIRING, ends - low), (cost, high - ends)]
        low = high
    some = tuple((cost, units) for cost, units in costs if units)
    return _Giver(s.station, s, held, some, tuple(sendable))


def _worth(band: int) -> int:
    """Return what a unit in this band of ``BANDS`` is worth to its taker."""
    return (len(BANDS) - band) * _STEP


# --- what flows ----------------------------------------------------------------------


def _market(
    item: str,
    givers: Iterable[_Giver],
    takers: Iterable[_Taker],
    areas: Mapping[str, tuple[str, ...]],
) -> _Market:
    """Return who meets where: each enters the tree at the smallest area shared."""
    giving = {g.station: g for g in sorted(givers)}
    taking = {t.station: t for t in sorted(takers)}
    ours = {area for station in giving for area in areas[station]}
    theirs = {area for station in taking for area in areas[station]}
    shared = ours & theirs
    supply: dict[tuple[str, int], list[tuple[int, str]]] = defaultdict(list)
    for station, giver in giving.items():
        area = next(a for a in areas[station] if a in shared)
        for cost, units in giver.costs:
            supply[area, cost].append((units, station))
    demand: dict[tuple[str, int], list[tuple[int, str]]] = defaultdict(list)
    for station, taker in taking.items():
        area = next(a for a in areas[station] if a in shared)
        for band, units in enumerate(taker.bands):
            if units:
                demand[area, _worth(band)].append((units, station))
    # From the smallest areas up.
    nodes = sorted(shared, key=lambda a: (-len(a), a))
    return _Market(item, giving, taking, nodes, supply, demand)


def _solved(markets: Sequence[_Market]) -> list[list[int]]:
    """Return what each class of supply, then of demand, gives or gets, by market.

    Columns: supply and demand by class, the ways up and down between areas. Rows: what
    enters an area leaves it.
    """
    # A second of every start of the service and the command line, for one question.
    import numpy as np  # noqa: PLC0415
    from scipy.optimize import linprog  # noqa: PLC0415
    from scipy.sparse import csr_array  # noqa: PLC0415

    cost: list[int] = []
    most: list[float] = []
    cells: list[tuple[int, int, int]] = []  # value, row, column
    spans = []
    row = 0
    for market in markets:
        rows = {area: row + n for n, area in enumerate(market.shared)}
        row += len(rows)
        start = len(cost)
        for sign, side in ((1, market.supply), (-1, market.demand)):
            for (area, price), members in side.items():
                cells.append((sign, rows[area], len(cost)))
                cost.append(price + _COST[len(area)] if sign > 0 else -price)
                most.append(sum(units for units, _ in members))
        spans.append((start, len(cost)))
        for area in market.shared[:-1]:  # the country has nothing above
            parent = _parent(area)
            for sign, price in ((1, _COST[len(parent)] - _COST[len(area)]), (-1, 0)):
                cells.append((-sign, rows[area], len(cost)))
                cells.append((sign, rows[parent], len(cost)))
                cost.append(price)
                most.append(np.inf)
    values, at, columns = zip(*cells, strict=True)
    flows = csr_array((values, (at, columns)), shape=(row, len(cost)), dtype=float)
    bounds = np.column_stack((np.zeros(len(most)), most))
    done = linprog(
        cost, A_eq=flows, b_eq=np.zeros(row), bounds=bounds, method="highs-ds"
    )
    assert done.status == 0, done.message  # to send nothing is always allowed
    whole = np.rint(done.x)
    assert np.abs(done.x - whole).max() < _ROUNDING, "corners are whole numbers"
    units = whole.astype(int).tolist()
    return [units[start:end] for start, end in spans]


def _parent(area: str) -> str:
    return area[: max(n for n in _COST if n < len(area))]


def _paired(market: _Market, amounts: Sequence[int]) -> _Flow:
    """Return who sends how much to whom: in the smallest area where both are left.

    Among equals whoever has most gives, and whoever wants least gets: few shipments, as
    many stations as can be lifted over their level.
    """
    gives: dict[str, dict[str, int]] = {area: {} for area in market.shared}
    takes: dict[str, dict[str, int]] = {area: {} for area in market.shared}
    left = iter(amounts)
    for side, totals, sign in (
        (market.supply, gives, -1),
        (market.demand, takes, 1),
    ):
        for (area, _), members in side.items():
            total = next(left)
            here = totals[area]
            for units, station in sorted(members, key=lambda m: (sign * m[0], m[1])):
                part = min(units, total)
                if part:
                    here[station] = here.get(station, 0) + part
                    total -= part
            assert total == 0, "no class gives or gets more than it can"
    flow: _Flow = {}
    for area in market.shared:
        _match(gives[area], takes[area], flow)
        if area:
            gives[_parent(area)].update(gives[area])
            takes[_parent(area)].update(takes[area])
    assert not gives[""], "what is sent arrives"
    assert not takes[""], "what arrives was sent"
    return flow


def _match(gives: dict[str, int], takes: dict[str, int], flow: _Flow) -> None:
    """Pair the largest with the largest, until one side has nothing left."""
    senders = sorted(gives, key=lambda s: (gives[s], s))
    for to in sorted(takes, key=lambda s: (-takes[s], s)):
        while senders and to in takes:
            source = senders[-1]
            part = min(gives[source], takes[to])
            flow[source, to] = part
            for side, station in ((gives, source), (takes, to)):
                side[station] -= part
                if side[station] == 0:
                    del side[station]
            if source not in gives:
                senders.pop()


def _without_small(flow: _Flow, takers: Iterable[_Taker]) -> set[str]:
    """Drop shipments not worth it, where reorder points hold without; return for whom.

    A reorder point itself is never given up for that.
    """
    needed = {t.station: sum(t.bands[:-1]) for t in takers}
    wanted = {t.station: sum(t.bands) for t in takers}
    got: defaultdict[str, int] = defaultdict(int)
    for (_, to), units in flow.items():
        got[to] += units
    dropped = set()
    for units, (source, to) in sorted((n, pair) for pair, n in flow.items()):
        if units * SMALL < wanted[to] and got[to] - units >= needed[to]:
            del flow[source, to]
            got[to] -= units
            dropped.add(to)
    return dropped


# --- what is said --------------------------------------------------------------------


def _legs(
    flow: _Flow,
    givers: Mapping[str, _Giver],
    takers: Iterable[_Taker],
    areas: Mapping[str, tuple[str, ...]],
    now_us: int,
) -> list[Leg]:
    """Return an item's shipments with lots; the neediest gets the first to expire."""
    taking = {t.station: t for t in takers}
    found = []
    pairs = sorted(flow.items())
    for source, group in groupby(pairs, key=lambda pair: pair[0][0]):
        sent = [(to, units) for (_, to), units in group]
        sent.sort(key=lambda one: (_stands(taking[one[0]]), one[0]))
        giver = givers[source]
        out = sum(units for _, units in sent)
        assert giver.held - out >= giver.standing.minimum, "never below its minimum"
        stock = [(lot, lot.quantity) for lot in reversed(giver.lots)]
        for to, units in sent:
            lots = _taken(stock, units)
            late = now_us + EXPIRING_DAYS * DAY_US
            ends = sum(n for lot, n in lots if 0 < lot.expires_us <= late)
            near = next(a for a in areas[to] if a in areas[source])
            distance = next(k for k, d in DISTANCES.items() if d.digits == len(near))
            zh, en = _why(taking[to], distance, giver, out, ends)
            level = _LEVELS[_stands(taking[to])]
            picked = tuple((lot.lot, n) for lot, n in lots)
            item = giver.standing.item
            found.append(Leg(source, to, item, units, picked, distance, level, zh, en))
    return sorted(found)


def _stands(taker: _Taker) -> int:
    """Return the gravest band with something missing."""
    return next(n for n, units in enumerate(taker.bands) if units)


def _taken(stock: list[tuple[Shelf, int]], units: int) -> list[tuple[Shelf, int]]:
    """Take so many units from the end of a giver's stock."""
    found = []
    while units:
        lot, left = stock.pop()
        part = min(left, units)
        found.append((lot, part))
        units -= part
        if part < left:
            stock.append((lot, left - part))
    return found


def _why(
    taker: _Taker, distance: str, giver: _Giver, out: int, ends: int
) -> tuple[str, str]:
    """Return what a shipment is for and why from there, in both languages."""
    band, way = BANDS[_LEVELS[_stands(taker)]], DISTANCES[distance]
    has, coming = taker.standing.available, taker.standing.coming
    levels = _levels(giver.standing)
    kept = next(n for n, at in enumerate(reversed(levels)) if giver.held - out >= at)
    keeps = _KEPT[kept] if any(levels) else _NO_LEVELS
    zh = [f"调入方{band.zh}（现有{has}，在途{coming}）", way.zh, keeps[0]]
    en = [f"taker {band.en} (has {has}, {coming} coming)", way.en, keeps[1]]
    if ends:
        zh.append(f"其中{ends}在{EXPIRING_DAYS}天内过期")
        en.append(f"{ends} of it expire within {EXPIRING_DAYS} days")
    return "；".join(zh), "; ".join(en)


def _unmet(
    flow: Mapping[tuple[str, str], int], takers: Iterable[_Taker], small: set[str]
) -> list[Unmet]:
    """Return what stays missing of an item; the gravest bands are filled first."""
    got: defaultdict[str, int] = defaultdict(int)
    for (_, to), units in flow.items():
        got[to] += units
    found = []
    for taker in sorted(takers, key=attrgetter("station")):
        here = got[taker.station]
        missing = sum(taker.bands) - here
        assert missing >= 0, "nobody gets more than wanted"
        if not missing:
            continue
        filled = zip(_LEVELS, accumulate(taker.bands), strict=True)
        level = next(name for name, units in filled if here < units)
        band = BANDS[level]
        why = (band.gone_zh, band.gone_en) if taker.station not in small else _TOO_SMALL
        found.append(Unmet(taker.station, taker.standing.item, missing, level, *why))
    return found
