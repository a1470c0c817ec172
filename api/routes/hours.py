"""Hours of service (服务时长): entered, certified, refused, recognised."""

from __future__ import annotations

import msgspec

from api.http.declared import Decision, Done, Said
from api.http.plain import moment
from coordination.checkin.certifying import (
    CertifyClaims,
    CertifyHours,
    RecogniseHours,
    RefuseHours,
)
from coordination.checkin.events import (
    HoursCertified,
    ServiceRecognised,
    ServiceRecorded,
)
from coordination.checkin.hours import stretch_id
from coordination.checkin.recording import RecordService
from coordination.checkin.state import attendance_stream
from coordination.kernel import MINUTE_US


class Counted(msgspec.Struct):
    """What counts of a time now."""

    id: str
    since: str | None
    until: str | None
    minutes: int


def counted(done: Done) -> Counted:
    """Return what counts of it now."""
    [fact] = done.facts
    assert isinstance(fact, HoursCertified | ServiceRecognised), "that is decided"
    return Counted(
        stretch_id(fact.person, fact.number),
        moment(fact.from_us),
        moment(fact.to_us),
        (fact.to_us - fact.from_us) // MINUTE_US,
    )


class Recorded(Counted):
    """What was entered; ``claimed``: by one's own word, ``elsewhere``: not at home."""

    person: str
    community: str
    claimed: bool
    elsewhere: bool


def recorded(done: Done) -> Recorded:
    """Return what was entered, as it counts, and how it is called from now on."""
    [fact] = done.facts
    assert isinstance(fact, ServiceRecorded), "that is decided"
    known = done.world.state(attendance_stream(fact.person)).stretches
    said = fact.community, fact.from_us, fact.to_us
    number = max(s.number for s in known if (s.community, s.from_us, s.to_us) == said)
    return Recorded(
        stretch_id(fact.person, number),
        moment(fact.from_us),
        moment(fact.to_us),
        (fact.to_us - fact.from_us) // MINUTE_US,
        fact.person,
        fact.community,
        fact.claimed,
        fact.community != fact.home,
    )


AS_SHOWN = ("checkins/hours/{stretch}", "expected")
DECISIONS = (
    Decision(
        path="/checkins/service",
        command=RecordService,
        words="checkin service",
        arguments=("person",),
        answers=recorded,
        status=201,
    ),
    Decision(
        path="/checkins/claims/certify",
        command=CertifyClaims,
        answers=Said("certified=#claims"),
    ),
    Decision(
        path="/checkins/hours/{stretch}/certify",
        command=CertifyHours,
        words="checkin certify",
        as_shown=AS_SHOWN,
        answers=counted,
    ),
    Decision(
        path="/checkins/hours/{stretch}/refuse",
        command=RefuseHours,
        words="checkin refuse",
        as_shown=AS_SHOWN,
    ),
    Decision(
        path="/checkins/hours/{stretch}/recognise",
        command=RecogniseHours,
        words="checkin recognise",
        as_shown=AS_SHOWN,
        answers=counted,
    ),
)
