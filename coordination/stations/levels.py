"""Rules of levels (库存定额): what a station is to hold, and what it is short of."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Annotated

import msgspec
from msgspec import Meta

from coordination.checks import rows_held
from coordination.fields import Expected, named
from coordination.filled import filled
from coordination.items.state import item_stream
from coordination.kernel import Event, Held, Read
from coordination.mode.state import EMERGENCIES
from coordination.refusals import (
    Fault,
    NothingChanges,
    RowFault,
    size_faults,
)
from coordination.stations.events import ShortagesNoted
from coordination.stations.state import OfStation, known_station
from coordination.stock.books import Books
from coordination.stock.events import LevelsSet
from coordination.stock.lines import QUANTITY_MAX, ItemId, StockRefused
from coordination.stock.state import stock_stream
from coordination.tree import site_path

ROWS_MAX = 6_000
Units = Annotated[int, Meta(ge=0, le=QUANTITY_MAX)]


class LevelRow(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Minimum, reorder, target of an item, in peacetime and in an emergency."""

    item: ItemId
    peace: tuple[Units, Units, Units]
    war: tuple[Units, Units, Units]


class SetLevels(OfStation, frozen=True, kw_only=True):
    """库存定额: what a station is to hold in each mode, all rows or none."""

    ACTION = "stock.levels"
    HEAVY = True
    rows: Annotated[tuple[LevelRow, ...], named("定额", "Levels", upto=ROWS_MAX)]

    expected: Expected = ""

    def held(self, read: Read, /) -> Held:
        """The levels set before that would change."""
        was = {}
        for row in self.rows:
            stream = stock_stream(self.station, row.item)
            known = read(stream).peace, read(stream).war
            if known != (row.peace, row.war) and any(map(any, known)):
                was[stream.id] = known
        return rows_held(was, (LevelsSet,), "该站库存定额", "the table of levels")


LevelsUnchanged = NothingChanges.of("stations.levels-unchanged")


def set_levels(read: Read, command: SetLevels, _now: int) -> Sequence[Event]:
    """Set what a station is to hold in each mode.

    :raises UnknownStation: if no stock is held there
    :raises StockRefused: with a fault for each wrong row
    :raises LevelsUnchanged: if nothing would change
    """
    known_station(read, command.station)
    faults, events = size_faults(command.rows, ROWS_MAX, "rows"), list[Event]()
    seen: set[str] = set()
    for number, row in enumerate(command.rows[:ROWS_MAX], start=1):
        wrong = list(_level_faults(read, row, seen))
        seen.add(row.item)
        faults += [RowFault(number, *fault) for fault in wrong]
        stock = read(stock_stream(command.station, row.item))
        if not wrong and (stock.peace, stock.war) != (row.peace, row.war):
            events.append(filled(LevelsSet, row, station=command.station))
    StockRefused.unless_good(faults)
    return LevelsUnchanged.unless_any(events)


def _level_faults(read: Read, row: LevelRow, seen: set[str]) -> Iterator[Fault]:
    """Yield what is wrong with the levels of an item."""
    if read(item_stream(row.item)).item is None:
        yield "item", "目录中没有此物资", "not in the catalogue"
    if row.item in seen:
        yield "item", "重复", "stands above"
    for name in ("peace", "war"):
        minimum, reorder, target = getattr(row, name)
        if not 0 <= minimum <= reorder <= target <= QUANTITY_MAX:
            why = f"0 ≤ 下限 ≤ 补货点 ≤ 目标 ≤ {QUANTITY_MAX}"
            yield name, why, f"0 ≤ minimum ≤ reorder ≤ target ≤ {QUANTITY_MAX}"


class NoteShortages(OfStation, frozen=True, kw_only=True):
    """短缺告警: the tick noticed; the decision looks again.

    ``items``: all that may be below the minimum, or were noted as such.
    """

    ACTION = "deadline.record"
    items: tuple[str, ...]


NothingShort = NothingChanges.of("stations.nothing-new")


def note_shortages(read: Read, command: NoteShortages, now: int) -> Sequence[Event]:
    """Record which items are below the minimum of the mode in force there.

    :raises UnknownStation: if no stock is held there
    :raises NothingShort: if that is noted already
    """
    known = known_station(read, command.station)
    war = read(EMERGENCIES).level_at(site_path(command.station)) is not None
    books, short = Books(read, now), set[str]()
    for item in sorted({*command.items, *known.noted}):
        shelf = books.shelf(command.station, item)
        minimum, _, _ = shelf.levels()
        if shelf.available() < minimum:
            short.add(item)
    if short == known.noted and (war == known.noted_war or not short):
        raise NothingShort(station=command.station)
    items = tuple(sorted(short))
    return [ShortagesNoted(station=command.station, items=items, war=war)]
