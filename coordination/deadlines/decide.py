"""Rules of deadlines (限期): each that passes is recorded once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from coordination.kernel import INDEX, Command, Event, Read, Refusal
from coordination.mode.events import DeadlinePassed
from coordination.mode.state import (
    EMERGENCIES,
    UnknownEmergency,
    deadlines,
    playbook_stream,
)


class RecordDeadline(Command, frozen=True, kw_only=True):
    """记录限期已过: from the timer; its command id derives from what is due."""

    ACTION: ClassVar[str] = "deadline.record"
    emergency: str
    phase: str
    step: str
    due_us: int

    @property
    def stream(self) -> str:
        """The index of emergencies."""
        return INDEX


class NotDue(Refusal):
    """This deadline has not passed, or is not one (未到期)."""

    code = "mode.not-due"
    zh = "步骤 {step} 的限期未到或已不适用"
    en = "the deadline of step {step} has not passed or does not apply"


class AlreadyRecorded(Refusal):
    """Recorded before (已记录)."""

    code = "mode.deadline-recorded"
    zh = "步骤 {step} 的限期已记录"
    en = "the deadline of step {step} is recorded already"


def record_deadline(read: Read, command: RecordDeadline, now: int) -> Sequence[Event]:
    """Record once that a step's deadline has passed.

    :raises UnknownEmergency: if there is none
    :raises AlreadyRecorded: if it stands in the log
    :raises NotDue: if it has not passed or the step is not of this emergency
    """
    known = read(EMERGENCIES).all.get(command.emergency)
    if known is None:
        raise UnknownEmergency(emergency=command.emergency)
    if (command.phase, command.step) in known.passed:
        raise AlreadyRecorded(step=command.step)
    published = read(playbook_stream(known.declared.playbook))
    playbook = published.by_digest[known.declared.playbook_digest]
    wanted = command.phase, command.step, command.due_us
    if wanted not in deadlines(known, playbook) or command.due_us > now:
        raise NotDue(step=command.step)
    return [
        DeadlinePassed(
            emergency=command.emergency,
            phase=command.phase,
            step=command.step,
            due_us=command.due_us,
            noticed_us=now,
        )
    ]
