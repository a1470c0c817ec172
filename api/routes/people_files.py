"""The roster's file (花名册): a template to fill in, and its import."""

from __future__ import annotations

from typing import Literal

from fastapi import APIRouter, Request, Response

from api.exchange.roster import write_template
from api.exchange.roster_import import import_roster
from api.http.body import Code
from api.http.deps import ERRORS, answer
from api.http.downloads import MEDIA, as_file
from api.http.files import File, imports
from api.http.look import Look
from api.http.reading import Reads
from api.http.writing import Write

router = APIRouter(prefix="/people", tags=["people"], responses=ERRORS)
READS = Reads("people")


@READS.shown("/people/template", "self", media=MEDIA["xlsx"], timeless=True)
def template(_look: Look, lang: Literal["zh", "en"] = "zh") -> Response:
    """Return an empty roster to fill in (花名册模板)."""
    named = "花名册模板.xlsx" if lang == "zh" else "roster-template.xlsx"
    return as_file(write_template(lang), named)


@router.post("/import", **imports("people.import"))
async def import_file(
    request: Request, write: Write, file: File, area: Code | None = None
) -> Response:
    """Import a roster, all or nothing; or say what that would do (导入花名册)."""
    place = write.world.places((area or request.app.state.home,))[0]
    write.world.entitle(write.caller.by, "people.import", (place.path,))
    return answer(await import_roster(write.world, file, place))
