"""What the facts of mode fold to (平战状态): for decisions, deadlines and views."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from coordination.areas.events import SiteRegistered
from coordination.kernel import Event, Refusal, Stream
from coordination.mode.events import (
    INDEX,
    DeadlinePassed,
    EmergencyDeclared,
    EmergencyEnded,
    PlaybookPublished,
    StepAcknowledged,
    StepCompleted,
)
from coordination.playbook import Conversion, Playbook, Step, from_canonical
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
    """突发事件: its declaration, and its end once there is one."""

    declared: EmergencyDeclared
    ended_us: int | None = None
    passed: frozenset[tuple[str, str]] = frozenset()
    """(phase, step) of the deadlines recorded as passed."""

    @property
    def phase(self) -> str:
        """The checklist in force: convert while active, recover after the end."""
        return CONVERT if self.ended_us is None else RECOVER

    @property
    def phase_began_us(self) -> int:
        """What the deadlines of the checklist in force count from."""
        return self.ended_us or self.declared.declared_us

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

    def active(self) -> Iterator[Emergency]:
        """Yield those that have not been ended."""
        return (e for e in self.all.values() if e.ended_us is None)


def evolve_emergencies(state: Emergencies, event: Event) -> Emergencies:
    """Fold one fact of the index."""
    match event:
        case EmergencyDeclared():
            changed = Emergency(event)
        case EmergencyEnded():
            known = state.all[event.emergency]
            changed = Emergency(known.declared, event.ended_us, known.passed)
        case DeadlinePassed():
            known = state.all[event.emergency]
            passed = known.passed | {(event.phase, event.step)}
            changed = Emergency(known.declared, known.ended_us, passed)
        case _:
            return state
    return Emergencies({**state.all, changed.declared.emergency: changed})


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

    planned: Mapping[str, str] = field(default_factory=dict)
    """Hazard -> planned function."""
    registered: bool = False
    lists: Mapping[tuple[str, str], Checklist] = field(default_factory=dict)
    """(emergency, phase) -> what is done."""

    def checklist(self, emergency: str, phase: str) -> Checklist:
        """Return what is done, untouched lists included."""
        return self.lists.get((emergency, phase), Checklist())


def evolve_site(site: Site, event: Event) -> Site:
    """Fold one fact of a site's stream."""
    match event:
        case SiteRegistered():
            planned = {p.hazard: p.function for p in event.planned}
            return Site(planned, registered=True, lists=site.lists)
        case StepAcknowledged():
            known = site.checklist(event.emergency, event.phase)
            changed = Checklist(known.acknowledged | {event.step}, known.done)
        case StepCompleted():
            known = site.checklist(event.emergency, event.phase)
            changed = Checklist(known.acknowledged, known.done | {event.step})
        case _:
            return site
    lists = {**site.lists, (event.emergency, event.phase): changed}
    return Site(site.planned, site.registered, lists)


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
    emergency: Emergency, playbook: Playbook, planned: Mapping[str, str]
) -> Conversion | None:
    """Return what a covered site with these planned functions does, if anything."""
    declared = emergency.declared
    return playbook.conversion(planned.get(declared.hazard), declared.level)


def mandatory(steps: tuple[Step, ...]) -> frozenset[str]:
    """Return the ids of the steps that decide the end of a checklist."""
    return frozenset(step.id for step in steps if step.mandatory)


def mode_of(phase: str, *, finished: bool) -> str:
    """Return a switched site's mode: a phase ends with its last mandatory step."""
    if phase == CONVERT:
        return EMERGENCY if finished else CONVERTING
    return PEACETIME if finished else RECOVERING
