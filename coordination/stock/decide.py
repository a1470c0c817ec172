"""Rules of the stock ledger (库存账): what comes in, is kept, goes out, comes back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import ClassVar

from coordination.kernel import Event, Read, Refusal
from coordination.requests.events import RequestReturned, Wanted
from coordination.stations.state import OfStation, known_station
from coordination.stock.events import (
    REQUEST,
    SCRAP,
    SHELF,
    TRANSFER,
    USED,
    GoodsIssued,
    GoodsReturned,
    Line,
    Party,
)
from coordination.stock.lines import (
    Fault,
    ReasonNeeded,
    Wish,
    check_lines,
    check_out,
    choose,
    known_party,
    put_lines,
    short,
    take_lines,
)
from coordination.stock.shelf import Books
from coordination.stock.state import slip_stream, stock_stream
from coordination.vocabulary import RECIPIENTS

OF_THEIR_OWN = (REQUEST, TRANSFER)
"""Recipients that are served by commands of their own."""


class _OfShelves(OfStation, frozen=True, kw_only=True):
    """What is decided about lines of one station; the first item's stream leads."""

    lines: tuple[Wish, ...]

    @property
    def stream(self) -> str:
        """Commands about the same item wait for one another, others do not."""
        item = self.lines[0].item if self.lines else ""
        return f"stock/{self.station}/{item}"


class UnknownRecipient(Refusal):
    """Nobody goods can be for (去向有误)."""

    code = "stock.unknown-recipient"
    zh = "去向有误；领用人须选在册人员，不填姓名"
    en = "no such recipient; a person is named by their id, never by name"
    field = "to"


class Reserve(_OfShelves, frozen=True, kw_only=True):
    """库存预留: ``whole``: all of it or nothing."""

    reservation: str
    purpose: Party
    whole: bool = False


def reserve(read: Read, command: Reserve, now: int) -> Sequence[Event]:
    """Keep stock for somebody: what there is, unless all of it is needed.

    :raises UnknownStation: if no stock is held there
    :raises UnknownRecipient: if it is for nobody
    :raises StockRefused: with a fault for each wrong line
    :raises StockShort: if there is nothing, or not all that is needed
    """
    known_station(read, command.station)
    if not known_party(command.purpose, RECIPIENTS):
        raise UnknownRecipient
    seen: set[str] = set()

    def twice(line: Wish) -> Iterator[Fault]:
        held = read(stock_stream(command.station, line.item))
        if line.item in seen or command.reservation in held.reservations:
            yield "item", "同一物资已在本次预留中", "reserved under this id already"
        seen.add(line.item)

    check_lines(read, command.lines, twice)
    books = Books(read, now)
    refusal = None
    for wish in command.lines:
        shelf = books.shelf(command.station, wish.item)
        picked, passed = choose(shelf, wish, "", whole=command.whole)
        if picked:
            shelf.reserve(
                command.reservation, command.purpose, wish.quantity, picked, passed
            )
        else:
            refusal = refusal or short(shelf, wish.quantity, passed)
    if refusal is not None and not books.facts:
        raise refusal
    return books.facts


class Release(OfStation, frozen=True, kw_only=True):
    """预留释放: of these items, or of whatever a view ``found`` is kept."""

    VIEWED: ClassVar[tuple[str, ...]] = ("found",)
    reservation: str
    items: tuple[str, ...]
    found: tuple[str, ...] = ()

    @property
    def stream(self) -> str:
        """As for any line."""
        items = self.items or self.found
        return f"stock/{self.station}/{items[0] if items else ''}"


class UnknownReservation(Refusal):
    """Nothing is kept under this id (预留不存在)."""

    code = "stock.unknown-reservation"
    zh = "没有预留 {reservation}"
    en = "nothing is reserved under {reservation}"
    field = "reservation"


def release(read: Read, command: Release, now: int) -> Sequence[Event]:
    """Free what is kept for somebody.

    :raises UnknownReservation: if nothing of one of the items is
    """
    books = Books(read, now)
    for item in dict.fromkeys(command.items or command.found):
        shelf = books.shelf(command.station, item)
        if command.reservation not in shelf.stock.reservations:
            raise UnknownReservation(reservation=command.reservation)
        shelf.release(command.reservation, cause="released")
    if not books.facts:
        raise UnknownReservation(reservation=command.reservation)
    return books.facts


class Issue(_OfShelves, frozen=True, kw_only=True):
    """物资出库: first to expire first, out of a reservation if one is named."""

    slip: str
    to: Party
    reservation: str = ""
    whole: bool = True


def issue(read: Read, command: Issue, now: int) -> Sequence[Event]:
    """Give stock to somebody, and say which lots were passed over and why.

    :raises UnknownStation: if no stock is held there
    :raises UnknownRecipient: if it is for nobody
    :raises UnknownReservation: if nothing of it is reserved under that id, or a
        request keeps it, which sends it itself
    :raises ReasonNeeded: if the keeper chooses a lot and does not say why
    :raises StockRefused: with a fault for each wrong line
    :raises StockShort: if there is not enough
    """
    known_station(read, command.station)
    # Requests are dispatched and transfers shipped: only so do they know of it.
    if not known_party(command.to, RECIPIENTS) or command.to.kind in OF_THEIR_OWN:
        raise UnknownRecipient
    check_lines(read, command.lines)
    if any(line.lot for line in command.lines) and not command.reason:
        raise ReasonNeeded
    books = Books(read, now)
    if command.reservation:
        kept = [
            books.shelf(command.station, wish.item).stock.reservations.get(
                command.reservation
            )
            for wish in command.lines
        ]
        # Under its own id a request keeps: it would never know.
        request = Party(REQUEST, command.reservation)
        theirs = any(k and k.purpose == request for k in kept)
        if theirs or not any(kept):
            raise UnknownReservation(reservation=command.reservation)
    lines, passed = take_lines(
        books,
        command.station,
        command.lines,
        command.reservation,
        USED,
        command.slip,
        whole=command.whole,
    )
    slip = GoodsIssued(
        slip=command.slip,
        station=command.station,
        to=command.to,
        lines=tuple(lines),
        passed=tuple(passed),
        reservation=command.reservation,
    )
    return [slip, *books.facts]


class ReturnGoods(OfStation, frozen=True, kw_only=True):
    """物资退回: ``issue``: the slip they left with; bad ones are scrapped at once."""

    issue: str
    lines: tuple[Line, ...]
    good: bool

    @property
    def stream(self) -> str:
        """The slip's stream."""
        return f"slip/{self.issue}"


def _wanted_still(request: str, command: ReturnGoods) -> RequestReturned:
    """Return that what came back is wanted by its request still."""
    back: dict[str, int] = {}
    for line in command.lines:
        back[line.item] = back.get(line.item, 0) + line.quantity
    lines = tuple(Wanted(item, quantity) for item, quantity in back.items())
    return RequestReturned(request=request, slip=command.issue, lines=lines)


def return_goods(read: Read, command: ReturnGoods, now: int) -> Sequence[Event]:
    """Take back what an issue gave out, at the station that gave it.

    :raises NotOut: if the slip is no issue of this station, or not so much is out
    :raises StockRefused: with a fault for each wrong line
    """
    check_lines(read, command.lines)
    check_out(read, command.issue, command.station, command.lines, RECIPIENTS)
    books = Books(read, now)
    slip = GoodsReturned(
        slip=command.issue,
        station=command.station,
        lines=command.lines,
        good=command.good,
    )
    party = read(slip_stream(command.issue)).party
    if party is not None and party.kind == REQUEST:
        books.facts.append(_wanted_still(party.id, command))
    into = SHELF if command.good else SCRAP
    put_lines(books, command.station, command.lines, USED, into, command.issue)
    return [slip, *books.facts]
