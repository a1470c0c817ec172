"""Rules of receipts that were mistyped (入库更正): a lot's dates, who gave it."""

from __future__ import annotations

from collections.abc import Sequence

from coordination.corrects import Instead, NothingInstead, standing
from coordination.filled import filled
from coordination.items.state import alert_of
from coordination.kernel import Event, Read, Told
from coordination.refusals import Invalid
from coordination.stations.state import settled_station
from coordination.stock.events import (
    DonorCorrected,
    GoodsReceived,
    LotCorrected,
    LotRegistered,
)
from coordination.stock.ledger import DONATION, Party
from coordination.stock.lines import known_party
from coordination.stock.receipts import UnknownSource
from coordination.stock.slips import slip_stream
from coordination.stock.state import lot_stream
from coordination.tree import site_path
from coordination.vocabulary import SOURCES

LOT = LotRegistered, LotCorrected

ImpossibleDates = Invalid.of(
    "corrections.impossible-dates",
    "生产日期不能晚于今天，也不能晚于有效期",
    "nothing is made later than today or than its last good day",
    "请核对后填写",
    "look at the dates",
    field="expires",
)
NotAGift = Invalid.of(
    "corrections.not-a-gift",
    "这张入库单不是捐赠，没有捐赠人",
    "this receipt is no gift and has no donor",
    "数量有误请做账面更正",
    "if a quantity is wrong, adjust it",
    field="donor",
)


def receipt_station(read: Read, fact: Event) -> str:
    """Return the station whose receipt brought a lot, or made a gift's slip."""
    if isinstance(fact, GoodsReceived | DonorCorrected):
        return fact.station
    assert isinstance(fact, LOT), "see the table"
    known = read(lot_stream(fact.item, fact.lot)).registered
    assert known is not None, "it was registered"
    return read(slip_stream(known.slip)).station


def receipt_path(read: Read, fact: Event) -> str:
    """Return where that station lies: where such a fact is corrected."""
    return site_path(receipt_station(read, fact))


def correct_lot(read: Read, wrong: Told, instead: Instead, now: int) -> Sequence[Event]:
    """Correct the maker's batch and the dates of a lot, wherever it is.

    :raises OwnStation: if they keep the station themselves
    :raises NothingInstead: if it would say what it says already
    :raises ImpossibleDates: if it was made later than now, or than it is good
    """
    fact = wrong.event
    assert isinstance(fact, LOT), "see the table"
    settled_station(read, receipt_station(read, fact))
    expires_us = instead.expires_us or fact.expires_us
    made_us = instead.made_us or fact.made_us
    right = filled(
        LotCorrected,
        fact,
        corrects=wrong.seq,
        batch=instead.batch or fact.batch,
        made_us=made_us,
        expires_us=expires_us,
        alert_us=alert_of(read, fact.item, expires_us),
    )
    if (right.batch, made_us, expires_us) == (
        fact.batch,
        fact.made_us,
        fact.expires_us,
    ):
        raise NothingInstead
    if made_us > now or 0 < expires_us <= made_us:
        raise ImpossibleDates
    return [right]


def correct_donor(
    read: Read, wrong: Told, instead: Instead, _now: int
) -> Sequence[Event]:
    """Correct whose gift a receipt was, and with it all lots that came by it.

    :raises NotAGift: if it was bought, requisitioned or there before
    :raises OwnStation: if they keep the station themselves
    :raises NothingInstead: if it would say what it says already
    :raises UnknownSource: if nobody can be called so
    """
    fact = wrong.event
    assert isinstance(fact, GoodsReceived | DonorCorrected), "see the table"
    before, right = fact.source, Party(DONATION, instead.donor)
    if before.kind != DONATION:
        raise NotAGift
    settled_station(read, fact.station)
    if right == before or not instead.donor:
        raise NothingInstead
    if not known_party(right, SOURCES):
        raise UnknownSource
    found: list[Event] = [
        filled(DonorCorrected, fact, corrects=wrong.seq, source=right, before=before)
    ]
    for item, lot in read(slip_stream(fact.slip)).left:
        known = read(lot_stream(item, lot)).registered
        if known is None or known.slip != fact.slip:
            continue
        stands = standing(read, lot_stream(item, lot).id, LOT)
        found.append(
            filled(LotCorrected, stands.event, corrects=stands.seq, origin=right)
        )
    return found
