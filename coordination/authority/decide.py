"""Rules of authority (签发权限): who configures it, who records an absence."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from coordination.areas.state import check_places
from coordination.authority.events import (
    AbsenceEnded,
    AbsenceRecorded,
    AuthoritySet,
    LevelAuthority,
)
from coordination.authority.state import AUTHORITY
from coordination.fields import Expected, Id, named, pattern
from coordination.filled import filled
from coordination.kernel import VERSION_HELD, Command, Event, Held, Read, version_of
from coordination.permit import PERMITTED
from coordination.playbook import LEVEL_NAMES
from coordination.refusals import Invalid, NotFound, NothingChanges, Refusal
from coordination.tree import Place

HOUR_US = 3_600_000_000
ABSENCE_HOURS_MAX = 168
AbsenceId = Annotated[str, pattern(r"[a-z0-9:-]{3,64}"), named("缺位", "Absence")]


class SetAuthority(Command, frozen=True, kw_only=True):
    """设定签发权限: who signs each of the four levels."""

    STREAM = "authority"  # all of it in one stream
    ACTION = "authority.set"
    GRAVE = True
    NEEDS = ("basis", "seen")
    levels: Annotated[
        tuple[LevelAuthority, ...],
        named("级别", "Levels", "all four, gravest first", min_length=4, max_length=4),
    ]

    expected: Expected = ""

    def held(self, read: Read, /) -> Held:
        """Who signs, by the version."""
        now = version_of(read(AUTHORITY).levels)
        facts = (AuthoritySet,)
        zh, en = "签发权限", "who signs which level"
        return Held(now, (AUTHORITY.id,), facts, VERSION_HELD, zh, en)


BadAuthority = Invalid.of(
    "authority.bad",
    "四个级别须各有至少一个可签发的角色：{why}",
    "each of the four levels needs a role that may order it: {why}",
    "请补全后再提交",
    "complete them, then send it",
    field="levels",
)
AuthorityUnchanged = NothingChanges.of("authority.unchanged")


def set_authority(read: Read, command: SetAuthority, _now: int) -> Sequence[Event]:
    """Configure who signs which level.

    :raises BadAuthority: if a level is missing, empty, or names another role
    :raises AuthorityUnchanged: if nothing would change
    """
    able = {role for rule in PERMITTED["emergency.declare"] for role in rule.roles}
    if [entry.level for entry in command.levels] != sorted(LEVEL_NAMES):
        raise BadAuthority(why="I, II, III, IV")
    for entry in command.levels:
        named = {*entry.roles, *entry.chain}
        if not entry.roles or not named <= able:
            why = ", ".join(sorted(named - able)) or LEVEL_NAMES[entry.level]
            raise BadAuthority(why=why)
    if read(AUTHORITY).levels == command.levels:
        raise AuthorityUnchanged
    return [AuthoritySet(levels=command.levels)]


class RecordAbsence(Command, frozen=True, kw_only=True):
    """登记缺位: an office is absent; the next in line signs for it."""

    AT = "{0.area.path}"  # the area of the office
    STREAM = "authority"  # with the authority it changes
    ACTION = "absence.record"
    GRAVE = True
    NEEDS = ("reason",)
    absence: AbsenceId
    role: Annotated[Id, named("职务", "Office")]
    area: Annotated[Place, named("区域", "Area", "area code")]
    hours: Annotated[
        int,
        named(
            "时长",
            "Hours",
            f"from now on, 1 to {ABSENCE_HOURS_MAX}",
            ge=1,
            le=ABSENCE_HOURS_MAX,
        ),
    ]


BadAbsence = Invalid.of(
    "authority.bad-absence",
    "缺位的须是有签发权的职务，且在七天之内",
    "an absence is of an office that signs, and ends within seven days",
    "请改选职务或缩短时长",
    "take another office, or a shorter time",
    field="hours",
)
AbsenceExists = Refusal.of(
    "authority.absence-exists",
    "缺位记录编号 {absence} 已被使用",
    "the id {absence} is another absence's",
    "请重新登记",
    "record it anew",
)
UnknownAbsence = NotFound.of(
    "authority.unknown-absence",
    "没有进行中的缺位记录 {absence}",
    "there is no standing absence {absence}",
)


def record_absence(read: Read, command: RecordAbsence, now: int) -> Sequence[Event]:
    """Record that an office is absent for a time.

    :raises BadAbsence: for another role, or for too long
    :raises AbsenceExists: if the id is another's
    :raises UnknownArea: if the area is not registered
    """
    signing = {role for entry in read(AUTHORITY).levels for role in entry.roles}
    timely = 1 <= command.hours <= ABSENCE_HOURS_MAX
    if command.role not in signing or not timely:
        raise BadAbsence
    if command.absence in read(AUTHORITY).absences:
        raise AbsenceExists(absence=command.absence)
    check_places(read, command.area)
    return [
        filled(
            AbsenceRecorded,
            command,
            from_us=now,
            until_us=now + command.hours * HOUR_US,
        )
    ]


class EndAbsence(Command, frozen=True, kw_only=True):
    """结束缺位: the office is back."""

    STREAM = "authority"  # with the authority it changes
    ACTION = "absence.record"
    absence: AbsenceId

    def places(self, read: Read, /) -> tuple[str, ...]:
        """The area of the office.

        :raises UnknownAbsence: if there is no such absence
        """
        return (_absent(read, self).area.path,)


def _absent(read: Read, command: EndAbsence) -> AbsenceRecorded:
    return UnknownAbsence.unless(
        read(AUTHORITY).absences.get(command.absence), absence=command.absence
    )


def end_absence(read: Read, command: EndAbsence, now: int) -> Sequence[Event]:
    """End an absence early.

    :raises UnknownAbsence: if there is none, or it is over
    """
    over = command.absence in read(AUTHORITY).ended
    if over or _absent(read, command).until_us <= now:
        raise UnknownAbsence(absence=command.absence)
    return [AbsenceEnded(absence=command.absence, ended_us=now)]
