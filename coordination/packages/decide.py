"""Rules of responsibility packages (四包): each target has exactly one party."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Annotated, Literal

import msgspec

from coordination.areas.state import area_stream, standing_stream
from coordination.checks import Replaced
from coordination.fields import Expected, PersonId, TargetId, Word, form, named, pattern
from coordination.kernel import Command, Event, Held, Read
from coordination.mode.state import EMERGENCIES
from coordination.packages.events import (
    PARTIES,
    PERSON,
    PackageReleased,
    Party,
)
from coordination.packages.following import Following
from coordination.packages.state import (
    KINDS,
    held_package,
    held_party,
    package_stream,
    target_path,
)
from coordination.people.state import person_stream, unit_stream
from coordination.posts.state import post_stream
from coordination.refusals import (
    Fault,
    NothingChanges,
    Refusal,
    RowFault,
    RowsRefused,
    size_faults,
)
from coordination.tree import around, community_of

PACKAGES_MAX = 6_000
SITE = "site"
KindId = Annotated[
    Word, named("包保类型", "Kind", "compound, building, neighbours, facility …")
]
Target = Annotated[TargetId, named("包保对象", "Target", "area code or site id")]


class PartyForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who answers for a target: a person, a post or an organisation, by id."""

    kind: Literal["person", "post", "organisation"]
    id: Annotated[str, pattern("[a-z0-9:-]+", min_length=3, max_length=60)]


Responsible = Annotated[
    Party,
    form(PartyForm),
    named(
        "责任主体",
        "Responsible",
        "person:ID, post:ID, organisation:ID of who answers",
        flag="to",
        spoken="party",
    ),
]
Backups = Annotated[
    tuple[PersonId, ...],
    named("B 角", "Backups", "id of a person; may repeat", flag="backup", max_length=5),
]


class PackageRow(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One package to assign."""

    kind: KindId
    target: Target
    party: Responsible
    backups: Backups = ()

    @property
    def package(self) -> str:
        """Its id."""
        return f"{self.kind}/{self.target}"


class AssignPackages(Command, frozen=True, kw_only=True):
    """落实包保责任: all or none, one decision however many."""

    ACTION = "package.assign"
    HEAVY = True
    rows: Annotated[
        tuple[PackageRow, ...], named("包保", "Packages", upto=PACKAGES_MAX)
    ]

    @property
    def stream(self) -> str:
        """Those of one area wait for one another."""
        return f"area/{''.join(self._around)}"

    def places(self, _read: Read, /) -> tuple[str, ...]:
        """The area all targets lie in."""
        return self._around

    @property
    def _around(self) -> tuple[str, ...]:
        return around({community_of(target_path(row.target)) for row in self.rows})


PackagesRefused = RowsRefused.of(
    "packages.refused",
    "{count} 处有误，整批包保未落实",
    "{count} faults; none of the packages was assigned",
    field="rows",
)


def assign_packages(read: Read, command: AssignPackages, _now: int) -> Sequence[Event]:
    """Give packages that nobody has, or the community stands in for, to parties.

    :raises PackagesRefused: with a fault for each wrong row, by number from 1
    """
    PackagesRefused.unless_good(size_faults(command.rows, PACKAGES_MAX, "rows"))
    following, faults = Following(read), list[RowFault]()
    seen: set[str] = set()
    for number, row in enumerate(command.rows, start=1):
        wrong = list(_target_faults(read, row))
        wrong += _party_faults(following, row.kind, row.party, row.backups)
        known = read(package_stream(row.package))
        held = known.party is not None and not known.standing
        if row.package in seen or held:
            wrong.append(_held_fault(read, row.package))
        seen.add(row.package)
        faults += [RowFault(number, *fault) for fault in wrong]
        if not wrong and known.standing:
            following.moved(row.package, known, row.party, row.backups)
        elif not wrong:
            following.assigned(row.package, row.party, row.backups)
    PackagesRefused.unless_good(faults)
    return following.facts


def _held_fault(read: Read, package: str) -> Fault:
    """Return that somebody has a package, by whose decision and since when."""
    held = held_party(read, package)
    said = Replaced.told(held, read.last(held)).facts
    zh = f"已落实{said['zh_how']}，请办理移交"
    return "target", zh, f"held already{said['en_how']}: hand it over"


def _target_faults(read: Read, row: PackageRow) -> Iterator[Fault]:
    """Yield what is wrong with a target."""
    kind = read(KINDS).get(row.kind)
    if kind is None:
        yield "kind", "没有这种包保类型", "there is no such kind of package"
        return
    if kind.target == SITE:
        site = read(standing_stream(row.target))
        if site is None or not any(p.function in kind.functions for p in site.planned):
            yield "target", "不是此类包保的阵地", "no site of this kind of package"
    elif read(area_stream(row.target)).level_of(row.target) != kind.target:
        yield "target", f"不是已登记的 {kind.target}", f"no registered {kind.target}"


def _party_faults(
    following: Following, kind: str, party: Party, backups: tuple[str, ...]
) -> Iterator[Fault]:
    """Yield what is wrong with a party and those behind it."""
    read = following.read
    rule = read(KINDS).get(kind)
    if rule is not None and party.kind not in rule.parties:
        yield "party", "此类包保不由这类主体承担", "not a party of this kind"
    match party.kind:
        case "person" if not read(person_stream(party.id)).known:
            yield "party", f"人员 {party.id} 不存在", f"no person {party.id}"
        case "person" if not following.able(party.id, kind):
            yield (
                "party",
                f"人员 {party.id} 不可用或包保已满",
                f"person {party.id} is not available or has as many as they may",
            )
        case "post" if read(post_stream(party.id)).defined is None:
            yield "party", f"岗位 {party.id} 不存在", f"no post {party.id}"
        case "organisation" if not _organisation(read, party.id):
            yield "party", f"组织 {party.id} 不存在", f"no organisation {party.id}"
        case other if other not in PARTIES:
            yield "party", "责任主体类型有误", "no such kind of party"
    if len(set(backups)) < len(backups) or (
        party.kind == PERSON and party.id in backups
    ):
        yield "backups", "同一人不能做自己的备份", "nobody is their own backup"
    for person in backups:
        if not read(person_stream(person)).known:
            yield "backups", f"人员 {person} 不存在", f"no person {person}"


def _organisation(read: Read, name: str) -> bool:
    """Tell whether there is such an organisation: a unit, or a community's own."""
    mark, _, code = name.partition(":")
    if mark == "community":
        return bool(read(area_stream(code)).level_of(code))
    return read(unit_stream(name)) is not None


class _OfPackage(Command, frozen=True, kw_only=True):
    """What is decided about one package."""

    STREAM = "package/{0.package}"  # the package's stream
    ACTION = "package.assign"
    kind: KindId
    target: Target

    @property
    def package(self) -> str:
        """Its id."""
        return f"{self.kind}/{self.target}"

    def places(self, _read: Read, /) -> tuple[str, ...]:
        """Where the target lies."""
        return (target_path(self.target),)


class _ReplacesParty(_OfPackage, frozen=True, kw_only=True):
    """What takes a package from somebody; ``expected``: such as ``person:ID``."""

    expected: Expected = ""

    def held(self, read: Read, /) -> Held:
        """Who answers for the target.

        :raises UnknownPackage: if nobody has it
        """
        held_package(read, self.kind, self.target)
        return held_party(read, self.package)


class HandOverPackage(_ReplacesParty, frozen=True, kw_only=True):
    """移交包保: from one party to another, with no moment between."""

    party: Responsible
    backups: Backups = ()


SameParty = NothingChanges.of("packages.same-party", field="party")


def hand_over(read: Read, command: HandOverPackage, _now: int) -> Sequence[Event]:
    """Hand a package over; there is no moment with nobody or two.

    :raises UnknownPackage: if nobody has it
    :raises SameParty: if this party has it
    :raises PackagesRefused: if the party cannot take it
    """
    known = held_package(read, command.kind, command.target)
    if known.party == command.party and not known.standing:
        raise SameParty
    following = Following(read)
    found = _party_faults(following, command.kind, command.party, command.backups)
    PackagesRefused.unless_good(RowFault(0, *fault) for fault in found)
    following.moved(command.package, known, command.party, command.backups)
    return following.facts


class ReleasePackage(_ReplacesParty, frozen=True, kw_only=True):
    """解除包保: in peacetime only."""

    NEEDS = ("reason", "seen")


NeededNow = Refusal.of(
    "packages.needed-now",
    "当地应急响应期间不得解除包保",
    "during an emergency no package is released",
    "请改为移交",
    "hand it over",
)


def release(read: Read, command: ReleasePackage, _now: int) -> Sequence[Event]:
    """Release a package: its target is a gap until it is assigned anew.

    :raises UnknownPackage: if nobody has it
    :raises NeededNow: while an emergency is active there
    """
    known = held_package(read, command.kind, command.target)
    if read(EMERGENCIES).level_at(target_path(command.target)) is not None:
        raise NeededNow
    assert known.party is not None, "somebody has it"
    following = Following(read)
    following.facts.append(
        PackageReleased(kind=command.kind, target=command.target, before=known.party)
    )
    following.ended(known.party, command.package)
    return following.facts
