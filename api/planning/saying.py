"""What a proposal says (建议说明): shipments and why, and what stays missing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from itertools import accumulate, groupby
from operator import attrgetter

from api.planning.standings import (
    BANDS,
    DAY_US,
    DISTANCES,
    EXPIRING_DAYS,
    KEPT,
    LEVELS,
    Giver,
    Leg,
    Shelf,
    Taker,
    Unmet,
    levels_of,
)

Flow = dict[tuple[str, str], int]
"""(Source, taker) -> units."""
_NO_LEVELS = ("调出方未设定额", "the giver has no levels")
_TOO_SMALL = ("余下数量太少，不值得运送", "what could still be sent is too little")


def legs_of(
    flow: Flow,
    givers: Mapping[str, Giver],
    takers: Iterable[Taker],
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
            level = LEVELS[_stands(taking[to])]
            picked = tuple((lot.lot, n) for lot, n in lots)
            item = giver.standing.item
            found.append(Leg(source, to, item, units, picked, distance, level, zh, en))
    return sorted(found)


def _stands(taker: Taker) -> int:
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
    taker: Taker, distance: str, giver: Giver, out: int, ends: int
) -> tuple[str, str]:
    """Return what a shipment is for and why from there, in both languages."""
    band, way = BANDS[LEVELS[_stands(taker)]], DISTANCES[distance]
    has, coming = taker.standing.available, taker.standing.coming
    levels = levels_of(giver.standing)
    kept = next(n for n, at in enumerate(reversed(levels)) if giver.held - out >= at)
    keeps = KEPT[kept] if any(levels) else _NO_LEVELS
    zh = [f"调入方{band.zh}（现有{has}，在途{coming}）", way.zh, keeps[0]]
    en = [f"taker {band.en} (has {has}, {coming} coming)", way.en, keeps[1]]
    if ends:
        zh.append(f"其中{ends}在{EXPIRING_DAYS}天内过期")
        en.append(f"{ends} of it expire within {EXPIRING_DAYS} days")
    return "；".join(zh), "; ".join(en)


def unmet_of(
    flow: Mapping[tuple[str, str], int], takers: Iterable[Taker], small: set[str]
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
        filled = zip(LEVELS, accumulate(taker.bands), strict=True)
        level = next(name for name, units in filled if here < units)
        band = BANDS[level]
        why = (band.gone_zh, band.gone_en) if taker.station not in small else _TOO_SMALL
        found.append(Unmet(taker.station, taker.standing.item, missing, level, *why))
    return found
