"""Rules of posts (岗位): which there are, and who stands in line for them (AB角)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Annotated

import msgspec

from coordination.areas.state import UnknownArea, place_of, standing_stream
from coordination.fields import Code, Expected, PersonId, SiteId, Word, named
from coordination.filled import filled
from coordination.kernel import PEOPLE_HELD, Command, Event, Held, Read
from coordination.people.state import known_person, person_stream
from coordination.posts.events import (
    APPOINTED,
    ChainSet,
    PostDefined,
    PostVacated,
    SubstitutionMade,
)
from coordination.posts.filling import Filling, Succession
from coordination.posts.state import (
    OfPost,
    Post,
    holding,
    known_post,
    post_stream,
)
from coordination.refusals import Fault, Invalid, RowFault, RowsRefused, size_faults
from coordination.tree import DIGITS, Place, around, site_path
from coordination.vocabulary import POST_KINDS, WITHHELD

POSTS_MAX = 3_000
POSTS_IN_BODY = 500
CHAIN_MAX = 9
Chain = Annotated[
    tuple[PersonId, ...],
    named(
        "AB 角名单",
        "Line",
        "who holds it, then the backups in order",
        max_length=CHAIN_MAX,
    ),
]


class PostPlan(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A post to define; its id is ``<area path or site>-p-<kind>[-number]``.

    ``reach``: whoever lives there can act on it; if not said, in the same street.
    """

    area: Code
    kind: Annotated[Word, named("岗位类型", "Kind")]
    chain: Chain = ()
    site: SiteId | None = None
    number: Annotated[int, named("序号", "Number", ge=2, le=99)] | None = None
    name: Annotated[str, named("名称", "Name", max_length=50)] = ""
    reach: Annotated[Code, named("可达范围", "Reach")] | None = None


class DefinePosts(Command, frozen=True, kw_only=True):
    """设岗: define posts, each filled by the first in line who can act."""

    STREAM = "posts"  # those who define posts wait for one another
    ACTION = "post.define"
    HEAVY = True
    posts: Annotated[tuple[PostPlan, ...], named("岗位", "Posts", upto=POSTS_IN_BODY)]

    def places(self, read: Read, /) -> tuple[str, ...]:
        """The lowest area all of them lie in.

        :raises UnknownArea: if an area is not registered
        """
        return around({place_of(read, plan.area).path for plan in self.posts})


PostsRefused = RowsRefused.of(
    "posts.refused",
    "{count} 处有误，整批岗位未设",
    "{count} faults; none of the posts was defined",
    field="posts",
)


def define_posts(read: Read, command: DefinePosts, now: int) -> Sequence[Event]:
    """Define posts and have the first in line who can act on each.

    :raises PostsRefused: with a fault for each wrong post, by number from 1
    """
    PostsRefused.unless_good(size_faults(command.posts, POSTS_MAX, "posts"))
    faults: list[RowFault] = []
    defined: dict[str, PostDefined] = {}
    for number, plan in enumerate(command.posts, start=1):
        if plan.kind not in POST_KINDS:
            zh, en = "没有这种岗位", "there is no such kind of post"
            faults.append(RowFault(number, "kind", zh, en))
            continue
        try:
            post = _defined(read, plan)
        except UnknownArea as error:
            zh, en = error.say("zh"), error.say("en")
            faults.append(RowFault(number, "area", zh, en))
            continue
        faults += [RowFault(number, *said) for said in _faults(read, post, defined)]
        defined[post.post] = post
    PostsRefused.unless_good(faults)
    posts = {post: Post(fact, fact.chain) for post, fact in defined.items()}
    filling = Filling(read, now, posts=posts)
    for fact in sorted(defined.values(), key=lambda fact: (fact.rank, fact.post)):
        filling.next_in_line(fact.post, Succession("", APPOINTED))
    return [*defined.values(), *filling.cascade()]


def _defined(read: Read, plan: PostPlan) -> PostDefined:
    """Return the post of a plan; what it leaves out follows from kind and place.

    :raises UnknownArea: if its area is not registered, or what is in reach of it
    """
    kind, place = POST_KINDS[plan.kind], place_of(read, plan.area)
    end = f"-{plan.number}" if plan.number else ""
    return filled(
        PostDefined,
        kind,
        post=f"{plan.site or place.path}-p-{plan.kind}{end}",
        place=place,
        site=plan.site or "",
        kind=plan.kind,
        name=plan.name or kind.zh,
        chain=plan.chain,
        reach=place_of(read, plan.reach) if plan.reach else _street(read, place),
        withheld=WITHHELD if kind.role else (),
    )


def _street(read: Read, place: Place) -> Place:
    """Return the street a place lies in, or the place if it is no smaller."""
    digits = DIGITS["street"]
    if len(place.path) <= digits:
        return place
    return place_of(read, place.path[:digits].ljust(DIGITS["community"], "0"))


def _faults(
    read: Read, post: PostDefined, others: dict[str, PostDefined]
) -> Iterator[Fault]:
    """Yield (field, zh, en) of everything wrong with a post to define."""
    level, place = POST_KINDS[post.kind].level, post.place
    if post.post in others or read(post_stream(post.post)).defined is not None:
        yield "post", f"岗位 {post.post} 已设", f"post {post.post} is there already"
    if (level == "site") != bool(post.site):
        yield "site", "此岗位须（不须）指明阵地", "this kind is (not) of a site"
    elif post.site:
        standing = read(standing_stream(post.site))
        if standing is None or site_path(post.site) != place.path:
            yield "site", f"阵地 {post.site} 不在此处", f"no site {post.site} here"
    elif place.level != level:
        yield "area", f"此岗位设在 {level}", f"this kind is of a {level}"
    yield from _chain_faults(read, post.chain)


def _chain_faults(read: Read, chain: tuple[str, ...]) -> Iterator[Fault]:
    """Yield what is wrong with a line: strangers, or somebody twice."""
    if len(chain) > CHAIN_MAX:
        yield "chain", f"AB 角最多 {CHAIN_MAX} 人", f"{CHAIN_MAX} people at the most"
    if len(set(chain)) < len(chain):
        yield "chain", "同一人不能做自己的备份", "nobody is their own backup"
    for person in chain:
        if not read(person_stream(person)).known:
            yield "chain", f"人员 {person} 不存在", f"there is no person {person}"


class SetChain(OfPost, frozen=True, kw_only=True):
    """调整 AB 角名单: change who stands in line; who acts does not change by it."""

    expected: Expected = ""
    """Their ids, joined by commas."""
    chain: Chain

    def held(self, read: Read, /) -> Held:
        """Who stands in line for the post.

        :raises UnknownPost: if there is none
        """
        line = ",".join(known_post(read, self.post).chain)
        stream, facts = post_stream(self.post), (PostDefined, ChainSet)
        zh, en = "该岗位 AB 角名单", "the line of this post"
        return Held(line, (stream.id,), facts, PEOPLE_HELD, zh, en)


BadChain = Invalid.of(
    "posts.bad-chain",
    "AB 角名单有误：{zh_why}",
    "the line is not possible: {en_why}",
    "请改正名单",
    "correct the line",
    field="chain",
)


def set_chain(read: Read, command: SetChain, now: int) -> Sequence[Event]:
    """Change who stands in line for a post.

    :raises UnknownPost: if there is none
    :raises BadChain: if somebody stands in it twice or is not there, or it is the same
    """
    post = known_post(read, command.post)
    for _, zh, en in _chain_faults(read, command.chain):
        raise BadChain(zh_why=zh, en_why=en)
    if post.chain == command.chain:
        raise BadChain(zh_why="没有变化", en_why="nothing would change")
    facts: list[Event] = [ChainSet(post=command.post, chain=command.chain)]
    if post.acting and post.acting in {*post.chain[:1], *command.chain[:1]}:
        filling = Filling(read, now)  # a holder has all the powers, a backup has not
        filling.begin(replace(post, chain=command.chain), post.acting)
        facts += filling.facts
    return facts


class Appoint(OfPost, frozen=True, kw_only=True):
    """正式任命: replace the holder for good."""

    NEEDS = ("reason", "seen")
    expected: Expected = ""
    """The holder's id; if another acts, theirs after a comma, ``-`` for nobody."""
    person: Annotated[PersonId, named("人员", "Person", "id of the new holder")]

    def held(self, read: Read, /) -> Held:
        """Who holds the post, and who acts on it.

        :raises UnknownPost: if there is none
        """
        post = known_post(read, self.post)
        return Held(
            holding(post.chain[:1], post.acting),
            (post_stream(self.post).id,),
            (PostDefined, ChainSet, SubstitutionMade, PostVacated),
            PEOPLE_HELD,
            "该岗位 A 角及履职人",
            "this post's holder and who acts",
        )


def appoint(read: Read, command: Appoint, now: int) -> Sequence[Event]:
    """Replace the holder of a post for good; the former holder leaves the line.

    :raises UnknownPost: if there is none
    :raises UnknownPerson: if there is no such person
    :raises Unable: naming the test they fail
    :raises BadChain: if they are the holder already
    """
    post = known_post(read, command.post)
    known_person(read, command.person)
    if post.chain[:1] == (command.person,):
        raise BadChain(zh_why="已是 A 角", en_why="they are the holder already")
    filling = Filling(read, now)
    chain = (command.person, *(p for p in post.chain[1:] if p != command.person))
    facts: list[Event] = [ChainSet(post=command.post, chain=chain)]
    changed = filling.posts[command.post] = replace(post, chain=chain)
    if post.acting == command.person:
        filling.begin(changed, command.person)  # no longer as a backup only
    else:
        filling.must(command.post, command.person, Succession(post.acting, APPOINTED))
    return [*facts, *filling.cascade()]
