"""Rules of requisitioned goods (征用): given back or paid for, never forgotten."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from coordination.kernel import Event, Read, Refusal
from coordination.requisitions.events import GoodsGivenBack, OwnerCompensated
from coordination.requisitions.state import requisition_stream
from coordination.stations.state import OfStation, known_station
from coordination.stock.events import OWNER, Line
from coordination.stock.lines import NotOut, check_lines, take_off
from coordination.stock.shelf import Books
from coordination.stock.state import summed

FEN_MAX = 10**13


class _OfRequisition(OfStation, frozen=True, kw_only=True):
    """What is decided about a requisition. ``slip``: of its receipt."""

    ACTION: ClassVar[str] = "requisition.settle"
    slip: str
    lines: tuple[Line, ...]

    @property
    def stream(self) -> str:
        """The receipt's stream."""
        return f"slip/{self.slip}"


class GiveBack(_OfRequisition, frozen=True, kw_only=True):
    """征用归还: from the shelf of the station where they are now."""


def give_back(read: Read, command: GiveBack, now: int) -> Sequence[Event]:
    """Give requisitioned goods back to their owner.

    :raises UnknownStation: if no stock is held there
    :raises StockRefused: with a fault for each wrong line
    :raises NotOut: if not so much is still out
    :raises NotThere: if not so much of the lot is on this shelf
    """
    known_station(read, command.station)
    _check(read, command)
    books = Books(read, now)
    for line in command.lines:
        shelf = books.shelf(command.station, line.item)
        take_off(shelf, line.lot, line.quantity, OWNER, command.slip, "released")
    back = GoodsGivenBack(
        slip=command.slip, station=command.station, lines=command.lines
    )
    return [back, *books.facts]


def _check(read: Read, command: _OfRequisition) -> None:
    """Return if so much of a requisition is still out.

    :raises StockRefused: with a fault for each wrong line
    :raises NotOut: otherwise
    """
    check_lines(read, command.lines)
    left = read(requisition_stream(command.slip)).left
    wanted = summed(command.lines)
    if any(left.get(key, 0) < quantity for key, quantity in wanted.items()):
        raise NotOut(slip=command.slip)


class Compensate(_OfRequisition, frozen=True, kw_only=True):
    """征用补偿: ``fen``: hundredths of a yuan, 0 or more; ``station``: that took it."""

    fen: int
    document: str


class BadSum(Refusal):
    """Not a sum of money, or no document (金额或凭证有误)."""

    code = "requisitions.bad-sum"
    zh = "补偿金额有误，或未写明凭证"
    en = "no such sum, or no document"
    field = "fen"


def compensate(read: Read, command: Compensate, _now: int) -> Sequence[Event]:
    """Pay for requisitioned goods that were used up or are kept.

    :raises NotOut: if not so much is still out, or another station took it
    :raises BadSum: if the sum is none, or no document shows it
    :raises StockRefused: with a fault for each wrong line
    """
    received = read(requisition_stream(command.slip)).received
    if received is None or received.station != command.station:
        raise NotOut(slip=command.slip)
    _check(read, command)
    if not 0 <= command.fen <= FEN_MAX or not command.document:
        raise BadSum
    return [
        OwnerCompensated(
            slip=command.slip,
            station=command.station,
            lines=command.lines,
            fen=command.fen,
            document=command.document,
        )
    ]
