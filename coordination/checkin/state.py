"""What checking in folds to (报到状态) for one person, and whose hours they are."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

from coordination.checkin.campaigns import over_us
from coordination.checkin.events import (
    CheckInTakenBack,
    HoursCertified,
    HoursRecognised,
    HoursRefused,
    HoursTakenBack,
    Member,
    MemberAbsent,
    MemberActive,
    MemberLeft,
    MemberPresent,
    MemberReported,
    Merged,
    ServiceRecognised,
    ServiceRecorded,
)
from coordination.checkin.hours import (
    CLAIMED,
    Hours,
    Stretch,
    begun_by,
    hours_of,
    length_us,
)
from coordination.grants.state import who_asks
from coordination.kernel import MINUTE_US, Event, Read, Streams
from coordination.people.state import home_of
from coordination.refusals import Forbidden


@dataclass(frozen=True, slots=True)
class Attendance:
    """报到情况 of one person in their newest campaign; service over all of them."""

    campaign: str = ""
    stages: frozenset[str] = frozenset()
    """Of reported, present, partial, absent, active: what holds now."""
    present_us: int = 0
    present_own: bool = False
    """They say themselves since when they are present."""
    stretches: tuple[Stretch, ...] = ()
    """Each time they served, over every campaign, by its number."""
    untimed: int = 0
    """Minutes that were recognised without saying which."""

    @property
    def hours(self) -> Hours:
        """What of all that is certified, what not yet."""
        return hours_of(self.stretches, self.untimed)

    def gained(self, from_us: int, to_us: int) -> int:
        """Return the minutes of a time that are not counted yet: none counts twice."""
        known = [one.standing for one in self.stretches]
        more_us = length_us([*known, (from_us, to_us)]) - length_us(known)
        return more_us // MINUTE_US


def evolve_attendance(state: Attendance, event: Event) -> Attendance:
    """Fold one fact of somebody's stream."""
    match event:
        case (
            MemberReported()
            | MemberPresent()
            | MemberAbsent()
            | MemberActive()
            | MemberLeft()
        ):
            if event.campaign != state.campaign:
                state = Attendance(
                    campaign=event.campaign,
                    stretches=state.stretches,
                    untimed=state.untimed,
                )
            return _evolve_stage(state, event)
        case HoursRecognised():
            more = replace(state, untimed=state.untimed + event.without_times)
            return _with_stretches(more, event)
        case ServiceRecorded():
            return _with_stretches(state, event)
        case HoursCertified() | HoursRefused() | ServiceRecognised():
            place = event.number - 1
            known = state.stretches
            ruled = (*known[:place], known[place].ruled(event), *known[place + 1 :])
            return replace(state, stretches=ruled)
        case HoursTakenBack():
            left = _without(state, range(event.first, event.first + event.count))
            return replace(left, untimed=state.untimed - event.untimed)
        case CheckInTakenBack():
            left = _without(state, [event.stretch] if event.stretch else [])
            if event.campaign != state.campaign:
                return left
            return replace(
                left,
                stages=frozenset(event.stages),
                present_us=event.present_us,
                present_own=event.own,
            )
        case _:
            return state


def _without(state: Attendance, numbers: Collection[int]) -> Attendance:
    """Return it without times that nobody served after all; their numbers stay."""
    left = (s.void() if s.number in numbers else s for s in state.stretches)
    return replace(state, stretches=tuple(left))


def _with_stretches(state: Attendance, event: Event) -> Attendance:
    new = begun_by(event, len(state.stretches), state.present_us)
    return replace(state, stretches=(*state.stretches, *new))


def _evolve_stage(state: Attendance, event: Member) -> Attendance:
    """Fold how far somebody is in a campaign."""
    match event:
        case MemberReported():
            return replace(state, stages=state.stages | {"reported"})
        case MemberPresent():
            stage = "partial" if event.partial else "present"
            kept = state.stages - {"present", "partial", "absent"}
            here = replace(state, stages=kept | {stage})
            if state.present_us:
                return here
            return replace(here, present_us=event.at_us, present_own=event.own_word)
        case MemberAbsent():
            kept = state.stages - {"present", "partial"}
            return replace(state, stages=kept | {"absent"}, present_us=0)
        case MemberActive():
            return replace(state, stages=state.stages | {"active"})
        case MemberLeft():
            kept = state.stages - {"present", "partial"}
            left = _with_stretches(state, event)
            return replace(left, stages=kept, present_us=0)


attendance_stream = Streams("person", Attendance(), evolve_attendance)
"""Somebody's stream, folded to how they checked in."""


def carried_over(read: Read, person: str, now: int) -> list[Merged]:
    """Return the service that goes with somebody who is merged into another.

    Whoever is present still has served until now: they are not any more.
    """
    state = read(attendance_stream(person))
    found = []
    for one in state.stretches:
        claimed, elsewhere = one.state == CLAIMED, bool(one.elsewhere)
        where = one.community, one.campaign
        if elsewhere and one.counted[0] < one.counted[1]:
            found.append(Merged(*where, *one.counted))
        if one.standing[0] < one.standing[1]:
            found.append(Merged(*where, *one.standing, claimed, elsewhere))
    if state.present_us:
        home, since_us = home_of(read, person), state.present_us
        end_us = min(now, over_us(read, state.campaign, home) or now)
        here = home, state.campaign, since_us, max(since_us, end_us)
        found.append(Merged(*here, state.present_own))
    return found


OwnHours = Forbidden.of(
    "people.own-hours",
    "本人的服务时长须由他人认定",
    "nobody decides about their own hours",
    "请由组织服务的社区的其他工作人员办理",
    "let another of the staff there do it",
)


def check_not_own(read: Read, person: str) -> None:
    """Return if it is another's hours that are decided about.

    :raises OwnHours: if they are one's own
    """
    if person == who_asks(read):
        raise OwnHours
