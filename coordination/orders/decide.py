"""Rules of orders (指令): issued to the base, withdrawn, corrected openly."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from msgspec import Meta

from coordination.areas.state import check_places
from coordination.fields import Id, MaybeEmergency, Needed, named, pattern
from coordination.filled import filled
from coordination.kernel import MINUTE_US, Command, Event, Read
from coordination.mode.state import active_emergency
from coordination.orders.events import (
    OrderIssued,
    OrderReminded,
    OrderWithdrawn,
)
from coordination.orders.state import (
    LEVEL_OF,
    ORDERS,
    OrderId,
    known_order,
    standing_order,
)
from coordination.refusals import Invalid, Refusal
from coordination.tree import LEVELS, Place, covers

LIMIT_MINUTES_MAX = 43_200
AREAS_MAX = 500
Minutes = Annotated[int, Meta(ge=0, le=LIMIT_MINUTES_MAX)]


class IssueOrder(Command, frozen=True, kw_only=True):
    """下达指令: issue an order straight to the base."""

    STREAM = "orders"  # what is said from above
    ACTION = "order.issue"
    NEEDS = ("seen",)
    order: OrderId
    emergency: MaybeEmergency = ""
    scope: Annotated[
        tuple[Place, ...],
        named("范围", "Scope", "area code; may repeat", upto=AREAS_MAX),
    ]
    excluded: Annotated[
        tuple[Place, ...],
        named("除外", "Excluded", "may repeat", flag="exclude", max_length=AREAS_MAX),
    ] = ()
    roles: Annotated[
        tuple[Id, ...],
        Meta(min_length=1, max_length=len(LEVEL_OF)),
        named("接收角色", "Roles", "may repeat", flag="role"),
    ]
    title: Annotated[str, named("标题", "Title", upto=100)]
    text: Annotated[Needed, named("内容", "Text")]
    ack_minutes: Annotated[
        Minutes, named("签收时限", "Acknowledge within", "minutes, 0: none", flag="ack")
    ]
    done_minutes: Annotated[
        Minutes, named("办结时限", "Done within", "minutes, 0: none", flag="done")
    ] = 0
    corrects: Annotated[
        str,
        pattern(r"(o-[0-9a-f]{10})?"),
        named("更正", "Corrects", "the order it corrects"),
    ] = ""

    @property
    def needs(self) -> tuple[str, ...]:
        """Of an emergency, the order rests on that; else on what is stated."""
        return (*self.NEEDS, *(() if self.emergency else ("basis",)))

    def places(self, _read: Read, /) -> tuple[str, ...]:
        """Every area of the scope."""
        return tuple(place.path for place in self.scope)


OrderExists = Refusal.of(
    "orders.exists",
    "指令编号 {order} 已被使用",
    "the id {order} is another order's",
    "请重新下达",
    "issue it anew",
)
NobodyAddressed = Invalid.of(
    "orders.nobody-addressed",
    "范围内没有{role}一级的接收人",
    "nobody in the scope is addressed as {role}",
    "请扩大范围或改选接收角色",
    "widen the scope or choose other roles",
    field="roles",
)


Incomplete = Invalid.of(
    "orders.incomplete",
    "指令须有标题和内容",
    "an order needs title and text",
    "请补填标题和内容",
    "fill in both",
    field="title",
)


def issue(read: Read, command: IssueOrder, now: int) -> Sequence[Event]:
    """Issue an order: one event, however many it is addressed to.

    :raises Incomplete: without title or text
    :raises OrderExists: if the id is another order's
    :raises UnknownArea: if an area is not registered
    :raises NobodyAddressed: if a role has no holders in the scope
    :raises UnknownEmergency: if it names an emergency that is none
    :raises AlreadyEnded: if that is over
    :raises NotStanding: if it corrects an order that does not stand
    """
    if not command.title.strip() or not command.text.strip():
        raise Incomplete
    known = read(ORDERS)
    if command.order in known:
        raise OrderExists(order=command.order)
    check_places(read, *command.scope, *command.excluded)
    inside = [p.path for p in command.scope], [p.path for p in command.excluded]
    if not command.roles or not any(covers(*inside, path) for path in inside[0]):
        raise NobodyAddressed(role="—")
    for role in command.roles:
        level = LEVEL_OF.get(role)
        if level is None or not any(_reaches(p, level) for p in command.scope):
            raise NobodyAddressed(role=role)
    if command.emergency:
        active_emergency(read, command.emergency)
    if command.corrects:
        standing_order(read, command.corrects)
    return [
        filled(
            OrderIssued,
            command,
            issued_us=now,
            ack_due_us=_limit(now, command.ack_minutes),
            done_due_us=_limit(now, command.done_minutes),
        )
    ]


def _reaches(place: Place, level: str) -> bool:
    """Tell whether areas of a level lie in a place, or the place is one."""
    return LEVELS.index(place.level) <= LEVELS.index(level)


def _limit(now: int, minutes: int) -> int:
    return now + minutes * MINUTE_US if minutes else 0


class _OfOrder(Command, frozen=True, kw_only=True):
    """What is decided about one order."""

    STREAM = "orders"  # what is said from above
    order: OrderId

    def places(self, read: Read, /) -> tuple[str, ...]:
        """The order's scope.

        :raises UnknownOrder: if there is no such order
        """
        return tuple(place.path for place in known_order(read, self.order).fact.scope)


class WithdrawOrder(_OfOrder, frozen=True, kw_only=True):
    """撤销指令: withdraw an order; it stays to be seen."""

    ACTION = "order.withdraw"
    NEEDS = ("reason", "seen")


def withdraw(read: Read, command: WithdrawOrder, now: int) -> Sequence[Event]:
    """Withdraw an order; it stays to be seen."""
    standing_order(read, command.order)
    return [OrderWithdrawn(order=command.order, withdrawn_us=now)]


class RemindOrder(_OfOrder, frozen=True, kw_only=True):
    """催办: remind whoever has not acknowledged."""

    ACTION = "order.remind"


def remind(read: Read, command: RemindOrder, now: int) -> Sequence[Event]:
    """Remind whoever has not acknowledged yet."""
    standing_order(read, command.order)
    return [OrderReminded(order=command.order, reminded_us=now)]
