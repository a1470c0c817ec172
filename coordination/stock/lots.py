"""Rules of lots (批次): what they are set to, their expiry, scrapping, corrections."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import msgspec

from coordination.kernel import Command, Event, Read, Refusal
from coordination.stations.state import OfStation, known_station
from coordination.stock.events import (
    EXPIRED,
    QUARANTINED,
    RECALLED,
    STATUSES,
    LotExpired,
    LotExpiring,
    LotStatusSet,
)
from coordination.stock.lines import (
    ReasonNeeded,
    UnknownLot,
)
from coordination.stock.shelf import Books, Shelf
from coordination.stock.state import lot_stream

APPROVED = STATUSES[0]
EVERYWHERE = (APPROVED, QUARANTINED, RECALLED)
"""What a lot can be set to at all stations at once."""


class UnknownStatus(Refusal):
    """Not what a lot can be set to, or it is that already (状态有误)."""

    code = "lots.unknown-status"
    zh = "状态 {status} 有误或未变化"
    en = "{status} is no status to set, or the lot has it"
    field = "status"


class SetLotStatus(OfStation, frozen=True, kw_only=True):
    """批次状态设定 at one station: hold it, quarantine it, find it good again."""

    item: str
    lot: str
    status: str

    @property
    def stream(self) -> str:
        """The stock's stream."""
        return f"stock/{self.station}/{self.item}"


def set_lot_status(read: Read, command: SetLotStatus, now: int) -> Sequence[Event]:
    """Set what a lot is at a station; what is reserved of it stays reserved.

    :raises UnknownLot: if none of it is there
    :raises UnknownStatus: if it is that already, or there is no such status
    :raises ReasonNeeded: if no reason is given
    """
    held = _shelf(read, command.station, command.item, now).stock.lots.get(command.lot)
    if held is None:
        raise UnknownLot(lot=command.lot)
    if command.status not in STATUSES or command.status in {held.status, RECALLED}:
        raise UnknownStatus(status=command.status)
    if not command.reason:
        raise ReasonNeeded
    return [
        LotStatusSet(
            station=command.station,
            item=command.item,
            lot=command.lot,
            status=command.status,
            before=held.status,
        )
    ]


def _shelf(read: Read, station: str, item: str, now: int) -> Shelf:
    known_station(read, station)
    return Books(read, now).shelf(station, item)


class RecallLot(Command, frozen=True, kw_only=True):
    """批次召回: at every station and on the way, by one fact; or cleared again."""

    ACTION: ClassVar[str] = "stock.recall"
    item: str
    lot: str
    status: str

    @property
    def stream(self) -> str:
        """The lot's own stream."""
        return f"lot/{self.item}/{self.lot}"


def recall_lot(read: Read, command: RecallLot, _now: int) -> Sequence[Event]:
    """Recall or quarantine a lot wherever it is, or find it good again.

    :raises UnknownLot: if there is none
    :raises UnknownStatus: if it is that already, or cannot be everywhere
    :raises ReasonNeeded: if no reason is given
    """
    known = read(lot_stream(command.item, command.lot))
    if known.registered is None:
        raise UnknownLot(lot=command.lot)
    if command.status not in EVERYWHERE or command.status == known.status:
        raise UnknownStatus(status=command.status)
    if not command.reason:
        raise ReasonNeeded
    return [
        LotStatusSet(
            station="",
            item=command.item,
            lot=command.lot,
            status=command.status,
            before=known.status,
        )
    ]


class LotHere(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A lot whose expiry is to be noted."""

    item: str
    lot: str


class NoteExpiry(OfStation, frozen=True, kw_only=True):
    """临期/过期: the tick noticed; the decision looks again."""

    ACTION: ClassVar[str] = "deadline.record"
    lots: tuple[LotHere, ...]


class NothingDue(Refusal):
    """Nothing there is to be noted (无须记录)."""

    code = "lots.nothing-due"
    zh = "没有到期的批次"
    en = "no lot is due"


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
        fact: Event | None = None
        if 0 < lot.expires_us <= now and held.noted != EXPIRED:
            fact = LotExpired(
                station=command.station,
                item=wanted.item,
                lot=wanted.lot,
                expires_us=lot.expires_us,
            )
        elif 0 < lot.alert_us <= now < lot.expires_us and not held.noted:
            fact = LotExpiring(
                station=command.station,
                item=wanted.item,
                lot=wanted.lot,
                due_us=lot.alert_us,
                expires_us=lot.expires_us,
            )
        if fact is not None:
            shelf.add(fact)
    if not books.facts:
        raise NothingDue
    return books.facts
