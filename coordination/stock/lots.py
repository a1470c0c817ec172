"""Rules of lots (批次): what they are set to, their expiry, scrapping, corrections."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Annotated

import msgspec

from coordination.fields import MaybeStation, named, pattern
from coordination.kernel import Command, Event, Invalid, Read, Refusal, filled
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
from coordination.stock.lines import ItemId, LotId, UnknownLot
from coordination.stock.shelf import Books
from coordination.stock.state import lot_stream
from coordination.tree import site_path

APPROVED = STATUSES[0]
EVERYWHERE = (APPROVED, QUARANTINED, RECALLED)
"""What a lot can be set to at all stations at once."""
AT_A_STATION = tuple(status for status in STATUSES if status != RECALLED)


UnknownStatus = Invalid.of(
    "lots.unknown-status",
    "状态 {status} 有误或未变化",
    "{status} is no status to set, or the lot has it",
    field="status",
)


class SetLotStatus(Command, frozen=True, kw_only=True):
    """批次状态设定: hold, quarantine or clear a lot at a station; recall it everywhere.

    ``station`` empty: at every station and on the way, by one fact (召回).
    """

    ACTION = "stock.keep"
    NEEDS = ("reason",)
    station: MaybeStation = ""
    item: ItemId
    lot: LotId
    status: Annotated[
        str,
        pattern(r"[a-z-]{2,20}"),
        named("状态", "Status", "approved, on-hold, quarantined, damaged, recalled"),
    ]

    @property
    def stream(self) -> str:
        """The stock's stream, or the lot's own."""
        if self.station:
            return f"stock/{self.station}/{self.item}"
        return f"lot/{self.item}/{self.lot}"

    def action(self, _read: Read, /) -> str:
        """A keeper may at their station; wherever it is, others must."""
        return self.ACTION if self.station else "stock.recall"

    def places(self, _read: Read, /) -> tuple[str, ...]:
        """Where the station stands."""
        return (site_path(self.station),) if self.station else ()


def set_lot_status(read: Read, command: SetLotStatus, now: int) -> Sequence[Event]:
    """Set what a lot is, here or everywhere; what is reserved of it stays reserved.

    :raises UnknownStation: if no stock is held there
    :raises UnknownLot: if none of it is there, or there is no such lot
    :raises UnknownStatus: if nothing would change, or it cannot be that there
    """
    before, settable = _before(read, command, now)
    if command.status not in settable or command.status == before:
        raise UnknownStatus(status=command.status)
    return [filled(LotStatusSet, command, before=before)]


def _before(read: Read, command: SetLotStatus, now: int) -> tuple[str, Collection[str]]:
    """Return what a lot is until now, and what it can be set to.

    :raises UnknownStation: if no stock is held there
    :raises UnknownLot: if none of it is there, or there is no such lot
    """
    if not command.station:
        known = read(lot_stream(command.item, command.lot))
        UnknownLot.unless(known.registered, lot=command.lot)
        return known.status, EVERYWHERE
    known_station(read, command.station)
    shelf = Books(read, now).shelf(command.station, command.item)
    held = UnknownLot.unless(shelf.stock.lots.get(command.lot), lot=command.lot)
    return held.status, AT_A_STATION


class LotHere(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A lot whose expiry is to be noted."""

    item: str
    lot: str


class NoteExpiry(OfStation, frozen=True, kw_only=True):
    """临期/过期: the tick noticed; the decision looks again."""

    ACTION = "deadline.record"
    lots: tuple[LotHere, ...]


NothingDue = Refusal.of("lots.nothing-due", "没有到期的批次", "no lot is due")


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
