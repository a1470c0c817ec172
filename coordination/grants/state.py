"""What the facts of grants fold to (授权状态): which roles an account holds now."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from coordination.grants.events import (
    PersonBound,
    PersonUnbound,
    RoleGranted,
    RoleRevoked,
)
from coordination.kernel import Event, Read, Streams
from coordination.people.state import UnknownPerson, person_stream


@dataclass(frozen=True, slots=True)
class Grant:
    """授权: one role of one account, revoked or not."""

    given: RoleGranted
    revoked: bool = False
    withheld: tuple[str, ...] = ()
    """Actions it does not give: of somebody who acts for another (保留权限)."""

    @property
    def area(self) -> str:
        """Path of its area, empty for everywhere."""
        return self.given.area.path if self.given.area else ""

    def holds(self, now: int) -> bool:
        """Tell whether it is in force, not asking whether what it rests on is."""
        given = self.given
        began, over = given.from_us <= now, 0 < given.until_us <= now
        return began and not over and not self.revoked


@dataclass(frozen=True, slots=True)
class Grants:
    """All grants of one account, oldest first."""

    all: Mapping[str, Grant] = field(default_factory=dict)
    person: str = ""
    """Who signs in with the account, where that is known."""


def evolve_grants(state: Grants, event: Event) -> Grants:
    """Fold one fact of an account's grants."""
    match event:
        case RoleGranted():
            given = {**state.all, event.grant: Grant(event)}
            return replace(state, all=given)
        case RoleRevoked():
            known = state.all[event.grant]
            over = Grant(known.given, revoked=True)
            return replace(state, all={**state.all, event.grant: over})
        case PersonBound():
            return replace(state, person=event.person)
        case PersonUnbound():
            return replace(state, person="")
        case _:
            return state


grants_stream = Streams("grants", Grants(), evolve_grants)


def who_asks(read: Read) -> str:
    """Return who on the roster the account that decides is, empty if nobody."""
    return read(grants_stream(read.by.actor.account)).person


def person_of(read: Read, account: str) -> str:
    """Return who on the roster signs in with an account, empty if nobody does."""
    found = read(grants_stream(account)).person if account else ""
    return found if found and read(person_stream(found)).known else ""


def same_person(read: Read, one: str, other: str) -> bool:
    """Tell whether two accounts are one, or two of the same person (同一人)."""
    if not one or not other:
        return False
    person = person_of(read, one)
    return one == other or (person != "" and person == person_of(read, other))


def me(read: Read) -> str:
    """Return who on the roster decides, in their own name (本人).

    :raises UnknownPerson: if the account is nobody's there
    """
    found = who_asks(read)
    if not found:
        raise UnknownPerson(person=read.by.actor.account)
    return found


def held_by(read: Read, account: str, now: int) -> Iterator[Grant]:
    """Yield the grants an account acts by now; a lent one only while its root holds.

    Whoever acts on a post holds its role too, but for what is withheld (岗位权限).
    """
    known = read(grants_stream(account))
    for grant in known.all.values():
        if not grant.holds(now):
            continue
        lender = grant.given.delegator
        if lender:
            root = read(grants_stream(lender)).all[grant.given.delegated_from]
            if not root.holds(now):
                continue
        yield grant
    if known.person:
        yield from _by_posts(read, account, known.person)


def _by_posts(read: Read, account: str, person: str) -> Iterator[Grant]:
    """Yield the roles that somebody holds by the posts they act on."""
    for post, duty in read(person_stream(person)).acting.items():
        if duty.role:
            given = RoleGranted(
                grant=f"post:{post}",
                account=account,
                role=duty.role,
                area=duty.area,
                from_us=0,
                until_us=0,
            )
            yield Grant(given, withheld=duty.withheld)
