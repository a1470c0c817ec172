"""The made-up stock: always the same, nothing below zero, the story leaves it open."""

from __future__ import annotations

import asyncio
from collections import Counter
from random import Random  # noqa: TID251 - seeded

import pytest

from api.demo.accounts import grant_all, seed_accounts, staff_of
from api.demo.lots import SPECIAL, STOCKED
from api.demo.requests import ASKED
from api.demo.stations import is_warehouse, residents, stations
from api.demo.stock import GIFT, stock, stock_up
from api.demo.stores import MISSING, SHIPMENT, Stores
from api.exchange.areas import read_areas
from api.world.ground import ground
from api.world.settings import Settings
from api.world.setup import init_world
from api.world.verify import all_rows
from api.world.wiring import open_world
from coordination import catalogue
from coordination.kernel import id_of
from coordination.provenance import PROGRAM, Actor, Provenance
from coordination.stations.levels import SetLevels
from coordination.stock.receipts import Receive
from coordination.tree import Place
from projections.board import AREA
from projections.slips import COUNT, REQUEST, SLIP, movements
from projections.supplies import LOT, RESIDENTS, STATION, STOCK, due_lots
from tests.api.served import accounts_at
from tests.api.test_ground import AREAS

NOW = 1_795_300_000_000_000
SEED = 7
TEXT = (AREAS / "huadu.csv").read_bytes()
ROWS = read_areas(TEXT)[0]
GROUNDS = list(ground(ROWS, SEED))
HOME = Place("440114000000", "district")


def doings(rows=ROWS, grounds=GROUNDS, seed=SEED, now_us=NOW):
    return list(stock(rows, grounds, HOME, {}, seed, now_us=now_us))


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    """A district with its stock; tests that write come last."""
    data = tmp_path_factory.mktemp("stocked")
    world = open_world(Settings(data=data, clock_start_us=NOW))
    asyncio.run(init_world(world, TEXT, SEED))
    asyncio.run(stock_up(world, doings()))
    world.runner.catch_up()
    yield world
    world.close()


# --- what is to be done --------------------------------------------------------------


def test_same_seed_gives_the_same_stock_whatever_the_order():
    mixed, streets = list(ROWS), list(GROUNDS)
    Random(1).shuffle(mixed)  # noqa: S311 - no secret
    Random(2).shuffle(streets)  # noqa: S311 - no secret
    assert doings(mixed, streets) == doings()
    assert doings(seed=8) != doings()


def test_a_warehouse_and_a_station_in_each_street_with_communities():
    found = stations(ROWS, GROUNDS, residents(ROWS, SEED))
    sites = [s.site.site for s in found]
    assert len(set(sites)) == len(sites)
    assert [is_warehouse(site) for site in sites] == [True] + [False] * (len(sites) - 1)
    streets = [s.street for s in found if not s.warehouse]
    assert streets == sorted(g.street for g in GROUNDS if g.local)


def test_people_are_as_many_as_live_in_communities():
    living = residents(ROWS, SEED)
    assert len(living) == sum(row.level == "community" for row in ROWS)
    assert all(3_000 <= number <= 31_200 for number in living.values())


def test_an_emergency_asks_for_more_than_peacetime():
    rows = [r for d in doings() if isinstance(d.command, SetLevels)
            for r in d.command.rows]  # fmt: skip
    assert {row.item for row in rows} == set(STOCKED)
    for row in rows:
        assert all(p <= w for p, w in zip(row.peace, row.war, strict=True)), row


def test_nothing_comes_before_it_is_made_or_after_it_expired():
    for doing in doings():
        for line in getattr(doing.command, "lines", ()):
            if isinstance(doing.command, Receive):
                assert line.made_us <= doing.at_us, line
                assert not 0 < line.expires_us <= doing.at_us, line


# --- what is there then --------------------------------------------------------------


def test_stock_is_sane(world):
    with world.reading() as c:
        rows, lots = STOCK.select(c, at=None), LOT.select(c, at=None)
        places, people = STATION.select(c, at=None), RESIDENTS.select(c, at=None)
        due = Counter(row.item for row in due_lots(c, NOW))
    assert len(rows) == len(places) * len(STOCKED)
    assert all(row.available > 0 and row.moves for row in rows)
    assert all(0 <= lot.reserved <= lot.on_hand for lot in lots)
    short = sum(len(p.short_war.split(",")) for p in places if p.short_war)
    assert short < len(rows) / 10
    assert any(row.hours != "{}" for row in rows)
    assert len(people) == len(residents(ROWS, SEED))
    assert due == dict.fromkeys(SPECIAL, 2)
    expired = {lot.item for lot in lots if 0 < lot.expires_us <= NOW}
    assert expired == {item for item, days in SPECIAL.items() if days < 0}


def test_what_was_given_has_a_receipt_and_was_used_in_part(world):
    with world.reading() as c:
        slips = SLIP.where(c, SLIP.table.c.number > 0, at=None)
        moved = Counter()
        for move in movements(c, at=None):
            if move.lot.endswith("-J"):
                moved[move.destination] += move.quantity
    assert [slip.number for slip in slips] == [1]
    total = sum(GIFT.values())
    assert moved == {"shelf": total, "used": total // 4}


def test_again_changes_nothing_and_it_is_not_too_much(world):
    before = world.log.recorder.head().seq
    asyncio.run(stock_up(world, doings()))
    assert world.log.recorder.head().seq == before < 8_000


# --- the story -----------------------------------------------------------------------


@pytest.fixture(scope="module")
def told(world, tmp_path_factory):
    """The world after the morning; no emergency is on."""
    accounts = accounts_at(tmp_path_factory.mktemp("a"), world.clock)
    listed = asyncio.run(seed_accounts(world, accounts))
    accounts.close()
    world.runner.catch_up()
    with world.reading() as c:
        areas, home = sorted(AREA.select(c, at=None)), world.home(c)

    def by(name, account):
        seen = world.runner.seq
        return Provenance(command_id=name, actor=Actor(account), seen_seq=seen)

    lines = []
    low = [a.path for a in areas if a.level == "street"][:3]
    stores = Stores(world, home, lines.append, by, "e-0000000000", low)

    async def play():
        await grant_all(world, staff_of(areas), "staff")
        for _, turn in stores.turns():
            await turn()
            world.runner.catch_up()

    asyncio.run(play())
    return stores, listed, lines


def test_keepers_of_two_stations_sign_in(told):
    stores, listed, _ = told
    keepers = [a["account"] for a in listed if a["role_en"] == "Station keeper"]
    assert keepers == ["cangguan", "baoguan"]
    with stores.world.reading() as c:
        assert STATION.get(c, stores.hub, at=None).keeper == "cangguan"


def test_one_request_stands_in_each_state(told):
    with told[0].world.reading() as c:
        states = sorted(row.state for row in REQUEST.select(c, at=None))
    assert states == sorted(state for state, *_ in ASKED)


def test_a_transfer_came_up_short_and_one_of_the_reallocation_arrived(told):
    stores, _, _ = told
    with stores.world.reading() as c:
        short = SLIP.get(c, id_of("s", SHIPMENT), at=None)
        orders = [s for s in SLIP.select(c, at=None) if s.slip.startswith("t-")]
    assert (short.state, short.left, short.owner) == ("MISSING", MISSING, "cangguan")
    states = Counter(order.state for order in orders)
    assert states["ARRIVED"] == 1
    assert states["ORDERED"] > 0


def test_gifts_have_receipts_and_nobody_is_named(told):
    stores, _, lines = told
    with stores.world.reading() as c:
        slips = SLIP.where(c, SLIP.table.c.number > 0, at=None)
    assert sorted(slip.number for slip in slips) == [1, 2, 3]
    assert sum("receipt" in line for line in lines) == 2
    assert not any("沈知微" in slip.party_id for slip in slips)


def test_a_count_is_open_and_nothing_is_below_zero(told):
    with told[0].world.reading() as c:
        counts = SLIP.where(c, SLIP.table.c.kind == COUNT, at=None)
        rows = STOCK.select(c, at=None)
    assert Counter(row.state for row in counts) == {"OPEN": 1, "CLOSED": 1}
    assert all(row.available >= 0 and row.coming >= 0 for row in rows)


def test_every_decision_of_the_story_says_what_was_seen_and_on_what_it_rests(told):
    """Counted from the log, not from what the story means to send."""
    stores, _, _ = told
    blind, groundless, decided = 0, 0, 0
    for row in all_rows(stores.world.log.recorder, 0):
        said = catalogue.open_envelope(row.stored)
        if said.actor not in PROGRAM and not row.name.startswith("grants."):
            decided += 1
            blind += not said.seen_seq
            groundless += not said.basis
    assert decided > 50
    assert (blind, groundless) == (0, 0)
