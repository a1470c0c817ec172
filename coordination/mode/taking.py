"""Rules of who was passed over (补转换): noted as free, and taken up after all."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from msgspec import Meta

from coordination.fields import EmergencyId, SiteId, named
from coordination.kernel import INDEX, Command, Event, Read
from coordination.mode.changing import ChangeCommand, alone, changing
from coordination.mode.duties import PASSED_OVER, Duty
from coordination.mode.events import PassedOver, SitesFreed, SitesTakenUp
from coordination.mode.fields import AREAS_MAX
from coordination.mode.standing import Standing, standing_of
from coordination.mode.state import known_emergency
from coordination.refusals import Refusal

Sites = Annotated[
    tuple[SiteId, ...],
    Meta(min_length=1, max_length=AREAS_MAX),
    named("阵地", "Sites", "site id; may repeat", flag="site"),
]


class TakeUpSites(ChangeCommand, frozen=True, kw_only=True):
    """补下转换令: have sites convert that were passed over for another function.

    Their steps are due counted from this order.
    """

    ACTION = "emergency.change"
    HEAVY = True
    sites: Sites


NotPassedOver = Refusal.of(
    "taking.not-passed-over",
    "阵地 {site} 不在应急响应 {emergency} 的冲突名单上，无须补下转换令",
    "site {site} is not on the list of conflicts of {emergency}: there is nothing to "
    "take up",
    "请刷新后再看",
    "look again",
    field="sites",
)
StillHeld = Refusal.of(
    "taking.still-held",
    "阵地 {site} 仍为应急响应 {emergency} 承担互斥的功能，或尚未从中恢复",
    "site {site} still holds a function for {emergency} that excludes the planned one, "
    "or recovers from it",
    "请待其恢复的必办步骤完成后再办理",
    "wait until the mandatory steps of its recovery are done",
    field="sites",
)


def taken_up(read: Read, command: TakeUpSites, now: int) -> Sequence[Event]:
    """Have sites convert that were passed over, now that nothing is in the way.

    :raises UnknownEmergency: if there is none
    :raises AlreadyEnded: if it was ended
    :raises AlreadyVoided: if it was voided
    :raises NotPassedOver: if a site is not passed over in this emergency
    :raises StillHeld: if what excludes the planned function still occupies a site
    """
    changing(read, command)
    sites = tuple(sorted(set(command.sites)))
    for site in sites:
        standing = standing_of(read, site, command.emergency)
        over = _passed_over(standing, command.emergency)
        if over is None:
            raise NotPassedOver(site=site, emergency=command.emergency)
        held = standing.blocking(over)
        if held is not None:
            raise StillHeld(site=site, emergency=held.emergency)
    return [SitesTakenUp(emergency=command.emergency, changed_us=now, sites=sites)]


take_up = alone(taken_up)
"""The same by one person."""


def _passed_over(standing: Standing, emergency: str) -> Duty | None:
    """Return the duty that a site was passed over for, None if it was not."""
    duty = standing.duties.get(emergency)
    return duty if duty is not None and duty.phase == PASSED_OVER else None


class NoteFreed(Command, frozen=True, kw_only=True):
    """记录占用解除: from the timer; who a view found free is looked at anew."""

    STREAM = INDEX  # the index of emergencies
    ACTION = "deadline.record"
    HEAVY = True
    emergency: EmergencyId
    freed: tuple[PassedOver, ...]


NobodyFreed = Refusal.of(
    "taking.nobody-freed",
    "{emergency} 的冲突阵地没有新的占用解除",
    "nobody passed over in {emergency} has become free",
    "无需再办",
    "there is nothing to do",
)


def note_freed(read: Read, command: NoteFreed, now: int) -> Sequence[Event]:
    """Record once that what sites were passed over for is over.

    :raises UnknownEmergency: if there is no such emergency
    :raises NobodyFreed: if it stands in the log, or something is in the way still
    """
    known = known_emergency(read, command.emergency)

    def free(one: PassedOver) -> bool:
        standing = standing_of(read, one.site, command.emergency)
        over = _passed_over(standing, command.emergency)
        return bool(
            over and over.round == one.round and standing.blocking(over) is None
        )

    freed = tuple(o for o in command.freed if o not in known.freed and free(o))
    if not freed:
        raise NobodyFreed(emergency=command.emergency)
    return [SitesFreed(emergency=command.emergency, freed=freed, noticed_us=now)]
