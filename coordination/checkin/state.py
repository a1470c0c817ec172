"""What checking in folds to (报到状态): of one person, and where it is open."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from coordination.checkin.events import (
    CheckInClosed,
    CheckInOpened,
    HoursRecognised,
    HoursTakenBack,
    MemberAbsent,
    MemberActive,
    MemberLeft,
    MemberPresent,
    MemberReported,
)
from coordination.kernel import MINUTE_US, Event, Read, Stream, Streams
from coordination.mode.state import EMERGENCIES


@dataclass(frozen=True, slots=True)
class Attendance:
    """报到情况 of one person in their newest campaign; minutes over all of them."""

    campaign: str = ""
    stages: frozenset[str] = frozenset()
    """Of reported, present, partial, absent, active: what holds now."""
    present_us: int = 0
    minutes: int = 0
    served_in: tuple[tuple[int, int], ...] = ()
    """From when until when they served in this campaign, as it was entered."""

    def gained(self, from_us: int, to_us: int) -> int:
        """Return the minutes of a time that are not counted yet: none counts twice."""
        gained_us, begun_us = 0, from_us
        for known_from, known_to in sorted(self.served_in):
            gained_us += max(0, min(known_from, to_us) - begun_us)
            begun_us = max(begun_us, known_to)
        return (gained_us + max(0, to_us - begun_us)) // MINUTE_US

    def served(self, now: int) -> int:
        """Return the minutes so far, those of who is still present too."""
        here = self.gained(self.present_us, now) if self.present_us else 0
        return self.minutes + here


def evolve_attendance(state: Attendance, event: Event) -> Attendance:
    """Fold one fact of somebody's stream."""
    if isinstance(event, HoursRecognised):
        return replace(state, minutes=state.minutes + event.minutes)
    if isinstance(event, HoursTakenBack):
        return replace(state, minutes=state.minutes - event.minutes)
    campaign = getattr(event, "campaign", "")
    if campaign and campaign != state.campaign:
        state = Attendance(campaign, minutes=state.minutes)
    match event:
        case MemberReported():
            return replace(state, stages=state.stages | {"reported"})
        case MemberPresent():
            stage = "partial" if event.partial else "present"
            kept = state.stages - {"present", "partial", "absent"}
            since = state.present_us or event.at_us
            return replace(state, stages=kept | {stage}, present_us=since)
        case MemberAbsent():
            kept = state.stages - {"present", "partial"}
            return replace(state, stages=kept | {"absent"}, present_us=0)
        case MemberActive():
            return replace(state, stages=state.stages | {"active"})
        case MemberLeft():
            kept = state.stages - {"present", "partial"}
            total = state.minutes + event.minutes
            left = replace(state, stages=kept, present_us=0, minutes=total)
            if not event.to_us:
                return left
            times = (*state.served_in, (event.from_us, event.to_us))
            return replace(left, served_in=times)
        case _:
            return state


attendance_stream = Streams("person", Attendance(), evolve_attendance)
"""Somebody's stream, folded to how they checked in."""


@dataclass(frozen=True, slots=True)
class Openings:
    """Where check-in is switched on in peacetime."""

    all: Mapping[str, CheckInOpened] = field(default_factory=dict)
    closed: frozenset[str] = frozenset()


def evolve_openings(state: Openings, event: Event) -> Openings:
    """Fold one opening or closing."""
    match event:
        case CheckInOpened():
            return replace(state, all={**state.all, event.opening: event})
        case CheckInClosed():
            return replace(state, closed=state.closed | {event.opening})
        case _:
            return state


CHECK_INS: Stream[Openings] = Stream("check-ins", Openings(), evolve_openings)


def campaign_at(read: Read, path: str) -> str:
    """Return what one checks in for at a place, empty if it is off (报到未开启).

    The oldest active emergency there; in peacetime the oldest opening.
    """
    active = [e for e in read(EMERGENCIES).active() if e.covers(path)]
    if active:
        return active[0].declared.emergency
    known = read(CHECK_INS)
    for key, opening in known.all.items():
        if key not in known.closed and path.startswith(opening.area.path):
            return key
    return ""


def began_us(read: Read, campaign: str, path: str) -> int:
    """Return when a campaign began at a place; of an opening nobody has said, 0.

    It is the minute in which it did: papers and forms tell no seconds.
    """
    emergency = read(EMERGENCIES).all.get(campaign)
    if emergency is None:
        return 0
    began = next((o.at_us for o in emergency.orders if o.covers(path)), 0)
    return began - began % MINUTE_US
