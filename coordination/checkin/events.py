"""Facts about checking in (报到): reported, present, active are three facts."""

from __future__ import annotations

from typing import Any

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


class MemberPresent(_OfMember, frozen=True, kw_only=True):
    """到岗 at ``at_us``. ``partial``: a part of what was asked only (部分到位)."""

    NAME = "checkin.member-present.1"
    at_us: int
    partial: bool = False


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
    """

    NAME = "checkin.member-left.2"
    minutes: int
    from_us: int = 0
    to_us: int = 0


def left_from_1(payload: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """Read version 1, which did not say from when until when."""
    return MemberLeft.NAME, payload


Member = MemberReported | MemberPresent | MemberAbsent | MemberActive | MemberLeft


class HoursRecognised(OfPerson, frozen=True, kw_only=True):
    """时长认定: hours served under the provisional id ``merged``, whole minutes."""

    NAME = "checkin.hours-recognised.1"
    merged: str
    minutes: int


class HoursTakenBack(Correcting, frozen=True, kw_only=True):
    """时长认定更正: those hours were served by somebody else, ``merged``."""

    STREAM = "person/{0.person}"  # in the stream of whom they had been given to
    NAME = "checkin.hours-taken-back.1"
    person: str
    merged: str
    minutes: int


class CheckInOpened(Event, frozen=True, kw_only=True):
    """平时开启报到: an area switches check-in on outside an emergency, on a basis."""

    STREAM = "check-ins"  # one stream for all of them
    NAME = "checkin.opened.1"
    opening: str
    area: Place


class CheckInClosed(Event, frozen=True, kw_only=True):
    """平时关闭报到."""

    STREAM = "check-ins"  # one stream for all of them
    NAME = "checkin.closed.1"
    opening: str
