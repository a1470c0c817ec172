"""Alarms about goods (物资告警): what is short, expires, is late or missing."""

from __future__ import annotations

from coordination.stations import events as stations
from coordination.stock import events as stock
from coordination.stock.ledger import SHELF
from coordination.transfers import events as transfers
from coordination.tree import site_path
from projections.alarms import (
    ALARM,
    GRAVE,
    ON_SHELF,
    WARNING,
    WAY,
    Shelf,
    Way,
    raise_alarm,
    settle,
)
from projections.dispatch import On
from projections.view import Handlers, Tables

GOODS: Handlers = {}
on = On(GOODS)


@on(stations.ShortagesNoted)
def on_short(t: Tables, e: stations.ShortagesNoted) -> None:
    """Less than its minimum is free of these items; what was noted before is over."""
    about, gravity = f"station:{e.station}", GRAVE if e.war else WARNING
    settle(t, about)
    if e.items:
        alarm = f"shortage:{e.station}:{t.fact.seq}"
        raise_alarm(t, alarm, gravity, about, e.station, 0, site_path(e.station))


@on(stock.LotExpiring | stock.LotExpired)
def on_expiry(t: Tables, e: stock.LotExpiring | stock.LotExpired) -> None:
    """A lot on a shelf expires soon, or has."""
    key, kind = f"{e.station}/{e.item}/{e.lot}", "expiring"
    about = f"lot:{key}"
    if isinstance(e, stock.LotExpired):
        settle(t, about)
        kind = "expired"
    alarm, path = f"{kind}:{key}:{t.fact.seq}", site_path(e.station)
    raise_alarm(t, alarm, WARNING, about, key, e.expires_us, path)


@on(stock.LotCorrected)
def on_lot_corrected(t: Tables, e: stock.LotCorrected) -> None:
    """A lot's expiry was mistyped, perhaps: of the right one somebody is told anew."""
    for key in t[ON_SHELF].current:
        if key.endswith(f"/{e.item}/{e.lot}"):
            settle(t, f"lot:{key}")


@on(stock.StockMoved)
def on_moved(t: Tables, e: stock.StockMoved) -> None:
    """What left a shelf altogether need not be looked at there."""
    if SHELF not in {e.source, e.destination}:
        return
    key = f"{e.station}/{e.item}/{e.lot}"
    known = t[ON_SHELF].current.get(key)
    change = e.quantity if e.destination == SHELF else -e.quantity
    on_hand = (known.on_hand if known else 0) + change
    t.put(ON_SHELF, Shelf(key=key, on_hand=on_hand))
    if not on_hand:
        settle(t, f"lot:{key}")


@on(transfers.ShipmentSent)
def on_sent(t: Tables, e: transfers.ShipmentSent) -> None:
    """Remember between which places a shipment is."""
    paths = ",".join(dict.fromkeys((site_path(e.station), site_path(e.to))))
    left = sum(line.quantity for line in e.lines)
    t.put(WAY, Way(shipment=e.slip, paths=paths, left=left))


@on(transfers.ShipmentLate)
def on_shipment_late(t: Tables, e: transfers.ShipmentLate) -> None:
    """A shipment is not there."""
    _on_way(t, "transfer", WARNING, e.slip, e.due_us)


def _on_way(t: Tables, kind: str, gravity: str, slip: str, due_us: int) -> None:
    about, paths = f"shipment:{slip}", t[WAY].current[slip].paths
    raise_alarm(t, f"{kind}:{slip}", gravity, about, slip, due_us, paths)


@on(transfers.ShipmentArrived | transfers.ShortfallClosed)
def on_way(t: Tables, e: transfers.ShipmentArrived | transfers.ShortfallClosed) -> None:
    """Some of a shipment is there or accounted for; what never comes is missing."""
    about, way = f"shipment:{e.slip}", t[WAY].current[e.slip]
    left = way.left - sum(line.quantity for line in e.lines)
    t.put(WAY, way._replace(left=left))
    if not left:
        settle(t, about)
    elif isinstance(e, transfers.ShipmentArrived) and e.complete:
        settle(t, about, kind="transfer")
        if f"discrepancy:{e.slip}" not in t[ALARM].current:
            _on_way(t, "discrepancy", GRAVE, e.slip, 0)
