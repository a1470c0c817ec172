"""Rules of the switch between peacetime and emergency (平战转换)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from coordination.areas.state import UnknownArea, place_of
from coordination.kernel import INDEX, Command, Event, Read, Refusal
from coordination.mode.events import (
    EmergencyDeclared,
    EmergencyEnded,
)
from coordination.mode.state import (
    EMERGENCIES,
    Emergency,
    UnknownEmergency,
    playbook_stream,
)
from coordination.playbook import (
    LEVEL_NAMES,
    Playbook,
)
from coordination.tree import Place

HOUR_US = 3_600_000_000
EXPECTED_HOURS_MAX = 8_760
APPROVED_FROM_LEVEL = 3
"""Levels graver than this need a second person (DOMAIN rule 4)."""


class DeclareEmergency(Command, frozen=True, kw_only=True):
    """宣布应急响应并下达转换令: what the law asks for, and the playbook to run.

    ``level``: 1 (Ⅰ) to 4 (Ⅳ). ``expected_hours`` 预计期限: 1 to 8 760.
    """

    ACTION: ClassVar[str] = "emergency.declare"
    emergency: str
    hazard: str
    level: int
    scope: tuple[Place, ...]
    excluded: tuple[Place, ...] = ()
    matter: str
    measures: str
    expected_hours: int
    playbook: str

    @property
    def stream(self) -> str:
        """The index of emergencies."""
        return INDEX

    @property
    def places(self) -> tuple[str, ...]:
        """Every area of the scope."""
        return tuple(place.path for place in self.scope)


class Missing(Refusal):
    """What the law asks an activation to state is missing (缺少法定要素)."""

    code = "mode.element-missing"
    zh = "缺少{name}"
    en = "{name_en} is missing"


class EmergencyExists(Refusal):
    """The id is another emergency's (编号已用)."""

    code = "mode.emergency-exists"
    zh = "应急响应编号 {emergency} 已被使用"
    en = "the id {emergency} is another emergency's"
    field = "emergency"


class LevelNeedsApproval(Refusal):
    """Ⅰ and Ⅱ need a proposer and a different approver (双人制)."""

    code = "mode.level-needs-approval"
    zh = "{level} 级响应须由提议人和另一名批准人共同作出"
    en = "level {level} needs a proposer and a different approver"
    field = "level"
    RECORDED = True


class UnknownPlaybook(Refusal):
    """No such playbook is published (预案不存在)."""

    code = "mode.unknown-playbook"
    zh = "预案 {playbook} 未发布"
    en = "playbook {playbook} is not published"
    field = "playbook"


class WrongHazard(Refusal):
    """The playbook is for another hazard (预案与灾种不符)."""

    code = "mode.wrong-hazard"
    zh = "预案 {playbook} 用于 {hazard}"
    en = "playbook {playbook} is for {hazard}"
    field = "hazard"


class NothingCovered(Refusal):
    """The exclusions leave nothing of the scope (范围为空)."""

    code = "mode.nothing-covered"
    zh = "排除之后范围为空"
    en = "the exclusions leave nothing of the scope"
    field = "scope"


class ScopeOverlaps(Refusal):
    """Another active emergency covers part of this scope (范围重叠)."""

    code = "mode.scope-overlaps"
    zh = "范围与进行中的应急响应 {emergency} 重叠"
    en = "the scope overlaps the active emergency {emergency}"
    field = "scope"


def declare(read: Read, command: DeclareEmergency, now: int) -> Sequence[Event]:
    """Declare an emergency and order the switch of its whole scope: one event.

    :raises Missing: naming the element the law asks for
    :raises EmergencyExists: if the id is another emergency's
    :raises LevelNeedsApproval: for Ⅰ and Ⅱ
    :raises UnknownArea: if the scope or an exclusion is not registered
    :raises NothingCovered: if the exclusions leave nothing
    :raises ScopeOverlaps: if an active emergency covers part of it
    """
    assert command.level in LEVEL_NAMES, "ways in take I to IV only"
    _check_elements(command)
    if command.emergency in read(EMERGENCIES).all:
        raise EmergencyExists(emergency=command.emergency)
    if command.level < APPROVED_FROM_LEVEL:
        raise LevelNeedsApproval(level=LEVEL_NAMES[command.level])
    playbook, digest = _playbook(read, command)
    for place in (*command.scope, *command.excluded):
        if place_of(read, place.code) != place:
            raise UnknownArea(area=place.code)
    fact = EmergencyDeclared(
        emergency=command.emergency,
        hazard=command.hazard,
        level=command.level,
        scope=command.scope,
        excluded=command.excluded,
        matter=command.matter,
        measures=command.measures,
        declared_us=now,
        expected_until_us=now + command.expected_hours * HOUR_US,
        playbook=playbook.id,
        playbook_digest=digest,
    )
    new = Emergency(fact)
    if not any(new.covers(place.path) for place in command.scope):
        raise NothingCovered
    for active in read(EMERGENCIES).active():
        if _overlap(new, active):
            raise ScopeOverlaps(emergency=active.declared.emergency)
    return [fact]


ELEMENTS = {
    "basis": ("依据", "basis"),
    "matter": ("事项", "matter"),
    "measures": ("措施", "measures"),
    "scope": ("范围", "scope"),
    "expected_hours": ("预计期限", "expected duration"),
}


def _check_elements(command: DeclareEmergency) -> None:
    for name, (zh, en) in ELEMENTS.items():
        value = getattr(command, name)
        if not (value.strip() if isinstance(value, str) else value):
            raise Missing(name=zh, name_en=en, element=name)


def _playbook(read: Read, command: DeclareEmergency) -> tuple[Playbook, str]:
    """Return the newest published version and its digest."""
    published = read(playbook_stream(command.playbook))
    if not published.newest:
        raise UnknownPlaybook(playbook=command.playbook)
    playbook = published.by_digest[published.newest]
    if playbook.hazard != command.hazard:
        raise WrongHazard(playbook=playbook.id, hazard=playbook.hazard)
    return playbook, published.newest


def _overlap(one: Emergency, other: Emergency) -> bool:
    """Tell whether two scopes share a place.

    They do if and only if one covers a place that the other's scope or exclusions name
    and the other covers it too: between named places, covering does not change.
    """
    named = (*one.declared.scope, *one.declared.excluded)
    named += (*other.declared.scope, *other.declared.excluded)
    return any(one.covers(p.path) and other.covers(p.path) for p in named)


class EndEmergency(Command, frozen=True, kw_only=True):
    """解除应急响应."""

    ACTION: ClassVar[str] = "emergency.end"
    emergency: str
    scope: tuple[Place, ...]

    @property
    def stream(self) -> str:
        """The index of emergencies."""
        return INDEX

    @property
    def places(self) -> tuple[str, ...]:
        """The scope that the emergency was declared for."""
        return tuple(place.path for place in self.scope)


class AlreadyEnded(Refusal):
    """It was ended before (已解除)."""

    code = "mode.already-ended"
    zh = "应急响应 {emergency} 已经解除"
    en = "emergency {emergency} has been ended already"


class BasisMissing(Refusal):
    """A termination states its basis (缺少依据)."""

    code = "mode.basis-missing"
    zh = "缺少依据"
    en = "the basis is missing"
    field = "basis"


def end(read: Read, command: EndEmergency, now: int) -> Sequence[Event]:
    """End an emergency explicitly; its sites begin to recover.

    :raises UnknownEmergency: if there is none
    :raises AlreadyEnded: if it was ended before
    :raises BasisMissing: without a basis
    """
    if not command.basis.strip():
        raise BasisMissing
    known = read(EMERGENCIES).all.get(command.emergency)
    if known is None or known.declared.scope != command.scope:
        raise UnknownEmergency(emergency=command.emergency)
    if known.ended_us is not None:
        raise AlreadyEnded(emergency=command.emergency)
    return [EmergencyEnded(emergency=command.emergency, ended_us=now)]
