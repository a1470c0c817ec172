"""Rules of changing an emergency (调整响应): its level and its scope."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from coordination.areas.state import check_places
from coordination.fields import Level, named
from coordination.filled import filled
from coordination.kernel import Event, Read
from coordination.mode.changing import ChangeCommand, alone, changing
from coordination.mode.conflicts import UNLOOKED, check_conflicts
from coordination.mode.events import (
    RULES,
    LevelLowered,
    LevelRaised,
    ScopeNarrowed,
    ScopeWidened,
)
from coordination.mode.fields import Areas, Excluded
from coordination.mode.orders import touches
from coordination.mode.state import NothingCovered
from coordination.playbook import LEVEL_NAMES
from coordination.refusals import Refusal
from coordination.tree import Place, covers

AREAS = named("区域", "Areas", "area code; may repeat", as_="areas", flag="area scope")


class ChangeLevel(ChangeCommand, frozen=True, kw_only=True):
    """提级或降级: change the level; only the delta of actions applies."""

    ACTION = "emergency.change"
    VIEWED = ("conflicts", "looked")
    level: Level
    raising: bool
    conflicts: tuple[str, ...] = ()
    looked: int = UNLOOKED


NotRaised = Refusal.of(
    "changes.not-raised",
    "当前为 {now} 级，{level} 级不是提级",
    "the level is {now}; {level} does not raise it",
    "请选择更高的级别，或办理降级",
    "take a graver level, or lower it",
    field="level",
)
NotLowered = Refusal.of(
    "changes.not-lowered",
    "当前为 {now} 级，{level} 级不是降级",
    "the level is {now}; {level} does not lower it",
    "请选择更低的级别，或办理提级",
    "take a lighter level, or raise it",
    field="level",
)


def level_changed(read: Read, command: ChangeLevel, now: int) -> Sequence[Event]:
    """Raise or lower the level: one event, only the delta of actions applies.

    :raises NotRaised: if raising is asked for and the level is not graver
    :raises NotLowered: if lowering is asked for and the level is not lighter
    :raises SiteConflict: if sites hold excluding functions and the playbook refuses
    """
    known = changing(read, command)
    said = {"now": LEVEL_NAMES[known.level], "level": LEVEL_NAMES[command.level]}
    if command.raising and command.level >= known.level:
        raise NotRaised(**said)
    if not command.raising and command.level <= known.level:
        raise NotLowered(**said)
    change = {"changed_us": now, "level_before": known.level}
    if not command.raising:
        return [filled(LevelLowered, command, **change)]
    fact = filled(LevelRaised, command, **change, rules=RULES)
    check_conflicts(read, fact, command.conflicts, command.looked)
    return [fact]


class WidenScope(ChangeCommand, frozen=True, kw_only=True):
    """扩大范围: add areas to the scope, less those left out of them."""

    ACTION = "emergency.change"
    VIEWED = ("conflicts", "looked")
    added: Annotated[Areas, AREAS]
    excluded: Excluded = ()
    conflicts: tuple[str, ...] = ()
    looked: int = UNLOOKED

    def places(self, read: Read, /) -> tuple[str, ...]:
        """The scope it has and the areas it would get."""
        return (*super().places(read), *(place.path for place in self.added))


class NarrowScope(ChangeCommand, frozen=True, kw_only=True):
    """缩小范围: take areas out; their sites recover from what they have done."""

    ACTION = "emergency.change"
    removed: Annotated[Areas, AREAS]


AlreadyCovered = Refusal.of(
    "changes.already-covered",
    "{area} 已全部在范围内",
    "{area} lies in the scope already",
    "无需扩大，请改选其他区域",
    "choose another area: this one needs no widening",
    field="areas",
)
NotCovered = Refusal.of(
    "changes.not-covered",
    "{area} 不在范围内",
    "{area} does not lie in the scope",
    "请改选范围内的区域",
    "choose an area inside the scope",
    field="areas",
)


def scope_widened(read: Read, command: WidenScope, now: int) -> Sequence[Event]:
    """Widen the scope: the sites newly covered begin to convert.

    :raises UnknownArea: if an area is not registered
    :raises AlreadyCovered: if an area lies in the scope already, whole, or an
        exclusion does in part
    :raises NotCovered: if an exclusion lies outside the areas added
    :raises SiteConflict: if sites hold excluding functions and the playbook refuses
    """
    known = changing(read, command)
    check_places(read, *command.added, *command.excluded)
    for place in command.excluded:
        if not any(place.path.startswith(p.path) for p in command.added):
            raise NotCovered(area=place.code)
        if touches(known.newest, (place.path,)):
            raise AlreadyCovered(area=place.code)  # a widening takes nothing out
    scope, excluded = list(known.newest.scope), list(known.newest.excluded)
    for place in command.added:
        held = [p for p in excluded if p.path.startswith(place.path)]
        if _covers(scope, excluded, place) and not held:
            raise AlreadyCovered(area=place.code)
        excluded = [p for p in excluded if p not in held]
        if not _covers(scope, excluded, place):
            scope = [p for p in scope if not p.path.startswith(place.path)] + [place]
    excluded += [p for p in command.excluded if p not in excluded]
    if not all(_covers(scope, excluded, place) for place in command.added):
        raise NothingCovered
    fact = ScopeWidened(
        emergency=command.emergency,
        changed_us=now,
        scope=tuple(scope),
        excluded=tuple(excluded),
        rules=RULES,
    )
    check_conflicts(read, fact, command.conflicts, command.looked)
    return [fact]


def scope_narrowed(read: Read, command: NarrowScope, now: int) -> Sequence[Event]:
    """Narrow the scope: sites left out that have done something begin to recover.

    :raises UnknownArea: if an area is not registered
    :raises NotCovered: if nothing of an area lies in the scope
    :raises NothingCovered: if nothing would be left; ending is a decision of its own
    """
    known = changing(read, command)
    check_places(read, *command.removed)
    scope, excluded = list(known.newest.scope), list(known.newest.excluded)
    for place in command.removed:
        named = [p for p in scope if p.path.startswith(place.path)]
        if not named and not _covers(scope, excluded, place):
            raise NotCovered(area=place.code)
        scope = [p for p in scope if p not in named]
        excluded = [p for p in excluded if not p.path.startswith(place.path)]
        if _covers(scope, excluded, place):
            excluded.append(place)
    if not any(_covers(scope, excluded, place) for place in scope):
        raise NothingCovered
    return [
        ScopeNarrowed(
            emergency=command.emergency,
            changed_us=now,
            scope=tuple(scope),
            excluded=tuple(excluded),
        )
    ]


def _covers(scope: list[Place], excluded: list[Place], place: Place) -> bool:
    return covers((p.path for p in scope), (p.path for p in excluded), place.path)


change_level = alone(level_changed)
widen_scope, narrow_scope = alone(scope_widened), alone(scope_narrowed)
"""The same by one person."""
