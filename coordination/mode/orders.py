"""Orders of an emergency (令): what is in force from each one on."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from coordination.kernel import Event
from coordination.mode.events import (
    RULES,
    EmergencyDeclared,
    EmergencyEnded,
    EmergencyVoided,
    LevelLowered,
    LevelRaised,
    ScopeNarrowed,
    ScopeWidened,
    SitesTakenUp,
)
from coordination.tree import Place, covers

ORDER_FACTS = (
    EmergencyDeclared,
    LevelRaised,
    LevelLowered,
    ScopeWidened,
    ScopeNarrowed,
    SitesTakenUp,
    EmergencyEnded,
    EmergencyVoided,
)
"""What gives an order."""
DECLARED, RAISED, LOWERED, WIDENED, NARROWED, TAKEN_UP, ENDED, VOIDED = (
    "declared",
    "raised",
    "lowered",
    "widened",
    "narrowed",
    "taken-up",
    "ended",
    "voided",
)
OVER = frozenset({ENDED, VOIDED})
"""After an order of these kinds an emergency is over."""


@dataclass(frozen=True, slots=True)
class Order:
    """令: one order of an emergency, with the whole of what is in force from it on.

    ``version``: of the index; ``number``: among the orders of its emergency, from 1;
    ``level_before``: 0 for the declaration. ``rules``: by which it switches sites;
    ``sites``: of one that takes up who was passed over.
    """

    kind: str
    emergency: str
    hazard: str
    version: int
    number: int
    at_us: int
    level: int
    level_before: int
    scope: tuple[Place, ...]
    excluded: tuple[Place, ...]
    rules: int = RULES
    sites: tuple[str, ...] = ()

    def covers(self, path: str) -> bool:
        """Tell whether its scope covers a place."""
        return covers(
            (p.path for p in self.scope), (p.path for p in self.excluded), path
        )


def touches(order: Order, paths: tuple[str, ...]) -> bool:
    """Tell whether an order's scope and these places share anything."""
    return any(
        order.covers(path)
        or any(p.path.startswith(path) and order.covers(p.path) for p in order.scope)
        for path in paths
    )


def order_of(event: Event, newest: Order | None, version: int) -> Order | None:
    """Return the order that a fact of the index is, None if it is none.

    ``newest``: the order in force until then.
    """
    match event:
        case EmergencyDeclared():
            return Order(
                DECLARED,
                event.emergency,
                event.hazard,
                version,
                1,
                event.declared_us,
                event.level,
                0,
                event.scope,
                event.excluded,
                event.rules,
            )
        case LevelRaised() | LevelLowered():
            kind = RAISED if isinstance(event, LevelRaised) else LOWERED
            changed: dict[str, Any] = {"level": event.level}
            at_us = event.changed_us
        case ScopeWidened() | ScopeNarrowed():
            kind = WIDENED if isinstance(event, ScopeWidened) else NARROWED
            changed = {"scope": event.scope, "excluded": event.excluded}
            at_us = event.changed_us
        case SitesTakenUp():
            kind, changed, at_us = TAKEN_UP, {"sites": event.sites}, event.changed_us
        case EmergencyEnded():
            kind, changed, at_us = ENDED, {}, event.ended_us
        case EmergencyVoided():
            kind, changed, at_us = VOIDED, {}, event.voided_us
        case _:
            return None
    assert newest is not None, "only a declared emergency changes"
    return replace(
        newest,
        kind=kind,
        version=version,
        number=newest.number + 1,
        at_us=at_us,
        level_before=newest.level,
        **{"rules": getattr(event, "rules", RULES), "sites": (), **changed},
    )
