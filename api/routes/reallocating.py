"""Proposals (调配建议): what stations should send one another; nothing is stored."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter, Response
from pydantic import Field

from api.http.body import Code, Id, Seq, Strict
from api.http.deps import ERRORS, Write, accounts_of, acts, answer
from api.pages.goods import Goods
from api.planning.reallocation import proposal_body, proposed
from coordination.reallocation.decide import ApproveReallocation
from projections.names import Names
from projections.store import seen, shown_at

router = APIRouter(tags=["supplies"], responses=ERRORS)


class Proposing(Strict):
    """Where, and of which items, stock is to be shared out; no items: of all."""

    area: Code
    items: Annotated[list[Id], Field(max_length=500)] = Field(default_factory=list)
    seen_seq: Seq = 0


@router.post("/stock/propose", **acts("stock.reallocate"))
async def proposing(body: Proposing, write: Write) -> Response:
    """Propose what stations should send one another; nothing is stored (调配建议)."""
    world = write.world
    path = world.places((body.area,))[0].path
    world.entitle(write.by(body.seen_seq), ApproveReallocation.ACTION, (path,))

    def ask() -> dict[str, Any]:
        with world.reading() as c:
            names = Names(c, shown_at(c, None), accounts_of(write.request).name_of)
            goods = Goods(c, names, world.clock())
            found = proposed(c, path, body.items, goods)
            return {**proposal_body(found, goods), "seq": seen(c)}

    return answer(await asyncio.to_thread(ask))
