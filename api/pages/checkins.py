"""Checking in (报到) as a page shows it: the funnel, where it is open, its codes."""

from __future__ import annotations

import io
from collections.abc import Iterable
from typing import Any
from urllib.parse import urlencode

import segno

from api.exchange.tables import SORT, Column, Row
from api.http.lists import Listing
from api.http.look import Look
from api.http.reading import Reads
from api.pages.fields import named, taken
from api.world.codes import code_of
from coordination.checkin.campaigns import CHECK_INS, campaign_at
from coordination.fields import Code
from coordination.tree import community_of
from projections.board import AREA
from projections.roster import HUMAN, MUSTER, OPENING, Human, counted

OPENINGS = Listing.of(
    Column("id", "编号", "Id"),
    Column("area_name", "区域", "Area", can=SORT),
    Column("basis", "依据", "Basis"),
    Column("by_name", "开启人", "By"),
    Column("opened_at", "开启", "Opened", "time", can=SORT),
    Column("closed_at", "关闭", "Closed", "time", can=SORT),
    Column("seq", "日志位置", "Seq", "int"),
    also_filterable=("area",),
)


def stage_of(row: Human, campaign: str) -> str:
    """Return how far somebody is in a campaign."""
    if not campaign or row.campaign != campaign:
        return "NONE"
    match row.presence:
        case "absent":
            return "ABSENT"
        case "left":
            return "LEFT"
    if row.active_us:
        return "ACTIVE"
    if row.presence:
        return "PRESENT"
    return "REPORTED" if row.reported_us else "NONE"


Campaigns = dict[str, str]
"""Community path -> what one checks in for there."""


class Funnel:
    """报到漏斗: counts of one place or unit, and their shares in per mille."""

    FIELDS = ("registered", "reported", "present", "partial", "absent", "active")
    COUNTED = (
        *FIELDS,
        "left",
        "unavailable",
        "minutes",
        "elsewhere_minutes",
        "claimed_minutes",
    )
    """As ``roster.counted`` has them; minutes of service over all campaigns."""

    def __init__(self) -> None:
        self.counts = dict.fromkeys(self.COUNTED, 0)

    def add(self, counts: Iterable[int]) -> None:
        """Add a community's tally or a person."""
        for name, count in zip(self.COUNTED, counts, strict=True):
            self.counts[name] += count

    def body(self) -> dict[str, Any]:
        """Return the counts; unknown is who has said nothing, which is not absent."""
        n = {k: v for k, v in self.counts.items() if k != "unavailable"}
        told = n["present"] + n["partial"] + n["absent"] + n["left"]
        unknown = n["registered"] - told
        all_ = n["registered"]
        shares = {**{k: n[k] for k in self.FIELDS[1:]}, "unknown": unknown}
        rates = {k: 1_000 * v // all_ if all_ else 0 for k, v in shares.items()}
        return {**n, "unknown": unknown, "rates": rates}


def campaigns_in(look: Look, path: str) -> Campaigns:
    """Return what one checks in for, of each community in an area."""
    read = look.read
    found = AREA.select(look.c, at=look.at, path=community_of(path))
    communities = (area.path for area in found if area.level == "community")
    return {community: campaign_at(read, community) for community in communities}


def said_of(look: Look, campaign: str) -> dict[str, str]:
    """Return a campaign and what it is, in zh and en."""
    order = look.names.order(campaign)
    zh, en = look.names.matter(campaign) if order else ("", "")
    if campaign and order is None:
        opening = look.state(CHECK_INS).all.get(campaign)
        where = look.names.area(opening.area.code) if opening else ""
        zh, en = f"{where}平时报到", f"{where}: check-in in peacetime"
    return {"campaign": campaign, "campaign_zh": zh, "campaign_en": en}


def check_in_of(row: Human) -> dict[str, Any]:
    """Return how somebody checked in, in their own newest campaign."""
    partial = row.presence == "partial"
    return {**taken(row, at="reported present active left"), "partial": partial}


def my_check_in(look: Look, row: Human) -> dict[str, Any]:
    """Return how far somebody is where they live."""
    community = community_of(row.path)
    campaign = campaign_at(look.read, community)
    current = bool(campaign) and row.campaign == campaign
    return {
        "open": bool(campaign),
        **said_of(look, campaign),
        "community": community,
        "community_name": look.names.area(community),
        "stage": stage_of(row, campaign),
        **check_in_of(row if current else Human(row.person)),
        **taken(row, "minutes elsewhere_minutes claimed_minutes"),
    }


READS = Reads("check-in")


@READS.shown("/checkins/funnel", "view.situation")
def funnel(look: Look, area: Code) -> dict[str, Any]:
    """Return how many reported, are present, did something (报到漏斗)."""
    path = look.path(area)
    campaigns = campaigns_in(look, path)
    open_in = [campaign for campaign in campaigns.values() if campaign]
    return {
        "area": area,
        **said_of(look, open_in[0] if open_in else ""),
        "open": bool(open_in),
        "open_in": len(open_in),
        **_counted(look, path, campaigns),
        "seq": look.seq,
    }


def _counted(look: Look, path: str, campaigns: Campaigns) -> dict[str, Any]:
    """Return the funnel of an area: whole, by community and by unit."""
    total, communities, units = Funnel(), dict[str, Funnel](), dict[str, Funnel]()
    for row in MUSTER.select(look.c, at=look.at, path=community_of(path)):
        tally: list[int] = list(row[3:-2])
        if not row.campaign or row.campaign != campaigns.get(row.path, ""):
            tally[1:7] = [0] * 6  # what was done in another campaign
        for one in (communities.setdefault(row.path, Funnel()), total):
            one.add(tally)
    for human in HUMAN.select(look.c, at=look.at, path=path):
        counts = counted(human, campaigns.get(community_of(human.path)) or "-")
        if counts[0]:
            units.setdefault(human.unit, Funnel()).add(counts)
    names = look.names
    names.know_areas(communities)
    names.know_units()
    return {
        "total": total.body(),
        "communities": [
            {**named(key, names.area(key)), **found.body()}
            for key, found in sorted(communities.items())
        ],
        "units": [
            {"unit": key, "name": names.unit(key) or "—", **found.body()}
            for key, found in sorted(units.items())
        ],
    }


@READS.listed("/checkins/openings", OPENINGS, "view.situation", "平时开启报到")
def openings(look: Look, area: Code | None = None) -> Iterable[Row]:
    """Return where check-in was switched on in peacetime (平时开启报到)."""
    del area  # says where the reader's role must hold; all of them are shown
    rows = sorted(OPENING.select(look.c, at=look.at), key=lambda r: -r.opened_us)
    look.names.know_areas(row.area for row in rows)
    for row in rows:
        yield {
            "id": row.opening,
            **taken(row, "area basis", at="opened closed"),
            "area_name": look.names.area(row.area),
            "by_name": look.names.person(row.actor),
            "seq": row.seq_from,
        }


@READS.shown("/checkins/qr", "view.people", timeless=True)
def qr(look: Look, area: Code) -> dict[str, Any]:
    """Return a community's QR for members to scan, of the present campaign."""
    world = look.world
    campaign = campaign_at(world.read(), world.places((area,))[0].path)
    code = code_of(world, area, campaign) if campaign else ""
    query = urlencode({"community": area, "code": code})
    base = str(look.request.base_url).rstrip("/")
    url = f"{base}{world.base}/duty?{query}"
    drawn = io.BytesIO()
    made = segno.make(url, error="m", micro=False)
    made.save(drawn, kind="svg", scale=8, border=2, xmldecl=False, svgns=True)
    return {
        "community": area,
        "community_name": look.names.area(area),
        "campaign": campaign,
        "open": bool(campaign),
        "code": code,
        "url": url,
        "svg": drawn.getvalue().decode(),
    }
