from typing import NamedTuple

import msgspec
import pytest

from coordination.again import AlreadyRecorded
from coordination.checks import ReasonMissing
from coordination.kernel import id_of
from coordination.reallocation.decide import (
    LEGS_MAX,
    ApproveReallocation,
    approve_reallocation,
)
from coordination.reallocation.events import Leg, ReallocationApproved
from coordination.requisitions.decide import (
    FEN_MAX,
    BadSum,
    Compensate,
    GiveBack,
    compensate,
    give_back,
)
from coordination.requisitions.events import GoodsGivenBack, OwnerCompensated
from coordination.requisitions.state import (
    Requisition,
    evolve_requisition,
    requisition_stream,
)
from coordination.stations.state import UnknownStation
from coordination.stock.events import GoodsReceived, LevelsSet
from coordination.stock.ledger import OWNER, REQUISITION, SHELF, Line, Party
from coordination.stock.lines import (
    QUANTITY_MAX,
    NotOut,
    NotThere,
    StockRefused,
)
from coordination.transfers.events import TransferOrdered
from tests.decisions.goods import (
    S1,
    S2,
    S3,
    STORE,
    faults,
    freed,
    gone,
    kept,
    line,
    lot,
    moved,
    of_lots,
    shelved,
    status,
)
from tests.given import (
    COMMUNITY_11,
    COMMUNITY_12,
    FLOOD_PLAN,
    SONGJIANG,
    STREET_1,
    check,
    declared,
    fold,
    table,
)

NOWHERE = f"{COMMUNITY_11.path}-s9"


class Transfer(NamedTuple):
    """A pair of stations; the slip is made from the command's id."""

    source: str
    to: str

    @property
    def slip(self):
        """The slip of the first transfer between them."""
        return id_of("t", f"c:{self.source}>{self.to}:0")


T12, T13, T21 = Transfer(S1, S2), Transfer(S1, S3), Transfer(S2, S1)


# --- 动态调配 -------------------------------------------------------------------------


def approves(*legs, area=SONGJIANG, reason="按建议"):
    """Return the approval of legs: (from, to, item, quantity)."""
    return ApproveReallocation(
        reallocation="w-1",
        area=area,
        digest="d",
        legs=tuple(Leg(*leg) for leg in legs),
        reason=reason,
    )


def approved(*legs, transfers):
    """Return that they are approved, each pair with its transfer."""
    return ReallocationApproved(
        reallocation="w-1",
        digest="d",
        legs=tuple(Leg(*leg) for leg in legs),
        transfers=tuple(each.slip for each in transfers),
    )


def ordered(slip, *lines):
    """Return the transfer order of a pair; a line: (item, quantity)."""
    return TransferOrdered(
        slip=slip.slip,
        station=slip.source,
        to=slip.to,
        lines=tuple(Line(item, "", quantity) for item, quantity in lines),
        reallocation="w-1",
    )


def put_aside(slip, chosen, *passed, **where):
    """Return what is reserved for a transfer."""
    party = Party("transfer", slip.slip)
    where = {"station": slip.source, "purpose": party, **where}
    return kept(slip.slip, chosen, 0, *passed, **where)


LEVELS = LevelsSet(station=S1, item="mask", peace=(20, 30, 40), war=(45, 50, 60))
HERE = [*STORE, LEVELS, *shelved("late", 30, 20), *shelved("soon", 30, 10)]
TENTS = [*shelved("t", 9, item="tent"), *shelved("u", 9, item="tent", station=S2)]
WAR = [FLOOD_PLAN, declared("e1", COMMUNITY_11)]
M40, M20 = (S1, S2, "mask", 40), (S1, S3, "mask", 20)


@table(
    ("one leg, the first to expire first", HERE, approves(M40),
     [approved(M40, transfers=(T12,)), ordered(T12, ("mask", 40)),
      put_aside(T12, {"soon": 30, "late": 10})]),
    ("two to different stations", HERE, approves(M20, (S1, S2, "mask", 20)),
     [approved(M20, (S1, S2, "mask", 20), transfers=(T13, T12)),
      ordered(T13, ("mask", 20)), ordered(T12, ("mask", 20)),
      put_aside(T13, {"soon": 20}),
      put_aside(T12, {"soon": 10, "late": 10}, ("soon", 20, "reserved"))]),
    ("two items between two stations are one transfer", [*HERE, *TENTS],
     approves(M40, (S2, S1, "tent", 9), (S1, S2, "tent", 1)),
     [approved(M40, (S2, S1, "tent", 9), (S1, S2, "tent", 1),
               transfers=(T12, T21)),
      ordered(T12, ("mask", 40), ("tent", 1)), ordered(T21, ("tent", 9)),
      put_aside(T12, {"soon": 30, "late": 10}),
      put_aside(T21, {"u": 9}, item="tent"), put_aside(T12, {"t": 1}, item="tent")]),
    ("within one street", HERE, approves(M40, area=STREET_1),
     [approved(M40, transfers=(T12,)), ordered(T12, ("mask", 40)),
      put_aside(T12, {"soon": 30, "late": 10})]),
    ("down to the minimum of the mode", [*HERE, *WAR],
     approves((S1, S2, "mask", 15)),
     [approved((S1, S2, "mask", 15), transfers=(T12,)),
      ordered(T12, ("mask", 15)), put_aside(T12, {"soon": 15})]),
    ("below the giver's minimum", HERE, approves((S1, S2, "mask", 41)),
     StockRefused),
    ("nobody says why", HERE, approves(M40, reason=""), ReasonMissing),
    ("nothing", HERE, approves(), StockRefused),
)  # fmt: skip
def test_a_reallocation_becomes_transfer_orders(given, when, then):
    """The goods are reserved where they are, in one decision."""
    check(approve_reallocation, given, when, then)


@pytest.mark.parametrize(
    ("given", "when", "then"),
    [
        pytest.param(HERE, approves((S1, S2, "mask", 41)), [(1, "quantity")],
                     id="below the minimum"),
        pytest.param([*HERE, *WAR], approves((S1, S2, "mask", 16)), [(1, "quantity")],
                     id="below the minimum of an emergency"),
        pytest.param(HERE, approves(M40, (S1, S3, "mask", 1)), [(2, "quantity")],
                     id="below the minimum together"),
        pytest.param([*HERE, status("soon", "on-hold")], approves((S1, S2, "mask", 11)),
                     [(1, "quantity")], id="of what is not good"),
        pytest.param([*HERE, kept("v-1", {"soon": 30})], approves((S1, S2, "mask", 11)),
                     [(1, "quantity")], id="of what is kept for others"),
        pytest.param([*HERE, kept("v-1", {"soon": 30, "late": 30})], approves(M40),
                     [(1, "quantity")], id="where nothing can be spared"),
        pytest.param(HERE, approves(M20, (S1, S3, "mask", 1)), [(2, "item")],
                     id="an item twice between two stations"),
        pytest.param(HERE, approves((S1, S1, "mask", 1)), [(1, "to")],
                     id="to itself"),
        pytest.param(HERE, approves((S1, S2, "hat", 1)), [(1, "item")],
                     id="not in the catalogue"),
        pytest.param(HERE, approves((S1, S2, "mask", 0), (S1, S3, "mask",
                     QUANTITY_MAX + 1)), [(1, "quantity"), (2, "quantity")],
                     id="no quantity"),
        pytest.param(HERE, approves((NOWHERE, S2, "mask", 1)),
                     [(1, "source")], id="from no station"),
        pytest.param(HERE, approves(M20, area=STREET_1), [(1, "to")],
                     id="out of the area"),
        pytest.param(HERE, approves(*[M40] * (LEGS_MAX + 1)), [(0, "legs")],
                     id="too many"),
        pytest.param(HERE, approves(), [(0, "legs")], id="none"),
    ],
)  # fmt: skip
def test_a_wrong_leg_refuses_the_whole_reallocation(given, when, then):
    """By leg and field; nothing is reserved."""
    assert faults(approve_reallocation, given, when) == then


# --- 征用 -----------------------------------------------------------------------------

TAKEN = Party(REQUISITION, "某某酒店")
RECEIVED = GoodsReceived(
    slip="r-1",
    station=S1,
    source=TAKEN,
    document="征用令",
    lines=(line("a", 20), line("a", 10), line("t", 2, "tent")),
    emergency="e1",
)
OUT = [*STORE, lot("a", source=TAKEN), lot("t", item="tent", source=TAKEN), RECEIVED,
       moved("a", 30, REQUISITION),
       moved("t", 2, REQUISITION, item="tent")]  # fmt: skip
BOUGHT = msgspec.structs.replace(RECEIVED, source=Party("purchase", "o-1"))
OF_NOBODY = [BOUGHT if fact == RECEIVED else fact for fact in OUT]


def gives_back(*lines, station=S1, slip="r-1", recorded=0):
    """Return what goes back to its owner."""
    lines = of_lots(lines)
    return GiveBack(slip=slip, station=station, lines=lines, recorded=recorded)


def given_back(*lines, station=S1):
    """Return that it did, without its movements."""
    return GoodsGivenBack(slip="r-1", station=station, lines=lines)


def back(name, quantity, **where):
    """Return the movement of what goes back."""
    return moved(name, quantity, SHELF, OWNER, slip="r-1", **where)


def paid(*lines, fen=5_000, document="发票 1"):
    """Return that an owner was paid."""
    return OwnerCompensated(
        slip="r-1", station=S1, lines=lines, fen=fen, document=document
    )


MOVED_ON = [*OUT, gone("s-1", "a", 10), moved("a", 10, "used", station=S2)]


@table(
    ("some of it", OUT, gives_back(line("a", 25)),
     [given_back(line("a", 25)), back("a", 25)]),
    ("all of it", OUT, gives_back(line("a", 30), line("t", 2, "tent")),
     [given_back(line("a", 30), line("t", 2, "tent")), back("a", 30),
      back("t", 2, item="tent")]),
    ("from where it was taken, unless it is said", OUT,
     gives_back(line("a", 1), station=""), [given_back(line("a", 1)), back("a", 1)]),
    ("from where it is now", MOVED_ON, gives_back(line("a", 10), station=S2),
     [given_back(line("a", 10), station=S2), back("a", 10, station=S2)]),
    ("though it is kept for somebody", [*OUT, kept("v-1", {"a": 30})],
     gives_back(line("a", 5)),
     [given_back(line("a", 5)), freed("v-1", {"a": 5}), back("a", 5)]),
    ("what was paid for is ours", [*OUT, paid(line("a", 30))],
     gives_back(line("a", 1), recorded=30), NotOut(slip="r-1")),
    ("more than was taken", OUT, gives_back(line("a", 31)), NotOut),
    ("more, in two lines", OUT, gives_back(line("a", 16), line("a", 15)), NotOut),
    ("more than is still out", [*OUT, given_back(line("a", 25)), back("a", 25)],
     gives_back(line("a", 6), recorded=25), NotOut),
    ("as much again, by somebody who did not see it", [
        *OUT, given_back(line("a", 5)), back("a", 5)], gives_back(line("a", 5)),
     AlreadyRecorded),
    ("another lot", OUT, gives_back(line("b", 1)), NotOut),
    ("of no requisition", OF_NOBODY, gives_back(line("a", 1)),
     NotOut),
    ("not so much is there", [*OUT, gone("i-1", "a", 20)], gives_back(line("a", 11)),
     NotThere(lot="a", on_hand=10)),
    ("nothing", OUT, gives_back(), StockRefused),
    ("less than one", OUT, gives_back(line("a", 0)), StockRefused),
    ("no station", OUT, gives_back(line("a", 1), station=NOWHERE), UnknownStation),
)  # fmt: skip
def test_requisitioned_goods_go_back_to_their_owner(given, when, then):
    """From the shelf they are on, once."""
    check(give_back, given, when, then)


def pays(*lines, fen=5_000, document="发票 1", slip="r-1", recorded=0):
    """Return what an owner is paid."""
    lines = of_lots(lines)
    said = {"fen": fen, "document": document, "recorded": recorded}
    return Compensate(slip=slip, lines=lines, **said)


@table(
    ("for what was used up", [*OUT, gone("i-1", "a", 30)], pays(line("a", 30)),
     [paid(line("a", 30))]),
    ("for what did not go back", [*OUT, given_back(line("a", 29))],
     pays(line("a", 1), line("t", 2, "tent"), fen=FEN_MAX, recorded=29),
     [paid(line("a", 1), line("t", 2, "tent"), fen=FEN_MAX)]),
    ("the owner waives it", OUT, pays(line("a", 1), fen=0),
     [paid(line("a", 1), fen=0)]),
    ("for more than is out", OUT, pays(line("a", 31)), NotOut(slip="r-1")),
    ("twice", [*OUT, paid(line("a", 30))], pays(line("a", 30)),
     AlreadyRecorded),
    ("for no requisition", OF_NOBODY, pays(line("a", 1)), NotOut),
    ("no such slip", OUT, pays(line("a", 1), slip="r-9"), NotOut(slip="r-9")),
    ("less than nothing", OUT, pays(line("a", 1), fen=-1), BadSum),
    ("too much", OUT, pays(line("a", 1), fen=FEN_MAX + 1), BadSum),
    ("without a document", OUT, pays(line("a", 1), document=""), BadSum),
    ("for nothing", OUT, pays(), StockRefused),
)  # fmt: skip
def test_an_owner_is_paid_for_what_does_not_go_back(given, when, then):
    """With a sum and a document, once."""
    check(compensate, given, when, then)


def test_a_requisition_is_open_until_all_of_it_is_back_or_paid_for():
    """What both leave is out; commands wait for their slip."""
    facts = [*OUT, given_back(line("a", 25)), paid(line("a", 3))]
    read = fold(*facts)
    known = read(requisition_stream("r-1"))
    assert known.left == {("mask", "a"): 2, ("tent", "t"): 2}
    assert evolve_requisition(Requisition(), BOUGHT) == Requisition()
    assert gives_back().stream == pays().stream == "slip/r-1"
    assert approves().stream == f"area/{SONGJIANG.code}"
    assert approves().places(fold()) == (SONGJIANG.path,)
    here = (COMMUNITY_11.path,)
    assert pays().places(read) == gives_back(station="").places(read) == here
    assert gives_back(station=S2).places(read) == (COMMUNITY_12.path,)
    with pytest.raises(NotOut):
        pays(slip="r-9").places(read)
    assert gives_back().ACTION == pays().ACTION == "requisition.settle"
