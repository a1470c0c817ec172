"""What can be corrected, how, and by whom (更正一览): one way for all of it.

``CorrectFact`` names a position of the log. The rule that answers it is that of the
fact found there; it stands with its capability. Both facts stay.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Annotated, Any

from msgspec import Meta

from coordination.checkin.mistaken import MEMBER, take_back_check_in
from coordination.corrects import (
    Instead,
    NothingInstead,
    Rule,
    UnknownFact,
    check_uncorrected,
)
from coordination.fields import DAY, LAST_DAY, SEQ_MAX, named
from coordination.filled import filled
from coordination.grants.state import who_asks
from coordination.kernel import Command, Event, Read, Told
from coordination.mode.events import StepAcknowledged, StepCompleted
from coordination.mode.steps import take_back_step
from coordination.orders.answers import take_back_answer
from coordination.orders.events import (
    OrderAcknowledged,
    OrderAnsweredFor,
    OrderCarriedOut,
)
from coordination.people.events import AccountBound, PersonMerged
from coordination.people.mistaken import take_back_binding, take_back_merge
from coordination.people.state import home_of
from coordination.posts.events import HandoverItemTaken
from coordination.posts.handover import take_back_item
from coordination.posts.state import post_path
from coordination.refusals import Invalid, Refusal
from coordination.requests.events import DeliveryConfirmed, RequestDelivered
from coordination.requests.mistaken import take_back_delivery
from coordination.requests.state import request_path
from coordination.stock.events import DonorCorrected, GoodsReceived
from coordination.stock.ledger import DONATION
from coordination.stock.lines import BATCH_CHARS, PARTY_CHARS
from coordination.stock.mistaken import LOT, correct_donor, correct_lot, receipt_path
from coordination.tree import community_of, site_path
from coordination.uncorrected import FOLLOWS, otherwise


@dataclass(frozen=True, slots=True)
class Correction:
    """How facts of one kind are corrected (更正办法).

    ``action``: what whoever corrects it must be allowed, ``own``: if it is of
    themselves; ``path``: where. ``fields``: what may be stated instead; none: it is
    taken back. ``zh``, ``en``: what becomes of what it said.
    """

    rule: Rule
    action: str
    path: Callable[[Read, Any], str]
    zh: str
    en: str
    fields: tuple[str, ...] = ()
    own: str = ""
    applies: Callable[[Any], bool] = lambda _fact: True
    """Whether there is anything of a fact to correct."""


def _site(_read: Read, fact: Any) -> str:
    return site_path(fact.site)


def _area(_read: Read, fact: Any) -> str:
    path: str = fact.area.path
    return path


def _community(_read: Read, fact: Any) -> str:
    return community_of(fact.community)


def _home(read: Read, fact: Any) -> str:
    return home_of(read, fact.person)


def _post(_read: Read, fact: Any) -> str:
    return post_path(fact.post)


def _request(_read: Read, fact: Any) -> str:
    return request_path(fact.request)


_STEP = (
    "步骤恢复为未完成，阵地状态随之恢复",
    "the step is open again, the site with it",
)
_CHECKED_IN = (
    "该人员恢复为此前的报到状态，时长不计",
    "they are as before; no time counts",
)
_ITEM = "该交接事项恢复为未确认", "the item is open on the sheet again"
_BROUGHT = "该单恢复为未送达或未签收", "the slip is not brought, or not confirmed"
_SEEN = "步骤恢复为未签收", "the step is as if nobody had seen it"
_ANSWER = "该接收人恢复为此前的答复", "the recipient has said what they said before"
_LOT = "批号、生产日期、有效期按更正后的", "batch and dates are as corrected"
_DONOR = "捐赠人按更正后的", "the gift is whose it was"

CORRECTIONS: dict[type[Event], Correction] = {
    StepAcknowledged: Correction(take_back_step, "step.acknowledge", _site, *_SEEN),
    StepCompleted: Correction(take_back_step, "step.complete", _site, *_STEP),
    OrderAcknowledged: Correction(take_back_answer, "order.answer", _area, *_ANSWER),
    OrderCarriedOut: Correction(take_back_answer, "order.answer", _area, *_ANSWER),
    OrderAnsweredFor: Correction(take_back_answer, "order.answer", _area, *_ANSWER),
    PersonMerged: Correction(
        take_back_merge,
        "people.merge",
        _home,
        "两人恢复为各自的人，时长各归各",
        "both are themselves again, each with their own hours",
    ),
    AccountBound: Correction(
        take_back_binding,
        "people.bind",
        _home,
        "账号不再是此人，可绑定给本人",
        "the account is nobody's, to be bound to whom it belongs to",
    ),
    **{
        kind: Correction(
            take_back_check_in,
            "checkin.record",
            _community,
            *_CHECKED_IN,
            own="checkin.own",
        )
        for kind in MEMBER
    },
    HandoverItemTaken: Correction(take_back_item, "post.own", _post, *_ITEM),
    RequestDelivered: Correction(
        take_back_delivery, "request.deliver", _request, *_BROUGHT
    ),
    DeliveryConfirmed: Correction(
        take_back_delivery, "request.make", _request, *_BROUGHT
    ),
    **{
        kind: Correction(
            correct_lot,
            "stock.settle",
            receipt_path,
            *_LOT,
            ("batch", "made_us", "expires_us"),
        )
        for kind in LOT
    },
    GoodsReceived: Correction(
        correct_donor,
        "stock.settle",
        receipt_path,
        *_DONOR,
        ("donor",),
        applies=lambda fact: fact.source.kind == DONATION,
    ),
    DonorCorrected: Correction(
        correct_donor, "stock.settle", receipt_path, *_DONOR, ("donor",)
    ),
}
"""Kind of fact -> how it is corrected. Of all others ``OTHERWISE`` says why not so."""


def corrected_how(kind: type[Event]) -> tuple[str, str]:
    """Return what becomes of a fact of a kind if it was wrong, in both languages."""
    how = CORRECTIONS.get(kind)
    return (how.zh, how.en) if how else otherwise(kind)


class CorrectFact(Command, frozen=True, kw_only=True):
    """更正: correct a fact that was wrong; both stay to be read.

    It is taken back, or, where something else is stated, corrected to that.
    """

    STREAM = "correction/{0.fact}"  # those of one fact wait for one another
    ACTION = "fact.correct"  # and what it took to state the fact
    INSTEAD = tuple({a for h in CORRECTIONS.values() for a in (h.action, h.own) if a})
    NEEDS = ("reason", "seen")
    GRAVE = True
    fact: Annotated[
        int,
        Meta(ge=1, le=SEQ_MAX),
        named("更正第几条", "Position", "of the fact that was wrong, in the log"),
    ]
    batch: Annotated[
        str, named("批号", "Maker's batch", "what is right", max_length=BATCH_CHARS)
    ] = ""
    made_us: Annotated[
        int, named("生产日期", "Made on", "what is right", as_="made", wire=DAY)
    ] = 0
    expires_us: Annotated[
        int,
        named("有效期至", "Good until", "what is right", as_="expires", wire=LAST_DAY),
    ] = 0
    donor: Annotated[
        str, named("捐赠单位", "Donor", "an organisation", max_length=PARTY_CHARS)
    ] = ""

    def action(self, read: Read, /) -> str:
        """What whoever corrects it must be allowed: as of what it corrects."""
        wrong = read.fact(self.fact)
        how = CORRECTIONS.get(type(wrong.event)) if wrong else None
        if wrong is None or how is None:
            return self.ACTION
        own = how.own and getattr(wrong.event, "person", "") == who_asks(read)
        return how.own if own else how.action

    def places(self, read: Read, /) -> tuple[str, ...]:
        """Where the wrong fact belongs; nowhere, if it cannot be corrected anyway."""
        wrong = read.fact(self.fact)
        how = CORRECTIONS.get(type(wrong.event)) if wrong else None
        return () if wrong is None or how is None else (how.path(read, wrong.event),)


NotCorrected = Refusal.of(
    "corrections.not-corrected",
    "这类事实不能直接更正：{zh}",
    "such a fact is not corrected like this: {en}",
    "请按所述办法办理",
    "proceed as it says",
    field="fact",
)
Follows = NotCorrected.of(
    "corrections.follows",
    "它随同一决定的第 {seq} 条而来，不单独更正",
    "it follows from fact {seq}, of the same decision, and is not corrected by itself",
    "请按第 {seq} 条所写办理",
    "open {seq}: it says what to do",
)
OfAnother = Invalid.of(
    "corrections.of-another",
    "这一条没有所填的内容可更正",
    "what is stated is nothing of this fact",
    "请只填写与它有关的一项",
    "state only what belongs to it",
)


def how_corrected(read: Read, seq: int) -> tuple[Told, Correction]:
    """Return a fact and how it is corrected.

    :raises UnknownFact: if there is none
    :raises NotCorrected: if such facts are not corrected like this
    """
    wrong = UnknownFact.unless(read.fact(seq), seq=seq)
    how = CORRECTIONS.get(type(wrong.event))
    if how is None:
        zh, en = otherwise(type(wrong.event))
        if (zh, en) == FOLLOWS and (of := _led_by(read, wrong)):
            raise Follows(seq=of)
        raise NotCorrected(zh=zh, en=en)
    return wrong, how


def _led_by(read: Read, fact: Told) -> int | None:
    """Return the nearest fact of the same decision from which this one follows."""
    for way in (-1, 1):
        for seq in count(fact.seq + way, way):
            other = read.fact(seq)
            if other is None or other.command != fact.command:
                break
            kind = type(other.event)
            if kind in CORRECTIONS or otherwise(kind) != FOLLOWS:
                return seq
    return None


def correct_fact(read: Read, command: CorrectFact, now: int) -> Sequence[Event]:
    """Correct a fact by the rule of its kind.

    :raises UnknownFact: if there is none
    :raises NotCorrected: if such facts are not corrected like this
    :raises AlreadyCorrected: if somebody has done so
    :raises OfAnother: if what is stated is nothing of such a fact
    :raises NothingInstead: if nothing is stated where something must be
    :raises Refusal: as the rule of its kind says
    """
    wrong, how = how_corrected(read, command.fact)
    check_uncorrected(read, wrong)
    instead = filled(Instead, command)
    if not instead.said() <= set(how.fields):
        raise OfAnother
    if how.fields and not instead.said():
        raise NothingInstead
    return how.rule(read, wrong, instead, now)
