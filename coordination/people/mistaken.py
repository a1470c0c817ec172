"""Rules of identities that were a mistake (身份更正): merged or bound wrongly."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce

from coordination.checkin.events import HoursRecognised, HoursTakenBack
from coordination.checkin.state import attendance_stream
from coordination.corrects import ChangedSince, Instead, beside, oldest_first
from coordination.filled import filled
from coordination.grants.events import (
    PersonBound,
    PersonUnbound,
    RoleGranted,
    RoleRevoked,
)
from coordination.grants.state import grants_stream
from coordination.kernel import Event, Read, Told
from coordination.people.events import (
    AccountBound,
    AccountReleased,
    MergeTakenBack,
    PersonMerged,
)
from coordination.people.identity import member_grant
from coordination.people.state import Person, person_stream


def take_back_merge(
    read: Read, wrong: Told, _instead: Instead, now: int
) -> Sequence[Event]:
    """Take back that a walk-up was somebody else: both have their own hours again.

    :raises ChangedSince: if who they were merged into is forgotten or merged by now
    """
    fact = wrong.event
    assert isinstance(fact, PersonMerged), "see the table"
    other = person_stream(fact.into)
    if not read(other).known:
        raise ChangedSince(zh="并入的人员已注销", en="whom they became is gone by now")
    found: list[Event] = [filled(MergeTakenBack, fact, corrects=wrong.seq)]
    return [*found, *_hours(read, wrong), *_member_again(read, fact.person, now)]


def _hours(read: Read, wrong: Told) -> list[Event]:
    """Return the hours that went with a walk-up, taken from whom they had gone to.

    :raises ChangedSince: if somebody has ruled on one of them since
    """
    fact = wrong.event
    assert isinstance(fact, PersonMerged), "see the table"
    about = attendance_stream(fact.into)
    told = oldest_first(read, about.id)
    given = beside(told, wrong, HoursRecognised)
    if given is None:
        return []
    assert isinstance(given.event, HoursRecognised), "that kind was asked for"
    before = (t.event for t in told if t.seq < given.seq)
    first = len(reduce(about.evolve, before, about.initial).stretches) + 1
    count = len(given.event.times)
    moved = read(about).stretches[first - 1 : first - 1 + count]
    if any(one.rulings or one.recognised_to_us for one in moved):
        raise ChangedSince(
            zh="并入的时长已有认定", en="the hours that went along were ruled on"
        )
    return [
        HoursTakenBack(
            corrects=given.seq,
            person=fact.into,
            merged=fact.person,
            first=first,
            count=count,
            untimed=given.event.without_times,
        )
    ]


def _member_again(read: Read, person: str, now: int) -> list[Event]:
    """Return the role that somebody had as a member, if it ended with the merge."""
    known: Person = read(person_stream(person))
    given = read(grants_stream(known.account)).all if known.account else {}
    grant = given.get(member_grant(person))
    if grant is None or not grant.revoked:
        return []
    return [filled(RoleGranted, grant.given, from_us=now)]


def take_back_binding(
    read: Read, wrong: Told, _instead: Instead, _now: int
) -> Sequence[Event]:
    """Take back that an account is somebody's: it may be bound to whom it belongs to.

    :raises ChangedSince: if the person is forgotten or merged by now
    """
    fact = wrong.event
    assert isinstance(fact, AccountBound), "see the table"
    if not read(person_stream(fact.person)).known:
        raise ChangedSince(zh="该人员已注销", en="the person is gone by now")
    told = read.told(grants_stream(fact.account).id)
    bound = beside(told, wrong, PersonBound)
    assert bound is not None, "both were stored by one decision"
    found: list[Event] = [
        filled(AccountReleased, fact, corrects=wrong.seq),
        filled(PersonUnbound, bound.event, corrects=bound.seq),
    ]
    grant = read(grants_stream(fact.account)).all.get(member_grant(fact.person))
    if grant is not None and not grant.revoked:
        found.append(RoleRevoked(grant=grant.given.grant, account=fact.account))
    return found
