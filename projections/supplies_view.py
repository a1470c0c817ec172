"""How supplies are kept (物资): one function an event."""

from __future__ import annotations

from coordination.areas import events as areas
from coordination.filled import filled
from coordination.items import events as items
from coordination.stations import events as stations
from coordination.stock import events as stock
from coordination.stock.slips import quantities
from coordination.transfers import events as transfers
from coordination.tree import site_path
from projections.supplies import (
    BATCH,
    ITEM,
    LOT,
    MAKER,
    RESERVATION,
    RESIDENTS,
    STATION,
    STOCK,
    TALLY,
    WAY,
    Item,
    Residents,
    Way,
    quantities_in,
)
from projections.supplies_stock import LOTS
from projections.supplies_tally import put_stock, station_of, stock_of
from projections.temporal import as_json
from projections.view import Tables, View

TABLES = (
    ITEM, STATION, BATCH, MAKER, LOT, STOCK, TALLY, RESERVATION, RESIDENTS, WAY
)  # fmt: skip
SUPPLIES = View("supplies", 3, TABLES, handlers=dict(LOTS))


@SUPPLIES.on(stock.LevelsSet)
def on_levels(t: Tables, e: stock.LevelsSet) -> None:
    """How much is to be there."""
    row = stock_of(t, e.station, e.item)._replace(
        peace_min=e.peace[0],
        peace_reorder=e.peace[1],
        peace_target=e.peace[2],
        war_min=e.war[0],
        war_reorder=e.war[1],
        war_target=e.war[2],
    )
    put_stock(t, row)


@SUPPLIES.on(stock.PlaceSet)
def on_place(t: Tables, e: stock.PlaceSet) -> None:
    """Where it stands."""
    put_stock(t, stock_of(t, e.station, e.item)._replace(place=e.place))


@SUPPLIES.on(transfers.ShipmentSent)
def on_sent(t: Tables, e: transfers.ShipmentSent) -> None:
    """Goods are on their way to a station."""
    left = quantities(e.lines)
    for item, quantity in left.items():
        row = stock_of(t, e.to, item)
        put_stock(t, row._replace(coming=row.coming + quantity))
    way = Way(shipment=e.slip, path=site_path(e.to), station=e.to, left=as_json(left))
    t.put(WAY, way)


@SUPPLIES.on(transfers.ShipmentArrived | transfers.ShortfallClosed)
def on_way(t: Tables, e: transfers.ShipmentArrived | transfers.ShortfallClosed) -> None:
    """Some of it arrived or is accounted for; what never comes is missing."""
    way = t[WAY].current[e.slip]
    ended = isinstance(e, transfers.ShipmentArrived) and e.complete and not way.complete
    left, gone = quantities_in(way.left), quantities(e.lines)
    for item in {**left, **gone}:
        row, there = stock_of(t, way.station, item), gone.get(item, 0)
        left[item] = left.get(item, 0) - there
        if way.complete:
            row = row._replace(missing=row.missing - there)
        else:
            over = left[item] if ended else 0
            coming, missing = row.coming - there - over, row.missing + over
            row = row._replace(coming=coming, missing=missing)
        put_stock(t, row)
    still = as_json({item: rest for item, rest in left.items() if rest})
    t.put(WAY, way._replace(complete=int(ended or way.complete), left=still))


# --- the catalogue, stations, residents ----------------------------------------------


@SUPPLIES.on(items.ItemListed)
def on_listed(t: Tables, e: items.ItemListed) -> None:
    """An item of the catalogue, new or as it is from now on."""
    item = e.item
    row = filled(
        Item,
        item,
        item=item.code,
        packagings=as_json(item.packagings),
        needs=as_json(item.needs),
        barcodes=",".join(item.barcodes),
        durable=int(item.durable),
    )
    t.put(ITEM, row)


@SUPPLIES.on(items.ItemWithdrawn)
def on_withdrawn(t: Tables, e: items.ItemWithdrawn) -> None:
    """An item leaves the catalogue."""
    t.put(ITEM, t[ITEM].current[e.code]._replace(listed=0))


@SUPPLIES.on(stations.StationOpened)
def on_station(t: Tables, e: stations.StationOpened) -> None:
    """A station may hold stock."""
    row = station_of(t, e.station)
    opened_us = t.fact.envelope.occurred_us
    t.put(STATION, row._replace(post=e.post, opened_us=opened_us))


@SUPPLIES.on(stations.CustodyTaken)
def on_custody(t: Tables, e: stations.CustodyTaken) -> None:
    """Another person answers for what a station holds."""
    row = station_of(t, e.station)._replace(
        keeper=e.keeper,
        custody_count=e.count,
        custody_us=t.fact.envelope.occurred_us,
    )
    t.put(STATION, row)


@SUPPLIES.on(stations.DonationNumbered)
def on_donation(t: Tables, e: stations.DonationNumbered) -> None:
    """A receipt for a donation has the next number."""
    t.put(STATION, station_of(t, e.station)._replace(donations=e.number))


@SUPPLIES.on(stations.ShortagesNoted)
def on_short(t: Tables, e: stations.ShortagesNoted) -> None:
    """Somebody was told what is short."""
    noted = ",".join(sorted(e.items))
    row = station_of(t, e.station)._replace(noted=noted, noted_war=int(e.war))
    t.put(STATION, row)


@SUPPLIES.on(areas.PopulationStated)
def on_residents(t: Tables, e: areas.PopulationStated) -> None:
    """How many people live in a community."""
    row = Residents(area=e.area, path=e.area, residents=e.residents)
    t.put(RESIDENTS, row)
