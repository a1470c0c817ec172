"""Rules of stock counts (盘点): blind, a difference counted again by somebody else."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import ClassVar

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
from coordination.counts.state import Count, count_stream
from coordination.kernel import Event, Read, Refusal, RowFault
from coordination.stations.state import OfStation, known_station, settled_station
from coordination.stock.events import SHELF, VARIANCE
from coordination.stock.lines import (
    LINES_MAX,
    QUANTITY_MAX,
    Fault,
    ReasonNeeded,
    UnknownCause,
    refuse,
    take_off,
)
from coordination.stock.shelf import Books
from coordination.stock.state import stock_stream
from coordination.vocabulary import VARIANCE_CAUSES

SHEET_MAX = 6_000


class _OfCount(OfStation, frozen=True, kw_only=True):
    """What is decided about one count."""

    slip: str

    @property
    def stream(self) -> str:
        """The count's stream."""
        return f"slip/{self.slip}"


class OpenCount(_OfCount, frozen=True, kw_only=True):
    """盘点开始. ``sheet``: the lots a view found there."""

    VIEWED: ClassVar[tuple[str, ...]] = ("sheet",)
    items: tuple[str, ...] = ()
    sheet: tuple[Lot, ...]


class NothingToCount(Refusal):
    """Nothing is on the shelf, or more than one count can hold (无可盘点)."""

    code = "counts.nothing"
    zh = "没有可盘点的批次，或超过 {most} 个"
    en = "no lot to count, or more than {most}"


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


class UnknownCount(Refusal):
    """No such count, or it is closed (盘点不存在或已结束)."""

    code = "counts.unknown"
    zh = "该站没有进行中的盘点 {slip}"
    en = "no count {slip} is open at this station"
    field = "slip"


def _open(read: Read, command: _OfCount) -> Count:
    """Return a count that is open.

    :raises UnknownCount: otherwise
    """
    known = read(count_stream(command.slip))
    if known.station != command.station or known.closed:
        raise UnknownCount(slip=command.slip)
    return known


class Counted(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What somebody counted of a lot. ``moves``: of the item, as the sheet said."""

    item: str
    lot: str
    counted: int
    moves: int


class RecordCounts(_OfCount, frozen=True, kw_only=True):
    """盘点登记: all lines or none."""

    lines: tuple[Counted, ...]


def record_counts(read: Read, command: RecordCounts, _now: int) -> Sequence[Event]:
    """Compare what was counted with the books as they are now.

    :raises UnknownCount: if it is not open at this station
    :raises StockRefused: with a fault for each wrong line
    """
    known = _open(read, command)
    by, events, faults = read.by.actor.account, list[Event](), list[RowFault]()
    if not 0 < len(command.lines) <= LINES_MAX:
        why = f"1 – {LINES_MAX}"
        faults.append(RowFault(0, "lines", why, why))
    seen: set[tuple[str, str]] = set()
    for number, line in enumerate(command.lines[:LINES_MAX], start=1):
        stock = read(stock_stream(command.station, line.item))
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
            _counted(command, known, line, held.on_hand if held else 0, by, moved)
        )
    refuse(faults)
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
    command: _OfCount, known: Count, line: Counted, book: int, by: str, moved: int
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
    return LotCounted(
        slip=command.slip,
        station=command.station,
        item=line.item,
        lot=line.lot,
        counted=line.counted,
        book=book,
        by=by,
        result=result,
        moved=moved,
        first=first,
    )


class SettleVariance(_OfCount, frozen=True, kw_only=True):
    """盘点差异处理: the books follow what two people counted."""

    ACTION: ClassVar[str] = "stock.settle"
    item: str
    lot: str
    cause: str


class NotConfirmed(Refusal):
    """Not counted twice, or settled (未复盘或已处理)."""

    code = "counts.not-confirmed"
    zh = "{item} 批次 {lot} 尚未由另一人复盘确认，或已处理"
    en = "{item} lot {lot} was not counted again by another person, or is settled"
    field = "lot"


class OwnCount(Refusal):
    """Whoever counted does not settle it (盘点人不得处理差异)."""

    code = "counts.own-count"
    zh = "盘点人不得处理自己盘出的差异"
    en = "whoever counted does not settle the difference"


def settle(read: Read, command: SettleVariance, now: int) -> Sequence[Event]:
    """Let the books follow a difference that two people found.

    :raises UnknownCount: if it is not open at this station
    :raises NotConfirmed: if two people have not found it
    :raises OwnCount: if they are one of the two
    :raises OwnStation: if they keep the station themselves
    :raises UnknownCause: if the cause is none
    :raises ReasonNeeded: if no reason is given
    :raises NotThere: if by now not so much is there: it is to be counted again
    """
    known = _open(read, command)
    key = command.item, command.lot
    line = known.lines.get(key)
    if line is None or line.result != CONFIRMED or key in known.settled:
        raise NotConfirmed(item=command.item, lot=command.lot)
    if read.by.actor.account in {line.by, line.first}:
        raise OwnCount
    settled_station(read, command.station)
    if command.cause not in VARIANCE_CAUSES:
        raise UnknownCause(cause=command.cause)
    if not command.reason:
        raise ReasonNeeded
    change = line.counted - line.book
    shelf = Books(read, now).shelf(command.station, command.item)
    if change > 0:
        shelf.move(command.lot, change, VARIANCE, SHELF, command.slip)
    else:
        take_off(shelf, command.lot, -change, VARIANCE, command.slip, "count")
    settled = VarianceSettled(
        slip=command.slip,
        station=command.station,
        item=command.item,
        lot=command.lot,
        change=change,
        cause=command.cause,
    )
    return [settled, *shelf.facts]


class CloseCount(_OfCount, frozen=True, kw_only=True):
    """盘点结束."""


class CountUnfinished(Refusal):
    """Lots are not counted, or differ and are not settled (盘点未完)."""

    code = "counts.unfinished"
    zh = "还有 {left} 个批次未盘或差异未处理"
    en = "{left} lots are not counted, or differ and are not settled"


def close(read: Read, command: CloseCount, _now: int) -> Sequence[Event]:
    """End a count: every lot was found as the books say, or the books follow.

    :raises UnknownCount: if it is not open at this station
    :raises CountUnfinished: if a lot is open
    """
    known = _open(read, command)
    left = known.open()
    if left:
        raise CountUnfinished(left=len(left))
    return [
        CountClosed(
            slip=command.slip,
            station=command.station,
            lots=len(known.lines),
            variances=len(known.settled),
        )
    ]
