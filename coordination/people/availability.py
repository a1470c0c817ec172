"""Rules of availability (可用状态): who is away, who is back, who was expected back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Annotated

from coordination.checks import rows_held
from coordination.fields import WHEN, Cause, Expected, Moment, PersonId, named
from coordination.filled import filled
from coordination.kernel import SAID_HELD, Command, Event, Held, Read
from coordination.people.events import (
    AbsencePassed,
    PersonAvailable,
    PersonUnavailable,
)
from coordination.people.state import (
    Person,
    home_of,
    known_person,
    person_stream,
)
from coordination.refusals import (
    Invalid,
    NothingChanges,
    NothingLeft,
)
from coordination.vocabulary import CAUSES

NAMED_MAX = 20_000


class _OfPeople(Command, frozen=True, kw_only=True):
    """What is decided about several people at once."""

    STREAM = "person"  # those about people wait for one another
    ACTION = "people.availability"
    HEAVY = True
    people: Annotated[
        tuple[PersonId, ...],
        named("人员", "People", "ids of people, h-…", upto=NAMED_MAX),
    ]
    expected: Expected = ""

    def places(self, read: Read, /) -> tuple[str, ...]:
        """The communities they live in, or lived.

        :raises UnknownPerson: naming the first who was never there
        """
        return tuple(sorted({home_of(read, p) for p in self.people}))

    def held(self, read: Read, /) -> Held:
        """Why those of them who are away are, as far as that would change."""
        known = {p: known_person(read, p) for p in self.people}
        away = {p: (one.cause, one.until_us) for p, one in known.items() if one.cause}
        was = {p: told for p, told in away.items() if told != self.then}
        streams = {person_stream(p).id: told for p, told in was.items()}
        facts = (PersonUnavailable, PersonAvailable)
        found = rows_held(streams, facts, "所选人员的状态", "their availability")
        if len(was) > 1 or not was:
            return found
        ((cause, _),) = was.values()
        return found._replace(kind=SAID_HELD, said=CAUSES[cause])

    @property
    def then(self) -> tuple[str, int]:
        """Why they are away then, and until when; empty: they are not."""
        return "", 0


class MarkUnavailable(_OfPeople, frozen=True, kw_only=True):
    """登记不可用: posts and packages are replanned in the same decision."""

    cause: Annotated[
        Cause, named("原因", "Cause", "leave, ill, quarantined, unreachable or other")
    ]
    until_us: Annotated[
        Moment,
        named("预计恢复", "Until", WHEN, as_="until"),
    ] = 0

    @property
    def then(self) -> tuple[str, int]:
        """Why they are away then, and until when."""
        return self.cause, self.until_us


class MarkAvailable(_OfPeople, frozen=True, kw_only=True):
    """恢复可用: nothing is retaken by it.

    ``vacant``: posts in whose line a view found them and on which nobody acts; under
    the automatic rule each is tried again.
    """

    VIEWED = ("vacant",)
    vacant: tuple[str, ...] = ()


UnknownCause = Invalid.of(
    "people.unknown-cause",
    "原因应为 {causes} 之一",
    "the cause must be one of {causes}",
    "请从中选择",
    "choose one of them",
    field="cause",
)
UntilPassed = Invalid.of(
    "people.until-passed",
    "预计恢复时间已经过去",
    "they would be back already",
    "请填写将来的时间，不清楚可以不填",
    "say a time to come, or none",
    field="until",
)
NobodyChanges = NothingChanges.of("people.nobody-changes", field="people")


def mark_unavailable(read: Read, command: MarkUnavailable, now: int) -> Sequence[Event]:
    """Record that people are not available.

    :raises UnknownCause: if the cause is not one
    :raises UntilPassed: if they would be back already
    :raises UnknownPerson: if somebody is not there
    :raises NobodyChanges: if nothing would change for any of them
    """
    if command.cause not in CAUSES:
        raise UnknownCause(causes=", ".join(CAUSES))
    if 0 < command.until_us <= now:
        raise UntilPassed
    events = [
        PersonUnavailable(person=p, cause=command.cause, until_us=command.until_us)
        for p, known in _known(read, command)
        if (known.cause, known.until_us) != (command.cause, command.until_us)
    ]
    return NobodyChanges.unless_any(events)


def mark_available(read: Read, command: MarkAvailable, _now: int) -> Sequence[Event]:
    """Record that people are available again.

    :raises UnknownPerson: if somebody is not there
    :raises NobodyChanges: if all of them are available
    """
    away = [p for p, known in _known(read, command) if known.cause]
    events = [PersonAvailable(person=p) for p in away]
    return NobodyChanges.unless_any(events)


def _known(read: Read, command: _OfPeople) -> Iterator[tuple[str, Person]]:
    """Yield each person once."""
    for person in dict.fromkeys(command.people):
        yield person, known_person(read, person)


class RecordAbsencePassed(Command, frozen=True, kw_only=True):
    """记录缺勤到期: the tick noticed; the decision looks again."""

    STREAM = "person/{0.person}"  # the person's stream
    ACTION = "deadline.record"
    person: PersonId
    due_us: int


AbsenceNotDue = NothingLeft.of(
    "people.absence-not-due",
    "没有到期未记录的缺勤",
    "no absence is due and not recorded",
)


def record_absence_passed(
    read: Read, command: RecordAbsencePassed, now: int
) -> Sequence[Event]:
    """Record once that somebody was expected back: nobody is available by that alone.

    :raises UnknownPerson: if there is none, or not any more
    :raises AbsenceNotDue: if they are back, it is not due, or it is recorded
    """
    known, due_us = known_person(read, command.person), command.due_us
    timely = known.until_us == due_us and 0 < due_us <= now
    if not known.cause or not timely or known.asked_us == due_us:
        raise AbsenceNotDue
    return [filled(AbsencePassed, command, community=known.home, noticed_us=now)]
