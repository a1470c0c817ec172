"""What the facts of a count fold to (盘点状态)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from coordination.counts.events import (
    SAME,
    CountClosed,
    CountOpened,
    LotCounted,
    VarianceSettled,
)
from coordination.fields import SlipId
from coordination.kernel import Command, Event, Read, Streams
from coordination.late import not_before
from coordination.refusals import NotFound
from coordination.tree import site_path

Key = tuple[str, str]
"""(Item, lot)."""


@dataclass(frozen=True, slots=True)
class Count:
    """盘点. ``lines``: the newest count of each lot of the sheet, None: not yet."""

    station: str = ""
    lines: Mapping[Key, LotCounted | None] = field(default_factory=dict)
    settled: frozenset[Key] = frozenset()
    closed: bool = False
    counters: frozenset[str] = frozenset()

    def open(self) -> list[Key]:
        """Return the lots that are not counted, or differ and are not settled."""
        return [
            key
            for key, line in self.lines.items()
            if key not in self.settled and (line is None or line.result != SAME)
        ]


def evolve_count(count: Count, event: Event) -> Count:
    """Fold one fact of a count's stream."""
    match event:
        case CountOpened():
            lines = {(lot.item, lot.lot): None for lot in event.sheet}
            return Count(event.station, lines)
        case LotCounted():
            return replace(
                count,
                lines={**count.lines, (event.item, event.lot): event},
                counters=count.counters | {event.by},
            )
        case VarianceSettled():
            settled = count.settled | {(event.item, event.lot)}
            return replace(count, settled=settled)
        case CountClosed():
            return replace(count, closed=True)
        case _:
            return count


count_stream = Streams("slip", Count(), evolve_count)


UnknownCount = NotFound.of(
    "counts.unknown",
    "没有进行中的盘点 {slip}",
    "no count {slip} is open",
    "可能已结束，请在单据中核对",
    "it may be closed: look among the slips",
    field="slip",
)


class OfCount(Command, frozen=True, kw_only=True):
    """What is decided about one count, where it was opened."""

    STREAM = "slip/{0.slip}"  # the count's stream
    ACTION = "stock.keep"
    slip: SlipId

    def places(self, read: Read, /) -> tuple[str, ...]:
        """Where the station stands.

        :raises UnknownCount: if there is no such count
        """
        station = read(count_stream(self.slip)).station
        if not station:
            raise UnknownCount(slip=self.slip)
        return (site_path(station),)


def open_of(read: Read, command: OfCount) -> Count:
    """Return a count that is open.

    :raises UnknownCount: otherwise
    :raises TooEarly: if it is said to have happened before the count began
    """
    about = count_stream(command.slip)
    known = read(about)
    not_before(read, about.id, "开始盘点", "the count began")
    if not known.station or known.closed:
        raise UnknownCount(slip=command.slip)
    return known
