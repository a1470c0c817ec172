"""The roster's file (花名册): a template to fill in, and its import."""

from __future__ import annotations

import asyncio
from typing import Any, Literal

from fastapi import APIRouter, Request, Response

from api.exchange.roster import write_template
from api.exchange.roster_import import import_roster
from api.http.body import Code
from api.http.deps import ERRORS, FILE, WORKBOOK, Write, acts, answer, reads
from api.http.lists import MEDIA, disposition

router = APIRouter(prefix="/people", tags=["people"], responses=ERRORS)
IMPORT: dict[str, Any] = acts("people.import")
IMPORT["openapi_extra"] = {**IMPORT["openapi_extra"], **FILE}


@router.get("/template", response_class=Response, responses=WORKBOOK, **reads("self"))
async def template(lang: Literal["zh", "en"] = "zh") -> Response:
    """Return an empty roster to fill in (花名册模板)."""
    data = await asyncio.to_thread(write_template, lang)
    named = disposition("花名册模板.xlsx" if lang == "zh" else "roster-template.xlsx")
    headers = {"Content-Disposition": named}
    return Response(data, media_type=MEDIA["xlsx"], headers=headers)


@router.post("/import", **IMPORT)
async def import_file(
    request: Request, write: Write, area: Code | None = None, *, dry_run: bool = False
) -> Response:
    """Import a roster, all or nothing; or say what that would do (导入花名册)."""
    world, data = write.world, await request.body()
    place = world.places((area or request.app.state.home,))[0]
    found = await import_roster(world, data, place, write.by(0), dry=dry_run)
    return answer(found)
