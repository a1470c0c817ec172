"""Who signs which level where, now (签发权限): configuration and recorded absences."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from coordination.authority.events import (
    AbsenceEnded,
    AbsenceRecorded,
    AuthoritySet,
    LevelAuthority,
)
from coordination.kernel import Event, Read, Stream
from coordination.permit import ROLES
from coordination.playbook import LEVEL_NAMES
from coordination.refusals import Forbidden, Refusal

APPROVED_FROM_LEVEL = 3
"""Levels graver than this need a second person (DOMAIN rule 4)."""

_HEADS = ("commander", "head-of-government")
DEFAULT: tuple[LevelAuthority, ...] = (
    LevelAuthority(1, _HEADS, ("deputy", "secretary-general")),
    LevelAuthority(2, (*_HEADS, "deputy"), ("secretary-general",)),
    LevelAuthority(3, (*_HEADS, "deputy"), ("secretary-general", "duty-officer")),
    LevelAuthority(4, (*_HEADS, "deputy", "secretary-general"), ("duty-officer",)),
)
"""A typical four-level plan (DOMAIN §3); who signs a graver one signs lighter ones."""


@dataclass(frozen=True, slots=True)
class Authority:
    """签发权限 in force."""

    levels: tuple[LevelAuthority, ...] = DEFAULT
    absences: Mapping[str, AbsenceRecorded] = field(default_factory=dict)
    ended: frozenset[str] = frozenset()

    def absent(self, role: str, paths: tuple[str, ...], now: int) -> bool:
        """Tell whether the office is recorded absent for all of these places."""
        standing = [
            a.area.path
            for key, a in self.absences.items()
            if a.role == role
            and a.from_us <= now < a.until_us
            and key not in self.ended
        ]
        return bool(paths) and all(
            any(path.startswith(area) for area in standing) for path in paths
        )

    def signers(self, level: int, paths: tuple[str, ...], now: int) -> tuple[str, ...]:
        """Return the roles that sign a level for these places now."""
        found = next(entry for entry in self.levels if entry.level == level)
        if not all(self.absent(role, paths, now) for role in found.roles):
            return found.roles
        for role in found.chain:
            if not self.absent(role, paths, now):
                return (role,)
        return ()


def evolve_authority(state: Authority, event: Event) -> Authority:
    """Fold one fact about authority."""
    match event:
        case AuthoritySet():
            return replace(state, levels=event.levels)
        case AbsenceRecorded():
            known = {**state.absences, event.absence: event}
            return replace(state, absences=known)
        case AbsenceEnded():
            return replace(state, ended=state.ended | {event.absence})
        case _:
            return state


AUTHORITY = Stream("authority", Authority(), evolve_authority)


NoAuthority = Forbidden.of(
    "authority.none",
    "{role}无权签发 {level} 级",
    "{role_en} does not sign level {level}",
    "请由可签发的人办理：{signers}",
    "let one of these sign: {signers_en}",
    RECORDED=True,
    OF_ROLE=True,
)
LevelNeedsApproval = Refusal.of(
    "mode.level-needs-approval",
    "{level} 级响应须由提议人和另一名批准人共同作出",
    "level {level} needs a proposer and a different approver",
    "请改为提议",
    "propose it",
    field="level",
    RECORDED=True,
)


def check_signs(read: Read, level: int, paths: tuple[str, ...], now: int) -> None:
    """Return if the actor's role signs a level for these places.

    :raises NoAuthority: naming who does
    """
    role = read.by.actor.role
    signers = read(AUTHORITY).signers(level, paths, now)
    if role in signers:
        return
    mine = ROLES.get(role, (role, role))
    raise NoAuthority(
        role=mine[0],
        role_en=mine[1],
        level=LEVEL_NAMES[level],
        signers="、".join(ROLES[s][0] for s in signers) or "无人",
        signers_en=", ".join(ROLES[s][1] for s in signers) or "nobody",
    )


def check_alone(read: Read, level: int, paths: tuple[str, ...], now: int) -> None:
    """Return if one person may order this level alone.

    :raises LevelNeedsApproval: for Ⅰ and Ⅱ
    :raises NoAuthority: if the actor's role does not sign the level
    """
    if level < APPROVED_FROM_LEVEL:
        raise LevelNeedsApproval(level=LEVEL_NAMES[level])
    check_signs(read, level, paths, now)
