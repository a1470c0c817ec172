"""What an alarm says (告警的说法): a sentence of each kind, in both languages."""

from __future__ import annotations

from collections.abc import Callable

from api.pages.conflicts import free_said
from coordination.permit import ROLES
from coordination.vocabulary import ALARM_KINDS
from projections.alarms import OVER, Alarm
from projections.names import Names

NOTED_SAID = 3
POSTS = ("vacancy", "silent", "seized", "handover", "ratify")
LOTS = ("expiring", "expired")
SLIPS = ("transfer", "discrepancy")
"""Kinds of alarm about a post, a lot, a slip: that is their subject."""


def _deadline(alarm: Alarm, names: Names, late: int | None) -> tuple[str, str]:
    zh, en = names.step(alarm.emergency, alarm.subject)
    return f"{late} 处阵地“{zh}”逾期", f"{late} sites late with “{en}”"


def _expectation(alarm: Alarm, names: Names, _late: int | None) -> tuple[str, str]:
    matter, matter_en = names.matter(alarm.emergency)
    return (
        f"预计期限届满，须决定延长、降级或解除：{matter}",
        f"Expected duration over: extend, lower or end — {matter_en}",
    )


def _glass(alarm: Alarm, names: Names, _late: int | None) -> tuple[str, str]:
    who = names.person(alarm.subject)
    return f"{who} 启用紧急单人处置，须复核", f"Break-glass by {who}: review it"


def _order(alarm: Alarm, names: Names, late: int | None) -> tuple[str, str]:
    issued = names.issued(alarm.subject)
    title = issued.title if issued else alarm.subject
    acks, count = alarm.alarm.endswith(":ack"), late or 0
    if acks:
        return f"指令“{title}”{count} 处未签收", f"“{title}”: {count} not acknowledged"
    return f"指令“{title}”{count} 处未办结", f"“{title}”: {count} not carried out"


def _reset(alarm: Alarm, names: Names, _late: int | None) -> tuple[str, str]:
    who, chosen = names.person(alarm.subject), alarm.state == OVER
    own, own_en = ("已", "has") if chosen else ("尚未", "has not")
    zh = f"{who}的密码被他人重设，本人{own}更换，24 小时内不得签批Ⅰ、Ⅱ级"
    en = f"Somebody reset {who}'s password, who {own_en} chosen another: no signing"
    return zh, f"{en} of levels Ⅰ and Ⅱ for 24 hours"


def _absence(alarm: Alarm, names: Names, _late: int | None) -> tuple[str, str]:
    zh, en = ROLES.get(alarm.subject, (alarm.subject, alarm.subject))
    where = names.area(alarm.path.ljust(12, "0"))
    return f"{where}{zh}缺位", f"{en} of {where} is absent"


def _back(alarm: Alarm, names: Names, _late: int | None) -> tuple[str, str]:
    zh, en = names.human(alarm.subject)
    return (
        f"{zh}预计恢复的时间已过，请确认是否已恢复",
        f"{en} was expected back: are they?",
    )


def _post(alarm: Alarm, names: Names, _late: int | None) -> tuple[str, str]:
    zh, en = ALARM_KINDS[alarm.kind]
    post = names.post(alarm.subject)
    return f"{post}：{zh}", f"{post}: {en.lower()}"


def _standing(alarm: Alarm, names: Names, _late: int | None) -> tuple[str, str]:
    kind, _, target = alarm.subject.partition("/")
    zh, en = names.package_kind(kind)
    where = names.target(target)
    return (
        f"{where}“{zh}”由居村兜底，须重新落实",
        f"{where}, “{en}”: the community stands in until somebody is named",
    )


def _shortage(alarm: Alarm, names: Names, _late: int | None) -> tuple[str, str]:
    where, row = names.station(alarm.subject), names.keeping(alarm.subject)
    items = row.noted.split(",") if row and row.noted else []
    if not items:
        return f"{where}曾低于下限，已补足", f"{where} was below the minimum, no longer"
    named = [names.item(item) for item in items[:NOTED_SAID]]
    zh, en = "、".join(z for z, _ in named), ", ".join(e for _, e in named)
    return (
        f"{where}低于下限 {len(items)} 种：{zh}",
        f"{where}: {len(items)} below the minimum: {en}",
    )


def _lot(alarm: Alarm, names: Names, _late: int | None) -> tuple[str, str]:
    station, item, lot = alarm.subject.split("/")
    where, (zh, en) = names.station(station), names.item(item)
    what, what_en = ("过期", "expired") if alarm.kind == "expired" else (
        "临期", "expires soon")  # fmt: skip
    return f"{where}：{zh}批次 {lot} {what}", f"{where}: {en} lot {lot} {what_en}"


def _shipment(alarm: Alarm, names: Names, _late: int | None) -> tuple[str, str]:
    row, (zh, en) = names.slip(alarm.subject), ALARM_KINDS[alarm.kind]
    if row is None:
        return zh, en
    way = f"{names.station(row.station)}→{names.station(row.to_station)}"
    count = f" {row.left}" if alarm.kind == "discrepancy" else ""
    return f"{way}：{zh}{count}", f"{way}: {en.lower()}{count}"


_ALWAYS = {
    "review": ("紧急单人处置逾期未复核", "A break-glass has not been reviewed in time"),
    "proposal": ("提议过期，无人批准", "A proposal expired; nobody approved it"),
}
_SAID: dict[str, Callable[[Alarm, Names, int | None], tuple[str, str]]] = {
    "deadline": _deadline,
    "expectation": _expectation,
    "freed": free_said,
    "glass": _glass,
    "order": _order,
    "absence": _absence,
    "reset": _reset,
    "back": _back,
    **dict.fromkeys(POSTS, _post),
    "standing": _standing,
    "shortage": _shortage,
    **dict.fromkeys(LOTS, _lot),
    **dict.fromkeys(SLIPS, _shipment),
}

_OTHERS = ("back", "deadline", "shortage", "standing")
ALIKE = frozenset((*POSTS, *LOTS, *SLIPS, *_OTHERS))
"""Kinds that come in runs: about so many posts, lots, slips, steps at once."""


def said(alarm: Alarm, names: Names, number: int | None) -> tuple[str, str]:
    """Return the sentence of an alarm; ``number``: of what is late or waits."""
    return _ALWAYS.get(alarm.kind) or _SAID[alarm.kind](alarm, names, number)
