"""What the facts of mode fold to (平战状态): for decisions, deadlines and views."""

from __future__ import annotations

from bisect import bisect
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from operator import attrgetter

from coordination.kernel import (
    INDEX,
    Event,
    Read,
    Stream,
)
from coordination.mode.events import (
    DeadlinePassed,
    EmergencyDeclared,
    ExpectationExtended,
    ExpectationPassed,
    PassedOver,
    Regraded,
    SitesFreed,
)
from coordination.mode.orders import DECLARED, OVER, VOIDED, Order, order_of, touches
from coordination.refusals import NotFound, NothingLeft, Refusal

PEACETIME, CONVERTING, EMERGENCY, RECOVERING = MODES = (
    "PEACETIME",
    "CONVERTING",
    "EMERGENCY",
    "RECOVERING",
)
CONVERT, RECOVER = "convert", "recover"
FOR_EVER = 2**62


@dataclass(frozen=True, slots=True)
class Emergency:
    """突发事件: its declaration and every order since, its end the last of them."""

    declared: EmergencyDeclared
    orders: tuple[Order, ...]
    expected: tuple[tuple[int, int], ...]
    """(decided when, until when) it was expected to last, oldest first."""
    grading: tuple[str, str] = ("", "")
    """Severity and warning colour."""
    freed: frozenset[PassedOver] = frozenset()
    """Who was passed over and is recorded as free."""
    passed: frozenset[tuple[str, str, int]] = frozenset()
    """(phase, step, due_us) of the deadlines recorded as passed."""
    expectations_passed: frozenset[int] = frozenset()
    """The expected ends recorded as passed."""

    @property
    def newest(self) -> Order:
        """The order in force."""
        return self.orders[-1]

    @property
    def level(self) -> int:
        """The response level in force, or at the end: 1 (gravest) to 4."""
        return self.newest.level

    @property
    def expected_until_us(self) -> int:
        """Until when it is expected to last, microseconds since 1970."""
        return self.expected[-1][1]

    def since(self, holds: Callable[[Order], bool]) -> int:
        """Return since when all its orders have been so, 0 if the newest is not."""
        began_us = 0
        for order in reversed(self.orders):
            if not holds(order):
                break
            began_us = order.at_us
        return began_us

    def expectations_due(self) -> Iterator[int]:
        """Yield every expected end that came before somebody had decided otherwise."""
        decided = [at_us for at_us, _ in self.expected[1:]]
        decided.append(FOR_EVER if self.ended_us is None else self.ended_us)
        for (_, until_us), next_us in zip(self.expected, decided, strict=True):
            if until_us <= min(next_us, decided[-1]):
                yield until_us

    @property
    def ended_us(self) -> int | None:
        """When it was ended or voided, None while it is active."""
        return self.newest.at_us if self.newest.kind in OVER else None

    def covers(self, path: str) -> bool:
        """Tell whether its scope, as it stands, covers a place."""
        return self.newest.covers(path)


_version = attrgetter("version")


@dataclass(frozen=True, slots=True)
class Emergencies:
    """All emergencies of a World, in the order they were declared."""

    all: Mapping[str, Emergency] = field(default_factory=dict)
    version: int = 0
    orders: tuple[Order, ...] = ()
    """Every order of every emergency, oldest first."""
    standing: tuple[str, ...] = ()
    """Those that have not been ended."""

    def active(self) -> Iterator[Emergency]:
        """Yield those that have not been ended."""
        return (self.all[emergency] for emergency in self.standing)

    def orders_after(self, version: int) -> tuple[Order, ...]:
        """Return the orders given since the index had this version."""
        return self.orders[bisect(self.orders, version, key=_version) :]

    def revision(self, paths: tuple[str, ...]) -> int:
        """Return which version of the index last changed what touches these places.

        0 if nothing ever did. It grows with each order of an emergency that touches
        them, or has: to be left out of a scope is a change too.
        """
        apart = set()  # known to have nothing to do with these places
        for order in reversed(self.orders):
            if order.emergency in apart:
                continue
            if any(touches(o, paths) for o in self.all[order.emergency].orders):
                return order.version
            apart.add(order.emergency)
        return 0

    def level_at(self, path: str) -> int | None:
        """Return the gravest level in force at a place (从重), None in peacetime."""
        return min((e.level for e in self.active() if e.covers(path)), default=None)


def evolve_emergencies(state: Emergencies, event: Event) -> Emergencies:
    """Fold one fact of the index."""
    version = state.version + 1
    before = state.all.get(getattr(event, "emergency", ""))
    order = order_of(event, before.newest if before else None, version)
    match event:
        case EmergencyDeclared():
            assert order is not None, "a declaration is an order"
            grading = event.severity, event.warning
            expected = ((event.declared_us, event.expected_until_us),)
            changed = Emergency(event, (order,), expected, grading)
        case DeadlinePassed() if before:
            passed = before.passed | {(event.phase, event.step, event.due_us)}
            changed = replace(before, passed=passed)
        case SitesFreed() if before:
            changed = replace(before, freed=before.freed | {*event.freed})
        case ExpectationPassed() if before:
            seen = before.expectations_passed | {event.due_us}
            changed = replace(before, expectations_passed=seen)
        case Regraded() if before:
            changed = replace(before, grading=(event.severity, event.warning))
        case ExpectationExtended() if before:
            longer = event.changed_us, event.expected_until_us
            changed = replace(before, expected=(*before.expected, longer))
        case _ if before and order:
            changed = replace(before, orders=(*before.orders, order))
        case _:
            return replace(state, version=version)
    emergency = changed.declared.emergency
    orders = (*state.orders, order) if order else state.orders
    standing = state.standing
    if order and order.kind == DECLARED:
        standing = (*standing, emergency)
    elif order and order.kind in OVER:
        standing = tuple(e for e in standing if e != emergency)
    return Emergencies({**state.all, emergency: changed}, version, orders, standing)


UnknownEmergency = NotFound.of(
    "mode.unknown-emergency",
    "应急响应 {emergency} 不存在",
    "there is no emergency {emergency}",
)
NothingCovered = Refusal.of(
    "mode.nothing-covered",
    "排除之后范围为空",
    "the exclusions leave nothing of the scope",
    "请减少排除的区域",
    "leave out fewer areas",
    field="scope",
)
AlreadyEnded = NothingLeft.of(
    "mode.already-ended",
    "应急响应 {emergency} 已经解除",
    "emergency {emergency} has been ended already",
)


AlreadyVoided = Refusal.of(
    "mode.already-voided",
    "应急响应 {emergency} 已作为误发作废",
    "emergency {emergency} has been voided: it was declared in error",
    "无需再办；如确有突发事件，请重新宣布",
    "there is nothing to do; if there is an emergency after all, declare it anew",
)


EMERGENCIES = Stream(INDEX, Emergencies(), evolve_emergencies)


def known_emergency(read: Read, emergency: str) -> Emergency:
    """Return an emergency, over or not.

    :raises UnknownEmergency: if there is none
    """
    return UnknownEmergency.unless(
        read(EMERGENCIES).all.get(emergency), emergency=emergency
    )


def active_emergency(read: Read, emergency: str) -> Emergency:
    """Return an emergency that is not over.

    :raises UnknownEmergency: if there is none
    :raises AlreadyEnded: if it was ended
    :raises AlreadyVoided: if it was declared in error
    """
    known = known_emergency(read, emergency)
    if known.newest.kind == VOIDED:
        raise AlreadyVoided(emergency=emergency)
    if known.ended_us is not None:
        raise AlreadyEnded(emergency=emergency)
    return known
