"""Rules of checklist steps (步骤): who has seen them, what is done."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import Annotated

from coordination.corrects import ChangedSince, Instead
from coordination.fields import Id, MaybeEmergency, SiteId, named
from coordination.filled import filled
from coordination.kernel import Command, Event, Read, Told
from coordination.mode.duties import Duty, steps_of
from coordination.mode.events import StepAcknowledged, StepCompleted, StepTakenBack
from coordination.mode.late_steps import entered_for, late_fact
from coordination.mode.sites import Checklist, mandatory, site_stream
from coordination.mode.standing import Standing, standing_of, whole_standing_of
from coordination.mode.state import EMERGENCIES, RECOVER, Emergencies
from coordination.refusals import NotFound, NothingLeft
from coordination.tree import site_path


class _StepCommand(Command, frozen=True, kw_only=True):
    """``emergency``: whose step it is, empty: the newest that has such a step."""

    STREAM = "site/{0.site}"  # the site's stream
    site: SiteId
    step: Annotated[Id, named("步骤", "Step")]
    emergency: Annotated[
        MaybeEmergency, named("应急响应", "Emergency", "whose step, if several")
    ] = ""

    def places(self, _read: Read, /) -> tuple[str, ...]:
        """Where the site stands."""
        return (site_path(self.site),)

    @property
    def playbook_step(self) -> str:
        """The step itself."""
        return self.step


class AcknowledgeStep(_StepCommand, frozen=True, kw_only=True):
    """签收: acknowledge the order for a step."""

    ACTION = "step.acknowledge"


class CompleteStep(_StepCommand, frozen=True, kw_only=True):
    """完成: record that a step is done."""

    ACTION = "step.complete"


UnknownSite = NotFound.of(
    "steps.unknown-site", "阵地 {site} 不存在", "there is no site {site}"
)
UnknownStep = NotFound.of(
    "steps.unknown-step",
    "阵地 {site} 当前没有步骤 {step}",
    "no checklist in force at site {site} has a step {step}",
    "请在该阵地的清单中核对",
    "look at the checklist of the site",
)
AlreadyDone = NothingLeft.of(
    "steps.already-done",
    "步骤 {step} 已经完成",
    "step {step} is done already",
)
AlreadyAcknowledged = NothingLeft.of(
    "steps.already-acknowledged",
    "步骤 {step} 已经签收",
    "step {step} has been acknowledged already",
)


@dataclass(frozen=True, slots=True)
class _Found:
    duty: Duty
    checklist: Checklist

    def fact(
        self, kind: Callable[..., Event], command: _StepCommand, **told: int
    ) -> Event:
        """Return the fact about this step."""
        return kind(
            site=command.site,
            emergency=self.duty.emergency,
            phase=self.duty.phase,
            step=command.step,
            round=self.duty.round,
            **told,
        )


def _standing(read: Read, command: _StepCommand) -> Standing:
    """Return what a registered site has to do.

    :raises UnknownSite: if there is no such site
    """
    if not read(site_stream(command.site)).registered:
        raise UnknownSite(site=command.site)
    if read.by.occurred_us:  # entered late: it may be of what is over
        return whole_standing_of(read, command.site)
    return standing_of(read, command.site, command.emergency)


def _find(read: Read, standing: Standing, command: _StepCommand) -> _Found:
    """Return the duty whose checklist in force has the step: the newest if several.

    :raises UnknownStep: if there is none
    """
    found = _listed(standing, command)
    if found is None:  # an optional step of what is settled may still be taken
        found = _listed(whole_standing_of(read, command.site), command)
    return UnknownStep.unless(found, site=command.site, step=command.step)


def _listed(standing: Standing, command: _StepCommand) -> _Found | None:
    for duty in reversed(standing.duties.values()):
        if command.emergency and duty.emergency != command.emergency:
            continue
        listed = steps_of(standing.playbook(duty.emergency), duty)
        if any(step.id == command.step for step in listed):
            site, of = standing.site, (duty.emergency, duty.phase, duty.round)
            return _Found(duty, site.checklist(*of))
    return None


def acknowledge(read: Read, command: AcknowledgeStep, _now: int) -> Sequence[Event]:
    """Record that the site has seen the order for a step.

    :raises UnknownSite: if there is no such site
    :raises UnknownStep: if no checklist in force there has the step
    :raises AlreadyAcknowledged: if it was acknowledged
    :raises AlreadyDone: if it is done
    """
    found = _find(read, _standing(read, command), command)
    if command.step in found.checklist.done:
        raise AlreadyDone(step=command.step)
    if command.step in found.checklist.acknowledged:
        raise AlreadyAcknowledged(step=command.step)
    return [found.fact(StepAcknowledged, command)]


def complete(read: Read, command: CompleteStep, _now: int) -> Sequence[Event]:
    """Record that a step is done, acknowledged before or not.

    A step of a conversion that is over is taken as well if it was done before that
    (补录): then the site has something to recover from.

    :raises UnknownSite: if there is no such site
    :raises UnknownStep: if no checklist in force there has the step
    :raises AlreadyDone: if it is done
    :raises TooEarly: if it is said to be done before it was ordered
    :raises TakenMeanwhile: if the site has taken up what excludes that function
    """
    standing = _standing(read, command)
    over = entered_for(read, standing, command.step, command.emergency)
    if over is not None:
        done = standing.site.checklist(over.emergency, over.phase, over.round).done
        if command.step in done:
            raise AlreadyDone(step=command.step)
        return [late_fact(read, standing, over, command.site, command.step)]
    found = _find(read, standing, command)
    if command.step in found.checklist.done:
        raise AlreadyDone(step=command.step)
    seen = read(EMERGENCIES).version
    return [found.fact(StepCompleted, command, index_seen=seen)]


def take_back_step(
    read: Read, wrong: Told, _instead: Instead, _now: int
) -> Sequence[Event]:
    """Take back that a step was done at a site, or that somebody had seen it.

    :raises ChangedSince: if its checklist is over, the step is done by now, or the
        site has recovered and another order has covered it since
    """
    fact = wrong.event
    assert isinstance(fact, StepCompleted | StepAcknowledged), "see the table"
    standing, done = whole_standing_of(read, fact.site), isinstance(fact, StepCompleted)
    known, path = read(EMERGENCIES), site_path(fact.site)
    duty = standing.duties.get(fact.emergency)
    if duty is None or (duty.phase, duty.round) != (fact.phase, fact.round):
        raise ChangedSince(zh="该清单已结束", en="the checklist is over")
    listed = standing.site.checklist(fact.emergency, fact.phase, fact.round)
    if not done and fact.step in listed.done:
        raise ChangedSince(zh="该步骤已完成", en="the step is done by now")
    asked = steps_of(standing.playbook(fact.emergency), duty)
    recovered = mandatory(asked) <= listed.done
    if duty.phase == RECOVER and recovered and _ordered_since(known, duty, path):
        raise ChangedSince(
            zh="该阵地恢复后另有命令", en="another order has covered the site since"
        )
    return [filled(StepTakenBack, fact, corrects=wrong.seq, done=done)]


def _ordered_since(known: Emergencies, duty: Duty, path: str) -> bool:
    """Tell whether another emergency has ordered something of a place since."""
    since_us = duty.since[0][0]
    newer = takewhile(lambda order: order.at_us >= since_us, reversed(known.orders))
    return any(o.emergency != duty.emergency and o.covers(path) for o in newer)
