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
from typing import NamedTuple

from api.planning.saying import Flow, legs_of, unmet_of
from api.planning.standings import (
    COST,
    Giver,
    Proposal,
    Shelf,
    Standing,
    Station,
    Taker,
    areas_of,
    givers_of,
    short,
    wanted,
    worth,
)

SMALL = 10
"""A shipment below this part (one in …) of what its taker wants is not worth it."""
_BLOCK = 50  # items solved together: one by one is slow, and so are 500 at once
_ROUNDING = 0.01  # far more than a corner can be off by


class _Market(NamedTuple):
    """An item that somebody wants and somebody has.

    ``shared``: areas with both inside. ``supply``, ``demand``: who stands where the
    goods enter and leave the tree, by area and cost or value: (units, station).
    """

    item: str
    givers: dict[str, Giver]
    takers: dict[str, Taker]
    shared: list[str]
    supply: dict[tuple[str, int], list[tuple[int, str]]]
    demand: dict[tuple[str, int], list[tuple[int, str]]]


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
    areas = {s.station: areas_of(s.path) for s in stations}
    takers: dict[str, list[Taker]] = {}
    for standing in standings:
        if short(standing):
            found = Taker(standing.station, standing, wanted(standing))
            takers.setdefault(standing.item, []).append(found)
    givers = givers_of(shelves, standings, takers, now_us)
    markets = []
    flows: dict[str, Flow] = {item: {} for item in takers}
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
        proposal.legs.extend(legs_of(flow, giving, wanting, areas, now_us))
        proposal.unmet.extend(unmet_of(flow, wanting, small))
    return proposal


# --- what flows ----------------------------------------------------------------------


def _market(
    item: str,
    givers: Iterable[Giver],
    takers: Iterable[Taker],
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
                demand[area, worth(band)].append((units, station))
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
                cost.append(price + COST[len(area)] if sign > 0 else -price)
                most.append(sum(units for units, _ in members))
        spans.append((start, len(cost)))
        for area in market.shared[:-1]:  # the country has nothing above
            parent = _parent(area)
            for sign, price in ((1, COST[len(parent)] - COST[len(area)]), (-1, 0)):
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
    return area[: max(n for n in COST if n < len(area))]


def _paired(market: _Market, amounts: Sequence[int]) -> Flow:
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
    flow: Flow = {}
    for area in market.shared:
        _match(gives[area], takes[area], flow)
        if area:
            gives[_parent(area)].update(gives[area])
            takes[_parent(area)].update(takes[area])
    assert not gives[""], "what is sent arrives"
    assert not takes[""], "what arrives was sent"
    return flow


def _match(gives: dict[str, int], takes: dict[str, int], flow: Flow) -> None:
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


def _without_small(flow: Flow, takers: Iterable[Taker]) -> set[str]:
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
