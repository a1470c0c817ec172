"""Rules of substitution (AB角转换): ordered, seized in need, accepted, handed over."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from coordination.fields import Expected, PersonId, named
from coordination.grants.state import me
from coordination.kernel import Event, Held, Read
from coordination.mode.state import EMERGENCIES
from coordination.people.state import known_person
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
from coordination.posts.filling import DECLINED, Filling, Succession, Unable
from coordination.posts.state import (
    ACCEPT,
    NotActing,
    OfActing,
    OfPost,
    Post,
    ReplacesActing,
    acting_held,
    known_post,
    post_path,
)
from coordination.refusals import Forbidden, NothingLeft, Refusal
from coordination.vocabulary import FAILED_TESTS


class Substitute(ReplacesActing, frozen=True, kw_only=True):
    """指令转换: have a backup act; their own post is filled in turn."""

    NEEDS = ("reason", "seen")
    person: Annotated[
        PersonId, named("人员", "Person", "of the line, else the next able", null=True)
    ] = ""


NoOneAble = Refusal.of(
    "posts.no-one-able",
    "岗位 {post} 的 AB 角中没有能够履职的人：{tried}",
    "nobody in line for post {post} can act: {tried}",
    "请另行任命，或补充 AB 角",
    "appoint somebody else, or add to the line",
)
ActsAlready = Refusal.of(
    "posts.acts-already",
    "{person} 已在岗位 {post} 履职",
    "{person} acts on post {post} already",
    "无需再办，或改选另一人",
    "nothing is left to do, or choose another person",
    field="person",
)


def substitute(read: Read, command: Substitute, now: int) -> Sequence[Event]:
    """Have somebody else in line act on a post; their own is filled in turn.

    :raises UnknownPost: if there is none
    :raises UnknownPerson: if there is no such person
    :raises ActsAlready: if they act on it
    :raises Unable: naming the test that the person fails
    :raises NoOneAble: if nobody in line can, with the test each fails
    """
    post = known_post(read, command.post)
    if command.person:
        how = RETURNED if post.chain[:1] == (command.person,) else ORDERED
        _in_line(read, post, command.person)
        return _takes_over(read, post, command.person, how, now)
    filling = Filling(read, now)
    filling.next_in_line(command.post, Succession(post.acting, ORDERED))
    for fact in filling.facts:
        if isinstance(fact, PostVacated):
            said = ", ".join(f"{t.person} {t.test}" for t in fact.tried)
            raise NoOneAble(post=command.post, tried=said or "—")
    return filling.cascade()


def _takes_over(
    read: Read, post: Post, person: str, how: str, now: int
) -> Sequence[Event]:
    """Have somebody act on a post; their own is filled in turn."""
    assert post.defined is not None, "known"
    filling = Filling(read, now)
    filling.must(post.defined.post, person, Succession(post.acting, how))
    return filling.cascade()


def _in_line(read: Read, post: Post, person: str) -> None:
    """Return if somebody stands in line and does not act already."""
    assert post.defined is not None, "known"
    known_person(read, person)
    where = post.defined.post
    if post.acting == person:
        raise ActsAlready(person=person, post=where)
    if person not in post.chain:
        zh, en = FAILED_TESTS[test := "not-in-line"]
        raise Unable(person=person, post=where, test=test, zh_test=zh, en_test=en)


class Seize(ReplacesActing, frozen=True, kw_only=True):
    """紧急自任: take a post over in need; to be ratified."""

    ACTION = "post.own"
    NEEDS = ("reason",)

    def held(self, read: Read, /) -> Held:
        """Who acts on the post; whoever is nobody on the roster is told that first.

        :raises UnknownPerson: if the account is nobody's on the roster
        :raises UnknownPost: if there is no such post
        """
        me(read)
        return super().held(read)


NotInNeed = Refusal.of(
    "posts.not-in-need",
    "岗位 {post} 有人履职且当地无应急响应，不得自行顶岗",
    "somebody acts on post {post}, and it is peacetime there",
    "请由指挥部下达转换",
    "let a substitution be ordered",
)


def seize(read: Read, command: Seize, now: int) -> Sequence[Event]:
    """Take a post over in need: in an emergency, or where it is vacant.

    :raises UnknownPost: if there is none
    :raises UnknownPerson: if the account is nobody's on the roster
    :raises ActsAlready: if they act on it
    :raises NotInNeed: in peacetime, while somebody acts
    :raises Unable: naming the test they fail
    """
    post, person = known_post(read, command.post), me(read)
    _in_line(read, post, person)
    level = read(EMERGENCIES).level_at(post_path(command.post))
    if post.acting and level is None:
        raise NotInNeed(post=command.post)
    return _takes_over(read, post, person, SEIZED, now)


class TakeBack(OfActing, frozen=True, kw_only=True):
    """A 角归位: have the holder act again; nothing does so by itself."""

    expected: Expected = ""

    def held(self, read: Read, /) -> Held:
        """Who acts on the post.

        :raises UnknownPost: if there is none
        """
        return acting_held(read, self.post)

    def whose(self, post: Post) -> str:
        """Return the holder."""
        return post.chain[0] if post.chain else ""


NotTheHolder = Forbidden.of(
    "posts.not-the-holder",
    "只有 A 角本人可以归位",
    "only the holder takes the post back",
    "请由 A 角本人办理，或正式任命",
    "let the holder do it, or appoint somebody",
)


def take_back(read: Read, command: TakeBack, now: int) -> Sequence[Event]:
    """Have the holder act again, by their own word or by order.

    :raises UnknownPost: if there is none
    :raises NotTheHolder: if nobody is the holder
    :raises UnknownPerson: if the holder is not there any more
    :raises ActsAlready: if they act on it
    :raises Unable: naming the test they fail
    """
    post = known_post(read, command.post)
    holder = command.whose(post)
    if not holder:
        raise NotTheHolder
    _in_line(read, post, holder)
    return _takes_over(read, post, holder, RETURNED, now)


class Ratify(OfPost, frozen=True, kw_only=True):
    """追认: agree with what was seized in need."""


NotWaiting = NothingLeft.of(
    "posts.not-waiting",
    "岗位 {post} 当前没有待{zh_what}的转换",
    "no substitution of post {post} waits to be {en_what}",
)
OwnRatification = Forbidden.of(
    "posts.own-ratification",
    "紧急自任须由他人追认",
    "somebody else must ratify it",
    "请由他人追认",
    "ask somebody else",
    OF_ROLE=True,
)


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


class Accept(OfActing, frozen=True, kw_only=True):
    """接岗: accept a post one was called to, or record that somebody has."""


class Decline(OfPost, frozen=True, kw_only=True):
    """不能接岗: say that one cannot; the next in line is called at once."""

    ACTION = "post.own"


def _offered(post: Post) -> SubstitutionMade:
    """Return the substitution that waits to be accepted."""
    made = post.made
    assert made is not None, "somebody acts"
    if ACCEPT not in post.waits():
        raise NotWaiting(post=made.post, zh_what="接岗", en_what="accepted")
    return made


def accept(read: Read, command: Accept, _now: int) -> Sequence[Event]:
    """Accept a post one was called to; staff record it of another, by telephone too.

    :raises UnknownPost: if there is none
    :raises NotActing: if nobody was called
    :raises NotWaiting: if it was accepted
    """
    post = known_post(read, command.post)
    if not post.acting:
        raise NotActing(post=command.post)
    made = _offered(post)
    return [SubstitutionAccepted(post=command.post, substitution=made.substitution)]


def decline(read: Read, command: Decline, now: int) -> Sequence[Event]:
    """Say that one cannot; the next in line is called in the same decision.

    :raises UnknownPost: if there is none
    :raises UnknownPerson: if the account is nobody's on the roster
    :raises NotActing: if somebody else was called
    :raises NotWaiting: if it was accepted
    """
    post, person = known_post(read, command.post), me(read)
    if post.acting != person:
        raise NotActing(post=command.post)
    declined = SubstitutionDeclined(
        post=command.post, substitution=_offered(post).substitution, person=person
    )
    filling = Filling(read, now)
    filling.next_in_line(command.post, Succession(person, AUTOMATIC, DECLINED))
    return [declined, *filling.cascade()]
