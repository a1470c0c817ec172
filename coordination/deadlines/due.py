"""What is due (限期) follows from state, so that a restart loses nothing."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from coordination.approvals.state import WAITING
from coordination.deadlines.decide import (
    RecordDeadline,
    RecordExpectation,
    RecordExpiry,
    RecordOrderOverdue,
)
from coordination.kernel import Command, Read
from coordination.mode.limits import deadlines
from coordination.mode.sites import playbook_of
from coordination.mode.state import CONVERT, EMERGENCIES, Emergency
from coordination.orders.state import LIMITED

SOURCES = (EMERGENCIES, WAITING, LIMITED)
"""The streams that say what is due."""


def due(
    read: Read, now: int, among: Collection[str] | None = None
) -> Iterator[tuple[str, Command]]:
    """Yield (command id, command) for each moment passed and not yet recorded.

    The id derives from what is due: however many tickers see it, it is recorded once.
    ``among``: the emergencies to look at, None for all.
    """
    known = read(EMERGENCIES).all
    for emergency in known if among is None else among:
        yield from _of_emergency(read, known[emergency], now)
    waiting = read(WAITING)
    for key, proposal in waiting.proposals.items():
        due_us = proposal.made.expires_us
        if proposal.expired(read, now):
            yield f"expiry:{key}", RecordExpiry(proposal=key, due_us=due_us)
    for key, glass in waiting.glasses.items():
        due_us = glass.broken.review_due_us
        if glass.late(read, now):
            yield f"review:{key}", RecordExpiry(glass=key, due_us=due_us)
    for key, issued in read(LIMITED).items():
        for what, due_us in issued.limits():
            if what not in issued.overdue and issued.late(read, due_us, now):
                yield (
                    f"order:{key}:{what}",
                    RecordOrderOverdue(order=key, what=what, due_us=due_us),
                )


def _of_emergency(
    read: Read, emergency: Emergency, now: int
) -> Iterator[tuple[str, Command]]:
    key = emergency.declared.emergency
    playbook = playbook_of(read, emergency.declared)
    for phase, step, due_us in deadlines(emergency, playbook):
        if due_us <= now and (phase, step, due_us) not in emergency.passed:
            yield (
                f"deadline:{key}:{phase}:{step}:{due_us}",
                RecordDeadline(emergency=key, phase=phase, step=step, due_us=due_us),
            )
    for until_us in emergency.expectations_due():
        if until_us <= now and until_us not in emergency.expectations_passed:
            yield (
                f"expectation:{key}:{until_us}",
                RecordExpectation(emergency=key, due_us=until_us),
            )


class Schedule:
    """Which emergencies may still have something due (待到期): kept between two looks.

    One that is over, with all of its conversion recorded, has nothing to wait for but
    recoveries, and these are found by who recovers.
    """

    def __init__(self) -> None:
        self._seen: Mapping[str, Emergency] = {}
        self._quiet: dict[str, Emergency] = {}
        self._open: list[str] = []

    def open(self, read: Read) -> list[str]:
        """Return them, oldest first."""
        known = read(EMERGENCIES).all
        if known is not self._seen:
            self._seen = known
            self._open = [k for k, e in known.items() if self._quiet.get(k) is not e]
        for key in list(self._open):
            if not _may_come(read, known[key]):
                self._quiet[key] = known[key]
                self._open.remove(key)
        return list(self._open)


def _may_come(read: Read, emergency: Emergency) -> bool:
    """Tell whether something may be due of an emergency beside its recoveries."""
    if emergency.ended_us is None:
        return True
    playbook = playbook_of(read, emergency.declared)
    conversion = (d for d in deadlines(emergency, playbook) if d[0] == CONVERT)
    expected = set(emergency.expectations_due())
    return not (
        emergency.passed.issuperset(conversion)
        and expected <= emergency.expectations_passed
    )
