"""Made-up stock (演示物资) for made-up ground: stations, lots, levels, what was used.

A district has a warehouse (储备库), and each street a station at one of its service
stations; in a city only some streets have one. The same areas, ground and seed give the
same stock, whatever the order of the rows: each station draws from a generator of its
own. Lots are the same at all stations, as deliveries are.

Stock has a past: it came weeks ago, and some of it was used yesterday. So each thing is
done as of its own time, and stands in the log as an entry made later (补录).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from random import Random  # noqa: TID251 - seeded, so the outcome is handed in
from typing import NamedTuple

from api.demo.people import DAY_US, EAST_US, midnight
from api.demo.posts import PostPlan
from api.exchange.items import read_items, ready
from api.world.ground import generator
from api.world.world import World
from coordination.areas.decide import AreaRow, NothingNew, RegisterGround, SitePlan
from coordination.areas.events import PlannedFunction, Space
from coordination.areas.population import (
    PopulationUnchanged,
    Residents,
    StatePopulation,
)
from coordination.items.decide import ImportItems, ItemsUnchanged
from coordination.items.events import Item
from coordination.kernel import Actor, Command, Provenance, id_of
from coordination.stations.decide import (
    LevelRow,
    LevelsUnchanged,
    OpenStation,
    SetLevels,
    StationOpen,
)
from coordination.stock.decide import Issue
from coordination.stock.events import (
    AREA,
    DONATION,
    HOUSEHOLD,
    OPENING,
    PURCHASE,
    SQUAD,
    Party,
)
from coordination.stock.lines import StockShort, Wish
from coordination.stock.receipts import Delivered, Receive
from coordination.tree import DIGITS, Place

BASIS = "演示物资（虚构）"
INSTALLER = "installer"
WAREHOUSE = "s9"
"""Local id of a warehouse among the sites of its community."""
STREETS_MAX = 60
"""So many streets have a station; of more, every second, third …"""
DONOR = "云间公益服务中心"
"""A made-up organisation that gave something before the story begins."""

GIFT = {"water-500ml": 240, "biscuit-250g": 240}
"""What it gave; a quarter of it is used."""
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
USED_UP = ("mask-surgical", "hand-gel", "test-antigen", "water-500ml", "milk-250ml")
"""What is used every day."""
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
_WAREHOUSE_SHARE = 0.3
_PEOPLE, _CROWDED = (3_000, 9_000), (18_000, 31_200)
_CROWDED_SHARE = 0.01
_OPENED_DAYS, _BOUGHT_DAYS, _GIVEN_DAYS = 45, 20, 10
_USED_HOURS = (23, 17, 11, 5)
_BUSY = 3
"""Every third station used something yesterday."""
_HOUR_US = 3_600_000_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Doing(NamedTuple):
    """A command and when it was carried out; ``name``: its id, of this seed."""

    name: str
    at_us: int
    command: Command


class Station(NamedTuple):
    """A station to open. ``site``: where; ``people``: how many it is for."""

    site: SitePlan
    street: str
    people: int
    warehouse: bool


class Lot(NamedTuple):
    """A lot of an item as it comes to every station. ``expires_us``: 0 never."""

    lot: str
    made_us: int
    expires_us: int


# --- who lives where -----------------------------------------------------------------


def residents(rows: Iterable[AreaRow], seed: int) -> dict[str, int]:
    """Return how many live in each community (常住人口), by code."""
    found = {}
    for code in sorted(row.code for row in rows if row.level == "community"):
        rng = generator(seed, f"stock:people:{code}")
        crowded = rng.random() < _CROWDED_SHARE
        found[code] = rng.randrange(*(_CROWDED if crowded else _PEOPLE), 10)
    return found


# --- stations ------------------------------------------------------------------------


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


# --- what they hold ------------------------------------------------------------------


def _lots(item: Item, seed: int, midnight_us: int) -> tuple[Lot, ...]:
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


def _levels(item: Item, base: float) -> LevelRow:
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


def _held(
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
        old, *new = _lots(item, seed, midnight_us)
        late = _packed(item, total * rng.uniform(0.4, 0.6)) if new else 0
        late = late if late < total else 0
        opening.append(_delivered(item, old, total - late))
        if late:
            bought.append(_delivered(item, new[0], late))
        # Another item at each pair of stations.
        if code in special and special.index(code) == (number - 1) // _SPECIAL_AT:
            lot = _expiring("C", item, midnight_us, SPECIAL[code])
            opening.append(_delivered(item, lot, _packed(item, base / 10)))
    return opening, bought


def _delivered(item: Item, lot: Lot, quantity: int) -> Delivered:
    return Delivered(item.code, quantity, lot.lot, lot.lot, lot.made_us, lot.expires_us)


# --- all of it -----------------------------------------------------------------------


def stock(
    rows: Sequence[AreaRow],
    grounds: Sequence[RegisterGround],
    home: Place,
    keepers: Mapping[str, str],
    seed: int,
    *,
    now_us: int,
) -> Iterator[Doing]:
    """Yield what to do, in order, so that there is stock ``now_us``.

    ``grounds``: what ``ground(rows, …)`` gave. ``home``: the area all of it lies in.
    ``keepers``: community -> the post of its keeper (专管员岗位); none: nobody's.
    """
    midnight_us, living = midnight(now_us), residents(rows, seed)
    began_us = midnight_us - _OPENED_DAYS * DAY_US
    listed, _ = read_items(ready())
    by_code = {row.item.code: row.item for row in listed}
    items = {code: by_code[code] for code in STOCKED}
    catalogue = ImportItems(rows=tuple(listed), basis=BASIS)
    yield Doing(f"stock:{seed}:items", began_us, catalogue)
    counted = tuple(Residents(*one) for one in living.items())
    population = StatePopulation(area=home, rows=counted, basis=BASIS)
    yield Doing(f"stock:{seed}:people", began_us, population)
    places = stations(rows, grounds, living)
    for number, station in enumerate(places):
        post = keepers.get(station.site.area, "")
        yield from _opened(station, post, number, items, seed, midnight_us)
    named = [s for s in places if not s.warehouse]
    for station in named[:1]:
        yield from _given(station, items, seed, midnight_us)
    for station in named[::_BUSY]:
        yield from _used(station, seed, now_us)


def _opened(
    station: Station,
    post: str,
    number: int,
    items: Mapping[str, Item],
    seed: int,
    midnight_us: int,
) -> Iterator[Doing]:
    """Yield how a station was opened and filled, and what it is to hold."""
    site = station.site.site
    began_us = midnight_us - _OPENED_DAYS * DAY_US + 9 * _HOUR_US
    bought_us = midnight_us - _BOUGHT_DAYS * DAY_US + 10 * _HOUR_US
    stem = f"stock:{seed}:{site}"
    if station.warehouse:
        ground = RegisterGround(
            street=station.street, sites=(station.site,), basis=BASIS
        )
        yield Doing(f"{stem}:ground", began_us, ground)
    opened = OpenStation(station=site, post=post, basis=BASIS)
    yield Doing(f"{stem}:open", began_us, opened)
    levels = tuple(
        _levels(item, station.people * STOCKED[code] / 1_000)
        for code, item in items.items()
    )
    yield Doing(
        f"{stem}:levels",
        began_us,
        SetLevels(station=site, rows=levels, basis="储备定额（演示）"),
    )
    opening, bought = _held(station, number, items, seed, midnight_us)
    said = ((OPENING, "期初盘点表", opening, began_us),
            (PURCHASE, "年度储备采购合同（演示）", bought, bought_us))  # fmt: skip
    for kind, document, lines, at_us in said:
        if lines:
            name, source = f"{stem}:{kind}", Party(kind, document)
            yield Doing(name, at_us, _received(name, site, source, document, lines))


def _received(
    name: str, site: str, source: Party, document: str, lines: Sequence[Delivered]
) -> Receive:
    return Receive(
        station=site,
        slip=id_of("r", name),
        source=source,
        document=document,
        lines=tuple(lines),
        basis=BASIS,
    )


def _given(
    station: Station, items: Mapping[str, Item], seed: int, midnight_us: int
) -> Iterator[Doing]:
    """Yield a gift of some days ago, with its receipt (捐赠收据), and a use of it."""
    site = station.site
    name = f"stock:{seed}:{site.site}:gift"
    given_us = midnight_us - _GIVEN_DAYS * DAY_US + 14 * _HOUR_US
    lines = []
    for code, quantity in GIFT.items():
        lot = _lots(items[code], seed, midnight_us)[-1]
        # A gift is a lot of its own: or nobody could follow it to a doorstep.
        own = lot._replace(lot=f"{lot.lot}-J")
        lines.append(_delivered(items[code], own, quantity))
    source, document = Party(DONATION, DONOR), "捐赠协议（演示）"
    given = _received(name, site.site, source, document, lines)
    yield Doing(name, given_us, given)
    name = f"{name}:used"
    used = Issue(
        station=site.site,
        slip=id_of("i", name),
        to=Party(HOUSEHOLD, f"{site.area}-0301"),
        lines=tuple(Wish(d.item, d.quantity // 4, d.lot) for d in lines),
        reason="捐赠方指定用途",
    )
    yield Doing(name, given_us + 2 * DAY_US, used)


def _used(station: Station, seed: int, now_us: int) -> Iterator[Doing]:
    """Yield what a station gave out during the last day."""
    site = station.site
    rng = generator(seed, f"stock:used:{site.site}")
    for hours in _USED_HOURS:
        name = f"stock:{seed}:{site.site}:used:{hours}"
        kind, who = rng.choice(
            (
                (AREA, site.area),
                (SQUAD, "夜间巡查队"),
                (HOUSEHOLD, f"{site.area}-{rng.randint(1, 6)}01"),
            )
        )
        codes = sorted(rng.sample(USED_UP, 2))
        lines = tuple(
            Wish(
                code,
                max(1, round(station.people * STOCKED[code] / 1_000 * share)),
            )
            for code, share in ((c, rng.uniform(0.01, 0.03)) for c in codes)
        )
        issued = Issue(
            station=site.site,
            slip=id_of("i", name),
            to=Party(kind, who),
            lines=lines,
            whole=False,
        )
        yield Doing(name, now_us - hours * _HOUR_US, issued)


async def stock_up(world: World, doings: Iterable[Doing]) -> None:
    """Put made-up stock into a World; running it again changes nothing."""
    for doing in doings:
        keeps = doing.command.ACTION == "stock.keep"
        role = "station-keeper" if keeps else "administrator"
        by = Provenance(
            command_id=doing.name,
            actor=Actor(INSTALLER, role),
            occurred_us=doing.at_us,
        )
        with suppress(
            ItemsUnchanged,
            LevelsUnchanged,
            NothingNew,
            PopulationUnchanged,
            StationOpen,
            StockShort,
        ):
            await world.handler.handle(doing.command, by, doing.at_us)


def keeper_posts(posts: Iterable[PostPlan]) -> dict[str, str]:
    """Return community -> the post of its keeper (专管员岗位)."""
    return {p.place.code: p.post for p in posts if p.kind == "station-keeper"}
