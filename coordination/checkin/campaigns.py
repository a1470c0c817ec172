"""Where checking in is open (报到开启), in which campaign, since when, until when."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from coordination.checkin.events import (
    CheckInClosed,
    CheckInOpened,
)
from coordination.folds import beside
from coordination.kernel import MINUTE_US, Event, Read, Stream
from coordination.mode.orders import OVER
from coordination.mode.state import EMERGENCIES
from coordination.moments import at_minute
from coordination.refusals import Invalid, Refusal


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


def evolve_open(state: Openings, event: Event) -> Openings:
    """Fold the same of those alone that are not closed."""
    after = evolve_openings(state, event)
    if not after.closed:
        return after
    return Openings({k: o for k, o in after.all.items() if k not in after.closed})


CHECK_INS: Stream[Openings] = Stream("check-ins", Openings(), evolve_openings)
OPEN_CHECK_INS = beside(CHECK_INS, evolve_open)
"""Where it is on now, however often it has been."""


def campaign_at(read: Read, path: str) -> str:
    """Return what one checks in for at a place, empty if it is off (报到未开启).

    The oldest active emergency there; in peacetime the oldest opening.
    """
    active = [e for e in read(EMERGENCIES).active() if e.covers(path)]
    if active:
        return active[0].declared.emergency
    for key, opening in read(OPEN_CHECK_INS).all.items():
        if path.startswith(opening.area.path):
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


def check_begun(read: Read, campaign: str, path: str, at_us: int) -> None:
    """Return if a campaign had begun at a place then.

    :raises BeforeCampaign: otherwise, with when it did
    """
    began = began_us(read, campaign, path)
    if at_us < began:
        raise BeforeCampaign(community=path, since=at_minute(began))
