import dataclasses

import msgspec
import pytest

from coordination.checks import ReasonMissing
from coordination.stations.state import UnknownStation
from coordination.stock.decide import Issue, issue
from coordination.stock.events import (
    LotExpired,
    LotExpiring,
    SlipCorrected,
    StockAdjusted,
    StockScrapped,
)
from coordination.stock.ledger import (
    APPROVED,
    EXPIRED,
    QUARANTINED,
    RECALLED,
    SCRAP,
    SHELF,
    STATUSES,
    VARIANCE,
)
from coordination.stock.lines import (
    QUANTITY_MAX,
    NotThere,
    StockRefused,
    StockShort,
    UnknownCause,
    Wish,
)
from coordination.stock.lots import (
    LotHere,
    NoteExpiry,
    NothingDue,
    SetLotStatus,
    UnknownLot,
    UnknownStatus,
    note_expiry,
    set_lot_status,
)
from coordination.stock.slips import Slip, slip_stream
from coordination.stock.state import Held, Lot, lot_stream
from coordination.stock.writeoffs import (
    Adjust,
    NoChange,
    NothingToCorrect,
    Scrap,
    adjust,
    scrap,
)
from tests.decisions.goods import (
    DAY,
    S1,
    S2,
    S3,
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
    shelved,
    status,
)
from tests.given import COMMUNITY_11, NOW, check, fold, table

NOWHERE = f"{COMMUNITY_11.path}-s9"
HERE = [*STORE, *shelved("a", 50, 10), *shelved("b", 50, 20)]
ON_HOLD = [*HERE, status("a", "on-hold")]


# --- 状态 -----------------------------------------------------------------------------


def sets(now, name="a", *, station=S1, reason="外观异常"):
    """Return what a keeper finds a lot to be."""
    return SetLotStatus(
        station=station, item="mask", lot=name, status=now, reason=reason
    )


@table(
    ("on hold", HERE, sets("on-hold"), [status("a", "on-hold")]),
    ("damaged after that", ON_HOLD, sets("damaged"),
     [status("a", "damaged", "on-hold")]),
    ("found good again", ON_HOLD, sets(APPROVED), [status("a", APPROVED, "on-hold")]),
    ("though all of it is gone", [*ON_HOLD, moved("a", 50, SHELF, SCRAP)],
     sets(APPROVED), [status("a", APPROVED, "on-hold")]),
    ("it is that already", ON_HOLD, sets("on-hold"), UnknownStatus(status="on-hold")),
    ("good already", HERE, sets(APPROVED), UnknownStatus),
    ("no such status", HERE, sets("blue"), UnknownStatus),
    ("expired it becomes by itself", HERE, sets(EXPIRED), UnknownStatus),
    ("recalled is recalled everywhere", HERE, sets(RECALLED), UnknownStatus),
    ("no such lot there", HERE, sets("on-hold", "c"), UnknownLot(lot="c")),
    ("not at this station", HERE, sets("on-hold", station=S2), UnknownLot),
    ("no station", HERE, sets("on-hold", station=NOWHERE), UnknownStation),
    ("nobody says why", HERE, sets("on-hold", reason=""), ReasonMissing),
)  # fmt: skip
def test_a_lot_is_set_to_what_it_is_at_a_station(given, when, then):
    """By a keeper, for a reason; what is reserved of it stays reserved."""
    check(set_lot_status, given, when, then)


def recalls(now=RECALLED, name="a", reason="厂家召回"):
    """Return what a lot is everywhere."""
    return SetLotStatus(item="mask", lot=name, status=now, reason=reason)


BACK = [*HERE, status("a", RECALLED, station="")]


@table(
    ("recalled", HERE, recalls(), [status("a", RECALLED, station="")]),
    ("quarantined", HERE, recalls(QUARANTINED),
     [status("a", QUARANTINED, station="")]),
    ("cleared again", BACK, recalls(APPROVED),
     [status("a", APPROVED, RECALLED, station="")]),
    ("though none of it is anywhere", [*STORE, lot("a")], recalls(),
     [status("a", RECALLED, station="")]),
    ("recalled already", BACK, recalls(), UnknownStatus(status=RECALLED)),
    ("good already", HERE, recalls(APPROVED), UnknownStatus),
    ("damaged it is somewhere, not everywhere", HERE, recalls("damaged"),
     UnknownStatus),
    ("no such lot", HERE, recalls(name="c"), UnknownLot(lot="c")),
    ("nobody says why", HERE, recalls(reason=""), ReasonMissing),
)  # fmt: skip
def test_a_lot_is_recalled_by_one_fact(given, when, then):
    """Wherever it is, and cleared by one."""
    check(set_lot_status, given, when, then)


EVERYWHERE = [
    *STORE,
    lot("a", 10),
    *(moved("a", 50, station=s) for s in (S1, S2, S3)),
    kept("v-1", {"a": 5}),
]


@pytest.mark.parametrize("station", [S1, S2, S3])
@pytest.mark.parametrize("reservation", ["", "v-1"])
def test_a_recall_stops_issuing_at_every_station(station, reservation):
    """One fact in the lot's own stream, and its clearing starts it again."""
    if reservation and station != S1:
        reservation = ""
    when = Issue(
        slip="i-1", station=station, to=SQUAD, lines=(Wish("mask", 5),),
        reservation=reservation,
    )  # fmt: skip
    assert issue(fold(*EVERYWHERE), when, NOW)
    [fact] = set_lot_status(fold(*EVERYWHERE), recalls(), NOW)
    check(issue, [*EVERYWHERE, fact], when,
          StockShort(item="mask", asked=5, available=0, why_zh="（a 50 召回）",
                     why_en=" (a 50 Recalled)"))  # fmt: skip
    given = [*EVERYWHERE, fact]
    [cleared] = set_lot_status(fold(*given), recalls(APPROVED), NOW)
    assert issue(fold(*given, cleared), when, NOW)


@pytest.mark.parametrize("own", STATUSES)
@pytest.mark.parametrize("everywhere", ["approved", "quarantined", "recalled"])
@pytest.mark.parametrize("late", [False, True])
def test_what_a_lot_is_follows_from_the_gravest(own, everywhere, late):
    """What is said of it everywhere, then the clock, then the station."""
    facts = [*HERE, status("a", own), status("a", everywhere, station="")]
    read = fold(*facts)
    held = Issue(slip="i-1", station=S1, to=SQUAD, lines=(Wish("mask", 100),))
    then = everywhere if everywhere != APPROVED else EXPIRED if late else own
    now = NOW + 10 * DAY if late else NOW
    known = read(lot_stream("mask", "a"))
    assert known.status_at(Held(50, 0, own), now) == then
    if then == APPROVED:
        assert issue(read, held, now)
    else:
        with pytest.raises(StockShort) as caught:
            issue(read, held, now)
        assert caught.value.facts["available"] == 50


# --- 效期 -----------------------------------------------------------------------------

AGEING = [*STORE, lot("a", 10, alert=3), moved("a", 5), lot("b"), moved("b", 5)]
SOON = LotExpiring(
    station=S1, item="mask", lot="a", due_us=NOW + 3 * DAY, expires_us=NOW + 10 * DAY
)
OVER = LotExpired(station=S1, item="mask", lot="a", expires_us=NOW + 10 * DAY)


def notes(*lots):
    """Return what the tick found."""
    return NoteExpiry(station=S1, lots=tuple(LotHere("mask", name) for name in lots))


@pytest.mark.parametrize(
    ("given", "moment", "when", "then"),
    [
        pytest.param(AGEING, 3 * DAY, notes("a"), [SOON], id="its alert begins"),
        pytest.param(AGEING, 10 * DAY - 1, notes("a"), [SOON], id="the last moment"),
        pytest.param(AGEING, 10 * DAY, notes("a"), [OVER], id="it expires"),
        pytest.param([*AGEING, SOON], 99 * DAY, notes("a"), [OVER],
                     id="seen late, after the alert"),
        pytest.param([*AGEING, *shelved("c", 1, 10)], 10 * DAY, notes("b", "c", "a"),
                     [msgspec.structs.replace(OVER, lot="c"), OVER],
                     id="several, without what never does"),
        pytest.param(AGEING, 10 * DAY, notes("a", "a"), [OVER], id="named twice"),
        pytest.param(AGEING, 3 * DAY - 1, notes("a"), NothingDue, id="not yet"),
        pytest.param([*AGEING, SOON], 4 * DAY, notes("a"), NothingDue,
                     id="noted already"),
        pytest.param([*AGEING, OVER], 11 * DAY, notes("a"), NothingDue,
                     id="expired is noted already"),
        pytest.param([*AGEING, gone("i-1", "a", 5)], 11 * DAY, notes("a"), NothingDue,
                     id="it is used up"),
        pytest.param(AGEING, 11 * DAY, notes("x"), NothingDue, id="no such lot"),
        pytest.param([*STORE, moved("x", 5)], 11 * DAY, notes("x"), NothingDue,
                     id="a lot nobody registered"),
        pytest.param(shelved("c", 1, 10), 9 * DAY, notes("c"), NothingDue,
                     id="of a lot nobody is told of"),
        pytest.param(AGEING, 99 * DAY, notes(), NothingDue, id="nothing"),
    ],
)  # fmt: skip
def test_an_expiry_is_noted_once(given, moment, when, then):
    """The beginning of the alert and the end, at the station where stock is left."""
    check(note_expiry, given, when, then, now=NOW + moment)


# --- 报废 -----------------------------------------------------------------------------


def scraps(*lines, cause="damaged", reason="受潮", station=S1):
    """Return what is thrown away."""
    lines = of_lots(lines)
    return Scrap(slip="x-1", station=station, cause=cause, lines=lines, reason=reason)


def scrapped(*lines, cause="damaged"):
    """Return the slip of what was thrown away."""
    return StockScrapped(slip="x-1", station=S1, cause=cause, lines=lines)


def off(name, quantity, to=SCRAP, slip="x-1"):
    """Return the movement of what leaves the shelf for ever."""
    return moved(name, quantity, SHELF, to, slip=slip)


ALL_KEPT = [*HERE, kept("v-1", {"a": 20}), kept("v-2", {"a": 15, "b": 5}),
            kept("v-3", {"a": 15})]  # fmt: skip
PARTLY = [*HERE, kept("v-1", {"a": 20}), kept("v-2", {"b": 5}),
          kept("v-3", {"a": 15})]  # fmt: skip


@table(
    ("what is damaged", HERE, scraps(line("a", 10)),
     [scrapped(line("a", 10)), off("a", 10)]),
    ("what is expired or on hold", [*HERE, status("a", "on-hold")],
     scraps(line("a", 50), cause="expired"),
     [scrapped(line("a", 50), cause="expired"), off("a", 50)]),
    ("two lots", HERE, scraps(line("a", 1), line("b", 2)),
     [scrapped(line("a", 1), line("b", 2)), off("a", 1), off("b", 2)]),
    ("what nobody reserved goes first", PARTLY, scraps(line("a", 15)),
     [scrapped(line("a", 15)), off("a", 15)]),
    ("then the youngest reservation gives way", PARTLY, scraps(line("a", 25)),
     [scrapped(line("a", 25)), freed("v-3", {"a": 10}, "scrap"), off("a", 25)]),
    ("then the next, past one of another lot", PARTLY, scraps(line("a", 40)),
     [scrapped(line("a", 40)), freed("v-3", {"a": 15}, "scrap"),
      freed("v-1", {"a": 10}, "scrap"), off("a", 40)]),
    ("all of it", ALL_KEPT, scraps(line("a", 50)),
     [scrapped(line("a", 50)), freed("v-3", {"a": 15}, "scrap"),
      freed("v-2", {"a": 15}, "scrap"), freed("v-1", {"a": 20}, "scrap"),
      off("a", 50)]),
    ("who gave way a little is not the youngest by that",
     [*ALL_KEPT, freed("v-1", {"a": 5}, "scrap"), off("a", 5)],
     scraps(line("a", 10)),
     [scrapped(line("a", 10)), freed("v-3", {"a": 10}, "scrap"), off("a", 10)]),
    ("more than is there", HERE, scraps(line("a", 51)),
     NotThere(lot="a", on_hand=50)),
    ("more than is there, in two lines", HERE, scraps(line("a", 26), line("a", 25)),
     NotThere(lot="a", on_hand=24)),
    ("of a lot that is not there", HERE, scraps(line("c", 1)),
     NotThere(lot="c", on_hand=0)),
    ("for no cause there is", HERE, scraps(line("a", 1), cause="ugly"),
     UnknownCause(cause="ugly")),
    ("nobody says why", HERE, scraps(line("a", 1), reason=""), ReasonMissing),
    ("nothing", HERE, scraps(), StockRefused),
    ("less than one", HERE, scraps(line("a", 0)), StockRefused),
    ("no station", HERE, scraps(line("a", 1), station=NOWHERE), UnknownStation),
)  # fmt: skip
def test_what_is_no_good_leaves_the_shelf_for_ever(given, when, then):
    """Out of reservations where it must be, the youngest first."""
    check(scrap, given, when, then)


def test_a_wrong_line_of_a_scrapping_is_named():
    """By line and field."""
    wrong = scraps(line("a", 1), line("a", -1, "hat"))
    assert faults(scrap, HERE, wrong) == [(2, "item"), (2, "quantity")]


# --- 更正 -----------------------------------------------------------------------------

WRONG = [*HERE, issued("i-1", line("a", 5)), gone("i-1", "a", 5)]
ALL_WRONG = [*WRONG, kept("v-1", {"a": 45})]


def corrects(change, name="a", slip="i-1", **more):
    """Return a correction of the books."""
    said = {"station": S1, "item": "mask", "reason": "多记", **more}
    return Adjust(slip="a-1", lot=name, change=change, corrects=slip, **said)


def corrected(change, name="a", slip="i-1", own="a-1"):
    """Return the slip of a correction and the mark on the other, without movements."""
    of = {"station": S1, "item": "mask", "lot": name, "change": change}
    return [
        StockAdjusted(slip=own, corrects=slip, **of),
        SlipCorrected(slip=slip, by_slip=own, **of),
    ]


@table(
    ("there are more", WRONG, corrects(2),
     [*corrected(2), moved("a", 2, VARIANCE, slip="a-1")]),
    ("there are fewer", WRONG, corrects(-45),
     [*corrected(-45), off("a", 45, VARIANCE, "a-1")]),
    ("fewer than are reserved", ALL_WRONG, corrects(-1),
     [*corrected(-1), freed("v-1", {"a": 1}, "adjust"), off("a", 1, VARIANCE, "a-1")]),
    ("of another lot of the same item", WRONG, corrects(5, "b"),
     [*corrected(5, "b"), moved("b", 5, VARIANCE, slip="a-1")]),
    ("of what was scrapped", [*HERE, scrapped(line("a", 5)), off("a", 5)],
     corrects(5, slip="x-1"),
     [*corrected(5, slip="x-1"), moved("a", 5, VARIANCE, slip="a-1")]),
    ("of a correction", [*WRONG, *corrected(2, own="a-0")],
     corrects(-2, slip="a-0"),
     [*corrected(-2, slip="a-0"), off("a", 2, VARIANCE, "a-1")]),
    ("by the most there can be", WRONG, corrects(QUANTITY_MAX),
     [*corrected(QUANTITY_MAX), moved("a", QUANTITY_MAX, VARIANCE, slip="a-1")]),
    ("by nothing", WRONG, corrects(0), NoChange(most=QUANTITY_MAX)),
    ("by too much", WRONG, corrects(-QUANTITY_MAX - 1), NoChange),
    ("fewer than there are", WRONG, corrects(-46), NotThere(lot="a", on_hand=45)),
    ("nobody says why", WRONG, corrects(1, reason=""), ReasonMissing),
    ("of no slip", WRONG, corrects(1, slip="i-9"), NothingToCorrect(slip="i-9")),
    ("of another station's slip", WRONG, corrects(1, station=S2), NothingToCorrect),
    ("of a slip of another item", WRONG, corrects(1, item="tent"), NothingToCorrect),
    ("of a lot nobody knows", WRONG, corrects(1, "c"), UnknownLot(lot="c")),
    ("no station", WRONG, corrects(1, station=NOWHERE), UnknownStation),
)  # fmt: skip
def test_books_are_corrected_by_a_slip_that_names_the_wrong_one(given, when, then):
    """Rule 14: the wrong one stays as it was."""
    check(adjust, given, when, then)


def test_a_correction_leaves_the_slip_it_corrects_as_it_was():
    """What can come back of the issue is what it gave; the correction is told."""
    facts = [*WRONG, *adjust(fold(*WRONG), corrects(2), NOW)]
    read = fold(*facts)
    before, after = fold(*WRONG)(slip_stream("i-1")), read(slip_stream("i-1"))
    assert after == dataclasses.replace(before, corrected=1)
    assert read(slip_stream("a-1")) == Slip(S1, None, {}, frozenset({"mask"}))
    assert fold(*HERE)(lot_stream("mask", "x")) == Lot()


@pytest.mark.parametrize(
    ("command", "stream", "places"),
    [
        (sets("on-hold"), f"stock/{S1}/mask", (COMMUNITY_11.path,)),
        (recalls(), "lot/mask/a", ()),
        (notes("a"), f"station/{S1}", (COMMUNITY_11.path,)),
        (scraps(line("a", 1)), f"stock/{S1}/mask", (COMMUNITY_11.path,)),
        (scraps(), f"stock/{S1}/", (COMMUNITY_11.path,)),
        (corrects(1), f"stock/{S1}/mask", (COMMUNITY_11.path,)),
    ],
)
def test_commands_about_lots_name_their_stream_and_place(command, stream, places):
    """A recall is of the whole world."""
    assert (command.stream, command.places(fold())) == (stream, places)
