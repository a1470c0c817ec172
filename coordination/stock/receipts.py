"""Rules of receipts (入库): bought, given, requisitioned; a lot is one everywhere."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from typing import Annotated, Literal

import msgspec

from coordination.again import Recorded, Recording
from coordination.fields import (
    DAY,
    LAST_DAY,
    MaybeEmergency,
    SlipId,
    form,
    lot_id,
    named,
)
from coordination.filled import filled
from coordination.items.state import DAY_US, alert_of, item_stream
from coordination.kernel import Event, Read, id_of
from coordination.late import happened
from coordination.mode.state import EMERGENCIES
from coordination.refusals import Fault, Invalid
from coordination.stations.events import DonationNumbered
from coordination.stations.state import OfStation, known_station
from coordination.stock.books import Books
from coordination.stock.events import (
    DocumentEntered,
    GoodsReceived,
    LotExpired,
    LotRegistered,
)
from coordination.stock.ledger import (
    DONATION,
    EXPIRED,
    OPENING,
    REQUISITION,
    SHELF,
    Line,
    Party,
)
from coordination.stock.lines import (
    BATCH_CHARS,
    LINES_MAX,
    PARTY_CHARS,
    AnyLot,
    ItemId,
    Quantity,
    Unit,
    check_lines,
    known_party,
    put_lines,
)
from coordination.stock.state import document_stream, lot_stream
from coordination.stock.units import counted
from coordination.vocabulary import SOURCES


class Delivered(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A line of what came in. ``lot`` empty: a new one.

    ``expires_us``: first moment it is no good, 0: never, or its shelf life after it was
    made. ``unit``: what ``quantity`` counts, empty: base units.
    """

    item: ItemId
    quantity: Quantity
    lot: AnyLot = ""
    batch: Annotated[str, named("批号", "Maker's batch", max_length=BATCH_CHARS)] = ""
    made_us: Annotated[int, named("生产日期", "Made on", as_="made", wire=DAY)] = 0
    expires_us: Annotated[
        int, named("有效期至", "Good until", as_="expires", wire=LAST_DAY)
    ] = 0
    unit: Unit = ""


class _SourceForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where goods come from; of a donation the donor says who."""

    kind: Annotated[
        Literal["purchase", "donation", "requisition", "opening"],
        named("类别", "Kind", "purchase, donation, requisition, opening", flag="from"),
    ]
    id: Annotated[
        str,
        named(
            "对象",
            "Who",
            "supplier, owner of what is taken",
            flag="supplier",
            max_length=PARTY_CHARS,
        ),
    ] = ""


class Receive(OfStation, frozen=True, kw_only=True):
    """物资入库: put what came in on the shelf; a gift gets a numbered receipt.

    Bought, given, requisitioned, or there when the station was opened.
    """

    slip: SlipId
    source: Annotated[Party, form(_SourceForm), named("来源", "Source")]
    lines: Annotated[
        tuple[Delivered, ...],
        named(
            "物资",
            "Lines",
            "ITEM=QUANTITY[UNIT][@LOT][:DAY], the last good one",
            spoken="delivered",
            upto=LINES_MAX,
        ),
    ]
    document: Annotated[str, named("凭证", "Document", max_length=PARTY_CHARS)] = ""
    emergency: MaybeEmergency = ""
    recorded: Recorded = 0

    @property
    def stream(self) -> str:
        """Donations of a station are numbered one after the other."""
        if self.source.kind == DONATION or not self.lines:
            return f"station/{self.station}"
        return f"stock/{self.station}/{self.lines[0].item}"


UnknownSource = Invalid.of(
    "stock.unknown-source",
    "来源有误",
    "no such source",
    "请选采购、捐赠、征用或期初，征用须注明突发事件",
    "take purchase, donation, requisition or opening; a requisition names its "
    "emergency",
    field="source",
)


def receive(read: Read, command: Receive, now: int) -> Sequence[Event]:
    """Put what came in on the shelf, by lot; a lot is the same wherever it goes.

    :raises UnknownStation: if no stock is held there
    :raises UnknownSource: if it comes from nowhere
    :raises StockRefused: with a fault for each wrong line
    :raises AlreadyRecorded: if goods came by that document already
    :raises TooEarly: if it is said to have happened before the station was opened
    """
    delivered = _delivered(read, command)
    station = known_station(read, command.station)
    source = command.source
    emergency = command.emergency
    known = emergency in read(EMERGENCIES).all if emergency else True
    asked = (source.kind == REQUISITION) == bool(emergency)
    if not known_party(source, SOURCES) or not known or not asked:
        raise UnknownSource

    then, entered = happened(read, now), _document(read, command)
    seen: dict[tuple[str, str], Delivered] = {}

    def faults(line: Delivered) -> Iterator[Fault]:
        first = seen.setdefault((line.item, line.lot), line)
        yield from _lot_faults(read, line, first, source, then)

    check_lines(read, delivered, faults)
    books = Books(read, now)
    for line in {(d.item, d.lot): d for d in delivered}.values():
        if read(lot_stream(line.item, line.lot)).registered is None:
            books.facts.append(_registered(read, command, line))
    lines = tuple(Line(d.item, d.lot, d.quantity) for d in delivered)
    if entered:
        books.facts.append(
            filled(DocumentEntered, command, digest=entered, lines=lines)
        )
    number = station.donations + 1 if source.kind == DONATION else 0
    books.facts.append(
        filled(GoodsReceived, command, source=source, lines=lines, number=number)
    )
    if number:
        fact = DonationNumbered(
            station=command.station, number=number, slip=command.slip
        )
        books.facts.append(fact)
    put_lines(books, command.station, lines, source.kind, SHELF, command.slip)
    _note_expired(books, command.station, lines)
    return books.facts


def _document(read: Read, command: Receive) -> str:
    """Return the digest of the document goods come by, empty if there is none.

    :raises AlreadyRecorded: if goods came by it that the author did not see
    """
    said = "".join(unicodedata.normalize("NFKC", command.document).split()).upper()
    if not said:
        return ""
    digest = id_of("d", f"{command.source.kind}:{said}")
    about = document_stream(f"{command.station}/{digest}")
    zh, en = f"凭“{command.document}”登记入库", f"received by “{command.document}”"
    entering = Recording((DocumentEntered,), zh, en, times=True)
    entering.check(read, command.recorded, read(about), about.id)
    return digest


def _note_expired(books: Books, station: str, lines: Sequence[Line]) -> None:
    """Record of what is no good when it is taken up (期初过期) that it is none."""
    for item, lot in dict.fromkeys((line.item, line.lot) for line in lines):
        shelf = books.shelf(station, item)
        known = shelf.lot(lot).registered or _of_facts(books, item, lot)
        noted = shelf.held(lot).told_of(known.expires_us)
        if 0 < known.expires_us <= books.now and noted != EXPIRED:
            shelf.add(filled(LotExpired, known, station=station))


def _of_facts(books: Books, item: str, lot: str) -> LotRegistered:
    """Return the registration of a lot that this decision makes."""
    return next(
        fact
        for fact in books.facts
        if isinstance(fact, LotRegistered) and (fact.item, fact.lot) == (item, lot)
    )


def _delivered(read: Read, command: Receive) -> tuple[Delivered, ...]:
    """Return what came in, each line with its lot and its expiry.

    :raises StockRefused: naming each line with a unit its item does not have
    """
    made = read.by.command_id
    return tuple(
        msgspec.structs.replace(
            line,
            lot=line.lot or id_of("l", f"{made}:{number}"),
            expires_us=line.expires_us or _shelf_life(read, line),
        )
        for number, line in enumerate(counted(read, command.lines), start=1)
    )


def _shelf_life(read: Read, line: Delivered) -> int:
    """Return the first moment after its shelf life, 0 if nobody knows that.

    The day it was made is the first of them: of 365 days from 1 November the last good
    one is 31 October. A lot that is known keeps the day it was registered with.
    """
    item = read(item_stream(line.item)).item
    if item is None or not item.shelf_days or not line.made_us:
        return 0
    known = read(lot_stream(line.item, line.lot)).registered if line.lot else None
    if known is not None and known.made_us == line.made_us:
        return known.expires_us
    return line.made_us + item.shelf_days * DAY_US


def _lot_faults(
    read: Read, line: Delivered, first: Delivered, source: Party, now: int
) -> Iterator[Fault]:
    """Yield what is wrong with a lot that comes in."""
    entry = read(item_stream(line.item))
    if entry.item is not None and entry.item.shelf_days and not line.expires_us:
        # Without it the lot would be good for ever, and go out when it is not.
        yield "expires", "有保质期，须填有效期或生产日期", "it expires: say when"
    if entry.withdrawn:
        yield "item", "已移出目录", "withdrawn from the catalogue"
    if source.kind != OPENING and 0 < line.expires_us <= now:
        yield "expires", "已过期，不得入库", "expired already"
    if not 0 <= line.made_us <= now or 0 < line.expires_us <= line.made_us:
        yield "made", "生产日期晚于当前或有效期", "made later than now or its expiry"
    known = read(lot_stream(line.item, line.lot)).registered
    ours = (lot_id(first.batch), first.made_us, first.expires_us)
    if known is not None:
        other = known.origin.kind != source.kind
        owned = source.kind == REQUISITION and known.origin != source
        if other or owned or source.kind == DONATION:
            # One lot, one origin: or nobody could trace a gift to a doorstep.
            yield "lot", "批次号已用于其他来源", "this lot came from elsewhere"
        ours = (lot_id(known.batch), known.made_us, known.expires_us)
    if ours != (lot_id(line.batch), line.made_us, line.expires_us):
        yield (
            "lot",
            "与该批次已登记的批号或日期不符",
            "this lot is registered otherwise",
        )


def _registered(read: Read, command: Receive, line: Delivered) -> LotRegistered:
    """Return the registration of a new lot, with the moment its alert begins."""
    return filled(
        LotRegistered,
        line,
        alert_us=alert_of(read, line.item, line.expires_us),
        origin=command.source,
        slip=command.slip,
    )
