"""Rules of identities that were a mistake (身份更正): merged or bound wrongly."""

from __future__ import annotations

from collections.abc import Sequence

from coordination.checkin.events import HoursRecognised, HoursTakenBack
from coordination.corrects import ChangedSince, Instead, beside
from coordination.grants.events import (
    PersonBound,
    PersonUnbound,
    RoleGranted,
    RoleRevoked,
)
from coordination.grants.state import grants_stream
from coordination.kernel import Event, Read, Told, filled
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
    hours = beside(read.told(other.id), wrong, HoursRecognised)
    if hours is not None:
        found.append(filled(HoursTakenBack, hours.event, corrects=hours.seq))
    return [*found, *_member_again(read, fact.person, now)]


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
