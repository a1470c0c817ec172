"""Rules of hours (时长认定、时长互认): who says what of somebody's time was service.

Whoever organised it certifies a claim, in whole or in part, or refuses it; the home
community recognises what was certified elsewhere. Each is a new fact: one that
corrects an earlier one says why, and both stay. Nobody decides about their own.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

import msgspec

from coordination.checkin.events import (
    HoursCertified,
    HoursRecognised,
    HoursRefused,
    MemberLeft,
    ServiceRecognised,
    ServiceRecorded,
)
from coordination.checkin.hours import (
    CERTIFIED,
    CLAIMED,
    HOME,
    REFUSED,
    VOID,
    Stretch,
    apart,
)
from coordination.checkin.state import attendance_stream, check_not_own
from coordination.checks import ReasonMissing, check_expected
from coordination.fields import WHEN, Expected, Moment, named, pattern
from coordination.kernel import (
    MINUTE_US,
    VERSION_HELD,
    Command,
    Event,
    Held,
    Read,
    version_of,
)
from coordination.moments import at_minute
from coordination.people.state import home_of, known_person
from coordination.refusals import Invalid, NotFound, NothingChanges, NothingLeft

CLAIMS_MAX = 500
StretchId = Annotated[
    str,
    pattern(r"h-[0-9a-f]{12}\.[1-9][0-9]{0,4}"),
    named("服务时段", "Stretch", "a time somebody served, such as h-0123456789ab.3"),
]
"""Whose it is, and which of theirs."""
UnknownStretch = NotFound.of(
    "people.unknown-stretch",
    "没有{stretch}；请从时长清单中选择",
    "there is no {stretch}; take one of the list of hours",
    field="stretch",
)
NotClaimed = Invalid.of(
    "people.not-claimed",
    "认定的时间须在申报的 {since} 至 {at} 之内，且止晚于起",
    "what is certified lies inside what was claimed, {since} to {at}",
    "请改正起止时间",
    "correct the times",
    field="until",
)
HoursUnchanged = NothingChanges.of(
    "people.hours-unchanged",
    "这段时长已是如此认定，没有变化",
    "these hours stand so already: nothing would change",
)
NotElsewhere = NothingLeft.of(
    "people.not-elsewhere",
    "这段时长不需要互认：须由外社区认定，且尚未互认",
    "nothing to recognise: it is certified by another community, and not yet counted",
    field="stretch",
)
ClaimTwice = Invalid.of(
    "people.claim-twice",
    "{stretch}列了两次",
    "{stretch} stands twice",
    "请去掉其中一条",
    "leave one of them out",
    field="claims",
)


def stretch_of(read: Read, stretch: str) -> Stretch:
    """Return a stretch of service as it stands.

    :raises UnknownStretch: if there is none, or what it rested on was taken back
    """
    person, number = apart(stretch)
    known = read(attendance_stream(person)).stretches
    if not 0 < number <= len(known) or known[number - 1].state == VOID:
        raise UnknownStretch(stretch=stretch)
    return known[number - 1]


class _OfStretch(Command, frozen=True, kw_only=True):
    """What is decided about one time that somebody served, as its author saw it."""

    ACTION = "hours.certify"
    stretch: StretchId
    expected: Expected = ""

    @property
    def stream(self) -> str:
        """Whose it is."""
        return f"person/{apart(self.stretch)[0]}"

    def places(self, read: Read, /) -> tuple[str, ...]:
        """The community that organised it.

        :raises UnknownStretch: if there is none
        """
        return (stretch_of(read, self.stretch).community,)

    def held(self, read: Read, /) -> Held:
        """What it replaces: how the stretch stands."""
        return Held(
            now=version_of(stretch_of(read, self.stretch)),
            streams=(self.stream,),
            facts=(
                MemberLeft,
                ServiceRecorded,
                HoursRecognised,
                HoursCertified,
                HoursRefused,
                ServiceRecognised,
            ),
            kind=VERSION_HELD,
            zh="这段服务时长",
            en="this stretch of service",
        )


class CertifyHours(_OfStretch, frozen=True, kw_only=True):
    """认定时长: certify hours.

    All that was claimed, or the part from ``from_us`` to ``to_us``.
    """

    from_us: Annotated[Moment, named("起", "Since", WHEN, as_="since")] = 0
    to_us: Annotated[Moment, named("止", "Until", WHEN, as_="until")] = 0


class RefuseHours(_OfStretch, frozen=True, kw_only=True):
    """不予认定: refuse hours.

    Nothing of it counts; what was certified before does not any more.
    """

    NEEDS = ("reason",)


class RecogniseHours(_OfStretch, frozen=True, kw_only=True):
    """时长互认: recognise hours.

    What another community has certified counts at home.
    """

    def places(self, read: Read, /) -> tuple[str, ...]:
        """The community they live in.

        :raises UnknownPerson: if there never was such a person
        """
        return (home_of(read, apart(self.stretch)[0]),)


class Seen(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A claim as it was shown (所见申报)."""

    stretch: StretchId
    expected: Expected


class CertifyClaims(Command, frozen=True, kw_only=True):
    """批量认定: certify all claims shown, or none of them."""

    STREAM = "person"  # those about several people wait for one another
    ACTION = "hours.certify"
    claims: Annotated[tuple[Seen, ...], named("申报", "Claims", upto=CLAIMS_MAX)]

    def places(self, read: Read, /) -> tuple[str, ...]:
        """The communities that organised them.

        :raises UnknownStretch: naming the first that is not there
        """
        found = {stretch_of(read, one.stretch).community for one in self.claims}
        return tuple(sorted(found))


def certify_hours(read: Read, command: CertifyHours, _now: int) -> Sequence[Event]:
    """Certify service, in whole or in part; what is certified already, otherwise.

    :raises UnknownPerson: if they are not there any more
    :raises OwnHours: if they are one's own
    :raises NotClaimed: if it is not inside what was claimed or entered
    :raises HoursUnchanged: if it is certified so already
    :raises ReasonMissing: if it corrects an earlier ruling and does not say why
    """
    known = _open_to(read, command)
    first, last = known.from_us, known.to_us
    from_us, to_us = command.from_us or first, command.to_us or last
    # A form tells no seconds: the minute of an end is that end.
    if from_us < first - first % MINUTE_US or to_us > last - last % -MINUTE_US:
        raise NotClaimed(since=at_minute(first), at=at_minute(last))
    from_us, to_us = max(from_us, first), min(to_us, last)
    if from_us >= to_us:
        raise NotClaimed(since=at_minute(first), at=at_minute(last))
    if known.state == CERTIFIED and known.certified == (from_us, to_us):
        raise HoursUnchanged
    _check_why(known, command)
    return [HoursCertified(**_ruling(known, command), from_us=from_us, to_us=to_us)]


def refuse_hours(read: Read, command: RefuseHours, _now: int) -> Sequence[Event]:
    """Refuse a claim, or take a certification back.

    :raises UnknownPerson: if they are not there any more
    :raises OwnHours: if they are one's own
    :raises HoursUnchanged: if it is refused already
    """
    known = _open_to(read, command)
    if known.state == REFUSED:
        raise HoursUnchanged
    return [HoursRefused(**_ruling(known, command))]


def certify_claims(read: Read, command: CertifyClaims, now: int) -> Sequence[Event]:
    """Certify every claim in whole, as their author saw them.

    :raises ClaimTwice: if one stands twice
    :raises Replaced: if one of them is not as it was shown
    :raises OwnHours: if one of them is one's own
    :raises HoursUnchanged: if one of them is certified already
    """
    facts: list[Event] = []
    named_: set[str] = set()
    for seen in command.claims:
        if seen.stretch in named_:
            raise ClaimTwice(stretch=seen.stretch)
        named_.add(seen.stretch)
        one = CertifyHours(
            stretch=seen.stretch, expected=seen.expected, reason=command.reason
        )
        check_expected(read, one)
        facts += certify_hours(read, one, now)
    return facts


def recognise_hours(read: Read, command: RecogniseHours, _now: int) -> Sequence[Event]:
    """Let what another community has certified count at home, once.

    :raises UnknownPerson: if they are not there any more
    :raises OwnHours: if they are one's own
    :raises NotElsewhere: if there is nothing of it to recognise
    """
    known = _open_to(read, command)
    if known.waits_for != HOME:
        raise NotElsewhere
    person, number = apart(command.stretch)
    from_us, to_us = known.certified
    return [
        ServiceRecognised(
            person=person,
            community=home_of(read, person),
            number=number,
            from_us=from_us,
            to_us=to_us,
        )
    ]


def _open_to(read: Read, command: _OfStretch) -> Stretch:
    """Return a stretch that whoever asks may decide about."""
    person, _ = apart(command.stretch)
    known_person(read, person)
    check_not_own(read, person)
    return stretch_of(read, command.stretch)


def _check_why(known: Stretch, command: Command) -> None:
    """Return if a correction says why."""
    if known.state != CLAIMED and not command.reason.strip():
        raise ReasonMissing


def _ruling(known: Stretch, command: _OfStretch) -> dict[str, Any]:
    """Return what every ruling says."""
    person, number = apart(command.stretch)
    return {
        "person": person,
        "community": known.community,
        "number": number,
        "replaces": known.rulings,
    }
