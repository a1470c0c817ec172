"""Importing area files (导入区域): all or nothing, with a dry run."""

from __future__ import annotations

import asyncio
from typing import Annotated

from fastapi import APIRouter, Body, Query

from api.deps import ERRORS, Caller, CommandId, TheWorld, provenance
from api.exchange.areas import read_areas
from api.plain import receipt_fields
from api.setup import preview
from api.shapes import ImportReceipt, ReceiptBody
from coordination.areas.decide import ImportAreas, ImportRefused

router = APIRouter(prefix="/areas", tags=["areas"], responses=ERRORS)


@router.post("/import")
async def import_areas(
    world: TheWorld,
    caller: Caller,
    command_id: CommandId,
    file: Annotated[bytes, Body(media_type="text/csv")],
    dry_run: Annotated[bool, Query()] = False,  # noqa: FBT002 - a query parameter
) -> ImportReceipt:
    """Import an area file (code,name,level,parent_code); every wrong row is named."""
    rows, faults = await asyncio.to_thread(read_areas, file)
    if faults:
        raise ImportRefused(count=len(faults), rows=faults)
    command = ImportAreas(rows=rows)
    by = provenance(world, caller, command_id, 0)
    found = await asyncio.to_thread(preview, world, command, by)
    result = ImportReceipt(
        dry_run=dry_run,
        rows=len(rows),
        registered=found["registered"],
        renamed=found["renamed"],
    )
    if not dry_run:
        receipt = await world.do(command, by)
        result.receipt = ReceiptBody(**receipt_fields(receipt))
    return result
