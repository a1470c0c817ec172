"""Rules of writing off (核销): scrapped or corrected, never by who keeps it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from coordination.again import Recorded, Recording
from coordination.fields import Cause, SlipId, named
from coordination.filled import filled
from coordination.kernel import Event, Read
from coordination.refusals import Invalid
from coordination.stations.state import OfStation, settled_station
from coordination.stock.books import Books
from coordination.stock.events import SlipCorrected, StockAdjusted, StockScrapped
from coordination.stock.ledger import SCRAP, SHELF, VARIANCE
from coordination.stock.lines import (
    QUANTITY_MAX,
    ItemId,
    LotId,
    LotLines,
    UnknownCause,
    UnknownLot,
    check_lines,
    take_off,
)
from coordination.stock.slips import slip_stream
from coordination.stock.units import lines_of
from coordination.vocabulary import SCRAP_CAUSES


class Scrap(OfStation, frozen=True, kw_only=True):
    """物资报废: take what is no good off the shelf for ever, also what is reserved."""

    ACTION = "stock.settle"
    NEEDS = ("reason",)
    slip: SlipId
    cause: Annotated[Cause, named("原因", "Cause", "such as damaged, expired")]
    lines: LotLines

    @property
    def stream(self) -> str:
        """As for any line."""
        return f"stock/{self.station}/{self.lines[0].item if self.lines else ''}"


def scrap(read: Read, command: Scrap, now: int) -> Sequence[Event]:
    """Take what is no good off the shelf.

    :raises UnknownStation: if no stock is held there
    :raises OwnStation: if they keep it themselves
    :raises UnknownCause: if there is no such cause
    :raises StockRefused: with a fault for each wrong line
    :raises NotThere: if not so much is there
    """
    lines = lines_of(read, command.lines)
    settled_station(read, command.station)
    if command.cause not in SCRAP_CAUSES:
        raise UnknownCause(cause=command.cause)
    check_lines(read, lines)
    books = Books(read, now)
    for line in lines:
        shelf = books.shelf(command.station, line.item)
        take_off(shelf, line.lot, line.quantity, SCRAP, command.slip, "scrap")
    slip = filled(StockScrapped, command, lines=lines)
    return [slip, *books.facts]


class Adjust(OfStation, frozen=True, kw_only=True):
    """账面更正: correct the books; the slip that was wrong stays visible."""

    STREAM = "stock/{0.station}/{0.item}"  # the stock's stream
    ACTION = "stock.settle"
    NEEDS = ("reason",)
    slip: SlipId
    item: ItemId
    lot: LotId
    change: Annotated[
        int,
        named(
            "更正数量",
            "Change",
            "such as -3 or 5, in base units",
            ge=-QUANTITY_MAX,
            le=QUANTITY_MAX,
        ),
    ]
    corrects: Annotated[
        SlipId, named("更正单据", "Corrects", "the slip that was wrong")
    ]
    recorded: Recorded = 0


NothingToCorrect = Invalid.of(
    "stock.nothing-to-correct",
    "单据 {slip} 与该站该物资无关，不能据此更正",
    "slip {slip} says nothing of this item at this station",
    "请选择这些物资的单据",
    "choose the slip of these goods",
    field="corrects",
)
NoChange = Invalid.of(
    "stock.no-change",
    "更正数量不能为 0，也不能超过 {most}",
    "a correction is not 0 and at most {most}",
    "请改正数量",
    "correct the quantity",
    field="change",
)

CORRECTING = Recording(
    (SlipCorrected,), "更正此单", "corrected this slip by", times=True
)


def adjust(read: Read, command: Adjust, now: int) -> Sequence[Event]:
    """Correct the books after a slip that was wrong.

    :raises OwnStation: if they keep the station themselves
    :raises NoChange: if it changes nothing, or too much
    :raises NothingToCorrect: if the slip is not of this item here
    :raises AlreadyRecorded: if it was corrected oftener than the author saw
    :raises UnknownLot: if there is no such lot
    :raises NotThere: if there is not so much to take off
    """
    settled_station(read, command.station)
    if not 0 < abs(command.change) <= QUANTITY_MAX:
        raise NoChange(most=QUANTITY_MAX)
    shelf = Books(read, now).shelf(command.station, command.item)
    about = slip_stream(command.corrects)
    wrong = read(about)
    if not wrong.of(command.station, command.item):
        raise NothingToCorrect(slip=command.corrects)
    CORRECTING.check(read, command.recorded, wrong.corrected, about.id)
    UnknownLot.unless(shelf.lot(command.lot).registered, lot=command.lot)
    if command.change > 0:
        shelf.move(command.lot, command.change, VARIANCE, SHELF, command.slip)
    else:
        less = -command.change
        take_off(shelf, command.lot, less, VARIANCE, command.slip, "adjust")
    slip = filled(StockAdjusted, command)
    noted = filled(SlipCorrected, command, slip=command.corrects, by_slip=command.slip)
    return [slip, noted, *shelf.facts]
