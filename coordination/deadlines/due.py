"""What is due (限期) follows from state, so that a restart loses nothing."""

from __future__ import annotations

from collections.abc import Iterator

from coordination.approvals.state import APPROVALS, OPEN
from coordination.deadlines.decide import (
    RecordDeadline,
    RecordExpectation,
    RecordExpiry,
    RecordOrderOverdue,
)
from coordination.kernel import Command, Read
from coordination.mode.limits import deadlines
from coordination.mode.sites import playbook_of
from coordination.mode.state import EMERGENCIES
from coordination.orders.state import ORDERS

SOURCES = (EMERGENCIES, APPROVALS, ORDERS)
"""The streams that say what is due."""


def due(read: Read, now: int) -> Iterator[tuple[str, Command]]:
    """Yield (command id, command) for each moment passed and not yet recorded.

    The id derives from what is due: however many tickers see it, it is recorded once.
    """
    yield from _emergencies(read, now)
    for key, proposal in read(APPROVALS).proposals.items():
        due_us = proposal.made.expires_us
        if proposal.state == OPEN and proposal.expired(read, now):
            yield f"expiry:{key}", RecordExpiry(proposal=key, due_us=due_us)
    for key, glass in read(APPROVALS).glasses.items():
        due_us = glass.broken.review_due_us
        if not glass.overdue and glass.late(read, now):
            yield f"review:{key}", RecordExpiry(glass=key, due_us=due_us)
    for key, issued in read(ORDERS).items():
        for what, due_us in issued.limits():
            if what not in issued.overdue and issued.late(read, due_us, now):
                yield (
                    f"order:{key}:{what}",
                    RecordOrderOverdue(order=key, what=what, due_us=due_us),
                )


def _emergencies(read: Read, now: int) -> Iterator[tuple[str, Command]]:
    for key, emergency in read(EMERGENCIES).all.items():
        playbook = playbook_of(read, emergency.declared)
        for phase, step, due_us in deadlines(emergency, playbook):
            if due_us <= now and (phase, step, due_us) not in emergency.passed:
                yield (
                    f"deadline:{key}:{phase}:{step}:{due_us}",
                    RecordDeadline(
                        emergency=key, phase=phase, step=step, due_us=due_us
                    ),
                )
        for until_us in emergency.expectations_due():
            if until_us <= now and until_us not in emergency.expectations_passed:
                yield (
                    f"expectation:{key}:{until_us}",
                    RecordExpectation(emergency=key, due_us=until_us),
                )
