"""Gifts (捐赠): whoever has the receipt may ask what became of theirs."""

from __future__ import annotations

import asyncio
import hmac
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from api.http.deps import ERRORS, accounts_of, answer, world_of
from api.pages.goods import Goods
from api.pages.tracing import gift
from api.world.donors import CODE_CHARS, receipt_code
from coordination.fields import SITE_ID
from coordination.refusals import NotFound
from projections.names import Names
from projections.slips import SLIP
from projections.store import shown_at

router = APIRouter(tags=["supplies"], responses=ERRORS)


UnknownGift = NotFound.of(
    "donations.unknown",
    "收据编号或查询码有误",
    "no such receipt, or not its code",
    "请对照收据重新输入",
    "enter both again as the receipt has them",
)


@router.get(
    "/donations",
    openapi_extra={"x-action": "anybody"},
)
async def donation(
    request: Request,
    number: Annotated[str, Query(pattern=f"^{SITE_ID}-[0-9]{{1,9}}$")],
    code: Annotated[str, Query(pattern=f"^[0-9a-f]{{{CODE_CHARS}}}$")],
) -> Response:
    """Return what became of a gift; whoever has the receipt may ask (捐赠去向)."""
    world, name_of = world_of(request), accounts_of(request).name_of
    station, _, counted = number.rpartition("-")

    def ask() -> dict[str, Any]:
        with world.reading() as c:
            t = SLIP.table.c
            here = t.kind == "receipt", t.station == station, t.number == int(counted)
            for row in SLIP.where(c, *here, at=None):
                if hmac.compare_digest(receipt_code(world, row.slip), code):
                    names = Names(c, shown_at(c, None), name_of)
                    found = gift(row, Goods(names, world.clock()))
                    return {"number": number, **found}
        raise UnknownGift

    return answer(await asyncio.to_thread(ask))
