"""Rules of the stock ledger (库存账): what is kept for somebody, and what goes out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Annotated

import msgspec

from coordination.fields import SlipId, form, named, pattern
from coordination.filled import filled
from coordination.kernel import Event, Read
from coordination.refusals import Fault, Invalid, NotFound
from coordination.stations.state import OfStation, known_station
from coordination.stock.books import Books
from coordination.stock.events import GoodsIssued
from coordination.stock.ledger import REQUEST, TRANSFER, USED, Party
from coordination.stock.lines import (
    LINES_MAX,
    PARTY_CHARS,
    ItemId,
    Wish,
    Wishes,
    check_lines,
    choose,
    known_party,
    short,
    take_lines,
    why_chosen,
)
from coordination.stock.state import stock_stream
from coordination.stock.units import counted
from coordination.vocabulary import RECIPIENTS

OF_THEIR_OWN = (REQUEST, TRANSFER)
"""Recipients that are served by commands of their own."""
KEPT_ID = r"[0-9a-z][0-9a-z-]{3,40}"
KeptId = Annotated[str, pattern(KEPT_ID), named("预留", "Reservation")]


class RecipientForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whom goods are for; ``id`` never a person's name."""

    kind: Annotated[str, pattern(r"[a-z]{3,20}"), named("类别", "Kind")]
    id: Annotated[str, named("对象", "Who", upto=PARTY_CHARS)]


WHO = "KIND:ID: squad, step, person, household, site, area"
Recipient = Annotated[
    Party,
    form(RecipientForm),
    named(
        "去向",
        "For",
        WHO,
        spoken="recipient",
    ),
]


class _OfShelves(OfStation, frozen=True, kw_only=True):
    """What is decided about lines of one station; the first item's stream leads."""

    lines: Wishes

    @property
    def stream(self) -> str:
        """Commands about the same item wait for one another, others do not."""
        item = self.lines[0].item if self.lines else ""
        return f"stock/{self.station}/{item}"


UnknownRecipient = Invalid.of(
    "stock.unknown-recipient",
    "去向有误",
    "no such recipient",
    "请选择去向；领用人选在册人员，不填姓名",
    "choose one; a person is named by their id, never by name",
    field="to",
)


class Reserve(_OfShelves, frozen=True, kw_only=True):
    """库存预留: keep what there is for somebody, and say why not more.

    ``whole``: all of it or nothing.
    """

    reservation: KeptId
    purpose: Annotated[
        Party,
        form(RecipientForm),
        named("用途", "For", WHO, flag="for", spoken="recipient"),
    ]
    whole: Annotated[bool, named("整单", "Whole", "all of it or none")] = False


def reserve(read: Read, command: Reserve, now: int) -> Sequence[Event]:
    """Keep stock for somebody: what there is, unless all of it is needed.

    :raises UnknownStation: if no stock is held there
    :raises UnknownRecipient: if it is for nobody
    :raises StockRefused: with a fault for each wrong line
    :raises StockShort: if there is nothing, or not all that is needed
    """
    lines = counted(read, command.lines)
    known_station(read, command.station)
    if not known_party(command.purpose, RECIPIENTS):
        raise UnknownRecipient
    seen: set[str] = set()

    def twice(line: Wish) -> Iterator[Fault]:
        held = read(stock_stream(command.station, line.item))
        if line.item in seen or command.reservation in held.reservations:
            yield "item", "同一物资已在本次预留中", "reserved under this id already"
        seen.add(line.item)

    check_lines(read, lines, twice)
    books = Books(read, now)
    refusal = None
    for wish in lines:
        shelf = books.shelf(command.station, wish.item)
        picked, passed = choose(shelf, wish, "", whole=command.whole)
        if picked:
            shelf.reserve(
                command.reservation, command.purpose, wish.quantity, picked, passed
            )
        else:
            refusal = refusal or short(shelf, wish.quantity, passed, wish.lot)
    if refusal is not None and not books.facts:
        raise refusal
    return books.facts


class Release(OfStation, frozen=True, kw_only=True):
    """预留释放: free what is kept of these items, or all of it.

    ``found``: the items of which a view knows that something is kept.
    """

    VIEWED = ("found",)
    reservation: KeptId
    items: Annotated[
        tuple[ItemId, ...], named("物资", "Items", max_length=LINES_MAX)
    ] = ()
    found: tuple[str, ...] = ()

    @property
    def stream(self) -> str:
        """As for any line."""
        items = self.items or self.found
        return f"stock/{self.station}/{items[0] if items else ''}"


UnknownReservation = NotFound.of(
    "stock.unknown-reservation",
    "没有预留 {reservation}",
    "nothing is reserved under {reservation}",
    field="reservation",
)


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
    """物资出库: give stock out, the first to expire first, or what is reserved.

    ``whole``: all of it or nothing.
    """

    slip: SlipId
    to: Recipient
    reservation: Annotated[
        str,
        pattern(f"({KEPT_ID})?"),
        named("预留", "Reservation", "out of what is kept"),
    ] = ""
    whole: Annotated[
        bool,
        named(
            "整单",
            "Whole",
            "part: as much as there is, not all or none",
            flag="whole/--part",
        ),
    ] = True

    @property
    def needs(self) -> tuple[str, ...]:
        """Whoever chooses a lot says why."""
        return why_chosen(self.lines)


def issue(read: Read, command: Issue, now: int) -> Sequence[Event]:
    """Give stock to somebody, and say which lots were passed over and why.

    :raises UnknownStation: if no stock is held there
    :raises UnknownRecipient: if it is for nobody
    :raises UnknownReservation: if nothing of it is reserved under that id, or a
        request keeps it, which sends it itself
    :raises StockRefused: with a fault for each wrong line
    :raises StockShort: if there is not enough
    """
    lines = counted(read, command.lines)
    known_station(read, command.station)
    # Requests are dispatched and transfers shipped: only so do they know of it.
    if not known_party(command.to, RECIPIENTS) or command.to.kind in OF_THEIR_OWN:
        raise UnknownRecipient
    check_lines(read, lines)
    books = Books(read, now)
    if command.reservation:
        kept = [
            books.shelf(command.station, wish.item).stock.reservations.get(
                command.reservation
            )
            for wish in lines
        ]
        # Under its own id a request keeps: it would never know.
        request = Party(REQUEST, command.reservation)
        theirs = any(k and k.purpose == request for k in kept)
        if theirs or not any(kept):
            raise UnknownReservation(reservation=command.reservation)
    taken, passed = take_lines(
        books,
        command.station,
        lines,
        command.reservation,
        USED,
        command.slip,
        whole=command.whole,
    )
    slip = filled(GoodsIssued, command, lines=tuple(taken), passed=tuple(passed))
    return [slip, *books.facts]
