"""Rules of substitution (AB角转换): ordered, seized in need, accepted, handed over."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from coordination.kernel import Event, Read, Refusal
from coordination.mode.state import EMERGENCIES
from coordination.people.state import known_person, myself
from coordination.posts.events import (
    AUTOMATIC,
    ORDERED,
    RETURNED,
    SEIZED,
    PostVacated,
    SubstitutionAccepted,
    SubstitutionDeclined,
    SubstitutionMade,
    SubstitutionRatified,
)
from coordination.posts.filling import DECLINED, Filling, Unable, Why
from coordination.posts.state import (
    ACCEPT,
    NotActing,
    OfPost,
    Post,
    known_post,
    post_path,
)
from coordination.vocabulary import FAILED_TESTS


class Substitute(OfPost, frozen=True, kw_only=True):
    """指令转换. ``person`` empty: the next in line who can."""

    person: str = ""


class NoOneAble(Refusal):
    """Nobody in line can act (无人可替)."""

    code = "posts.no-one-able"
    zh = "岗位 {post} 的 AB 角中没有能够履职的人：{tried}"
    en = "nobody in line for post {post} can act: {tried}"


class ActsAlready(Refusal):
    """They act on this post (已在岗)."""

    code = "posts.acts-already"
    zh = "人员 {person} 已在岗位 {post} 履职"
    en = "person {person} acts on post {post} already"
    field = "person"


def substitute(read: Read, command: Substitute, now: int) -> Sequence[Event]:
    """Have somebody else in line act on a post; their own is filled in turn.

    :raises UnknownPost: if there is none
    :raises UnknownPerson: if there is no such person
    :raises ActsAlready: if they act on it
    :raises Unable: naming the test that the person fails
    :raises NoOneAble: if nobody in line can, with the test each fails
    """
    post = known_post(read, command.post)
    filling = Filling(read, now)
    if command.person:
        how = RETURNED if post.chain[:1] == (command.person,) else ORDERED
        _in_line(read, post, command)
        filling.must(command.post, command.person, Why(post.acting, how))
        return filling.cascade()
    filling.next_in_line(command.post, Why(post.acting, ORDERED))
    for fact in filling.facts:
        if isinstance(fact, PostVacated):
            said = ", ".join(f"{t.person} {t.test}" for t in fact.tried)
            raise NoOneAble(post=command.post, tried=said or "—")
    return filling.cascade()


def _in_line(read: Read, post: Post, command: Substitute | Seize | TakeBack) -> None:
    """Return if somebody stands in line and does not act already."""
    known_person(read, command.person)
    if post.acting == command.person:
        raise ActsAlready(person=command.person, post=command.post)
    if command.person not in post.chain:
        zh, en = FAILED_TESTS["not-in-line"]
        raise Unable(
            person=command.person,
            post=command.post,
            test="not-in-line",
            zh_test=zh,
            en_test=en,
        )


class _Own(OfPost, frozen=True, kw_only=True):
    """What somebody decides about a post in their own name."""

    ACTION: ClassVar[str] = "post.own"
    person: str


class Seize(_Own, frozen=True, kw_only=True):
    """紧急自任: a backup takes over in need; to be ratified after."""


class NotInNeed(Refusal):
    """Nothing calls for taking it over oneself (无紧急情形)."""

    code = "posts.not-in-need"
    zh = "岗位 {post} 有人履职且当地无应急响应，不得自行顶岗；须写明理由"
    en = "somebody acts on post {post} in peacetime, or the reason is missing"
    field = "reason"


def seize(read: Read, command: Seize, now: int) -> Sequence[Event]:
    """Take a post over in need: in an emergency, or where it is vacant.

    :raises UnknownPost: if there is none
    :raises NotYourself: if the account is not this person's
    :raises NotInNeed: without a reason, or in peacetime while somebody acts
    :raises ActsAlready: if they act on it
    :raises Unable: naming the test they fail
    """
    post = known_post(read, command.post)
    myself(read, command.person)
    _in_line(read, post, command)
    level = read(EMERGENCIES).level_at(post_path(command.post))
    if not command.reason.strip() or (post.acting and level is None):
        raise NotInNeed(post=command.post)
    filling = Filling(read, now)
    filling.must(command.post, command.person, Why(post.acting, SEIZED))
    return filling.cascade()


class TakeBack(_Own, frozen=True, kw_only=True):
    """A 角归位: the holder is back and takes the post again, by their own decision."""


class NotTheHolder(Refusal):
    """Only the holder takes it back (非 A 角)."""

    code = "posts.not-the-holder"
    zh = "只有 A 角本人可以归位"
    en = "only the holder takes the post back"


def take_back(read: Read, command: TakeBack, now: int) -> Sequence[Event]:
    """Take one's own post again: nothing does so by itself.

    :raises UnknownPost: if there is none
    :raises NotYourself: if the account is not this person's
    :raises NotTheHolder: if they are not the holder
    :raises ActsAlready: if they act on it
    :raises Unable: naming the test they fail
    """
    post = known_post(read, command.post)
    myself(read, command.person)
    if post.chain[:1] != (command.person,):
        raise NotTheHolder
    _in_line(read, post, command)
    filling = Filling(read, now)
    filling.must(command.post, command.person, Why(post.acting, RETURNED))
    return filling.cascade()


class Ratify(OfPost, frozen=True, kw_only=True):
    """追认: what a backup seized in need stands."""


class NotWaiting(Refusal):
    """Nothing of this kind is waited for (无待办)."""

    code = "posts.not-waiting"
    zh = "岗位 {post} 当前没有待{zh_what}的转换"
    en = "no substitution of post {post} waits to be {en_what}"


class OwnRatification(Refusal):
    """Somebody else ratifies (不得自行追认)."""

    code = "posts.own-ratification"
    zh = "紧急自任须由他人追认"
    en = "somebody else must ratify it"
    OF_ROLE = True


def ratify(read: Read, command: Ratify, _now: int) -> Sequence[Event]:
    """Agree with what a backup seized.

    :raises UnknownPost: if there is none
    :raises NotWaiting: if nothing was seized, or it is ratified
    :raises OwnRatification: if whoever seized it asks
    """
    post = known_post(read, command.post)
    made = post.made
    if made is None or made.how != SEIZED or post.ratified:
        raise NotWaiting(post=command.post, zh_what="追认", en_what="ratified")
    if known_person(read, made.after).account == read.by.actor.account:
        raise OwnRatification
    return [SubstitutionRatified(post=command.post, substitution=made.substitution)]


class Accept(_Own, frozen=True, kw_only=True):
    """接岗."""


class AcceptFor(OfPost, frozen=True, kw_only=True):
    """代录接岗: whoever may order it has heard them accept, by telephone too."""

    person: str


class Decline(_Own, frozen=True, kw_only=True):
    """不能接岗."""


def _offered(read: Read, command: Accept | AcceptFor | Decline) -> SubstitutionMade:
    """Return the substitution that waits for this very person to accept."""
    post = known_post(read, command.post)
    if post.made is None or post.acting != command.person:
        raise NotActing(post=command.post)
    if ACCEPT not in post.waits():
        raise NotWaiting(post=command.post, zh_what="接岗", en_what="accepted")
    return post.made


def accept(read: Read, command: Accept, _now: int) -> Sequence[Event]:
    """Accept a post that one was called to.

    :raises UnknownPost: if there is none
    :raises NotYourself: if the account is not this person's
    :raises NotActing: if somebody else was called
    :raises NotWaiting: if it was accepted
    """
    myself(read, command.person)
    return _accepted(read, command)


def accept_for(read: Read, command: AcceptFor, _now: int) -> Sequence[Event]:
    """Record that somebody has accepted a post they were called to.

    :raises UnknownPost: if there is none
    :raises NotActing: if somebody else was called
    :raises NotWaiting: if it was accepted
    """
    return _accepted(read, command)


def _accepted(read: Read, command: Accept | AcceptFor) -> Sequence[Event]:
    made = _offered(read, command)
    return [SubstitutionAccepted(post=command.post, substitution=made.substitution)]


def decline(read: Read, command: Decline, now: int) -> Sequence[Event]:
    """Say that one cannot; the next in line is called in the same decision.

    :raises UnknownPost: if there is none
    :raises NotYourself: if the account is not this person's
    :raises NotActing: if somebody else was called
    :raises NotWaiting: if it was accepted
    """
    myself(read, command.person)
    made = _offered(read, command)
    declined = SubstitutionDeclined(
        post=command.post, substitution=made.substitution, person=command.person
    )
    filling = Filling(read, now)
    filling.next_in_line(command.post, Why(command.person, AUTOMATIC, DECLINED))
    return [declined, *filling.cascade()]
