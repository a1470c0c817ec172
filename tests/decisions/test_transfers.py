import msgspec
import pytest

from coordination.again import AlreadyRecorded
from coordination.checks import ReasonMissing
from coordination.stations.state import UnknownStation
from coordination.stock.ledger import LOST, SCRAP, SHELF, Line, Party
from coordination.stock.lines import (
    StockRefused,
    StockShort,
    UnknownCause,
    Wish,
)
from coordination.transfers.decide import (
    Arrive,
    BadExpectation,
    CancelTransfer,
    NotOrdered,
    SameStation,
    Ship,
    arrive,
    cancel,
    ship,
)
from coordination.transfers.events import (
    ShipmentLate,
    ShortfallClosed,
    TransferCancelled,
    TransferOrdered,
)
from coordination.transfers.shortfalls import (
    CloseShortfall,
    NotLate,
    OwnerNeeded,
    OwnShortfall,
    RecordLate,
    StillOnTheWay,
    close_shortfall,
    record_late,
)
from coordination.transfers.state import (
    MoreThanSent,
    Shipment,
    UnknownShipment,
    evolve_shipment,
    shipment_stream,
)
from tests.decisions.goods import (
    HE,
    LI,
    S1,
    S2,
    S3,
    STORE,
    XU,
    arrived,
    faults,
    freed,
    kept,
    line,
    loaded,
    moved,
    of_lots,
    sent,
    shelved,
    status,
    unloaded,
)
from tests.given import COMMUNITY_11, COMMUNITY_12, HOUR, NOW, check, fold, table

NOWHERE = f"{COMMUNITY_11.path}-s9"
HERE = [*STORE, *shelved("late", 50, 20), *shelved("soon", 50, 10)]


# --- 发运 -----------------------------------------------------------------------------


def ships(*lines, slip="s-1", **more):
    """Return a shipment; a line: (quantity, lot or none), of masks."""
    wishes = tuple(Wish("mask", *one) for one in lines)
    return Ship(**{"slip": slip, "station": S1, "to": S2, "lines": wishes, **more})


def ordered(*lines, slip="s-1", station=S1, to=S2):
    """Return an order; a line: (quantity, item)."""
    return TransferOrdered(
        slip=slip,
        station=station,
        to=to,
        lines=tuple(Line(item, "", quantity) for quantity, item in lines),
        reallocation="w-1",
    )


FOR_IT = Party("transfer", "s-1")


def put_aside(chosen, **where):
    """Return what is reserved for the order."""
    return kept("s-1", chosen, purpose=FOR_IT, **where)


ORDERED = [*HERE, ordered((30, "mask")), put_aside({"soon": 30})]
TWO = [*HERE, *shelved("t", 9, item="tent"), ordered((30, "mask"), (9, "tent")),
       put_aside({"soon": 30}), put_aside({"t": 9}, item="tent")]  # fmt: skip
CALLED_OFF = TransferCancelled(slip="s-1", station=S1)
GONE = sent("s-1", line("soon", 50))
ON_ITS_WAY = [*HERE, GONE, loaded("s-1", "soon", 50)]


@table(
    ("the first to expire first", HERE, ships((60,)),
     [sent("s-1", line("soon", 50), line("late", 10)), loaded("s-1", "soon", 50),
      loaded("s-1", "late", 10)]),
    ("a chosen lot", HERE, ships((5, "late"), reason="整箱"),
     [sent("s-1", line("late", 5)), loaded("s-1", "late", 5)]),
    ("expected at an hour", HERE, ships((1,), expected_us=NOW + 1),
     [sent("s-1", line("soon", 1), expected_us=NOW + 1), loaded("s-1", "soon", 1)]),
    ("as ordered, what was put aside", ORDERED, ships((30,)),
     [sent("s-1", line("soon", 30)), freed("s-1", {"soon": 30}, "used"),
      loaded("s-1", "soon", 30)]),
    ("less than ordered: the rest is free", ORDERED, ships((20,)),
     [sent("s-1", line("soon", 20)), freed("s-1", {"soon": 30}, "used"),
      loaded("s-1", "soon", 20), put_aside({"soon": 10}),
      freed("s-1", {"soon": 10})]),
    ("one item of two: the other is free", TWO, ships((30,)),
     [sent("s-1", line("soon", 30)), freed("s-1", {"soon": 30}, "used"),
      loaded("s-1", "soon", 30), freed("s-1", {"t": 9}, item="tent")]),
    ("ordered, and what was put aside is gone", [*ORDERED, freed("s-1", {"soon": 30}),
     status("soon", "damaged")], ships((30,)),
     [sent("s-1", line("late", 30)), loaded("s-1", "late", 30)]),
    ("more than ordered", ORDERED, ships((31,)), NotOrdered(slip="s-1")),
    ("more than ordered, in two lines", ORDERED, ships((20,), (20,)), NotOrdered),
    ("another item than ordered",
     [*HERE, ordered((9, "tent"))], ships((1,)), NotOrdered),
    ("from elsewhere than ordered", [*HERE, ordered((9, "mask"), station=S3)],
     ships((1,)), NotOrdered),
    ("to elsewhere than ordered", ORDERED, ships((1,), to=S3), NotOrdered),
    ("an order that was sent", [*ORDERED, sent("s-1", line("soon", 30))],
     ships((1,)), NotOrdered),
    ("an order that was called off", [*ORDERED, CALLED_OFF], ships((1,)),
     NotOrdered),
    ("one slip twice", ON_ITS_WAY, ships((1,)), NotOrdered),
    ("more than there is", HERE, ships((101,)),
     StockShort(item="mask", asked=101, available=100, why_zh="", why_en="")),
    ("what is kept for others", [*HERE, kept("v-1", {"soon": 50})], ships((51,)),
     StockShort),
    ("to where it is", HERE, ships((1,), to=S1), SameStation),
    ("to no station", HERE, ships((1,), to=NOWHERE), UnknownStation),
    ("from no station", HERE, ships((1,), station=NOWHERE), UnknownStation),
    ("expected now", HERE, ships((1,), expected_us=NOW), BadExpectation),
    ("nobody says why that lot", HERE, ships((5, "late")), ReasonMissing),
    ("nothing", HERE, ships(), StockRefused),
    ("all that was ordered, to where it was", TWO, ships(order="s-1", to=""),
     [sent("s-1", line("soon", 30), line("t", 9, "tent")),
      freed("s-1", {"soon": 30}, "used"), loaded("s-1", "soon", 30),
      freed("s-1", {"t": 9}, "used", item="tent"),
      loaded("s-1", "t", 9, item="tent")]),
    ("no such order", HERE, ships(order="s-9"), UnknownShipment(slip="s-9")),
    ("what nobody ordered", ON_ITS_WAY, ships(order="s-1"), NotOrdered),
    ("in packagings", [*STORE, *shelved("soon", 200)], ships(
     lines=(Wish("mask", 2, unit="盒"),)),
     [sent("s-1", line("soon", 100)), loaded("s-1", "soon", 100)]),
)  # fmt: skip
def test_a_shipment_leaves_its_station_and_is_on_the_way(given, when, then):
    """By whoever answers for it; as ordered, or as the keeper decides."""
    check(ship, given, when, then, who=LI)


def calls_off(slip="s-1", reason="改道"):
    """Return the end of an order."""
    return CancelTransfer(slip=slip, reason=reason)


@table(
    ("what was put aside is free", TWO, calls_off(),
     [CALLED_OFF, freed("s-1", {"soon": 30}, "cancelled"),
      freed("s-1", {"t": 9}, "cancelled", item="tent")]),
    ("nothing was put aside any more", [*HERE, ordered((9, "mask"))], calls_off(),
     [CALLED_OFF]),
    ("not twice", [*ORDERED, CALLED_OFF], calls_off(), NotOrdered(slip="s-1")),
    ("it was sent", [*ORDERED, sent("s-1", line("soon", 30))], calls_off(),
     NotOrdered),
    ("the keeper's own shipment", ON_ITS_WAY, calls_off(), NotOrdered),
    ("no such order", HERE, calls_off(), UnknownShipment(slip="s-1")),
    ("nobody says why", ORDERED, calls_off(reason=""), ReasonMissing),
)  # fmt: skip
def test_an_order_is_called_off_before_it_is_sent(given, when, then):
    """And what was reserved for it is free in the same decision."""
    check(cancel, given, when, then)


# --- 到货 -----------------------------------------------------------------------------


def comes(*lines, complete=True, slip="s-1", recorded=0):
    """Return what is unloaded."""
    return Arrive(slip=slip, lines=of_lots(lines), complete=complete, recorded=recorded)


PART = [*ON_ITS_WAY, arrived("s-1", 30, line("soon", 20), complete=False),
        unloaded("s-1", "soon", 20)]  # fmt: skip
MISSING = [*ON_ITS_WAY, arrived("s-1", 3, line("soon", 47)),
           unloaded("s-1", "soon", 47)]  # fmt: skip
ALL = [*MISSING, arrived("s-1", 0, line("soon", 3)), unloaded("s-1", "soon", 3)]


@table(
    ("all of it", ON_ITS_WAY, comes(line("soon", 50)),
     [arrived("s-1", 0, line("soon", 50)), unloaded("s-1", "soon", 50)]),
    ("shipped 50, received 47: 3 are open", ON_ITS_WAY, comes(line("soon", 47)),
     [arrived("s-1", 3, line("soon", 47)), unloaded("s-1", "soon", 47)]),
    ("a part, the rest is still on its way", ON_ITS_WAY,
     comes(line("soon", 20), complete=False),
     [arrived("s-1", 30, line("soon", 20), complete=False),
      unloaded("s-1", "soon", 20)]),
    ("the rest", PART, comes(line("soon", 10), line("soon", 20), recorded=20),
     [arrived("s-1", 0, line("soon", 10), line("soon", 20)),
      unloaded("s-1", "soon", 10), unloaded("s-1", "soon", 20)]),
    ("what was missing is found", MISSING, comes(line("soon", 2), recorded=47),
     [arrived("s-1", 1, line("soon", 2)), unloaded("s-1", "soon", 2)]),
    ("nothing was in it", ON_ITS_WAY, comes(), [arrived("s-1", 50)]),
    ("nothing of it yet", ON_ITS_WAY, comes(complete=False), StockRefused),
    ("more than was sent", ON_ITS_WAY, comes(line("soon", 51)),
     MoreThanSent(item="mask", lot="soon", left=50)),
    ("more, in two lines", ON_ITS_WAY, comes(line("soon", 26), line("soon", 25)),
     MoreThanSent),
    ("more than was missing", MISSING, comes(line("soon", 4), recorded=47),
     MoreThanSent(item="mask", lot="soon", left=3)),
    ("another lot", ON_ITS_WAY, comes(line("late", 1)),
     MoreThanSent(item="mask", lot="late", left=0)),
    ("less than one", ON_ITS_WAY, comes(line("soon", -1)), StockRefused),
    ("all of it is there", ALL, comes(line("soon", 1), recorded=50), UnknownShipment),
    ("a part somebody else has just recorded", PART, comes(line("soon", 20)),
     AlreadyRecorded(ago_zh="刚刚", ago_en="just now", account="li", quantity=20,
                     did_zh="登记到货", did_en="recorded the arrival of",
                     recorded=20, unit_zh="", unit_en="")),
    ("the same number again, knowingly", PART,
     comes(line("soon", 20), complete=False, recorded=20),
     [arrived("s-1", 10, line("soon", 20), complete=False),
      unloaded("s-1", "soon", 20)]),
    ("seen more than there is", ON_ITS_WAY, comes(line("soon", 20), recorded=5),
     AlreadyRecorded),
    ("ordered, not sent", ORDERED, comes(line("soon", 1)), UnknownShipment),
    ("no such shipment", HERE, comes(line("soon", 1)), UnknownShipment),
)  # fmt: skip
def test_what_arrives_is_on_the_shelf_and_what_does_not_is_somebody_s(
    given, when, then
):
    """Whoever sent it answers for what is missing; nothing is lost in silence."""
    check(arrive, given, when, then, who=HE)


# --- 差异 -----------------------------------------------------------------------------


def writes_off(*lines, cause="lost", owner="li", reason="查无下落", recorded=0):
    """Return that what is missing is accounted for."""
    return CloseShortfall(
        slip="s-1", cause=cause, owner=owner, lines=of_lots(lines), reason=reason,
        recorded=recorded,
    )  # fmt: skip


def closed(*lines, cause="lost", owner="li"):
    """Return that it is, without its movements."""
    return ShortfallClosed(
        slip="s-1", station=S2, cause=cause, owner=owner, lines=lines
    )


OF_TWO = [*HERE, sent("s-1", line("soon", 5), line("late", 5)),
          arrived("s-1", 10)]  # fmt: skip


@table(
    ("lost", MISSING, writes_off(line("soon", 3)),
     [closed(line("soon", 3)), unloaded("s-1", "soon", 3, to=LOST)]),
    ("damaged on the way", MISSING, writes_off(line("soon", 3), cause="damaged"),
     [closed(line("soon", 3), cause="damaged"),
      unloaded("s-1", "soon", 3, to=SCRAP)]),
    ("never loaded: back on the sender's shelf", MISSING,
     writes_off(line("soon", 3), cause="not-loaded"),
     [closed(line("soon", 3), cause="not-loaded"),
      unloaded("s-1", "soon", 3, station=S1)]),
    ("a part of it", MISSING, writes_off(line("soon", 1), owner="运输队"),
     [closed(line("soon", 1), owner="运输队"), unloaded("s-1", "soon", 1, to=LOST)]),
    ("of two lots", OF_TWO, writes_off(line("soon", 5), line("late", 1)),
     [closed(line("soon", 5), line("late", 1)), unloaded("s-1", "soon", 5, to=LOST),
      unloaded("s-1", "late", 1, to=LOST)]),
    ("more than is missing", MISSING, writes_off(line("soon", 4)),
     MoreThanSent(item="mask", lot="soon", left=3)),
    ("again", [*MISSING, closed(line("soon", 3))],
     writes_off(line("soon", 3), recorded=3),
     UnknownShipment(slip="s-1")),
    ("more than is left of it", [*MISSING, closed(line("soon", 1))],
     writes_off(line("soon", 3), recorded=1), MoreThanSent),
    ("all of it came later", ALL, writes_off(line("soon", 3)), UnknownShipment),
    ("it is still on the way", ON_ITS_WAY, writes_off(line("soon", 3)),
     StillOnTheWay(slip="s-1")),
    ("it came in part", PART, writes_off(line("soon", 3)), StillOnTheWay),
    ("no such shipment", HERE, writes_off(line("soon", 3)), UnknownShipment),
    ("for no cause there is", MISSING, writes_off(line("soon", 3), cause="magic"),
     UnknownCause(cause="magic")),
    ("nobody says why", MISSING, writes_off(line("soon", 3), reason=""),
     ReasonMissing),
    ("nobody answers for it", MISSING, writes_off(line("soon", 3), owner=""),
     OwnerNeeded),
    ("nothing", MISSING, writes_off(), StockRefused),
    ("less than one", MISSING, writes_off(line("soon", 0)), StockRefused),
)  # fmt: skip
def test_what_is_missing_is_closed_by_somebody_else_with_a_reason(given, when, then):
    """Lost, damaged or never loaded; until then it stays open."""
    check(close_shortfall, given, when, then, who=XU)


@pytest.mark.parametrize("who", [LI, HE])
def test_neither_who_sent_nor_who_unloaded_it_writes_it_off(who):
    """Also who unloaded only a part of it."""
    check(close_shortfall, MISSING, writes_off(line("soon", 3)), OwnShortfall, who=who)
    both = [*PART, arrived("s-1", 30, who=XU)]
    when = writes_off(line("soon", 30))
    check(close_shortfall, both, when, OwnShortfall, who=who)
    check(close_shortfall, both, when, OwnShortfall, who=XU)


def test_fifty_sent_forty_seven_there_three_open_until_closed():
    """The journey of three boxes: on the way, missing, somebody's, written off."""
    facts, left = list(HERE), []

    def does(decide, command, who):
        facts.extend(decide(fold(*facts, who=who), command, NOW))
        left.append(fold(*facts)(shipment_stream("s-1")).left)

    does(ship, ships((50,)), LI)
    does(arrive, comes(line("soon", 47)), HE)
    does(close_shortfall, writes_off(line("soon", 2), owner="he"), XU)
    known = fold(*facts)(shipment_stream("s-1"))
    assert known.missing == {("mask", "soon"): 1}
    assert (known.owner, known.complete) == ("he", True)
    does(arrive, comes(line("soon", 1), recorded=47), HE)
    assert left == [50, 3, 1, 0]
    late = writes_off(line("soon", 1), recorded=2)
    check(close_shortfall, facts, late, UnknownShipment)


# --- 超时 -----------------------------------------------------------------------------

DUE = NOW + HOUR
EXPECTED = [*HERE, msgspec.structs.replace(GONE, expected_us=DUE)]
LATE = ShipmentLate(slip="s-1", station=S2, due_us=DUE)
TICK = RecordLate(slip="s-1")


@pytest.mark.parametrize(
    ("given", "moment", "then"),
    [
        pytest.param(EXPECTED, DUE, [LATE], id="when it should be there"),
        pytest.param(EXPECTED, DUE + HOUR, [LATE], id="seen an hour later"),
        pytest.param([*EXPECTED, arrived("s-1", 3, line("soon", 47), complete=False)],
                     DUE, [LATE], id="a part of it is there"),
        pytest.param(EXPECTED, DUE - 1, NotLate, id="a moment before"),
        pytest.param([*EXPECTED, LATE], DUE, NotLate, id="recorded already"),
        pytest.param([*EXPECTED, arrived("s-1", 0, line("soon", 50))], DUE, NotLate,
                     id="it is there"),
        pytest.param([*EXPECTED, arrived("s-1", 3, line("soon", 47))], DUE, NotLate,
                     id="nothing more is expected"),
        pytest.param(ON_ITS_WAY, DUE, NotLate, id="at no hour"),
        pytest.param(ORDERED, DUE, NotLate, id="not sent"),
        pytest.param(HERE, DUE, NotLate(slip="s-1"), id="no such shipment"),
    ],
)  # fmt: skip
def test_a_shipment_is_late_once(given, moment, then):
    """At the hour it was expected at, as far as it is not there."""
    check(record_late, given, TICK, then, now=moment)


def test_a_wrong_line_of_a_transfer_is_named():
    """Of a shipment, an arrival, a write-off."""
    hat = (Wish("mask", 1), Wish("hat", 1))
    assert faults(ship, HERE, ships(lines=hat)) == [(2, "item")]
    wrong = line("soon", 0)
    assert faults(arrive, ON_ITS_WAY, comes(wrong)) == [(1, "quantity")]
    off = writes_off(line("soon", 1), wrong)
    assert faults(close_shortfall, MISSING, off, who=XU) == [(2, "quantity")]


def test_a_shipment_is_late_and_known_by_its_stream():
    """What the facts fold to; commands wait for what they move."""
    known = fold(*EXPECTED, LATE)(shipment_stream("s-1"))
    assert known.late
    assert evolve_shipment(known, moved("soon", 1, "transit", SHELF)) == known
    assert evolve_shipment(known, ordered((1, "mask"))) == Shipment(
        ordered=ordered((1, "mask"))
    )
    assert ships((1,)).stream == f"stock/{S1}/mask"
    assert ships().stream == f"stock/{S1}/"
    assert comes().stream == calls_off().stream == TICK.stream == "slip/s-1"
    there = (COMMUNITY_12.path,)
    assert comes().places(fold(*MISSING)) == TICK.places(fold(*MISSING)) == there
    assert calls_off().places(fold(*ORDERED)) == (COMMUNITY_11.path,)
    assert writes_off().places(fold(*MISSING)) == there
    both = writes_off(cause="not-loaded").places(fold(*MISSING))
    assert both == (COMMUNITY_12.path, COMMUNITY_11.path)
    for command in (comes(), writes_off(), calls_off(), TICK):
        with pytest.raises(UnknownShipment):
            command.places(fold(*HERE))
    assert (TICK.ACTION, writes_off().ACTION) == ("deadline.record", "stock.settle")
