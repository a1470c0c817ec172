"""Rules of lots (批次): what they are set to, their expiry, scrapping, corrections."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Annotated, Literal

import msgspec

from coordination.fields import Expected, MaybeStation, lot_id, named, pattern
from coordination.filled import filled
from coordination.items.state import listed_item
from coordination.kernel import SAID_HELD, Command, Event, Held, Read
from coordination.provenance import SEEN
from coordination.refusals import Invalid, NothingLeft, Refusal
from coordination.stations.state import OfStation, known_station
from coordination.stock.books import Books
from coordination.stock.events import (
    BatchStatusSet,
    LotExpired,
    LotExpiring,
    LotStatusSet,
)
from coordination.stock.ledger import EXPIRED, QUARANTINED, RECALLED, STATUSES
from coordination.stock.lines import BATCH_CHARS, ItemId, LotId, UnknownLot
from coordination.stock.state import batch_stream, lot_stream, stock_stream
from coordination.tree import site_path
from coordination.vocabulary import LOT_STATUSES

APPROVED = STATUSES[0]
EVERYWHERE = (APPROVED, QUARANTINED, RECALLED)
"""What a lot can be set to at all stations at once."""
AT_A_STATION = tuple(status for status in STATUSES if status != RECALLED)


UnknownStatus = Invalid.of(
    "lots.unknown-status",
    "状态“{status}”有误，或与现状相同",
    "{status} is no status to set, or the lot has it",
    "请选择另一状态",
    "choose another status",
    field="status",
)


class SetLotStatus(Command, frozen=True, kw_only=True):
    """批次状态设定: hold, quarantine or clear a lot at a station; recall it everywhere.

    ``station`` empty: at every station and on the way, by one fact (召回). ``also``:
    other spellings under which an older program stored the same lot.
    """

    ACTION = "stock.keep"
    INSTEAD = ("stock.recall",)
    NEEDS = ("reason",)
    VIEWED = ("also",)
    station: MaybeStation = ""
    item: ItemId
    lot: LotId
    status: Annotated[
        str,
        pattern(r"[a-z-]{2,20}"),
        named("状态", "Status", "approved, on-hold, quarantined, damaged, recalled"),
    ]

    also: tuple[str, ...] = ()

    expected: Expected = ""

    def held(self, read: Read, /) -> Held:
        """What the lot is set to until now.

        :raises UnknownStation: if no stock is held there
        :raises UnknownLot: if none of it is there, or there is no such lot
        """
        now, _ = _before(read, self)
        about = "lot", self.lot
        zh, en = "该批次状态", "this lot"
        return Held(now, (self.stream,), (LotStatusSet,), SAID_HELD, zh, en, about,
                    LOT_STATUSES[now or APPROVED])  # fmt: skip

    @property
    def needs(self) -> tuple[str, ...]:
        """A recall everywhere needs a fresh look as well."""
        return self.NEEDS if self.station else (*self.NEEDS, SEEN)

    @property
    def stream(self) -> str:
        """The stock's stream, or the lot's own."""
        if self.station:
            return f"stock/{self.station}/{self.item}"
        return f"lot/{self.item}/{self.lot}"

    def action(self, _read: Read, /) -> str:
        """A keeper may at their station; wherever it is, others must."""
        return self.ACTION if self.station else self.INSTEAD[0]

    def places(self, _read: Read, /) -> tuple[str, ...]:
        """Where the station stands."""
        return (site_path(self.station),) if self.station else ()


def set_lot_status(read: Read, command: SetLotStatus, _now: int) -> Sequence[Event]:
    """Set what a lot is, here or everywhere; what is reserved of it stays reserved.

    :raises UnknownStation: if no stock is held there
    :raises UnknownLot: if none of it is there, or there is no such lot
    :raises BatchRecalled: if it would be cleared, and its whole batch is stopped
    :raises UnknownStatus: if nothing would change, or it cannot be that there
    """
    before, settable = _before(read, command)
    if command.status == APPROVED:
        _check_batch(read, command)
    if command.status not in settable or command.status == before:
        raise UnknownStatus(status=command.status)
    facts: list[Event] = [filled(LotStatusSet, command, before=before)]
    for lot in command.also if not command.station else ():
        old = read(lot_stream(command.item, lot)).status
        if old != command.status:
            facts.append(filled(LotStatusSet, command, lot=lot, before=old))
    return facts


BatchRecalled = Refusal.of(
    "lots.batch-recalled",
    "批次 {lot} 属厂家批号 {batch}，该批号已整批停用",
    "lot {lot} is of the maker's batch {batch}, all of which is stopped",
    "请按厂家批号解除",
    "clear the batch",
    field="status",
)


def _check_batch(read: Read, command: SetLotStatus) -> None:
    """Return unless a lot would be cleared of which the whole batch is stopped.

    :raises BatchRecalled: if it would
    """
    maker = read(lot_stream(command.item, command.lot)).maker
    if maker and read(batch_stream(command.item, maker)) != APPROVED:
        raise BatchRecalled(lot=command.lot, batch=maker)


def _before(read: Read, command: SetLotStatus) -> tuple[str, Collection[str]]:
    """Return what a lot is until now, and what it can be set to.

    :raises UnknownStation: if no stock is held there
    :raises UnknownLot: if none of it is there, or there is no such lot
    """
    if not command.station:
        known = read(lot_stream(command.item, command.lot))
        UnknownLot.unless(known.registered, lot=command.lot)
        return known.status, EVERYWHERE
    known_station(read, command.station)
    stock = read(stock_stream(command.station, command.item))
    held = UnknownLot.unless(stock.lots.get(command.lot), lot=command.lot)
    return held.status, AT_A_STATION


class RecallBatch(Command, frozen=True, kw_only=True):
    """按厂家批号召回: stop every lot of a maker's batch, here now or received later."""

    STREAM = "batch/{0.item}/{0.key}"  # the batch's stream
    ACTION = "stock.recall"
    NEEDS = ("reason", "seen")
    item: ItemId
    batch: Annotated[
        str, named("厂家批号", "Maker's batch", "as it is printed", upto=BATCH_CHARS)
    ]
    status: Annotated[
        Literal["recalled", "quarantined", "approved"],
        named("状态", "Status", "recalled, quarantined; approved ends it"),
    ] = "recalled"

    expected: Expected = ""

    def held(self, read: Read, /) -> Held:
        """What the batch is set to until now."""
        now, zh, en = (
            read(batch_stream(self.item, self.key)),
            "该批号状态",
            "this batch",
        )
        return Held(now, (self.stream,), (BatchStatusSet,), SAID_HELD, zh, en,
                    said=LOT_STATUSES[now])  # fmt: skip

    @property
    def key(self) -> str:
        """The batch as it is compared."""
        return lot_id(self.batch)


NoBatch = Invalid.of(
    "lots.no-batch",
    "没有填写厂家批号",
    "no batch of the maker is named",
    "请填写厂家批号",
    "say which",
    field="batch",
)


def recall_batch(read: Read, command: RecallBatch, _now: int) -> Sequence[Event]:
    """Set what every lot of a maker's batch is, also those nobody has received yet.

    :raises UnknownItem: if the item is not in the catalogue
    :raises NoBatch: if no batch is named
    :raises UnknownStatus: if nothing would change
    """
    listed_item(read, command.item)
    if not command.key:
        raise NoBatch
    before = read(batch_stream(command.item, command.key))
    if command.status == before:
        raise UnknownStatus(status=LOT_STATUSES[command.status][0])
    return [filled(BatchStatusSet, command, batch=command.key, before=before)]


class LotHere(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A lot whose expiry is to be noted."""

    item: str
    lot: str


class NoteExpiry(OfStation, frozen=True, kw_only=True):
    """临期/过期: the tick noticed; the decision looks again."""

    ACTION = "deadline.record"
    lots: tuple[LotHere, ...]


NothingDue = NothingLeft.of(
    "lots.nothing-due",
    "没有到期的批次",
    "no lot is due",
)


def note_expiry(read: Read, command: NoteExpiry, now: int) -> Sequence[Event]:
    """Record what expires soon, or has expired, once each.

    :raises NothingDue: if somebody was quicker, or the stock is gone
    """
    books = Books(read, now)
    for wanted in command.lots:
        shelf = books.shelf(command.station, wanted.item)
        held = shelf.held(wanted.lot)
        lot = shelf.lot(wanted.lot).registered
        if not held.on_hand or lot is None:
            continue
        station, noted = command.station, held.told_of(lot.expires_us)
        if 0 < lot.expires_us <= now and noted != EXPIRED:
            shelf.add(filled(LotExpired, lot, station=station))
        elif 0 < lot.alert_us <= now < lot.expires_us and not noted:
            shelf.add(filled(LotExpiring, lot, station=station, due_us=lot.alert_us))
    if not books.facts:
        raise NothingDue
    return books.facts
