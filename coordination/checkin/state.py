"""What checking in folds to (报到状态): of one person, and where it is open."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace

from coordination.checkin.events import (
    CheckInClosed,
    CheckInOpened,
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
from coordination.kernel import MINUTE_US, Event, Read, Stream, Streams
from coordination.mode.orders import OVER
from coordination.mode.state import EMERGENCIES
from coordination.moments import at_minute
from coordination.people.state import home_of
from coordination.refusals import Forbidden, Invalid, Refusal


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


@dataclass(frozen=True, slots=True)
class Openings:
    """Where check-in is switched on in peacetime."""

    all: Mapping[str, CheckInOpened] = field(default_factory=dict)
    closed: Mapping[str, int] = field(default_factory=dict)
    """Which are switched off again, and when; 0: nobody has said."""


def evolve_openings(state: Openings, event: Event) -> Openings:
    """Fold one opening or closing."""
    match event:
        case CheckInOpened():
            return replace(state, all={**state.all, event.opening: event})
        case CheckInClosed():
            closed = {**state.closed, event.opening: event.closed_us}
            return replace(state, closed=closed)
        case _:
            return state


CHECK_INS: Stream[Openings] = Stream("check-ins", Openings(), evolve_openings)


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


def campaign_during(read: Read, path: str, at_us: int) -> str:
    """Return what one checked in for at a place then, empty if it was off.

    What stands now if it did so then; else the newest of what is over.
    """
    now = campaign_at(read, path)
    if now and began_us(read, now, path) <= at_us:
        return now
    openings = read(CHECK_INS)
    known = [*openings.all, *read(EMERGENCIES).all]
    for campaign in reversed(known):
        until_us = over_us(read, campaign, path)
        stands = not until_us and campaign not in openings.closed
        began = began_us(read, campaign, path, unknown=at_us + 1)
        if began <= at_us and (stands or at_us < until_us):
            return campaign
    return ""


def began_us(read: Read, campaign: str, path: str, unknown: int = 0) -> int:
    """Return when a campaign began at a place; ``unknown``: nobody has said.

    It is the minute in which it did: papers and forms tell no seconds.
    """
    began = 0
    emergency = read(EMERGENCIES).all.get(campaign)
    if emergency is not None:
        began = next((o.at_us for o in emergency.orders if o.covers(path)), 0)
    elif opening := read(CHECK_INS).all.get(campaign):
        began = opening.opened_us if path.startswith(opening.area.path) else 0
    return began - began % MINUTE_US if began else unknown


def over_us(read: Read, campaign: str, path: str) -> int:
    """Return when a campaign was over at a place; 0: it is not, or nobody has said.

    An emergency is over there by its end, and by an order that leaves the place out.
    """
    emergency = read(EMERGENCIES).all.get(campaign)
    if emergency is None:
        return read(CHECK_INS).closed.get(campaign, 0)
    over, covered = 0, False
    for order in emergency.orders:
        before, covered = covered, order.kind not in OVER and order.covers(path)
        over = order.at_us if before and not covered else over
    return 0 if covered else over


CheckInClosedHere = Refusal.of(
    "people.check-in-closed",
    "{community} 当前为平时，未开启报到",
    "peacetime: check-in is not switched on in {community}",
    "须先开启报到；此前报到期间的服务，请由工作人员“登记服务”",
    "let it be switched on first; service of before is entered by the staff there",
)
BeforeCampaign = Invalid.of(
    "people.before-campaign",
    "{community} 的本次报到自 {since} 开始，时间应在其后",
    "checking in began at {since} in {community}",
    "请核对日期和时间",
    "look at the day and the time",
    field="occurred_at",
)
OwnHours = Forbidden.of(
    "people.own-hours",
    "本人的服务时长须由他人认定",
    "nobody decides about their own hours",
    "请由组织服务的社区的其他工作人员办理",
    "let another of the staff there do it",
)


def check_begun(read: Read, campaign: str, path: str, at_us: int) -> None:
    """Return if a campaign had begun at a place then.

    :raises BeforeCampaign: otherwise, with when it did
    """
    began = began_us(read, campaign, path)
    if at_us < began:
        raise BeforeCampaign(community=path, since=at_minute(began))


def check_not_own(read: Read, person: str) -> None:
    """Return if it is another's hours that are decided about.

    :raises OwnHours: if they are one's own
    """
    if person == who_asks(read):
        raise OwnHours
