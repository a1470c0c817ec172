"""Rules of time passing (限期): each moment that passes is recorded once."""

from __future__ import annotations

from collections.abc import Sequence

from coordination.approvals.events import ProposalExpired, ReviewOverdue
from coordination.approvals.state import APPROVALS, OPEN
from coordination.filled import filled
from coordination.kernel import INDEX, Command, Event, Read
from coordination.mode.events import DeadlinePassed, ExpectationPassed
from coordination.mode.limits import deadlines
from coordination.mode.sites import playbook_of
from coordination.mode.state import known_emergency
from coordination.orders.events import OrderOverdue
from coordination.orders.state import ORDERS
from coordination.refusals import NothingLeft


class _Passing(Command, frozen=True, kw_only=True):
    """From the timer; its command id derives from what is due."""

    ACTION = "deadline.record"
    due_us: int


class RecordDeadline(_Passing, frozen=True, kw_only=True):
    """记录步骤限期已过."""

    STREAM = INDEX  # the index of emergencies
    emergency: str
    phase: str
    step: str


NotDue = NothingLeft.of(
    "mode.not-due",
    "{step} 的限期未到或已不适用",
    "the deadline of {step} has not passed or does not apply",
)
AlreadyRecorded = NothingLeft.of(
    "mode.deadline-recorded",
    "{step} 的限期已记录",
    "the deadline of {step} is recorded already",
)


def record_deadline(read: Read, command: RecordDeadline, now: int) -> Sequence[Event]:
    """Record once that a step's deadline has passed.

    :raises UnknownEmergency: if there is none
    :raises AlreadyRecorded: if it stands in the log
    :raises NotDue: if it has not passed or the step is not of this emergency
    """
    known = known_emergency(read, command.emergency)
    wanted = command.phase, command.step, command.due_us
    if wanted in known.passed:
        raise AlreadyRecorded(step=command.step)
    playbook = playbook_of(read, known.declared)
    if wanted not in deadlines(known, playbook) or command.due_us > now:
        raise NotDue(step=command.step)
    return [filled(DeadlinePassed, command, noticed_us=now)]


class RecordExpectation(_Passing, frozen=True, kw_only=True):
    """记录预计期限届满."""

    STREAM = INDEX  # the index of emergencies
    emergency: str


def record_expectation(
    read: Read, command: RecordExpectation, now: int
) -> Sequence[Event]:
    """Record once that an emergency has lasted as long as expected.

    :raises UnknownEmergency: if there is none
    :raises AlreadyRecorded: if it stands in the log
    :raises NotDue: if it has not passed, or was extended or ended before it did
    """
    known = known_emergency(read, command.emergency)
    if command.due_us in known.expectations_passed:
        raise AlreadyRecorded(step=command.emergency)
    if command.due_us not in known.expectations_due() or command.due_us > now:
        raise NotDue(step=command.emergency)
    return [filled(ExpectationPassed, command, noticed_us=now)]


class RecordExpiry(_Passing, frozen=True, kw_only=True):
    """记录提议过期或复核逾期. ``proposal`` or ``glass``: the other is empty."""

    STREAM = "approvals"  # with the approvals
    proposal: str = ""
    glass: str = ""


def record_expiry(read: Read, command: RecordExpiry, now: int) -> Sequence[Event]:
    """Record once that a proposal has expired, or that a review is overdue.

    :raises NotDue: if there is none, or its time has not come
    :raises AlreadyRecorded: if it is decided, or stands in the log
    """
    state, due_us = read(APPROVALS), command.due_us
    proposal = state.proposals.get(command.proposal)
    glass = state.glasses.get(command.glass)
    if proposal is not None:
        if proposal.state != OPEN:
            raise AlreadyRecorded(step=command.proposal)
        if proposal.made.expires_us == due_us and proposal.expired(read, now):
            said = {"due_us": due_us, "noticed_us": now}
            return [ProposalExpired(proposal=command.proposal, **said)]
    if glass is not None:
        if glass.overdue:
            raise AlreadyRecorded(step=command.glass)
        if glass.late(read, now) and glass.broken.review_due_us == due_us:
            return [ReviewOverdue(glass=command.glass, due_us=due_us, noticed_us=now)]
    raise NotDue(step=command.proposal or command.glass)


class RecordOrderOverdue(_Passing, frozen=True, kw_only=True):
    """记录指令逾期. ``what``: ack or done."""

    STREAM = "orders"  # with the orders
    order: str
    what: str


def record_order_overdue(
    read: Read, command: RecordOrderOverdue, now: int
) -> Sequence[Event]:
    """Record once that a time limit of an order has passed.

    :raises NotDue: if there is no such limit, or it has not passed
    :raises AlreadyRecorded: if it stands in the log
    """
    issued = read(ORDERS).get(command.order)
    limit = command.what, command.due_us
    if issued is None or not issued.late(read, command.due_us, now):
        raise NotDue(step=command.order)
    if command.what in issued.overdue:
        raise AlreadyRecorded(step=command.order)
    if limit not in issued.limits():
        raise NotDue(step=command.order)
    return [filled(OrderOverdue, command, noticed_us=now)]
