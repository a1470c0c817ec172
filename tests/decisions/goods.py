"""A few goods at three stations, and the facts by which they are there."""

import pytest

from coordination.items.events import Item, ItemListed, Need, Packaging
from coordination.provenance import Actor
from coordination.refusals import Refusal
from coordination.stations.events import StationOpened
from coordination.stock.events import (
    GoodsIssued,
    LotRegistered,
    LotStatusSet,
    ReservationReleased,
    StockMoved,
    StockReserved,
)
from coordination.stock.ledger import (
    PURCHASE,
    SHELF,
    TRANSIT,
    USED,
    Line,
    Party,
    Passed,
    Pick,
)
from coordination.stock.lines import OfLot
from coordination.transfers.events import ShipmentArrived, ShipmentSent
from tests.given import (
    COMMUNITY_11,
    COMMUNITY_12,
    COMMUNITY_21,
    HOUR,
    NOW,
    by,
    fold,
)

DAY = 24 * HOUR
MASK = Item(
    code="mask",
    name="口罩",
    en="Mask",
    category="protective",
    unit="只",
    packagings=(Packaging("盒", 50), Packaging("箱", 2_000)),
    alert_days=30,
    needs=(Need("epidemic", 2_000),),
)
TENT = Item(code="tent", name="帐篷", en="Tent", category="bedding", unit="顶")
S1, S2, S3 = (f"{p.path}-s1" for p in (COMMUNITY_11, COMMUNITY_12, COMMUNITY_21))
"""Stations: two of the first street, one of the second."""
SOLD = Party(PURCHASE, "o-1")
SQUAD = Party("squad", "sq-1")
STORE = [
    ItemListed(item=MASK),
    ItemListed(item=TENT),
    *(StationOpened(station=s, post="") for s in (S1, S2, S3)),
]
"""What all of these tests begin with."""
LI, HE, XU = (
    by("c", Actor(account, "station-keeper")) for account in ("li", "he", "xu")
)
"""Three keepers."""


def lot(name, days=0, item="mask", *, source=SOLD, slip="r-1", alert=0, **more):
    """Return the registration of a lot that expires in so many days, 0: never."""
    return LotRegistered(
        item=item,
        lot=name,
        batch=more.get("batch", ""),
        made_us=more.get("made_us", 0),
        expires_us=NOW + days * DAY if days else 0,
        alert_us=NOW + alert * DAY if alert else 0,
        origin=source,
        slip=slip,
    )


def moved(
    name, quantity, source=PURCHASE, to=SHELF, *, item="mask", station=S1, slip="r-1"
):
    """Return one movement."""
    return StockMoved(
        station=station,
        item=item,
        lot=name,
        quantity=quantity,
        source=source,
        destination=to,
        slip=slip,
    )


def shelved(name, quantity, days=0, **where):
    """Return that so much of a new lot was bought and stands on the shelf."""
    item = where.get("item", "mask")
    return [lot(name, days, item), moved(name, quantity, **where)]


def picks(chosen):
    """Return quantities by lot as picks."""
    return tuple(Pick(*each) for each in chosen.items())


def kept(reservation, chosen, asked=0, *passed, item="mask", station=S1, purpose=SQUAD):
    """Return that lots are reserved; ``passed``: (lot, quantity, why)."""
    return StockReserved(
        station=station,
        item=item,
        reservation=reservation,
        purpose=purpose,
        asked=asked or sum(chosen.values()),
        picks=picks(chosen),
        passed=tuple(Passed(*each) for each in passed),
    )


def freed(reservation, chosen, cause="released", *, item="mask", station=S1):
    """Return that lots are reserved no more."""
    return ReservationReleased(
        station=station,
        item=item,
        reservation=reservation,
        picks=picks(chosen),
        cause=cause,
    )


def status(name, now, before="approved", *, item="mask", station=S1):
    """Return what a lot is set to; ``station`` empty: everywhere."""
    return LotStatusSet(station=station, item=item, lot=name, status=now, before=before)


def line(name, quantity, item="mask"):
    """Return a line of a slip."""
    return Line(item, name, quantity)


def of_lots(lines):
    """Return lines of a slip as they are said."""
    return tuple(OfLot(each.item, each.lot, each.quantity) for each in lines)


def issued(slip, *lines, to=SQUAD, passed=(), reservation="", station=S1):
    """Return an issue without its movements."""
    return GoodsIssued(
        slip=slip,
        station=station,
        to=to,
        lines=lines,
        passed=tuple(("mask", Passed(*each)) for each in passed),
        reservation=reservation,
    )


def gone(slip, name, quantity, **where):
    """Return the movement of an issue."""
    return moved(name, quantity, SHELF, USED, slip=slip, **where)


def sent(slip, *lines, who=LI, expected_us=0, station=S1, to=S2):
    """Return that a shipment left, without its movements."""
    return ShipmentSent(
        slip=slip,
        station=station,
        to=to,
        lines=lines,
        by=who.actor.account,
        expected_us=expected_us,
        carrier="",
    )


def loaded(slip, name, quantity, **where):
    """Return the movement of a shipment that leaves."""
    return moved(name, quantity, SHELF, TRANSIT, slip=slip, **where)


def arrived(slip, left, *lines, who=HE, complete=True, owner=LI, station=S2):
    """Return that a shipment was unloaded, without its movements."""
    return ShipmentArrived(
        slip=slip,
        station=station,
        lines=lines,
        complete=complete,
        owner=owner.actor.account,
        left=left,
        by=who.actor.account,
    )


def unloaded(slip, name, quantity, *, station=S2, to=SHELF):
    """Return the movement of a shipment that arrives, or of what is written off."""
    return moved(name, quantity, TRANSIT, to, slip=slip, station=station)


def faults(decide, given, when, now=NOW, who=None):
    """Return (row, field) of each fault that a decision is refused with."""
    with pytest.raises(Refusal) as caught:
        decide(fold(*given, who=who), when, now)
    rows = caught.value.facts["rows"]
    assert caught.value.facts["count"] == len(rows)
    assert all(row.zh and row.en for row in rows)
    return [(row.row, row.field) for row in rows]
