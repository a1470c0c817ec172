import msgspec
import pytest

from coordination.checks import ReasonMissing
from coordination.counts.decide import (
    SHEET_MAX,
    CloseCount,
    Counted,
    CountUnfinished,
    NotConfirmed,
    NothingToCount,
    OpenCount,
    OwnCount,
    RecordCounts,
    SettleVariance,
    close,
    open_count,
    record_counts,
    settle,
)
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
from coordination.counts.state import Count, UnknownCount, count_stream, evolve_count
from coordination.stations.state import UnknownStation
from coordination.stock.ledger import SHELF, VARIANCE
from coordination.stock.lines import (
    LINES_MAX,
    QUANTITY_MAX,
    NotThere,
    UnknownCause,
)
from tests.decisions.goods import (
    HE,
    LI,
    S1,
    STORE,
    XU,
    faults,
    freed,
    gone,
    kept,
    moved,
    shelved,
)
from tests.given import COMMUNITY_11, NOW, check, fold, table

NOWHERE = f"{COMMUNITY_11.path}-s9"
HERE = [*STORE, *shelved("a", 50), *shelved("b", 20), *shelved("t", 3, item="tent")]
"""Masks have moved twice, tents once."""
A, B, T = Lot("mask", "a"), Lot("mask", "b"), Lot("tent", "t")


def opens(*sheet, station=S1):
    """Return the beginning of a count, with the lots a view found."""
    return OpenCount(slip="c-1", station=station, sheet=sheet)


def opened(*sheet):
    """Return that a count has begun."""
    return CountOpened(slip="c-1", station=S1, sheet=sheet)


MOST = tuple(Lot("mask", f"l{n}") for n in range(SHEET_MAX + 1))


@table(
    ("of some lots", HERE, opens(A, T), [opened(A, T)]),
    ("a lot that stands twice on the sheet", HERE, opens(A, B, A), [opened(A, B)]),
    ("the longest sheet", HERE, opens(*MOST[1:]), [opened(*MOST[1:])]),
    ("too long a sheet", HERE, opens(*MOST), NothingToCount(most=SHEET_MAX)),
    ("an empty shelf", HERE, opens(), NothingToCount),
    ("no station", HERE, opens(A, station=NOWHERE), UnknownStation),
)  # fmt: skip
def test_a_count_begins_with_a_sheet(given, when, then):
    """Of lots and nothing else: what the books say does not stand on it."""
    check(open_count, given, when, then)


# --- 盘点登记 -------------------------------------------------------------------------


def counts(*lines):
    """Return what was counted; a line: (lot, counted, moves)."""
    return RecordCounts(
        slip="c-1",
        lines=tuple(Counted(one.item, one.lot, n, moves) for one, n, moves in lines),
    )


def counted(one, result, found, book, who=LI, moved=0, first=None):
    """Return what a count of a lot said."""
    return LotCounted(
        slip="c-1",
        station=S1,
        item=one.item,
        lot=one.lot,
        counted=found,
        book=book,
        by=who.actor.account,
        result=result,
        moved=moved,
        first=first.actor.account if first else "",
    )


OPEN = [*HERE, opened(A, B, T)]
DIFFERENT = [*OPEN, counted(A, DIFFERS, 48, 50)]
AGAIN = [*DIFFERENT, counted(A, CONFIRMED, 48, 50, HE, first=LI)]
DISTURBED_ONCE = [*OPEN, gone("i-1", "a", 5), counted(A, DISTURBED, 45, 45, moved=1)]
MEANWHILE = [*DIFFERENT, gone("i-1", "b", 1),
             counted(A, DISTURBED, 48, 50, HE, 1, LI)]  # fmt: skip
SETTLED = VarianceSettled(
    slip="c-1", station=S1, item="mask", lot="a", change=-2, cause="lost"
)
CLOSED = CountClosed(slip="c-1", station=S1, lots=3, variances=0)


@table(
    ("as in the books", OPEN, counts((A, 50, 2)), [counted(A, SAME, 50, 50)]),
    ("not as in the books", OPEN, counts((A, 48, 2)), [counted(A, DIFFERS, 48, 50)]),
    ("more than in the books", OPEN, counts((A, 51, 2)),
     [counted(A, DIFFERS, 51, 50)]),
    ("none there", OPEN, counts((A, 0, 2)), [counted(A, DIFFERS, 0, 50)]),
    ("several lots", OPEN, counts((A, 50, 2), (B, 19, 2), (T, 3, 1)),
     [counted(A, SAME, 50, 50), counted(B, DIFFERS, 19, 20),
      counted(T, SAME, 3, 3)]),
    ("a lot that is used up by now", [*OPEN, gone("i-1", "a", 50)],
     counts((A, 0, 3)), [counted(A, SAME, 0, 0)]),
    ("somebody moved it meanwhile", [*OPEN, gone("i-1", "a", 5)], counts((A, 50, 2)),
     [counted(A, DISTURBED, 50, 45, moved=1)]),
    ("though the number is right", [*OPEN, gone("i-1", "a", 5)], counts((A, 45, 2)),
     [counted(A, DISTURBED, 45, 45, moved=1)]),
    ("another lot of the item moved", [*OPEN, gone("i-1", "b", 5),
     moved("b", 5, "used", SHELF)], counts((A, 50, 2)),
     [counted(A, DISTURBED, 50, 50, moved=2)]),
    ("it moved before the sheet was taken", [*OPEN, gone("i-1", "a", 5)],
     counts((A, 45, 3)), [counted(A, SAME, 45, 45)]),
    ("another item moved", [*OPEN, gone("i-1", "t", 1, item="tent")],
     counts((A, 50, 2)), [counted(A, SAME, 50, 50)]),
    ("disturbed, the same person counts again", DISTURBED_ONCE, counts((A, 45, 3)),
     [counted(A, SAME, 45, 45)]),
    ("disturbed, and then it differs", DISTURBED_ONCE, counts((A, 44, 3)),
     [counted(A, DIFFERS, 44, 45)]),
)  # fmt: skip
def test_a_count_is_compared_with_the_books_of_its_moment(given, when, then):
    """The same, different, or disturbed by whoever moved the item meanwhile."""
    check(record_counts, given, when, then, who=LI)


@table(
    ("differs again", DIFFERENT, counts((A, 48, 2)),
     [counted(A, CONFIRMED, 48, 50, HE, first=LI)]),
    ("differs otherwise", DIFFERENT, counts((A, 47, 2)),
     [counted(A, CONFIRMED, 47, 50, HE, first=LI)]),
    ("is as in the books after all", DIFFERENT, counts((A, 50, 2)),
     [counted(A, SAME, 50, 50, HE, first=LI)]),
    ("is disturbed", [*DIFFERENT, gone("i-1", "a", 1)], counts((A, 48, 2)),
     [counted(A, DISTURBED, 48, 49, HE, 1, LI)]),
    ("was disturbed", MEANWHILE, counts((A, 48, 3)),
     [counted(A, CONFIRMED, 48, 50, HE, first=LI)]),
    ("is confirmed, and counted once more", AGAIN, counts((A, 50, 2)),
     [counted(A, SAME, 50, 50, HE, first=LI)]),
)  # fmt: skip
def test_a_difference_is_counted_again_by_another_person(given, when, then):
    """Who counted first stays known."""
    check(record_counts, given, when, then, who=HE)


@pytest.mark.parametrize(
    ("given", "when", "then"),
    [
        pytest.param(OPEN, counts(), [(0, "lines")], id="nothing"),
        pytest.param(OPEN, counts(*[(A, 50, 2)] * (LINES_MAX + 1)), None,
                     id="too many lines"),
        pytest.param(OPEN, counts((A, 50, 2), (A, 50, 2)), [(2, "lot")],
                     id="a lot twice"),
        pytest.param(OPEN, counts((Lot("mask", "c"), 1, 2)), [(1, "lot")],
                     id="not on the sheet"),
        pytest.param(OPEN, counts((A, -1, 2), (B, QUANTITY_MAX + 1, 2)),
                     [(1, "counted"), (2, "counted")], id="no quantity"),
        pytest.param(OPEN, counts((A, 50, 3), (B, 20, -1)),
                     [(1, "moves"), (2, "moves")], id="moves there were not"),
        pytest.param([*OPEN, counted(A, SAME, 50, 50, HE)], counts((A, 50, 2)),
                     [(1, "lot")], id="counted already"),
        pytest.param([*AGAIN, SETTLED], counts((A, 48, 2)), [(1, "lot")],
                     id="settled already"),
        pytest.param(DIFFERENT, counts((A, 48, 2), (B, 20, 2)), [(1, "lot")],
                     id="by whoever found the difference"),
        pytest.param(MEANWHILE, counts((A, 48, 3)), [(1, "lot")],
                     id="by whoever found it, after a disturbance"),
        pytest.param(AGAIN, counts((A, 48, 2)), [(1, "lot")],
                     id="by whoever found it, after another"),
    ],
)  # fmt: skip
def test_a_wrong_line_of_a_count_refuses_the_sheet(given, when, then):
    """By line and field; nothing of it is recorded."""
    found = faults(record_counts, given, when, who=LI)
    assert found == then if then else (0, "lines") in found


# --- 差异处理 -------------------------------------------------------------------------


def settles(cause="lost", one=A, reason="查无下落"):
    """Return that the books follow."""
    return SettleVariance(
        slip="c-1", item=one.item, lot=one.lot, cause=cause, reason=reason
    )  # fmt: skip


LESS = [SETTLED, moved("a", 2, SHELF, VARIANCE, slip="c-1")]
MORE = [*DIFFERENT, counted(A, CONFIRMED, 53, 50, HE, first=LI)]
KEPT = [*AGAIN, kept("v-1", {"a": 49})]


@table(
    ("there are fewer", AGAIN, settles(), LESS),
    ("there are more", MORE, settles("unrecorded-receipt"),
     [msgspec.structs.replace(SETTLED, change=3, cause="unrecorded-receipt"),
      moved("a", 3, VARIANCE, SHELF, slip="c-1")]),
    ("fewer than are reserved", KEPT, settles(),
     [SETTLED, freed("v-1", {"a": 1}, "count"), LESS[1]]),
    ("some went out since: the difference stays one", [*AGAIN, gone("i-1", "a", 5)],
     settles(), LESS),
    ("not so much is there any more", [*AGAIN, gone("i-1", "a", 49)], settles(),
     NotThere(lot="a", on_hand=1)),
    ("counted once", DIFFERENT, settles(), NotConfirmed(item="mask", lot="a")),
    ("not counted", OPEN, settles(), NotConfirmed),
    ("counted and the same", [*OPEN, counted(A, SAME, 50, 50)], settles(),
     NotConfirmed),
    ("disturbed", DISTURBED_ONCE, settles(), NotConfirmed),
    ("not on the sheet", OPEN, settles(one=Lot("mask", "c")), NotConfirmed),
    ("settled already", [*AGAIN, *LESS], settles(), NotConfirmed),
    ("for no cause there is", AGAIN, settles("magic"), UnknownCause(cause="magic")),
    ("nobody says why", AGAIN, settles(reason=""), ReasonMissing),
    ("the count is closed", [*AGAIN, CLOSED], settles(), UnknownCount(slip="c-1")),
    ("no such count", HERE, settles(), UnknownCount),
)  # fmt: skip
def test_the_books_follow_what_two_people_counted(given, when, then):
    """By a third, for a cause and a reason."""
    check(settle, given, when, then, who=XU)


@pytest.mark.parametrize("who", [LI, HE])
def test_whoever_counted_does_not_settle_it(who):
    """Neither the first nor the second."""
    check(settle, AGAIN, settles(), OwnCount, who=who)


ENDS = CloseCount(slip="c-1")
REST = [counted(B, SAME, 20, 20), counted(T, SAME, 3, 3)]


@table(
    ("all were as in the books", [*OPEN, counted(A, SAME, 50, 50), *REST], ENDS,
     [CLOSED]),
    ("or the books have followed", [*AGAIN, *LESS, *REST], ENDS,
     [msgspec.structs.replace(CLOSED, variances=1)]),
    ("a lot is not counted", [*OPEN, *REST], ENDS, CountUnfinished(left=1)),
    ("nothing is counted", OPEN, ENDS, CountUnfinished(left=3)),
    ("a lot was disturbed", [*DISTURBED_ONCE, *REST], ENDS, CountUnfinished(left=1)),
    ("a lot differs", [*DIFFERENT, *REST], ENDS, CountUnfinished(left=1)),
    ("a difference is not settled", [*AGAIN, *REST], ENDS, CountUnfinished(left=1)),
    ("it is closed", [*AGAIN, *LESS, *REST, CLOSED], ENDS,
     UnknownCount(slip="c-1")),
    ("no such count", HERE, ENDS, UnknownCount),
)  # fmt: skip
def test_a_count_is_over_when_every_lot_is(given, when, then):
    """As in the books, or settled."""
    check(close, given, when, then)


@pytest.mark.parametrize("given", [HERE, [*OPEN, CLOSED]])
def test_nothing_is_counted_where_no_count_is_open(given):
    """Before it was opened, or after its end."""
    check(record_counts, given, counts((A, 50, 2)), UnknownCount(slip="c-1"))


def test_a_count_is_decided_about_where_it_was_opened():
    """The count knows its station; of none there is nothing to decide."""
    for command in (counts(), settles(), ENDS):
        assert command.places(fold(*OPEN)) == (COMMUNITY_11.path,)
        with pytest.raises(UnknownCount):
            command.places(fold(*HERE))


def test_a_movement_during_a_count_is_noticed_and_the_lot_counted_again():
    """The journey: sheet, an issue meanwhile, disturbed, counted on a new sheet."""
    facts = list(HERE)

    def does(decide, command, who):
        facts.extend(decide(fold(*facts, who=who), command, NOW))
        return facts[-1]

    does(open_count, opens(A), LI)
    facts.append(gone("i-1", "a", 1))
    assert does(record_counts, counts((A, 50, 2)), LI).result == DISTURBED
    check(close, facts, ENDS, CountUnfinished(left=1))
    assert does(record_counts, counts((A, 49, 3)), LI).result == SAME
    assert does(close, ENDS, LI) == msgspec.structs.replace(CLOSED, lots=1)
    state = fold(*facts)(count_stream("c-1"))
    assert (state.closed, state.counters) == (True, {"li"})


def test_commands_of_one_count_wait_for_one_another():
    """In the stream of its slip; a view's sheet is no part of what was asked."""
    assert opens(A).stream == counts().stream == settles().stream == "slip/c-1"
    assert opens(A).asked == opens().asked
    assert (counts().ACTION, settles().ACTION) == ("stock.keep", "stock.settle")
    assert evolve_count(Count(), gone("i-1", "a", 1)) == Count()
