"""Importing area files (导入区域): all or nothing, with a dry run."""

from __future__ import annotations

import asyncio

from fastapi import APIRouter

from api.exchange.areas import read_areas
from api.http.deps import ERRORS
from api.http.files import File, imports
from api.http.plain import receipt_fields
from api.http.pools import FILES
from api.http.shapes import ImportReceipt, ReceiptBody
from api.http.writing import Write
from api.world.setup import preview
from coordination.areas.decide import ImportAreas, ImportRefused
from coordination.areas.events import AreaRegistered

router = APIRouter(prefix="/areas", tags=["areas"], responses=ERRORS)


@router.post("/import", **imports("areas.import"))
async def import_areas(write: Write, sent: File) -> ImportReceipt:
    """Import an area file (code,name,level,parent_code); every wrong row is named."""
    world, by = write.world, sent.by
    world.entitle(by, ImportAreas.ACTION)  # before the file is looked into
    rows, faults = await FILES.run(by.actor.account, read_areas, sent.data)
    if faults:
        raise ImportRefused(count=len(faults), rows=faults)
    command = ImportAreas(rows=rows, basis=sent.basis, reason=sent.reason)
    if sent.dry:
        found = await asyncio.to_thread(preview, world, command, by)
        return ImportReceipt(
            dry_run=True,
            rows=len(rows),
            registered=found["registered"],
            renamed=found["renamed"],
        )
    receipt = await world.do(command, by)
    # Counted from the log: a retry answers what the first try did.
    stored = world.log.recorder.rows(
        receipt.first_seq - 1, receipt.seq - receipt.first_seq + 1
    )
    registered = sum(row.name == AreaRegistered.NAME for row in stored)
    return ImportReceipt(
        dry_run=False,
        rows=len(rows),
        registered=registered,
        renamed=len(stored) - registered,
        receipt=ReceiptBody(**receipt_fields(receipt)),
    )
