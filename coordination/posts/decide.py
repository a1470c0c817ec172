"""Rules of posts (岗位): which there are, and who stands in line for them (AB角)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import ClassVar

import msgspec

from coordination.areas.state import UnknownArea, place_of, standing_stream
from coordination.kernel import Command, Event, Read, Refusal, RowFault
from coordination.people.state import known_person, person_stream
from coordination.posts.events import APPOINTED, ChainSet, PostDefined
from coordination.posts.filling import Filling, Why
from coordination.posts.state import OfPost, Post, known_post, post_stream
from coordination.tree import Place, site_path
from coordination.vocabulary import POST_KINDS, WITHHELD

POSTS_MAX = 3_000
CHAIN_MAX = 9


class PostPlan(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A post to define; its id is ``<area path or site>-p-<kind>[-n]``."""

    post: str
    place: Place
    site: str
    kind: str
    name: str
    chain: tuple[str, ...]
    reach: Place


class DefinePosts(Command, frozen=True, kw_only=True):
    """设岗: all or none; each is filled by the first in line who can act."""

    ACTION: ClassVar[str] = "post.define"
    HEAVY: ClassVar[bool] = True
    area: Place
    posts: tuple[PostPlan, ...]

    @property
    def stream(self) -> str:
        """Those of one area wait for one another."""
        return f"area/{self.area.code}"

    def places(self, _read: Read, /) -> tuple[str, ...]:
        """The area all of them lie in."""
        return (self.area.path,)


class PostsRefused(Refusal):
    """At least one post is wrong, so none is defined (整批不设)."""

    code = "posts.refused"
    zh = "{count} 处有误，整批岗位未设"
    en = "{count} faults; none of the posts was defined"
    field = "posts"


def define_posts(read: Read, command: DefinePosts, now: int) -> Sequence[Event]:
    """Define posts and have the first in line who can act on each.

    :raises PostsRefused: with a fault for each wrong post, by number from 1
    """
    faults: list[RowFault] = []
    if not 0 < len(command.posts) <= POSTS_MAX:
        why = f"1 – {POSTS_MAX}"
        raise PostsRefused(count=1, rows=[RowFault(0, "posts", why, why)])
    seen: set[str] = set()
    facts: list[Event] = []
    filling = Filling(read, now)
    ranks: list[tuple[int, str]] = []
    for number, plan in enumerate(command.posts, start=1):
        faults += [
            RowFault(number, field, zh, en)
            for field, zh, en in _faults(read, plan, command.area, seen)
        ]
        seen.add(plan.post)
        kind = POST_KINDS.get(plan.kind)
        if kind is None:
            continue
        defined = PostDefined(
            **{f: getattr(plan, f) for f in plan.__struct_fields__},
            training=kind.training,
            role=kind.role,
            withheld=WITHHELD if kind.role else (),
            rank=kind.rank,
        )
        facts.append(defined)
        filling.posts[plan.post] = Post(defined, plan.chain)
        ranks.append((kind.rank, plan.post))
    if faults:
        raise PostsRefused(count=len(faults), rows=faults)
    for _, post in sorted(ranks):
        filling.next_in_line(post, Why("", APPOINTED))
    return [*facts, *filling.cascade()]


def _faults(
    read: Read, plan: PostPlan, area: Place, seen: set[str]
) -> Iterator[tuple[str, str, str]]:
    """Yield (field, zh, en) of everything wrong with a post to define."""
    kind = POST_KINDS.get(plan.kind)
    if kind is None:
        yield "kind", "没有这种岗位", "there is no such kind of post"
        return
    stem = f"{plan.site or plan.place.path}-p-{plan.kind}"
    number = plan.post.removeprefix(stem)
    if plan.post != stem and not (number[:1] == "-" and number[1:].isdecimal()):
        yield "post", f"编号应以 {stem} 开头", f"the id must begin with {stem}"
    if plan.post in seen or read(post_stream(plan.post)).defined is not None:
        yield "post", f"岗位 {plan.post} 已设", f"post {plan.post} is there already"
    for place in (plan.place, plan.reach):
        try:
            known = place_of(read, place.code) == place
        except UnknownArea:
            known = False
        if not known:
            yield "area", f"区域 {place.code} 不存在", f"no area {place.code}"
    if not plan.place.path.startswith(area.path):
        yield "area", "不在本区域内", "outside the area of this command"
    if (kind.level == "site") != bool(plan.site):
        yield "site", "此岗位须（不须）指明阵地", "this kind is (not) of a site"
    elif plan.site:
        standing = read(standing_stream(plan.site)).registered
        if standing is None or site_path(plan.site) != plan.place.path:
            yield "site", f"阵地 {plan.site} 不在此处", f"no site {plan.site} here"
    elif plan.place.level != kind.level:
        yield "area", f"此岗位设在 {kind.level}", f"this kind is of a {kind.level}"
    yield from _chain_faults(read, plan.chain)


def _chain_faults(read: Read, chain: tuple[str, ...]) -> Iterator[tuple[str, str, str]]:
    """Yield what is wrong with a line: strangers, or somebody twice."""
    if len(chain) > CHAIN_MAX:
        yield "chain", f"AB 角最多 {CHAIN_MAX} 人", f"{CHAIN_MAX} people at the most"
    if len(set(chain)) < len(chain):
        yield "chain", "同一人不能做自己的备份", "nobody is their own backup"
    for person in chain:
        if not read(person_stream(person)).known:
            yield "chain", f"人员 {person} 不存在", f"there is no person {person}"


class SetChain(OfPost, frozen=True, kw_only=True):
    """调整 AB 角名单: who acts does not change by it."""

    chain: tuple[str, ...]


class BadChain(Refusal):
    """The line is not one (名单有误)."""

    code = "posts.bad-chain"
    zh = "AB 角名单有误：{zh_why}"
    en = "the line is not possible: {en_why}"
    field = "chain"


def set_chain(read: Read, command: SetChain, now: int) -> Sequence[Event]:
    """Change who stands in line for a post.

    :raises UnknownPost: if there is none
    :raises BadChain: if somebody stands in it twice or is not there, or it is the same
    """
    post = known_post(read, command.post)
    for _, zh, en in _chain_faults(read, command.chain):
        raise BadChain(zh_why=zh, en_why=en)
    if post.chain == command.chain:
        raise BadChain(zh_why="名单没有变化", en_why="it is this already")
    facts: list[Event] = [ChainSet(post=command.post, chain=command.chain)]
    if post.acting and post.acting in {*post.chain[:1], *command.chain[:1]}:
        filling = Filling(read, now)  # a holder has all the powers, a backup has not
        filling.begin(replace(post, chain=command.chain), post.acting)
        facts += filling.facts
    return facts


class Appoint(OfPost, frozen=True, kw_only=True):
    """正式任命: somebody is the holder (A 角) from now on, for good."""

    person: str


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
        filling.must(command.post, command.person, Why(post.acting, APPOINTED))
    return [*facts, *filling.cascade()]
