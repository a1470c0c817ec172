"""Facts about people as sentences (叙述); no name stands in any of them.

Names are joined by whoever may show them: ``Names.human`` gives what the reader sees.
"""

from __future__ import annotations

from coordination.checkin import events as checkin
from coordination.grants import events as grants
from coordination.moments import at_minute
from coordination.people import events as people
from coordination.vocabulary import CAUSES, CHECK_IN_SOURCES
from projections.dispatch import On
from projections.names import Both, Names, Sayings
from projections.telling import package_name
from projections.wording import worded

PEOPLE: Sayings = {}
says = On(PEOPLE)


@says(people.PersonRegistered)
def _registered(n: Names, e: people.PersonRegistered) -> Both:
    zh, en = n.human(e.person)
    if e.provisional:
        return f"临时登记{zh}", f"{en} registered provisionally"
    return f"{zh}列入花名册", f"{en} is on the roster"


@says(checkin.Member)
def _member(n: Names, e: checkin.Member) -> Both:
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
            did, did_en = _left(e)
    return f"{zh}在{where}{did}（{by}）", f"{where}: {en} {did_en}, {by_en}"


def _left(e: checkin.MemberLeft) -> Both:
    """Return that somebody has left, and whether anybody vouches for the time."""
    zh, en = ("申报", "claims") if e.own_word else ("服务", "served")
    later, later_en = "", ""
    if e.left_us:
        later, later_en = "（报到结束后不计）", ", until checking in was over"
    return (
        f"离岗，{zh} {e.minutes} 分钟{later}",
        f"left, {en} {e.minutes} minutes{later_en}",
    )


def _span(e: checkin.ServiceRecorded | checkin.HoursCertified) -> str:
    """Return from when until when, as people here read it."""
    return f"{at_minute(e.from_us)} – {at_minute(e.to_us)}"


@says(checkin.ServiceRecorded)
def _recorded(n: Names, e: checkin.ServiceRecorded) -> Both:
    (zh, en), where, what = n.human(e.person), n.area(e.community), e.what
    said, said_en = ("本人申报", "claims") if e.claimed else ("登记", "served")
    return (
        f"{where}{said}{zh}服务 {_span(e)}：{what}",
        f"{where}: {en} {said_en}, {_span(e)}: {what}",
    )


_BOUND = "{person}绑定账号 {account}", "{person} signs in as {account}"
worded(
    PEOPLE,
    {
        people.UnitRegistered: ("登记单位 {name}", "Unit {name} registered"),
        people.PersonAvailable: (
            "{person}恢复可用（不自动归位）",
            "{person} is available again",
        ),
        people.PersonForgotten: (
            "注销{person}的个人信息",
            "{person} has been forgotten",
        ),
        people.AccountBound: _BOUND,
        grants.PersonBound: _BOUND,
        people.DutyBegun: (
            "{person}开始履职：{post}",
            "{person} begins to act: {post}",
        ),
        people.DutyEnded: ("{person}结束履职：{post}", "{person} acts no more: {post}"),
        people.ResponsibilityBegun: (
            "{person}开始负责{package}",
            "{person} answers for {package}",
        ),
        people.ResponsibilityEnded: (
            "{person}不再负责{package}",
            "{person} no longer answers for {package}",
        ),
        people.PersonUnavailable: (
            "{person}不可用：{cause}",
            "{person} is not available: {cause}",
        ),
        people.AbsencePassed: (
            "{person}预计恢复的时间已过，待确认是否恢复",
            "{person} was expected back by now",
        ),
        people.PersonMerged: ("{person}并入{into}", "{person} is {into}"),
        checkin.HoursRecognised: (
            "认定{person}时长 {minutes} 分钟",
            "{minutes} minutes recognised for {person}",
        ),
        checkin.HoursCertified: (
            "{community}{again}认定{person}第 {number} 段服务：{span}",
            "{community}{again} service {number} of {person} certified, {span}",
        ),
        checkin.HoursRefused: (
            "{community}{again}不予认定{person}第 {number} 段服务",
            "{community}{again} service {number} of {person} is not certified",
        ),
        checkin.ServiceRecognised: (
            "{community}互认{person}第 {number} 段服务（外社区认定）",
            "{community}: service {number} of {person}, certified elsewhere, counts",
        ),
        checkin.CheckInOpened: (
            "{area}平时开启报到",
            "{area}: check-in switched on in peacetime",
        ),
        checkin.CheckInClosed: ("平时报到关闭", "Check-in in peacetime switched off"),
    },
    package=lambda n, e: package_name(e.package, n),
    cause=lambda _n, e: (CAUSES[e.cause][0], CAUSES[e.cause][1].lower()),
    into=lambda n, e: n.human(e.into),
    span=lambda _n, e: _span(e),
    again=lambda _n, e: ("更正：", ", corrected:") if e.replaces else ("", ":"),
    area=lambda n, e: n.area(e.area.code),
)
