"""Rules of what comes back (退回) of an issue, to the station that gave it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from coordination.again import Recorded, Recording
from coordination.fields import SlipId, named
from coordination.kernel import Command, Event, Read
from coordination.late import not_before
from coordination.requests.events import RequestReturned, Wanted
from coordination.stock.books import Books
from coordination.stock.events import GoodsReturned
from coordination.stock.ledger import REQUEST, SCRAP, SHELF, USED, Line
from coordination.stock.lines import LotLines, NotOut, check_lines, put_lines
from coordination.stock.slips import Slip, quantities, slip_stream, summed
from coordination.stock.units import lines_of
from coordination.tree import site_path
from coordination.vocabulary import RECIPIENTS

RETURNING = Recording((GoodsReturned,), "登记退回", "recorded the return of")


class ReturnGoods(Command, frozen=True, kw_only=True):
    """物资退回: take back what an issue gave out, at the station that gave it.

    ``issue``: the slip they left with; bad ones are scrapped at once.
    """

    STREAM = "slip/{0.issue}"  # the slip's stream
    ACTION = "stock.keep"
    issue: SlipId
    lines: LotLines
    good: Annotated[
        bool, named("完好", "Good", "bad: scrapped at once", flag="good/--bad")
    ] = True
    recorded: Recorded = 0

    def places(self, read: Read, /) -> tuple[str, ...]:
        """Where it was given out.

        :raises NotOut: if there is no such slip
        """
        station = read(slip_stream(self.issue)).station
        if not station:
            raise NotOut(slip=self.issue)
        return (site_path(station),)


def _wanted_still(request: str, slip: str, lines: Sequence[Line]) -> RequestReturned:
    """Return that what came back is wanted by its request still."""
    wanted = tuple(Wanted(*one) for one in quantities(lines).items())
    return RequestReturned(request=request, slip=slip, lines=wanted)


def return_goods(read: Read, command: ReturnGoods, now: int) -> Sequence[Event]:
    """Take back what an issue gave out, at the station that gave it.

    :raises NotOut: if the slip is no issue, or not so much is out
    :raises AlreadyRecorded: if more came back than the author saw
    :raises TooEarly: if it is said to have come back before it was issued
    :raises StockRefused: with a fault for each wrong line
    """
    about = slip_stream(command.issue)
    lines, issued = lines_of(read, command.lines), read(about)
    check_lines(read, lines)
    not_before(read, about.id, "出库", "it was issued")
    RETURNING.check(read, command.recorded, issued.back, about.id)
    _check_out(issued, command.issue, lines)
    books = Books(read, now)
    slip = GoodsReturned(
        slip=command.issue, station=issued.station, lines=lines, good=command.good
    )
    if issued.party is not None and issued.party.kind == REQUEST:
        books.facts.append(_wanted_still(issued.party.id, command.issue, lines))
    into = SHELF if command.good else SCRAP
    put_lines(books, issued.station, lines, USED, into, command.issue)
    return [slip, *books.facts]


def _check_out(issued: Slip, slip: str, lines: Sequence[Line]) -> None:
    """Return if a slip gave something out, and so much of it is.

    :raises NotOut: otherwise
    """
    wanted = summed(lines)
    enough = all(issued.left.get(key, 0) >= wanted[key] for key in wanted)
    if issued.party is None or issued.party.kind not in RECIPIENTS or not enough:
        raise NotOut(slip=slip)
