"""Checklist steps of sites (步骤): acknowledge and complete."""

from __future__ import annotations

from fastapi import APIRouter, Response

from api.body import Id, Moment, Seq, SiteId, Strict, Text
from api.deps import ERRORS, KEYED, Write, answer
from api.plain import receipt_fields
from api.shapes import StepReceipt
from coordination.steps.decide import AcknowledgeStep, CompleteStep

router = APIRouter(
    prefix="/sites/{site}/steps/{step}", tags=["steps"], responses=ERRORS
)


class StepDone(Strict):
    """When it happened, if not now, and on what."""

    basis: Text = ""
    reason: Text = ""
    seen_seq: Seq = 0
    occurred_at: Moment | None = None


@router.post("/acknowledge", openapi_extra=KEYED, response_model=StepReceipt)
async def acknowledge(
    site: SiteId,
    step: Id,
    body: StepDone,
    write: Write,
) -> Response:
    """Acknowledge the order for a step (签收)."""
    command = AcknowledgeStep(
        site=site, step=step, basis=body.basis, reason=body.reason
    )
    by = write.by(body.seen_seq, body.occurred_at)
    receipt = receipt_fields(await write.world.do(command, by))
    return answer({**receipt, "site": site, "step": step, "state": "ACKNOWLEDGED"})


@router.post("/complete", openapi_extra=KEYED, response_model=StepReceipt)
async def complete(
    site: SiteId,
    step: Id,
    body: StepDone,
    write: Write,
) -> Response:
    """Record that a step is done (完成)."""
    command = CompleteStep(site=site, step=step, basis=body.basis, reason=body.reason)
    by = write.by(body.seen_seq, body.occurred_at)
    receipt = receipt_fields(await write.world.do(command, by))
    return answer({**receipt, "site": site, "step": step, "state": "DONE"})
