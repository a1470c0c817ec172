"""Material stations (物资站): opened, kept by somebody, with levels for each mode."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter, Request, Response
from pydantic import Field

from api.http.body import Code, Id, PostId, Seq, SiteId, Strict, Text
from api.http.deps import (
    ERRORS,
    Caller,
    TheWorld,
    Write,
    accounts_of,
    acts,
    answer,
    reads,
)
from api.http.lists import AskedFor, page_of, respond
from api.http.plain import receipt_fields
from api.pages.faces import Faces
from api.pages.goods import STATIONS, Goods, station_rows
from api.pages.places import path_shown
from api.pages.slips import know_slips, slip_row
from coordination.counts.events import Lot as CountedLot
from coordination.kernel import Provenance
from coordination.stations.decide import (
    LevelRow,
    OpenStation,
    SetLevels,
    SetPlace,
    TakeCustody,
)
from coordination.stations.state import UnknownStation
from projections.names import Names
from projections.slips import SLIP
from projections.store import seen, shown_at
from projections.supplies import RESERVATION, STATION, STOCK, lots_at

router = APIRouter(prefix="/stations", tags=["stations"], responses=ERRORS)
LEVEL_MAX = 1_000_000_000
SLIPS_SHOWN = 50
SlipId = Annotated[str, Field(pattern=r"^[a-z]-[0-9a-f]{10}$")]
Units = Annotated[int, Field(ge=0, le=LEVEL_MAX)]


class Opening(Strict):
    """A site that holds stock from now on; ``post``: of its keeper."""

    site: SiteId
    post: PostId | None = None
    reason: Text = ""
    basis: Text = ""
    seen_seq: Seq = 0


class Level(Strict):
    """Minimum, reorder and target of an item in each mode, in base units."""

    item: Id
    peace: Annotated[list[Units], Field(min_length=3, max_length=3)]
    war: Annotated[list[Units], Field(min_length=3, max_length=3)]


class LevelsBody(Strict):
    """Levels of a station, all or none."""

    rows: Annotated[list[Level], Field(min_length=1, max_length=6_000)]
    reason: Text = ""
    basis: Text = ""
    seen_seq: Seq = 0


class PlaceBody(Strict):
    """Where an item stands."""

    item: Id
    place: Annotated[Text, Field(max_length=40)]
    reason: Text = ""
    seen_seq: Seq = 0


class Custody(Strict):
    """The closed count on which a keeper takes a station over."""

    count: SlipId
    reason: Text = ""
    seen_seq: Seq = 0


@router.get("", **reads("view.situation"))
async def stations(
    request: Request,
    world: TheWorld,
    caller: Caller,
    asked: AskedFor,
    area: Code | None = None,
) -> Response:
    """Return the stations of an area, with what is short there (物资站)."""
    name_of = accounts_of(request).name_of
    mine = world.areas_of(Provenance(command_id="", actor=caller.actor), "stock.keep")

    def ask() -> Response:
        with world.reading() as c:
            at = shown_at(c, None)
            goods = Goods(c, Names(c, at, name_of), world.clock())
            faces = Faces(world, caller, c, at)
            path = path_shown(c, area) if area else ""
            rows = STATION.select(c, at=at, path=path)
            stocks = STOCK.select(c, at=at, path=path)
            page = page_of(
                station_rows(rows, stocks, goods, faces, mine), asked, STATIONS
            )
            page["seq"] = seen(c)
        return respond(page, STATIONS.columns, asked, "物资站", world.settings.zone)

    return await asyncio.to_thread(ask)


@router.post("", status_code=201, **acts("station.open"))
async def open_station(body: Opening, write: Write) -> Response:
    """Let a site hold stock, kept by a post (启用物资站)."""
    command = OpenStation(
        station=body.site,
        post=body.post or "",
        reason=body.reason,
        basis=body.basis,
    )
    receipt = await write.world.do(command, write.by(body.seen_seq))
    return answer({**receipt_fields(receipt), "id": body.site}, 201)


@router.get("/{station}", **reads("view.situation"))
async def one(
    station: SiteId, request: Request, world: TheWorld, caller: Caller
) -> Response:
    """Return a station: its stock, and the slips that wait for it (物资站详情)."""
    name_of = accounts_of(request).name_of
    mine = world.areas_of(Provenance(command_id="", actor=caller.actor), "stock.keep")

    def ask() -> dict[str, Any]:
        with world.reading() as c:
            at = shown_at(c, None)
            goods = Goods(c, Names(c, at, name_of), world.clock())
            row = STATION.get(c, station, at=at)
            if row is None:
                raise UnknownStation(station=station)
            t = STOCK.table.c
            stocks = STOCK.where(c, t.path == row.path, t.station == station, at=at)
            faces = Faces(world, caller, c, at)
            found = station_rows([row], stocks, goods, faces, mine)[0]
            s = SLIP.table.c
            open_ = s.state.in_(("ORDERED", "TRANSIT", "PART", "MISSING", "OPEN"))
            here = (s.station == station) | (s.to_station == station)
            slips = SLIP.where(c, open_, here, at=at)
            know_slips(slips, goods)
            r = RESERVATION.table.c
            kept = RESERVATION.where(c, r.station == station, r.quantity > 0, at=at)
            return {
                "station": found,
                "stock": [goods.stock(s) for s in sorted(stocks)],
                "open": [slip_row(s, goods) for s in sorted(slips)[:SLIPS_SHOWN]],
                "reservations": [
                    {
                        "reservation": k.reservation,
                        **goods.named(k.item),
                        "quantity": k.quantity,
                        "asked": k.asked,
                        "purpose_kind": k.purpose_kind,
                        "purpose_id": k.purpose_id,
                        "seq": k.seq_from,
                    }
                    for k in sorted(kept)
                ],
                "seq": seen(c),
            }

    return answer(await asyncio.to_thread(ask))


@router.post("/{station}/levels", **acts("stock.levels"))
async def levels(station: SiteId, body: LevelsBody, write: Write) -> Response:
    """Set what a station is to hold in each mode (库存定额)."""
    rows = tuple(
        LevelRow(
            row.item,
            (row.peace[0], row.peace[1], row.peace[2]),
            (row.war[0], row.war[1], row.war[2]),
        )
        for row in body.rows
    )
    command = SetLevels(
        station=station, rows=rows, reason=body.reason, basis=body.basis
    )
    receipt = await write.world.do(command, write.by(body.seen_seq))
    return answer({**receipt_fields(receipt), "id": station})


@router.post("/{station}/place", **acts("stock.keep"))
async def place(station: SiteId, body: PlaceBody, write: Write) -> Response:
    """Say where an item stands at a station (库位)."""
    command = SetPlace(
        station=station, item=body.item, place=body.place, reason=body.reason
    )
    receipt = await write.world.do(command, write.by(body.seen_seq))
    return answer({**receipt_fields(receipt), "id": f"{station}/{body.item}"})


@router.post("/{station}/custody", **acts("stock.keep"))
async def custody(station: SiteId, body: Custody, write: Write) -> Response:
    """Take a station over, with what a count found (专人交接)."""

    def look() -> tuple[CountedLot, ...]:
        with write.world.reading() as c:
            found = lots_at(c, station)
        return tuple(CountedLot(row.item, row.lot) for row in found if row.on_hand)

    command = TakeCustody(
        station=station,
        count=body.count,
        shelf=await asyncio.to_thread(look),
        reason=body.reason,
    )
    receipt = await write.world.do(command, write.by(body.seen_seq))
    return answer({**receipt_fields(receipt), "id": station})
