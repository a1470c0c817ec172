"""Facts about checking in (报到): reported, present, active are three facts."""

from __future__ import annotations

import msgspec

from coordination.corrects import Correcting
from coordination.kernel import Event
from coordination.people.events import OfPerson
from coordination.tree import Place


class _OfMember(OfPerson, frozen=True, kw_only=True):
    """Where it is, for which campaign, and how it was entered."""

    community: str
    campaign: str
    source: str


class MemberReported(_OfMember, frozen=True, kw_only=True):
    """报到: to the community of residence, for one campaign (emergency or opening).

    ``source``: phone, qr, staff or paper.
    """

    NAME = "checkin.member-reported.1"


OWN_SOURCES = frozenset({"phone", "qr"})
"""By which what nobody has said of a fact of old counts as the member's own word."""


class MemberPresent(_OfMember, frozen=True, kw_only=True):
    """到岗 at ``at_us``. ``partial``: a part of what was asked only (部分到位).

    ``own``: they say so themselves (本人申报); None: nobody has said.
    """

    NAME = "checkin.member-present.2"
    at_us: int
    partial: bool = False
    own: bool | None = None

    @property
    def own_word(self) -> bool:
        """Whether they say so themselves; of old, as the source tells."""
        return self.source in OWN_SOURCES if self.own is None else self.own


class MemberAbsent(_OfMember, frozen=True, kw_only=True):
    """缺席: somebody has said so. Unknown is not absent (未知不等于缺席)."""

    NAME = "checkin.member-absent.1"


class MemberActive(_OfMember, frozen=True, kw_only=True):
    """现身参与: they did something; ``what``: in a few words, no name."""

    NAME = "checkin.member-active.1"
    what: str = ""


class MemberLeft(_OfMember, frozen=True, kw_only=True):
    """离岗: served from ``from_us`` until ``to_us``, 0 where nobody has said.

    ``minutes``: by which their service has grown: what was counted before is not again.
    ``claimed``: they say when it began or ended themselves, so that it is a claim
    (申报时长) until the organiser certifies it; None: nobody has said. ``left_us``:
    when they left, if what they came for was over before, which counts; else 0.
    """

    NAME = "checkin.member-left.3"
    minutes: int
    from_us: int = 0
    to_us: int = 0
    claimed: bool | None = None
    left_us: int = 0

    @property
    def own_word(self) -> bool:
        """Whether it is a claim; of old, as the source tells."""
        return self.source in OWN_SOURCES if self.claimed is None else self.claimed


Member = MemberReported | MemberPresent | MemberAbsent | MemberActive | MemberLeft


class Merged(msgspec.Struct, frozen=True):
    """A time that a walk-up served, as it counts: certified, or a claim still.

    ``elsewhere``: served in another community than theirs, not recognised there yet.
    """

    community: str
    campaign: str
    from_us: int
    to_us: int
    claimed: bool = False
    elsewhere: bool = False


class HoursRecognised(OfPerson, frozen=True, kw_only=True):
    """时长并入: hours served under the provisional id ``merged``.

    ``minutes``: how much is certified of them, whole minutes; ``untimed``: so much of
    it of which nobody has said from when until when, None: of all of it. ``times``:
    the rest.
    """

    NAME = "checkin.hours-recognised.2"
    merged: str
    minutes: int
    untimed: int | None = None
    times: tuple[Merged, ...] = ()

    @property
    def without_times(self) -> int:
        """The minutes that no time is known of."""
        return self.minutes if self.untimed is None else self.untimed


class ServiceRecorded(OfPerson, frozen=True, kw_only=True):
    """登记服务: the organiser says from when until when somebody served, and as what.

    ``home``: the community they live in, so that all knows whether it was another's.
    ``claimed``: they have entered it themselves, so it is a claim.
    """

    NAME = "checkin.service-recorded.1"
    ANEW = ("RefuseHours",)
    community: str
    campaign: str
    home: str
    from_us: int
    to_us: int
    what: str
    claimed: bool = False


class _OfStretch(OfPerson, frozen=True, kw_only=True):
    """A ruling on the ``number``-th time that somebody served (服务时段).

    ``community``: that organised it. ``replaces``: the ruling it corrects, numbered
    from 1; 0: it is the first one.
    """

    community: str
    number: int
    replaces: int = 0


class HoursCertified(_OfStretch, frozen=True, kw_only=True):
    """时长认定: the organiser certifies service from ``from_us`` until ``to_us``."""

    NAME = "checkin.hours-certified.1"
    ANEW = ("CertifyHours", "RefuseHours")
    from_us: int
    to_us: int


class HoursRefused(_OfStretch, frozen=True, kw_only=True):
    """时长不予认定: nothing of it is service."""

    NAME = "checkin.hours-refused.1"
    ANEW = ("CertifyHours",)


class ServiceRecognised(OfPerson, frozen=True, kw_only=True):
    """时长互认: the home community recognises what another has certified, once.

    ``community``: the home; ``from_us``, ``to_us``: what was certified then.
    """

    NAME = "checkin.service-recognised.1"
    ANEW = ("RefuseHours",)
    community: str
    number: int
    from_us: int
    to_us: int


Ruling = HoursCertified | HoursRefused | ServiceRecognised
"""What is said of a time somebody served that is known already."""


class HoursTakenBack(Correcting, frozen=True, kw_only=True):
    """时长并入更正: those hours were served by somebody else, ``merged``.

    ``first``, ``count``: the stretches they had become; ``untimed``: minutes besides.
    """

    STREAM = "person/{0.person}"  # in the stream of whom they had been given to
    NAME = "checkin.hours-taken-back.1"
    person: str
    merged: str
    first: int
    count: int
    untimed: int


class CheckInTakenBack(Correcting, frozen=True, kw_only=True):
    """报到更正: somebody was not there, did not take part, or has not left, after all.

    ``stage``: what is taken back; ``stages``: what holds in the campaign without it.
    ``present_us``, ``own``: since when they are there, and whether by their own word.
    ``reported_us``, ``seen_us``, ``active_us``, ``left_us``: when what stands was
    entered to have happened, 0: it does not stand. ``stretch``: the time they are said
    to have served by it, which is none, 0: it made none.
    """

    STREAM = "person/{0.person}"  # in the person's stream
    NAME = "checkin.taken-back.1"
    ANEW = ("CheckIn",)
    person: str
    community: str
    campaign: str
    stage: str
    stages: tuple[str, ...]
    present_us: int = 0
    own: bool = False
    reported_us: int = 0
    seen_us: int = 0
    active_us: int = 0
    left_us: int = 0
    stretch: int = 0


class CheckInOpened(Event, frozen=True, kw_only=True):
    """平时开启报到 at ``opened_us``: an area switches check-in on, on a basis.

    ``opened_us`` 0: nobody has said when.
    """

    STREAM = "check-ins"  # one stream for all of them
    NAME = "checkin.opened.2"
    ANEW = ("CloseCheckIn",)
    opening: str
    area: Place
    opened_us: int = 0


class CheckInClosed(Event, frozen=True, kw_only=True):
    """平时关闭报到 at ``closed_us``, 0: nobody has said when."""

    STREAM = "check-ins"  # one stream for all of them
    NAME = "checkin.closed.2"
    ANEW = ("OpenCheckIn",)
    opening: str
    closed_us: int = 0
