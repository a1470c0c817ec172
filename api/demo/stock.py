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
from typing import NamedTuple

from api.demo.lots import STOCKED, delivered, held_at, levels_of, lots_of
from api.demo.people import DAY_US, midnight
from api.demo.posts import PostPlan
from api.demo.stations import Station, residents, stations
from api.exchange.items import read_items, ready
from api.world.ground import generator
from api.world.world import World
from coordination.areas.decide import AreaRow, NothingNew, RegisterGround
from coordination.areas.population import (
    PopulationUnchanged,
    Residents,
    StatePopulation,
)
from coordination.items.decide import ImportItems, ItemsUnchanged
from coordination.items.events import Item
from coordination.kernel import Command, id_of
from coordination.provenance import Actor, Provenance
from coordination.stations.decide import OpenStation, StationOpen
from coordination.stations.levels import LevelsUnchanged, SetLevels
from coordination.stock.decide import Issue
from coordination.stock.ledger import (
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
from coordination.tree import Place

BASIS = "演示物资（虚构）"
INSTALLER = "installer"
DONOR = "云间公益服务中心"
"""A made-up organisation that gave something before the story begins."""

GIFT = {"water-500ml": 240, "biscuit-250g": 240}
"""What it gave; a quarter of it is used."""
USED_UP = ("mask-surgical", "hand-gel", "test-antigen", "water-500ml", "milk-250ml")
"""What is used every day."""
_OPENED_DAYS, _BOUGHT_DAYS, _GIVEN_DAYS = 45, 20, 10
_USED_HOURS = (23, 17, 11, 5)
_BUSY = 3
"""Every third station used something yesterday."""
_HOUR_US = 3_600_000_000


class Doing(NamedTuple):
    """A command and when it was carried out; ``name``: its id, of this seed."""

    name: str
    at_us: int
    command: Command


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
        levels_of(item, station.people * STOCKED[code] / 1_000)
        for code, item in items.items()
    )
    yield Doing(
        f"{stem}:levels",
        began_us,
        SetLevels(station=site, rows=levels, basis="储备定额（演示）"),
    )
    opening, bought = held_at(station, number, items, seed, midnight_us)
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
        lot = lots_of(items[code], seed, midnight_us)[-1]
        # A gift is a lot of its own: or nobody could follow it to a doorstep.
        own = lot._replace(lot=f"{lot.lot}-J")
        lines.append(delivered(items[code], own, quantity))
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
