"""Deadlines (限期): what is due follows from state, so that a restart loses nothing."""

from __future__ import annotations

from collections.abc import Iterator

from coordination.deadlines.decide import RecordDeadline
from coordination.kernel import Read
from coordination.mode.state import EMERGENCIES, deadlines, playbook_stream


def due(read: Read, now: int) -> Iterator[tuple[str, RecordDeadline]]:
    """Yield (command id, command) for each deadline passed and not yet recorded.

    The id derives from what is due: however many tickers see it, it is recorded once.
    """
    for key, emergency in read(EMERGENCIES).all.items():
        declared = emergency.declared
        published = read(playbook_stream(declared.playbook))
        playbook = published.by_digest[declared.playbook_digest]
        for phase, step, due_us in deadlines(emergency, playbook):
            if due_us <= now and (phase, step) not in emergency.passed:
                yield (
                    f"deadline:{key}:{phase}:{step}:{due_us}",
                    RecordDeadline(
                        emergency=key, phase=phase, step=step, due_us=due_us
                    ),
                )
