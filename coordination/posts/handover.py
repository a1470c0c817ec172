"""Rules of handing over (交接): the sheet is acknowledged item by item."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from coordination.corrects import ChangedSince, Instead
from coordination.fields import named, pattern
from coordination.filled import filled
from coordination.grants.state import me
from coordination.kernel import Event, Read, Told
from coordination.posts.events import HandoverItemTaken, ItemTakenBack
from coordination.posts.state import HANDOVER, NotActing, OfPost, known_post
from coordination.refusals import Invalid
from coordination.vocabulary import HANDOVER_ITEMS

CUSTODY = "custody"
COUNT_MAX = 10**9


class TakeItem(OfPost, frozen=True, kw_only=True):
    """交接: acknowledge one item of the handover sheet.

    ``count`` -1: not counted.
    """

    ACTION = "post.own"
    item: Annotated[
        str,
        pattern("[a-z]{2,20}"),
        named("事项", "Item", "situation, steps, deadlines, custody or withheld"),
    ]
    count: Annotated[
        int,
        named("数量", "Count", "of what is in custody", null=True, ge=0, le=COUNT_MAX),
    ] = -1
    note: Annotated[str, named("备注", "Note", max_length=200)] = ""


BadItem = Invalid.of(
    "posts.bad-item",
    "没有待确认的交接事项“{item}”，或保管清点缺少数量",
    "no item “{item}” is open on the sheet, or the count is missing",
    "请核对交接单，保管清点须填数量",
    "look at the sheet; for a count give the number",
    field="item",
)


def take_item(read: Read, command: TakeItem, _now: int) -> Sequence[Event]:
    """Acknowledge one item of the handover sheet; custody by its count.

    :raises UnknownPost: if there is none
    :raises UnknownPerson: if the account is nobody's on the roster
    :raises NotActing: if somebody else acts
    :raises BadItem: if it is not open, or custody comes without a count
    """
    post = known_post(read, command.post)
    if post.made is None or post.acting != me(read):
        raise NotActing(post=command.post)
    opened = command.item in HANDOVER_ITEMS and command.item in post.made.items
    counted = command.item != CUSTODY or 0 <= command.count <= COUNT_MAX
    if not opened or command.item in post.taken or not counted:
        raise BadItem(item=command.item)
    return [
        filled(
            HandoverItemTaken,
            command,
            substitution=post.made.substitution,
            left=len(set(post.made.items) - post.taken) - 1,
            count=command.count if command.item == CUSTODY else -1,
        )
    ]


def take_back_item(
    read: Read, wrong: Told, _instead: Instead, _now: int
) -> Sequence[Event]:
    """Take back that an item of the sheet was acknowledged, by whoever acts.

    :raises UnknownPerson: if the account is nobody's on the roster
    :raises NotActing: if somebody else acts
    :raises ChangedSince: if the post was handed over again since
    """
    fact = wrong.event
    assert isinstance(fact, HandoverItemTaken), "see the table"
    post = known_post(read, fact.post)
    if post.made is None or post.acting != me(read):
        raise NotActing(post=fact.post)
    if post.made.substitution != fact.substitution:
        raise ChangedSince(
            zh="该岗位已再次转换", en="the post was handed over again since"
        )
    left = len(set(post.made.items) - post.taken) + 1
    return [
        filled(
            ItemTakenBack,
            fact,
            corrects=wrong.seq,
            left=left,
            due_us=post.made.handover_by_us,
            late=HANDOVER in post.overdue,
        )
    ]
