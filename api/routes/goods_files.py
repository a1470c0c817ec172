"""The catalogue of goods (物资目录) as a file: a template, and its import."""

from __future__ import annotations

from typing import Literal

from fastapi import APIRouter, Response

from api.exchange.items import write_template
from api.exchange.items_import import import_items
from api.http.asking import lang_of
from api.http.deps import ERRORS, answer
from api.http.downloads import MEDIA, as_file
from api.http.files import File, imports
from api.http.look import Look
from api.http.reading import Reads
from api.http.writing import Write
from coordination.items.decide import ImportItems

router = APIRouter(tags=["goods"], responses=ERRORS)
READS = Reads("goods")


@READS.shown(
    "/items/template.xlsx", "view.situation", media=MEDIA["xlsx"], timeless=True
)
def template(look: Look, lang: Literal["zh", "en", ""] = "") -> Response:
    """Return a workbook to fill in (目录模板)."""
    data = write_template(lang_of(look.request, lang))
    return as_file(data, "物资目录模板.xlsx")


@router.post("/items/import", **imports("items.import"))
async def import_file(write: Write, file: File) -> Response:
    """Import the catalogue, all or nothing; or say what that would do (导入目录)."""
    write.world.entitle(file.by, ImportItems.ACTION)  # before it is looked into
    return answer(await import_items(write.world, file))
