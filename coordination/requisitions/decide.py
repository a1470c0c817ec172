"""Rules of requisitioned goods (征用): given back or paid for, never forgotten."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from coordination.again import Recorded, Recording
from coordination.fields import SITE_ID, SlipId, named, pattern
from coordination.filled import filled
from coordination.kernel import Command, Event, Read
from coordination.late import not_before
from coordination.refusals import Invalid
from coordination.requisitions.events import GoodsGivenBack, OwnerCompensated
from coordination.requisitions.state import requisition_stream
from coordination.stations.state import known_station
from coordination.stock.books import Books
from coordination.stock.ledger import OWNER, Line
from coordination.stock.lines import LotLines, NotOut, check_lines, take_off
from coordination.stock.slips import summed
from coordination.stock.units import lines_of
from coordination.tree import site_path

FEN_MAX = 10**13
SETTLING = Recording(
    (GoodsGivenBack, OwnerCompensated), "登记归还或补偿", "gave back or paid for"
)


class _OfRequisition(Command, frozen=True, kw_only=True):
    """What is decided about a requisition. ``slip``: of its receipt."""

    STREAM = "slip/{0.slip}"  # the receipt's stream
    ACTION = "requisition.settle"
    slip: SlipId
    lines: LotLines
    recorded: Recorded = 0

    def places(self, read: Read, /) -> tuple[str, ...]:
        """Where it was taken.

        :raises NotOut: if it is no requisition
        """
        return (site_path(_taken_by(read, self.slip)),)


def _taken_by(read: Read, slip: str) -> str:
    """Return the station that took something.

    :raises NotOut: if it is no requisition
    """
    return NotOut.unless(read(requisition_stream(slip)).received, slip=slip).station


class GiveBack(_OfRequisition, frozen=True, kw_only=True):
    """征用归还: give goods back to their owner, from the shelf where they are now.

    ``station``: where that is, empty: at the station that took them.
    """

    station: Annotated[
        str,
        pattern(f"({SITE_ID})?"),
        named(
            "物资站",
            "Station",
            "where it is now, else that took it",
            null=True,
            flag="from",
        ),
    ] = ""

    def places(self, read: Read, /) -> tuple[str, ...]:
        """Where the goods are.

        :raises NotOut: if it is no requisition
        """
        return (site_path(self.station or _taken_by(read, self.slip)),)


def give_back(read: Read, command: GiveBack, now: int) -> Sequence[Event]:
    """Give requisitioned goods back to their owner.

    :raises UnknownStation: if no stock is held there
    :raises StockRefused: with a fault for each wrong line
    :raises NotOut: if not so much is still out
    :raises NotThere: if not so much of the lot is on this shelf
    """
    station = command.station or _taken_by(read, command.slip)
    known_station(read, station)
    lines = _checked(read, command)
    books = Books(read, now)
    for line in lines:
        shelf = books.shelf(station, line.item)
        take_off(shelf, line.lot, line.quantity, OWNER, command.slip, "released")
    back = GoodsGivenBack(slip=command.slip, station=station, lines=lines)
    return [back, *books.facts]


def _checked(read: Read, command: _OfRequisition) -> tuple[Line, ...]:
    """Return the lines if so much of a requisition is still out.

    :raises StockRefused: with a fault for each wrong line
    :raises AlreadyRecorded: if more is settled than the author saw
    :raises TooEarly: if it is said to have happened before it was taken
    :raises NotOut: otherwise
    """
    lines, about = lines_of(read, command.lines), requisition_stream(command.slip)
    check_lines(read, lines)
    not_before(read, about.id, "征用入库", "it was requisitioned")
    known = read(about)
    SETTLING.check(read, command.recorded, known.settled, about.id)
    wanted = summed(lines)
    if any(known.left.get(key, 0) < quantity for key, quantity in wanted.items()):
        raise NotOut(slip=command.slip)
    return lines


class Compensate(_OfRequisition, frozen=True, kw_only=True):
    """征用补偿: pay for what was used up or is kept.

    ``fen``: hundredths of a yuan.
    """

    fen: Annotated[
        int,
        named(
            "补偿金额",
            "Fen",
            "such as 1200 or 123.45",
            flag="yuan",
            spoken="yuan",
            ge=0,
            le=FEN_MAX,
        ),
    ]
    document: Annotated[str, named("凭证", "Document", max_length=80)]


BadSum = Invalid.of(
    "requisitions.bad-sum",
    "补偿金额有误，或未写明凭证",
    "no such sum, or no document",
    "请填写金额和凭证",
    "give both",
    field="fen",
)


def compensate(read: Read, command: Compensate, _now: int) -> Sequence[Event]:
    """Pay for requisitioned goods that were used up or are kept.

    :raises NotOut: if not so much is still out
    :raises BadSum: if there is no such sum, or no document shows it
    :raises StockRefused: with a fault for each wrong line
    """
    station, lines = _taken_by(read, command.slip), _checked(read, command)
    if not 0 <= command.fen <= FEN_MAX or not command.document:
        raise BadSum
    return [filled(OwnerCompensated, command, station=station, lines=lines)]
