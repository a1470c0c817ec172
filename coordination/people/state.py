"""What the facts of people fold to (人员状态): shared by decisions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from coordination.kernel import Event, Read, Streams, latest
from coordination.people.events import (
    AbsencePassed,
    AccountBound,
    AccountReleased,
    DutyBegun,
    DutyEnded,
    MergeTakenBack,
    PersonAvailable,
    PersonForgotten,
    PersonMerged,
    PersonRegistered,
    PersonUnavailable,
    ResponsibilityBegun,
    ResponsibilityEnded,
    UnitRegistered,
)
from coordination.refusals import NotFound
from coordination.tree import community_of


@dataclass(frozen=True, slots=True)
class Person:
    """人员, as far as rules care: what they can do and what they answer for."""

    registered: PersonRegistered | None = None
    account: str = ""
    cause: str = ""
    """Why they are not available, empty: they are."""
    until_us: int = 0
    asked_us: int = 0
    """The end of an absence that has passed and is recorded, 0: none."""
    acting: Mapping[str, DutyBegun] = field(default_factory=dict)
    """Post -> the duty; by it they hold the post's role."""
    packages: frozenset[str] = frozenset()
    gone: bool = False
    """Forgotten, or merged into somebody else."""

    @property
    def known(self) -> bool:
        """Tell whether there is such a person, and nothing has ended them."""
        return self.registered is not None and not self.gone

    @property
    def residence(self) -> str:
        """Where they live: a community or a local code in it."""
        return self.registered.residence if self.registered else ""

    @property
    def home(self) -> str:
        """The path of the community they live in."""
        return community_of(self.residence)

    def trained(self, name: str, now: int) -> bool:
        """Tell whether they have a training that is valid now."""
        trainings = self.registered.trainings if self.registered else ()
        return any(
            t.name == name and (not t.until_us or now < t.until_us) for t in trainings
        )


def evolve_person(person: Person, event: Event) -> Person:
    """Fold one fact of somebody's stream."""
    match event:
        case PersonRegistered():
            return replace(person, registered=event)
        case AccountBound():
            return replace(person, account=event.account)
        case PersonUnavailable():
            until_us = event.until_us
            return replace(person, cause=event.cause, until_us=until_us, asked_us=0)
        case PersonAvailable():
            return replace(person, cause="", until_us=0, asked_us=0)
        case AbsencePassed():
            return replace(person, asked_us=event.due_us)
        case DutyBegun():
            return replace(person, acting={**person.acting, event.post: event})
        case DutyEnded():
            left = {k: v for k, v in person.acting.items() if k != event.post}
            return replace(person, acting=left)
        case ResponsibilityBegun():
            return replace(person, packages=person.packages | {event.package})
        case ResponsibilityEnded():
            return replace(person, packages=person.packages - {event.package})
        case PersonForgotten() | PersonMerged():
            return replace(person, gone=True)
        case MergeTakenBack():
            return replace(person, gone=False)
        case AccountReleased():
            return replace(person, account="")
        case _:
            return person


person_stream = Streams("person", Person(), evolve_person)


unit_stream = Streams("unit", None, latest(UnitRegistered))


UnknownPerson = NotFound.of(
    "people.unknown",
    "{person} 不在花名册上，或已并入他人、已注销",
    "{person} is not on the roster, or merged or forgotten by now",
    "请刷新花名册后重新选择",
    "reload the roster and choose again",
    field="person",
)


def known_person(read: Read, person: str) -> Person:
    """Return a person there is.

    :raises UnknownPerson: if there is none, or not any more
    """
    found = read(person_stream(person))
    if not found.known:
        raise UnknownPerson(person=person)
    return found


def home_of(read: Read, person: str) -> str:
    """Return where somebody lives, or lived before they were forgotten or merged.

    Whoever may not decide about them is told so first, gone or not.

    :raises UnknownPerson: if nobody of this id was ever registered
    """
    found = read(person_stream(person))
    UnknownPerson.unless(found.registered, person=person)
    return found.home
