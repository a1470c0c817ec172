"""Facts about people as sentences (叙述); no name stands in any of them.

Names are joined by whoever may show them: ``Names.human`` gives what the reader sees.
"""

from __future__ import annotations

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
from coordination.vocabulary import CAUSES
from projections.dispatch import On
from projections.names import Both, Names, Sayings
from projections.telling import package_name

_SOURCES: dict[str, Both] = {
    "phone": ("手机", "by phone"),
    "qr": ("扫码", "by QR"),
    "staff": ("工作人员代录", "entered by staff"),
    "paper": ("纸质补录", "from paper"),
}
PEOPLE: Sayings = {}
says = On(PEOPLE)


@says(UnitRegistered)
def _unit(_n: Names, e: UnitRegistered) -> Both:
    return f"登记单位 {e.name}", f"Unit {e.name} registered"


@says(PersonRegistered)
def _registered(n: Names, e: PersonRegistered) -> Both:
    zh, en = n.human(e.person)
    if e.provisional:
        return f"临时登记{zh}", f"{en} registered provisionally"
    return f"{zh}列入花名册", f"{en} is on the roster"


@says(PersonAvailable)
def _available(n: Names, e: PersonAvailable) -> Both:
    zh, en = n.human(e.person)
    return f"{zh}恢复可用（不自动归位）", f"{en} is available again"


@says(PersonForgotten)
def _forgotten(n: Names, e: PersonForgotten) -> Both:
    zh, en = n.human(e.person)
    return f"注销{zh}的个人信息", f"{en} has been forgotten"


@says(AccountBound | PersonBound)
def _bound(n: Names, e: AccountBound | PersonBound) -> Both:
    zh, en = n.human(e.person)
    return f"{zh}绑定账号 {e.account}", f"{en} signs in as {e.account}"


@says(DutyBegun | DutyEnded)
def _duty(n: Names, e: DutyBegun | DutyEnded) -> Both:
    (zh, en), post = n.human(e.person), n.post(e.post)
    if isinstance(e, DutyBegun):
        return f"{zh}开始履职：{post}", f"{en} begins to act: {post}"
    return f"{zh}结束履职：{post}", f"{en} acts no more: {post}"


@says(ResponsibilityBegun | ResponsibilityEnded)
def _answers(n: Names, e: ResponsibilityBegun | ResponsibilityEnded) -> Both:
    (zh, en), (what, what_en) = n.human(e.person), package_name(e.package, n)
    if isinstance(e, ResponsibilityBegun):
        return f"{zh}开始负责{what}", f"{en} answers for {what_en}"
    return f"{zh}不再负责{what}", f"{en} no longer answers for {what_en}"


@says(PersonUnavailable)
def _unavailable(n: Names, e: PersonUnavailable) -> Both:
    zh, en = n.human(e.person)
    why, why_en = CAUSES[e.cause]
    return f"{zh}不可用：{why}", f"{en} is not available: {why_en.lower()}"


@says(PersonMerged)
def _merged(n: Names, e: PersonMerged) -> Both:
    (zh, en), (into, into_en) = n.human(e.person), n.human(e.into)
    return f"{zh}并入{into}", f"{en} is {into_en}"


@says(HoursRecognised)
def _hours(n: Names, e: HoursRecognised) -> Both:
    zh, en = n.human(e.person)
    return f"认定{zh}时长 {e.minutes} 分钟", f"{e.minutes} minutes recognised for {en}"


Member = MemberReported | MemberPresent | MemberAbsent | MemberActive | MemberLeft


@says(Member)
def _member(n: Names, e: Member) -> Both:
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
        case MemberLeft():
            did, did_en = f"离岗，服务 {e.minutes} 分钟", f"left, {e.minutes} minutes"
    return f"{zh}在{where}{did}（{by}）", f"{where}: {en} {did_en}, {by_en}"


@says(CheckInOpened)
def _opened(n: Names, e: CheckInOpened) -> Both:
    where = n.area(e.area.code)
    return f"{where}平时开启报到", f"{where}: check-in switched on in peacetime"


@says(CheckInClosed)
def _closed(_n: Names, _e: CheckInClosed) -> Both:
    return "平时报到关闭", "Check-in in peacetime switched off"
