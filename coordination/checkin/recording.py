"""Rules of service entered afterwards (登记服务): by the community that organised it.

Also of somebody who lives elsewhere: who helps in another community is certified there,
and their own recognises it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from coordination.areas.state import UnknownArea, place_of
from coordination.checkin.campaigns import (
    CheckInClosedHere,
    began_us,
    campaign_at,
    campaign_during,
    over_us,
)
from coordination.checkin.events import ServiceRecorded
from coordination.checkin.hours import CERTIFIED
from coordination.checkin.state import attendance_stream
from coordination.fields import WHEN, Code, Moment, PersonId, named
from coordination.grants.state import who_asks
from coordination.kernel import MINUTE_US, Command, Event, Read
from coordination.late import CLOCKS_US
from coordination.moments import at_minute
from coordination.people.state import known_person
from coordination.refusals import Invalid, NothingChanges

BadTimes = Invalid.of(
    "people.bad-times",
    "服务的止须晚于起，且不晚于现在",
    "service ends after it begins, and not after now",
    "请改正起止时间",
    "correct the times",
    field="until",
)
ServiceTooEarly = Invalid.of(
    "people.service-too-early",
    "{community} 的报到自 {since} 开始，此前不计",
    "checking in began at {since} in {community}: what is earlier does not count",
    "请将起改为不早于此",
    "let it begin then",
    field="since",
)
AfterCampaign = Invalid.of(
    "people.after-campaign",
    "{community} 的报到已于 {at} 结束，之后不计",
    "checking in was over at {at} in {community}: what is later does not count",
    "请将止改为不晚于此",
    "let it end by then",
    field="until",
)
ServiceKnown = NothingChanges.of(
    "people.service-known",
    "这段服务已经登记，没有变化",
    "this service is recorded already: nothing would change",
)


class RecordService(Command, frozen=True, kw_only=True):
    """登记服务: record service.

    Of whoever served here, also if they live elsewhere; of another it is certified by
    that. ``community``: that organised it; ``what``: what they did.
    """

    AT = "{0.community}"  # the community that organised it
    STREAM = "person/{0.person}"  # the person's stream
    ACTION = "checkin.record"
    NEEDS = ("basis",)
    person: PersonId
    community: Annotated[Code, named("组织社区", "Organised by")]
    from_us: Annotated[Moment, named("起", "Since", WHEN, as_="since")]
    to_us: Annotated[Moment, named("止", "Until", WHEN, as_="until")]
    what: Annotated[str, named("服务内容", "What", "what they did, no name", upto=100)]


def record_service(read: Read, command: RecordService, now: int) -> Sequence[Event]:
    """Enter service of somebody: of another, it is certified; one's own is a claim.

    :raises UnknownArea: if it is no community
    :raises UnknownPerson: if there is no such person
    :raises BadTimes: if it ends before it begins, or is not over
    :raises CheckInClosedHere: if nobody checked in there then
    :raises ServiceTooEarly: if it began before checking in did there
    :raises AfterCampaign: if it ended after that was over
    :raises ServiceKnown: if all of it is known already
    """
    place = place_of(read, command.community)
    if place.level != "community":
        raise UnknownArea(area=command.community)
    known = known_person(read, command.person)
    from_us, to_us = command.from_us, command.to_us
    if not from_us < to_us <= now + CLOCKS_US:
        raise BadTimes
    to_us = min(to_us, now)
    campaign = _campaign_of(read, place.path, from_us)
    until_us = over_us(read, campaign, place.path)
    if until_us and to_us > until_us - until_us % -MINUTE_US:
        raise AfterCampaign(community=command.community, at=at_minute(until_us))
    claimed = command.person == who_asks(read)
    span = from_us, min(to_us, until_us or to_us)
    stands = read(attendance_stream(command.person)).stretches
    same = (one for one in stands if one.community == command.community)
    if any(
        one.standing == span and (claimed or one.state == CERTIFIED) for one in same
    ):
        raise ServiceKnown
    return [
        ServiceRecorded(
            person=command.person,
            community=command.community,
            campaign=campaign,
            home=known.home,
            from_us=span[0],
            to_us=span[1],
            what=command.what,
            claimed=claimed,
        )
    ]


def _campaign_of(read: Read, path: str, from_us: int) -> str:
    """Return what somebody served for at a place then.

    :raises ServiceTooEarly: if what stands there began later
    :raises CheckInClosedHere: if nothing does or did
    """
    if campaign := campaign_during(read, path, from_us):
        return campaign
    if now := campaign_at(read, path):
        since = at_minute(began_us(read, now, path))
        raise ServiceTooEarly(community=path, since=since)
    raise CheckInClosedHere(community=path)
