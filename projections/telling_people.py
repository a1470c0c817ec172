"""Facts about people as sentences (叙述); no name stands in any of them.

Names are joined by whoever may show them: ``Names.human`` gives what the reader sees.
"""

from __future__ import annotations

from coordination.checkin import events as checkin
from coordination.grants import events as grants
from coordination.people import events as people
from coordination.vocabulary import CAUSES, CHECK_IN_SOURCES
from projections.dispatch import On
from projections.names import Both, Names, Sayings
from projections.telling import package_name

PEOPLE: Sayings = {}
says = On(PEOPLE)


@says(people.UnitRegistered)
def _unit(_n: Names, e: people.UnitRegistered) -> Both:
    return f"登记单位 {e.name}", f"Unit {e.name} registered"


@says(people.PersonRegistered)
def _registered(n: Names, e: people.PersonRegistered) -> Both:
    zh, en = n.human(e.person)
    if e.provisional:
        return f"临时登记{zh}", f"{en} registered provisionally"
    return f"{zh}列入花名册", f"{en} is on the roster"


@says(people.PersonAvailable)
def _available(n: Names, e: people.PersonAvailable) -> Both:
    zh, en = n.human(e.person)
    return f"{zh}恢复可用（不自动归位）", f"{en} is available again"


@says(people.PersonForgotten)
def _forgotten(n: Names, e: people.PersonForgotten) -> Both:
    zh, en = n.human(e.person)
    return f"注销{zh}的个人信息", f"{en} has been forgotten"


@says(people.AccountBound | grants.PersonBound)
def _bound(n: Names, e: people.AccountBound | grants.PersonBound) -> Both:
    zh, en = n.human(e.person)
    return f"{zh}绑定账号 {e.account}", f"{en} signs in as {e.account}"


@says(people.DutyBegun | people.DutyEnded)
def _duty(n: Names, e: people.DutyBegun | people.DutyEnded) -> Both:
    (zh, en), post = n.human(e.person), n.post(e.post)
    if isinstance(e, people.DutyBegun):
        return f"{zh}开始履职：{post}", f"{en} begins to act: {post}"
    return f"{zh}结束履职：{post}", f"{en} acts no more: {post}"


@says(people.ResponsibilityBegun | people.ResponsibilityEnded)
def _answers(
    n: Names, e: people.ResponsibilityBegun | people.ResponsibilityEnded
) -> Both:
    (zh, en), (what, what_en) = n.human(e.person), package_name(e.package, n)
    if isinstance(e, people.ResponsibilityBegun):
        return f"{zh}开始负责{what}", f"{en} answers for {what_en}"
    return f"{zh}不再负责{what}", f"{en} no longer answers for {what_en}"


@says(people.PersonUnavailable)
def _unavailable(n: Names, e: people.PersonUnavailable) -> Both:
    zh, en = n.human(e.person)
    why, why_en = CAUSES[e.cause]
    return f"{zh}不可用：{why}", f"{en} is not available: {why_en.lower()}"


@says(people.PersonMerged)
def _merged(n: Names, e: people.PersonMerged) -> Both:
    (zh, en), (into, into_en) = n.human(e.person), n.human(e.into)
    return f"{zh}并入{into}", f"{en} is {into_en}"


@says(checkin.HoursRecognised)
def _hours(n: Names, e: checkin.HoursRecognised) -> Both:
    zh, en = n.human(e.person)
    return f"认定{zh}时长 {e.minutes} 分钟", f"{e.minutes} minutes recognised for {en}"


Member = (
    checkin.MemberReported
    | checkin.MemberPresent
    | checkin.MemberAbsent
    | checkin.MemberActive
    | checkin.MemberLeft
)


@says(Member)
def _member(n: Names, e: Member) -> Both:
    zh, en = n.human(e.person)
    where = n.area(e.community)
    by, by_en = CHECK_IN_SOURCES.get(e.source, (e.source, e.source))
    by_en = by_en[:1].lower() + by_en[1:]
    match e:
        case checkin.MemberReported():
            did, did_en = "报到", "reported"
        case checkin.MemberPresent():
            did, did_en = ("部分到位", "is present in part") if e.partial else (
                "到岗", "is present")  # fmt: skip
        case checkin.MemberAbsent():
            did, did_en = "缺席", "is absent"
        case checkin.MemberActive():
            did, did_en = "参与" + (f"“{e.what}”" if e.what else ""), "took part"
        case checkin.MemberLeft():
            did, did_en = f"离岗，服务 {e.minutes} 分钟", f"left, {e.minutes} minutes"
    return f"{zh}在{where}{did}（{by}）", f"{where}: {en} {did_en}, {by_en}"


@says(checkin.CheckInOpened)
def _opened(n: Names, e: checkin.CheckInOpened) -> Both:
    where = n.area(e.area.code)
    return f"{where}平时开启报到", f"{where}: check-in switched on in peacetime"


@says(checkin.CheckInClosed)
def _closed(_n: Names, _e: checkin.CheckInClosed) -> Both:
    return "平时报到关闭", "Check-in in peacetime switched off"
