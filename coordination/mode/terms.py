"""Rules of what an emergency is declared with (响应要素): its grading, its duration."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from coordination.authority.state import check_signs
from coordination.fields import named
from coordination.filled import filled
from coordination.kernel import Event, Held, Read
from coordination.mode.changing import ChangeCommand, changing, graded
from coordination.mode.events import EmergencyDeclared, ExpectationExtended, Regraded
from coordination.mode.fields import HOUR_US, Colour, Hours, Severity
from coordination.mode.state import Emergency
from coordination.moments import at_minute
from coordination.refusals import Invalid, Refusal
from coordination.vocabulary import SEVERITIES, WARNINGS


class ExtendExpectation(ChangeCommand, frozen=True, kw_only=True):
    """延长预计期限: extend the expected duration, counted from now."""

    ACTION = "emergency.change"
    expected_hours: Annotated[
        Hours,
        named(
            "预计期限",
            "Expected hours",
            "from now: 72h or 3d",
            flag="duration",
            spoken="hours",
        ),
    ]

    def of(self, known: Emergency) -> Held:
        """The expected end, microseconds since 1970."""
        until_us = known.expected_until_us
        at = at_minute(until_us)
        said = f"预计至 {at}", f"expected to last until {at}"
        facts = (EmergencyDeclared, ExpectationExtended)
        return self.replacing(str(until_us), facts, said)


NotExtended = Refusal.of(
    "changes.not-extended",
    "新的预计期限不晚于现有期限",
    "the new expected end is not later than the present one",
    "请填写更长的期限",
    "state a longer one",
    field="expected_hours",
)


def extend_expectation(
    read: Read, command: ExtendExpectation, now: int
) -> Sequence[Event]:
    """Extend the expected duration; one signer of the level is enough.

    :raises NoAuthority: if the actor's role does not sign the level
    :raises NotExtended: if it would not end later
    """
    known = changing(read, command)
    check_signs(read, known.level, command.places(read), now)
    until_us = now + command.expected_hours * HOUR_US
    if until_us <= known.expected_until_us:
        raise NotExtended
    return [
        ExpectationExtended(
            emergency=command.emergency, changed_us=now, expected_until_us=until_us
        )
    ]


class Regrade(ChangeCommand, frozen=True, kw_only=True):
    """定级: severity of the event and warning colour, never the level."""

    ACTION = "emergency.change"
    severity: Severity
    warning: Colour

    def of(self, known: Emergency) -> Held:
        """Severity and warning colour, with a stroke between them."""
        now, words = graded(*known.grading), (SEVERITIES, WARNINGS)
        zh, en = (
            "、".join(
                w[one][n] for one, w in zip(known.grading, words, strict=True) if one
            )
            for n in (0, 1)
        )
        return self.replacing(now, (EmergencyDeclared, Regraded), (zh, en))


BadGrading = Invalid.of(
    "changes.bad-grading",
    "事件等级或预警颜色有误，或没有变化",
    "no such severity or warning colour, or nothing would change",
    "请重新选择",
    "choose again",
    field="severity",
)


def regrade(read: Read, command: Regrade, now: int) -> Sequence[Event]:
    """Record the severity and the warning colour as they are now.

    :raises BadGrading: if one is not of the vocabulary, or both are as before
    """
    known = changing(read, command)
    given = command.severity, command.warning
    if (
        command.severity not in {"", *SEVERITIES}
        or command.warning not in {"", *WARNINGS}
        or given == known.grading
    ):
        raise BadGrading
    return [filled(Regraded, command, changed_us=now)]
