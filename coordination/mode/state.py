"""What the facts of mode fold to (平战状态): for decisions, deadlines and views."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from coordination.areas.events import SiteRegistered
from coordination.kernel import INDEX, Event, Refusal, Stream
from coordination.mode.events import (
    DeadlinePassed,
    EmergencyDeclared,
    EmergencyEnded,
    PlaybookPublished,
    StepAcknowledged,
    StepCompleted,
)
from coordination.playbook import MINUTE_US, Conversion, Playbook, Step, from_canonical
from coordination.tree import covers

PEACETIME, CONVERTING, EMERGENCY, RECOVERING = MODES = (
    "PEACETIME",
    "CONVERTING",
    "EMERGENCY",
    "RECOVERING",
)
CONVERT, RECOVER = "convert", "recover"


@dataclass(frozen=True, slots=True)
class Emergency:
    """突发事件: its declaration, and its end once there is one.

    ``version``: of the index at its declaration.
    """

    declared: EmergencyDeclared
    version: int = 0
    ended_us: int | None = None
    passed: frozenset[tuple[str, str]] = frozenset()
    """(phase, step) of the deadlines recorded as passed."""

    @property
    def phase(self) -> str:
        """The checklist in force: convert while active, recover after the end."""
        return CONVERT if self.ended_us is None else RECOVER

    def covers(self, path: str) -> bool:
        """Tell whether its scope covers a place."""
        return covers(
            (p.path for p in self.declared.scope),
            (p.path for p in self.declared.excluded),
            path,
        )


@dataclass(frozen=True, slots=True)
class Emergencies:
    """All emergencies of a World, in the order they were declared."""

    all: Mapping[str, Emergency] = field(default_factory=dict)
    version: int = 0

    def active(self) -> Iterator[Emergency]:
        """Yield those that have not been ended."""
        return (e for e in self.all.values() if e.ended_us is None)


def evolve_emergencies(state: Emergencies, event: Event) -> Emergencies:
    """Fold one fact of the index."""
    match event:
        case EmergencyDeclared():
            changed = Emergency(event, state.version + 1)
        case EmergencyEnded():
            known = state.all[event.emergency]
            changed = Emergency(
                known.declared, known.version, event.ended_us, known.passed
            )
        case DeadlinePassed():
            known = state.all[event.emergency]
            passed = known.passed | {(event.phase, event.step)}
            changed = Emergency(known.declared, known.version, known.ended_us, passed)
        case _:
            return Emergencies(state.all, state.version + 1)
    known_by_id = {**state.all, changed.declared.emergency: changed}
    return Emergencies(known_by_id, state.version + 1)


class UnknownEmergency(Refusal):
    """No such emergency (应急响应不存在)."""

    code = "mode.unknown-emergency"
    zh = "应急响应 {emergency} 不存在"
    en = "there is no emergency {emergency}"


EMERGENCIES = Stream(INDEX, Emergencies(), evolve_emergencies)


@dataclass(frozen=True, slots=True)
class Checklist:
    """What a site has done of one phase of one emergency."""

    acknowledged: frozenset[str] = frozenset()
    done: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Site:
    """阵地, as far as modes care."""

    registrations: tuple[tuple[int, Mapping[str, str]], ...] = ()
    """Each registration: version of the index it saw, hazard -> planned function."""
    lists: Mapping[tuple[str, str], Checklist] = field(default_factory=dict)
    """(emergency, phase) -> what is done."""

    @property
    def registered(self) -> bool:
        """Tell whether the site exists."""
        return bool(self.registrations)

    def planned_at(self, version: int) -> Mapping[str, str] | None:
        """Return what an order at this version of the index found planned here."""
        for seen, planned in reversed(self.registrations):
            if seen < version:
                return planned
        return None

    def checklist(self, emergency: str, phase: str) -> Checklist:
        """Return what is done, untouched lists included."""
        return self.lists.get((emergency, phase), Checklist())


def evolve_site(site: Site, event: Event) -> Site:
    """Fold one fact of a site's stream."""
    match event:
        case SiteRegistered():
            planned = {p.hazard: p.function for p in event.planned}
            registration = event.index_seen, planned
            return Site((*site.registrations, registration), site.lists)
        case StepAcknowledged():
            known = site.checklist(event.emergency, event.phase)
            changed = Checklist(known.acknowledged | {event.step}, known.done)
        case StepCompleted():
            known = site.checklist(event.emergency, event.phase)
            changed = Checklist(known.acknowledged, known.done | {event.step})
        case _:
            return site
    lists = {**site.lists, (event.emergency, event.phase): changed}
    return Site(site.registrations, lists)


def site_stream(site: str) -> Stream[Site]:
    """Return a site's stream."""
    return Stream(f"site/{site}", Site(), evolve_site)


@dataclass(frozen=True, slots=True)
class Published:
    """The versions of a playbook by digest, and the newest digest."""

    by_digest: Mapping[str, Playbook] = field(default_factory=dict)
    newest: str = ""


def evolve_published(state: Published, event: Event) -> Published:
    """Fold one fact of a playbook's stream."""
    if not isinstance(event, PlaybookPublished):
        return state
    compiled = from_canonical(event.compiled)
    return Published({**state.by_digest, event.digest: compiled}, event.digest)


def playbook_stream(playbook: str) -> Stream[Published]:
    """Return a playbook's stream."""
    return Stream(f"playbook/{playbook}", Published(), evolve_published)


def conversion_of(
    emergency: Emergency, playbook: Playbook, site: Site
) -> Conversion | None:
    """Return what an emergency switches a covered site to, if anything."""
    declared = emergency.declared
    planned = site.planned_at(emergency.version)
    if planned is None:  # registered after the order
        return None
    return playbook.conversion(planned.get(declared.hazard), declared.level)


def mandatory(steps: tuple[Step, ...]) -> frozenset[str]:
    """Return the ids of the steps that decide the end of a checklist."""
    return frozenset(step.id for step in steps if step.mandatory)


def mode_of(phase: str, *, finished: bool) -> str:
    """Return a switched site's mode: a phase ends with its last mandatory step."""
    if phase == CONVERT:
        return EMERGENCY if finished else CONVERTING
    return PEACETIME if finished else RECOVERING


def deadlines(
    emergency: Emergency, playbook: Playbook
) -> Iterator[tuple[str, str, int]]:
    """Yield (phase, step, due_us) of every deadline the emergency ever has.

    Those of converting end with the emergency; one that had passed by then stays a
    fact, noticed or not.
    """
    declared, ended_us = emergency.declared, emergency.ended_us
    for step in playbook.due_steps(CONVERT, declared.level):
        due_us = declared.declared_us + step.due_minutes * MINUTE_US
        if ended_us is None or due_us <= ended_us:
            yield CONVERT, step.id, due_us
    if ended_us is not None:
        for step in playbook.due_steps(RECOVER, declared.level):
            yield RECOVER, step.id, ended_us + step.due_minutes * MINUTE_US
