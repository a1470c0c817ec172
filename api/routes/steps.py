"""Checklist steps of sites (步骤): acknowledge and complete."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Response
from pydantic import Field

from api.http.body import Id, Moment, Seq, SiteId, Strict, Text
from api.http.deps import ERRORS, Write, acts, answer
from api.http.plain import receipt_fields
from api.http.shapes import StepReceipt
from coordination.mode.steps import AcknowledgeStep, CompleteStep

router = APIRouter(
    prefix="/sites/{site}/steps/{step}", tags=["steps"], responses=ERRORS
)


class StepDone(Strict):
    """When it happened, if not now, and on what.

    ``emergency``: whose step it is; absent: the newest that has such a step.
    """

    emergency: Annotated[str, Field(pattern=r"^(e-[0-9a-f]{10})?$")] = ""
    basis: Text = ""
    reason: Text = ""
    seen_seq: Seq = 0
    occurred_at: Moment | None = None


@router.post("/acknowledge", response_model=StepReceipt, **acts("step.acknowledge"))
async def acknowledge(
    site: SiteId,
    step: Id,
    body: StepDone,
    write: Write,
) -> Response:
    """Acknowledge the order for a step (签收)."""
    command = AcknowledgeStep(
        site=site,
        step=step,
        emergency=body.emergency,
        basis=body.basis,
        reason=body.reason,
    )
    by = write.by(body.seen_seq, body.occurred_at)
    receipt = receipt_fields(await write.world.do(command, by))
    return answer({**receipt, "site": site, "step": step, "state": "ACKNOWLEDGED"})


@router.post("/complete", response_model=StepReceipt, **acts("step.complete"))
async def complete(
    site: SiteId,
    step: Id,
    body: StepDone,
    write: Write,
) -> Response:
    """Record that a step is done (完成)."""
    command = CompleteStep(
        site=site,
        step=step,
        emergency=body.emergency,
        basis=body.basis,
        reason=body.reason,
    )
    by = write.by(body.seen_seq, body.occurred_at)
    receipt = receipt_fields(await write.world.do(command, by))
    return answer({**receipt, "site": site, "step": step, "state": "DONE"})
