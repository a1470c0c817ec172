"""Alarms (告警) as people read them: what, where, since when, who sees to it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import sqlalchemy as sa

from api.exchange.tables import BOTH, SORT, Column, Row, worded
from api.http.lists import Listing
from api.http.plain import moment
from api.http.reading import Look, Reads
from api.pages.facts import NameOf
from api.pages.orders import counted
from coordination.fields import Code
from coordination.permit import ROLES
from coordination.states import ALARM_STATES, GRAVITIES
from coordination.vocabulary import ALARM_KINDS
from projections.alarms import ALARM, OVER, Alarm
from projections.directives import ISSUED, recipients
from projections.names import Names
from projections.progress import PROGRESS, Progress, counts, duty_of

LISTING = Listing(
    columns=(
        Column("id", "编号", "Id"),
        Column("kind", "类别", "Kind", words=ALARM_KINDS, can=BOTH),
        Column("gravity", "严重程度", "Gravity", words=GRAVITIES, can=BOTH),
        Column("zh", "内容", "Alarm"),
        Column("late", "逾期数", "Late", "int", can=SORT),
        Column("state", "状态", "State", words=ALARM_STATES, can=BOTH),
        Column("raised_at", "发生时间", "Raised", "time", can=SORT),
        Column("due_at", "时限", "Due", "time", can=SORT),
        Column("acknowledged_by_name", "确认人", "Seen by"),
        Column("acknowledged_at", "确认时间", "Seen", "time", can=SORT),
        Column("seq", "日志位置", "Seq", "int", can=SORT),
    ),
    also_filterable=("emergency",),
    sort="-raised_at",
)


def alarm_rows(
    c: sa.Connection,
    path: str,
    name_of: NameOf,
    at: int | None = None,
    duties: Iterable[Progress] | None = None,
) -> list[Row]:
    """Return the alarms that touch an area, newest first.

    A deadline nobody missed raises none: who is late now is counted on the board.
    ``duties``: those of the area, if they are at hand.
    """
    names = Names(c, at, name_of)
    if duties is None:
        duties = PROGRESS.select(c, at=at, path=path or None)
    late = _late_sites(duties, names)
    found = []
    for alarm in ALARM.select(c, at=at):
        if not any(_touch(p, path) for p in alarm.paths.split(",")):
            continue
        count = _late(c, alarm, late, names)
        if count == 0:
            continue
        found.append(_row(alarm, count, names, name_of))
    found.sort(key=lambda row: -row["seq"])
    return list(worded(found, LISTING.columns))


def _touch(one: str, other: str) -> bool:
    return one.startswith(other) or other.startswith(one)


def _late_sites(duties: Iterable[Progress], names: Names) -> dict[str, int]:
    """Return how many sites are late with each deadline now, by alarm."""
    found: dict[str, int] = {}
    for row in duties:
        duty = duty_of(row) if row.late and counts(row) else None
        order = names.order(row.emergency) if row.emergency else None
        playbook = names.playbook(order.playbook_digest) if order else None
        if duty is None or playbook is None:
            continue
        for step in names.steps(duty, playbook):
            if step.id in row.late_steps.split(","):
                due_us = duty.due_us(step)
                key = f"deadline:{row.emergency}:{row.phase}:{step.id}:{due_us}"
                found[key] = found.get(key, 0) + 1
    return found


def _late(
    c: sa.Connection,
    alarm: Alarm,
    late: dict[str, int],
    names: Names,
) -> int | None:
    """Return how many are late, None where nothing is to be counted."""
    if alarm.kind == "deadline":
        return late.get(alarm.alarm, 0)
    if alarm.kind == "order" and alarm.state != OVER:
        issued = ISSUED.get(c, alarm.subject, at=names.at)
        if issued is None:
            return None
        count = counted(recipients(c, issued, names.at))
        acks = alarm.alarm.endswith(":ack")
        return count["missing"] if acks else count["recipients"] - count["done"]
    return None


def _matter(alarm: Alarm, names: Names) -> tuple[str, str]:
    order = names.order(alarm.emergency) if alarm.emergency else None
    return (order.matter, order.matter) if order else ("", "")


def _deadline(alarm: Alarm, names: Names, late: int | None) -> tuple[str, str]:
    zh, en = names.step(alarm.emergency, alarm.subject)
    return f"{late} 处阵地“{zh}”逾期", f"{late} sites late with “{en}”"


def _expectation(alarm: Alarm, names: Names, _late: int | None) -> tuple[str, str]:
    zh, en = _matter(alarm, names)
    return (
        f"预计期限届满，须决定延长、降级或解除：{zh}",
        f"Expected duration over: extend, lower or end — {en}",
    )


def _glass(alarm: Alarm, names: Names, _late: int | None) -> tuple[str, str]:
    who = names.person(alarm.subject)
    return f"{who} 启用紧急单人处置，须复核", f"Break-glass by {who}: review it"


def _review(_alarm: Alarm, _names: Names, _late: int | None) -> tuple[str, str]:
    return "紧急单人处置逾期未复核", "A break-glass has not been reviewed in time"


def _proposal(_alarm: Alarm, _names: Names, _late: int | None) -> tuple[str, str]:
    return "提议过期，无人批准", "A proposal expired; nobody approved it"


def _order(alarm: Alarm, names: Names, late: int | None) -> tuple[str, str]:
    issued = names.issued(alarm.subject)
    title = issued.title if issued else alarm.subject
    acks, count = alarm.alarm.endswith(":ack"), late or 0
    if acks:
        return f"指令“{title}”{count} 处未签收", f"“{title}”: {count} not acknowledged"
    return f"指令“{title}”{count} 处未办结", f"“{title}”: {count} not carried out"


def _absence(alarm: Alarm, names: Names, _late: int | None) -> tuple[str, str]:
    zh, en = ROLES.get(alarm.subject, (alarm.subject, alarm.subject))
    where = names.area(alarm.path.ljust(12, "0"))
    return f"{where}{zh}缺位", f"{en} of {where} is absent"


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
    named = [names.item(item) for item in items[:3]]
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


_SAID: dict[str, Callable[[Alarm, Names, int | None], tuple[str, str]]] = {
    "deadline": _deadline,
    "expectation": _expectation,
    "glass": _glass,
    "review": _review,
    "proposal": _proposal,
    "order": _order,
    "absence": _absence,
    **dict.fromkeys(("vacancy", "silent", "seized", "handover", "ratify"), _post),
    "standing": _standing,
    "shortage": _shortage,
    **dict.fromkeys(("expiring", "expired"), _lot),
    **dict.fromkeys(("transfer", "discrepancy"), _shipment),
}


def _row(
    alarm: Alarm, late: int | None, names: Names, name_of: NameOf
) -> dict[str, Any]:
    zh, en = _SAID[alarm.kind](alarm, names, late)
    return {
        "id": alarm.alarm,
        "kind": alarm.kind,
        "gravity": alarm.gravity,
        "zh": zh,
        "en": en,
        "emergency": alarm.emergency,
        "raised_at": moment(alarm.raised_us),
        "due_at": moment(alarm.due_us or None),
        "seq": alarm.raised_seq,
        "state": alarm.state,
        "acknowledged_by": alarm.acknowledged_by,
        "acknowledged_by_name": name_of(alarm.acknowledged_by)
        if alarm.acknowledged_by
        else "",
        "acknowledged_at": moment(alarm.acknowledged_us or None),
        "late": late,
    }


# --- reads ---------------------------------------------------------------------------

READS = Reads("alarms")


@READS.listed("/alarms", LISTING, "view.orders", "告警")
def alarms(look: Look, area: Code | None = None) -> Iterable[Row]:
    """Return the alarms that touch an area, newest first (告警)."""
    return alarm_rows(look.c, look.path(area), look.name_of, look.at)
