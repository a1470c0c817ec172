"""Alarms (告警) as people read them: what, where, since when, who sees to it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from api.exchange.tables import BOTH, SORT, Column, Row, worded
from api.http.lists import Listing
from api.http.look import Look
from api.http.plain import moment
from api.http.reading import Reads
from api.pages.alarms_said import ALIKE, LOTS, NOTED_SAID, POSTS, SLIPS, said
from api.pages.conflicts import Free, free_of, freed_in
from api.pages.fields import meet, official, taken
from api.pages.late_steps import Late, late_steps
from api.pages.orders import counted
from coordination.alarms.decide import TOGETHER_MAX
from coordination.fields import Code
from coordination.states import ALARM_STATES, GRAVITIES
from coordination.vocabulary import ALARM_KINDS
from projections.alarms import ALARM, CALLING, GRAVE, OVER, RAISED, Alarm
from projections.directives import ISSUED, Recipient, recipients_of
from projections.names import Names
from projections.progress import PROGRESS
from projections.slips import SLIP
from projections.supplies import ITEM, STATION

RAISED_SHOWN = 20
ALIKE_SHOWN = 20


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


def alarms_at(
    names: Names,
    path: str,
    late: Iterable[Late],
    free: Free,
    *,
    calling: bool = False,
) -> list[Told]:
    """Return the alarms that touch an area, the gravest first, repeated ones as one.

    A deadline nobody missed raises none: who is late now is counted on the board, and
    so is who was passed over and can be taken up. ``late``, ``free``: of the area;
    ``calling``: only those that are not over.
    """
    which = [CALLING] if calling else []
    alarms = [
        alarm
        for alarm in ALARM.where(names.c, *which, at=names.at)
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
    runs: dict[tuple[str, ...], list[Told]] = defaultdict(list)
    for one in told:
        if one.newest.state == RAISED:
            a = one.newest
            runs[_run(a.alarm, a.kind, a.gravity, a.emergency)].append(one)
    first = list(runs.values())[:RAISED_SHOWN]
    rows = alarm_rows([one for run in first for one in run[: 1 + ALIKE_SHOWN]], names)
    return {
        "open": len(runs),
        "unseen": sum(any(one.unseen for one in run) for run in runs.values()),
        "grave": sum(run[0].newest.gravity == GRAVE for run in runs.values()),
        "rows": in_runs(rows, {key: len(run) for key, run in runs.items()}),
    }


def in_runs(
    rows: Iterable[Row], numbers: Mapping[tuple[str, ...], int] | None = None
) -> list[Row]:
    """Return alarms of one kind, about as many things, as one row: the first of them.

    ``numbers``: how many there are of each, if not all of them are given.
    """
    runs: dict[tuple[str, ...], list[Row]] = defaultdict(list)
    for row in rows:
        key = _run(row["id"], row["kind"], row["gravity"], row["emergency"])
        runs[*key, row["state"]].append(row)
    return [
        _as_one(run, numbers[key[:-1]] if numbers else len(run))
        for key, run in runs.items()
    ]


def _run(alarm: str, kind: str, gravity: str, emergency: str) -> tuple[str, ...]:
    """Return what alarms of one run share; of most kinds each stands by itself."""
    return (kind, gravity, emergency) if kind in ALIKE else (kind, alarm)


def _as_one(run: Sequence[Row], number: int) -> Row:
    """Return the row that stands for a run of so many, with the others."""
    first, *rest = run
    if number == 1:
        return first
    unseen = [alarm for row in run for alarm in row["unseen"]]
    speaks = next((row for row in run if row["unseen"]), first)
    said = ("id", "kind", "subject", "area", "zh", "en")
    return {
        **first,
        **{name: speaks[name] for name in first if name.startswith("acknowledged_")},
        "zh": f"{first['zh']}；同类另 {number - 1} 起",
        "en": f"{first['en']}; {number - 1} more like it",
        "count": sum(row["count"] for row in run),
        "late": None if first["late"] is None else sum(row["late"] for row in run),
        "unseen": unseen[:TOGETHER_MAX],
        "alike": [{name: row[name] for name in said} for row in rest[:ALIKE_SHOWN]],
    }


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
    runs=in_runs,
)


def _know(alarms: Sequence[Alarm], names: Names) -> None:
    """Look up at once what the sentences of alarms name."""
    of: dict[str, set[str]] = defaultdict(set)
    for alarm in alarms:
        of[alarm.kind].add(alarm.subject)
    slips = names.know(SLIP, set().union(*(of[kind] for kind in SLIPS)))
    short = names.know(STATION, of["shortage"])
    lots = [subject.split("/") for kind in LOTS for subject in of[kind]]
    named = {site for row in slips for site in (row.station, row.to_station)}
    named |= {station for station, _, _ in lots} | of["shortage"]
    named |= {one.about.rpartition(":")[2] for one in alarms if one.kind == "freed"}
    named |= {subject.partition("/")[2] for subject in of["standing"]}
    names.know_targets(named)
    names.know_posts(set().union(*(of[kind] for kind in POSTS)))
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


def _row(told: Told, names: Names) -> dict[str, Any]:
    alarm, unseen = told.newest, told.unseen
    freed = sorted(freed_in(one)[1] for one in _waiting(told))
    number = len(told.alarms) if freed else told.late
    zh, en = said(alarm, names, number)
    # Of a group with something unseen nobody has yet taken note.
    shown = unseen[0] if unseen else alarm
    return {
        "id": alarm.alarm,
        **taken(alarm, "kind gravity subject emergency state", at="raised due"),
        **taken(shown, "acknowledged_by", at="acknowledged"),
        "zh": zh,
        "en": en,
        "alike": [],
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
