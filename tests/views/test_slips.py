"""Slips: the ledger as it stands, what a slip is, what is owed, counts, requests."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coordination.counts.events import (
    CONFIRMED,
    DIFFERS,
    DISTURBED,
    SAME,
    CountClosed,
    CountOpened,
    Lot,
    LotCounted,
    VarianceSettled,
)
from coordination.requests.events import (
    DeliveryConfirmed,
    GoodsAllocated,
    RequestDelivered,
    RequestDispatched,
    RequestMade,
    RequestRefused,
    RequestTriaged,
    RequestWithdrawn,
    Wanted,
)
from coordination.requisitions.events import GoodsGivenBack, OwnerCompensated
from coordination.stock.events import (
    GoodsIssued,
    GoodsReceived,
    GoodsReturned,
    StockAdjusted,
    StockScrapped,
)
from coordination.stock.ledger import (
    DONATION,
    PURCHASE,
    REQUISITION,
    SHELF,
    TRANSIT,
    USED,
    Party,
    Passed,
)
from coordination.transfers.events import TransferCancelled, TransferOrdered
from projections.slips import (
    COUNTED,
    MOVEMENT,
    REQUEST,
    SLIP,
    Delivery,
    Movement,
    deliveries_in,
    late_shipments,
    ledger_of,
    lines_in,
    movements,
    of_lot,
    of_slip,
    sheet,
    wanted_in,
)
from projections.slips_view import SLIPS
from tests.given import COMMUNITY_11, HOUR, NOW
from tests.views.city import check_rebuilt
from tests.views.goods import (
    FAR,
    MASK,
    NORTH,
    SOON,
    SQUAD,
    WATER,
    arrived,
    balances_at,
    came,
    closed,
    late,
    line,
    moved,
    released,
    reserved,
    sent,
    went,
)
from tests.views.ledger import watching

HERE = {"station": NORTH}


def received(*lines, source=PURCHASE, slip="r-1", **more):
    """Return that goods came in."""
    return GoodsReceived(
        slip=slip, source=Party(source, "x"), document="D1", lines=lines, **HERE, **more
    )


def issued(*lines, slip="i-1", **more):
    """Return that goods were given out."""
    return GoodsIssued(slip=slip, to=SQUAD, lines=lines, **HERE, **more)


def back(*lines, slip="i-1", good=True):
    """Return that goods came back."""
    return GoodsReturned(slip=slip, lines=lines, good=good, **HERE)


def given_back(*lines):
    """Return that requisitioned goods are with their owner."""
    return GoodsGivenBack(slip="r-1", lines=lines, **HERE)


def paid(*lines):
    """Return that requisitioned goods are paid for."""
    return OwnerCompensated(slip="r-1", lines=lines, fen=120_00, document="F", **HERE)


def ordered(*lines):
    """Return that a station is to send to another."""
    return TransferOrdered(slip="s-1", to=FAR, lines=lines, reallocation="w-1", **HERE)


TAKEN = received(line(9), source=REQUISITION, emergency="e1")
ORDERED = ordered(line(5, ""))
CANCELLED = TransferCancelled(slip="s-1", **HERE)
SENT = sent(line(30), line(10, "L2"), expected=SOON)
SOME = arrived(line(30), left=10, complete=False)
SHORT = arrived(line(30), left=10)
ONE = arrived(line(1, "L2"), left=9)

SLIPPED = [
    # id, facts, slip, kind, state, left, more
    ("bought", [received(line(9))], "r-1", "receipt", "DONE", 0,
     {"party_kind": PURCHASE, "party_id": "x", "document": "D1", "station": NORTH}),
    ("given", [received(line(9), source=DONATION, number=7)], "r-1", "receipt", "DONE",
     0, {"number": 7}),
    ("requisitioned", [TAKEN], "r-1", "receipt", "OUT", 9, {"emergency": "e1"}),
    ("in part with its owner", [TAKEN, given_back(line(4))], "r-1", "receipt", "OUT",
     5, {"closed": '[{"item":"mask","lot":"L1","quantity":4}]'}),
    ("paid for", [TAKEN, given_back(line(4)), paid(line(5))], "r-1", "receipt",
     "SETTLED", 0, {"closed": '[{"item":"mask","lot":"L1","quantity":9}]'}),
    ("issued", [issued(line(9), passed=((MASK, Passed("L0", 2, "expired")),),
                       reservation="v-1")], "i-1", "issue", "DONE", 0,
     {"party_kind": "squad", "party_id": "u1", "order_id": "v-1",
      "passed": '[["mask",{"lot":"L0","quantity":2,"why":"expired"}]]'}),
    ("some came back", [issued(line(9)), back(line(4))], "i-1", "issue", "DONE", 0, {}),
    ("all came back", [issued(line(9)), back(line(4)), back(line(5), good=False)],
     "i-1", "issue", "RETURNED", 0, {}),
    ("scrapped", [StockScrapped(slip="x-1", cause="damaged", lines=(line(2),), **HERE)],
     "x-1", "scrap", "DONE", 0, {"cause": "damaged"}),
    ("corrected", [StockAdjusted(slip="a-1", item=MASK, lot="L1", change=-3,
                                 corrects="r-1", **HERE)], "a-1", "adjust", "DONE", 0,
     {"document": "r-1", "lines": '[{"item":"mask","lot":"L1","quantity":-3}]'}),
    ("ordered", [ORDERED], "s-1", "shipment", "ORDERED", 0,
     {"order_id": "w-1", "to_station": FAR, "to_path": "310117002001"}),
    ("called off", [ORDERED, CANCELLED], "s-1", "shipment", "CANCELLED", 0, {}),
    ("carried out", [ORDERED, SENT], "s-1", "shipment", "TRANSIT", 40,
     {"order_id": "w-1"}),
    ("on the way", [SENT], "s-1", "shipment", "TRANSIT", 40,
     {"by": "wang", "due_us": SOON, "document": "沪A", "to_station": FAR, "late": 0}),
    ("late", [SENT, late()], "s-1", "shipment", "TRANSIT", 40, {"late": 1}),
    ("some of it there", [SENT, SOME], "s-1", "shipment", "PART", 10,
     {"owner": "wang", "arrived": '[{"item":"mask","lot":"L1","quantity":30}]'}),
    ("some of it missing", [SENT, SHORT], "s-1", "shipment", "MISSING", 10, {}),
    ("one more after all", [SENT, SHORT, ONE], "s-1", "shipment", "MISSING", 9, {}),
    ("one more, and more to come", [SENT, SHORT,
     arrived(line(1, "L2"), left=9, complete=False)], "s-1", "shipment", "MISSING", 9,
     {}),
    ("all of it there", [SENT, SOME, arrived(line(10, "L2"))], "s-1", "shipment",
     "ARRIVED", 0, {}),
    ("in part accounted for", [SENT, SHORT, closed(line(4, "L2"), owner="li")], "s-1",
     "shipment", "MISSING", 6, {"cause": "lost", "owner": "li"}),
    ("accounted for", [SENT, SHORT, closed(line(10, "L2"))], "s-1", "shipment",
     "CLOSED", 0, {}),
    ("the last came after all", [SENT, SHORT, closed(line(9, "L2")),
                                 arrived(line(1, "L2"))], "s-1", "shipment", "CLOSED",
     0, {}),
]  # fmt: skip


@pytest.mark.parametrize(("facts", "slip", "kind", "state", "left", "more"), [
    pytest.param(*cells, id=sentence) for sentence, *cells in SLIPPED
])  # fmt: skip
def test_what_facts_make_of_a_slip(facts, slip, kind, state, left, more):
    """One row from its first fact on."""
    with watching(*facts, views=(SLIPS,)) as watched:
        row = watched.get(SLIP, slip)
        assert (row.kind, row.state, row.left) == (kind, state, left)
        assert (row.path, row.at_us) == ("310117001001", NOW)
        assert {field: getattr(row, field) for field in more} == more


def test_a_shipment_that_is_late_is_told_once():
    """Not before it is due, not if all of it is there, not again."""
    with (
        watching(SENT, views=(SLIPS,)) as watched,
        watched.engine.connect() as c,
    ):

        def found(now):
            return [row.slip for row in late_shipments(c, now)]

        assert (found(SOON - 1), found(SOON)) == ([], ["s-1"])
        watched.add(sent(line(1), slip="s-2"))
        assert found(SOON + HOUR) == ["s-1"]
        watched.add(SOME)
        assert found(SOON) == ["s-1"]
        seq = watched.add(late())
        assert found(SOON) == []
        assert watched.get(SLIP, "s-1", at=seq).late == 1
        watched.add(sent(line(9), slip="s-3", expected=SOON))
        assert found(SOON) == ["s-3"]
        watched.add(arrived(left=9, slip="s-3"))
        assert found(SOON) == []


MOVES = (
    came(40), came(9, lot="L2"), went(4, slip="i-1"),
    moved(6, SHELF, TRANSIT, slip="s-1"),
    moved(5, TRANSIT, SHELF, slip="s-1", station=FAR), came(3, item=WATER),
)  # fmt: skip


def test_the_ledger_is_the_facts():
    """Each movement once; what accounts hold at any moment; by lot, by slip."""
    with (
        watching(*MOVES, views=(SLIPS,)) as watched,
        watched.engine.connect() as c,
    ):
        assert watched.get(MOVEMENT, 3) == Movement(
            3, "310117001001", NORTH, MASK, "L1", 4, SHELF, USED, "i-1", NOW
        )
        assert balances_at(c, NORTH, MASK) == {
            PURCHASE: -49, SHELF: 39, USED: 4, TRANSIT: 6,
        }  # fmt: skip
        assert balances_at(c, NORTH, MASK, at=2) == {PURCHASE: -49, SHELF: 49}
        assert ledger_of(c, MASK, "L1") == {
            PURCHASE: -40, SHELF: 35, USED: 4, TRANSIT: 1,
        }  # fmt: skip
        assert [row.seq for row in of_lot(c, MASK, "L1")] == [5, 4, 3, 1]
        assert [row.seq for row in of_slip(c, "s-1")] == [5, 4]
        assert [row.seq for row in movements(c, at=3, limit=2)] == [3, 2]


# --- counts --------------------------------------------------------------------------

OPENED = CountOpened(slip="c-1", sheet=(Lot(MASK, "L1"), Lot(MASK, "L2")), **HERE)


def tallied(counted, result, by, *, first="", book=40, moves=0):
    """Return what somebody counted."""
    return LotCounted(slip="c-1", item=MASK, lot="L1", counted=counted, book=book,
                      by=by, result=result, moved=moves, first=first,
                      **HERE)  # fmt: skip


COUNTS = [
    # id, facts, counted, result, by, first, first_counted, cause, change
    ("not yet", [], (0, "", "", "", 0, "", 0)),
    ("as in the books", [tallied(40, SAME, "li")], (40, SAME, "li", "", 0, "", 0)),
    ("not so", [tallied(38, DIFFERS, "li")], (38, DIFFERS, "li", "", 0, "", 0)),
    ("not so twice", [tallied(38, DIFFERS, "li"),
                      tallied(37, CONFIRMED, "bo", first="li")],
     (37, CONFIRMED, "bo", "li", 38, "", 0)),
    ("moved meanwhile", [tallied(38, DIFFERS, "li"),
                         tallied(30, DISTURBED, "bo", first="li", moves=2),
                         tallied(36, CONFIRMED, "bo", first="li")],
     (36, CONFIRMED, "bo", "li", 38, "", 0)),
    ("settled", [tallied(38, DIFFERS, "li"), tallied(38, CONFIRMED, "bo", first="li"),
                 VarianceSettled(slip="c-1", item=MASK, lot="L1", change=-2,
                                 cause="lost", **HERE)],
     (38, CONFIRMED, "bo", "li", 38, "lost", -2)),
]  # fmt: skip


@pytest.mark.parametrize(("facts", "found"), [
    pytest.param(*cells, id=sentence) for sentence, *cells in COUNTS
])  # fmt: skip
def test_what_facts_make_of_a_count(facts, found):
    """Of each lot what was found, by whom, and who found otherwise before."""
    with (
        watching(OPENED, *facts, views=(SLIPS,)) as watched,
        watched.engine.connect() as c,
    ):
        rows = {row.lot: row for row in sheet(c, "c-1")}
        row = rows["L1"]
        assert set(rows) == {"L1", "L2"}
        assert found == (row.counted, row.result, row.by, row.first, row.first_counted,
                         row.cause, row.change)  # fmt: skip
        assert rows["L2"].result == ""
        assert row == watched.get(COUNTED, "c-1/mask/L1")
        assert watched.get(SLIP, "c-1").state == "OPEN"
        watched.add(CountClosed(slip="c-1", lots=2, variances=0, **HERE))
        assert watched.get(SLIP, "c-1").state == "CLOSED"


# --- requests ------------------------------------------------------------------------

Q = f"{COMMUNITY_11.code}-q-1"


def want(quantity, item=MASK):
    """Return a line of a request."""
    return Wanted(item, quantity)


ASKS = RequestMade(
    request=Q, area=COMMUNITY_11.code, squad="", lines=(want(30), want(4, WATER)),
    priority=2, to=COMMUNITY_11.code, needed_by_us=SOON, by="bo",
)  # fmt: skip
GRANTED = RequestTriaged(request=Q, station=NORTH, priority=1, lines=(want(20),))


def allocated(kept, short=0):
    """Return that goods are kept for it."""
    return GoodsAllocated(
        request=Q, station=NORTH, lines=(want(kept),),
        short=(want(short),) if short else (),
    )  # fmt: skip


def left(quantity, slip="i-1", kept=0):
    """Return that goods left for it."""
    return RequestDispatched(
        request=Q, slip=slip, lines=(want(quantity),), by="gave",
        kept=(want(kept),) if kept else (),
    )  # fmt: skip


def brought(slip="i-1"):
    """Return that a slip was brought."""
    return RequestDelivered(request=Q, slip=slip, proof="7731", by="li")


def thanked(slip="i-1"):
    """Return that whoever asked has it."""
    return DeliveryConfirmed(request=Q, slip=slip, by="bo")


FREED = released(5, name=Q, cause="count")
REQUESTED = [
    # id, facts, state, reserved, dispatched
    ("asked", [], "ASKED", "{}", "{}"),
    ("granted", [GRANTED], "TRIAGED", "{}", "{}"),
    ("kept", [GRANTED, allocated(20)], "ALLOCATED", '{"mask":20}', "{}"),
    ("kept in part", [GRANTED, allocated(15, 5)], "PART", '{"mask":15}', "{}"),
    ("the rest too", [GRANTED, allocated(15, 5), allocated(5)], "ALLOCATED",
     '{"mask":20}', "{}"),
    ("some lost by a count", [GRANTED, allocated(20), FREED], "PART", '{"mask":15}',
     "{}"),
    ("what is used is said by itself", [GRANTED, allocated(20),
     released(20, name=Q, cause="used"), left(20)], "DISPATCHED", "{}", '{"mask":20}'),
    ("sent in part", [GRANTED, allocated(15, 5), left(15)], "PART", "{}",
     '{"mask":15}'),
    ("brought in part", [GRANTED, allocated(15, 5), left(15), brought()], "PART", "{}",
     '{"mask":15}'),
    ("of what is kept some has gone bad", [GRANTED, allocated(20), left(12, kept=5)],
     "PART", '{"mask":5}', '{"mask":12}'),
    ("sent twice", [GRANTED, allocated(20), left(12, kept=8)], "ALLOCATED",
     '{"mask":8}', '{"mask":12}'),
    ("called off, and brought", [GRANTED, allocated(20), left(12, kept=8),
     RequestWithdrawn(request=Q), brought()], "WITHDRAWN", "{}", '{"mask":12}'),
    ("sent", [GRANTED, allocated(20), left(20)], "DISPATCHED", "{}", '{"mask":20}'),
    ("brought", [GRANTED, allocated(20), left(20), brought()], "DELIVERED", "{}",
     '{"mask":20}'),
    ("one slip of two brought", [GRANTED, allocated(15, 5), left(15), allocated(5),
     left(5, "i-2"), brought()], "DISPATCHED", "{}", '{"mask":20}'),
    ("confirmed", [GRANTED, allocated(20), left(20), brought(), thanked()],
     "CONFIRMED", "{}", '{"mask":20}'),
    ("refused", [RequestRefused(request=Q)], "REFUSED", "{}", "{}"),
    ("withdrawn", [GRANTED, allocated(20), RequestWithdrawn(request=Q),
                   released(20, name=Q, cause="cancelled")], "WITHDRAWN", "{}", "{}"),
]  # fmt: skip


@pytest.mark.parametrize(("facts", "state", "kept", "gone"), [
    pytest.param(*cells, id=sentence) for sentence, *cells in REQUESTED
])  # fmt: skip
def test_what_facts_make_of_a_request(facts, state, kept, gone):
    """How far it is follows from what is kept, sent, brought and confirmed."""
    with watching(ASKS, *facts, views=(SLIPS,)) as watched:
        row = watched.get(REQUEST, Q)
        assert (row.state, row.reserved, row.dispatched) == (state, kept, gone)
        asked = GRANTED.lines if row.station else ASKS.lines
        assert [(w.item, w.quantity) for w in wanted_in(row.wanted)] == [
            (w.item, w.quantity) for w in asked
        ]
        assert row.priority == (1 if row.station else 2)
        assert (row.path, row.by, row.made_us) == (COMMUNITY_11.path, "bo", NOW)


def test_who_brought_and_who_confirmed_each_slip():
    """By slip, in whatever order they are said."""
    facts = [GRANTED, allocated(20), left(20), thanked(), brought()]
    with watching(ASKS, *facts, views=(SLIPS,)) as watched:
        row = watched.get(REQUEST, Q)
        assert deliveries_in(row.slips) == {"i-1": Delivery("7731", "li", "bo")}


def test_the_reason_of_a_refusal_stands_with_the_request():
    """In place of that of the request."""
    with watching(ASKS, views=(SLIPS,)) as watched:
        assert watched.get(REQUEST, Q).reason == "r"
        watched.add(RequestRefused(request=Q), reason="有")
        assert watched.get(REQUEST, Q).reason == "有"


def test_what_is_kept_for_others_is_no_request_s():
    """A reservation of another kind changes none."""
    facts = [ASKS, GRANTED, allocated(20), came(40), reserved(20), released(5)]
    with watching(*facts, views=(SLIPS,)) as watched:
        assert watched.get(REQUEST, Q).reserved == '{"mask":20}'


# --- at random -----------------------------------------------------------------------


@given(order=st.lists(st.integers(0, 40), min_size=5, max_size=15))
@settings(max_examples=10, deadline=None)
def test_what_is_left_is_what_was_sent_less_what_is_told(order):
    """At each position; what is rebuilt is what was kept."""
    with watching(ASKS, OPENED, TAKEN, SENT, views=(SLIPS,)) as watched:
        missing = {"L1": 30, "L2": 10}
        for number in order:
            lot = ("L1", "L2")[number % 2]
            gone = min(number // 2, missing[lot])
            if number % 7 == 0:
                watched.restart()
            if not gone:
                continue
            missing[lot] -= gone
            fact = closed(line(gone, lot)) if number % 3 else arrived(
                line(gone, lot), left=sum(missing.values()), complete=number % 5 == 0
            )  # fmt: skip
            watched.add(fact)
            row = watched.get(SLIP, "s-1")
            told = (*lines_in(row.arrived), *lines_in(row.closed))
            assert row.left == sum(missing.values())
            assert row.left == 40 - sum(one.quantity for one in told)
            assert (row.left == 0) == (row.state in {"ARRIVED", "CLOSED"})
        head = len(watched.ledger.stored)
        check_rebuilt(watched.ledger, watched.engine, (SLIPS,), head)
