"""Material stations (物资站) as people read them: what each holds, what is short."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

from api.exchange.tables import FILTER, SORT, Column, Row, worded
from api.http.lists import Listing
from api.http.look import Look
from api.http.reading import Reads
from api.pages.fields import picked, taken
from api.pages.goods import STOCKS, Goods, goods_of
from api.pages.slips import slip_rows
from coordination.fields import Code, StationId
from coordination.kernel import NOBODY_HELD
from coordination.provenance import Provenance
from coordination.stations.state import UnknownStation
from coordination.vocabulary import MODES
from projections.posts import POST
from projections.slips import SLIP
from projections.supplies import RESERVATION, STATION, STOCK, StationRow, Stock

SLIPS_SHOWN = 50
OPEN = ("ORDERED", "TRANSIT", "PART", "MISSING", "OPEN")
"""States of a slip that somebody waits for."""
LISTING = Listing.of(
    Column("station", "编号", "Id"),
    Column("name", "物资站", "Station", can=SORT),
    Column("area_name", "居村", "Community", can=SORT),
    Column("street_name", "街镇", "Street", can=SORT),
    Column("mode", "状态", "Mode", words=MODES, can=FILTER),
    Column("keeper_label", "专管员", "Keeper"),
    Column("items", "品种", "Items", "int", can=SORT),
    Column("short", "短缺", "Short", "int", can=SORT),
    Column("expiring", "临期", "Expiring", "int"),
    Column("coming", "在途", "Coming", "int"),
    Column("missing", "差异", "Discrepancy", "int", can=SORT),
    Column("seq", "日志位置", "Seq", "int"),
    sort="-short",
)


def station_rows(
    look: Look, rows: Iterable[StationRow], stocks: Iterable[Stock], goods: Goods
) -> Iterable[Row]:
    """Yield stations with what is short there, and whether the reader keeps them."""
    sums: dict[str, Counter[str]] = {}
    for stock in stocks:
        counted = sums.setdefault(stock.station, Counter())
        counted["items"] += stock.on_hand > 0
        counted["expiring"] += stock.expiring > 0
        counted["coming"] += stock.coming
        counted["missing"] += stock.missing
    listed = list(rows)
    goods.know(listed)
    posts = sorted({row.post for row in listed if row.post})
    look.names.know_posts(posts)
    acting = {p.post: p.acting for p in POST.some(look.c, posts, at=look.at)}
    look.faces.know(acting.values())
    by = Provenance(command_id="", actor=look.who.actor)
    mine = look.world.areas_of(by, "stock.keep")
    drawn = [
        {
            **_station(row, sums.get(row.station, Counter()), goods),
            "keeper_label": _keeper(look, row, acting.get(row.post, "")),
            "mine": any(row.path.startswith(path) for path in mine),
        }
        for row in listed
    ]
    return worded(drawn, LISTING.columns)


def _keeper(look: Look, row: StationRow, acting: str) -> str:
    """Return who took a station over, else who acts on its keeper's post."""
    if row.keeper:
        return look.names.person(row.keeper)
    return look.faces.label(acting)[0] if acting else ""


def _station(row: StationRow, sums: Counter[str], goods: Goods) -> dict[str, Any]:
    mode, items = goods.mode(row.path), goods.short(row)
    return {
        "id": row.station,
        **goods.where(row.station, row.path),
        "name": goods.names.station(row.station),
        "mode": mode,
        **taken(row, "post keeper custody_count", at="custody"),
        "expected": {
            "keeper": row.keeper or NOBODY_HELD,
            "post": row.post or NOBODY_HELD,
        },
        "post_name": goods.names.post(row.post),
        **picked(sums, "items expiring coming missing"),
        "short": len(items),
        "short_items": [goods.named(item) for item in items],
        "seq": row.seq_from,
    }


READS = Reads("stations")


@READS.listed("/stations", LISTING, "view.situation", "物资站")
def stations(look: Look, area: Code | None = None) -> Iterable[Row]:
    """Return the stations of an area, with what is short there (物资站)."""
    path, goods = look.path(area), goods_of(look)
    rows = STATION.select(look.c, at=look.at, path=path)
    stocks = STOCK.select(look.c, at=look.at, path=path)
    return station_rows(look, rows, stocks, goods)


@READS.shown("/stations/{station}", "view.situation")
def one_station(look: Look, station: StationId) -> dict[str, Any]:
    """Return a station: its stock, and the slips that wait for it (物资站详情)."""
    c, at, goods = look.c, look.at, goods_of(look)
    row = look.known(STATION, station, UnknownStation(station=station))
    t, s, r = STOCK.table.c, SLIP.table.c, RESERVATION.table.c
    stocks = sorted(STOCK.where(c, t.path == row.path, t.station == station, at=at))
    here = (s.station == station) | (s.to_station == station)
    slips = SLIP.where(c, s.state.in_(OPEN), here, at=at)
    kept = RESERVATION.where(c, r.station == station, r.quantity > 0, at=at)
    (found,) = station_rows(look, [row], stocks, goods)
    fields = "reservation quantity asked purpose_kind purpose_id"
    return {
        "station": found,
        "stock": list(worded(map(goods.stock, stocks), STOCKS.columns)),
        "open": slip_rows(sorted(slips)[:SLIPS_SHOWN], goods),
        "reservations": [
            {**taken(x, fields), **goods.named(x.item), "seq": x.seq_from}
            for x in sorted(kept)
        ],
        "seq": look.seq,
    }
