"""Made-up lots (演示批次): what stations hold, and how much of it they should."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from random import Random  # noqa: TID251 - seeded, so the outcome is handed in
from typing import NamedTuple

from api.demo.people import DAY_US, EAST_US
from api.demo.stations import Station
from api.world.ground import generator
from coordination.items.events import Item
from coordination.stations.levels import LevelRow
from coordination.stock.receipts import Delivered

STOCKED: dict[str, float] = {
    "mask-n95": 20, "mask-surgical": 600, "gown": 4, "gown-isolation": 8, "gloves": 40,
    "goggles": 1, "test-antigen": 300, "swab": 200, "swab-tube": 20,
    "thermometer-ir": 0.5, "bleach-84": 20, "alcohol-75": 15, "hand-gel": 15,
    "sprayer-16l": 0.1, "waste-bag": 20, "first-aid-kit": 1, "paracetamol": 20,
    "ors": 20, "oximeter": 0.4, "water-500ml": 150, "rice-10kg": 4,
    "noodles-instant": 40, "biscuit-250g": 20, "milk-250ml": 60, "quilt": 3,
    "blanket": 3, "bed-folding": 2, "toothset": 3, "toilet-paper": 5, "sandbag": 60,
    "pump-2in": 0.05, "life-jacket": 0.5, "raincoat": 2, "tarpaulin": 30, "torch": 2,
    "generator-5kw": 0.05, "radio": 0.2, "vest": 1,
}  # fmt: skip
"""What stations hold -> base units for 1 000 residents in an emergency."""
SPECIAL = {"bleach-84": -6, "milk-250ml": 2, "noodles-instant": 5, "test-antigen": 9}
"""One more lot of these: its last day is so many days from today."""
_SPECIAL_AT = 2
"""Stations that have such a lot."""
_PEACE, _WAR = (0.25, 0.4, 0.6), (0.55, 0.7, 1.0)
"""Minimum, reorder, target: parts of what an emergency needs."""
_USUAL, _PLENTY = (0.8, 1.25), (1.4, 1.9)
_LOW, _LOWEST = (0.3, 0.5), (0.1, 0.2)
_LOW_SHARE, _LOWEST_SHARE = 0.014, 0.003
_OLD, _NEW = (0.3, 0.5), (0.65, 0.85)
"""What is left of the shelf life of the older and the newer lot."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Lot(NamedTuple):
    """A lot of an item as it comes to every station. ``expires_us``: 0 never."""

    lot: str
    made_us: int
    expires_us: int


def lots_of(item: Item, seed: int, midnight_us: int) -> tuple[Lot, ...]:
    """Return the lots of an item: an older and a newer one, one if it never expires."""
    rng = generator(seed, f"stock:lots:{item.code}")
    if not item.shelf_days:
        return (_lot("A", midnight_us - rng.randint(200, 900) * DAY_US, 0),)
    found = []
    for mark, share in (("A", _OLD), ("B", _NEW)):
        left = round(rng.uniform(*share) * item.shelf_days)
        left = max(left, item.alert_days + 10)
        found.append(_expiring(mark, item, midnight_us, left))
    return tuple(found)


def _expiring(mark: str, item: Item, midnight_us: int, days: int) -> Lot:
    """Return a lot whose last good day is so many days from today."""
    ends_us = midnight_us + (days + 1) * DAY_US
    return _lot(mark, ends_us - item.shelf_days * DAY_US, ends_us)


def _lot(mark: str, made_us: int, expires_us: int) -> Lot:
    made = _EPOCH + timedelta(microseconds=made_us + EAST_US)
    return Lot(f"{made:%y%m%d}{mark}", made_us, expires_us)


def _packed(item: Item, quantity: float) -> int:
    """Return a quantity in full packagings where it is some of them, 1 or more."""
    for factor in sorted((p.factor for p in item.packagings), reverse=True):
        if quantity >= 3 * factor:
            return round(quantity / factor) * factor
    return max(1, round(quantity))


def levels_of(item: Item, base: float) -> LevelRow:
    """Return the levels of an item that so much is needed of in an emergency."""
    low, middle, high = (_packed(item, base * part) for part in _PEACE)
    least, reorder, target = (_packed(item, base * part) for part in _WAR)
    return LevelRow(item.code, (low, middle, high), (least, reorder, target))


def _share(rng: Random, *, warehouse: bool) -> float:
    """Return how much of what an emergency needs a station has of an item."""
    drawn, usual = rng.random(), rng.uniform(0, 1)
    low, high = _PLENTY if warehouse else _USUAL
    if not warehouse and drawn < _LOW_SHARE:
        low, high = _LOWEST if drawn < _LOWEST_SHARE else _LOW
    return low + usual * (high - low)


def held_at(
    station: Station,
    number: int,
    items: Mapping[str, Item],
    seed: int,
    midnight_us: int,
) -> tuple[list[Delivered], list[Delivered]]:
    """Return what was there when a station was opened, and what was bought since."""
    rng = generator(seed, f"stock:held:{station.site.site}")
    opening, bought = list[Delivered](), list[Delivered]()
    special = list(SPECIAL)
    for code, item in items.items():
        base = station.people * STOCKED[code] / 1_000
        total = _packed(item, base * _share(rng, warehouse=station.warehouse))
        old, *new = lots_of(item, seed, midnight_us)
        late = _packed(item, total * rng.uniform(0.4, 0.6)) if new else 0
        late = late if late < total else 0
        opening.append(delivered(item, old, total - late))
        if late:
            bought.append(delivered(item, new[0], late))
        # Another item at each pair of stations.
        if code in special and special.index(code) == (number - 1) // _SPECIAL_AT:
            lot = _expiring("C", item, midnight_us, SPECIAL[code])
            opening.append(delivered(item, lot, _packed(item, base / 10)))
    return opening, bought


def delivered(item: Item, lot: Lot, quantity: int) -> Delivered:
    """Return the line on which so much of a lot came in."""
    return Delivered(item.code, quantity, lot.lot, lot.lot, lot.made_us, lot.expires_us)
