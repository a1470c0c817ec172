"""The situation (态势): boards, sites and facts, now or as of any position."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

from fastapi import Request
from msgspec import Meta

from api.http.board_shapes import Board
from api.http.deps import LOOK_SECONDS, record_read, world_of
from api.http.look import Look
from api.http.plain import Who, moment
from api.http.reading import Reads
from api.http.shapes import Areas, Facts, Sites, SiteShown, WholeFact
from api.pages.facts import read_fact, tell_all, whole
from api.pages.fields import taken
from api.pages.sites import one_site, sites_of
from api.world.world import World
from coordination.areas.state import UnknownArea
from coordination.fields import Code, Seq, SiteId
from coordination.mode.steps import UnknownSite
from coordination.permit import GRANTS, PEOPLE, READ_AS, SITUATION, TOLD_OF_PEOPLE
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


def kind_of(stream: str) -> str:
    """Return the kind of a stream: what stands before what it is about."""
    return stream.partition("/")[0]


async def may_read(request: Request, who: Who, given: dict[str, Any]) -> None:
    """Return if somebody may read a fact in full; of what is sensitive it is recorded.

    :raises Denied: if what it is about, or where, is not theirs to read
    """
    world, seq = world_of(request), given["seq"]
    action, path, author = await asyncio.to_thread(_read_as, world, seq)
    if action == SITUATION or author == who.account:
        return
    world.entitle(who.by, action, (path,) if path else ())
    if action in (PEOPLE, GRANTS):  # as their pages are
        await record_read(world, who, "fact", path, seconds=LOOK_SECONDS)


def _read_as(world: World, seq: int) -> tuple[str, str, str]:
    """Return what reading a fact takes, where it is, and who recorded it."""
    read = read_fact(world.log.recorder, seq) if seq else None
    with world.reading() as c:
        found = ENTRY.get(c, seq, at=None)
    if read is None or found is None:
        raise UnknownFact(seq=seq)
    row, known = read
    return READ_AS[kind_of(row.stream)], found.path, known.envelope.actor


@READS.shown("/facts/{seq}", SITUATION, shape=WholeFact, timeless=True, before=may_read)
def fact(look: Look, seq: Seq) -> dict[str, Any]:
    """Return everything about one fact: envelope, place in the log, leaf.

    Why it was decided, where that is about people, and the salt that keeps a payload
    from being guessed: only to whoever may see people there, and the record.
    """
    read = UnknownFact.unless(read_fact(look.world.log.recorder, seq), seq=seq)
    found = UnknownFact.unless(ENTRY.get(look.c, seq, at=None), seq=seq)
    mark = marks(look.c, [seq], at=None).get(seq)
    shown = whole(*read, found, Names(look.c, seq, look.name_of), mark)
    by, own = look.who.by, shown["actor"] == look.who.account
    if not own and kind_of(read[0].stream) in TOLD_OF_PEOPLE:
        hidden = not look.world.sees(by, PEOPLE, found.path)
        shown |= {"reason": "", "basis": ""} if hidden else {}
    return shown if look.world.sees(by, "view.record", "") else {**shown, "salt": ""}
