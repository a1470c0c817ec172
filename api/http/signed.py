"""What two people sign, or one alone (签批): who proves it, and what it led to."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from api.http.declared import Done
from api.http.outside import Envelope
from coordination.approvals.events import GlassBroken, ProposalApproved, ProposalMade
from coordination.fields import named
from coordination.mode.events import EmergencyEnded, EmergencyVoided


class Proved(Envelope, kw_only=True, forbid_unknown_fields=True):
    """What a decision comes with that its author proves anew to be theirs."""

    password: Annotated[str, Meta(max_length=200), named("密码", "Password")] = ""


class Ordered(msgspec.Struct):
    """What a switch led to: an order, or a proposal; ``glass``: decided alone."""

    emergency: str
    state: Literal["ACTIVE", "ENDED", "VOIDED", "PROPOSED", "APPROVED"] = "ACTIVE"
    proposal: str | None = None
    glass: str | None = None


def ordered(done: Done) -> Ordered:
    """Return what a switch led to: told from the log, so a retry tells the same."""
    found = Ordered(getattr(done.command, "emergency", ""))
    for fact in done.facts:
        found.emergency = getattr(fact, "emergency", found.emergency)
        match fact:
            case ProposalMade():
                found.proposal, found.state = fact.proposal, "PROPOSED"
            case ProposalApproved():
                found.proposal, found.state = fact.proposal, "APPROVED"
            case GlassBroken():
                found.glass = fact.glass
            case EmergencyEnded() if found.proposal is None:
                found.state = "ENDED"
            case EmergencyVoided() if found.proposal is None:
                found.state = "VOIDED"
            case _:
                pass
    return found
