"""What the facts of posts fold to (岗位状态), and who may act on one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Annotated

from coordination.fields import Expected, PostId, named
from coordination.grants.state import who_asks
from coordination.kernel import (
    NOBODY_HELD,
    PERSON_HELD,
    Command,
    Event,
    Held,
    Read,
    Streams,
)
from coordination.people.events import DutyBegun
from coordination.people.state import Person
from coordination.posts.events import (
    ChainSet,
    HandoverItemTaken,
    HolderSilent,
    ItemTakenBack,
    PostDefined,
    PostVacated,
    SafetyConfirmed,
    SubstitutionAccepted,
    SubstitutionDeclined,
    SubstitutionMade,
    SubstitutionRatified,
    WaitOverdue,
)
from coordination.refusals import Forbidden, NotFound

ACCEPT, HANDOVER, RATIFY = "accept", "handover", "ratify"


@dataclass(frozen=True, slots=True)
class Post:
    """岗位. ``acting`` empty: vacant."""

    defined: PostDefined | None = None
    chain: tuple[str, ...] = ()
    acting: str = ""
    made: SubstitutionMade | None = None
    """How whoever acts came to act; None while vacant."""
    accepted: bool = False
    ratified: bool = False
    taken: frozenset[str] = frozenset()
    """Items of the handover sheet that were acknowledged."""
    overdue: frozenset[str] = frozenset()
    """Which waits of the present substitution are recorded as overdue."""
    declined: frozenset[str] = frozenset()
    """Who could not take it, since somebody last did."""
    confirmed_us: int = 0
    silences: frozenset[int] = frozenset()
    """The safety deadlines recorded as missed."""

    def waits(self) -> Mapping[str, int]:
        """Return what is still waited for: accept, handover, ratify -> until when."""
        made = self.made
        if made is None:
            return {}
        left = set(made.items) - self.taken
        found = {
            ACCEPT: 0 if self.accepted else made.accept_by_us,
            HANDOVER: made.handover_by_us if left else 0,
            RATIFY: 0 if self.ratified else made.ratify_by_us,
        }
        return {what: due for what, due in found.items() if due}

    def heard_us(self, began_us: int) -> int:
        """Return since when whoever acts has not been heard of.

        ``began_us``: since when they are asked to confirm that they are well.
        """
        made_us = self.made.made_us if self.made else 0
        return max(began_us, made_us, self.confirmed_us)


def evolve_post(post: Post, event: Event) -> Post:
    """Fold one fact of a post's stream."""
    match event:
        case PostDefined():
            return replace(post, defined=event, chain=event.chain)
        case ChainSet():
            return replace(post, chain=event.chain)
        case SubstitutionMade():
            taken_at_once = not event.accept_by_us
            return replace(
                post,
                acting=event.after,
                made=event,
                accepted=taken_at_once,
                ratified=False,
                taken=frozenset(),
                overdue=frozenset(),
                declined=frozenset() if taken_at_once else post.declined,
            )
        case PostVacated():
            return replace(post, acting="", made=None, accepted=False)
        case SubstitutionAccepted():
            return replace(post, accepted=True, declined=frozenset())
        case SubstitutionDeclined():
            return replace(post, declined=post.declined | {event.person})
        case WaitOverdue():
            late = post.declined | ({post.acting} if event.what == ACCEPT else set())
            return replace(post, overdue=post.overdue | {event.what}, declined=late)
        case SubstitutionRatified():
            return replace(post, ratified=True)
        case HandoverItemTaken():
            return replace(post, taken=post.taken | {event.item})
        case ItemTakenBack():
            return replace(post, taken=post.taken - {event.item})
        case SafetyConfirmed():
            # One that a phone kept may arrive after a newer one.
            newest_us = max(post.confirmed_us, event.confirmed_us)
            return replace(post, confirmed_us=newest_us)
        case HolderSilent():
            return replace(post, silences=post.silences | {event.due_us})
        case _:
            return post


post_stream = Streams("post", Post(), evolve_post)


def post_path(post: str) -> str:
    """Return the path of the area a post stands in."""
    return post.partition("-")[0]


class OfPost(Command, frozen=True, kw_only=True):
    """What is decided about one post."""

    STREAM = "post/{0.post}"  # the post's stream
    ACTION = "post.substitute"
    post: Annotated[
        PostId, named("岗位", "Post", "id, such as 310117001001-p-grid-head")
    ]

    def places(self, _read: Read, /) -> tuple[str, ...]:
        """Where the post stands."""
        return (post_path(self.post),)


class ReplacesActing(OfPost, frozen=True, kw_only=True):
    """What puts somebody in the place of whoever acts; ``expected``: their id."""

    expected: Expected = ""

    def held(self, read: Read, /) -> Held:
        """Who acts on the post.

        :raises UnknownPost: if there is none
        """
        return acting_held(read, self.post)


def acting_held(read: Read, post: str) -> Held:
    """Return who acts on a post, as what a decision replaces.

    :raises UnknownPost: if there is none
    """
    acting = known_post(read, post).acting
    stream, facts = post_stream(post), (SubstitutionMade, PostVacated)
    return Held(acting, (stream.id,), facts, PERSON_HELD, "该岗位", "this post")


def holding(holder: Sequence[str], acting: str) -> str:
    """Return who holds a post and who acts on it, in one word; empty for nobody."""
    first = holder[0] if holder else ""
    if first == acting:
        return first
    return f"{first or NOBODY_HELD},{acting or NOBODY_HELD}"


class OfActing(OfPost, frozen=True, kw_only=True):
    """What whoever acts on a post says, or somebody else records of them."""

    ACTION = "post.own"
    INSTEAD = (OfPost.ACTION,)

    def action(self, read: Read, /) -> str:
        """What is one's own; of another it is for whoever may order substitutions.

        :raises UnknownPost: if there is none
        """
        asks, whose = who_asks(read), self.whose(known_post(read, self.post))
        return self.ACTION if asks and asks == whose else self.INSTEAD[0]

    def whose(self, post: Post) -> str:
        """Return whose own it is, empty if nobody's."""
        return post.acting


UnknownPost = NotFound.of(
    "posts.unknown", "岗位 {post} 不存在", "there is no post {post}"
)
NotActing = Forbidden.of(
    "posts.not-yours",
    "岗位 {post} 当前由他人履职",
    "somebody else acts on post {post}",
    "请由履职人本人办理",
    "let them do it",
)


def known_post(read: Read, post: str) -> Post:
    """Return a post there is.

    :raises UnknownPost: if there is none
    """
    found = read(post_stream(post))
    UnknownPost.unless(found.defined, post=post)
    return found


AVAILABLE, QUALIFIED, IN_REACH, FREE, OWN = TESTS = (
    "available",
    "qualified",
    "in-reach",
    "already-acting",
    "own-backup",
)
"""What a substitute must pass (胜任五项); the name is of the test that failed."""


def failed_test(
    person: Person,
    defined: PostDefined,
    now: int,
    *,
    lost: bool,
    acting: Mapping[str, DutyBegun],
    several: bool,
    own: bool,
) -> str:
    """Return the first test that somebody fails for a post, empty if none.

    ``acting``: what they act on as it would stand; ``lost``: they fall away just now;
    ``several``: the playbook lets one act on several posts; ``own``: they are the one
    to be replaced. Somebody acting on a less grave post is called away from it.
    """
    if own:
        return OWN
    if not person.known or lost or person.cause:
        return AVAILABLE
    if defined.training and not person.trained(defined.training, now):
        return QUALIFIED
    if not person.residence.startswith(defined.reach.path):
        return IN_REACH
    if not several and any(d.rank <= defined.rank for d in acting.values()):
        return FREE
    return ""
