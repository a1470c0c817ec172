"""Following (接续): no package loses its party silently, no facility opens without."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from coordination.kernel import Event, Read
from coordination.mode.duties import steps_of
from coordination.mode.events import StepCompleted
from coordination.mode.sites import mandatory, playbook_of
from coordination.mode.standing import standing_of
from coordination.mode.state import CONVERT, EMERGENCIES
from coordination.packages.events import (
    PERSON,
    PackageAssigned,
    PackageHandedOver,
    Party,
)
from coordination.packages.state import (
    KINDS,
    Package,
    community_party,
    package_stream,
)
from coordination.people.events import ResponsibilityBegun, ResponsibilityEnded
from coordination.people.state import person_stream
from coordination.playbook import Playbook
from coordination.refusals import Refusal


@dataclass
class Following:
    """One decision about who answers for what: loads as they stand with its facts."""

    read: Read
    lost: Mapping[str, str] = field(default_factory=dict)
    facts: list[Event] = field(default_factory=list)
    _loads: dict[str, Counter[str]] = field(default_factory=dict)

    def loads(self, person: str) -> Counter[str]:
        """Return how many packages of each kind somebody has, after the facts."""
        known = self._loads.get(person)
        if known is None:
            held = self.read(person_stream(person)).packages
            known = self._loads[person] = Counter(p.partition("/")[0] for p in held)
        return known

    def able(self, person: str, kind: str) -> bool:
        """Tell whether somebody can take one more package of a kind."""
        found = self.read(person_stream(person))
        rule = self.read(KINDS).get(kind)
        load = rule.load if rule else 1
        there = found.known and not found.cause and person not in self.lost
        return there and self.loads(person)[kind] < load

    def began(self, party: Party, package: str) -> None:
        """Note that a party has a package from now on."""
        if party.kind == PERSON:
            self.loads(party.id)[package.partition("/")[0]] += 1
            self.facts.append(ResponsibilityBegun(person=party.id, package=package))

    def ended(self, party: Party, package: str) -> None:
        """Note that a party has a package no more."""
        if party.kind == PERSON:
            self.loads(party.id)[package.partition("/")[0]] -= 1
            self.facts.append(ResponsibilityEnded(person=party.id, package=package))

    def assigned(self, package: str, party: Party, backups: tuple[str, ...]) -> None:
        """Give a package that nobody has."""
        kind, _, target = package.partition("/")
        self.facts.append(
            PackageAssigned(kind=kind, target=target, party=party, backups=backups)
        )
        self.began(party, package)

    def moved(
        self,
        package: str,
        known: Package,
        party: Party,
        backups: tuple[str, ...],
        cause: str = "",
        *,
        standing: bool = False,
    ) -> None:
        """Hand a package over: one fact, and the records of both."""
        assert known.party is not None, "somebody has it"
        kind, _, target = package.partition("/")
        self.facts.append(
            PackageHandedOver(
                kind=kind,
                target=target,
                before=known.party,
                party=party,
                backups=backups,
                cause=cause,
                standing=standing,
            )
        )
        self.ended(known.party, package)
        self.began(party, package)


def follow(read: Read, lost: Mapping[str, str]) -> list[Event]:
    """Return how the packages of people who fall away go on (AB 规则).

    To the first backup who is available and not laden; else to the community's own
    organisation until somebody is named, which the coverage map shows as a gap.
    """
    following = Following(read, lost)
    owed = sorted(
        (package, person)
        for person in lost
        for package in read(person_stream(person)).packages
    )
    for package, person in owed:
        kind, _, target = package.partition("/")
        known = read(package_stream(package))
        able = (b for b in known.backups if following.able(b, kind))
        successor = next(able, "")
        if successor:
            left = tuple(b for b in known.backups if b != successor)
            party = Party(PERSON, successor)
            following.moved(package, known, party, left, lost[person])
        else:
            party = community_party(target)
            following.moved(
                package, known, party, known.backups, lost[person], standing=True
            )
    return following.facts


FacilityUncovered = Refusal.of(
    "packages.facility-uncovered",
    "阵地 {site} 启用前须先落实“{zh_kind}”",
    "site {site} does not open before its package is assigned: {en_kind}",
    "请先落实包保",
    "assign it first",
)


def check_opening(read: Read, fact: StepCompleted) -> None:
    """Return unless this step opens a facility whose package nobody has.

    :raises FacilityUncovered: if it does
    """
    if fact.phase != CONVERT or fact.out is not None:
        return
    known = read(EMERGENCIES)
    emergency = known.all[fact.emergency]
    playbook = playbook_of(read, emergency.declared)
    demanded = playbook.packages_at(emergency.level)
    for kind in read(KINDS).values():
        if kind.id in demanded and _has_step(playbook, kind.functions, fact.step):
            held = read(package_stream(f"{kind.id}/{fact.site}"))
            nobody = held.party is None or held.standing
            if nobody and _opens(read, fact):
                raise FacilityUncovered(
                    site=fact.site, zh_kind=kind.zh, en_kind=kind.en
                )


def _has_step(playbook: Playbook, functions: tuple[str, ...], step: str) -> bool:
    """Tell whether a step belongs to the conversion of one of these functions."""
    return any(
        entry.function in functions and any(s.id == step for s in entry.convert)
        for entry in playbook.conversions
    )


def _opens(read: Read, fact: StepCompleted) -> bool:
    """Tell whether with this step the site has its last mandatory one."""
    standing = standing_of(read, fact.site, fact.emergency)
    duty = standing.duties[fact.emergency]
    listed = standing.site.checklist(fact.emergency, fact.phase, fact.round)
    asked = steps_of(standing.playbook(fact.emergency), duty)
    return mandatory(asked) <= listed.done | {fact.step}
