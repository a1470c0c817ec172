"""Rules of orders (指令): issued to the base, answered one by one, corrected openly."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from msgspec import Meta

from coordination.areas.state import check_places
from coordination.fields import Id, MaybeEmergency, Needed, Text, named, pattern
from coordination.grants.state import held_by
from coordination.kernel import MINUTE_US, Command, Event, Read, filled
from coordination.mode.state import active_emergency
from coordination.orders.events import (
    OrderAcknowledged,
    OrderAnsweredFor,
    OrderCarriedOut,
    OrderIssued,
    OrderReminded,
    OrderWithdrawn,
)
from coordination.orders.state import (
    LEVEL_OF,
    ORDERS,
    Issued,
    answers_stream,
    holds_role,
)
from coordination.refusals import Forbidden, Invalid, NotFound, NothingLeft, Refusal
from coordination.tree import LEVELS, Place, covers

LIMIT_MINUTES_MAX = 43_200
AREAS_MAX = 500
OrderId = Annotated[str, pattern(r"o-[0-9a-f]{10}"), named("指令", "Order")]
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
        _standing(read, command.corrects)
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


def _issued(read: Read, order: str) -> Issued:
    return UnknownOrder.unless(read(ORDERS).get(order), order=order)


def _standing(read: Read, order: str) -> Issued:
    found = _issued(read, order)
    if not found.standing:
        raise NotStanding(order=order)
    return found


class _OfOrder(Command, frozen=True, kw_only=True):
    """What is decided about one order."""

    STREAM = "orders"  # what is said from above
    order: OrderId

    def places(self, read: Read, /) -> tuple[str, ...]:
        """The order's scope.

        :raises UnknownOrder: if there is no such order
        """
        return tuple(place.path for place in _issued(read, self.order).fact.scope)


class WithdrawOrder(_OfOrder, frozen=True, kw_only=True):
    """撤销指令: withdraw an order; it stays to be seen."""

    ACTION = "order.withdraw"
    NEEDS = ("reason", "seen")


def withdraw(read: Read, command: WithdrawOrder, now: int) -> Sequence[Event]:
    """Withdraw an order; it stays to be seen."""
    _standing(read, command.order)
    return [OrderWithdrawn(order=command.order, withdrawn_us=now)]


class RemindOrder(_OfOrder, frozen=True, kw_only=True):
    """催办: remind whoever has not acknowledged."""

    ACTION = "order.remind"


def remind(read: Read, command: RemindOrder, now: int) -> Sequence[Event]:
    """Remind whoever has not acknowledged yet."""
    _standing(read, command.order)
    return [OrderReminded(order=command.order, reminded_us=now)]


class AnswerOrder(Command, frozen=True, kw_only=True):
    """签收或办结指令: acknowledge an order, or record that it is carried out.

    ``area`` and ``role``: for whom; absent: for whoever the account stands for.
    """

    STREAM = "order/{0.order}"  # the order's own stream
    ACTION = "order.answer"
    order: OrderId
    area: Annotated[
        Place | None, named("区域", "Area", "for this area, else one's own")
    ] = None
    role: Annotated[
        Id | None, named("角色", "Role", "for this role, else one's own")
    ] = None
    done: bool
    note: Annotated[Text, named("办理情况", "Note")] = ""

    def places(self, read: Read, /) -> tuple[str, ...]:
        """The recipient's area.

        :raises UnknownOrder: if there is no such order
        :raises NotARecipient: if nothing is named and no grant is addressed
        """
        return (recipient(read, self)[0].path,)


NotAddressed = Invalid.of(
    "orders.not-addressed",
    "指令 {order} 未下达给 {area} 的{role}",
    "order {order} is not addressed to {role} of {area}",
    "请核对区域和角色",
    "check area and role",
)
AlreadyAnswered = NothingLeft.of(
    "orders.already-answered",
    "{area} 已签收或办结指令 {order}",
    "{area} has answered order {order} so before",
)
NotARecipient = Forbidden.of(
    "orders.not-a-recipient",
    "您的角色不是指令 {order} 的接收人",
    "none of your roles is addressed by order {order}",
    "请写明代哪个区域、哪个角色办理",
    "say for which area and role you answer",
    field="area",
)


def recipient(read: Read, command: AnswerOrder) -> tuple[Place, str]:
    """Return for whom an account answers: as named, else by its own grants.

    :raises UnknownOrder: if there is no such order
    :raises NotARecipient: if nothing is named and no grant is addressed
    """
    named_, role = command.area, command.role
    issued = _issued(read, command.order)
    if named_ is not None and role is not None:
        return named_, role
    for grant in held_by(read, read.by.actor.account, read.now):
        mine = grant.given.area
        if mine is None or (named_ is not None and mine.code != named_.code):
            continue
        if issued.addresses(mine.path, mine.level, grant.given.role):
            return mine, grant.given.role
    if named_ is not None:  # its level says who is meant
        for known in issued.fact.roles:
            if issued.addresses(named_.path, named_.level, known):
                return named_, known
    raise NotARecipient(order=command.order)


def answer(read: Read, command: AnswerOrder, _now: int) -> Sequence[Event]:
    """Acknowledge an order, or record that it is carried out.

    Who says it for another says just that: the recipient is still silent, and may
    answer as if nothing had been said.

    :raises UnknownOrder: if there is none
    :raises NotStanding: if it is withdrawn or corrected
    :raises NotAddressed: if the area's holder of the role is no recipient
    :raises AlreadyAnswered: if they have answered so before
    """
    found = _standing(read, command.order)
    area, role = recipient(read, command)
    if not found.addresses(area.path, area.level, role):
        raise NotAddressed(order=command.order, area=area.code, role=role)
    answers = read(answers_stream(command.order))
    who = area.path, role
    if who in answers.done or (who in answers.acknowledged and not command.done):
        raise AlreadyAnswered(order=command.order, area=area.code)
    if not holds_role(read, area, role):
        said = {(*who, True), (*who, command.done)}
        if said & answers.spoken_for:
            raise AlreadyAnswered(order=command.order, area=area.code)
        return [filled(OrderAnsweredFor, command, area=area, role=role)]
    kind = OrderCarriedOut if command.done else OrderAcknowledged
    return [filled(kind, command, area=area, role=role)]
