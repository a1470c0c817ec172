"""Rules of one person deciding alone (紧急单人处置), and of its review."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from coordination.approvals.events import GlassBroken, GlassReviewed
from coordination.approvals.signing import (
    Carrying,
    NotReauthenticated,
    SelfApproved,
    check_known,
    signing,
)
from coordination.approvals.state import APPROVALS, Glass
from coordination.fields import named, pattern
from coordination.filled import filled
from coordination.grants.accounts import check_rested
from coordination.grants.state import same_person
from coordination.kernel import Command, Event, Read, id_of
from coordination.refusals import NotFound

REVIEW_US = 24 * 3_600_000_000
GlassId = Annotated[str, pattern(r"b-[0-9a-f]{10}"), named("单人处置", "Decision")]


class BreakGlass(Carrying, frozen=True, kw_only=True):
    """紧急单人处置: decide alone now what needs two, to be reviewed after."""

    ACTION = "emergency.break-glass"
    NEEDS = ("reason", "seen")


def break_glass(read: Read, command: BreakGlass, now: int) -> Sequence[Event]:
    """Decide alone; what it carries follows in the same append.

    :raises NotReauthenticated: without proof of who the actor is
    :raises JustReset: if somebody else has just reset the actor's password
    """
    if not read.by.reauthenticated:
        raise NotReauthenticated
    check_rested(read, read.by.actor.account, command.level, now)
    read(APPROVALS)  # written to: the state that is kept must move on with it
    return [
        filled(
            GlassBroken,
            command,
            glass=id_of("b", read.by.command_id),
            digest=command.command[1],
            places=command.places(read),
            account=read.by.actor.account,
            broken_us=now,
            review_due_us=now + REVIEW_US,
        )
    ]


class ReviewGlass(Command, frozen=True, kw_only=True):
    """复核: review a decision that one person took alone."""

    STREAM = "approvals"  # with the decision it reviews
    ACTION = "glass.review"
    GRAVE = True
    glass: GlassId
    confirmed: Annotated[
        bool,
        named(
            "确认", "Confirmed", "was it right to act alone", flag="confirm/--overturn"
        ),
    ]
    NEEDS = ("reason", "seen")
    VIEWED = ("known",)
    known: bool = False
    """Whether a view finds an account bound to a person in this world."""

    @property
    def state(self) -> str:
        """What becomes of the decision."""
        return "CONFIRMED" if self.confirmed else "OVERTURNED"

    def places(self, read: Read, /) -> tuple[str, ...]:
        """What the decision acted on.

        :raises UnknownGlass: if there is no such decision
        """
        return _known(read, self.glass).broken.places


UnknownGlass = NotFound.of(
    "approvals.unknown-glass",
    "单人处置 {glass} 不存在或已复核",
    "there is no decision {glass} to review",
)


def _known(read: Read, glass: str) -> Glass:
    return UnknownGlass.unless(read(APPROVALS).glasses.get(glass), glass=glass)


def review(read: Read, command: ReviewGlass, now: int) -> Sequence[Event]:
    """Review a decision that one person took alone; late is better than never.

    :raises UnknownGlass: if there is none, or it is reviewed
    :raises SelfApproved: by whoever took it
    :raises NobodyBound: where people are known, by an account that is nobody's
    """
    found = _known(read, command.glass)
    if found.reviewed_us:
        raise UnknownGlass(glass=command.glass)
    if any(same_person(read, found.broken.account, who) for who in signing(read.by)):
        raise SelfApproved
    account, level = read.by.actor.account, found.broken.level
    check_known(read, account, level, known=command.known)
    return [
        GlassReviewed(glass=command.glass, confirmed=command.confirmed, reviewed_us=now)
    ]
