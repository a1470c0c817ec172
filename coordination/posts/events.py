"""Facts about posts (岗位) and who acts on them (AB角). Vocabulary kept for ever."""

from __future__ import annotations

import msgspec

from coordination.corrects import Correcting
from coordination.kernel import Event
from coordination.tree import Place

ORDERED, AUTOMATIC, SEIZED, RETURNED, APPOINTED = HOWS = (
    "ordered",
    "automatic",
    "seized",
    "returned",
    "appointed",
)
"""How somebody came to act: 指令 B 角, 自动顶岗, 紧急自任, A 角归位, 正式任命."""


class Tried(msgspec.Struct, frozen=True):
    """Somebody in line who was passed over, and the test they failed (未通过项)."""

    person: str
    test: str


class _OfPost(Event, frozen=True, kw_only=True):
    """A fact in a post's own stream; its id is ``<area path or site>-p-<kind>[-n]``."""

    STREAM = "post/{0.post}"  # one stream for each post
    post: str


class PostDefined(_OfPost, frozen=True, kw_only=True):
    """设岗. ``chain``: A, B1, B2 … in order, may be empty: then it is vacant.

    ``place``: area of the post, local codes too; ``site`` empty if it is at none.
    ``reach``: whoever lives in it can stand in (可达范围). ``training``: what a holder
    must have, empty: nothing. ``role`` and ``withheld``: the powers of whoever acts.
    ``rank``: 1 gravest; somebody acting on a less grave post may be called to it.
    """

    NAME = "posts.post-defined.1"
    ANEW = ("DefinePosts",)
    place: Place
    site: str
    kind: str
    name: str
    chain: tuple[str, ...]
    reach: Place
    training: str
    role: str
    withheld: tuple[str, ...]
    rank: int


class ChainSet(_OfPost, frozen=True, kw_only=True):
    """调整 AB 角名单: A, B1, B2 … from now on; who acts does not change by it."""

    NAME = "posts.chain-set.1"
    ANEW = ("SetChain",)
    chain: tuple[str, ...]


class SubstitutionMade(_OfPost, frozen=True, kw_only=True):
    """AB角转换: ``after`` acts from now on, in place of ``before`` (empty: nobody).

    ``how``: of ``HOWS``. ``cause``: why, of ``CAUSES`` or empty. ``accept_by_us``,
    ``handover_by_us``, ``ratify_by_us``: deadlines, 0: none. ``items``: what the
    handover sheet lists (交接事项). ``tried``: who was passed over.
    ``made_us``: when, microseconds since 1970.
    """

    NAME = "posts.substitution-made.1"
    ANEW = ("Substitute", "TakeBack", "Appoint")
    substitution: str
    before: str
    after: str
    how: str
    cause: str
    accept_by_us: int
    handover_by_us: int
    ratify_by_us: int
    items: tuple[str, ...]
    made_us: int
    tried: tuple[Tried, ...] = ()


class PostVacated(_OfPost, frozen=True, kw_only=True):
    """岗位空缺: nobody in line can act; the parent level sees it in red."""

    NAME = "posts.post-vacated.1"
    ANEW = ("Substitute", "Appoint")
    before: str
    cause: str
    tried: tuple[Tried, ...]


class SubstitutionAccepted(_OfPost, frozen=True, kw_only=True):
    """接岗确认."""

    NAME = "posts.substitution-accepted.1"
    ANEW = ("Substitute",)
    substitution: str


class SubstitutionDeclined(_OfPost, frozen=True, kw_only=True):
    """不能接岗; the next in line is asked, in the same decision."""

    NAME = "posts.substitution-declined.1"
    ANEW = ("Substitute",)
    substitution: str
    person: str


class SubstitutionRatified(_OfPost, frozen=True, kw_only=True):
    """追认: whoever may order it agrees with what was seized in need."""

    NAME = "posts.substitution-ratified.1"
    ANEW = ("Substitute",)
    substitution: str


class HandoverItemTaken(_OfPost, frozen=True, kw_only=True):
    """交接事项确认. ``count``: in custody (清点), -1: none; ``left``: items to go."""

    NAME = "posts.handover-item-taken.1"
    substitution: str
    item: str
    left: int
    count: int = -1
    note: str = ""


class ItemTakenBack(Correcting, frozen=True, kw_only=True):
    """交接更正: an item of the sheet was acknowledged by mistake; ``left``: to go.

    ``due_us``: until when the handover is waited for; ``late``: that it was overdue.
    """

    STREAM = "post/{0.post}"  # the post's stream
    NAME = "posts.item-taken-back.1"
    ANEW = ("TakeItem",)
    post: str
    substitution: str
    item: str
    left: int
    due_us: int
    late: bool


class SafetyConfirmed(_OfPost, frozen=True, kw_only=True):
    """平安报到: whoever acts is well and at the post."""

    NAME = "posts.safety-confirmed.1"
    ANEW = ("ConfirmSafety",)
    person: str
    confirmed_us: int


class HolderSilent(_OfPost, frozen=True, kw_only=True):
    """失联: whoever acts has not confirmed in time (平安报到超时)."""

    NAME = "posts.holder-silent.1"
    person: str
    due_us: int
    noticed_us: int


class WaitOverdue(_OfPost, frozen=True, kw_only=True):
    """接岗、交接或追认超时. ``what``: accept, handover or ratify."""

    NAME = "posts.wait-overdue.1"
    substitution: str
    what: str
    due_us: int
    noticed_us: int
