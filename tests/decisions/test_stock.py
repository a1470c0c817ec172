import pytest

from coordination.again import AlreadyRecorded
from coordination.checks import ReasonMissing
from coordination.items.events import Item, ItemListed, ItemWithdrawn
from coordination.kernel import id_of
from coordination.stations.events import DonationNumbered
from coordination.stations.state import UnknownStation
from coordination.stock.decide import (
    Issue,
    Release,
    Reserve,
    UnknownRecipient,
    UnknownReservation,
    issue,
    release,
    reserve,
)
from coordination.stock.events import (
    DocumentEntered,
    GoodsReceived,
    GoodsReturned,
    LotExpired,
)
from coordination.stock.ledger import (
    DONATION,
    OPENING,
    PURCHASE,
    REQUISITION,
    SCRAP,
    SHELF,
    USED,
    Party,
)
from coordination.stock.lines import (
    LINES_MAX,
    QUANTITY_MAX,
    LotShort,
    NotOut,
    StockRefused,
    StockShort,
    UnknownLot,
    Wish,
)
from coordination.stock.receipts import Delivered, Receive, UnknownSource, receive
from coordination.stock.returns import ReturnGoods, return_goods
from coordination.stock.shelf import PASSED_MAX, Shelf
from coordination.stock.slips import Slip, evolve_slip, slip_stream
from coordination.stock.state import (
    Held,
    Lot,
    Stock,
    evolve_lot,
    evolve_stock,
    stock_stream,
)
from tests.decisions.goods import (
    DAY,
    MASK,
    S1,
    S2,
    SOLD,
    SQUAD,
    STORE,
    faults,
    freed,
    gone,
    issued,
    kept,
    line,
    lot,
    moved,
    of_lots,
    picks,
    shelved,
    status,
)
from tests.given import (
    COMMUNITY_11,
    FLOOD_PLAN,
    NOW,
    check,
    declared,
    ended,
    fold,
    table,
)

GIVER, TAKER = Party(DONATION, "某某公司"), Party(REQUISITION, "某某酒店")
THERE = Party(OPENING, "2024")
LONG_NAME = Party(PURCHASE, "字" * 81)
WAR = [FLOOD_PLAN, declared("e1", COMMUNITY_11)]


# --- 入库 -----------------------------------------------------------------------------


def brings(*lines, source=SOLD, station=S1, emergency="", document="", **more):
    """Return what comes in; a line: (lot, quantity, days to its expiry)."""
    return Receive(
        slip="r-1",
        station=station,
        source=source,
        document=document,
        emergency=emergency,
        **more,
        lines=tuple(
            one if isinstance(one, Delivered) else delivered(*one) for one in lines
        ),
    )


def delivered(name, quantity, days=0, item="mask", **more):
    """Return a line of what comes in."""
    expires_us = NOW + days * DAY if days else 0
    return Delivered(item, quantity, name, expires_us=expires_us, **more)


def entered(name, quantity):
    """Return that a lot came by delivery note 88."""
    digest = id_of("d", "purchase:送货单88")
    lines = (line(name, quantity),)
    return DocumentEntered(station=S1, digest=digest, slip="r-1", lines=lines)


def expired(name, days):
    """Return that a lot was noted as expired so many days from now."""
    at = NOW + days * DAY
    return LotExpired(station=S1, item="mask", lot=name, expires_us=at)


def received(*lines, source=SOLD, number=0, emergency="", document=""):
    """Return a receipt without its movements."""
    return GoodsReceived(
        slip="r-1",
        station=S1,
        source=source,
        document=document,
        lines=lines,
        number=number,
        emergency=emergency,
    )


NUMBERED = [DonationNumbered(station=S1, number=n, slip=f"r-0{n}") for n in (1, 2)]
RICE = ItemListed(item=Item(code="rice", name="米", en="Rice", category="food",
                            unit="袋", shelf_days=10))  # fmt: skip
SECOND = id_of("l", "c:2")
FIRST = DonationNumbered(station=S1, number=1, slip="r-1")
THIRD = DonationNumbered(station=S1, number=3, slip="r-1")


@table(
    ("bought, of a lot without expiry", STORE, brings(("a", 80)),
     [lot("a"), received(line("a", 80)), moved("a", 80)]),
    ("its alert begins thirty days before", STORE, brings(("a", 80, 90)),
     [lot("a", 90, alert=60), received(line("a", 80)), moved("a", 80)]),
    ("nobody is told of an item without an alert", STORE,
     brings(delivered("a", 8, 90, "tent")),
     [lot("a", 90, "tent"), received(line("a", 8, "tent")),
      moved("a", 8, item="tent")]),
    ("more of a lot that is known", [*STORE, *shelved("a", 80, 90)],
     brings(("a", 20, 90)), [received(line("a", 20)), moved("a", 20)]),
    ("one lot in two lines", STORE, brings(("a", 1), ("a", 2)),
     [lot("a"), received(line("a", 1), line("a", 2)), moved("a", 1),
      moved("a", 2)]),
    ("two lots, two items", STORE, brings(("a", 1), delivered("b", 2, 0, "tent")),
     [lot("a"), lot("b", item="tent"),
      received(line("a", 1), line("b", 2, "tent")), moved("a", 1),
      moved("b", 2, item="tent")]),
    ("there from the beginning", STORE, brings(("a", 1), source=THERE),
     [lot("a", source=THERE), received(line("a", 1), source=THERE),
      moved("a", 1, OPENING)]),
    ("given: the first receipt of this station", STORE,
     brings(("a", 1), source=GIVER),
     [lot("a", source=GIVER), received(line("a", 1), source=GIVER, number=1), FIRST,
      moved("a", 1, DONATION)]),
    ("given: the third", [*STORE, *NUMBERED], brings(("a", 1), source=GIVER),
     [lot("a", source=GIVER), received(line("a", 1), source=GIVER, number=3), THIRD,
      moved("a", 1, DONATION)]),
    ("requisitioned for an emergency", [*STORE, *WAR],
     brings(("a", 1), source=TAKER, emergency="e1"),
     [lot("a", source=TAKER), received(line("a", 1), source=TAKER, emergency="e1"),
      moved("a", 1, REQUISITION)]),
    ("the most there can be", STORE, brings(("a", QUANTITY_MAX)),
     [lot("a"), received(line("a", QUANTITY_MAX)), moved("a", QUANTITY_MAX)]),
    ("in packagings", STORE, brings(delivered("a", 2, unit="箱")),
     [lot("a"), received(line("a", 4_000)), moved("a", 4_000)]),
    ("of no lot: a new one, by the command and the line", STORE,
     brings(("a", 1), ("", 2)),
     [lot("a"), lot(SECOND), received(line("a", 1), line(SECOND, 2)),
      moved("a", 1), moved(SECOND, 2)]),
    ("good for its shelf life, the day it was made the first", [*STORE, RICE],
     brings(delivered("a", 1, item="rice", made_us=NOW - DAY)),
     [lot("a", 9, "rice", made_us=NOW - DAY), received(line("a", 1, "rice")),
      moved("a", 1, item="rice")]),
    ("more of a lot registered with another last day", [
        *STORE, RICE, lot("a", 10, "rice", made_us=NOW - DAY)],
     brings(delivered("a", 1, item="rice", made_us=NOW - DAY)),
     [received(line("a", 1, "rice")), moved("a", 1, item="rice")]),
    ("opening stock that has expired lies there all the same", STORE,
     brings(delivered("a", 4, -1), source=THERE),
     [lot("a", -1, source=THERE, alert=-31), received(line("a", 4), source=THERE),
      moved("a", 4, OPENING), expired("a", -1)]),
    ("by a document", STORE, brings(("a", 1), document="送货单 88"),
     [lot("a"), entered("a", 1), received(line("a", 1), document="送货单 88"),
      moved("a", 1)]),
    ("by the same one, however it is written", [*STORE, entered("a", 1)],
     brings(("a", 1), document="送货单８８"),
     AlreadyRecorded(ago_zh="刚刚", ago_en="just now", account="li", quantity=1,
                     did_zh="凭“送货单８８”登记入库", did_en="received by “送货单８８”",
                     recorded=1, unit_zh=" 次", unit_en=" times")),
    ("the second load of it", [*STORE, lot("a"), entered("a", 1)],
     brings(("a", 1), document="送货单 88", recorded=1),
     [entered("a", 1), received(line("a", 1), document="送货单 88"), moved("a", 1)]),
    ("no station", STORE, brings(("a", 1), station="310117001001-s9"),
     UnknownStation(station="310117001001-s9")),
    ("from nowhere", STORE, brings(("a", 1), source=Party("heaven", "x")),
     UnknownSource),
    ("from nobody", STORE, brings(("a", 1), source=Party(PURCHASE, "")),
     UnknownSource),
    ("from too long a name", STORE, brings(("a", 1), source=LONG_NAME),
     UnknownSource),
    ("requisitioned for nothing", STORE, brings(("a", 1), source=TAKER),
     UnknownSource),
    ("requisitioned for no emergency there is", STORE,
     brings(("a", 1), source=TAKER, emergency="e1"), UnknownSource),
    ("bought for an emergency", [*STORE, *WAR], brings(("a", 1), emergency="e1"),
     UnknownSource),
    ("nothing", STORE, brings(), StockRefused),
)  # fmt: skip
def test_what_comes_in_stands_on_the_shelf_by_lot(given, when, then):
    """One slip, a movement for each line, a lot registered once."""
    check(receive, given, when, then)


KNOWN = [*STORE, lot("a", 90, batch="B7", made_us=5)]
SAME = delivered("a", 1, 90, batch="B7", made_us=5)
GIVEN = [*STORE, lot("a", source=GIVER)]


@pytest.mark.parametrize(
    ("given", "when", "then"),
    [
        pytest.param(STORE, brings(delivered("a", 1, 0, "hat")), [(1, "item")],
                     id="not in the catalogue"),
        pytest.param([*STORE, ItemWithdrawn(code="mask")], brings(("a", 1)),
                     [(1, "item")], id="withdrawn"),
        pytest.param(STORE, brings(("a", 0), ("b", QUANTITY_MAX + 1), ("c", -1)),
                     [(1, "quantity"), (2, "quantity"), (3, "quantity")],
                     id="no quantity"),
        pytest.param(STORE, brings(*[("a", 1)] * (LINES_MAX + 1)), [(0, "lines")],
                     id="too many lines"),
        pytest.param(STORE, brings(("a", 1), delivered("b", 1, unit="桶")),
                     [(2, "unit")], id="not packed so"),
        pytest.param(STORE, brings(delivered("a", 1, -1)), [(1, "expires")],
                     id="expired"),
        pytest.param(STORE, brings(Delivered("mask", 1, "a", expires_us=NOW)),
                     [(1, "expires")], id="expired this moment"),
        pytest.param(STORE, brings(delivered("a", 1, made_us=NOW + 1)),
                     [(1, "made")], id="made tomorrow"),
        pytest.param(STORE, brings(delivered("a", 1, made_us=-1)), [(1, "made")],
                     id="made before time"),
        pytest.param(STORE, brings(Delivered("mask", 1, "a", "", NOW, NOW)),
                     [(1, "expires"), (1, "made")], id="expired when made"),
        pytest.param(KNOWN, brings(SAME, delivered("a", 1, 90, made_us=5)),
                     [(2, "lot")], id="of another batch"),
        pytest.param(KNOWN, brings(delivered("a", 1, 91, batch="B7", made_us=5)),
                     [(1, "lot")], id="with another expiry"),
        pytest.param(STORE, brings(("a", 1, 90), ("a", 1, 91)), [(2, "lot")],
                     id="a new lot described in two ways"),
        pytest.param(KNOWN, brings(SAME, source=THERE), [(1, "lot")],
                     id="known from elsewhere"),
        pytest.param(GIVEN, brings(("a", 1), source=GIVER), [(1, "lot")],
                     id="another gift under one lot"),
    ],
)  # fmt: skip
def test_a_wrong_line_that_comes_in_refuses_the_slip(given, when, then):
    """Every fault is told by line and field."""
    assert faults(receive, given, when) == then


# --- 预留 -----------------------------------------------------------------------------

GOOD = shelved("good", 80, 10)
EXPIRED = [lot("old", -1), moved("old", 40)]
SHORT = [*STORE, *GOOD, *EXPIRED]
BOTH = [*STORE, *shelved("late", 50, 20), *shelved("soon", 50, 10)]
NEVER = [*STORE, *shelved("never", 50), *shelved("soon", 50, 10)]
THREE = [*BOTH, *shelved("last", 50, 30)]


def asks(*lines, reservation="v-1", purpose=SQUAD, **more):
    """Return a reservation; a line: (item, quantity, lot or none)."""
    wishes = tuple(Wish(*one) for one in lines)
    more = {"station": S1, "lines": wishes, **more}
    return Reserve(reservation=reservation, purpose=purpose, **more)


WHY = {"why_zh": "（old 40 过期）", "why_en": " (old 40 Expired)"}
BY_REQUEST = Party("request", "q-1")


@table(
    ("what there is", [*STORE, *GOOD], asks(("mask", 30)), [kept("v-1", {"good": 30})]),
    ("100 of 80 good and 40 expired: 80, and why", SHORT, asks(("mask", 100)),
     [kept("v-1", {"good": 80}, 100, ("old", 40, "expired"))]),
    ("the first to expire first", BOTH, asks(("mask", 60)),
     [kept("v-1", {"soon": 50, "late": 10})]),
    ("what never expires last", NEVER, asks(("mask", 60)),
     [kept("v-1", {"soon": 50, "never": 10})]),
    ("of two alike, the first to come",
     [*STORE, *shelved("b", 5, 9), *shelved("a", 5, 9)], asks(("mask", 6)),
     [kept("v-1", {"b": 5, "a": 1})]),
    ("what is kept for others is passed over", [*BOTH, kept("v-0", {"soon": 30})],
     asks(("mask", 60)),
     [kept("v-1", {"soon": 20, "late": 40}, 60, ("soon", 30, "reserved"))]),
    ("what is kept of a lot that is not needed is not", [*BOTH,
     kept("v-0", {"late": 30})], asks(("mask", 50)), [kept("v-1", {"soon": 50})]),
    ("what is on hold, quarantined or damaged",
     [*THREE, status("soon", "on-hold"), status("late", "damaged")],
     asks(("mask", 5)),
     [kept("v-1", {"last": 5}, 5, ("soon", 50, "on-hold"),
           ("late", 50, "damaged"))]),
    ("recalled everywhere, whatever it is here",
     [*BOTH, status("soon", "recalled", station=""), status("soon", "on-hold")],
     asks(("mask", 5)), [kept("v-1", {"late": 5}, 5, ("soon", 50, "recalled"))]),
    ("of a chosen lot", BOTH, asks(("mask", 5, "late")),
     [kept("v-1", {"late": 5}, 5, ("soon", 50, "chosen"))]),
    ("of two items, one is short",
     [*STORE, *GOOD], asks(("mask", 5), ("tent", 5)), [kept("v-1", {"good": 5})]),
    ("of two items, the first is short",
     [*STORE, *shelved("t", 5, item="tent")], asks(("mask", 5), ("tent", 9)),
     [kept("v-1", {"t": 5}, 9, item="tent")]),
    ("another item later under the same id",
     [*STORE, *GOOD, kept("v-1", {"t": 1}, item="tent")], asks(("mask", 1)),
     [kept("v-1", {"good": 1})]),
    ("in packagings", [*STORE, *GOOD], asks(lines=(Wish("mask", 1, unit="盒"),)),
     [kept("v-1", {"good": 50})]),
    ("all or nothing: all", [*STORE, *GOOD], asks(("mask", 80), whole=True),
     [kept("v-1", {"good": 80})]),
    ("all or nothing: nothing", SHORT, asks(("mask", 100), whole=True),
     StockShort(item="mask", available=80, asked=100, **WHY)),
    ("all of two items or nothing", [*STORE, *GOOD],
     asks(("mask", 5), ("tent", 5), whole=True),
     StockShort(item="tent", available=0, asked=5, why_zh="", why_en="")),
    ("only expired ones", [*STORE, *EXPIRED], asks(("mask", 1)),
     StockShort(item="mask", available=0, asked=1, **WHY)),
    ("nothing at all: the first item is named", STORE,
     asks(("tent", 1), ("mask", 2)),
     StockShort(item="tent", available=0, asked=1, why_zh="", why_en="")),
    ("no station", STORE, asks(("mask", 1), station=f"{COMMUNITY_11.path}-s9"),
     UnknownStation),
    ("for nobody", SHORT, asks(("mask", 1), purpose=Party("squad", "")),
     UnknownRecipient),
    ("for somebody unheard of", SHORT, asks(("mask", 1), purpose=Party("king", "x")),
     UnknownRecipient),
    ("nothing", SHORT, asks(), StockRefused),
)  # fmt: skip
def test_stock_is_reserved_as_far_as_it_goes(given, when, then):
    """The first to expire first; what is short is said with its reason."""
    check(reserve, given, when, then)


@pytest.mark.parametrize(
    ("given", "when", "then"),
    [
        pytest.param(SHORT, asks(("mask", 1), ("mask", 1)), [(2, "item")],
                     id="an item twice"),
        pytest.param([*SHORT, kept("v-1", {"good": 1})], asks(("mask", 1)),
                     [(1, "item")], id="an id twice"),
        pytest.param(SHORT, asks(("hat", 1), ("mask", 0)),
                     [(1, "item"), (2, "quantity")], id="neither item nor quantity"),
    ],
)  # fmt: skip
def test_a_wrong_line_of_a_reservation_refuses_it(given, when, then):
    """By line and field."""
    assert faults(reserve, given, when) == then


HELD = [*BOTH, kept("v-1", {"soon": 30, "late": 5})]
TENTS = [*shelved("t", 5, item="tent"), kept("v-1", {"t": 2}, item="tent")]


def releases(*items, reservation="v-1"):
    """Return a release."""
    return Release(station=S1, reservation=reservation, items=items)


@table(
    ("all of an item", HELD, releases("mask"),
     [freed("v-1", {"soon": 30, "late": 5})]),
    ("of an item named twice", HELD, releases("mask", "mask"),
     [freed("v-1", {"soon": 30, "late": 5})]),
    ("of two items", [*HELD, *TENTS], releases("mask", "tent"),
     [freed("v-1", {"soon": 30, "late": 5}), freed("v-1", {"t": 2}, item="tent")]),
    ("one of them is not reserved", HELD, releases("mask", "tent"),
     UnknownReservation(reservation="v-1")),
    ("another's", HELD, releases("mask", reservation="v-2"), UnknownReservation),
    ("released already", [*HELD, freed("v-1", {"soon": 30, "late": 5})],
     releases("mask"), UnknownReservation),
    ("nothing", HELD, releases(), UnknownReservation),
)  # fmt: skip
def test_what_is_reserved_is_free_again(given, when, then):
    """All of it, item by item, once."""
    check(release, given, when, then)


# --- 出库 -----------------------------------------------------------------------------


def gives(*lines, **more):
    """Return an issue; a line: (item, quantity, lot or none)."""
    wishes = tuple(Wish(*one) for one in lines)
    return Issue(**{"slip": "i-1", "station": S1, "to": SQUAD, "lines": wishes, **more})


CHOSEN = {"reason": "当场开箱"}
OWN = {"reservation": "v-1"}
SET_ASIDE = [*STORE, *shelved("late", 50, 20), kept("v-1", {"late": 30}),
             *shelved("soon", 50, 10)]  # fmt: skip
TWO_KEPT = [*HELD, kept("v-2", {"soon": 20, "late": 45})]
MANY = [f for n in range(PASSED_MAX + 5) for f in (
    *shelved(f"b{n:02}", 1, n + 1), status(f"b{n:02}", "on-hold"))]  # fmt: skip


@table(
    ("the first to expire first", BOTH, gives(("mask", 60)),
     [issued("i-1", line("soon", 50), line("late", 10)), gone("i-1", "soon", 50),
      gone("i-1", "late", 10)]),
    ("the last box", [*STORE, *shelved("a", 1)], gives(("mask", 1)),
     [issued("i-1", line("a", 1)), gone("i-1", "a", 1)]),
    ("the last box twice", [*STORE, *shelved("a", 1), gone("i-0", "a", 1)],
     gives(("mask", 1)),
     StockShort(item="mask", available=0, asked=1, why_zh="", why_en="")),
    ("past what expired, and why", SHORT, gives(("mask", 80)),
     [issued("i-1", line("good", 80), passed=[("old", 40, "expired")]),
      gone("i-1", "good", 80)]),
    ("what is kept for others stays", HELD, gives(("mask", 30)),
     [issued("i-1", line("soon", 20), line("late", 10),
             passed=[("soon", 30, "reserved")]),
      gone("i-1", "soon", 20), gone("i-1", "late", 10)]),
    ("and is not given away", HELD, gives(("mask", 66)),
     StockShort(item="mask", available=65, asked=66,
                why_zh="（soon 30 已为他人预留、late 5 已为他人预留）",
                why_en=" (soon 30 Kept for others, late 5 Kept for others)")),
    ("two items", [*BOTH, *TENTS[:2]], gives(("mask", 1), ("tent", 5)),
     [issued("i-1", line("soon", 1), line("t", 5, "tent")), gone("i-1", "soon", 1),
      gone("i-1", "t", 5, item="tent")]),
    ("one item in two lines", BOTH, gives(("mask", 40), ("mask", 40)),
     [issued("i-1", line("soon", 40), line("soon", 10), line("late", 30)),
      gone("i-1", "soon", 40), gone("i-1", "soon", 10), gone("i-1", "late", 30)]),
    ("of two items one is short, so none is given", [*BOTH, *TENTS[:2]],
     gives(("mask", 1), ("tent", 6)),
     StockShort(item="tent", available=5, asked=6, why_zh="", why_en="")),
    ("or what there is", [*BOTH, *TENTS[:2]],
     gives(("hat", 9), ("tent", 6), whole=False), StockRefused),
    ("as much as there is", [*BOTH, *TENTS[:2]],
     gives(("mask", 101), ("tent", 6), whole=False),
     [issued("i-1", line("soon", 50), line("late", 50), line("t", 5, "tent")),
      gone("i-1", "soon", 50), gone("i-1", "late", 50),
      gone("i-1", "t", 5, item="tent")]),
    ("as much as there is, of one item nothing", BOTH,
     gives(("tent", 6), ("mask", 1), whole=False),
     [issued("i-1", line("soon", 1)), gone("i-1", "soon", 1)]),
    ("as much as there is is nothing", [*STORE, *EXPIRED],
     gives(("mask", 1), ("tent", 1), whole=False),
     StockShort(item="mask", available=0, asked=1, **WHY)),
    ("a chosen lot", BOTH, gives(("mask", 5, "late"), **CHOSEN),
     [issued("i-1", line("late", 5), passed=[("soon", 50, "chosen")]),
      gone("i-1", "late", 5)]),
    ("a chosen lot that would be the first anyway", BOTH,
     gives(("mask", 5, "soon"), **CHOSEN),
     [issued("i-1", line("soon", 5)), gone("i-1", "soon", 5)]),
    ("a chosen lot is not so much", BOTH, gives(("mask", 51, "late"), **CHOSEN),
     LotShort(item="mask", lot="late", available=50, asked=51, why_zh="", why_en="")),
    ("a chosen lot that is bad", SHORT, gives(("mask", 5, "old"), **CHOSEN),
     LotShort),
    ("a chosen lot that is not there", BOTH, gives(("mask", 5, "x"), **CHOSEN),
     UnknownLot(lot="x")),
    ("a chosen lot that is kept for others", HELD,
     gives(("mask", 50, "soon"), **CHOSEN),
     LotShort(item="mask", lot="soon", available=20, asked=50,
              why_zh="（soon 30 已为他人预留）", why_en=" (soon 30 Kept for others)")),
    ("nobody says why that lot", BOTH, gives(("mask", 5, "late")), ReasonMissing),
    ("all of a reservation", HELD, gives(("mask", 35), **OWN),
     [issued("i-1", line("soon", 35), **OWN),
      freed("v-1", {"soon": 30, "late": 5}, "used"), gone("i-1", "soon", 35)]),
    ("a part of it: the rest stays kept", HELD, gives(("mask", 10), **OWN),
     [issued("i-1", line("soon", 10), **OWN),
      freed("v-1", {"soon": 30, "late": 5}, "used"), gone("i-1", "soon", 10),
      kept("v-1", {"soon": 25})]),
    ("more than it keeps", HELD, gives(("mask", 60), **OWN),
     [issued("i-1", line("soon", 50), line("late", 10), **OWN),
      freed("v-1", {"soon": 30, "late": 5}, "used"), gone("i-1", "soon", 50),
      gone("i-1", "late", 10)]),
    ("more than there is besides others'", TWO_KEPT, gives(("mask", 36), **OWN),
     StockShort),
    ("what was set aside comes first", SET_ASIDE, gives(("mask", 30), **OWN),
     [issued("i-1", line("late", 30), **OWN), freed("v-1", {"late": 30}, "used"),
      gone("i-1", "late", 30)]),
    ("what was set aside has gone bad", [*SET_ASIDE, status("late", "damaged")],
     gives(("mask", 30), **OWN),
     [issued("i-1", line("soon", 30), passed=[("late", 50, "damaged")], **OWN),
      freed("v-1", {"late": 30}, "used"), gone("i-1", "soon", 30)]),
    ("a part, the rest of it gone bad", [*SET_ASIDE, status("late", "damaged")],
     gives(("mask", 10), **OWN),
     [issued("i-1", line("soon", 10), passed=[("late", 50, "damaged")], **OWN),
      freed("v-1", {"late": 30}, "used"), gone("i-1", "soon", 10),
      kept("v-1", {"soon": 20})]),
    ("a part, and no good one is left for the rest",
     [*STORE, *shelved("a", 9, 5), *shelved("b", 2, 9), kept("v-1", {"a": 9}),
      status("a", "damaged")], gives(("mask", 2), **OWN),
     [issued("i-1", line("b", 2), passed=[("a", 9, "damaged")], **OWN),
      freed("v-1", {"a": 9}, "used"), gone("i-1", "b", 2)]),
    ("of two items one was reserved", [*HELD, *TENTS[:2]],
     gives(("tent", 1), ("mask", 35), **OWN),
     [issued("i-1", line("t", 1, "tent"), line("soon", 35), **OWN),
      gone("i-1", "t", 1, item="tent"),
      freed("v-1", {"soon": 30, "late": 5}, "used"), gone("i-1", "soon", 35)]),
    ("twenty lots passed over are enough to say", [*STORE, *MANY,
     *shelved("z", 1)], gives(("mask", 1)),
     [issued("i-1", line("z", 1),
             passed=[(f"b{n:02}", 1, "on-hold") for n in range(PASSED_MAX)]),
      gone("i-1", "z", 1)]),
    ("nothing is reserved under that id", BOTH, gives(("mask", 1), **OWN),
     UnknownReservation(reservation="v-1")),
    ("of that item", [*HELD, *TENTS[:2]], gives(("tent", 1), **OWN),
     UnknownReservation),
    ("no station", BOTH, gives(("mask", 1), station=f"{COMMUNITY_11.path}-s9"),
     UnknownStation),
    ("to nobody", BOTH, gives(("mask", 1), to=Party("person", "")),
     UnknownRecipient),
    ("to a supplier", BOTH, gives(("mask", 1), to=SOLD), UnknownRecipient),
    ("nothing", BOTH, gives(), StockRefused),
    ("what stands at another station", BOTH, gives(("mask", 1), station=S2),
     StockShort),
)  # fmt: skip
def test_stock_is_issued_the_first_to_expire_first(given, when, then):
    """All or nothing unless told; which lots were passed over stands on the slip."""
    check(issue, given, when, then)


@pytest.mark.parametrize("moment", [-1, 0])
def test_a_lot_is_good_until_it_expires(moment):
    """One microsecond before, and at that moment."""
    given, when = [*STORE, *shelved("a", 5, 10)], gives(("mask", 5))
    good = [issued("i-1", line("a", 5)), gone("i-1", "a", 5)]
    then = good if moment else StockShort
    check(issue, given, when, then, now=NOW + 10 * DAY + moment)


# --- 退回 -----------------------------------------------------------------------------

OUT = [*BOTH, issued("i-1", line("soon", 6), line("soon", 4)), gone("i-1", "soon", 10)]


def comes_back(*lines, good=True, slip="i-1", recorded=0):
    """Return goods that come back."""
    lines = of_lots(lines)
    return ReturnGoods(issue=slip, lines=lines, good=good, recorded=recorded)


def returned(*lines, good=True):
    """Return that they are back, without their movements."""
    return GoodsReturned(slip="i-1", station=S1, lines=lines, good=good)


def back(name, quantity, to=SHELF):
    """Return the movement of what comes back."""
    return moved(name, quantity, USED, to, slip="i-1")


@table(
    ("good ones go back to the shelf", OUT, comes_back(line("soon", 10)),
     [returned(line("soon", 10)), back("soon", 10)]),
    ("bad ones are scrapped at once", OUT, comes_back(line("soon", 3), good=False),
     [returned(line("soon", 3), good=False), back("soon", 3, SCRAP)]),
    ("the rest comes later", [*OUT, returned(line("soon", 7)), back("soon", 7)],
     comes_back(line("soon", 2), line("soon", 1), recorded=7),
     [returned(line("soon", 2), line("soon", 1)), back("soon", 2),
      back("soon", 1)]),
    ("more than is still out", [*OUT, returned(line("soon", 7)), back("soon", 7)],
     comes_back(line("soon", 4), recorded=7), NotOut(slip="i-1")),
    ("the same again, by somebody who did not see it", [
        *OUT, returned(line("soon", 7)), back("soon", 7)],
     comes_back(line("soon", 3)), AlreadyRecorded),
    ("more than is out, in two lines", OUT,
     comes_back(line("soon", 6), line("soon", 5)), NotOut),
    ("another lot", OUT, comes_back(line("late", 1)), NotOut),
    ("of no issue", OUT, comes_back(line("soon", 1), slip="i-9"), NotOut),
    ("of a receipt", [*STORE, lot("a"), received(line("a", 5)), moved("a", 5)],
     comes_back(line("a", 1), slip="r-1"), NotOut),
    ("nothing", OUT, comes_back(), StockRefused),
    ("less than one", OUT, comes_back(line("soon", 0)), StockRefused),
)  # fmt: skip
def test_what_was_issued_comes_back_to_where_it_was(given, when, then):
    """No more than went out, by lot."""
    check(return_goods, given, when, then)


def test_goods_come_back_where_they_were_given_out():
    """The issue knows its station; of none nothing comes back."""
    assert comes_back().places(fold(*OUT)) == (COMMUNITY_11.path,)
    with pytest.raises(NotOut):
        comes_back(slip="i-9").places(fold(*OUT))


# --- what the facts fold to -----------------------------------------------------------


def test_stock_folds_to_what_is_there_and_forgets_what_is_used_up():
    """Lots in the order they came; of one used up and good nothing is kept."""
    facts = [*HELD, gone("i-1", "late", 45), freed("v-1", {"late": 5}),
             gone("i-2", "late", 5)]  # fmt: skip
    stock = fold(*facts)(stock_stream(S1, "mask"))
    assert stock.lots == {"soon": Held(50, 30)}
    assert stock.reservations["v-1"].picks == {"soon": 30}
    assert stock.moves == 4
    bad = [*facts, status("soon", "damaged"), freed("v-1", {"soon": 30}),
           moved("soon", 50, SHELF, SCRAP)]  # fmt: skip
    stock = fold(*bad)(stock_stream(S1, "mask"))
    assert stock.lots == {"soon": Held(0, 0, "damaged")}
    assert not stock.reservations
    lost = moved("soon", 5, "transit", "lost")
    assert evolve_stock(stock, lost) == stock
    assert evolve_stock(stock, ItemListed(item=MASK)) == stock


def test_a_slip_folds_to_what_can_still_come_back():
    """Of an issue, less what came back; a correction names its item only."""
    facts = [*OUT, returned(line("soon", 3))]
    slip = fold(*facts)(slip_stream("i-1"))
    assert (slip.station, slip.party) == (S1, SQUAD)
    assert slip.left == {("mask", "soon"): 7}
    assert slip.items == {"mask"}
    nobody, unheard = Slip(), Lot()
    assert evolve_slip(nobody, returned(line("soon", 3))) == nobody
    assert evolve_slip(slip, gone("i-1", "soon", 1)) == slip
    assert evolve_lot(unheard, gone("i-1", "soon", 1)) == unheard


def test_nothing_leaves_a_shelf_that_is_not_there():
    """Rule 7 is asserted where the books are moved: what cannot be, not what may."""
    shelf = Shelf(fold(*HELD), S1, "mask", NOW, [])
    with pytest.raises(AssertionError, match="rule 7"):
        shelf.move("soon", 21, SHELF, USED, "i-1")
    with pytest.raises(AssertionError, match="rule 7"):
        shelf.reserve("v-2", SQUAD, 21, {"soon": 21})
    shelf.release("v-1", picks({"soon": 30}), cause="released")
    shelf.move("soon", 50, SHELF, USED, "i-1")
    assert shelf.available() == 45
    assert shelf.stock.lots == {"late": Held(50, 5)}


def test_a_shelf_s_levels_are_those_of_the_mode_in_force():
    """In peacetime the one, in an emergency the other, and back."""
    peace, war = (1, 2, 3), (4, 5, 6)
    stock = Stock(peace=peace, war=war)

    def levels(*facts):
        shelf = Shelf(fold(*facts), S1, "mask", NOW, [])
        shelf.stock = stock
        return shelf.levels()

    assert levels() == peace
    assert levels(*WAR) == war
    assert levels(*WAR, ended("e1")) == peace


@pytest.mark.parametrize(
    ("command", "stream"),
    [
        (brings(("a", 1)), f"stock/{S1}/mask"),
        (brings(("a", 1), source=GIVER), f"station/{S1}"),
        (brings(), f"station/{S1}"),
        (asks(("mask", 1)), f"stock/{S1}/mask"),
        (asks(), f"stock/{S1}/"),
        (releases("tent", "mask"), f"stock/{S1}/tent"),
        (releases(), f"stock/{S1}/"),
        (gives(("tent", 1)), f"stock/{S1}/tent"),
        (comes_back(line("a", 1)), "slip/i-1"),
    ],
)
def test_commands_about_one_item_wait_for_one_another(command, stream):
    """Its stream, and the place of the station."""
    assert command.stream == stream
    assert command.places(fold(*OUT)) == (COMMUNITY_11.path,)
    assert command.ACTION == "stock.keep"
