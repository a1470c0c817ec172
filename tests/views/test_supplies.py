"""Supplies: each lot, the stock it adds up to, the tally of a street, what is short."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coordination.areas.events import PopulationStated
from coordination.items.events import ItemWithdrawn
from coordination.stations.events import (
    CustodyTaken,
    DonationNumbered,
    ShortagesNoted,
)
from coordination.stock.events import PlaceSet
from coordination.stock.ledger import (
    APPROVED,
    DAMAGED,
    EXPIRED,
    ON_HOLD,
    RECALLED,
    SHELF,
    TRANSIT,
    USED,
    Passed,
)
from coordination.stock.state import EXPIRING, lot_stream, stock_stream
from coordination.transfers.state import shipment_stream
from projections.slips import SHIPMENT, SLIP
from projections.slips_view import SLIPS
from projections.supplies import (
    BATCH,
    HOUR_US,
    ITEM,
    LOT,
    PEACE,
    RESERVATION,
    RESIDENTS,
    STATION,
    STOCK,
    TALLY,
    WAR,
    WAY,
    due_lots,
    held_by,
    hours_in,
    lots_at,
    quantities_in,
    short_of,
)
from projections.supplies_view import SUPPLIES
from tests.given import COMMUNITY_11, HOUR, MINUTE, NOW, fold
from tests.views.city import check_rebuilt
from tests.views.goods import (
    BAD,
    FAR,
    LISTED,
    MASK,
    NORTH,
    OPENED,
    SOON,
    SOUTH,
    SQUAD,
    Goods,
    acts,
    arrived,
    balances_at,
    came,
    closed,
    expired,
    expiring,
    kept_at,
    levels,
    line,
    moved,
    registered,
    released,
    reserved,
    sent,
    status,
    went,
)
from tests.views.ledger import watching

KEY, L1 = f"{NORTH}/{MASK}", f"{NORTH}/{MASK}/L1"
BOOKS = ("on_hand", "reserved", "on_hold", "available")


def books(row):
    """Return what a row says of stock, as (on_hand, reserved, on_hold, available)."""
    found = tuple(getattr(row, field) for field in BOOKS)
    assert found[0] == found[1] + found[2] + found[3]
    return found


STOCKED = [
    # id, facts, on_hand, reserved, on_hold, available; more of the row
    ("came in", [came(40)], (40, 0, 0, 40), {"lots": 1, "moves": 1}),
    ("two lots", [came(40), came(5, lot="L2")], (45, 0, 0, 45), {"lots": 2}),
    ("used up", [came(40), went(40)], (0, 0, 0, 0), {"lots": 0, "moves": 2}),
    ("kept", [came(40), reserved(15)], (40, 15, 0, 25), {"moves": 1}),
    ("kept no more", [came(40), reserved(15), released(10)], (40, 5, 0, 35), {}),
    ("on hold with what is kept of it", [came(40), reserved(15), status(ON_HOLD)],
     (40, 0, 40, 0), {}),
    ("good again", [came(40), reserved(15), status(ON_HOLD), status(APPROVED)],
     (40, 15, 0, 25), {}),
    ("recalled everywhere", [came(40), status(RECALLED, station="")],
     (40, 0, 40, 0), {}),
    ("recalled before it came", [status(RECALLED, station=""), came(40)],
     (40, 0, 40, 0), {}),
    ("expires soon", [registered(), came(40), expiring()], (40, 0, 0, 40),
     {"expiring": 40}),
    ("expired", [registered(), came(40), expiring(), expired()], (40, 0, 40, 0),
     {"expiring": 0}),
    ("neither account is the shelf", [came(40), moved(3, USED, "scrap")],
     (40, 0, 0, 40), {"moves": 1}),
    ("a place", [PlaceSet(station=NORTH, item=MASK, place="A-3")], (0, 0, 0, 0),
     {"place": "A-3", "lots": 0}),
    ("levels", [levels(peace=(1, 2, 3), war=(4, 5, 6))], (0, 0, 0, 0),
     {"peace_min": 1, "peace_reorder": 2, "peace_target": 3, "war_min": 4,
      "war_reorder": 5, "war_target": 6}),
]  # fmt: skip


@pytest.mark.parametrize(("facts", "stock", "more"), [
    pytest.param(*cells, id=sentence) for sentence, *cells in STOCKED
])  # fmt: skip
def test_what_facts_make_of_stock(facts, stock, more):
    """The row of the stock, and the tally of its street alike."""
    with watching(*OPENED, *facts, views=(SUPPLIES,)) as watched:
        row = watched.get(STOCK, KEY)
        assert books(row) == stock
        assert {field: getattr(row, field) for field in more} == more
        tally = watched.get(TALLY, f"310117001 {MASK}")
        assert (books(tally), tally.stations) == (stock, 1)


LOTTED = [
    # id, facts, status, own, noted, due
    ("unknown dates", [came(4)], APPROVED, APPROVED, "", 0),
    ("known", [registered(), came(4)], APPROVED, APPROVED, "", SOON),
    ("known later", [came(4), registered()], APPROVED, APPROVED, "", SOON),
    ("nobody is told", [registered(alert=0), came(4)], APPROVED, APPROVED, "", BAD),
    ("for ever", [registered(alert=0, expires=0), came(4)], APPROVED, APPROVED, "", 0),
    ("expires soon", [registered(), came(4), expiring()], APPROVED, APPROVED,
     EXPIRING, BAD),
    ("expired", [registered(), came(4), expiring(), expired()], EXPIRED, APPROVED,
     EXPIRED, 0),
    ("used up", [registered(), came(4), expiring(), went(4)], APPROVED, APPROVED,
     "", 0),
    ("there again", [registered(), came(4), expiring(), went(4), came(1)], APPROVED,
     APPROVED, "", SOON),
    ("damaged", [registered(), came(4), status(DAMAGED)], DAMAGED, DAMAGED, "", SOON),
    ("damaged and expired", [registered(), came(4), expired(), status(DAMAGED)],
     EXPIRED, DAMAGED, EXPIRED, 0),
    ("recalled and expired", [registered(), came(4), expired(),
     status(RECALLED, station="")], RECALLED, APPROVED, EXPIRED, 0),
]  # fmt: skip


@pytest.mark.parametrize(("facts", "state", "own", "noted", "due"), [
    pytest.param(*cells, id=sentence) for sentence, *cells in LOTTED
])  # fmt: skip
def test_what_facts_make_of_a_lot(facts, state, own, noted, due):
    """Recalled everywhere comes first, then expired, then what it is set to here."""
    with watching(*OPENED, *facts, views=(SUPPLIES,)) as watched:
        row = watched.get(LOT, L1)
        assert (row.status, row.own, row.noted, row.due_us) == (state, own, noted, due)
        assert row.path == "310117001001"


def test_a_lot_recalled_everywhere_is_so_at_each_station():
    """By one fact, also after a restart; and it may be found good again."""
    facts = [registered(), came(4), came(6, station=FAR), came(9, lot="L2")]
    with watching(*OPENED, *facts, views=(SUPPLIES,)) as watched:
        watched.restart()
        watched.add(status(RECALLED, station=""))
        assert watched.get(BATCH, f"{MASK}/L1").status == RECALLED
        assert books(watched.get(STOCK, KEY)) == (13, 0, 4, 9)
        assert books(watched.get(STOCK, f"{FAR}/{MASK}")) == (6, 0, 6, 0)
        watched.add(status(APPROVED, station=""))
        assert books(watched.get(STOCK, f"{FAR}/{MASK}")) == (6, 0, 0, 6)


def test_what_is_short_is_listed_by_station_and_counted_by_street():
    """Less free than the minimum of the mode; no minimum, never short."""
    facts = [levels(peace=(10, 12, 20), war=(30, 40, 50)), came(40)]
    other = [came(1, station=SOUTH), levels(war=(5, 5, 5), station=SOUTH)]
    with watching(*OPENED, *facts, *other, views=(SUPPLIES,)) as watched:

        def short():
            row, tally = (
                watched.get(STATION, NORTH), watched.get(TALLY, f"310117001 {MASK}")
            )  # fmt: skip
            stock = watched.get(STOCK, KEY)
            assert short_of(stock, PEACE) == (MASK in row.short_peace)
            assert short_of(stock, WAR) == (MASK in row.short_war)
            return row.short_peace, row.short_war, tally.short_peace, tally.short_war

        assert short() == ("", "", 0, 1)
        watched.add(reserved(15))
        assert short() == ("", MASK, 0, 2)
        watched.add(status(ON_HOLD))
        assert short() == (MASK, MASK, 1, 2)
        watched.add(levels(war=(1, 1, 1), item="axe"))
        assert watched.get(STATION, NORTH).short_war == f"axe,{MASK}"
        watched.add(levels())
        assert short()[:2] == ("", "axe")
        tally = watched.get(TALLY, f"310117001 {MASK}")
        assert (tally.war_min, tally.war_target, tally.stations) == (5, 5, 2)


def test_what_is_issued_is_kept_by_hour():
    """The newest 48; good returns come off the hour they come back in."""
    with watching(*OPENED, came(9_000), views=(SUPPLIES,)) as watched:
        first = NOW // HOUR_US
        for hour in range(50):
            watched.add(went(100 + hour), now=NOW + hour * HOUR)
        found = hours_in(watched.get(STOCK, KEY).hours)
        assert found == {first + hour: 100 + hour for hour in range(2, 50)}
        now = NOW + 49 * HOUR + MINUTE
        watched.add(moved(9, USED, "scrap"), now=now)
        watched.add(moved(40, USED, SHELF), moved(7, SHELF, "scrap"), now=now)
        assert hours_in(watched.get(STOCK, KEY).hours)[first + 49] == 109
        watched.add(moved(200, USED, SHELF), now=now)
        assert first + 49 not in hours_in(watched.get(STOCK, KEY).hours)


def test_what_is_kept_for_somebody():
    """How much was asked for, what is kept still, and what was passed over."""
    over = (Passed("L1", 5, EXPIRED),)
    asked = msgspec.structs.replace(reserved(10, asked=30), passed=over)
    with watching(*OPENED, came(40), asked, views=(SUPPLIES,)) as watched:
        key = f"{KEY}/v-1"
        row = watched.get(RESERVATION, key)
        assert (row.purpose_kind, row.purpose_id) == (SQUAD.kind, SQUAD.id)
        assert (row.asked, row.quantity, row.picks) == (30, 10, '{"L1":10}')
        assert row.passed == '[{"lot":"L1","quantity":5,"why":"expired"}]'
        watched.add(came(9, lot="L2"), reserved(9, asked=20, lot="L2"))
        row = watched.get(RESERVATION, key)
        assert (row.asked, row.quantity) == (30, 19)
        assert quantities_in(row.picks) == {"L1": 10, "L2": 9}
        with watched.engine.connect() as c:
            assert kept_at(c, NORTH, MASK) == [row]
            watched.add(released(10, cause="used"), released(9, lot="L2"))
        row = watched.get(RESERVATION, key)
        assert (row.asked, row.quantity, row.picks) == (30, 0, "{}")
        with watched.engine.connect() as c:
            assert kept_at(c, NORTH, MASK) == []


WAYS = [
    # id, facts after 40 were sent, coming, missing
    ("on the way", [], 40, 0),
    ("in part", [arrived(line(30), left=10, complete=False)], 10, 0),
    ("all of it", [arrived(line(40))], 0, 0),
    ("some of it is missing", [arrived(line(30), left=10)], 0, 10),
    ("nothing was in it", [arrived(left=40)], 0, 40),
    ("it came after all", [arrived(line(30), left=10),
                           arrived(line(4), left=6)], 0, 6),
    ("in part accounted for", [arrived(line(30), left=10), closed(line(7))], 0, 3),
    ("accounted for", [arrived(line(30), left=10), closed(line(10))], 0, 0),
]  # fmt: skip


@pytest.mark.parametrize(("facts", "coming", "missing"), [
    pytest.param(*cells, id=sentence) for sentence, *cells in WAYS
])  # fmt: skip
def test_what_is_on_its_way(facts, coming, missing):
    """To where it goes; also where nothing of it was before."""
    begun = [came(90), sent(line(15), line(25, "L2"))]
    with watching(*OPENED, *begun, *facts, views=(SUPPLIES,)) as watched:
        row, tally = watched.get(STOCK, f"{FAR}/{MASK}"), f"310117002 {MASK}"
        assert (row.coming, row.missing, row.lots) == (coming, missing, 0)
        found = watched.get(TALLY, tally)
        assert (found.coming, found.missing) == (coming, missing)
        left = coming + missing
        assert watched.get(WAY, "s-1").left == (f'{{"mask":{left}}}' if left else "{}")


def test_what_is_said_of_a_station():
    """Keeper, custody, donations, and what the newest alarm says."""
    noted = ShortagesNoted(station=NORTH, items=("water", "axe"), war=True)
    taken = CustodyTaken(station=NORTH, keeper="li", before="", count="c-1")
    number = DonationNumbered(station=NORTH, number=7, slip="r-9")
    with watching(*OPENED, views=(SUPPLIES,)) as watched:
        row = watched.get(STATION, NORTH)
        assert row.opened_us == NOW
        watched.add(noted, taken, number, now=NOW + MINUTE)
        assert watched.get(STATION, NORTH)[:-2] == row._replace(
            keeper="li", custody_count="c-1", custody_us=NOW + MINUTE, donations=7,
            noted="axe,water", noted_war=1,
        )[:-2]  # fmt: skip
        watched.add(ShortagesNoted(station=NORTH, items=(), war=False))
        assert watched.get(STATION, NORTH).noted == ""


def test_the_catalogue_and_who_lives_where():
    """An item withdrawn is still called as it was."""
    stated = PopulationStated(area=COMMUNITY_11.code, residents=3_200)
    with watching(LISTED, stated, views=(SUPPLIES,)) as watched:
        row = watched.get(ITEM, MASK)
        assert (row.name, row.unit, row.barcodes) == ("口罩", "个", "690001,690002")
        assert (row.listed, row.packagings, row.durable) == (1, "[]", 0)
        watched.add(ItemWithdrawn(code=MASK))
        assert watched.get(ITEM, MASK)[:12] == row[:12]
        assert watched.get(ITEM, MASK).listed == 0
        assert watched.get(RESIDENTS, COMMUNITY_11.code).residents == 3_200


def test_what_the_views_are_asked():
    """Lots that are due, lots and stock of a station, where a lot is."""
    facts = [registered(), came(4), came(6, station=FAR), came(2, lot="L9")]
    with (
        watching(*OPENED, *facts, views=(SUPPLIES,)) as watched,
        watched.engine.connect() as c,
    ):
        assert due_lots(c, SOON - 1) == []
        assert {row.station for row in due_lots(c, SOON)} == {NORTH, FAR}
        assert {row.lot for row in lots_at(c, NORTH)} == {"L1", "L9"}
        assert lots_at(c, NORTH, "water") == []
        assert {row.station for row in held_by(c, MASK, "L1")} == {NORTH, FAR}


# --- at random -----------------------------------------------------------------------


def recount(watched, at=None):
    """Assert that each row is what adding up the rows below it gives."""
    lots, stocks = watched.select(LOT, at), watched.select(STOCK, at)
    tallies, stations = watched.select(TALLY, at), watched.select(STATION, at)
    for row in (*stocks, *tallies):
        books(row)
    for row in stocks:
        mine = [x for x in lots if (x.station, x.item) == (row.station, row.item)]
        good = [x for x in mine if x.status == APPROVED]
        assert row.on_hand == sum(x.on_hand for x in mine)
        assert row.reserved == sum(x.reserved for x in good)
        assert row.available == sum(x.on_hand - x.reserved for x in good)
        assert row.expiring == sum(x.on_hand for x in mine if x.noted == EXPIRING)
        assert row.lots == sum(x.on_hand > 0 for x in mine)
    for row in tallies:
        mine = [s for s in stocks if s.path[:9] == row.path and s.item == row.item]
        summed = row._replace(
            stations=len(mine),
            short_peace=sum(short_of(s, PEACE) for s in mine),
            short_war=sum(short_of(s, WAR) for s in mine),
            **{field: sum(getattr(s, field) for s in mine) for field in (
                *BOOKS, "expiring", "coming", "missing", "peace_min", "peace_target",
                "war_min", "war_target",
            )},
        )  # fmt: skip
        assert row == summed
    for row in stations:
        mine = [s for s in stocks if s.station == row.station]
        for mode in (PEACE, WAR):
            short = ",".join(sorted(s.item for s in mine if short_of(s, mode)))
            assert getattr(row, f"short_{mode}") == short


def as_folded(watched):
    """Assert that rows say what the rules fold, and the ledger what is on shelves."""
    read = fold(*watched.ledger.events)
    shipments = [r for r in watched.select(SLIP) if r.kind == SHIPMENT]
    for row in watched.select(STOCK):
        stock = read(stock_stream(row.station, row.item))
        assert (row.moves, row.place) == (stock.moves, stock.place)
        assert row[14:20] == (*stock.peace, *stock.war)
        with watched.engine.connect() as c:
            lots = lots_at(c, row.station, row.item)
            kept = {r.reservation: quantities_in(r.picks)
                    for r in kept_at(c, row.station, row.item)}  # fmt: skip
            accounts = balances_at(c, row.station, row.item)
        assert kept == {n: dict(r.picks) for n, r in stock.reservations.items()}
        assert accounts.get(SHELF, 0) == row.on_hand
        assert sum(accounts.values()) == 0
        for lot in lots:
            held = stock.lots.get(lot.lot)
            if held is None:
                assert (lot.on_hand, lot.reserved) == (0, 0)
                continue
            assert (lot.on_hand, lot.reserved, lot.own, lot.noted) == (
                held.on_hand, held.reserved, held.status, held.noted,
            )  # fmt: skip
            # A lot noted as expired is so at every moment after.
            then = BAD if lot.noted == EXPIRED else NOW
            whole = read(lot_stream(row.item, lot.lot))
            assert lot.status == whole.status_at(held, then)
    for row in shipments:
        assert row.left == read(shipment_stream(row.slip)).left
    stocks = watched.select(STOCK)
    left = sum(row.left for row in shipments)
    assert sum(row.coming + row.missing for row in stocks) == left
    with watched.engine.connect() as c:
        moves = [balances_at(c, s.station, s.item).get(TRANSIT, 0) for s in stocks]
    assert sum(moves) == left


@given(acts=st.lists(acts, min_size=10, max_size=40))
@settings(max_examples=15, deadline=None)
def test_every_row_is_what_adding_up_gives(acts):
    """After each decision and at each position; what is rebuilt is what was kept."""
    views = (SUPPLIES, SLIPS)
    with watching(*OPENED, views=views) as watched:
        goods = Goods(watched.ledger)
        for act in acts:
            if act[0] == "restart":
                watched.restart()
                continue
            facts = goods.of(act)
            if facts:
                watched.add(*facts)
        as_folded(watched)
        head = len(watched.ledger.stored)
        for at in range(len(OPENED), head, 3):
            recount(watched, at)
        recount(watched)
        check_rebuilt(watched.ledger, watched.engine, views, head)
