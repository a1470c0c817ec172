"""Rules of being well and being heard (平安报到): silence and unanswered waits."""

from __future__ import annotations

from collections.abc import Sequence

from coordination.filled import filled
from coordination.kernel import MINUTE_US, Event, Read
from coordination.mode.orders import Order
from coordination.mode.sites import playbook_of
from coordination.mode.state import EMERGENCIES
from coordination.people.events import PersonUnavailable
from coordination.playbook import Playbook
from coordination.posts.events import (
    AUTOMATIC,
    HolderSilent,
    SafetyConfirmed,
    WaitOverdue,
)
from coordination.posts.filling import Filling, Succession
from coordination.posts.rules import limited_since, rules_at
from coordination.posts.state import (
    ACCEPT,
    NotActing,
    OfActing,
    OfPost,
    Post,
    known_post,
    post_path,
)
from coordination.refusals import NothingLeft
from coordination.service.state import passed

UNREACHABLE = "unreachable"
NO_ANSWER = "no-answer"
"""Cause of a substitution: whoever was called did not accept in time (未应答)."""


class ConfirmSafety(OfActing, frozen=True, kw_only=True):
    """平安报到: confirm to be well and at the post, or record it of another."""


def confirm_safety(read: Read, command: ConfirmSafety, now: int) -> Sequence[Event]:
    """Record that whoever acts is well; the clock of silence begins anew.

    :raises UnknownPost: if there is none
    :raises NotActing: if nobody acts
    """
    post = known_post(read, command.post)
    if not post.acting:
        raise NotActing(post=command.post)
    # Kept by a phone for want of a network, it counts from when they said so.
    said_us = read.by.occurred_us or now
    return [
        SafetyConfirmed(post=command.post, person=post.acting, confirmed_us=said_us)
    ]


class _Passing(OfPost, frozen=True, kw_only=True):
    """From the timer; its command id derives from what is due."""

    ACTION = "deadline.record"
    due_us: int

    def places(self, _read: Read, /) -> tuple[str, ...]:
        """The service acts everywhere."""
        return ()


WaitNotDue = NothingLeft.of(
    "posts.not-due",
    "岗位 {post} 没有到期未记录的等待",
    "nothing of post {post} is due and not recorded",
)


class RecordWait(_Passing, frozen=True, kw_only=True):
    """记录接岗、交接、追认超时. ``what``: accept, handover or ratify."""

    substitution: str
    what: str


def record_wait(read: Read, command: RecordWait, now: int) -> Sequence[Event]:
    """Record once that a wait has passed; who did not accept is passed over.

    :raises UnknownPost: if there is none
    :raises WaitNotDue: if it is not due, over, or recorded
    """
    post = known_post(read, command.post)
    made, due_us = post.made, post.waits().get(command.what, 0)
    since_us = made.made_us if made else 0
    timely = 0 < due_us == command.due_us and passed(read, since_us, due_us, now)
    if made is None or made.substitution != command.substitution or not timely:
        raise WaitNotDue(post=command.post)
    if command.what in post.overdue:
        raise WaitNotDue(post=command.post)
    overdue = filled(WaitOverdue, command, due_us=due_us, noticed_us=now)
    if command.what != ACCEPT:
        return [overdue]
    filling = Filling(read, now)
    filling.next_in_line(command.post, Succession(made.after, AUTOMATIC, NO_ANSWER))
    return [overdue, *filling.cascade()]


class RecordSilence(_Passing, frozen=True, kw_only=True):
    """记录失联: whoever acts has not confirmed to be well in time."""

    person: str


def record_silence(read: Read, command: RecordSilence, now: int) -> Sequence[Event]:
    """Record once that somebody is silent; by the playbook's rule they are replaced.

    :raises UnknownPost: if there is none
    :raises WaitNotDue: if nobody need confirm, it is not due, or it is recorded
    """
    post = known_post(read, command.post)
    heard_us, due_us = silence(read, post)
    timely = due_us == command.due_us and passed(read, heard_us, due_us, now)
    theirs = post.acting and post.acting == command.person
    if not due_us or not timely or not theirs or due_us in post.silences:
        raise WaitNotDue(post=command.post)
    rules = rules_at(read, post_path(command.post))
    silent = filled(HolderSilent, command, due_us=due_us, noticed_us=now)
    if rules.rule != AUTOMATIC:
        return [silent]
    return [silent, PersonUnavailable(person=command.person, cause=UNREACHABLE)]


def silence(read: Read, post: Post) -> tuple[int, int]:
    """Return since when nobody has heard of whoever acts, and when that is too long.

    Both 0 where nobody need confirm to be well. The clock runs from the last sign of
    life, or from when they were first asked: no later order starts it anew.
    """
    assert post.defined is not None, "only defined posts are asked for"
    path, kind = post_path(post.defined.post), post.defined.kind
    rules = rules_at(read, path)
    asked_us = asked_since(read, path, kind) if rules.silent_minutes else 0
    if not asked_us:
        return 0, 0
    heard_us = post.heard_us(max(limited_since(read, path), asked_us))
    return heard_us, heard_us + rules.silent_minutes * MINUTE_US


def asked_since(read: Read, path: str, kind: str) -> int:
    """Return since when a playbook in force asks for such a post there, 0: never."""
    found = []
    for emergency in read(EMERGENCIES).active():
        playbook = playbook_of(read, emergency.declared)

        def asks(order: Order, playbook: Playbook = playbook) -> bool:
            wanted = playbook.posts_at(order.level)
            return order.covers(path) and any(d.kind == kind for d in wanted)

        found.append(emergency.since(asks))
    return min(filter(None, found), default=0)
