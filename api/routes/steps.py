"""Checklist steps of sites (步骤): acknowledge and complete."""

from __future__ import annotations

from api.http.declared import Decision, Said
from coordination.mode.steps import AcknowledgeStep, CompleteStep

DECISIONS = (
    Decision(
        path="/sites/{site}/steps/{step}/acknowledge",
        command=AcknowledgeStep,
        words="step ack",
        answers=Said("site", "step", state="ACKNOWLEDGED"),
    ),
    Decision(
        path="/sites/{site}/steps/{step}/complete",
        command=CompleteStep,
        words="step done",
        answers=Said("site", "step", state="DONE"),
    ),
)
