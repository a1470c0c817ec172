"""Reading (查询): boards, sites, facts, the live stream. Now, or as of any seq."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Header, Query, Request, Response
from fastapi.responses import StreamingResponse

from api.http.body import Code, Seq, SiteId
from api.http.deps import ERRORS, TheWorld, accounts_of, answer, reads
from api.http.plain import moment
from api.http.shapes import Areas, Board, Facts, Sites, SiteShown, WholeFact
from api.http.stream import Stream
from api.pages.board import children_of
from api.pages.facts import read_fact, tell_all, whole
from api.pages.sites import one_site, sites_of
from api.world.world import World
from coordination.areas.state import UnknownArea
from coordination.kernel import Refusal
from coordination.mode.steps import UnknownSite
from projections.board import AREA
from projections.names import Names
from projections.store import seen
from projections.timeline import ENTRY, entries

router = APIRouter(tags=["views"], responses=ERRORS)
FACTS_MAX = 200
At = Annotated[Seq | None, Query(description="As of this log position; absent: now.")]
MinSeq = Annotated[
    Seq, Query(description="Wait (5 s at most) until the view has reached this.")
]
Area = Annotated[Code, Query(examples=["310117000000"])]
Found = Annotated[Any, "what a query returned"]


class UnknownFact(Refusal):
    """No such position (事实不存在)."""

    code = "facts.unknown"
    zh = "日志没有位置 {seq}"
    en = "the log has no position {seq}"


def stream_of(request: Request) -> Stream:
    """Return the World's stream."""
    stream: Stream = request.app.state.stream
    return stream


async def _query(world: World, min_seq: int, ask: Callable[[Any], Found]) -> Found:
    """Wait for ``min_seq``, then ask on one consistent moment, off the event loop."""
    await world.reached(min_seq)

    def asked() -> Found:
        with world.reading() as c:
            return ask(c)

    return await asyncio.to_thread(asked)


@router.get("/areas/{code}/board", response_model=Board, **reads("view.situation"))
async def board(
    request: Request,
    code: Code,
    world: TheWorld,
    at: At = None,
    min_seq: MinSeq = 0,
) -> Response:
    """Return the command screen's picture of an area (态势)."""
    await world.reached(min_seq)
    draw = partial(stream_of(request).draw, code, at, facts=True)
    drawn = await asyncio.to_thread(draw)
    clock = {"now": moment(world.clock()), "rate": world.settings.clock_factor}
    return answer({**drawn, **clock})


@router.get("/areas/{code}/children", response_model=Areas, **reads("view.situation"))
async def children(code: Code, world: TheWorld) -> Response:
    """Return an area's direct children (下级区域)."""

    def ask(c: Any) -> Found:
        below = children_of(c, code)
        if below is None:
            raise UnknownArea(area=code)
        return {"areas": below}

    return answer(await _query(world, 0, ask))


@router.get("/sites", response_model=Sites, **reads("view.situation"))
async def sites(
    area: Area, world: TheWorld, at: At = None, min_seq: MinSeq = 0
) -> Response:
    """Return all sites inside an area (阵地)."""

    def ask(c: Any) -> Found:
        found = AREA.get(c, area, at=at)
        if found is None:
            raise UnknownArea(area=area)
        return {"seq": seen(c), "sites": sites_of(c, found.path, at)}

    return answer(await _query(world, min_seq, ask))


@router.get("/sites/{site}", response_model=SiteShown, **reads("view.situation"))
async def site(
    site: SiteId, world: TheWorld, at: At = None, min_seq: MinSeq = 0
) -> Response:
    """Return one site with its checklist."""

    def ask(c: Any) -> Found:
        head = seen(c)
        found = one_site(c, site, at)
        if found is None:
            raise UnknownSite(site=site)
        return {
            **found,
            "shown_seq": head if at is None else min(at, head),
            "head": head,
        }

    return answer(await _query(world, min_seq, ask))


@router.get("/facts", response_model=Facts, **reads("view.situation"))
async def facts(  # noqa: PLR0913, PLR0917 - each narrows the same list
    request: Request,
    world: TheWorld,
    area: Annotated[Code | None, Query()] = None,
    site: Annotated[SiteId | None, Query()] = None,
    emergency: Annotated[str, Query(max_length=40)] = "",
    before: Annotated[Seq | None, Query()] = None,
    after: Seq = 0,
    limit: Annotated[int, Query(ge=1, le=FACTS_MAX)] = 50,
    at: At = None,
    min_seq: MinSeq = 0,
) -> Response:
    """Return the facts of a place, a site or an emergency, newest first (时间线)."""
    name_of = accounts_of(request).name_of

    def ask(c: Any) -> Found:
        path = ""
        if area is not None:
            known = AREA.get(c, area)
            path = known.path if known else area
        below = [
            s for s in (before, at + 1 if at is not None else None) if s is not None
        ]
        found = entries(
            c,
            path=path,
            site=site or "",
            emergency=emergency,
            after=after,
            before=min(below, default=None),
            limit=limit,
        )
        told = tell_all(world.log.recorder, found, Names(c, at, name_of), name_of)
        return {"seq": seen(c), "facts": told}

    return answer(await _query(world, min_seq, ask))


@router.get("/facts/{seq}", response_model=WholeFact, **reads("view.situation"))
async def fact(
    request: Request,
    seq: Seq,
    world: TheWorld,
) -> Response:
    """Return everything about one fact: envelope, place in the log, leaf."""
    name_of = accounts_of(request).name_of

    def ask(c: Any) -> Found:
        read = read_fact(world.log.recorder, seq) if seq else None
        found = ENTRY.get(c, seq)
        if read is None or found is None:
            raise UnknownFact(seq=seq)
        return whole(*read, found, Names(c, seq, name_of), name_of)

    return answer(await _query(world, 0, ask))


@router.get("/stream", **reads("view.situation"))
async def stream(
    request: Request,
    area: Area,
    after: Annotated[Seq | None, Query()] = None,
    last_event_id: Annotated[str | None, Header()] = None,
) -> StreamingResponse:
    """Follow an area live (SSE); resumes after ``Last-Event-ID`` or ``after``."""
    if last_event_id and last_event_id.isdecimal() and len(last_event_id) <= 16:  # noqa: PLR2004 - SEQ_MAX's digits
        after = int(last_event_id)
    frames = await stream_of(request).subscribe(area, after)
    headers = {"Cache-Control": "no-cache", "X-Accel-Buffering": "no"}
    return StreamingResponse(frames, media_type="text/event-stream", headers=headers)
