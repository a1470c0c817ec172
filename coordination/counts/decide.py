"""Rules of stock counts (盘点): blind, a difference counted again by somebody else."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Annotated

import msgspec

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
from coordination.counts.state import Count, OfCount, open_of
from coordination.fields import Cause, SlipId, named
from coordination.filled import filled
from coordination.kernel import Event, Read
from coordination.refusals import Fault, Forbidden, Refusal, RowFault, size_faults
from coordination.stations.state import OfStation, known_station, settled_station
from coordination.stock.books import Books
from coordination.stock.ledger import SHELF, VARIANCE
from coordination.stock.lines import (
    LINES_MAX,
    QUANTITY_MAX,
    ItemId,
    LotId,
    StockRefused,
    UnknownCause,
    take_off,
)
from coordination.stock.state import stock_stream
from coordination.vocabulary import VARIANCE_CAUSES

SHEET_MAX = 6_000
ITEMS_MAX = 500


class OpenCount(OfStation, frozen=True, kw_only=True):
    """开始盘点: give out a blind sheet to count by, of some items or of everything.

    ``sheet``: the lots a view found there.
    """

    STREAM = "slip/{0.slip}"  # the count's stream
    VIEWED = ("sheet",)
    slip: SlipId
    items: Annotated[
        tuple[ItemId, ...],
        named("物资", "Items", "else everything", max_length=ITEMS_MAX),
    ] = ()
    sheet: tuple[Lot, ...] = ()


NothingToCount = Refusal.of(
    "counts.nothing",
    "没有可盘点的批次，或超过 {most} 个",
    "no lot to count, or more than {most}",
    "请改选物资，或分几次盘点",
    "choose other items, or count in several parts",
)


def open_count(read: Read, command: OpenCount, _now: int) -> Sequence[Event]:
    """Give out a sheet to count by; what the books say does not stand on it.

    :raises UnknownStation: if no stock is held there
    :raises NothingToCount: if there is no lot, or too many
    """
    known_station(read, command.station)
    sheet = tuple(dict.fromkeys(command.sheet))
    if not 0 < len(sheet) <= SHEET_MAX:
        raise NothingToCount(most=SHEET_MAX)
    return [CountOpened(slip=command.slip, station=command.station, sheet=sheet)]


class Counted(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What somebody counted of a lot. ``moves``: of the item, as the sheet said."""

    item: ItemId
    lot: LotId
    counted: Annotated[int, named("实盘数量", "Counted", ge=0, le=QUANTITY_MAX)]
    moves: Annotated[int, named("变动次数", "Moves", ge=0)]


class RecordCounts(OfCount, frozen=True, kw_only=True):
    """盘点登记: record what was counted; a difference is counted again by another."""

    lines: Annotated[tuple[Counted, ...], named("盘点行", "Lines", upto=LINES_MAX)]


def record_counts(read: Read, command: RecordCounts, _now: int) -> Sequence[Event]:
    """Compare what was counted with the books as they are now.

    :raises UnknownCount: if it is not open
    :raises StockRefused: with a fault for each wrong line
    """
    known = open_of(read, command)
    by, events = read.by.actor.account, list[Event]()
    faults = size_faults(command.lines, LINES_MAX, "lines")
    seen: set[tuple[str, str]] = set()
    for number, line in enumerate(command.lines[:LINES_MAX], start=1):
        stock = read(stock_stream(known.station, line.item))
        moved, key = stock.moves - line.moves, (line.item, line.lot)
        wrong = list(_line_faults(known, line, by, moved))
        if key in seen:
            wrong.append(("lot", "重复", "stands above"))
        seen.add(key)
        faults += [RowFault(number, *fault) for fault in wrong]
        if wrong:
            continue
        held = stock.lots.get(line.lot)
        events.append(
            _counted(command.slip, known, line, held.on_hand if held else 0, by, moved)
        )
    StockRefused.unless_good(faults)
    return events


def _line_faults(known: Count, line: Counted, by: str, moved: int) -> Iterator[Fault]:
    """Yield what is wrong with a counted line."""
    key = line.item, line.lot
    if key not in known.lines:
        yield "lot", "不在本次盘点表上", "not on the sheet of this count"
        return
    last = known.lines[key]
    if key in known.settled or (last is not None and last.result == SAME):
        yield "lot", "已盘点完毕", "counted and settled"
    elif last is not None and _first(last) == by:
        yield "lot", "与账面不符，须由另一人复盘", "another person counts it again"
    if not 0 <= line.counted <= QUANTITY_MAX:
        yield "counted", f"0 – {QUANTITY_MAX}", f"0 – {QUANTITY_MAX}"
    if line.moves < 0 or moved < 0:
        yield "moves", "与账面不符", "the books have not moved so often"


def _first(last: LotCounted) -> str:
    """Return who counted otherwise than the books first, empty: nobody did."""
    return last.first or (last.by if last.result == DIFFERS else "")


def _counted(
    slip: str, known: Count, line: Counted, book: int, by: str, moved: int
) -> LotCounted:
    """Return what a count of one lot says."""
    last = known.lines[line.item, line.lot]
    first = _first(last) if last is not None else ""
    if moved:
        # Before or after it was counted: nobody can tell.
        result = DISTURBED
    elif line.counted == book:
        result = SAME
    else:
        result = CONFIRMED if first else DIFFERS
    return filled(
        LotCounted,
        line,
        slip=slip,
        station=known.station,
        book=book,
        by=by,
        result=result,
        moved=moved,
        first=first,
    )


class SettleVariance(OfCount, frozen=True, kw_only=True):
    """处理盘点差异: let the books follow what two people counted; by a third."""

    ACTION = "stock.settle"
    NEEDS = ("reason",)
    item: ItemId
    lot: LotId
    cause: Annotated[Cause, named("原因", "Cause", "such as damaged, lost, expired")]


NotConfirmed = Refusal.of(
    "counts.not-confirmed",
    "{item} 批次 {lot} 尚未由另一人复盘确认，或已处理",
    "{item} lot {lot} was not counted again by another person, or is settled",
    "请先由另一人复盘；已处理的无需再办",
    "let another person count it first; what is settled needs nothing more",
    field="lot",
)
OwnCount = Forbidden.of(
    "counts.own-count",
    "盘点人不得处理自己盘出的差异",
    "whoever counted does not settle the difference",
    "请由第三人处理",
    "let a third person do it",
)


def settle(read: Read, command: SettleVariance, now: int) -> Sequence[Event]:
    """Let the books follow a difference that two people found.

    :raises UnknownCount: if it is not open
    :raises NotConfirmed: if two people have not found it
    :raises OwnCount: if they are one of the two
    :raises OwnStation: if they keep the station themselves
    :raises UnknownCause: if there is no such cause
    :raises NotThere: if by now not so much is there: it is to be counted again
    """
    known = open_of(read, command)
    key = command.item, command.lot
    line = known.lines.get(key)
    if line is None or line.result != CONFIRMED or key in known.settled:
        raise NotConfirmed(item=command.item, lot=command.lot)
    if read.by.actor.account in {line.by, line.first}:
        raise OwnCount
    settled_station(read, known.station)
    if command.cause not in VARIANCE_CAUSES:
        raise UnknownCause(cause=command.cause)
    change = line.counted - line.book
    shelf = Books(read, now).shelf(known.station, command.item)
    if change > 0:
        shelf.move(command.lot, change, VARIANCE, SHELF, command.slip)
    else:
        take_off(shelf, command.lot, -change, VARIANCE, command.slip, "count")
    settled = filled(VarianceSettled, command, station=known.station, change=change)
    return [settled, *shelf.facts]


class CloseCount(OfCount, frozen=True, kw_only=True):
    """结束盘点: when every lot is counted and every difference settled."""


CountUnfinished = Refusal.of(
    "counts.unfinished",
    "还有 {left} 个批次未盘或差异未处理",
    "{left} lots are not counted, or differ and are not settled",
    "请先盘完并处理差异",
    "count and settle these first",
)


def close(read: Read, command: CloseCount, _now: int) -> Sequence[Event]:
    """End a count: every lot was found as the books say, or the books follow.

    :raises UnknownCount: if it is not open
    :raises CountUnfinished: if a lot is open
    """
    known = open_of(read, command)
    left = known.open()
    if left:
        raise CountUnfinished(left=len(left))
    return [
        CountClosed(
            slip=command.slip,
            station=known.station,
            lots=len(known.lines),
            variances=len(known.settled),
        )
    ]
