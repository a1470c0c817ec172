"""Rules of the stock ledger (库存账): what comes in, is kept, goes out, comes back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import ClassVar

import msgspec

from coordination.items.state import item_stream
from coordination.kernel import Event, Read, Refusal
from coordination.mode.state import EMERGENCIES
from coordination.stations.events import DonationNumbered
from coordination.stations.state import OfStation, known_station
from coordination.stock.events import (
    DONATION,
    REQUISITION,
    SCRAP,
    SHELF,
    USED,
    GoodsIssued,
    GoodsReceived,
    GoodsReturned,
    Line,
    LotRegistered,
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
from coordination.stock.state import lot_stream, stock_stream
from coordination.vocabulary import RECIPIENTS, SOURCES

DAY_US = 86_400_000_000


class Delivered(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A line of what came in. ``expires_us``: first moment it is no good, 0: never."""

    item: str
    quantity: int
    lot: str
    batch: str = ""
    made_us: int = 0
    expires_us: int = 0


class _OfShelves(OfStation, frozen=True, kw_only=True):
    """What is decided about lines of one station; the first item's stream leads."""

    lines: tuple[Wish, ...]

    @property
    def stream(self) -> str:
        """Commands about the same item wait for one another, others do not."""
        item = self.lines[0].item if self.lines else ""
        return f"stock/{self.station}/{item}"


class Receive(OfStation, frozen=True, kw_only=True):
    """物资入库: bought, given, requisitioned, or there when the station was opened."""

    slip: str
    source: Party
    lines: tuple[Delivered, ...]
    document: str = ""
    emergency: str = ""

    @property
    def stream(self) -> str:
        """Donations of a station are numbered one after the other."""
        if self.source.kind == DONATION or not self.lines:
            return f"station/{self.station}"
        return f"stock/{self.station}/{self.lines[0].item}"


class UnknownSource(Refusal):
    """Not a source, or an emergency that is none (来源有误)."""

    code = "stock.unknown-source"
    zh = "来源有误：须为采购、捐赠、征用或期初，征用须注明突发事件"
    en = "no such source; a requisition names its emergency"
    field = "source"


def receive(read: Read, command: Receive, now: int) -> Sequence[Event]:
    """Put what came in on the shelf, by lot; a lot is the same wherever it goes.

    :raises UnknownStation: if no stock is held there
    :raises UnknownSource: if it comes from nowhere
    :raises StockRefused: with a fault for each wrong line
    """
    station = known_station(read, command.station)
    source = command.source
    emergency = command.emergency
    known = emergency in read(EMERGENCIES).all if emergency else True
    asked = (source.kind == REQUISITION) == bool(emergency)
    if not known_party(source, SOURCES) or not known or not asked:
        raise UnknownSource

    seen: dict[tuple[str, str], Delivered] = {}

    def faults(line: Delivered) -> Iterator[Fault]:
        first = seen.setdefault((line.item, line.lot), line)
        yield from _lot_faults(read, line, first, source, now)

    check_lines(read, command.lines, faults)
    books = Books(read, now)
    for line in {(d.item, d.lot): d for d in command.lines}.values():
        if read(lot_stream(line.item, line.lot)).registered is None:
            books.facts.append(_registered(read, command, line))
    lines = tuple(Line(d.item, d.lot, d.quantity) for d in command.lines)
    number = station.donations + 1 if source.kind == DONATION else 0
    books.facts.append(
        GoodsReceived(
            slip=command.slip,
            station=command.station,
            source=source,
            document=command.document,
            lines=lines,
            number=number,
            emergency=command.emergency,
        )
    )
    if number:
        fact = DonationNumbered(
            station=command.station, number=number, slip=command.slip
        )
        books.facts.append(fact)
    put_lines(books, command.station, lines, source.kind, SHELF, command.slip)
    return books.facts


def _lot_faults(
    read: Read, line: Delivered, first: Delivered, source: Party, now: int
) -> Iterator[Fault]:
    """Yield what is wrong with a lot that comes in."""
    if read(item_stream(line.item)).withdrawn:
        yield "item", "已移出目录", "withdrawn from the catalogue"
    if line.expires_us and line.expires_us <= now:
        yield "expires", "已过期，不得入库", "expired already"
    if not 0 <= line.made_us <= now or 0 < line.expires_us <= line.made_us:
        yield "made", "生产日期晚于当前或有效期", "made later than now or its expiry"
    known = read(lot_stream(line.item, line.lot)).registered
    ours = (first.batch, first.made_us, first.expires_us)
    if known is not None:
        other = known.origin.kind != source.kind
        owned = source.kind == REQUISITION and known.origin != source
        if other or owned or source.kind == DONATION:
            # One lot, one origin: or nobody could trace a gift to a doorstep.
            yield "lot", "批次号已用于其他来源", "this lot came from elsewhere"
        ours = (known.batch, known.made_us, known.expires_us)
    if ours != (line.batch, line.made_us, line.expires_us):
        yield (
            "lot",
            "与该批次已登记的批号或日期不符",
            "this lot is registered otherwise",
        )


def _registered(read: Read, command: Receive, line: Delivered) -> LotRegistered:
    """Return the registration of a new lot, with the moment its alert begins."""
    item = read(item_stream(line.item)).item
    assert item is not None, "the line was checked"
    alert_us = 0
    if line.expires_us and item.alert_days:
        alert_us = max(1, line.expires_us - item.alert_days * DAY_US)
    return LotRegistered(
        item=line.item,
        lot=line.lot,
        batch=line.batch,
        made_us=line.made_us,
        expires_us=line.expires_us,
        alert_us=alert_us,
        origin=command.source,
        slip=command.slip,
    )


class UnknownRecipient(Refusal):
    """Nobody goods can be for (去向有误)."""

    code = "stock.unknown-recipient"
    zh = "去向有误"
    en = "no such recipient"
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
    :raises UnknownReservation: if nothing of it is reserved under that id
    :raises ReasonNeeded: if the keeper chooses a lot and does not say why
    :raises StockRefused: with a fault for each wrong line
    :raises StockShort: if there is not enough
    """
    known_station(read, command.station)
    if not known_party(command.to, RECIPIENTS):
        raise UnknownRecipient
    check_lines(read, command.lines)
    if any(line.lot for line in command.lines) and not command.reason:
        raise ReasonNeeded
    books = Books(read, now)
    if command.reservation:
        kept = [books.shelf(command.station, w.item).stock for w in command.lines]
        if not any(command.reservation in stock.reservations for stock in kept):
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
    into = SHELF if command.good else SCRAP
    put_lines(books, command.station, command.lines, USED, into, command.issue)
    return [slip, *books.facts]
