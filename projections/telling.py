"""Facts about people, posts and packages as sentences (叙述); no name in any of them.

Names are joined by whoever may show them: ``Names.human`` gives what the reader sees.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from coordination.checkin.events import (
    CheckInClosed,
    CheckInOpened,
    HoursRecognised,
    MemberAbsent,
    MemberActive,
    MemberLeft,
    MemberPresent,
    MemberReported,
)
from coordination.grants.events import PersonBound
from coordination.kernel import Event
from coordination.packages.events import (
    PackageAssigned,
    PackageHandedOver,
    PackageKindsSet,
    PackageReleased,
    Party,
)
from coordination.people.events import (
    AccountBound,
    DutyBegun,
    DutyEnded,
    PersonAvailable,
    PersonForgotten,
    PersonMerged,
    PersonRegistered,
    PersonUnavailable,
    ResponsibilityBegun,
    ResponsibilityEnded,
    UnitRegistered,
)
from coordination.posts.events import (
    ChainSet,
    HandoverItemTaken,
    HolderSilent,
    PostDefined,
    PostVacated,
    SafetyConfirmed,
    SubstitutionAccepted,
    SubstitutionDeclined,
    SubstitutionMade,
    SubstitutionRatified,
    WaitOverdue,
)
from coordination.vocabulary import CAUSES, HANDOVER_ITEMS
from projections.names import Both, Names

HOWS: dict[str, Both] = {
    "ordered": ("指令转换", "by order"),
    "automatic": ("自动顶岗", "automatically"),
    "seized": ("紧急自任", "seized in need"),
    "returned": ("A 角归位", "the holder is back"),
    "appointed": ("正式任命", "appointed"),
}
"""How somebody came to act on a post."""
MORE_CAUSES: dict[str, Both] = {
    **CAUSES,
    "called-away": ("上调更急岗位", "Called to a graver post"),
    "declined": ("不能接岗", "Declined"),
    "no-answer": ("超时未接岗", "Did not answer"),
}
"""Why somebody no longer acts."""
WAITS: dict[str, Both] = {
    "accept": ("接岗", "acceptance"),
    "handover": ("交接", "the handover"),
    "ratify": ("追认", "ratification"),
}
_SOURCES: dict[str, Both] = {
    "phone": ("手机", "by phone"),
    "qr": ("扫码", "by QR"),
    "staff": ("工作人员代录", "entered by staff"),
    "paper": ("纸质补录", "from paper"),
}
SAY: dict[type[Event], Callable[[Any, Names], Both]] = {}


def _says(
    *kinds: type[Event],
) -> Callable[[Callable[[Any, Names], Both]], Callable[[Any, Names], Both]]:
    def register(say: Callable[[Any, Names], Both]) -> Callable[[Any, Names], Both]:
        SAY.update(dict.fromkeys(kinds, say))
        return say

    return register


@_says(UnitRegistered)
def _unit(e: UnitRegistered, _n: Names) -> Both:
    return f"登记单位 {e.name}", f"Unit {e.name} registered"


@_says(
    PersonRegistered,
    PersonAvailable,
    PersonForgotten,
    AccountBound,
    PersonBound,
    ResponsibilityBegun,
    ResponsibilityEnded,
    DutyBegun,
    DutyEnded,
)
def _person(e: Any, n: Names) -> Both:
    zh, en = n.human(e.person)
    match e:
        case PersonRegistered(provisional=True):
            return f"临时登记{zh}", f"{en} registered provisionally"
        case PersonRegistered():
            return f"{zh}列入花名册", f"{en} is on the roster"
        case PersonAvailable():
            return f"{zh}恢复可用（不自动归位）", f"{en} is available again"
        case PersonForgotten():
            return f"注销{zh}的个人信息", f"{en} has been forgotten"
        case DutyBegun() | DutyEnded():
            post = n.post(e.post)
            if isinstance(e, DutyBegun):
                return f"{zh}开始履职：{post}", f"{en} begins to act: {post}"
            return f"{zh}结束履职：{post}", f"{en} acts no more: {post}"
        case ResponsibilityBegun() | ResponsibilityEnded():
            what, what_en = _package(e.package, n)
            if isinstance(e, ResponsibilityBegun):
                return f"{zh}开始负责{what}", f"{en} answers for {what_en}"
            return f"{zh}不再负责{what}", f"{en} no longer answers for {what_en}"
    return f"{zh}绑定账号 {e.account}", f"{en} signs in as {e.account}"


@_says(PersonUnavailable)
def _unavailable(e: PersonUnavailable, n: Names) -> Both:
    zh, en = n.human(e.person)
    why, why_en = CAUSES[e.cause]
    return f"{zh}不可用：{why}", f"{en} is not available: {why_en.lower()}"


@_says(PersonMerged)
def _merged(e: PersonMerged, n: Names) -> Both:
    (zh, en), (into, into_en) = n.human(e.person), n.human(e.into)
    return f"{zh}并入{into}", f"{en} is {into_en}"


@_says(HoursRecognised)
def _hours(e: HoursRecognised, n: Names) -> Both:
    zh, en = n.human(e.person)
    return f"认定{zh}时长 {e.minutes} 分钟", f"{e.minutes} minutes recognised for {en}"


@_says(MemberReported, MemberPresent, MemberAbsent, MemberActive, MemberLeft)
def _member(e: Any, n: Names) -> Both:
    zh, en = n.human(e.person)
    where = n.area(e.community)
    by, by_en = _SOURCES.get(e.source, (e.source, e.source))
    match e:
        case MemberReported():
            did, did_en = "报到", "reported"
        case MemberPresent():
            did, did_en = ("部分到位", "is present in part") if e.partial else (
                "到岗", "is present")  # fmt: skip
        case MemberAbsent():
            did, did_en = "缺席", "is absent"
        case MemberActive():
            did, did_en = "参与" + (f"“{e.what}”" if e.what else ""), "took part"
        case _:
            did, did_en = f"离岗，服务 {e.minutes} 分钟", f"left, {e.minutes} minutes"
    return f"{zh}在{where}{did}（{by}）", f"{where}: {en} {did_en}, {by_en}"


@_says(CheckInOpened)
def _opened(e: CheckInOpened, n: Names) -> Both:
    where = n.area(e.area.code)
    return f"{where}平时开启报到", f"{where}: check-in switched on in peacetime"


@_says(CheckInClosed)
def _closed(_e: CheckInClosed, _n: Names) -> Both:
    return "平时报到关闭", "Check-in in peacetime switched off"


@_says(PostDefined)
def _defined(e: PostDefined, n: Names) -> Both:
    post = n.post(e.post)
    return f"设岗：{post}", f"Post defined: {post}"


@_says(ChainSet)
def _chain(e: ChainSet, n: Names) -> Both:
    post = n.post(e.post)
    return f"{post}调整 AB 角名单", f"{post}: another line of backups"


@_says(SubstitutionMade)
def _made(e: SubstitutionMade, n: Names) -> Both:
    post, (how, how_en) = n.post(e.post), HOWS[e.how]
    after, after_en = n.human(e.after)
    if not e.before:
        return f"{post}：{after}到岗（{how}）", f"{post}: {after_en} acts ({how_en})"
    before, before_en = n.human(e.before)
    zh = f"{post}：{before}→{after}（{how}{_because(e.cause)}）"
    return zh, f"{post}: {before_en} → {after_en} ({how_en}{_because(e.cause, 1)})"


def _because(cause: str, lang: int = 0) -> str:
    """Return why, in zh (0) or en (1), with what parts it from what stands before."""
    if not cause:
        return ""
    said = MORE_CAUSES[cause][lang]
    return f"，{said}" if lang == 0 else f", {said.lower()}"


@_says(PostVacated)
def _vacated(e: PostVacated, n: Names) -> Both:
    post = n.post(e.post)
    count = len(e.tried)
    return (
        f"岗位空缺：{post}{_because(e.cause)}，AB 角 {count} 人均不能履职",
        f"Vacant: {post}{_because(e.cause, 1)}; none of {count} in line can act",
    )


@_says(SubstitutionAccepted, SubstitutionDeclined, SubstitutionRatified)
def _answered(e: Any, n: Names) -> Both:
    post = n.post(e.post)
    match e:
        case SubstitutionAccepted():
            return f"{post}：已接岗", f"{post}: accepted"
        case SubstitutionDeclined():
            zh, en = n.human(e.person)
            return f"{post}：{zh}不能接岗", f"{post}: {en} declined"
    return f"{post}：紧急自任已追认", f"{post}: what was seized is ratified"


@_says(HandoverItemTaken)
def _item(e: HandoverItemTaken, n: Names) -> Both:
    post, (zh, en) = n.post(e.post), HANDOVER_ITEMS[e.item]
    count = f" {e.count}" if e.count >= 0 else ""
    return f"{post}：交接“{zh}”{count}", f"{post}: {en.lower()} taken over{count}"


@_says(SafetyConfirmed)
def _safe(e: SafetyConfirmed, n: Names) -> Both:
    post = n.post(e.post)
    return f"{post}：平安报到", f"{post}: all is well"


@_says(HolderSilent)
def _silent(e: HolderSilent, n: Names) -> Both:
    post, (zh, en) = n.post(e.post), n.human(e.person)
    return f"{post}：{zh}平安报到超时", f"{post}: {en} is silent"


@_says(WaitOverdue)
def _overdue(e: WaitOverdue, n: Names) -> Both:
    post, (zh, en) = n.post(e.post), WAITS[e.what]
    return f"{post}：{zh}超时", f"{post}: {en} is overdue"


def _package(package: str, n: Names) -> Both:
    kind, _, target = package.partition("/")
    zh, en = n.package_kind(kind)
    where = n.target(target)
    return f"“{zh}”{where}", f"“{en}” {where}"


def party_name(party: Party, n: Names) -> Both:
    """Return how a responsible party is called."""
    match party.kind:
        case "person":
            return n.human(party.id)
        case "post":
            return n.post(party.id), n.post(party.id)
    mark, _, code = party.id.partition(":")
    if mark == "community":
        return f"{n.area(code)}党组织", f"{n.area(code)} organisation"
    return n.unit(party.id), n.unit(party.id)


@_says(PackageKindsSet)
def _kinds(e: PackageKindsSet, _n: Names) -> Both:
    count = len(e.kinds)
    return f"设定包保类型 {count} 种", f"{count} kinds of packages configured"


@_says(PackageAssigned)
def _assigned(e: PackageAssigned, n: Names) -> Both:
    (zh, en), (who, who_en) = _package(e.package, n), party_name(e.party, n)
    return f"{zh}由{who}负责", f"{en}: {who_en}"


@_says(PackageHandedOver)
def _handed(e: PackageHandedOver, n: Names) -> Both:
    zh, en = _package(e.package, n)
    before, before_en = party_name(e.before, n)
    after, after_en = party_name(e.party, n)
    stands, stands_en = ("兜底", ", standing in") if e.standing else ("", "")
    return (
        f"{zh}移交：{before}→{after}{stands}{_because(e.cause)}",
        f"{en}: {before_en} → {after_en}{stands_en}{_because(e.cause, 1)}",
    )


@_says(PackageReleased)
def _released(e: PackageReleased, n: Names) -> Both:
    zh, en = _package(e.package, n)
    return f"{zh}解除", f"{en}: released"
