"""What a site has done (阵地进度), and the plans it follows: folded for decisions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from coordination.areas.events import SiteRegistered
from coordination.kernel import (
    Event,
    Read,
    Streams,
)
from coordination.mode.duties import Duties
from coordination.mode.events import (
    EmergencyDeclared,
    PlaybookPublished,
    StepAcknowledged,
    StepCompleted,
    StepTakenBack,
)
from coordination.mode.state import (
    CONVERT,
    CONVERTING,
    EMERGENCY,
    PEACETIME,
    RECOVERING,
)
from coordination.playbook import Playbook, Step, from_canonical


@dataclass(frozen=True, slots=True)
class Checklist:
    """What a site has done of one phase of one emergency."""

    acknowledged: frozenset[str] = frozenset()
    done: frozenset[str] = frozenset()

    def without(self, step: str, *, done: bool) -> Checklist:
        """Return it without a step that was not done after all, or not seen."""
        if done:
            return Checklist(self.acknowledged, self.done - {step})
        return Checklist(self.acknowledged - {step}, self.done)


@dataclass(frozen=True, slots=True)
class Replayed:
    """What the orders up to a version of the index have a site do (已推演).

    ``duties``: without the oldest ones that are over and done with.
    """

    version: int = 0
    duties: Duties = field(default_factory=dict)


class Sofar:
    """How far a site's orders are replayed: kept, so that none is replayed twice.

    It says nothing that the orders and the site's facts do not say, and any may be
    forgotten at any time.
    """

    __slots__ = ("replayed",)

    def __init__(self, replayed: Replayed | None = None) -> None:
        self.replayed = replayed or Replayed()

    def after(self, event: Event) -> Sofar:
        """Return what holds as well once the site has another fact.

        What it says of a time before an order that is replayed, or of a duty that
        has been left out, means to replay them all again.
        """
        kept = self.replayed
        if isinstance(event, StepAcknowledged):
            return Sofar(kept)
        left_out = getattr(event, "emergency", None) not in {None, *kept.duties}
        if left_out or getattr(event, "index_seen", 0) < kept.version:
            return Sofar()
        return Sofar(kept)


@dataclass(frozen=True, slots=True)
class Site:
    """阵地, as far as modes care."""

    registrations: tuple[tuple[int, Mapping[str, str]], ...] = ()
    """Each registration: version of the index it saw, hazard -> planned function."""
    lists: Mapping[tuple[str, str, int], Checklist] = field(default_factory=dict)
    """(emergency, phase, round) -> what is done."""
    told: Mapping[tuple[str, str, int], tuple[tuple[int, frozenset[str]], ...]] = field(
        default_factory=dict
    )
    """The same -> (version of the index, what was done by then), oldest first."""
    sofar: Sofar = field(default_factory=Sofar, compare=False, repr=False)

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

    def checklist(self, emergency: str, phase: str, number: int) -> Checklist:
        """Return what is done in a round, untouched lists included."""
        return self.lists.get((emergency, phase, number), Checklist())

    def done_at(
        self, emergency: str, phase: str, number: int, version: int
    ) -> frozenset[str]:
        """Return what an order at this version of the index found done in a round."""
        for seen, done in reversed(self.told.get((emergency, phase, number), ())):
            if seen < version:
                return done
        return frozenset()


def evolve_site(site: Site, event: Event) -> Site:
    """Fold one fact of a site's stream."""
    sofar = site.sofar.after(event)
    match event:
        case SiteRegistered():
            planned = {p.hazard: p.function for p in event.planned}
            registrations = (*site.registrations, (event.index_seen, planned))
            return replace(site, registrations=registrations, sofar=sofar)
        case StepAcknowledged():
            known = site.checklist(event.emergency, event.phase, event.round)
            changed = Checklist(known.acknowledged | {event.step}, known.done)
        case StepCompleted():
            known = site.checklist(event.emergency, event.phase, event.round)
            changed = Checklist(known.acknowledged, known.done | {event.step})
        case StepTakenBack():
            known = site.checklist(event.emergency, event.phase, event.round)
            changed = known.without(event.step, done=event.done)
        case _:
            return site
    key = event.emergency, event.phase, event.round
    site = replace(site, lists={**site.lists, key: changed}, sofar=sofar)
    if changed.done == known.done:
        return site
    now_done = getattr(event, "index_seen", 0), changed.done
    return replace(site, told={**site.told, key: (*site.told.get(key, ()), now_done)})


site_stream = Streams("site", Site(), evolve_site)


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


playbook_stream = Streams("playbook", Published(), evolve_published)


def playbook_of(read: Read, declared: EmergencyDeclared) -> Playbook:
    """Return the version of the playbook that an emergency cites."""
    published = read(playbook_stream(declared.playbook))
    return published.by_digest[declared.playbook_digest]


def mandatory(steps: tuple[Step, ...]) -> frozenset[str]:
    """Return the ids of the steps that decide the end of a checklist."""
    return frozenset(step.id for step in steps if step.mandatory)


def mode_of(phase: str, *, finished: bool) -> str:
    """Return a switched site's mode: a phase ends with its last mandatory step."""
    if phase == CONVERT:
        return EMERGENCY if finished else CONVERTING
    return PEACETIME if finished else RECOVERING
