"""Stock at each hour ahead (库存预测), and what a playbook needs (预案物资需求).

All numbers are whole. Quantities are base units; rates are thousandths of a base unit
an hour (milli-units), so that a slow item has a rate too. Moments are µs since 1970.
Within, a quantity is counted in milli-units times µs, where nothing is ever rounded.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from coordination.playbook import ROMAN, MaterialDemand

HOUR_US = 3_600_000_000
MILLI, HOURS_A_DAY = 1_000, 24
BURN_HOURS = 24
"""Hours that a burn rate looks back on."""
_FINE = MILLI * HOUR_US  # of the smallest quantity, in a base unit


class _Stock:
    """What there is, (expires_us, fine quantity): the first to expire is used first."""

    def __init__(self, lots: Iterable[tuple[int, int]], lasting: int) -> None:
        self.lots = sorted(lots, reverse=True)
        self.lasting = lasting

    def pass_to(self, at_us: int, used: int) -> None:
        """Use so much until then, then drop what is no good at that moment."""
        while used and self.lots:
            expires_us, left = self.lots.pop()
            if left > used:
                self.lots.append((expires_us, left - used))
            used -= min(left, used)
        self.lasting -= min(self.lasting, used)  # what nobody has nobody uses
        while self.lots and self.lots[-1][0] <= at_us:
            self.lots.pop()

    def units(self) -> int:
        """Return the whole base units there."""
        return (self.lasting + sum(left for _, left in self.lots)) // _FINE


def ahead(
    usable: int,
    expiries: Iterable[tuple[int, int]],
    arrivals: Iterable[tuple[int, int]],
    burn_per_hour_milli: int,
    need_per_hour_milli: int,
    now_us: int,
    hours: int,
) -> list[tuple[int, int]]:
    """Return (hour, base units left) from hour 0, which is now, to ``hours``.

    ``usable``: base units there now. ``expiries``: (first moment it is no good, units)
    of those that expire, the rest of ``usable`` does not. ``arrivals``: (when, units);
    one that should be here already is not counted, since nobody knows when it comes.
    What arrives does not expire. Used is the larger of burn and need (实耗与预案需求):
    a plan is not less true because nothing was issued yet. The first to expire is used
    first, so that what is used in time does not expire. What was short is not made up
    for later. Units left are rounded down.
    """
    lots = [(at, units * _FINE) for at, units in expiries]
    lasting = usable * _FINE - sum(fine for _, fine in lots)
    assert lasting >= 0, "what expires is part of what is usable"
    rate = max(burn_per_hour_milli, need_per_hour_milli)
    end_us = now_us + hours * HOUR_US
    coming = [(at, units) for at, units in arrivals if now_us < at <= end_us]
    stock = _Stock(lots, lasting)
    stops = {now_us + hour * HOUR_US for hour in range(hours + 1)}
    stops |= {at for at, _ in (*lots, *coming) if now_us < at <= end_us}
    landed: dict[int, int] = {}
    for at, units in coming:
        landed[at] = landed.get(at, 0) + units * _FINE
    found: list[tuple[int, int]] = []
    before_us = now_us
    for at in sorted(stops):
        stock.pass_to(at, rate * (at - before_us))
        stock.lasting += landed.get(at, 0)
        before_us = at
        hour, rest = divmod(at - now_us, HOUR_US)
        if not rest:
            found.append((hour, stock.units()))
    return found


def runs_out(course: Iterable[tuple[int, int]], minimum: int = 1) -> int | None:
    """Return the first hour with less than ``minimum``, None if there is none.

    ``course``: what ``ahead`` returned. A minimum of 0 asks when nothing is left.
    """
    below = (hour for hour, units in course if units < max(1, minimum))
    return next(below, None)


def cover_hours(usable: int, rate_per_hour_milli: int) -> int | None:
    """Return the whole hours stock lasts (可用时长) at a rate, None if none is used.

    Nothing expires or arrives here: ``ahead`` knows better, and takes longer.
    """
    if rate_per_hour_milli <= 0:
        return None
    return max(0, usable) * MILLI // rate_per_hour_milli


def burn(hours: Mapping[int, int], now_us: int) -> int:
    """Return what is used (消耗速度), milli-units an hour over the last 24 hours.

    ``hours``: base units issued, by hour since 1970. The hour that runs counts, the one
    that ran a day ago does not. Rounded down; one unit a day is 41.
    """
    this = now_us // HOUR_US
    total = sum(hours.get(this - ago, 0) for ago in range(BURN_HOURS))
    return total * MILLI // BURN_HOURS


class Needed(NamedTuple):
    """What an item is needed of (需求量), base units: in stock, and used each day."""

    stock: int = 0
    daily: int = 0


def needs(
    demands: Sequence[MaterialDemand],
    *,
    population: int,
    sites: Mapping[str, int],
    level: int,
    hazard: str,
    catalogue: Mapping[tuple[str, str], int],
) -> dict[str, Needed]:
    """Return what a playbook needs at ``level``, by item; each demand is rounded up.

    ``population``: residents in scope. ``sites``: how many, by planned function.
    ``catalogue``: base units a day for 1 000 residents, by item and hazard. Several
    demands of an item add up.
    """
    found: dict[str, Needed] = {}
    for demand in sorted(demands, key=lambda d: d.item):
        if ROMAN[demand.from_level] < level:
            continue
        rate = demand.per_thousand
        if rate is None:
            rate = catalogue.get((demand.item, hazard), 0)
        heads = _up(population * rate * demand.days)
        there = demand.per_site * sites.get(demand.function or "", 0)
        before = found.get(demand.item, Needed())
        found[demand.item] = Needed(
            before.stock + heads + there, before.daily + _up(population * rate)
        )
    return found


def _up(thousandths: int) -> int:
    """Return whole units, rounded up."""
    return -(-thousandths // 1_000)
