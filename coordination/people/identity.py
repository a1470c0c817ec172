"""Rules of identity (身份): who signs in as whom, who is one, who is forgotten."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import msgspec

from coordination.areas.state import place_of
from coordination.checkin.events import HoursRecognised
from coordination.checkin.hours import begun_by, hours_of
from coordination.checkin.state import (
    attendance_stream,
    carried_over,
    check_not_own,
)
from coordination.fields import AccountId, PersonId, named
from coordination.grants.events import PersonBound, RoleGranted, RoleRevoked
from coordination.grants.state import grants_stream
from coordination.kernel import Command, Event, Read
from coordination.people.events import AccountBound, PersonForgotten, PersonMerged
from coordination.people.state import Person, home_of, known_person, person_stream
from coordination.permit import OWN
from coordination.refusals import Invalid, Refusal
from coordination.tree import community_of


class _OfOne(Command, frozen=True, kw_only=True):
    """What is decided about one person."""

    STREAM = "person/{0.person}"  # the person's stream
    GRAVE = True
    person: PersonId

    def places(self, read: Read, /) -> tuple[str, ...]:
        """The community they live in, or lived.

        :raises UnknownPerson: if there never was such a person
        """
        return (home_of(read, self.person),)


class BindAccount(_OfOne, frozen=True, kw_only=True):
    """绑定账号: whoever signs in with it is this person, a member of the community."""

    ACTION = "people.bind"
    account: AccountId


AccountTaken = Refusal.of(
    "people.account-taken",
    "账号或人员已绑定",
    "the account or the person is bound already",
    "请核对账号和人员，换用另一账号",
    "check both, or take another account",
    field="account",
)


def bind_account(read: Read, command: BindAccount, now: int) -> Sequence[Event]:
    """Bind an account to a person and grant it the member's role at home.

    :raises UnknownPerson: if there is no such person
    :raises AccountTaken: if either is bound, the account is the service's own, or it
        holds a role already and no administrator asks
    """
    found = known_person(read, command.person)
    held = read(grants_stream(command.account))
    other = bool(held.person) and read(person_stream(held.person)).known
    # Whoever chose its password would have its roles: that is an administrator's act.
    by = read.by.actor
    own = by.account == command.account or by.role == "administrator"
    other |= bool(held.all) and not own
    if found.account or other or command.account in OWN:
        raise AccountTaken
    home = place_of(read, community_of(found.residence))
    return [
        AccountBound(person=command.person, account=command.account),
        PersonBound(account=command.account, person=command.person),
        RoleGranted(
            grant=member_grant(command.person),
            account=command.account,
            role="member",
            area=home,
            from_us=now,
            until_us=0,
        ),
    ]


def member_grant(person: str) -> str:
    """Return the id of the grant by which somebody is a member."""
    return f"g-member-{person.removeprefix('h-')}"


class ForgetPerson(_OfOne, frozen=True, kw_only=True):
    """注销个人信息: the key to a name is destroyed; it cannot be undone."""

    ACTION = "people.forget"
    NEEDS = ("reason", "seen")


StillInDuty = Refusal.of(
    "people.still-in-duty",
    "{person} 仍有岗位或包保责任",
    "{person} still acts on a post or has a package",
    "请先移交",
    "hand it over first",
)


def forget_person(read: Read, command: ForgetPerson, _now: int) -> Sequence[Event]:
    """Forget a person: the id remains, the name is gone for ever.

    :raises UnknownPerson: if there is none
    :raises StillInDuty: while they act on a post or answer for a package
    """
    found = known_person(read, command.person)
    if found.acting or found.packages:
        raise StillInDuty(person=command.person)
    return [PersonForgotten(person=command.person), *_revoked(command.person, found)]


def _revoked(person: str, found: Person) -> list[Event]:
    """Return the end of the role they had as a member, if they had an account."""
    if not found.account:
        return []
    return [RoleRevoked(grant=member_grant(person), account=found.account)]


class MergePerson(_OfOne, frozen=True, kw_only=True):
    """并入: a walk-up is somebody on the roster; their hours go with them."""

    ACTION = "people.merge"
    NEEDS = ("seen",)
    into: Annotated[PersonId, named("并入", "Into", "who it is on the roster")]

    def places(self, read: Read, /) -> tuple[str, ...]:
        """Where both live: hours of one become the other's.

        :raises UnknownPerson: if there never was such a walk-up
        """
        into = read(person_stream(self.into)).home
        return tuple(filter(None, (home_of(read, self.person), into)))


NotProvisional = Invalid.of(
    "people.not-provisional",
    "只能将临时人员并入花名册上的人员",
    "only a walk-up is merged, and into somebody on the roster",
    "请核对两人，选择花名册上的人员",
    "check both people and choose one of the roster",
    field="into",
)


def merge_person(read: Read, command: MergePerson, now: int) -> Sequence[Event]:
    """Merge a walk-up into somebody on the roster, with their hours.

    :raises UnknownPerson: if either is not there
    :raises NotProvisional: if it is no walk-up, or the other is one
    :raises StillInDuty: while the walk-up acts on a post or answers for a package
    :raises OwnHours: if whoever asks would give the hours to themselves
    """
    found, into = known_person(read, command.person), known_person(read, command.into)
    assert found.registered is not None, "known"
    assert into.registered is not None, "known"
    if not found.registered.provisional or into.registered.provisional:
        raise NotProvisional
    if found.acting or found.packages:
        raise StillInDuty(person=command.person)
    hours = _hours(read, command, now)
    if hours.times or hours.untimed:
        check_not_own(read, command.into)
    return [
        PersonMerged(person=command.person, into=command.into),
        hours,
        *_revoked(command.person, found),
    ]


def _hours(read: Read, command: MergePerson, now: int) -> HoursRecognised:
    """Return the service of a walk-up, as it goes with them."""
    untimed = read(attendance_stream(command.person)).untimed
    moved = HoursRecognised(
        person=command.into,
        merged=command.person,
        minutes=0,
        untimed=untimed,
        times=tuple(carried_over(read, command.person, now)),
    )
    minutes = hours_of(begun_by(moved, 0, 0), untimed).certified
    return msgspec.structs.replace(moved, minutes=minutes)
