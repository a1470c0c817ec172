"""Rules of answers (签收、办结): who answers an order, for whom, and what that says."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from coordination.fields import Id, Text, named
from coordination.filled import filled
from coordination.grants.state import held_by
from coordination.kernel import Command, Event, Read
from coordination.orders.events import (
    OrderAcknowledged,
    OrderAnsweredFor,
    OrderCarriedOut,
)
from coordination.orders.state import (
    OrderId,
    answers_stream,
    holds_role,
    known_order,
    standing_order,
)
from coordination.refusals import Forbidden, Invalid, NothingLeft
from coordination.tree import Place


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
    issued = known_order(read, command.order)
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
    found = standing_order(read, command.order)
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
