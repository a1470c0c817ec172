"""Alarms (告警) as people read them: what, where, since when, who sees to it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from api.exchange.tables import BOTH, SORT, Column, Row, worded
from api.http.lists import Listing
from api.http.plain import moment
from api.http.reading import Look, Reads
from api.pages.conflicts import Free, free_of, free_said, freed_in
from api.pages.fields import meet, official, taken
from api.pages.orders import counted
from api.pages.sites import Late, late_steps
from coordination.alarms.decide import TOGETHER_MAX
from coordination.fields import Code
from coordination.permit import ROLES
from coordination.states import ALARM_STATES, GRAVITIES
from coordination.vocabulary import ALARM_KINDS
from projections.alarms import ALARM, GRAVE, OVER, RAISED, Alarm
from projections.directives import ISSUED, Recipient, recipients_of
from projections.names import Names
from projections.progress import PROGRESS
from projections.slips import SLIP
from projections.supplies import ITEM, STATION

RAISED_SHOWN = 20
NOTED_SAID = 3

LISTING = Listing(
    columns=(
        Column("id", "编号", "Id"),
        Column("kind", "类别", "Kind", words=ALARM_KINDS, can=BOTH),
        Column("gravity", "严重程度", "Gravity", words=GRAVITIES, can=BOTH),
        Column("zh", "内容", "Alarm"),
        Column("count", "次数", "Times", "int", can=SORT),
        Column("late", "逾期数", "Late", "int", can=SORT),
        Column("state", "状态", "State", words=ALARM_STATES, can=BOTH),
        Column("raised_at", "发生时间", "Raised", "time", can=SORT),
        Column("due_at", "时限", "Due", "time", can=SORT),
        Column("acknowledged_by_name", "确认人", "Seen by"),
        Column("acknowledged_at", "确认时间", "Seen", "time", can=SORT),
        Column("seq", "日志位置", "Seq", "int", can=SORT),
    ),
    also_filterable=("emergency", "subject"),
)


class Told(NamedTuple):
    """Alarms of one kind about one thing, the newest first (同类告警归并).

    ``late``: how many are late, None where nothing is to be counted.
    """

    alarms: tuple[Alarm, ...]
    late: int | None

    @property
    def newest(self) -> Alarm:
        """The one that speaks for all."""
        return self.alarms[0]

    @property
    def unseen(self) -> list[Alarm]:
        """Those that call for somebody and nobody has taken note of."""
        return [a for a in self.alarms if a.state == RAISED and not a.acknowledged_by]

    def rank(self) -> tuple[int, bool, bool, int]:
        """What calls before what is over, the gravest first, then the unseen."""
        newest = self.newest
        return (
            _CALLING[newest.state],
            newest.gravity != GRAVE,
            not self.unseen,
            -newest.raised_seq,
        )


_CALLING = {RAISED: 0, OVER: 1}


def alarms_at(names: Names, path: str, late: Iterable[Late], free: Free) -> list[Told]:
    """Return the alarms that touch an area, the gravest first, repeated ones as one.

    A deadline nobody missed raises none: who is late now is counted on the board, and
    so is who was passed over and can be taken up. ``late``, ``free``: of the area.
    """
    alarms = [
        alarm
        for alarm in ALARM.select(names.c, at=names.at)
        if any(meet(p, path) for p in alarm.paths.split(","))
        and (alarm.kind != "freed" or alarm.state == OVER or freed_in(alarm) in free)
    ]
    missed = {a.subject for a in alarms if a.kind == "order" and a.state != OVER}
    orders = names.know(ISSUED, missed)
    answered = recipients_of(names.c, orders, names.at)
    sites = Counter(one.alarm for one in late)
    groups: dict[tuple[str, ...], list[tuple[Alarm, int | None]]] = defaultdict(list)
    for alarm in alarms:
        count = _late(alarm, sites, answered)
        if count != 0:
            groups[_same(alarm)].append((alarm, count))
    return sorted(map(_together, groups.values()), key=Told.rank)


def _waiting(told: Told) -> tuple[Alarm, ...]:
    """Return the alarms whose sites can be taken up, as many as one order takes."""
    return told.alarms[:TOGETHER_MAX] if told.newest.kind == "freed" else ()


def _same(alarm: Alarm) -> tuple[str, ...]:
    """Return what alarms of one row share; an order's two limits are two rows."""
    limit = alarm.alarm.rpartition(":")[2] if alarm.kind == "order" else ""
    return alarm.kind, alarm.subject, alarm.emergency, alarm.state, limit


def _together(told: list[tuple[Alarm, int | None]]) -> Told:
    """Return one row of alarms that say the same."""
    told.sort(key=lambda one: -one[0].raised_seq)
    counts = [count for _, count in told if count is not None]
    return Told(tuple(alarm for alarm, _ in told), sum(counts) if counts else None)


def alarm_rows(told: Sequence[Told], names: Names) -> list[Row]:
    """Return alarms as rows of the list."""
    _know([a for one in told for a in (one.newest, *_waiting(one))], names)
    drawn = (_row(one, names) for one in told)
    return list(worded(drawn, LISTING.columns))


def raised(told: Iterable[Told], names: Names) -> dict[str, Any]:
    """Return what a board says of alarms: how many call, and the gravest of them."""
    opened = [one for one in told if one.newest.state == RAISED]
    return {
        "open": len(opened),
        "unseen": sum(bool(one.unseen) for one in opened),
        "grave": sum(one.newest.gravity == GRAVE for one in opened),
        "rows": alarm_rows(opened[:RAISED_SHOWN], names),
    }


def _know(alarms: Sequence[Alarm], names: Names) -> None:
    """Look up at once what the sentences of alarms name."""
    of: dict[Any, set[str]] = defaultdict(set)
    for alarm in alarms:
        of[_SAID.get(alarm.kind)].add(alarm.subject)
    slips = names.know(SLIP, of[_shipment])
    short = names.know(STATION, of[_shortage])
    lots = [subject.split("/") for subject in of[_lot]]
    named = {site for row in slips for site in (row.station, row.to_station)}
    named |= {station for station, _, _ in lots} | of[_shortage]
    named |= {one.about.rpartition(":")[2] for one in alarms if one.kind == "freed"}
    named |= {subject.partition("/")[2] for subject in of[_standing]}
    names.know_targets(named)
    names.know_posts(of[_post])
    noted = {item for row in short for item in row.noted.split(",")[:NOTED_SAID]}
    names.know(ITEM, noted | {item for _, item, _ in lots})


def _late(
    alarm: Alarm, sites: Mapping[str, int], answered: Mapping[str, list[Recipient]]
) -> int | None:
    """Return how many are late, None where nothing is to be counted."""
    if alarm.kind == "deadline":
        return sites.get(alarm.alarm, 0)
    if alarm.kind == "order" and alarm.state != OVER and alarm.subject in answered:
        count = counted(answered[alarm.subject])
        acks = alarm.alarm.endswith(":ack")
        return count["missing"] if acks else count["recipients"] - count["done"]
    return None


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
    "back": _back,
    **dict.fromkeys(("vacancy", "silent", "seized", "handover", "ratify"), _post),
    "standing": _standing,
    "shortage": _shortage,
    **dict.fromkeys(("expiring", "expired"), _lot),
    **dict.fromkeys(("transfer", "discrepancy"), _shipment),
}


def _row(told: Told, names: Names) -> dict[str, Any]:
    alarm, unseen = told.newest, told.unseen
    freed = sorted(freed_in(one)[1] for one in _waiting(told))
    number = len(told.alarms) if freed else told.late
    said = _ALWAYS.get(alarm.kind) or _SAID[alarm.kind](alarm, names, number)
    # Of a group with something unseen nobody has yet taken note.
    shown = unseen[0] if unseen else alarm
    return {
        "id": alarm.alarm,
        **taken(alarm, "kind gravity subject emergency state", at="raised due"),
        **taken(shown, "acknowledged_by", at="acknowledged"),
        **dict(zip(("zh", "en"), said, strict=True)),
        "count": len(told.alarms),
        "first_at": moment(told.alarms[-1].raised_us),
        "unseen": [one.alarm for one in unseen[:TOGETHER_MAX]],
        "sites": [{"site": site, "site_name": names.site(site)} for site in freed],
        "area": official(alarm.path),
        "seq": alarm.raised_seq,
        "acknowledged_by_name": names.person(shown.acknowledged_by),
        "late": told.late,
    }


# --- reads ---------------------------------------------------------------------------

READS = Reads("alarms")


@READS.listed("/alarms", LISTING, "view.orders", "告警")
def alarms(look: Look, area: Code | None = None) -> Iterable[Row]:
    """Return the alarms of an area, gravest first, repeated ones as one (告警)."""
    path = look.path(area)
    duties = PROGRESS.select(look.c, at=look.at, path=path or None)
    late, free = late_steps(duties, look.told), free_of(duties, look.told)
    told = alarms_at(look.told, path, late, free)
    return alarm_rows(told, look.told)
