"""Posts (岗位): who acts, who steps in, what is handed over (AB角转换)."""

from __future__ import annotations

import msgspec

from api.http.declared import Decision, Done
from coordination.kernel import Command
from coordination.posts.decide import Appoint, DefinePosts, SetChain
from coordination.posts.events import PostDefined
from coordination.posts.handover import TakeItem
from coordination.posts.safety import ConfirmSafety
from coordination.posts.state import post_stream
from coordination.posts.substitution import (
    Accept,
    Decline,
    Ratify,
    Seize,
    Substitute,
    TakeBack,
)


class PostNow(msgspec.Struct):
    """Who acts on a post after a decision, and by which substitution."""

    post: str
    acting: str | None
    substitution: str | None


def as_it_stands(done: Done) -> PostNow:
    """Return how a post stands after a decision about it."""
    post = done.command.post
    now = done.world.state(post_stream(post))
    made = now.made.substitution if now.made else None
    return PostNow(post, now.acting or None, made)


class Defined(msgspec.Struct):
    """The posts that were defined, by id, as they were listed."""

    posts: list[str]


def defined(done: Done) -> Defined:
    """Return the posts that were defined."""
    return Defined([f.post for f in done.facts if isinstance(f, PostDefined)])


def _about(path: str, command: type[Command], words: str = "") -> Decision:
    """Return the row of what is decided about one post."""
    return Decision(
        path=f"/posts/{{post}}/{path}",
        command=command,
        words=words,
        answers=as_it_stands,
    )


DECISIONS = (
    Decision(path="/posts", command=DefinePosts, answers=defined, status=201),
    _about("chain", SetChain),
    _about("substitute", Substitute, "post substitute"),
    _about("seize", Seize, "post seize"),
    _about("ratify", Ratify, "post ratify"),
    _about("accept", Accept, "post accept"),
    _about("decline", Decline, "post decline"),
    _about("handover", TakeItem, "post handover"),
    _about("return", TakeBack, "post return"),
    _about("appoint", Appoint, "post appoint"),
    _about("safety", ConfirmSafety, "post safety"),
)
