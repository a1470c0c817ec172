"""Rules of the switch between peacetime and emergency (平战转换)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from coordination.areas.state import check_places
from coordination.authority.state import check_alone
from coordination.fields import EmergencyId, Id, Level, Needed, named
from coordination.filled import filled
from coordination.kernel import INDEX, Command, Event, Read
from coordination.mode.changing import ChangeCommand, alone, changing
from coordination.mode.conflicts import UNLOOKED, check_conflicts
from coordination.mode.events import (
    RULES,
    EmergencyDeclared,
    EmergencyEnded,
    EmergencyVoided,
)
from coordination.mode.fields import HOUR_US, Areas, Colour, Excluded, Hours, Severity
from coordination.mode.orders import order_of
from coordination.mode.sites import playbook_stream
from coordination.mode.state import EMERGENCIES, NothingCovered
from coordination.playbook import LEVEL_NAMES, Playbook
from coordination.refusals import Invalid, NotFound, Refusal
from coordination.vocabulary import SEVERITIES, WARNINGS


class DeclareEmergency(Command, frozen=True, kw_only=True):
    """宣布应急响应并下达转换令: what the law asks for; at Ⅰ and Ⅱ: propose it.

    Severity of the event, warning colour and response level are three scales.
    ``conflicts``: sites a view found to hold an excluding function, when there were
    ``looked`` orders.
    """

    STREAM = INDEX  # the index of emergencies
    ACTION = "emergency.declare"
    GRAVE = True
    VIEWED = ("conflicts", "looked")
    NEEDS = ("basis", "seen")
    emergency: EmergencyId
    hazard: Annotated[Id, named("灾种", "Hazard", examples=["epidemic"])]
    level: Level
    severity: Severity = ""
    warning: Colour = ""
    scope: Annotated[Areas, named("范围", "Scope", "area code; may repeat")]
    excluded: Excluded = ()
    matter: Annotated[Needed, named("事项", "Matter", examples=["新冠疫情"])]
    measures: Annotated[
        Needed, named("措施", "Measures", examples=["启用采样点，封闭管理重点小区"])
    ]
    expected_hours: Annotated[
        Hours,
        named(
            "预计期限",
            "Expected hours",
            "such as 72h or 3d",
            flag="duration",
            spoken="hours",
        ),
    ]
    playbook: Annotated[Id, named("预案", "Playbook", examples=["epidemic-control"])]
    conflicts: tuple[str, ...] = ()
    looked: int = UNLOOKED

    def places(self, _read: Read, /) -> tuple[str, ...]:
        """Every area of the scope."""
        return tuple(place.path for place in self.scope)


Missing = Invalid.of(
    "mode.element-missing", "缺少{name}", "{name_en} is missing", "请补填", "fill it in"
)
EmergencyExists = Refusal.of(
    "mode.emergency-exists",
    "应急响应编号 {emergency} 已被使用",
    "the id {emergency} is another emergency's",
    "请重新下达",
    "order it anew",
    field="emergency",
)
UnknownPlaybook = NotFound.of(
    "mode.unknown-playbook",
    "预案 {playbook} 未发布",
    "playbook {playbook} is not published",
    "请选用已发布的预案，或先发布",
    "take one that is published, or publish it first",
    field="playbook",
)
WrongHazard = Refusal.of(
    "mode.wrong-hazard",
    "预案 {playbook} 用于 {hazard}",
    "playbook {playbook} is for {hazard}",
    "请选用该灾种的预案",
    "take a playbook for this hazard",
    field="hazard",
)
UnknownGrading = Invalid.of(
    "mode.unknown-grading",
    "没有这样的事件等级或预警颜色：{given}",
    "no such severity or warning colour: {given}",
    "请从列表中选择",
    "choose one of the list",
    field="severity",
)


def declare(read: Read, command: DeclareEmergency, now: int) -> Sequence[Event]:
    """Declare an emergency alone: Ⅲ and Ⅳ, by whoever signs the level.

    :raises LevelNeedsApproval: for Ⅰ and Ⅱ
    :raises NoAuthority: if the actor's role does not sign the level
    :raises Refusal: as ``declared`` would
    """
    _check_elements(command)
    check_alone(read, command.level, command.places(read), now)
    return declared(read, command, now)


def declared(read: Read, command: DeclareEmergency, now: int) -> Sequence[Event]:
    """Declare an emergency and order the switch of its whole scope: one event.

    Whoever comes here has been asked for their authority.

    :raises Missing: naming the element the law asks for
    :raises EmergencyExists: if the id is another emergency's
    :raises UnknownGrading: if severity or warning is none of the vocabulary
    :raises UnknownArea: if the scope or an exclusion is not registered
    :raises NothingCovered: if the exclusions leave nothing
    :raises SiteConflict: if sites hold excluding functions and the playbook refuses
    """
    assert command.level in LEVEL_NAMES, "ways in take I to IV only"
    _check_elements(command)
    if command.emergency in read(EMERGENCIES).all:
        raise EmergencyExists(emergency=command.emergency)
    check_grading(command.severity, command.warning)
    playbook, digest = _playbook(read, command)
    check_places(read, *command.scope, *command.excluded)
    fact = filled(
        EmergencyDeclared,
        command,
        declared_us=now,
        expected_until_us=now + command.expected_hours * HOUR_US,
        playbook=playbook.id,
        playbook_digest=digest,
        rules=RULES,
    )
    new = order_of(fact, None, 0)
    if not any(new is not None and new.covers(p.path) for p in command.scope):
        raise NothingCovered
    check_conflicts(read, fact, command.conflicts, command.looked)
    return [fact]


def check_grading(severity: str, warning: str) -> None:
    """Return if both are of the vocabulary or not stated.

    :raises UnknownGrading: otherwise
    """
    if severity and severity not in SEVERITIES:
        raise UnknownGrading(given=severity)
    if warning and warning not in WARNINGS:
        raise UnknownGrading(given=warning)


ELEMENTS = {
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


class EndEmergency(ChangeCommand, frozen=True, kw_only=True):
    """解除: end an emergency; its sites begin to recover from what they have done."""

    ACTION = "emergency.end"


def ended(read: Read, command: EndEmergency, now: int) -> Sequence[Event]:
    """End an emergency explicitly; sites that have done something begin to recover.

    :raises UnknownEmergency: if there is none
    :raises AlreadyEnded: if it was ended before
    :raises AlreadyVoided: if it was voided before
    """
    changing(read, command)
    return [EmergencyEnded(emergency=command.emergency, ended_us=now)]


class VoidEmergency(ChangeCommand, frozen=True, kw_only=True):
    """作废误发的宣布: it was declared in error; declaration and voiding both stay.

    It may be said as long as the emergency is in force: what is over was decided by
    its end. Whoever could end it may, and signs as for that.
    """

    ACTION = "emergency.end"
    NEEDS = ("reason", "seen")


def voided(read: Read, command: VoidEmergency, now: int) -> Sequence[Event]:
    """Void a declaration made in error: over at once, marked for ever.

    :raises UnknownEmergency: if there is none
    :raises AlreadyEnded: if it was ended before
    :raises AlreadyVoided: if it was voided before
    """
    changing(read, command)
    wrong = next(
        told.seq
        for told in read.told(INDEX)
        if isinstance(told.event, EmergencyDeclared)
        and told.event.emergency == command.emergency
    )
    key = command.emergency
    return [EmergencyVoided(corrects=wrong, emergency=key, voided_us=now)]


end, void = alone(ended), alone(voided)
"""The same by one person."""
