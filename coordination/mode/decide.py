"""Rules of the switch between peacetime and emergency (平战转换)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from coordination.areas.state import UnknownArea, place_of
from coordination.kernel import Command, Event, Read, Refusal
from coordination.mode.events import (
    INDEX,
    DeadlinePassed,
    EmergencyDeclared,
    EmergencyEnded,
    PlaybookPublished,
)
from coordination.mode.state import EMERGENCIES, Emergency, playbook_stream
from coordination.playbook import (
    LEVEL_NAMES,
    MINUTE_US,
    Finding,
    Playbook,
    canonical,
    compile_text,
)
from coordination.tree import Place

HOUR_US = 3_600_000_000
EXPECTED_HOURS_MAX = 8_760
APPROVED_FROM_LEVEL = 3
"""Levels graver than this need a second person (DOMAIN rule 4)."""


class PublishPlaybook(Command, frozen=True, kw_only=True):
    """发布预案."""

    ACTION: ClassVar[str] = "playbook.publish"
    playbook: str
    text: str

    @property
    def stream(self) -> str:
        """Its own stream."""
        return f"playbook/{self.playbook}"


class PlaybookFaulty(Refusal):
    """The lint found something (预案有误)."""

    code = "playbook.faulty"
    zh = "预案有 {count} 处错误：{first}"
    en = "the playbook has {count} faults: {first}"
    field = "text"


class PlaybookUnchanged(Refusal):
    """This very version is published already (预案未变)."""

    code = "playbook.unchanged"
    zh = "预案 {playbook} 的这一版本已经发布"
    en = "this version of playbook {playbook} is published already"


def publish_playbook(
    read: Read, command: PublishPlaybook, _now: int
) -> Sequence[Event]:
    """Publish a playbook's text and compiled form.

    :raises PlaybookFaulty: if the lint finds anything
    :raises PlaybookUnchanged: if it is published in this very form
    """
    playbook, findings = compile_text(command.text)
    if playbook is not None and playbook.id != command.playbook:
        findings = [
            Finding(
                "id", "playbook.id", "编号与命令不符", "not the id that was asked for"
            )
        ]
    if playbook is None or findings:
        raise PlaybookFaulty(
            count=len(findings), first=findings[0].en, findings=findings
        )
    compiled, digest = canonical(playbook)
    if read(playbook_stream(playbook.id)).newest == digest:
        raise PlaybookUnchanged(playbook=playbook.id)
    return [
        PlaybookPublished(
            playbook=playbook.id,
            version=playbook.version,
            text=command.text,
            compiled=compiled,
            digest=digest,
        )
    ]


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
    :raises LevelNeedsApproval: for Ⅰ and Ⅱ
    :raises UnknownArea: if the scope or an exclusion is not registered
    :raises NothingCovered: if the exclusions leave nothing
    :raises ScopeOverlaps: if an active emergency covers part of it
    """
    _check_elements(command)
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


class UnknownEmergency(Refusal):
    """No such emergency (应急响应不存在)."""

    code = "mode.unknown-emergency"
    zh = "应急响应 {emergency} 不存在"
    en = "there is no emergency {emergency}"


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


class RecordDeadline(Command, frozen=True, kw_only=True):
    """记录限期已过: from the timer; its command id derives from what is due."""

    ACTION: ClassVar[str] = "deadline.record"
    emergency: str
    phase: str
    step: str
    due_us: int

    @property
    def stream(self) -> str:
        """The index of emergencies."""
        return INDEX


class NotDue(Refusal):
    """This deadline has not passed, or is not one (未到期)."""

    code = "mode.not-due"
    zh = "步骤 {step} 的限期未到或已不适用"
    en = "the deadline of step {step} has not passed or does not apply"


class AlreadyRecorded(Refusal):
    """Recorded before (已记录)."""

    code = "mode.deadline-recorded"
    zh = "步骤 {step} 的限期已记录"
    en = "the deadline of step {step} is recorded already"


def record_deadline(read: Read, command: RecordDeadline, now: int) -> Sequence[Event]:
    """Record once that a step's deadline has passed.

    :raises UnknownEmergency: if there is none
    :raises AlreadyRecorded: if it stands in the log
    :raises NotDue: if it has not passed or the step is not of this emergency
    """
    known = read(EMERGENCIES).all.get(command.emergency)
    if known is None:
        raise UnknownEmergency(emergency=command.emergency)
    if (command.phase, command.step) in known.passed:
        raise AlreadyRecorded(step=command.step)
    published = read(playbook_stream(known.declared.playbook))
    playbook = published.by_digest[known.declared.playbook_digest]
    due = {
        step.id: known.phase_began_us + step.due_minutes * MINUTE_US
        for step in playbook.due_steps(command.phase, known.declared.level)
    }
    wrong_phase = command.phase != known.phase
    if wrong_phase or due.get(command.step) != command.due_us or command.due_us > now:
        raise NotDue(step=command.step)
    return [
        DeadlinePassed(
            emergency=command.emergency,
            phase=command.phase,
            step=command.step,
            due_us=command.due_us,
            noticed_us=now,
        )
    ]
