"""Checking in (报到): oneself, entered by staff, by QR; the funnel of each place."""

from __future__ import annotations

import asyncio
import hmac
import io
from typing import Annotated, Any, Literal
from urllib.parse import urlencode

import segno
import sqlalchemy as sa
from fastapi import APIRouter, Request, Response
from pydantic import Field

from api.exchange.tables import Column
from api.http.body import Code, Moment, PersonId, Seq, Strict, Text
from api.http.deps import (
    ERRORS,
    TheWorld,
    Write,
    accounts_of,
    acts,
    answer,
    reads,
)
from api.http.lists import AskedFor, Listing, page_of, respond
from api.http.plain import moment, receipt_fields
from api.pages.people import (
    Campaigns,
    communities_in,
    funnel_body,
    opening_rows,
    stage_of,
)
from api.pages.places import path_shown
from api.world.world import World, id_of
from coordination.checkin.decide import (
    CheckIn,
    CloseCheckIn,
    OpenAlready,
    OpenCheckIn,
    RecordCheckIn,
)
from coordination.checkin.state import CHECK_INS, campaign_at
from coordination.kernel import Refusal
from coordination.people.state import UnknownPerson, person_stream
from coordination.tree import community_of
from projections.board import AREA
from projections.names import Names
from projections.roster import Human
from projections.store import seen, shown_at

router = APIRouter(prefix="/checkins", tags=["check-in"], responses=ERRORS)
CODE_HEX = 16
OPENINGS = Listing(
    columns=(
        Column("id", "编号", "Id"),
        Column("area_name", "区域", "Area"),
        Column("basis", "依据", "Basis"),
        Column("by_name", "开启人", "By"),
        Column("opened_at", "开启", "Opened", "time"),
        Column("closed_at", "关闭", "Closed", "time"),
        Column("seq", "日志位置", "Seq", "int"),
    ),
    sortable=("area_name", "opened_at", "closed_at"),
    filterable=("area",),
)


class CheckInBody(Strict):
    """How far somebody is; ``person`` absent: oneself."""

    person: PersonId | None = None
    stage: Literal["reported", "present", "partial", "absent", "active", "left"]
    source: Literal["phone", "qr", "staff", "paper"] = "phone"
    code: Annotated[str, Field(pattern=r"^([0-9a-f]{16})?$")] = ""
    community: Code | None = None
    what: Annotated[Text, Field(max_length=100)] = ""
    reason: Text = ""
    seen_seq: Seq = 0
    occurred_at: Moment | None = None


class OpeningBody(Strict):
    """Where check-in is switched on in peacetime, on which basis."""

    area: Code
    basis: Text = ""
    reason: Text = ""
    seen_seq: Seq = 0


class Why(Strict):
    """A reason."""

    reason: Text = ""
    seen_seq: Seq = 0


class BadCode(Refusal):
    """Not this community's code of today (二维码无效)."""

    code = "people.bad-code"
    zh = "二维码无效或已过期，请扫描社区当日的二维码"
    en = "this code is not the community's, or of another campaign"
    field = "code"


def campaigns_in(world: World, c: sa.Connection, path: str) -> Campaigns:
    """Return what one checks in for, of each community in an area."""
    read = world.read()
    return {p: campaign_at(read, p) for p in communities_in(c, path)}


def code_of(world: World, community: str, campaign: str) -> str:
    """Return the code in a community's QR, of one campaign."""
    said = f"check-in:{community}:{campaign}".encode()
    return hmac.digest(world.secret, said, "sha256").hex()[:CODE_HEX]


def said_of(world: World, campaign: str, names: Names) -> tuple[str, str]:
    """Return what a campaign is, in zh and en."""
    order = names.order(campaign)
    if order is not None:
        return order.matter, order.matter
    opening = world.state(CHECK_INS).all.get(campaign)
    where = names.area(opening.area.code) if opening else ""
    return f"{where}平时报到", f"{where}: check-in in peacetime"


def my_check_in(world: World, row: Human, names: Names) -> dict[str, Any]:
    """Return how far somebody is where they live."""
    community = community_of(row.path)
    campaign = campaign_at(world.read(), community)
    zh, en = said_of(world, campaign, names) if campaign else ("", "")
    mine = row.campaign == campaign and bool(campaign)
    return {
        "open": bool(campaign),
        "campaign": campaign,
        "campaign_zh": zh,
        "campaign_en": en,
        "community": community,
        "community_name": names.area(community),
        "stage": stage_of(row, campaign),
        "partial": mine and row.presence == "partial",
        "reported_at": moment(row.reported_us or None) if mine else None,
        "present_at": moment(row.present_us or None) if mine else None,
        "active_at": moment(row.active_us or None) if mine else None,
        "left_at": moment(row.left_us or None) if mine else None,
        "minutes": row.minutes,
    }


@router.post("", **acts("checkin.own"))
async def check_in(body: CheckInBody, write: Write) -> Response:
    """Check in: oneself, or by staff for somebody else (报到)."""
    world = write.world
    own = world.person_of(write.caller.account)
    person = body.person or own
    if not person:
        raise UnknownPerson(person=write.caller.account)
    home = community_of(world.state(person_stream(person)).residence)
    community = body.community or home
    if body.source == "qr":
        campaign = campaign_at(world.read(), community)
        right = code_of(world, community, campaign)
        if not campaign or not hmac.compare_digest(right, body.code):
            raise BadCode
    kind = CheckIn if person == own else RecordCheckIn
    command = kind(
        person=person,
        community=community,
        stage=body.stage,
        source=body.source,
        what=body.what,
        reason=body.reason,
    )
    by = write.by(body.seen_seq, body.occurred_at)
    receipt = await world.do(command, by)
    return answer({**receipt_fields(receipt), "person": person, "stage": body.stage})


@router.get("/funnel", **reads("view.situation"))
async def funnel(world: TheWorld, area: Code) -> Response:
    """Return how many reported, are present, did something (报到漏斗)."""

    def ask() -> dict[str, Any]:
        with world.reading() as c:
            names = Names(c, shown_at(c, None))
            path = path_shown(c, area)
            campaigns = campaigns_in(world, c, path)
            open_in = [campaign for campaign in campaigns.values() if campaign]
            campaign = open_in[0] if open_in else ""
            zh, en = said_of(world, campaign, names) if campaign else ("", "")
            return {
                "area": area,
                "campaign": campaign,
                "campaign_zh": zh,
                "campaign_en": en,
                "open": bool(open_in),
                "open_in": len(open_in),
                **funnel_body(c, path, campaigns, names),
                "seq": seen(c),
            }

    return answer(await asyncio.to_thread(ask))


@router.get("/openings", **reads("view.situation"))
async def openings(request: Request, world: TheWorld, asked: AskedFor) -> Response:
    """Return where check-in was switched on in peacetime (平时开启报到)."""
    name_of = accounts_of(request).name_of

    def ask() -> Response:
        with world.reading() as c:
            rows = opening_rows(c, Names(c, shown_at(c, None), name_of))
            page = page_of(rows, asked, OPENINGS)
            page["seq"] = seen(c)
        zone = world.settings.zone
        return respond(page, OPENINGS.columns, asked, "平时开启报到", zone)

    return await asyncio.to_thread(ask)


@router.post("/openings", status_code=201, **acts("checkin.open"))
async def open_(body: OpeningBody, write: Write) -> Response:
    """Switch check-in on in peacetime, on a basis (平时开启报到)."""
    made = id_of("c", write.command_id)
    command = OpenCheckIn(
        opening=made,
        area=write.world.places((body.area,))[0],
        basis=body.basis,
        reason=body.reason,
    )
    receipt = await write.world.do(command, write.by(body.seen_seq))
    return answer({**receipt_fields(receipt), "id": made}, 201)


OpeningId = Annotated[str, Field(pattern=r"^c-[0-9a-f]{10}$")]


@router.post("/openings/{opening}/close", **acts("checkin.open"))
async def close(opening: OpeningId, body: Why, write: Write) -> Response:
    """Switch check-in off again (平时关闭报到)."""
    known = write.world.state(CHECK_INS).all.get(opening)
    if known is None:
        raise OpenAlready
    command = CloseCheckIn(opening=opening, area=known.area, reason=body.reason)
    receipt = await write.world.do(command, write.by(body.seen_seq))
    return answer({**receipt_fields(receipt), "id": opening})


@router.get("/qr", **reads("view.people"))
async def qr(request: Request, world: TheWorld, area: Code) -> Response:
    """Return a community's QR for members to scan, of the present campaign."""
    place = world.places((area,))[0]
    campaign = campaign_at(world.read(), place.path)
    code = code_of(world, area, campaign) if campaign else ""
    query = urlencode({"community": area, "code": code})
    base = str(request.base_url).rstrip("/")
    url = f"{base}{world.base}/duty?{query}"
    with world.reading() as c:
        known = AREA.get(c, area)
    drawn = io.BytesIO()
    await asyncio.to_thread(_draw, url, drawn)
    return answer(
        {
            "community": area,
            "community_name": known.name if known else area,
            "campaign": campaign,
            "open": bool(campaign),
            "code": code,
            "url": url,
            "svg": drawn.getvalue().decode(),
        }
    )


def _draw(url: str, into: io.BytesIO) -> None:
    made = segno.make(url, error="m", micro=False)
    made.save(into, kind="svg", scale=8, border=2, xmldecl=False, svgns=True)
