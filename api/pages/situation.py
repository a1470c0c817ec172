"""The situation (态势): boards, sites and facts, now or as of any position."""

from __future__ import annotations

from typing import Annotated, Any

from msgspec import Meta

from api.http.plain import moment
from api.http.reading import Look, Reads
from api.http.shapes import Areas, Board, Facts, Sites, SiteShown, WholeFact
from api.pages.facts import read_fact, tell_all, whole
from api.pages.fields import taken
from api.pages.sites import one_site, sites_of
from coordination.areas.state import UnknownArea
from coordination.fields import Code, Seq, SiteId
from coordination.mode.steps import UnknownSite
from coordination.refusals import NotFound
from projections.board import AREA, LOCAL, Area, below
from projections.names import Names
from projections.store import seen
from projections.timeline import ENTRY, entries, marks

READS = Reads("views")
FACTS_MAX = 200


UnknownFact = NotFound.of(
    "facts.unknown",
    "日志没有位置 {seq}",
    "the log has no position {seq}",
    "请核对位置",
    "check the position",
)


@READS.shown("/areas/{code}/board", "view.situation", shape=Board)
def board(look: Look, code: Code) -> dict[str, Any]:
    """Return the command screen's picture of an area (态势)."""
    drawn = look.request.app.state.stream.draw(code, look.asked, facts=True)
    rate = look.world.settings.clock_factor
    return {**drawn, "now": moment(look.world.clock()), "rate": rate}


def _place(look: Look, code: str) -> Area:
    """Return an area, or what stands below a community.

    :raises UnknownArea: if there is no such place
    """
    found = AREA.get(look.c, code, at=look.at) or LOCAL.get(look.c, code, at=look.at)
    return UnknownArea.unless(found, area=code)


@READS.shown("/areas/{code}/children", "view.situation", shape=Areas)
def children(look: Look, code: Code) -> dict[str, Any]:
    """Return an area's direct children (下级区域)."""
    found = below(look.c, _place(look, code), look.at)
    return {"areas": [taken(place, "code name level") for place in found]}


@READS.shown("/sites", "view.situation", shape=Sites)
def sites(look: Look, area: Code) -> dict[str, Any]:
    """Return all sites inside an area (阵地)."""
    path = _place(look, area).path
    return {"seq": look.seq, "sites": sites_of(look.names, path)}


@READS.shown("/sites/{site}", "view.situation", shape=SiteShown)
def site(look: Look, site: SiteId) -> dict[str, Any]:
    """Return one site with its checklist."""
    found = UnknownSite.unless(one_site(look.names, site), site=site)
    return {**found, "shown_seq": look.seq, "head": seen(look.c)}


@READS.shown("/facts", "view.situation", shape=Facts)
def facts(
    look: Look,
    *,
    area: Code | None = None,
    site: SiteId | None = None,
    emergency: Annotated[str, Meta(max_length=40)] = "",
    before: Seq | None = None,
    after: Seq = 0,
    limit: Annotated[int, Meta(ge=1, le=FACTS_MAX)] = 50,
) -> dict[str, Any]:
    """Return the facts of a place, a site or an emergency, newest first (时间线)."""
    path = ""
    if area is not None:
        known = AREA.get(look.c, area, at=look.at)
        path = known.path if known else area
    ends = [s for s in (before, look.seq + 1) if s is not None]
    found = entries(
        look.c,
        path=path,
        site=site or "",
        emergency=emergency,
        after=after,
        before=min(ends, default=None),
        limit=limit,
    )
    told = tell_all(look.world.log.recorder, found, look.names)
    return {"seq": look.seq, "facts": told}


@READS.shown("/facts/{seq}", "view.situation", shape=WholeFact, timeless=True)
def fact(look: Look, seq: Seq) -> dict[str, Any]:
    """Return everything about one fact: envelope, place in the log, leaf."""
    read = read_fact(look.world.log.recorder, seq) if seq else None
    found = ENTRY.get(look.c, seq, at=None)
    if read is None or found is None:
        raise UnknownFact(seq=seq)
    mark = marks(look.c, [seq], at=None).get(seq)
    return whole(*read, found, Names(look.c, seq, look.name_of), mark)
