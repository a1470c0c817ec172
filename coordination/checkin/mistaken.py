"""Rules of check-ins of the wrong person or stage (报到更正)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import reduce
from typing import Any, get_args

from coordination.checkin.events import (
    CheckInTakenBack,
    Member,
    MemberAbsent,
    MemberActive,
    MemberLeft,
    MemberPresent,
    MemberReported,
)
from coordination.checkin.state import Attendance, attendance_stream, evolve_attendance
from coordination.corrects import (
    ChangedSince,
    Correcting,
    Instead,
    RestsOnIt,
    oldest_first,
)
from coordination.kernel import Event, Read, Told

MEMBER = get_args(Member)
STAGE: dict[type[Event], str] = {
    MemberReported: "reported",
    MemberPresent: "present",
    MemberAbsent: "absent",
    MemberActive: "active",
    MemberLeft: "left",
}


def take_back_check_in(
    read: Read, wrong: Told, _instead: Instead, _now: int
) -> Sequence[Event]:
    """Take back a check-in, and what one decision entered with it after it.

    :raises RestsOnIt: if something was entered later in the same campaign
    :raises ChangedSince: if somebody has ruled on the time they served
    """
    fact = wrong.event
    assert isinstance(fact, Member), "see the table"
    told = oldest_first(read, attendance_stream(fact.person).id)
    gone = {t.event.corrects for t in told if isinstance(t.event, Correcting)}
    said = [
        t
        for t in told
        if isinstance(t.event, MEMBER)
        and t.event.campaign == fact.campaign
        and t.seq not in gone
    ]
    rests = [t for t in said if t.seq > wrong.seq]
    later = [t.seq for t in rests if not wrong.command or t.command != wrong.command]
    if later:
        raise RestsOnIt(seq=max(later))
    left = [t for t in said if t.seq < wrong.seq]
    return [_taken_back(read, told, t, left) for t in (wrong, *rests)]


def _taken_back(
    read: Read, told: Sequence[Told], wrong: Told, left: Sequence[Told]
) -> CheckInTakenBack:
    """Return that one check-in is taken back; ``left``: those that stand."""
    fact: Any = wrong.event
    state = reduce(evolve_attendance, (t.event for t in left), Attendance())
    return CheckInTakenBack(
        corrects=wrong.seq,
        person=fact.person,
        community=fact.community,
        campaign=fact.campaign,
        stage=STAGE[type(fact)],
        stages=tuple(sorted(state.stages)),
        present_us=state.present_us,
        own=state.present_own,
        stretch=_stretch(read, told, wrong),
        **_moments(left),
    )


def _moments(left: Iterable[Told]) -> dict[str, int]:
    """Return when what stands was entered to have happened, as the roster tells it."""
    found = dict.fromkeys(("reported_us", "seen_us", "active_us", "left_us"), 0)
    here = False
    for told in left:
        match told.event:
            case MemberReported():
                found["reported_us"] = told.occurred_us
            case MemberPresent():
                if not here:
                    found["seen_us"] = told.occurred_us
                found["left_us"], here = 0, True
            case MemberAbsent():
                here = False
            case MemberActive():
                found["active_us"] = told.occurred_us
            case MemberLeft():
                found["left_us"], here = told.occurred_us, False
    return found


def _stretch(read: Read, told: Sequence[Told], wrong: Told) -> int:
    """Return which time somebody is said to have served by a fact, 0: by none.

    :raises ChangedSince: if somebody has ruled on it
    """
    if not isinstance(wrong.event, MemberLeft):
        return 0
    about = attendance_stream(wrong.event.person)
    until = (t.event for t in told if t.seq <= wrong.seq)
    number = len(reduce(about.evolve, until, about.initial).stretches)
    if read(about).stretches[number - 1].rulings:
        raise ChangedSince(
            zh="这段时长已有认定，请改为不予认定",
            en="the time they served is ruled on: refuse it instead",
        )
    return number
