"""What every change of an emergency shares (变更应急响应), by one person or by two."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar, TypeVar

from coordination.authority.state import check_alone
from coordination.fields import EmergencyId, Expected
from coordination.kernel import (
    INDEX,
    SAID_HELD,
    Command,
    Event,
    Held,
    Read,
)
from coordination.mode.orders import ORDER_FACTS
from coordination.mode.state import Emergency, active_emergency, known_emergency
from coordination.playbook import LEVEL_NAMES


def graded(severity: str, warning: str) -> str:
    """Return a grading in one word, empty if there is none."""
    return f"{severity}/{warning}".strip("/") and f"{severity}/{warning}"


class ChangeCommand(Command, frozen=True, kw_only=True):
    """What changes one emergency."""

    STREAM = INDEX  # the index of emergencies
    GRAVE = True
    emergency: EmergencyId
    NEEDS: ClassVar[tuple[str, ...]] = ("basis", "seen")

    expected: Expected = ""

    def held(self, read: Read, /) -> Held | None:
        """The order in force, by its number; none of an emergency that is over.

        :raises UnknownEmergency: if there is no such emergency
        """
        known = known_emergency(read, self.emergency)
        return None if known.ended_us is not None else self.of(known)

    def of(self, known: Emergency) -> Held:
        """What it replaces of an emergency: the order in force."""
        number, level = known.newest.number, LEVEL_NAMES[known.level]
        said = f"{level} 级（第 {number} 道令）", f"level {level} (order {number})"
        return self.replacing(str(number), ORDER_FACTS, said)

    def replacing(
        self, now: str, facts: tuple[type[Event], ...], said: tuple[str, str]
    ) -> Held:
        """Return what stands of the emergency, as what is replaced."""
        about = "emergency", self.emergency
        zh, en = "该应急响应", "this emergency"
        return Held(now, (INDEX,), facts, SAID_HELD, zh, en, about, said)

    def places(self, read: Read, /) -> tuple[str, ...]:
        """The scope the emergency has.

        :raises UnknownEmergency: if there is no such emergency
        """
        known = known_emergency(read, self.emergency)
        return tuple(place.path for place in known.newest.scope)


def changing(read: Read, command: ChangeCommand) -> Emergency:
    """Return the active emergency that a command changes, on a stated basis.

    :raises UnknownEmergency: if there is none
    :raises AlreadyEnded: if it was ended
    :raises AlreadyVoided: if it was declared in error
    """
    return active_emergency(read, command.emergency)


C = TypeVar("C", bound=ChangeCommand)


Changing = Callable[[Read, C, int], Sequence[Event]]


def alone(change: Changing[C]) -> Changing[C]:
    """Return the rule by which one person changes an emergency: at Ⅲ and Ⅳ.

    Whoever signs the level, the graver one where it changes.
    """

    def by_one(read: Read, command: C, now: int) -> Sequence[Event]:
        """Decide it.

        :raises LevelNeedsApproval: if the level is or would be Ⅰ or Ⅱ
        :raises NoAuthority: if the actor's role does not sign it
        :raises Refusal: as the change itself would
        """
        known = changing(read, command)
        level = min(known.level, getattr(command, "level", known.level))
        check_alone(read, level, command.places(read), now)
        return change(read, command, now)

    return by_one
