"""What the facts of orders fold to (指令状态)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Annotated

from coordination.fields import named, pattern
from coordination.folds import beside
from coordination.grants.state import held_by
from coordination.kernel import Event, Read, Stream, Streams
from coordination.orders.events import (
    AnswerTakenBack,
    OrderAcknowledged,
    OrderAnsweredFor,
    OrderCarriedOut,
    OrderIssued,
    OrderOverdue,
    OrderWithdrawn,
)
from coordination.refusals import NotFound, Refusal
from coordination.service.state import passed
from coordination.tree import Place, covers

LEVEL_OF: dict[str, str] = {
    "duty-officer": "district",
    "street-staff": "street",
    "community-secretary": "community",
}
"""Role an order can be addressed to -> level of the areas whose holders get it."""
ACK, DONE = "ack", "done"
OrderId = Annotated[str, pattern(r"o-[0-9a-f]{10}"), named("指令", "Order")]


@dataclass(frozen=True, slots=True)
class Issued:
    """指令, withdrawn or not. ``overdue``: the time limits recorded as passed."""

    fact: OrderIssued
    over_us: int | None = None
    """When it was withdrawn or corrected, None while it stands."""
    overdue: frozenset[str] = frozenset()

    @property
    def standing(self) -> bool:
        """Tell whether it is to be carried out."""
        return self.over_us is None

    def addresses(self, path: str, level: str, role: str) -> bool:
        """Tell whether the holder of a role in an area is a recipient."""
        fact = self.fact
        return (
            role in fact.roles
            and LEVEL_OF[role] == level
            and covers(
                (p.path for p in fact.scope), (p.path for p in fact.excluded), path
            )
        )

    def late(self, read: Read, due_us: int, now: int) -> bool:
        """Tell whether one of its time limits has passed."""
        return passed(read, self.fact.issued_us, due_us, now)

    def limits(self) -> Iterator[tuple[str, int]]:
        """Yield (what, due_us) of its time limits, if it stood until then."""
        for what, due_us in (
            (ACK, self.fact.ack_due_us),
            (DONE, self.fact.done_due_us),
        ):
            if due_us and (self.over_us is None or due_us <= self.over_us):
                yield what, due_us

    @property
    def may_pass(self) -> bool:
        """Tell whether a time limit of it may still be recorded as passed."""
        return any(what not in self.overdue for what, _ in self.limits())


Orders = Mapping[str, Issued]


def evolve_orders(state: Orders, event: Event) -> Orders:
    """Fold one fact said from above."""
    match event:
        case OrderIssued():
            changed = {event.order: Issued(event)}
            if old := state.get(event.corrects):
                changed[event.corrects] = replace(old, over_us=event.issued_us)
            return {**state, **changed}
        case OrderWithdrawn() if old := state.get(event.order):
            over = replace(old, over_us=event.withdrawn_us)
            return {**state, event.order: over}
        case OrderOverdue() if old := state.get(event.order):
            late = replace(old, overdue=old.overdue | {event.what})
            return {**state, event.order: late}
        case _:
            return state


def evolve_limited(state: Orders, event: Event) -> Orders:
    """Fold the same of those alone that have a time limit which may still pass."""
    orders = evolve_orders(state, event)
    return {key: issued for key, issued in orders.items() if issued.may_pass}


NO_ORDERS: Orders = {}
ORDERS: Stream[Orders] = Stream("orders", NO_ORDERS, evolve_orders)
LIMITED = beside(ORDERS, evolve_limited)
"""What the timer looks at each second: however many orders there have been."""


@dataclass(frozen=True, slots=True)
class Answers:
    """Who has acknowledged and who has carried out: (area path, role)."""

    acknowledged: frozenset[tuple[str, str]] = field(default_factory=frozenset)
    done: frozenset[tuple[str, str]] = field(default_factory=frozenset)
    spoken_for: frozenset[tuple[str, str, bool]] = field(default_factory=frozenset)
    """For whom others have answered, and whether that it is carried out."""


def evolve_answers(state: Answers, event: Event) -> Answers:
    """Fold one recipient's answer."""
    match event:
        case OrderAcknowledged():
            who = event.area.path, event.role
            return replace(state, acknowledged=state.acknowledged | {who})
        case OrderCarriedOut():
            who = event.area.path, event.role
            return replace(state, done=state.done | {who})
        case OrderAnsweredFor():
            said = event.area.path, event.role, event.done
            return replace(state, spoken_for=state.spoken_for | {said})
        case AnswerTakenBack():
            return _without(state, event)
        case _:
            return state


def _without(state: Answers, event: AnswerTakenBack) -> Answers:
    who = event.area.path, event.role
    if event.spoken_for:
        left = state.spoken_for - {(*who, event.done)}
        return replace(state, spoken_for=left)
    if event.done:
        return replace(state, done=state.done - {who})
    return replace(state, acknowledged=state.acknowledged - {who})


answers_stream = Streams("order", Answers(), evolve_answers)
"""Of the answers to an order."""


def holds_role(read: Read, area: Place, role: str) -> bool:
    """Tell whether who answers holds the role there, be it lent or by a post."""
    actor = read.by.actor
    if (actor.role, actor.area) == (role, area.path):
        return True
    return any(
        (grant.given.role, grant.area) == (role, area.path)
        for grant in held_by(read, actor.account, read.now)
    )


UnknownOrder = NotFound.of(
    "orders.unknown", "指令 {order} 不存在", "there is no order {order}"
)
NotStanding = Refusal.of(
    "orders.not-standing",
    "指令 {order} 已撤销或已更正",
    "order {order} is withdrawn or corrected",
    "无需办理；已更正的请看更正后的指令",
    "nothing is left to do; of a corrected order see the new one",
)


def known_order(read: Read, order: str) -> Issued:
    """Return an order, standing or not.

    :raises UnknownOrder: if there is none
    """
    return UnknownOrder.unless(read(ORDERS).get(order), order=order)


def standing_order(read: Read, order: str) -> Issued:
    """Return an order that stands.

    :raises UnknownOrder: if there is none
    :raises NotStanding: if it is withdrawn or corrected
    """
    found = known_order(read, order)
    if not found.standing:
        raise NotStanding(order=order)
    return found
