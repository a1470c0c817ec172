"""Rules of checking in (报到): reported, present and active are three facts.

Off in peacetime unless an area switches it on with its basis. Who checks in themselves
does so by their own account; staff enter what happened elsewhere, also hours late.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Literal, get_args

from coordination.areas.state import UnknownArea, check_places, place_of
from coordination.checkin.campaigns import (
    CHECK_INS,
    OPEN_CHECK_INS,
    CheckInClosedHere,
    campaign_at,
    check_begun,
    over_us,
)
from coordination.checkin.events import (
    CheckInClosed,
    CheckInOpened,
    MemberAbsent,
    MemberActive,
    MemberLeft,
    MemberPresent,
    MemberReported,
)
from coordination.checkin.state import Attendance, attendance_stream
from coordination.fields import Code, PersonId, Word, named, pattern
from coordination.filled import filled
from coordination.grants.state import who_asks
from coordination.kernel import Command, Event, Read
from coordination.late import TooEarly, happened
from coordination.moments import at_minute
from coordination.people.events import PersonAvailable, PersonRegistered
from coordination.people.state import home_of, known_person, person_stream
from coordination.refusals import Invalid, NothingChanges, Refusal
from coordination.tree import Place
from coordination.vocabulary import SKILLS

UNREACHABLE = "unreachable"
Stage = Literal["reported", "present", "partial", "absent", "active", "left"]
Source = Literal["phone", "qr", "staff", "paper"]
STAGES, SOURCES = get_args(Stage), get_args(Source)
HowEntered = Annotated[Source, named("来源", "Source", "phone, qr, staff or paper")]


class CheckIn(Command, frozen=True, kw_only=True):
    """报到: enter how far somebody is, from paper hours late too.

    ``what``: they did, for active. ``community`` empty: where they live.
    """

    STREAM = "person/{0.person}"  # the person's stream
    ACTION = "checkin.own"
    INSTEAD = ("checkin.record",)
    person: Annotated[
        PersonId, named("人员", "Person", "id, else oneself", null=True)
    ] = ""
    stage: Annotated[
        Stage,
        named("步骤", "Stage", "reported, present, partial, absent, active or left"),
    ]
    source: HowEntered = "phone"
    community: Annotated[Code, named("社区", "Community", null=True)] = ""
    what: Annotated[
        str, named("参与内容", "What", "what they did, for active", max_length=100)
    ] = ""

    def action(self, read: Read, /) -> str:
        """Of another it is for whoever may enter it."""
        return self.ACTION if self.person == who_asks(read) else self.INSTEAD[0]

    def places(self, read: Read, /) -> tuple[str, ...]:
        """The community.

        :raises UnknownPerson: if there never was such a person
        """
        return (self.community or home_of(read, self.person),)


WrongCommunity = Invalid.of(
    "people.wrong-community",
    "他们居住在社区 {residence}，不在这里报到",
    "they do not check in here but where they live, {residence}",
    "请到居住社区报到；到其他社区服务的，由当地工作人员“登记服务”",
    "check in there; elsewhere the staff record service",
    field="community",
)
BadStage = Refusal.of(
    "people.bad-stage",
    "按现有登记，不能登记“{stage}”",
    "“{stage}” cannot follow what is recorded",
    "请查看此人已登记到哪一步：已登记过的无需再办，未到岗的先登记到岗",
    "see how far they are: what is recorded needs nothing; who is absent comes first",
    field="stage",
)


def check_in(read: Read, command: CheckIn, now: int) -> Sequence[Event]:
    """Check in, or enter how somebody did; who says so themselves is within reach.

    :raises UnknownPerson: if there is none
    :raises CheckInClosedHere: in peacetime, unless it is switched on
    :raises WrongCommunity: if they live elsewhere
    :raises BeforeCampaign: if it happened before checking in began there
    :raises BadStage: if nothing would change by it, or it does not follow
    """
    known = known_person(read, command.person)
    facts = _checked_in(read, command, known.home, now)
    own = command.person == who_asks(read)
    if own and known.cause == UNREACHABLE and command.stage not in {"absent", "left"}:
        return [PersonAvailable(person=command.person), *facts]
    return facts


def _checked_in(read: Read, command: CheckIn, home: str, now: int) -> list[Event]:
    if command.community not in {"", home}:
        raise WrongCommunity(residence=home)
    state = read(attendance_stream(command.person))
    campaign = campaign_at(read, home)
    if command.stage == "left" and state.present_us:
        campaign = state.campaign  # also when it is over by now
    if not campaign:
        raise CheckInClosedHere(community=home)
    at_us = happened(read, now)
    check_begun(read, campaign, home, at_us)
    stages = state.stages if state.campaign == campaign else frozenset[str]()
    there = {"present", "partial"} & stages
    first = "reported" if command.stage != "left" else ""
    bad = command.stage in stages or (command.stage == "left" and not there)
    if command.stage not in STAGES or command.source not in SOURCES or bad:
        raise BadStage(stage=command.stage)
    said: dict[str, Any] = {
        "person": command.person,
        "community": home,
        "campaign": campaign,
        "source": command.source,
    }
    own = command.person == who_asks(read)
    facts: list[Event] = []
    # Whoever is present has reported: the earlier fact is never left out.
    if command.stage == "reported" or (
        first and "reported" not in stages and command.stage != "absent"
    ):
        facts.append(MemberReported(**said))
    match command.stage:
        case "present" | "partial":
            said |= {"at_us": at_us, "own": own}
            facts.append(MemberPresent(**said, partial=command.stage == "partial"))
        case "absent":
            facts.append(MemberAbsent(**said))
        case "active":
            if not there:
                facts.append(MemberPresent(**said, at_us=at_us, own=own))
            facts.append(MemberActive(**said, what=command.what))
        case "left":
            facts.append(_left(read, state, said, at_us, own=own))
    return facts


def _left(
    read: Read, state: Attendance, said: dict[str, Any], at_us: int, *, own: bool
) -> MemberLeft:
    """Return that somebody has left: it counts until the end of what they came for.

    Their own word, for when it began or when it ended, makes it a claim.
    """
    since_us = state.present_us
    end_us = over_us(read, state.campaign, said["community"]) or at_us
    until_us = max(since_us, min(at_us, end_us))
    return MemberLeft(
        **said,
        minutes=state.gained(since_us, until_us),
        from_us=since_us,
        to_us=until_us,
        claimed=own or state.present_own,
        left_us=at_us if until_us < at_us else 0,
    )


class WalkUp(Command, frozen=True, kw_only=True):
    """临时报到: take on somebody on no roster, provisionally.

    They have reported and are present. ``sealed``: digest of what the vault holds.
    """

    AT = "{0.community}"  # the community
    STREAM = "person/{0.person}"  # the new person's stream
    ACTION = "checkin.record"
    person: PersonId
    community: Annotated[Code, named("社区", "Community")]
    skills: Annotated[
        tuple[Annotated[Word, named("技能", "Skill")], ...],
        named("技能", "Skills", max_length=10),
    ] = ()
    sealed: str
    source: HowEntered = "staff"


def walk_up(read: Read, command: WalkUp, now: int) -> Sequence[Event]:
    """Register somebody provisionally, reported and present.

    :raises UnknownArea: if the community is not registered
    :raises CheckInClosedHere: in peacetime, unless it is switched on
    :raises BeforeCampaign: if it happened before checking in began there
    :raises BadStage: if the id is somebody's, or a skill or source is not one
    """
    place = place_of(read, command.community)
    if place.level != "community":
        raise UnknownArea(area=command.community)
    campaign = campaign_at(read, place.path)
    if not campaign:
        raise CheckInClosedHere(community=command.community)
    at_us = happened(read, now)
    check_begun(read, campaign, place.path, at_us)
    sound = set(command.skills) <= SKILLS.keys() and command.source in SOURCES
    if read(person_stream(command.person)).registered is not None or not sound:
        raise BadStage(stage="walk-up")
    return [
        filled(
            PersonRegistered,
            command,
            unit="",
            residence=command.community,
            skills=tuple(dict.fromkeys(command.skills)),
            trainings=(),
            provisional=True,
        ),
        filled(MemberReported, command, campaign=campaign),
        filled(MemberPresent, command, campaign=campaign, at_us=at_us, own=False),
    ]


OpeningId = Annotated[str, pattern("c-[0-9a-f]{10}"), named("平时报到", "Opening")]


class _Opening(Command, frozen=True, kw_only=True):
    STREAM = "check-ins"  # one stream for all of them
    ACTION = "checkin.open"
    opening: OpeningId


class OpenCheckIn(_Opening, frozen=True, kw_only=True):
    """平时开启报到: switch check-in on outside any emergency, on its basis."""

    NEEDS = ("basis",)
    AT = "{0.area.path}"  # the area
    area: Annotated[Place, named("区域", "Area", "area code")]


class CloseCheckIn(_Opening, frozen=True, kw_only=True):
    """平时关闭报到: switch check-in off again."""

    def places(self, read: Read, /) -> tuple[str, ...]:
        """The area it is on for.

        :raises OpenAlready: if it was never on
        """
        return (_opening(read, self.opening).area.path,)


OpenAlready = NothingChanges.of("people.check-in-unchanged")


def open_check_in(read: Read, command: OpenCheckIn, now: int) -> Sequence[Event]:
    """Switch check-in on outside an emergency.

    :raises UnknownArea: if the area is not registered
    :raises OpenAlready: if it is on for this very area
    """
    check_places(read, command.area)
    standing = [opening.area for opening in read(OPEN_CHECK_INS).all.values()]
    if command.area in standing or command.opening in read(CHECK_INS).all:
        raise OpenAlready
    opened_us = happened(read, now)
    return [filled(CheckInOpened, command, opened_us=opened_us)]


def close_check_in(read: Read, command: CloseCheckIn, now: int) -> Sequence[Event]:
    """Switch check-in off again.

    :raises OpenAlready: if it is not on
    :raises TooEarly: if it is said to have been before it was switched on
    """
    opened_us = _opening(read, command.opening).opened_us
    if command.opening in read(CHECK_INS).closed:
        raise OpenAlready
    closed_us = happened(read, now)
    if closed_us < opened_us:
        since = at_minute(opened_us)
        raise TooEarly(what_zh="开启报到", what_en="it was switched on", since=since)
    return [CheckInClosed(opening=command.opening, closed_us=closed_us)]


def _opening(read: Read, opening: str) -> CheckInOpened:
    return OpenAlready.unless(read(CHECK_INS).all.get(opening))
