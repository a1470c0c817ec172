"""Posts (岗位): who acts, who steps in, what is handed over (AB角转换)."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter, Request, Response
from pydantic import Field

from api.http.body import Code, Moment, PersonId, PostId, Seq, SiteId, Strict, Text
from api.http.deps import (
    ERRORS,
    Caller,
    TheWorld,
    Write,
    Writing,
    accounts_of,
    acts,
    answer,
    reads,
)
from api.http.lists import AskedFor, page_of, respond
from api.http.plain import receipt_fields
from api.pages.faces import Faces
from api.pages.places import path_shown
from api.pages.posts import (
    LISTING,
    SINGLE,
    Staffing,
    history,
    post_body,
    post_rows,
    single_points,
)
from api.world.world import World
from coordination.kernel import Command, RowFault
from coordination.people.state import UnknownPerson
from coordination.posts.decide import (
    Appoint,
    DefinePosts,
    PostPlan,
    PostsRefused,
    SetChain,
)
from coordination.posts.handover import COUNT_MAX, TakeItem
from coordination.posts.safety import ConfirmSafety, ConfirmSafetyFor
from coordination.posts.state import UnknownPost, post_stream
from coordination.posts.substitution import (
    Accept,
    AcceptFor,
    Decline,
    Ratify,
    Seize,
    Substitute,
    TakeBack,
)
from coordination.tree import DIGITS, Place, above
from coordination.vocabulary import POST_KINDS
from projections.names import Names
from projections.posts import POST
from projections.store import seen, shown_at

router = APIRouter(prefix="/posts", tags=["posts"], responses=ERRORS)
POSTS_IN_BODY = 500
Chain = Annotated[list[PersonId], Field(max_length=9)]


class NewPost(Strict):
    """A post: where, of which kind, and who stands in line (A, B1, B2 …)."""

    area: Code
    site: SiteId | None = None
    kind: Annotated[str, Field(pattern=r"^[a-z][a-z-]{1,30}$")]
    number: Annotated[int, Field(ge=2, le=99)] | None = None
    name: Annotated[Text, Field(max_length=50)] = ""
    chain: Chain = Field(default_factory=list)
    reach: Code | None = None


class NewPosts(Strict):
    """Posts to define, all or none."""

    posts: Annotated[list[NewPost], Field(min_length=1, max_length=POSTS_IN_BODY)]
    reason: Text = ""
    basis: Text = ""
    seen_seq: Seq = 0


class Line(Strict):
    """Who stands in line from now on."""

    chain: Chain
    reason: Text = ""
    seen_seq: Seq = 0


class Who(Strict):
    """Somebody, or the next in line."""

    person: PersonId | None = None
    reason: Text = ""
    basis: Text = ""
    seen_seq: Seq = 0


class Named(Strict):
    """Somebody by name."""

    person: PersonId
    reason: Text = ""
    basis: Text = ""
    seen_seq: Seq = 0


class Why(Strict):
    """A reason, where one is needed."""

    reason: Text = ""
    seen_seq: Seq = 0
    occurred_at: Moment | None = None


class Item(Strict):
    """An item of the handover sheet; custody comes with its count."""

    item: Annotated[str, Field(pattern=r"^[a-z]{2,20}$")]
    count: Annotated[int, Field(ge=0, le=COUNT_MAX)] | None = None
    note: Annotated[Text, Field(max_length=200)] = ""
    seen_seq: Seq = 0
    occurred_at: Moment | None = None


@router.get("", **reads("view.situation"))
async def posts(
    request: Request,
    world: TheWorld,
    caller: Caller,
    asked: AskedFor,
    area: Code | None = None,
) -> Response:
    """Return the posts of an area and who acts on each (岗位)."""
    name_of = accounts_of(request).name_of

    def ask() -> Response:
        with world.reading() as c:
            at = shown_at(c, None)
            names, faces = Names(c, at, name_of), Faces(world, caller, c, at)
            staffing = Staffing(c, world.read(), world.clock(), at)
            path = path_shown(c, area) if area else ""
            rows = post_rows(c, path, staffing, faces, names)
            page = page_of(rows, asked, LISTING)
            page["seq"] = seen(c)
        return respond(page, LISTING.columns, asked, "岗位", world.settings.zone)

    return await asyncio.to_thread(ask)


@router.get("/single-points", **reads("view.situation"))
async def single(
    world: TheWorld, caller: Caller, asked: AskedFor, area: Code | None = None
) -> Response:
    """Return the posts one more absence would leave vacant (单点)."""

    def ask() -> Response:
        with world.reading() as c:
            at = shown_at(c, None)
            names, faces = Names(c, at), Faces(world, caller, c, at)
            staffing = Staffing(c, world.read(), world.clock(), at)
            path = path_shown(c, area) if area else ""
            rows = single_points(c, path, staffing, faces, names)
            page = page_of(rows, asked, SINGLE)
            page["seq"] = seen(c)
        return respond(page, SINGLE.columns, asked, "单点岗位", world.settings.zone)

    return await asyncio.to_thread(ask)


@router.get("/{post}", **reads("view.situation"))
async def one(
    request: Request, post: PostId, world: TheWorld, caller: Caller
) -> Response:
    """Return a post with its line, tests, handover sheet and history."""
    name_of = accounts_of(request).name_of

    def ask() -> dict[str, Any]:
        with world.reading() as c:
            at = shown_at(c, None)
            row = POST.get(c, post, at=at)
            if row is None:
                raise UnknownPost(post=post)
            faces = Faces(world, caller, c, at)
            names = Names(c, at, name_of, faces.name)
            staffing = Staffing(c, world.read(), world.clock(), at)
            recorder = world.log.recorder
            return {
                **post_body(c, row, staffing, faces, names),
                "history": history(c, recorder, f"post/{post}", names, name_of),
                "shown_seq": seen(c),
            }

    return answer(await asyncio.to_thread(ask))


def _plan(world: World, body: NewPost, number: int) -> PostPlan:
    """Return a post to define; what is left out follows from its kind and place."""
    kind = POST_KINDS.get(body.kind)
    if kind is None:
        zh, en = "没有这种岗位", "there is no such kind of post"
        raise PostsRefused(count=1, rows=[RowFault(number, "kind", zh, en)])
    place = world.places((body.area,))[0]
    end = f"-{body.number}" if body.number else ""
    return PostPlan(
        post=f"{body.site or place.path}-p-{body.kind}{end}",
        place=place,
        site=body.site or "",
        kind=body.kind,
        name=body.name or kind.zh,
        chain=tuple(body.chain),
        reach=world.places((body.reach,))[0] if body.reach else _street(world, place),
    )


def _street(world: World, place: Place) -> Place:
    """Return the street a place lies in: who lives there is in reach of it."""
    if DIGITS.get(place.level, 12) <= DIGITS["street"]:
        return place
    return world.places((place.path[: DIGITS["street"]].ljust(12, "0"),))[0]


def lowest_above(world: World, places: list[Place]) -> Place:
    """Return the lowest registered area that all of these lie in."""
    shared = set(above(places[0].path))
    for place in places[1:]:
        shared &= set(above(place.path))
    path = max(shared, key=len, default="")
    return world.places((path.ljust(12, "0") if len(path) < 12 else path,))[0]  # noqa: PLR2004 - an official code


@router.post("", status_code=201, **acts("post.define"))
async def define(body: NewPosts, write: Write) -> Response:
    """Define posts, each filled by the first in line who can act (设岗)."""
    world = write.world
    plans = [_plan(world, p, n) for n, p in enumerate(body.posts, start=1)]
    command = DefinePosts(
        area=lowest_above(world, [plan.place for plan in plans]),
        posts=tuple(plans),
        reason=body.reason,
        basis=body.basis,
    )
    receipt = await world.do(command, write.by(body.seen_seq))
    made = [plan.post for plan in plans]
    return answer({**receipt_fields(receipt), "posts": made}, 201)


async def _done(
    write: Writing, command: Command, body: Line | Who | Named | Why | Item, post: str
) -> Response:
    """Carry out what is decided about one post; tell how it stands after.

    What a phone kept for want of a network says when it happened (发生时间).
    """
    occurred = body.occurred_at if isinstance(body, Why | Item) else None
    receipt = await write.world.do(command, write.by(body.seen_seq, occurred))
    now = write.world.state(post_stream(post))
    made = now.made.substitution if now.made else ""
    return answer(
        {
            **receipt_fields(receipt),
            "post": post,
            "acting": now.acting or None,
            "substitution": made or None,
        }
    )


def _self(write: Writing, seen_seq: int) -> str:
    """Return who the caller is on the roster.

    :raises Denied: if no role of theirs lets anybody act on a post
    :raises UnknownPerson: if their account is nobody's there
    """
    write.world.entitle(write.by(seen_seq), "post.own")
    person = write.world.person_of(write.caller.account)
    if not person:
        raise UnknownPerson(person=write.caller.account)
    return person


def _acting(write: Writing, post: str) -> tuple[str, bool]:
    """Return who acts on a post, and whether the caller is that person.

    :raises UnknownPost: if there is none
    """
    found = write.world.state(post_stream(post))
    if found.defined is None:
        raise UnknownPost(post=post)
    own = write.world.person_of(write.caller.account)
    return found.acting, bool(own) and own == found.acting


@router.post("/{post}/chain", **acts("post.substitute"))
async def chain(post: PostId, body: Line, write: Write) -> Response:
    """Change who stands in line (调整 AB 角名单)."""
    command = SetChain(post=post, chain=tuple(body.chain), reason=body.reason)
    return await _done(write, command, body, post)


@router.post("/{post}/substitute", **acts("post.substitute"))
async def substitute(post: PostId, body: Who, write: Write) -> Response:
    """Have a backup act: the next in line, or the one named (指令转换)."""
    command = Substitute(
        post=post, person=body.person or "", reason=body.reason, basis=body.basis
    )
    return await _done(write, command, body, post)


@router.post("/{post}/seize", **acts("post.own"))
async def seize(post: PostId, body: Why, write: Write) -> Response:
    """Take a post over in need; to be ratified after (紧急自任)."""
    command = Seize(post=post, person=_self(write, body.seen_seq), reason=body.reason)
    return await _done(write, command, body, post)


@router.post("/{post}/ratify", **acts("post.substitute"))
async def ratify(post: PostId, body: Why, write: Write) -> Response:
    """Agree with what was seized in need (追认)."""
    command = Ratify(post=post, reason=body.reason)
    return await _done(write, command, body, post)


@router.post("/{post}/accept", **acts("post.own"))
async def accept(post: PostId, body: Why, write: Write) -> Response:
    """Accept a post one was called to, or record that they have (接岗)."""
    person, own = _acting(write, post)
    kind = Accept if own else AcceptFor
    command = kind(post=post, person=person, reason=body.reason)
    return await _done(write, command, body, post)


@router.post("/{post}/decline", **acts("post.own"))
async def decline(post: PostId, body: Why, write: Write) -> Response:
    """Say that one cannot; the next in line is called (不能接岗)."""
    command = Decline(post=post, person=_self(write, body.seen_seq), reason=body.reason)
    return await _done(write, command, body, post)


@router.post("/{post}/handover", **acts("post.own"))
async def handover(post: PostId, body: Item, write: Write) -> Response:
    """Acknowledge one item of the handover sheet (交接确认)."""
    command = TakeItem(
        post=post,
        person=_self(write, body.seen_seq),
        item=body.item,
        count=-1 if body.count is None else body.count,
        note=body.note,
    )
    return await _done(write, command, body, post)


@router.post("/{post}/return", **acts("post.own"))
async def give_back(post: PostId, body: Why, write: Write) -> Response:
    """Have the holder act again: by themselves, or by whoever may order it (归位)."""
    world = write.world
    line = world.state(post_stream(post)).chain
    if not line:
        raise UnknownPost(post=post)
    own = world.person_of(write.caller.account) == line[0]
    kind = TakeBack if own else Substitute
    command = kind(post=post, person=line[0], reason=body.reason)
    return await _done(write, command, body, post)


@router.post("/{post}/appoint", **acts("post.substitute"))
async def appoint(post: PostId, body: Named, write: Write) -> Response:
    """Replace the holder for good (正式任命)."""
    command = Appoint(
        post=post, person=body.person, reason=body.reason, basis=body.basis
    )
    return await _done(write, command, body, post)


@router.post("/{post}/safety", **acts("post.own"))
async def safety(post: PostId, body: Why, write: Write) -> Response:
    """Confirm to be well and at the post, or record it of another (平安报到)."""
    person, own = _acting(write, post)
    kind = ConfirmSafety if own else ConfirmSafetyFor
    command = kind(post=post, person=person, reason=body.reason)
    return await _done(write, command, body, post)
